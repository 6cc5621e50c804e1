#pragma once
// What the shell of whoever asks for something gives to it: standard streams, folder, environment. They are
// the process's own, unless a thread works for somebody else: for the person at a prompt that is attached to
// us.

#include <atomic>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {

class Surroundings {
 public:
  struct Given {
    UniqueFd in, out, err;
    UniqueFd folder;                       ///< open for fchdir
    std::vector<std::string> environment;  ///< NAME=VALUE
  };
  explicit Surroundings(Given given);
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  int in() const { return given_.in.get(); }
  int out() const { return given_.out.get(); }
  int err() const { return given_.err.get(); }
  int folder() const { return given_.folder.get(); }
  const char* variable(const char* name) const;
  char* const* environment() const { return pointers_.data(); }

  /// From now on the person waits for what the calling thread does.
  void set_waited_for();
  bool waited_for() const;
  /// Who gave them is gone: what is written goes nowhere, nothing more can be read, nobody waits.
  void let_go();
  bool gone() const { return gone_.cancelled(); }
  /// Readable from then on.
  int gone_fd() const { return gone_.fd(); }

  /// The person has gone back to the shell for a while, and what is typed is the shell's; or has come back.
  void set_away(bool away);
  bool away() const { return away_.load(); }
  /// Readable as long as the person is away.
  int away_fd() const { return away_event_.get(); }

  /// What was begun in them and is not done: futures.
  int under_way() const { return under_way_.load(); }
  void count_begun() { ++under_way_; }
  void count_done() { --under_way_; }

 private:
  Given given_;
  std::vector<char*> pointers_;
  Cancel gone_;
  std::atomic<bool> away_{false};
  UniqueFd away_event_;
  std::atomic<int> waited_for_{0};
  std::atomic<int> under_way_{0};
};

/// Of the calling thread; null: it works in those of the process.
Surroundings* current_surroundings();
/// Of those in which the calling thread works. `variable` is null when it is not set.
const char* variable(const char* name);
char* const* environment();
int standard_input();
int standard_output();
int standard_error();
/// Whether a person, if there is one, waits for what the calling thread does: it may draw on the terminal,
/// and ask.
bool person_waits();

/// From now on the calling thread works in these, its folder included; null: in those of the process. They
/// stay alive until it is elsewhere.
void enter_surroundings(Surroundings* surroundings);

}  // namespace reops::base
