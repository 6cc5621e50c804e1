#pragma once
// What the connection process and a worker say to each other: frames over a pair of sockets, each a kind and
// bytes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace reops::agent {

enum class FrameKind : uint8_t {
  // To the worker.
  unit,  ///< hash, size of the content (8 bytes), content, places
  run,   ///< a parcel
  // From it.
  printed,  ///< to *out*
  printed_error,
  returned,  ///< results, after a byte: whether the worker is to be used again
  threw,     ///< likewise
};

struct Frame {
  FrameKind kind{};
  std::string bytes;
};

/// Blocking, for the worker. Neither is interrupted by signals.
bool write_frame(int fd, FrameKind kind, std::string_view bytes, std::string_view more = {});
/// Nothing at the end.
std::optional<Frame> read_frame(int fd);

/// For the event loop.
class FrameStream {
 public:
  /// Takes a socket and makes it non-blocking.
  explicit FrameStream(base::UniqueFd socket);
  int fd() const { return socket_.get(); }

  void append(FrameKind kind, std::string_view bytes, std::string_view more = {}, std::string_view rest = {});
  /// Writes what can be written now. False when the other side is gone.
  bool flush();
  bool has_unsent() const { return sent_ < outgoing_.size(); }
  /// Hands over the frames that have come whole. False when the other side is gone.
  bool receive(const std::function<void(Frame&&)>& on_frame);

 private:
  base::UniqueFd socket_;
  std::string outgoing_;
  size_t sent_ = 0;
  std::string incoming_;
};

}  // namespace reops::agent
