#pragma once
// One connection to an SQLite file, with the statements it has prepared. Not thread-safe: one user at a time.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "store/cell.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace reops::store {

class Connection {
 public:
  enum class Mode { read_write, read_only };

  static base::Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs statements that take no parameters, separated by semicolons.
  base::Result<void> execute(const char* sql);
  /// Runs one statement and returns how many rows it changed.
  base::Result<std::int64_t> change(const Statement& statement);
  /// Runs one statement and gives every row to `each`.
  base::Result<void> query(std::string_view sql, const std::vector<Cell>& parameters,
                           const std::function<void(Row)>& each);
  /// Copies the whole database, as it is at one moment, to a new file, while others go on writing.
  base::Result<void> backup_to(const std::string& path);

 private:
  // An exception would leave a statement in the middle of its rows, so what resets it is an object.
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

  Connection(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  base::Result<sqlite3_stmt*> prepare(std::string_view sql);
  base::Result<void> bind(sqlite3_stmt* statement, std::string_view sql, const std::vector<Cell>& parameters);
  base::Error error(std::string_view what) const;

  sqlite3* handle_;
  std::string path_;
  std::unordered_map<std::string, Prepared> prepared_;
};

}  // namespace reops::store
