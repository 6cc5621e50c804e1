#include "repl/printed_meanwhile.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "lang/runtime/output_gate.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/error.hpp"

namespace reops::repl {

PrintedMeanwhile::PrintedMeanwhile() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void PrintedMeanwhile::add(std::string_view text) {
  const std::lock_guard lock(mutex_);
  text_ += text;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

std::string PrintedMeanwhile::take() {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(event_.get(), &count, sizeof count);
  return std::exchange(text_, {});
}

PrintedMeanwhile::Gathering::Gathering(PrintedMeanwhile& printed) : printed_(printed) {
  // Without the event nobody would hear of it.
  if (printed_.event_) lang::set_output_gate([&printed](std::string_view text) { printed.add(text); });
}

PrintedMeanwhile::Gathering::~Gathering() {
  lang::set_output_gate({});
  if (const std::string rest = printed_.take(); !rest.empty()) {
    try {
      lang::current_out().write(rest);
    } catch (const lang::Thrown&) {
      // Nobody sees the terminal any more.
    }
  }
}

}  // namespace reops::repl
