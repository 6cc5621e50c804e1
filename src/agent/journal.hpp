#pragma once
// What is remembered of calls over restarts: which were begun, and how they ended.
//
// One file that is only appended to. Each record is handed to the system before its message is sent, so it
// outlives every process of the agent. It is not synchronised with the disk: that would make each call cost
// what a disk takes, and all that a crash of the whole machine can take back is the last seconds' records. A
// call of those is then unknown here, of which a controller that knows that it was started says so (-2), as
// of every call whose end nobody can know.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "wire/message.hpp"

namespace reops::agent {

class Journal {
 public:
  struct Remembered {
    int64_t at_ms = 0;    ///< when it began, then when it ended
    bool ended = false;   ///< else it was running when everything ended
    std::string outcome;  ///< of one that ended, a message; empty when it lies in a file of its own
    int64_t started_ms = 0;
  };
  using Calls = std::map<wire::CallId, Remembered>;

  /// `folder` is made. A record that was written half is dropped.
  static base::Result<std::unique_ptr<Journal>> open(std::string folder, int64_t now_ms, Calls& remembered);

  /// An error, and nothing is written, when the disk is full.
  base::Result<void> begin(const wire::CallId& id, int64_t now_ms);
  /// True when it will be found again after a restart, and need not be kept in memory if it is large.
  bool end(const wire::CallId& id, const std::string& outcome, int64_t now_ms);
  void forget(const wire::CallId& id);
  /// An outcome that lies in a file of its own.
  base::Result<std::string> outcome_of(const wire::CallId& id) const;

  /// From this size on an outcome gets a file of its own.
  static constexpr size_t k_large = 256 * 1024;

 private:
  enum class Record : uint8_t { begun = 'b', ended = 'e', ended_large = 'l', forgotten = 'f' };

  Journal(std::string folder) : folder_(std::move(folder)) {}
  std::string file() const { return folder_ + "/calls"; }
  std::string file_of(const wire::CallId& id) const;
  static Calls read(std::string_view bytes);
  /// Writes a new file with what is live alone.
  base::Result<void> compact(const Calls& calls);
  void compact_when_worth_it();
  base::Result<void> append(Record kind, const wire::CallId& id, int64_t at_ms, std::string_view more);
  static std::string record(Record kind, const wire::CallId& id, int64_t at_ms, std::string_view more);

  const std::string folder_;
  base::UniqueFd fd_;
  uint64_t size_ = 0;
  uint64_t compacted_size_ = 0;
  std::map<wire::CallId, bool> live_;  // whether its outcome lies in a file of its own
};

}  // namespace reops::agent
