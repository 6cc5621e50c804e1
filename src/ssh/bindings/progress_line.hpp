#pragma once
// One live line on the terminal while a person waits for hosts.

#include <string>

#include "ssh/engine.hpp"

namespace reops::ssh {

/// "12 of 200 done, 3 failed, 64 running, slowest web7, 4 s", in at most `columns` columns.
std::string progress_text(const Progress& progress, std::size_t columns);

/// Written to the error output, over and over in its place; gone when the object is.
class ProgressLine {
 public:
  /// On the terminal of the calling thread, whichever shows it.
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Is this the thread of the person who waits, at a terminal that can draw over a line? What futures and
  /// editors run says nothing.
  static bool wanted();
  void show(const Progress& progress);

 private:
  void put(const std::string& text) const;

  const int terminal_;
  bool shown_ = false;
};

}  // namespace reops::ssh
