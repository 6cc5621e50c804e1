// The store room as the language sees it: the namespace reops.store.native, loaded with the module "store".

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/exit_hooks.hpp"
#include "base/owner_lock.hpp"
#include "lang/builtin/def_native.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/parking.hpp"
#include "store/bindings/control.hpp"
#include "store/store.hpp"

namespace reops::store {
namespace {

using namespace lang;

/// A store that can be closed while others hold it: whoever is at work with it keeps it open until they are
/// done.
class StoreHandle : public Resource {
 public:
  explicit StoreHandle(std::unique_ptr<Store> store) : path_(store->path()), store_(std::move(store)) {}
  std::string describe() const override { return "Store " + path_; }
  std::shared_ptr<Store> get() {
    const std::lock_guard lock(mutex_);
    if (!store_)
      throw_diagnostic(ErrorClass::illegal_state, "store/closed", "The store " + path_ + " is closed",
                       "(go) opens it again.");
    return store_;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    store_.reset();
  }

 private:
  const std::string path_;
  std::mutex mutex_;
  std::shared_ptr<Store> store_;  ///< guarded by mutex_
  // Who closes last works the journal into the file: whoever opens it next finds it short.
  const base::ExitHook at_exit_{[this] { close(); }};
};

class LockHandle : public Resource {
 public:
  explicit LockHandle(std::unique_ptr<base::OwnerLock> lock) : lock_(std::move(lock)) {}
  std::string describe() const override { return lock_ ? "OwnerLock" : "OwnerLock, given up"; }
  void release() { lock_.reset(); }

 private:
  std::unique_ptr<base::OwnerLock> lock_;
};

template <class T>
T& resource(Value v, const char* what) {
  T* found = resource_of<T>(v);
  if (!found) throw_class_cast(v, what);
  return *found;
}

StoreHandle& handle_of(Value v) { return resource<StoreHandle>(v, "a store"); }

// What is asked of the disk is short and cannot be taken back, so an interrupt waits for its end.
template <class F>
auto meanwhile(F&& work) {
  BlockingRegion region([] {});
  return work();
}

Cell cell_of(Value v) {
  if (v.is_nil()) return std::monostate{};
  if (is<String>(v)) return std::string(text_of(v));
  if (is<ByteString>(v)) return Bytes{std::string(as<ByteString>(v).view())};
  if (is<Double>(v)) return to_double(v);
  if (is_integer(v)) return to_int(v, "a parameter of a statement");
  if (v == Value::boolean(true)) return std::int64_t{1};
  if (v == Value::boolean(false)) return std::int64_t{0};
  throw_class_cast(v, "nil, a number, text or bytes as a parameter of a statement");
}

std::vector<Cell> cells_of(Value v) {
  std::vector<Cell> cells;
  for (SeqIterator it(v); it.more(); it.step()) cells.push_back(cell_of(it.value()));
  return cells;
}

Ref value_of(const Cell& cell) {
  return std::visit(
      [](const auto& c) -> Ref {
        using T = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<T, std::monostate>) return nil();
        if constexpr (std::is_same_v<T, std::int64_t>) return integer(c);
        if constexpr (std::is_same_v<T, double>) return real(c);
        if constexpr (std::is_same_v<T, std::string>) return make_string_lossy(c);
        if constexpr (std::is_same_v<T, Bytes>) return make_bytes(c.data);
      },
      cell);
}

// [sql parameter …], and the rows it must change as its metadata would be lost: a statement is
// [sql [parameter …]] or [sql [parameter …] changes].
Statement statement_of(Value v) {
  if (!is_vector(v) || vector_count(v) < 2)
    throw_class_cast(v, "[sql [parameter …]] or [sql [parameter …] changes]");
  Statement statement;
  statement.sql = FromValue<std::string>::convert(vector_at(v, 0), {"reops.store.native", "commit", 1});
  statement.parameters = cells_of(vector_at(v, 1));
  if (vector_count(v) > 2) statement.changes = to_int(vector_at(v, 2), "how many rows a statement changes");
  return statement;
}

Ref open(std::string path, Value migrations) {
  Migrations steps;
  for (SeqIterator it(migrations); it.more(); it.step())
    steps.push_back(
        FromValue<std::vector<std::string>>::convert(it.value(), {"reops.store.native", "open", 1}));
  auto store = meanwhile([&] { return Store::open(path, steps); });
  if (!store) throw_result(store.error());
  return make_handle(new StoreHandle(std::move(store).value()));
}

void close(Value store) { handle_of(store).close(); }

base::Result<std::vector<std::int64_t>> commit_as(Value store, Value statements, Durability durability) {
  auto held = handle_of(store).get();
  Batch batch;
  for (SeqIterator it(statements); it.more(); it.step()) batch.push_back(statement_of(it.value()));
  return meanwhile([&] { return held->commit(std::move(batch), durability); });
}

base::Result<std::vector<std::int64_t>> commit(Value store, Value statements) {
  return commit_as(store, statements, Durability::on_disk);
}

base::Result<std::vector<std::int64_t>> note(Value store, Value statements) {
  return commit_as(store, statements, Durability::with_system);
}

Ref query(Value store, std::string sql, Value parameters) {
  auto held = handle_of(store).get();
  const std::vector<Cell> cells = cells_of(parameters);
  auto rows = meanwhile([&] { return held->query(sql, cells); });
  if (!rows) throw_result(rows.error());
  Ref all(empty_vector());
  for (const Row& row : rows.value()) {
    Ref values(empty_vector());
    for (const Cell& cell : row) vector_push(values, value_of(cell));
    vector_push(all, std::move(values));
  }
  return all;
}

base::Result<void> backup(Value store, std::string path) {
  auto held = handle_of(store).get();
  return meanwhile([&] { return held->backup_to(path); });
}

base::Result<std::vector<std::string>> problems(Value store) {
  auto held = handle_of(store).get();
  return meanwhile([&] { return held->problems(); });
}

Ref try_lock(std::string path) {
  auto lock = base::OwnerLock::try_lock(path);
  if (!lock) throw_result(lock.error());
  return lock.value() ? make_handle(new LockHandle(std::move(lock).value())) : nil();
}

void unlock(Value lock) { resource<LockHandle>(lock, "a lock").release(); }

std::optional<std::int64_t> lock_owner(std::string path) {
  auto pid = base::OwnerLock::owner(path);
  if (!pid) return std::nullopt;
  return std::int64_t{*pid};
}

const NativeDef k_store_defs[] = {
    def_native<open>(
        "reops.store.native", "open", "([path migrations])",
        "Opens the SQLite file of that path, made (0600) when there is none. migrations are vectors of "
        "statements: "
        "the first makes the schema in an empty file, each further one leads to the next version."),
    def_native<close>("reops.store.native", "close", "([store])",
                      "Closes a store, as soon as nobody is at work with it."),
    def_native<commit>("reops.store.native", "commit", "([store statements])",
                       "Runs statements, [sql [parameter …]] or [sql [parameter …] rows], in one "
                       "transaction: how many rows each "
                       "changed, when it is on the disk. One that changes another number of rows than it "
                       "says undoes them all."),
    def_native<note>(
        "reops.store.native", "note", "([store statements])",
        "Like commit, but does not wait for the disk: what it wrote outlives this process, and may be lost "
        "with the machine's power."),
    def_native<query>("reops.store.native", "query", "([store sql parameters])",
                      "The rows that a statement finds, vectors in a vector."),
    def_native<backup>("reops.store.native", "backup", "([store path])",
                       "Copies the whole store as it is at one moment to a new file, while others go on."),
    def_native<problems>(
        "reops.store.native", "problems", "([store])",
        "What an examination of the whole file finds, a vector of sentences; empty when it is sound."),
    def_native<try_lock>("reops.store.native", "try-lock", "([path])",
                         "Takes the lock of that file, or nil when another process has it. It ends with "
                         "unlock, or the process, "
                         "however that ends."),
    def_native<unlock>("reops.store.native", "unlock", "([lock])", "Gives a lock up."),
    def_native<lock_owner>("reops.store.native", "lock-owner", "([path])",
                           "The number of the process that has the lock of that file, or nil."),
};

// The rows of this file and those of the control socket.
const std::vector<NativeDef>& all_defs() {
  static const std::vector<NativeDef> defs = [] {
    std::vector<NativeDef> all(std::begin(k_store_defs), std::end(k_store_defs));
    all.insert(all.end(), control_natives().begin(), control_natives().end());
    return all;
  }();
  return defs;
}

const NativeModule k_natives = {"store", all_defs()};

}  // namespace
}  // namespace reops::store

REOPS_MODULE(reops::store::k_natives)
