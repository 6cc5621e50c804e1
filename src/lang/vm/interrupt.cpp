#include "lang/vm/interrupt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>

#include "lang/value/error.hpp"
#include "lang/vm/registry.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

// Held while the target is woken, so that it cannot end meanwhile. Not the registry's lock: what wakes a
// thread may take locks of other rooms, which may in turn want the registry.
std::mutex g_target_lock;
Thread* g_target = nullptr;
int g_pipe[2] = {-1, -1};

void on_signal(int) {
  int saved = errno;
  char byte = 0;
  // A full pipe means that interrupts enough are on their way.
  [[maybe_unused]] ssize_t written = write(g_pipe[1], &byte, 1);
  errno = saved;
}

void listen_for_interrupts() {
  for (;;) {
    char bytes[16];
    ssize_t n = read(g_pipe[0], bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    std::lock_guard lock(g_target_lock);
    if (g_target) interrupt_thread(*g_target);
  }
}

void start_listening() {
  if (pipe2(g_pipe, O_CLOEXEC) != 0)
    throw_error(ErrorClass::io, "Cannot create the pipe through which Ctrl-C arrives");
  fcntl(g_pipe[1], F_SETFL, O_NONBLOCK);
  // The listener itself must not be the one that the signal stops.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    std::thread(listen_for_interrupts).detach();
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) throw_error(ErrorClass::out_of_memory, "Cannot start the thread that listens for Ctrl-C");
}

void set_target(Thread* thread) {
  std::lock_guard lock(g_target_lock);
  g_target = thread;
}

}  // namespace

void forget_interrupt_target(Thread& thread) {
  std::lock_guard lock(g_target_lock);
  if (g_target == &thread) g_target = nullptr;
}

void install_interrupt_handler() {
  static std::once_flag once;
  std::call_once(once, start_listening);
  set_target(t_thread);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

void remove_interrupt_handler() {
  set_target(nullptr);
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace reops::lang
