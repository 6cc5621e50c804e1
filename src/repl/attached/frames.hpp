#pragma once
// What a prompt's two processes say to each other: the one at the person's terminal, and the controller,
// which evaluates. Each message is a few words, of which the first says what it is.
//
//     at the terminal → controller    hello VERSION TTY INIT-FILE NAME=VALUE …   once, with the descriptors
//     of standard
//                                                                            input, output, error and the
//                                                                            folder
//                                     interrupt, resized, away, back
//                                     gone                 the terminal is closed
//     controller → at the terminal    attached PROCESS
//                                     refused WHY
//                                     run PROGRAM ARGUMENT …   at the terminal; ran CODE ERROR WHY is the
//                                     answer suspend              go back to the shell: Ctrl-Z was typed, or
//                                     an answer to away exit CODE WHY

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::repl {

using Words = std::vector<std::string>;

/// Its length in four bytes, the lowest first; then the words, with a zero byte after each.
std::string encode_frame(const Words& words);

/// Takes frames apart that come in pieces.
class FrameReader {
 public:
  /// A hello with a large environment has some hundred kilobytes.
  static constexpr std::size_t k_longest = std::size_t{8} << 20;

  void feed(std::string_view bytes) { received_ += bytes; }
  /// The next whole one. None when there is none, or what came is no frame: is_broken() then.
  std::optional<Words> next();
  bool is_broken() const { return broken_; }

 private:
  std::string received_;
  bool broken_ = false;
};

constexpr std::size_t k_hello_descriptors = 4;
using HelloDescriptors = std::array<base::UniqueFd, k_hello_descriptors>;

/// Sends it all, waiting for the other side at most so long as its socket says (SO_SNDTIMEO). The
/// descriptors, if any, go with it.
base::Result<void> send_frame(int socket, const Words& words,
                              const std::array<int, k_hello_descriptors>* descriptors = nullptr);
/// What has arrived, and descriptors that came with it. Nothing is in `bytes` when nothing has, yet; false
/// when the other side has closed.
bool receive_some(int socket, std::string& bytes, HelloDescriptors* descriptors);

}  // namespace reops::repl
