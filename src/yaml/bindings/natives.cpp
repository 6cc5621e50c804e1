// The yaml room as the language sees it: the namespace reops.yaml.native, loaded with the module "yaml".

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/access.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/symbol.hpp"
#include "yaml/bindings/values.hpp"

namespace reops::yaml {
namespace {

using namespace lang;

Ref read(Args args) {
  ReadOptions options;
  options.keywords = get(args[1], keyword("keywords")).truthy();
  return compose(string_argument(args[0], "YAML"), options);
}

Ref write(Args args) { return make_string(serialize(args[0])); }

const NativeDef k_defs[] = {
    {"reops.yaml.native", "read", read, 2, 2, k_borrow_all, "([text options])",
     "A vector of the values of all documents of a YAML text."},
    {"reops.yaml.native", "write", write, 1, 1, k_borrow_all, "([documents])",
     "A YAML text with a document for each of the values."},
};

const NativeModule k_natives = {"yaml", k_defs};

}  // namespace
}  // namespace reops::yaml

REOPS_MODULE(reops::yaml::k_natives)
