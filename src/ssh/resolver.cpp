#include "ssh/resolver.hpp"

#include <netdb.h>

#include <cerrno>
#include <cstring>

#include "base/errors.hpp"

namespace reops::ssh {
namespace {

// getaddrinfo has no deadline and cannot be interrupted; a dead name server holds a thread for some 30
// seconds. Eight dead lookups at a time are as many as a batch should wait behind.
constexpr std::size_t k_threads = 8;

int family_of(Destination::Family family) {
  switch (family) {
    case Destination::Family::ipv4:
      return AF_INET;
    case Destination::Family::ipv6:
      return AF_INET6;
    case Destination::Family::any:
      break;
  }
  return AF_UNSPEC;
}

std::string text_of(const addrinfo& found, std::uint16_t port) {
  char host[NI_MAXHOST];
  if (::getnameinfo(found.ai_addr, found.ai_addrlen, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0)
    return "?";
  return host_and_port(host, port);
}

Addresses ask_system(const std::string& host, std::uint16_t port, int family, int flags) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  Addresses addresses;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    addresses.problem = error == EAI_SYSTEM ? base::errno_text(errno) : ::gai_strerror(error);
    return addresses;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    address.text = text_of(*entry, port);
    addresses.list.push_back(std::move(address));
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace

Resolver::Resolver(base::EventLoop& loop) : loop_(loop), workers_(k_threads) {}

void Resolver::look_up(const Destination& destination, std::weak_ptr<void> alive, OnDone on_done) {
  const int family = family_of(destination.family);
  const auto deliver = [](base::Inbox& inbox, std::weak_ptr<void> still, OnDone done, Addresses addresses) {
    inbox.post(
        [still = std::move(still), done = std::move(done), addresses = std::move(addresses)]() mutable {
          if (const auto held = still.lock()) done(std::move(addresses));
        });
  };
  Addresses numeric = ask_system(destination.host, destination.port, family, AI_NUMERICHOST);
  if (!numeric.list.empty())
    return deliver(*loop_.inbox(), std::move(alive), std::move(on_done), std::move(numeric));
  const bool posted = workers_.post([inbox = loop_.inbox(), host = destination.host, port = destination.port,
                                     family, alive, on_done, deliver] {
    // What nobody waits for any more is not asked.
    if (!alive.expired()) deliver(*inbox, alive, on_done, ask_system(host, port, family, 0));
  });
  if (!posted)
    deliver(*loop_.inbox(), std::move(alive), std::move(on_done), Addresses{{}, "no thread for the lookup"});
}

}  // namespace reops::ssh
