#pragma once
// The store: an SQLite file that many threads read and write.
//
// 1. A batch of statements is one transaction. `commit` returns when it is on the disk, or undone.
// 2. Batches of threads that wait at the same time share one transaction, and so one wait for the disk: who
//    comes first commits for all. One that fails is undone alone.
//    A batch that may be lost with the machine's power (a note of what has happened anyway) waits for no
//    disk.
// 3. Readers see what was committed before they began, and never wait for a writer.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "store/cell.hpp"
#include "store/connection.hpp"

namespace reops::store {

using Batch = std::vector<Statement>;
/// Whether `commit` waits until the disk has it. What is only handed to the system outlives this process, and
/// may be lost with the machine's power.
enum class Durability { on_disk, with_system };
/// The statements that lead from each version of the schema to the next, the first from an empty file.
using Migrations = std::vector<std::vector<std::string>>;

class Store {
 public:
  /// Opens the file, which is made (0600, in a folder 0700) when there is none, and brings its schema to the
  /// latest version. One that a later release has written is refused.
  static base::Result<std::unique_ptr<Store>> open(const std::string& path, const Migrations& migrations);

  /// How many rows each statement changed. Thread-safe.
  base::Result<std::vector<std::int64_t>> commit(Batch batch, Durability durability = Durability::on_disk);
  /// Thread-safe.
  base::Result<std::vector<Row>> query(const std::string& sql, const std::vector<Cell>& parameters);
  /// A copy of the whole store as it is at one moment, in a new file (0600).
  base::Result<void> backup_to(const std::string& path);
  /// What an examination of the whole file found; empty when it is sound.
  base::Result<std::vector<std::string>> problems();

  const std::string& path() const { return path_; }

 private:
  using Outcome = base::Result<std::vector<std::int64_t>>;
  struct Waiting {
    explicit Waiting(Batch what) : batch(std::move(what)) {}
    Batch batch;
    std::optional<Outcome> outcome;  ///< whoever commits fills it in
    std::condition_variable wake;
    bool done = false;  ///< guarded by queue_mutex_
  };

  Store(std::string path, std::unique_ptr<Connection> writer)
      : path_(std::move(path)), writer_(std::move(writer)) {}
  base::Result<void> prepare(const Migrations& migrations);
  base::Result<std::int64_t> version();
  base::Result<void> migrate(std::vector<std::string> steps, size_t to);
  /// Whether that is the end of it: without each_alone, a batch that fails has all undone, and then there is
  /// another way.
  bool transaction(const std::vector<Waiting*>& together, bool each_alone);
  void roll_back();
  static void fail_all(const std::vector<Waiting*>& together, const base::Error& error);
  base::Result<void> sync();
  Outcome run(const Batch& batch);
  base::Result<std::unique_ptr<Connection>> take_reader();
  void give_back(std::unique_ptr<Connection> reader);

  const std::string path_;
  std::mutex queue_mutex_;
  std::vector<Waiting*> queue_;  ///< guarded by queue_mutex_
  bool committing_ = false;      ///< guarded by queue_mutex_: somebody has the writer
  std::unique_ptr<Connection> writer_;
  base::UniqueFd journal_;
  std::mutex sync_mutex_;
  std::condition_variable sync_changed_;
  std::condition_variable sync_gathering_;  ///< for the one who waits for others to ask
  std::uint64_t sync_asked_ = 0;            ///< guarded by sync_mutex_: how often it was asked for
  std::uint64_t sync_done_ = 0;             ///< guarded by sync_mutex_: so many of these have it
  std::uint64_t last_synced_ = 1;           ///< guarded by sync_mutex_: for how many the last one was
  std::chrono::steady_clock::duration last_sync_took_{};  ///< guarded by sync_mutex_
  bool syncing_ = false;                                  ///< guarded by sync_mutex_
  int sync_failed_ = 0;                                   ///< guarded by sync_mutex_: an errno
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;  ///< idle ones, guarded by readers_mutex_
};

}  // namespace reops::store
