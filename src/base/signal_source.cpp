#include "base/signal_source.hpp"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

#include "base/errors.hpp"

namespace reops::base {

Result<SignalSource> SignalSource::create(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return errno_error("signal", "cannot listen for signals", errno);
  return SignalSource(std::move(fd));
}

int SignalSource::take() {
  signalfd_siginfo arrived{};
  const ssize_t got = ::read(fd_.get(), &arrived, sizeof arrived);
  return got == sizeof arrived ? static_cast<int>(arrived.ssi_signo) : 0;
}

}  // namespace reops::base
