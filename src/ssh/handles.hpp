#pragma once
// Owners of libssh's objects. Only for .cpp files and headers private to this
// room: libssh stays out of other rooms.

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include <memory>
#include <string>
#include <type_traits>

namespace reops::ssh {

struct SessionFree {
  void operator()(ssh_session session) const { ssh_free(session); }
};
/// Frees without ssh_disconnect(): after that call it would depend on what failed before whether the socket
/// is still libssh's to close. ssh_free() alone always closes it.
using SessionHandle = std::unique_ptr<std::remove_pointer_t<ssh_session>, SessionFree>;

struct KeyFree {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using KeyHandle = std::unique_ptr<std::remove_pointer_t<ssh_key>, KeyFree>;

/// Frees a channel in a session that goes on being used. libssh keeps a channel that the host has not closed
/// yet, and would call its callbacks, so they are taken away first.
class ChannelHandle {
 public:
  ChannelHandle() = default;
  ChannelHandle(ssh_channel channel, ssh_channel_callbacks callbacks)
      : channel_(channel), callbacks_(callbacks) {}
  ChannelHandle(const ChannelHandle&) = delete;
  ChannelHandle& operator=(const ChannelHandle&) = delete;
  ~ChannelHandle() {
    if (channel_ == nullptr) return;
    if (callbacks_ != nullptr) ssh_remove_channel_callbacks(channel_, callbacks_);
    ssh_channel_free(channel_);
  }

  ssh_channel get() const { return channel_; }

 private:
  ssh_channel channel_ = nullptr;
  ssh_channel_callbacks callbacks_ = nullptr;
};

/// A string that libssh allocated, as ours.
inline std::string take_string(char* text) {
  std::string copy = text != nullptr ? text : "";
  ssh_string_free_char(text);
  return copy;
}

inline std::string to_string(const char* text) { return text != nullptr ? text : ""; }

}  // namespace reops::ssh
