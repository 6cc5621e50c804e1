#include "lang/compiler/compiler.hpp"

#include "lang/collection/seq.hpp"
#include "lang/compiler/analyzer.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/compiler/generator.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/operations.hpp"

namespace reops::lang {
namespace {

// `around` is the place of the form that this one came out of, for what macros made.
Ref evaluate_one(Value form, const PositionTable* positions, const std::shared_ptr<const Source>& source,
                 Span around) {
  check_stack();
  Ref thunk;
  {
    Analyzer analyzer(positions, source);
    if (Span own = analyzer.span_of(form); own.known()) around = own;
    Ref expanded = analyzer.expand(Ref(form));
    if (is_list_form(expanded) && symbol_is(first(expanded), "do")) {
      Ref result;
      std::vector<Ref> parts = parts_of(expanded);
      for (size_t i = 1; i < parts.size(); ++i) result = evaluate_one(parts[i], positions, source, around);
      return result;
    }
    Ref tree = analyzer.analyze_top_level(expanded, around);
    Ref name = source ? make_string(source->name) : nil();
    Ref proto = generate(as<Node>(tree), name, compiler_options().liveness);
    thunk = make_function(proto, nullptr, 0);
  }
  return call(thunk, {});
}

}  // namespace

Ref evaluate(Value form, const PositionTable* positions, std::shared_ptr<const Source> source) {
  return evaluate_one(form, positions, source, Span{});
}

Ref macroexpand_once(Value form, const PositionTable* positions) {
  return Analyzer(positions, nullptr).expand_once(form);
}

CompilerOptions& compiler_options() {
  static CompilerOptions options;
  return options;
}

Ref recompile(Value function) {
  const Proto& proto = as<Proto>(as<Function>(function).proto);
  return generate(as<Node>(proto.tree), proto.source, compiler_options().liveness);
}

}  // namespace reops::lang
