#pragma once
// What a statement is given and what a row consists of, without any library's types.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace reops::store {

struct Bytes {
  std::string data;
};

/// nil, an integer, a real number, text or bytes.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
using Row = std::vector<Cell>;

/// One statement of a batch. With `changes`, it must change just so many rows, or its whole batch is undone:
/// that is how a writer makes sure that what it read is still so.
struct Statement {
  std::string sql;
  std::vector<Cell> parameters;
  std::int64_t changes = -1;
};

}  // namespace reops::store
