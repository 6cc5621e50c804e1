#include "store/connection.hpp"

#include <openssl/evp.h>
#include <sqlite3.h>

#include <cstring>
#include <map>
#include <string>
#include <type_traits>

namespace reops::store {
namespace {

// A reader waits for a writer's checkpoint at most, a writer for a backup's moment.
constexpr int k_busy_ms = 10'000;
// A program that makes its statements of values instead of parameters must not fill the memory.
constexpr size_t k_most_prepared = 256;

// Undoes what a statement holds when it has run, however it ended.
class Running {
 public:
  explicit Running(sqlite3_stmt* statement) : statement_(statement) {}
  ~Running() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  sqlite3_stmt* statement_;
};

// What a person can do about it decides the kind.
base::Error error_of(int code, std::string message, std::string path) {
  const std::map<std::string, std::string> data{{"path", std::move(path)}};
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return base::Error{"store/full", std::move(message), data};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return base::Error{"store/read-only", std::move(message), data};
    case SQLITE_CANTOPEN:
      return base::Error{"store/cannot-open", std::move(message), data};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return base::Error{"store/corrupt", std::move(message), data};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return base::Error{"store/busy", std::move(message), data};
    case SQLITE_CONSTRAINT:
      return base::Error{"store/constraint", std::move(message), data};
    default:
      return base::Error{"store/failed", std::move(message), data};
  }
}

// sha256(x, …) in statements: the hexadecimal digest of its arguments, each with its kind and length before
// it, so that no other arguments make the same bytes.
void sha256(sqlite3_context* context, int count, sqlite3_value** arguments) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const int kind = sqlite3_value_type(arguments[i]);
    const auto* data = static_cast<const char*>(sqlite3_value_blob(arguments[i]));
    const auto size = static_cast<size_t>(sqlite3_value_bytes(arguments[i]));
    bytes += std::to_string(kind) + ":" + std::to_string(size) + ":";
    if (size > 0) bytes.append(data, size);
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr) != 1) {
    sqlite3_result_error(context, "SHA-256 cannot be computed", -1);
    return;
  }
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    constexpr const char* k_digits = "0123456789abcdef";
    hex += k_digits[digest[i] >> 4];
    hex += k_digits[digest[i] & 15];
  }
  sqlite3_result_text(context, hex.data(), static_cast<int>(hex.size()), SQLITE_TRANSIENT);
}

Cell cell_at(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return Bytes{size == 0 ? std::string() : std::string(data, size)};
    }
    default:
      return std::monostate{};
  }
}

}  // namespace

void Connection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  // SQLite counts the memory it uses under a lock that all threads share, and nobody asks for the count.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* handle = nullptr;
  // Every connection has one user at a time, which is ours to see to.
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> made(new Connection(handle, path));
  if (code != SQLITE_OK) return made->error("be opened");
  sqlite3_busy_timeout(handle, k_busy_ms);
  if (sqlite3_create_function_v2(handle, "sha256", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                 nullptr, sha256, nullptr, nullptr, nullptr) != SQLITE_OK)
    return made->error("be opened");
  return made;
}

Connection::~Connection() {
  prepared_.clear();
  sqlite3_close_v2(handle_);
}

base::Error Connection::error(std::string_view what) const {
  const int code = handle_ ? sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
  const std::string said = handle_ ? sqlite3_errmsg(handle_) : "out of memory";
  std::string message = "The store " + path_ + " cannot " + std::string(what) + ": " + said;
  if (const int number = handle_ ? sqlite3_system_errno(handle_) : 0; number != 0)
    message += std::string(" (") + std::strerror(number) + ")";
  return error_of(code, std::move(message), path_);
}

base::Result<void> Connection::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error("be written");
  return {};
}

base::Result<sqlite3_stmt*> Connection::prepare(std::string_view sql) {
  const std::string key(sql);
  if (auto found = prepared_.find(key); found != prepared_.end()) return found->second.get();
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v3(handle_, key.c_str(), static_cast<int>(key.size()) + 1, SQLITE_PREPARE_PERSISTENT,
                         &statement, &rest) != SQLITE_OK)
    return error("run `" + key + "`");
  Prepared owned(statement);
  if (!statement) return base::Error{"store/failed", "There is no statement in `" + key + "`", {}};
  if (std::string_view(rest).find_first_not_of(" \n\t;") != std::string_view::npos)
    return base::Error{"store/failed", "There is more than one statement in `" + key + "`", {}};
  if (prepared_.size() >= k_most_prepared) prepared_.clear();
  prepared_.emplace(key, std::move(owned));
  return statement;
}

base::Result<void> Connection::bind(sqlite3_stmt* statement, std::string_view sql,
                                    const std::vector<Cell>& parameters) {
  if (const int wanted = sqlite3_bind_parameter_count(statement);
      wanted != static_cast<int>(parameters.size())) {
    return base::Error{"store/failed",
                       "`" + std::string(sql) + "` takes " + std::to_string(wanted) + " parameters and got " +
                           std::to_string(parameters.size()),
                       {}};
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    const int at = static_cast<int>(i) + 1;
    // The parameters outlive the statement's run, so SQLite need not copy them.
    const int code = std::visit(
        [&](const auto& cell) {
          using T = std::decay_t<decltype(cell)>;
          if constexpr (std::is_same_v<T, std::monostate>) return sqlite3_bind_null(statement, at);
          if constexpr (std::is_same_v<T, std::int64_t>) return sqlite3_bind_int64(statement, at, cell);
          if constexpr (std::is_same_v<T, double>) return sqlite3_bind_double(statement, at, cell);
          if constexpr (std::is_same_v<T, std::string>)
            return sqlite3_bind_text64(statement, at, cell.data(), cell.size(), SQLITE_STATIC, SQLITE_UTF8);
          if constexpr (std::is_same_v<T, Bytes>)
            return sqlite3_bind_blob64(statement, at, cell.data.data(), cell.data.size(), SQLITE_STATIC);
        },
        parameters[i]);
    if (code != SQLITE_OK) return error("take a parameter of `" + std::string(sql) + "`");
  }
  return {};
}

base::Result<void> Connection::query(std::string_view sql, const std::vector<Cell>& parameters,
                                     const std::function<void(Row)>& each) {
  auto prepared = prepare(sql);
  if (!prepared) return prepared.error();
  sqlite3_stmt* statement = prepared.value();
  const Running running(statement);
  if (auto bound = bind(statement, sql, parameters); !bound) return bound;
  const int columns = sqlite3_column_count(statement);
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return error("run `" + std::string(sql) + "`");
    Row row;
    row.reserve(static_cast<size_t>(columns));
    for (int i = 0; i < columns; ++i) row.push_back(cell_at(statement, i));
    each(std::move(row));
  }
}

base::Result<std::int64_t> Connection::change(const Statement& statement) {
  const int before = sqlite3_total_changes(handle_);
  if (auto done = query(statement.sql, statement.parameters, [](const Row&) {}); !done) return done.error();
  return std::int64_t{sqlite3_total_changes(handle_)} - before;
}

base::Result<void> Connection::backup_to(const std::string& path) {
  Statement vacuum{"VACUUM INTO ?", {path}};
  if (auto done = change(vacuum); !done) return done.error();
  return {};
}

}  // namespace reops::store
