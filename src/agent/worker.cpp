#include "agent/worker.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <mutex>
#include <string>

#include "agent/descendants.hpp"
#include "agent/descriptors.hpp"
#include "agent/frames.hpp"
#include "lang/codec/shipping/library.hpp"
#include "lang/codec/shipping/results.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/memory.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/thread.hpp"

namespace reops::agent {
namespace {

using namespace lang;
using base::Steady;

constexpr size_t k_hash_bytes = 32;
// Units that a worker has made of code stay with it; with more than this it is replaced.
constexpr size_t k_most_units_bytes = size_t{32} << 20;

// What a call prints. After the call nobody listens any more: what it left running prints into the void.
class CallWriter : public TextWriter {
 public:
  CallWriter(int fd, FrameKind kind) : fd_(fd), kind_(kind) {}

  void write(std::string_view text) override {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    buffer_ += text;
    if (buffer_.size() >= k_full || Steady::now() - sent_at_ >= k_often) drain();
  }
  void flush() override {
    std::lock_guard lock(mutex_);
    drain();
  }
  void close() override {
    std::lock_guard lock(mutex_);
    drain();
    closed_ = true;
  }
  std::string describe() const override { return "Writer of a call"; }

 private:
  static constexpr size_t k_full = 32 * 1024;
  static constexpr std::chrono::milliseconds k_often{100};

  void drain() {
    if (closed_ || buffer_.empty()) return;
    // Nobody there: the agent is gone, and so are we in a moment.
    if (!write_frame(fd_, kind_, buffer_)) _exit(1);
    buffer_.clear();
    sent_at_ = Steady::now();
  }

  std::mutex mutex_;
  int fd_;
  FrameKind kind_;
  bool closed_ = false;
  std::string buffer_;
  Steady::time_point sent_at_ = Steady::now();
};

class Worker {
 public:
  Worker(base::UniqueFd work, const Options& options, CallClock& clock)
      : work_(std::move(work)), options_(options), clock_(clock) {}

  void run() {
    while (std::optional<Frame> frame = read_frame(work_.get())) {
      if (frame->kind == FrameKind::unit) {
        units_bytes_ += frame->bytes.size();
        units_.push_back(std::move(frame->bytes));
      } else if (frame->kind == FrameKind::run) {
        answer(frame->bytes);
      }
    }
  }

 private:
  void answer(const std::string& parcel) {
    clock_.began_ms.store(boot_ms());
    auto* out = new CallWriter(work_.get(), FrameKind::printed);
    Ref out_handle = make_handle(out);
    auto* err = new CallWriter(work_.get(), FrameKind::printed_error);
    Ref err_handle = make_handle(err);
    FrameKind kind = FrameKind::returned;
    std::string results;
    {
      Ref streams =
          make_map({Value::object(core_vars().out), out_handle, Value::object(core_vars().err), err_handle});
      ScopedBindings bindings(streams);
      try {
        install_units();
        results = write_results(run_call(parcel), library_);
      } catch (const Thrown& thrown) {
        kind = FrameKind::threw;
        results = write_thrown(thrown);
      } catch (const std::bad_alloc&) {
        kind = FrameKind::threw;
        results = write_results(make_error(ErrorClass::out_of_memory, "Out of memory"), library_);
      }
    }
    out->close();
    err->close();
    ++calls_;
    bool again = calls_ < options_.calls_per_worker && units_bytes_ < k_most_units_bytes &&
                 !take_memory_exhausted() && resident() < options_.memory / 2;
    if (!write_frame(work_.get(), kind, std::string_view(again ? "+" : "-", 1), results)) _exit(1);
    trim_stacks(this_thread());
  }

  // A parcel is [f argument …].
  Ref run_call(const std::string& parcel) {
    std::vector<Ref> items;
    {
      Ref parts = library_.unpack(parcel);
      if (!is_vector(parts) || vector_count(parts) == 0) throw_illegal_argument("A call is [f argument …]");
      for (size_t i = 0; i < vector_count(parts); ++i) items.emplace_back(vector_at(parts, i));
    }
    std::vector<Value> arguments(items.begin() + 1, items.end());
    return call(items[0], arguments);
  }

  void install_units() {
    for (const std::string& unit : std::exchange(units_, {})) {
      std::string_view bytes(unit);
      uint64_t content = 0;
      std::memcpy(&content, bytes.data() + k_hash_bytes, sizeof content);
      size_t start = k_hash_bytes + sizeof content;
      library_.install(UnitHash::from(bytes.substr(0, k_hash_bytes)), bytes.substr(start, content),
                       bytes.substr(start + content));
    }
  }

  std::string write_thrown(const Thrown& thrown) {
    try {
      return write_results(thrown.error(), library_);
    } catch (const Thrown& worse) {
      return write_results(worse.error(), library_);
    }
  }

  size_t resident() const {
    FILE* f = std::fopen("/proc/self/statm", "re");
    if (!f) return 0;
    unsigned long total = 0, resident = 0;
    int read = std::fscanf(f, "%lu %lu", &total, &resident);
    std::fclose(f);
    return read == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
  }

  base::UniqueFd work_;
  const Options& options_;
  CallClock& clock_;
  Library library_;
  std::vector<std::string> units_;  // that have come and are not installed yet
  size_t units_bytes_ = 0;
  size_t calls_ = 0;
};

}  // namespace

void run_worker(base::UniqueFd work, const Options& options, CallClock& clock) {
  detach_standard_streams(true);
  set_memory_limit(options.memory);
  Worker(std::move(work), options, clock).run();
  // Futures may still run; they must not meet static objects that are being destroyed.
  _exit(0);
}

}  // namespace reops::agent
