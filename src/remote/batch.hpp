#pragma once
// One call on many agents: what is sent, and what became of it on each.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "lang/codec/shipping/packer.hpp"
#include "wire/message.hpp"

namespace reops::remote {

/// What became of a call on one agent. Codes are those of wire::Outcome.
struct CallResult {
  std::string host;
  bool done = false;
  int64_t code = 0;
  std::string reason;  ///< of -1 and -2: ":no-agent", ":timeout/exec", ":disconnected", ":cancelled", ":busy"
                       ///< … without colon
  std::string value;   ///< 0: the result, 256: what was thrown (read_results); else a sentence
  std::string out, err;
  int64_t started_ms = 0;
  int64_t took_us = 0;
};

/// Filled by the fleet's thread, waited for by another.
class Batch {
 public:
  Batch(std::vector<std::string> hosts, lang::Parcel parcel, base::Millis within, bool streams);

  const lang::Parcel& parcel() const { return parcel_; }
  base::Millis within() const { return within_; }
  bool streams() const { return streams_; }
  size_t size() const { return results_.size(); }

  /// Until all is done, or interrupt() is called. True when all is done.
  bool wait();
  /// Makes wait() return, now or when it is called.
  void interrupt();
  /// What there is so far, in the order of the hosts.
  std::vector<CallResult> results() const;
  struct Text {
    std::string host;
    bool error;
    std::string text;
  };
  /// What was printed meanwhile and not taken yet. Waits until there is some, or all is done; nothing then.
  std::vector<Text> wait_for_printed();

  // For the fleet.
  bool finish(size_t index, CallResult result);  ///< false when it was done already
  void print(size_t index, bool error, std::string text);
  bool is_done(size_t index) const;
  const std::string& host(size_t index) const { return results_[index].host; }

 private:
  const lang::Parcel parcel_;
  const base::Millis within_;
  const bool streams_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<CallResult> results_;
  std::vector<Text> printed_;
  size_t left_;
  bool interrupted_ = false;
};

}  // namespace reops::remote
