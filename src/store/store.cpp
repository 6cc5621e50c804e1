#include "store/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace reops::store {
namespace {

// To open one takes as long as hundreds of queries.
constexpr size_t k_most_idle_readers = 32;
constexpr int k_gathering_part = 4;
// Pages that were freed are given back to the system only by who asks for it (PRAGMA incremental_vacuum), so
// that no commit pays for it; a file that was made without this would have to be written anew. The journal is
// cut to its limit once its pages are in the file.
constexpr const char* k_new_file = "PRAGMA auto_vacuum=INCREMENTAL;";
// In WAL mode with synchronous=NORMAL a transaction is in the journal when its COMMIT returns, in the order
// of all, and with its checksum; it is on the disk when the journal has been synchronized, which is ours to
// do. The journal is short, because who comes after a process that has just ended reads all of it; one that
// writes much makes it longer for itself.
constexpr const char* k_settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA "
    "journal_size_limit=33554432; PRAGMA wal_autocheckpoint=200;";

base::Error file_error(const std::string& path, const char* what) {
  return {"store/cannot-open",
          "The store " + path + " cannot be " + what + ": " + std::strerror(errno),
          {{"path", path}}};
}

// Made by us before SQLite sees it, so that at no moment anybody else may read it; its journal takes over the
// mode.
base::Result<void> make_private_file(const std::string& path) {
  if (auto made = base::make_folders(base::parent_folder(path)); !made) return made;
  const base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return file_error(path, "opened");
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0) return file_error(path, "examined");
  if ((found.st_mode & 077) != 0 && ::fchmod(fd.get(), 0600) != 0) return file_error(path, "made private");
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Store>> Store::open(const std::string& path, const Migrations& migrations) {
  if (auto made = make_private_file(path); !made) return made.error();
  auto writer = Connection::open(path, Connection::Mode::read_write);
  if (!writer) return writer.error();
  std::unique_ptr<Store> store(new Store(path, std::move(writer).value()));
  if (auto prepared = store->prepare(migrations); !prepared) return prepared.error();
  return store;
}

base::Result<void> Store::prepare(const Migrations& migrations) {
  if (auto done = writer_->execute(k_new_file); !done) return done;
  if (auto done = writer_->execute(k_settings); !done) return done;
  auto asked = version();
  if (!asked) return asked.take_error();
  const std::int64_t version = asked.value();
  if (version > static_cast<std::int64_t>(migrations.size())) {
    return base::Error{"store/newer",
                       "The store " + path_ + " was written by a later release: its schema has version " +
                           std::to_string(version) + ", this release knows " +
                           std::to_string(migrations.size()) + ". Use that release, or another REOPS_HOME.",
                       {{"path", path_}}};
  }
  for (auto next = static_cast<size_t>(version); next < migrations.size(); ++next) {
    if (auto migrated = migrate(migrations[next], next + 1); !migrated) return migrated;
  }
  // The journal has the name and, as long as we are connected, stays the same file.
  const std::string journal = path_ + "-wal";
  journal_ = base::UniqueFd(::open(journal.c_str(), O_RDWR | O_CLOEXEC));
  if (!journal_) return file_error(journal, "opened");
  return version < static_cast<std::int64_t>(migrations.size()) ? sync() : base::Result<void>();
}

base::Result<std::int64_t> Store::version() {
  std::int64_t version = 0;
  auto asked = writer_->query("PRAGMA user_version", {},
                              [&](const Row& row) { version = std::get<std::int64_t>(row.at(0)); });
  if (!asked) return asked.take_error();
  return version;
}

// Another process may be doing the same, and be faster: whether it is still to be done shows under the lock.
base::Result<void> Store::migrate(std::vector<std::string> steps, size_t to) {
  if (auto begun = writer_->execute("BEGIN IMMEDIATE"); !begun) return begun;
  auto found = version();
  if (!found) return found.take_error();
  if (found.value() >= static_cast<std::int64_t>(to)) return writer_->execute("ROLLBACK");
  steps.push_back("PRAGMA user_version=" + std::to_string(to));
  steps.emplace_back("COMMIT");
  for (const std::string& step : steps) {
    if (auto done = writer_->execute(step.c_str()); !done) {
      [[maybe_unused]] const base::Result<void> undone = writer_->execute("ROLLBACK");
      return done;
    }
  }
  return {};
}

base::Result<std::vector<std::int64_t>> Store::commit(Batch batch, Durability durability) {
  Waiting mine(std::move(batch));
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&mine);
  mine.wake.wait(lock, [&] { return mine.done || !committing_; });
  if (!mine.done) {
    committing_ = true;
    std::vector<Waiting*> together;
    together.swap(queue_);
    lock.unlock();
    // That a batch fails is rare, and to be able to undo it alone costs a copy of every page that it changes.
    if (!transaction(together, false)) transaction(together, true);
    lock.lock();
    committing_ = false;
    for (Waiting* waiting : together) {
      waiting->done = true;
      if (waiting != &mine) waiting->wake.notify_one();
    }
    if (!queue_.empty()) queue_.front()->wake.notify_one();
  }
  lock.unlock();
  if (durability == Durability::on_disk && mine.outcome->ok()) {
    if (auto synced = sync(); !synced) return synced.error();
  }
  return std::move(*mine.outcome);
}

base::Result<void> Store::sync() {
  std::unique_lock lock(sync_mutex_);
  const std::uint64_t turn = ++sync_asked_;
  sync_gathering_.notify_one();
  while (sync_done_ < turn) {
    if (syncing_) {
      sync_changed_.wait(lock);
      continue;
    }
    syncing_ = true;
    // Those whom the last one let go ask again in a moment: to wait for them a part of the time that it takes
    // is cheaper than to let them wait for a whole one.
    const std::uint64_t expected = sync_done_ + last_synced_;
    sync_gathering_.wait_for(lock, last_sync_took_ / k_gathering_part,
                             [&] { return sync_asked_ >= expected; });
    const std::uint64_t covered = sync_asked_;
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    const int failed = ::fdatasync(journal_.get()) == 0 ? 0 : errno;
    lock.lock();
    last_sync_took_ = std::chrono::steady_clock::now() - begun;
    last_synced_ = covered - sync_done_;
    sync_done_ = covered;
    // After a failure the system may have forgotten what it could not write, so nothing is on the disk for
    // certain any more.
    if (failed != 0) sync_failed_ = failed;
    syncing_ = false;
    sync_changed_.notify_all();
  }
  if (sync_failed_ == 0) return {};
  return base::Error{"store/failed",
                     "The store " + path_ + " cannot be written to the disk: " + std::strerror(sync_failed_),
                     {{"path", path_}}};
}

bool Store::transaction(const std::vector<Waiting*>& together, bool each_alone) {
  if (auto begun = writer_->change({"BEGIN IMMEDIATE", {}}); !begun) {
    fail_all(together, begun.error());
    return true;
  }
  for (Waiting* waiting : together) {
    if (each_alone) {
      if (auto marked = writer_->execute("SAVEPOINT batch"); !marked) {
        waiting->outcome = Outcome(marked.error());
        continue;
      }
    }
    waiting->outcome = run(waiting->batch);
    const bool good = waiting->outcome->ok();
    if (each_alone) {
      const char* end = good ? "RELEASE batch" : "ROLLBACK TO batch; RELEASE batch";
      if (auto ended = writer_->execute(end); !ended && good) waiting->outcome = Outcome(ended.error());
    } else if (!good) {
      roll_back();
      return together.size() == 1;
    }
  }
  if (auto committed = writer_->change({"COMMIT", {}}); !committed) {
    roll_back();
    fail_all(together, committed.error());
  }
  return true;
}

// A full disk ends the transaction by itself; where it does not, it is ended here.
void Store::roll_back() { [[maybe_unused]] const base::Result<void> undone = writer_->execute("ROLLBACK"); }

void Store::fail_all(const std::vector<Waiting*>& together, const base::Error& error) {
  for (Waiting* waiting : together) {
    if (!waiting->outcome || waiting->outcome->ok()) waiting->outcome = Outcome(error);
  }
}

Store::Outcome Store::run(const Batch& batch) {
  std::vector<std::int64_t> changes;
  changes.reserve(batch.size());
  for (const Statement& statement : batch) {
    auto changed = writer_->change(statement);
    if (!changed) return changed.error();
    if (statement.changes >= 0 && changed.value() != statement.changes) {
      return base::Error{"store/changed-meanwhile",
                         "`" + statement.sql + "` changed " + std::to_string(changed.value()) +
                             " rows where it should change " + std::to_string(statement.changes) +
                             ": somebody else was faster",
                         {}};
    }
    changes.push_back(changed.value());
  }
  return changes;
}

base::Result<std::unique_ptr<Connection>> Store::take_reader() {
  {
    const std::lock_guard lock(readers_mutex_);
    if (!readers_.empty()) {
      std::unique_ptr<Connection> reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  return Connection::open(path_, Connection::Mode::read_only);
}

void Store::give_back(std::unique_ptr<Connection> reader) {
  const std::lock_guard lock(readers_mutex_);
  if (readers_.size() < k_most_idle_readers) readers_.push_back(std::move(reader));
}

base::Result<std::vector<Row>> Store::query(const std::string& sql, const std::vector<Cell>& parameters) {
  auto reader = take_reader();
  if (!reader) return reader.error();
  std::vector<Row> rows;
  auto done = reader.value()->query(sql, parameters, [&](Row row) { rows.push_back(std::move(row)); });
  give_back(std::move(reader).value());
  if (!done) return done.error();
  return rows;
}

base::Result<void> Store::backup_to(const std::string& path) {
  if (base::file_exists(path)) {
    return base::Error{
        "store/exists", "There is a file " + path + " already; a backup replaces none", {{"path", path}}};
  }
  // SQLite writes into an empty file as into none.
  if (auto made = make_private_file(path); !made) return made;
  auto reader = take_reader();
  if (!reader) return reader.error();
  auto done = reader.value()->backup_to(path);
  give_back(std::move(reader).value());
  return done;
}

base::Result<std::vector<std::string>> Store::problems() {
  auto rows = query("PRAGMA integrity_check", {});
  if (!rows) return rows.error();
  std::vector<std::string> found;
  for (const Row& row : rows.value()) {
    if (const auto* text = std::get_if<std::string>(&row.at(0)); text && *text != "ok")
      found.push_back(*text);
  }
  return found;
}

}  // namespace reops::store
