#pragma once
// `reduced`: how a step of a reduction says that it has seen enough.

#include "lang/value/ref.hpp"

namespace reops::lang {

struct Reduced : Object {
  static constexpr Kind k_kind = Kind::Reduced;
  Value value;
};

Ref make_reduced(Ref value);

}  // namespace reops::lang
