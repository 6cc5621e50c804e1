#include "ssh/dialer.hpp"

#include "ssh/bastions.hpp"
#include "ssh/messages.hpp"
#include "ssh/proxy_command.hpp"
#include "ssh/resolver.hpp"

namespace reops::ssh {

Dialer::Dialer(const Services& services, Job job, OnPhase on_phase, OnDone on_done)
    : services_(services),
      job_(std::move(job)),
      on_phase_(std::move(on_phase)),
      on_done_(std::move(on_done)) {}

Dialer::~Dialer() { abandon(); }

void Dialer::abandon() {
  services_.loop.cancel(timer_);
  connector_.reset();
  on_done_ = nullptr;
}

void Dialer::start() {
  if (!job_.leg->destination.proxy_command.empty()) return run_command();
  if (!job_.way.empty()) return tunnel();
  resolve();
}

void Dialer::finish(Connector::Result result) {
  services_.loop.cancel(timer_);
  const auto self = shared_from_this();
  // This may be running inside a callback of the connector, so that goes after the current turn.
  if (connector_ != nullptr)
    services_.loop.post([connector = std::shared_ptr<Connector>(std::move(connector_))] {});
  if (const OnDone on_done = std::exchange(on_done_, nullptr)) on_done(std::move(result));
}

void Dialer::resolve() {
  on_phase_(Phase::resolving);
  const Destination& destination = job_.leg->destination;
  const base::Deadline deadline = base::Deadline::in(job_.deadlines.connect);
  timer_ = services_.loop.at(deadline, [this, &destination] {
    fail(Reason::dns, "cannot find the address of " + describe(destination) + ": no answer within " +
                          duration_text(job_.deadlines.connect) + " — is the name server reachable?");
  });
  services_.resolver.look_up(destination, weak_from_this(), [this, deadline](Addresses addresses) {
    if (!on_done_) return;
    services_.loop.cancel(timer_);
    connect(std::move(addresses), deadline);
  });
}

void Dialer::connect(Addresses addresses, base::Deadline deadline) {
  const Destination& destination = job_.leg->destination;
  if (addresses.list.empty())
    return fail(Reason::dns, "cannot find the address of " + describe(destination) + ": " +
                                 addresses.problem +
                                 " — check the name, or give it a HostName in ~/.ssh/config");
  on_phase_(Phase::connecting);
  connector_ =
      std::make_unique<Connector>(services_.loop, describe(destination),
                                  [this](Connector::Result connected) { finish(std::move(connected)); });
  connector_->start(std::move(addresses.list), deadline, job_.deadlines.connect);
}

// The time for the tunnel begins when the jump host is there: its own login has deadlines of its own.
void Dialer::tunnel() {
  on_phase_(Phase::connecting);
  services_.bastions.reach(
      job_.way, job_.deadlines, weak_from_this(), [this](std::shared_ptr<Bastion> bastion, Failure failure) {
        if (!on_done_) return;
        const Destination& destination = job_.leg->destination;
        const std::string& through = job_.way.back()->destination.name;
        if (bastion == nullptr)
          return fail(failure.reason,
                      destination.name + " is reached through " + through + ", and " + failure.message);
        const std::string where = host_and_port(destination.host, destination.port) + " through " + through;
        timer_ = services_.loop.at(base::Deadline::in(job_.deadlines.connect), [this, where] {
          fail(Reason::timeout_connect, job_.leg->destination.name + " (" + where +
                                            ") did not answer within " +
                                            duration_text(job_.deadlines.connect) + " — is it up, and can " +
                                            job_.way.back()->destination.name + " reach it?");
        });
        bastion->open_tunnel(destination.host, destination.port, weak_from_this(),
                             [this, where](base::UniqueFd socket, Failure refusal) {
                               if (!on_done_) return;
                               if (!socket)
                                 return fail(refusal.reason, job_.leg->destination.name + " (" + where +
                                                                 ") " + refusal.message);
                               finish({std::move(socket), where, {}});
                             });
      });
}

void Dialer::run_command() {
  on_phase_(Phase::connecting);
  auto socket = start_proxy_command(services_.loop, job_.leg->destination.proxy_command);
  services_.loop.post([self = shared_from_this(),
                       result = std::make_shared<base::Result<base::UniqueFd>>(std::move(socket))] {
    if (!result->ok())
      return self->fail(Reason::local, self->job_.leg->destination.name + ": " + result->error().message);
    self->finish({std::move(*result).value(), "through ProxyCommand", {}});
  });
}

}  // namespace reops::ssh
