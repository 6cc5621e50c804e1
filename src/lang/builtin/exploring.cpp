// What there is to be named, for completion: names that no namespace holds.

#include <algorithm>
#include <string>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

template <class Names>
Ref sorted_strings(Names names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<Ref> strings;
  strings.reserve(names.size());
  for (const auto& name : names) strings.push_back(make_string(name));
  return make_vector(std::vector<Value>(strings.begin(), strings.end()));
}

Ref keyword_names(Args args) {
  return sorted_strings(keywords_that_begin(string_argument(args[0], "keyword-names")));
}

Ref library_paths(Args) { return sorted_strings(embedded_paths()); }

Ref class_names(Args) {
  std::vector<std::string_view> names = {
#define HOST_TYPE(name, package, kinds) name,
#include "lang/runtime/host_types.def"
#undef HOST_TYPE
#define ERROR_CLASS(id, name, ...) name,
#include "lang/value/errors.def"
#undef ERROR_CLASS
  };
  // A class inside another is nothing that a person types.
  std::erase_if(names, [](std::string_view name) { return name.find('$') != std::string_view::npos; });
  for (std::string_view& name : names) name = name.substr(name.rfind('.') + 1);
  return sorted_strings(names);
}

Ref method_names(Args) {
  std::vector<std::string_view> names;
  for (const HostMethod& m : string_host_methods()) names.emplace_back(m.name);
  for (auto tables : {collection_host_methods(), stream_host_methods(), object_host_methods()}) {
    for (const HostMethods& table : tables) {
      for (const HostMethod& m : table.methods) names.emplace_back(m.name);
      for (const HostAlias& a : table.aliases) names.emplace_back(a.name);
    }
  }
  return sorted_strings(names);
}

constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_internal, "keyword-names", keyword_names, 1, 1, k_borrow_all, "([prefix])",
     "The keywords of this process whose text (without the colon) begins with prefix, as sorted strings."},
    {k_internal, "library-paths", library_paths, 0, 0, k_borrow_all, "([])",
     "The paths of the libraries that are compiled in."},
    {k_internal, "class-names", class_names, 0, 0, k_borrow_all, "([])",
     "The short names of the host classes and of the classes of errors."},
    {k_internal, "method-names", method_names, 0, 0, k_borrow_all, "([])",
     "The names of the methods that values of host classes have."},
};

}  // namespace

extern const NativeModule k_natives_exploring;
const NativeModule k_natives_exploring = {"exploring", k_defs};

}  // namespace reops::lang
