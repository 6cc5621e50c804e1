#pragma once
// What other threads print while the editor has the terminal: gathered, for the editor to show above.

#include <mutex>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace reops::repl {

class PrintedMeanwhile {
 public:
  PrintedMeanwhile();

  /// While it lives, what is printed is gathered. What came too late to be shown is printed at its end.
  class Gathering {
   public:
    explicit Gathering(PrintedMeanwhile& printed);
    ~Gathering();
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

   private:
    PrintedMeanwhile& printed_;
  };

  /// Readable while something was printed that was not taken.
  int fd() const { return event_.get(); }
  std::string take();

 private:
  void add(std::string_view text);

  base::UniqueFd event_;
  std::mutex mutex_;
  std::string text_;  ///< guarded by mutex_
};

}  // namespace reops::repl
