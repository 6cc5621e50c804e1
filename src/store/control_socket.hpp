#pragma once
// Lines of text between processes of one user: how others ask the process that owns a store.
//
// Both ends can be closed by any thread while another waits at them: that wait then ends.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "base/listener.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::store {

/// Who is at the other end, as the system says.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
};

class LineChannel {
 public:
  explicit LineChannel(base::UniqueFd fd) : fd_(std::move(fd)) {}
  /// To the one who listens at that path; nothing when nobody does.
  static base::Result<std::unique_ptr<LineChannel>> connect(const std::string& path);

  /// The next line, without its end; nothing when there is no further one. One reader at a time.
  base::Result<std::optional<std::string>> read();
  /// Thread-safe. An error when nobody reads any more.
  base::Result<void> write(std::string line);
  base::Result<Peer> peer() const;
  void close();

 private:
  base::UniqueFd fd_;
  std::string received_;
  std::mutex writing_;
};

class ControlSocket {
 public:
  /// A socket at that path that this user alone may connect to.
  static base::Result<std::unique_ptr<ControlSocket>> listen(const std::string& path);
  ~ControlSocket();

  /// The next who connects; nothing once it is closed. One caller at a time.
  base::Result<std::unique_ptr<LineChannel>> accept();
  void close();

 private:
  explicit ControlSocket(base::Listener listener) : listener_(std::move(listener)) {}
  base::Listener listener_;
  base::Cancel closed_;
};

}  // namespace reops::store
