#pragma once
// The serial console of a machine, read from the moment that it is opened: what it says when it does not come
// up.

#include <memory>
#include <mutex>
#include <string>

#include "libvirt/domains.hpp"

struct _virStream;

namespace reops::libvirt {

/// Keeps the last of what the machine says, until it is closed. Thread-safe.
class Console {
 public:
  /// For a thread of a connection.
  static base::Result<std::shared_ptr<Console>> open(Connect c, const Call& call, const DomainKey& key,
                                                     std::string name);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  const std::string& name() const { return name_; }
  /// What it has said, the last of it.
  std::string tail() const;
  void close();

 private:
  // What the library's event thread writes into; it may come once more after the console has been closed.
  struct Heard;

  Console(std::string name, _virStream* stream, std::shared_ptr<Heard> heard);

  const std::string name_;
  std::mutex mutex_;  // guards stream_
  _virStream* stream_;
  const std::shared_ptr<Heard> heard_;
};

}  // namespace reops::libvirt
