#include "lang/compiler/compiler.hpp"

#include "lang/collection/seq.hpp"
#include "lang/compiler/analyzer.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/compiler/generator.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/operations.hpp"

namespace reops::lang {
namespace {

Ref evaluate_one(Value form, const PositionTable* positions, const std::shared_ptr<const Source>& source) {
  Ref thunk;
  {
    Analyzer analyzer(positions, source);
    Ref expanded = analyzer.expand(Ref(form));
    if (is_list_form(expanded) && symbol_is(first(expanded), "do")) {
      Ref result;
      std::vector<Ref> parts = parts_of(expanded);
      for (size_t i = 1; i < parts.size(); ++i) result = evaluate_one(parts[i], positions, source);
      return result;
    }
    Ref tree = analyzer.analyze_top_level(expanded);
    Ref name = source ? make_string(source->name) : nil();
    Ref proto = generate(as<Node>(tree), name, compiler_options().liveness);
    thunk = make_function(proto, nullptr, 0);
  }
  return call(thunk, {});
}

}  // namespace

Ref evaluate(Value form, const PositionTable* positions, std::shared_ptr<const Source> source) {
  return evaluate_one(form, positions, source);
}

Ref macroexpand_once(Value form, const PositionTable* positions) { return Analyzer(positions, nullptr).expand_once(form); }

CompilerOptions& compiler_options() {
  static CompilerOptions options;
  return options;
}

Ref recompile(Value function) {
  const Proto& proto = as<Proto>(as<Function>(function).proto);
  return generate(as<Node>(proto.tree), proto.source, compiler_options().liveness);
}

}  // namespace reops::lang
