#include "lang/value/object.hpp"

namespace reops::lang {

const KindInfo* const k_kinds[] = {
#define KIND(name) &k_info_##name,
#include "lang/value/kinds.def"
#undef KIND
};

}  // namespace reops::lang
