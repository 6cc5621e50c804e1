#pragma once
// LockedBytes: memory for what nobody else is to see. It is never swapped out, is in no core dump, stands
// between pages that may not be touched, and is wiped when it goes.

#include <cstddef>
#include <memory>
#include <string_view>

namespace reops::secrets {

class LockedBytes {
 public:
  LockedBytes() = default;
  /// Throws std::bad_alloc.
  explicit LockedBytes(std::size_t size);
  explicit LockedBytes(std::string_view text);

  unsigned char* data() { return bytes_.get(); }
  const unsigned char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.get()), size_}; }
  /// Forgets what is behind the first `size` bytes.
  void truncate(std::size_t size);

  /// Nobody may look at it, not even we, until open() is called.
  void close();
  void open();

 private:
  struct Free {
    void operator()(unsigned char* bytes) const;
  };
  std::unique_ptr<unsigned char, Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace reops::secrets
