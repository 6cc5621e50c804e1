#pragma once
// Where the nodes of a function stood in its source, in the order in which they are written: travels beside a
// unit.

#include <string>
#include <string_view>
#include <vector>

#include "lang/reader/position.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

class PlacesWriter {
 public:
  /// The name of the file (a String, or nil).
  void source(Value name) { source_ = Ref(name); }
  void add(const Span& span);
  /// The parameters of the function whose node was added last.
  void arglists(Value lists) { arglists_.emplace_back(lists); }
  /// Everything as bytes.
  std::string finish() &&;

 private:
  Ref source_;
  std::vector<Ref> arglists_;
  std::string spans_;
  uint32_t line_ = 0;
};

/// Hands out again what a PlacesWriter was given; unknown places and nil once it is used up.
class PlacesReader {
 public:
  PlacesReader() = default;
  /// Throws CborMalformed for what is none.
  explicit PlacesReader(std::string_view bytes);
  Value source() const { return source_; }
  Span next();
  Ref next_arglists();

 private:
  uint64_t number();
  Ref source_;
  Ref arglists_;
  Ref spans_;
  std::string_view left_;
  size_t functions_ = 0;
  uint32_t line_ = 0;
};

}  // namespace reops::lang
