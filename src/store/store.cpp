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

constexpr size_t k_most_idle_readers = 4;
// Pages that were freed are given back to the system only by who asks for it (PRAGMA incremental_vacuum), so
// that no commit pays for it; a file that was made without this would have to be written anew. The journal is
// cut to its limit once its pages are in the file.
constexpr const char* k_new_file = "PRAGMA auto_vacuum=INCREMENTAL;";
// In WAL mode with synchronous=FULL a transaction is on the disk when its COMMIT returns.
constexpr const char* k_settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
    "journal_size_limit=33554432;";

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
  return {};
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
  Waiting mine{std::move(batch), durability, std::nullopt};
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&mine);
  // Those who wait are woken together when they are done, and do not pass the writer from one to the next: so
  // all that they bring next is there for the next transaction.
  committed_.wait(lock, [&] { return mine.done || !committing_; });
  if (!mine.done) {
    committing_ = true;
    std::vector<Waiting*> together;
    together.swap(queue_);
    lock.unlock();
    commit_together(together);
    lock.lock();
    committing_ = false;
    for (Waiting* waiting : together) waiting->done = true;
    committed_.notify_all();
  }
  return std::move(*mine.outcome);
}

void Store::commit_together(const std::vector<Waiting*>& together) {
  auto fail_all = [&](const base::Error& error) {
    for (Waiting* waiting : together) {
      if (!waiting->outcome || waiting->outcome->ok()) waiting->outcome = Outcome(error);
    }
  };
  const bool wait = std::any_of(together.begin(), together.end(),
                                [](const Waiting* w) { return w->durability == Durability::on_disk; });
  if (auto set = set_durability(wait ? Durability::on_disk : Durability::with_system); !set)
    return fail_all(set.error());
  if (auto begun = writer_->execute("BEGIN IMMEDIATE"); !begun) return fail_all(begun.error());
  for (Waiting* waiting : together) {
    if (auto marked = writer_->execute("SAVEPOINT batch"); !marked) {
      waiting->outcome = Outcome(marked.error());
      continue;
    }
    waiting->outcome = run(waiting->batch);
    const char* end = waiting->outcome->ok() ? "RELEASE batch" : "ROLLBACK TO batch; RELEASE batch";
    if (auto ended = writer_->execute(end); !ended && waiting->outcome->ok())
      waiting->outcome = Outcome(ended.error());
  }
  if (auto committed = writer_->execute("COMMIT"); !committed) {
    // A full disk ends the transaction by itself; where it does not, it is ended here.
    [[maybe_unused]] const base::Result<void> undone = writer_->execute("ROLLBACK");
    fail_all(committed.error());
  }
}

base::Result<void> Store::set_durability(Durability durability) {
  if (durability == durability_) return {};
  if (auto set = writer_->execute(durability == Durability::on_disk ? "PRAGMA synchronous=FULL"
                                                                    : "PRAGMA synchronous=NORMAL");
      !set)
    return set;
  durability_ = durability;
  return {};
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
