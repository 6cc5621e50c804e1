#include "agent/journal.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/hex.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "lang/codec/cbor.hpp"

namespace reops::agent {
namespace {

constexpr uint64_t k_small_enough = 1 << 20;
constexpr size_t k_head = 8;  // size of the record, and its checksum

// FNV-1a: finds what was written half, not what was forged.
uint32_t checksum(std::string_view bytes) {
  uint32_t h = 2166136261U;
  for (char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
  return h;
}

}  // namespace

base::Result<std::unique_ptr<Journal>> Journal::open(std::string folder, int64_t now_ms, Calls& remembered) {
  if (auto made = base::make_folders(folder + "/outcomes"); !made) return made.take_error();
  std::unique_ptr<Journal> journal(new Journal(std::move(folder)));
  if (base::file_exists(journal->file())) {
    auto bytes = base::read_file(journal->file(), size_t{1} << 32);
    if (!bytes) return bytes.take_error();
    remembered = read(bytes.value());
  }
  for (auto& [id, call] : remembered)
    if (call.at_ms > now_ms) call.at_ms = now_ms;
  if (auto compacted = journal->compact(remembered); !compacted) {
    // A disk that is full: what there is is appended to all the same.
    journal->fd_ =
        base::UniqueFd(::open(journal->file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!journal->fd_) return base::errno_error("agent", "cannot write " + journal->file(), errno);
    journal->size_ = static_cast<uint64_t>(lseek(journal->fd_.get(), 0, SEEK_END));
  }
  for (const auto& [id, call] : remembered) journal->live_[id] = call.ended && call.outcome.empty();
  // Files whose record never came, or was forgotten.
  if (DIR* all = opendir((journal->folder_ + "/outcomes").c_str())) {
    while (const dirent* entry = readdir(all)) {
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      auto id = from_hex(name);
      if (!id || !journal->live_.contains(*id)) unlink((journal->folder_ + "/outcomes/" + name).c_str());
    }
    closedir(all);
  }
  return journal;
}

std::string Journal::file_of(const wire::CallId& id) const { return folder_ + "/outcomes/" + to_hex(id); }

std::string Journal::record(Record kind, const wire::CallId& id, int64_t at_ms, std::string_view more) {
  std::string body;
  lang::CborWriter out(body, lang::k_most_cbor_bytes);
  out.array(4);
  out.integer(static_cast<int64_t>(kind));
  out.bytes(id);
  out.integer(at_ms);
  out.bytes(more);
  std::string bytes(k_head, '\0');
  auto size = static_cast<uint32_t>(body.size());
  uint32_t sum = checksum(body);
  std::memcpy(bytes.data(), &size, sizeof size);
  std::memcpy(bytes.data() + sizeof size, &sum, sizeof sum);
  return bytes + body;
}

Journal::Calls Journal::read(std::string_view bytes) {
  Calls calls;
  while (bytes.size() >= k_head) {
    uint32_t size, sum;
    std::memcpy(&size, bytes.data(), sizeof size);
    std::memcpy(&sum, bytes.data() + sizeof size, sizeof sum);
    if (bytes.size() - k_head < size) break;
    std::string_view body = bytes.substr(k_head, size);
    bytes.remove_prefix(k_head + size);
    if (checksum(body) != sum) break;
    try {
      lang::CborItems in(body);
      in.array("a record");
      auto kind = static_cast<Record>(in.integer("a kind"));
      wire::CallId id(in.bytes("an id"));
      int64_t at = in.integer("a time");
      std::string_view more = in.bytes("an outcome");
      Remembered& call = calls[id];
      call.at_ms = at;
      switch (kind) {
        case Record::begun:
          call.started_ms = at;
          break;
        case Record::ended:
        case Record::ended_large:
          call.ended = true;
          call.outcome = more;
          break;
        case Record::forgotten:
          calls.erase(id);
          break;
      }
    } catch (const lang::CborMalformed&) {
      break;
    }
  }
  return calls;
}

base::Result<void> Journal::compact(const Calls& calls) {
  std::string bytes;
  for (const auto& [id, call] : calls) {
    bytes += record(Record::begun, id, call.started_ms, {});
    if (call.ended)
      bytes +=
          record(call.outcome.empty() ? Record::ended_large : Record::ended, id, call.at_ms, call.outcome);
  }
  if (auto written = base::write_file_atomic(file(), bytes, 0600); !written) return written.take_error();
  base::UniqueFd fd(::open(file().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!fd) return base::errno_error("agent", "cannot write " + file(), errno);
  fd_ = std::move(fd);
  size_ = compacted_size_ = bytes.size();
  return {};
}

void Journal::compact_when_worth_it() {
  if (size_ < k_small_enough) return;
  if (live_.empty()) {
    if (ftruncate(fd_.get(), 0) == 0) size_ = compacted_size_ = 0;
    return;
  }
  if (size_ < 2 * compacted_size_ + 8 * k_small_enough) return;
  compacted_size_ = size_;  // not again at once when it cannot be done
  auto bytes = base::read_file(file(), size_t{1} << 32);
  if (bytes) [[maybe_unused]]
    auto compacted = compact(read(bytes.value()));
}

base::Result<void> Journal::append(Record kind, const wire::CallId& id, int64_t at_ms,
                                   std::string_view more) {
  std::string bytes = record(kind, id, at_ms, more);
  std::string_view left(bytes);
  while (!left.empty()) {
    ssize_t n = write(fd_.get(), left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      base::Error error = base::errno_error("agent", "cannot write " + file(), errno);
      // Nothing half stays before what comes next.
      if (ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) error.message += ", nor cut it back";
      return error;
    }
    left.remove_prefix(static_cast<size_t>(n));
  }
  size_ += bytes.size();
  return {};
}

base::Result<void> Journal::begin(const wire::CallId& id, int64_t now_ms) {
  auto done = append(Record::begun, id, now_ms, {});
  if (done) live_[id] = false;
  return done;
}

bool Journal::end(const wire::CallId& id, const std::string& outcome, int64_t now_ms) {
  bool large = outcome.size() >= k_large;
  if (large && !base::write_file(file_of(id), outcome, 0600)) {
    unlink(file_of(id).c_str());
    return false;
  }
  live_[id] = large;
  auto done =
      append(large ? Record::ended_large : Record::ended, id, now_ms, large ? std::string_view() : outcome);
  return done.ok();
}

void Journal::forget(const wire::CallId& id) {
  auto found = live_.find(id);
  if (found == live_.end()) return;
  if (found->second) unlink(file_of(id).c_str());
  live_.erase(found);
  // When that cannot be written it is remembered for longer than needed.
  [[maybe_unused]] auto done = append(Record::forgotten, id, 0, {});
  compact_when_worth_it();
}

base::Result<std::string> Journal::outcome_of(const wire::CallId& id) const {
  return base::read_file(file_of(id), size_t{1} << 31);
}

}  // namespace reops::agent
