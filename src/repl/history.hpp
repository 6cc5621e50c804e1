#pragma once
// What was typed before, in this session and earlier ones.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reops::repl {

/// A file has one entry a line, in which \n and \\ stand for a new line and a backslash. Every entry is
/// appended as it is made, so that several prompts can share the file. Only its owner may read it.
class History {
 public:
  explicit History(std::string path = {}, size_t most = 5000);

  void add(const std::string& entry);
  size_t size() const { return entries_.size(); }
  const std::string& operator[](size_t i) const { return entries_[i]; }
  /// The latest entry before index `before` that contains `text`.
  std::optional<size_t> find_before(size_t before, std::string_view text) const;

 private:
  void load();
  void append_to_file(const std::string& entry) const;
  void rewrite_file() const;

  std::string path_;
  size_t most_;
  std::vector<std::string> entries_;
};

}  // namespace reops::repl
