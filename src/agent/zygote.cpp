#include "agent/zygote.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "agent/descriptors.hpp"
#include "agent/guard.hpp"
#include "lang/codec/report.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/error.hpp"

namespace reops::agent {
namespace {

void start_worker(const base::UniqueFd& requests, const Options& options) {
  auto work = make_socket_pair(SOCK_STREAM);
  auto orders = make_socket_pair(SOCK_SEQPACKET);
  if (!work || !orders) {
    send_descriptors(requests.get(), (work ? orders : work).error().message, {});
    return;
  }
  pid_t guard = fork();
  if (guard == 0) run_guard(std::move(orders.value().theirs), std::move(work.value().theirs), options);
  if (guard < 0) {
    send_descriptors(requests.get(), "no further process can be started", {});
    return;
  }
  send_descriptors(requests.get(), "+", {work.value().ours.get(), orders.value().ours.get()});
}

}  // namespace

void run_zygote(base::UniqueFd requests, const Options& options) {
  prctl(PR_SET_NAME, "regent-zygote");
  // Ctrl-C at a terminal is for the process that knows what to do about it.
  setsid();
  close_all_but({requests.get()});
  std::signal(SIGCHLD, SIG_IGN);
  try {
    lang::Runtime runtime({{}, options.image});
    for (;;) {
      auto request = receive_descriptors(requests.get());
      if (!request || request->text.empty()) _exit(0);
      start_worker(requests, options);
    }
  } catch (const lang::Thrown& thrown) {
    std::fputs(lang::report(thrown.error(), false).c_str(), stderr);
  }
  _exit(1);
}

}  // namespace reops::agent
