#include "lang/codec/shipping/draft.hpp"

#include "lang/builtin/native.hpp"
#include "lang/codec/shipping/places.hpp"
#include "lang/codec/shipping/shared_names.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/compiler/node.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {
namespace {

// Of one definition: more than a program has, less than a machine's memory.
constexpr size_t k_most_bytes = size_t{256} << 20;

// A sequence that somebody holds stays realised, which takes a hundred bytes an element.
constexpr size_t k_most_elements = 1'000'000;

/// What stays here, in words; null for what is none of these.
const char* words_for(Kind kind) {
  switch (kind) {
    case Kind::Atom:
      return "an atom, which both sides would have to share";
    case Kind::Agent:
      return "an agent, which both sides would have to share";
    case Kind::Volatile:
      return "a volatile, which both sides would have to share";
    case Kind::Promise:
      return "a promise or a future of this program";
    case Kind::Delay:
      return "a delay of this program";
    case Kind::Handle:
      return "an open resource of this program (a file, a process, a socket …)";
    case Kind::Namespace:
      return "a namespace";
    case Kind::Box:
      return "a field that changes";
    case Kind::SortedMap:
    case Kind::SortedSet:
      return "a sorted collection with an order of its own";
    case Kind::Transient:
    case Kind::Iterator:
    case Kind::Matcher:
      return "something that is being changed";
    default:
      return nullptr;
  }
}

class DraftWriter : public CborWriter {
 public:
  DraftWriter(Draft& draft, Drafts& drafts)
      : CborWriter(draft.body, k_most_bytes, k_most_elements), draft_(draft), drafts_(drafts) {}

  void write() {
    switch (draft_.kind) {
      case MemberKind::code:
        return code(as<Proto>(draft_.object));
      case MemberKind::variable:
        return variable(as<Var>(draft_.object));
      case MemberKind::type:
        return type(as<Type>(draft_.object));
      case MemberKind::protocol:
        return protocol(as<Protocol>(draft_.object));
      case MemberKind::multimethod:
        return multimethod(as<MultiFn>(draft_.object));
      case MemberKind::value:
        if (is<Function>(draft_.object)) return function(as<Function>(draft_.object));
        return value(draft_.object);
    }
  }

 protected:
  void beyond(Value v) override {
    if (std::optional<SharedName> shared = shared_name_of(v)) {
      tag(CborTag::name);
      array(2);
      char letter = static_cast<char>(*shared);
      text({&letter, 1});
      return text(name_of_shared(v));
    }
    switch (v.as_object()->kind) {
      case Kind::Function:
        return function(as<Function>(v));
      case Kind::Proto:
        return reference(v, MemberKind::code);
      case Kind::Var:
        return reference(v, MemberKind::variable);
      case Kind::Type:
        return reference(v, MemberKind::type);
      case Kind::Protocol:
        return reference(v, MemberKind::protocol);
      case Kind::MultiFn:
        return reference(v, MemberKind::multimethod);
      case Kind::ProtocolFn:
        tag(CborTag::protocol_fn);
        array(2);
        value(as<ProtocolFn>(v).protocol);
        return value(as<ProtocolFn>(v).method);
      case Kind::Record:
        return record(as<Record>(v));
      case Kind::Node:
        return node(as<Node>(v));
      case Kind::Native:
        throw Unwritable{
            "the function " + full_name(as<Native>(v).name) + ", which is part of a module of this program",
            {}};
      default: {
        const char* words = words_for(v.as_object()->kind);
        throw Unwritable{words ? words : describe(v), {}};
      }
    }
  }
  bool keeps_metadata() const override { return true; }

 private:
  void reference(Value v, MemberKind kind, bool optional = false) {
    Draft* target = &drafts_.draft_of(v, kind);
    size_t i = 0;
    while (i < draft_.targets.size() &&
           (draft_.targets[i].draft != target || draft_.targets[i].optional != optional))
      ++i;
    if (i == draft_.targets.size()) draft_.targets.push_back({target, optional});
    tag(CborTag::reference);
    integer(static_cast<int64_t>(i));
  }

  /// A method: one that does not travel is left out, and throws when it is called there.
  void method(Value v) {
    if (is<Function>(v) && !shared_name_of(v)) return reference(v, MemberKind::value, true);
    size_t before = draft_.body.size();
    try {
      value(v);
    } catch (const Unwritable& reason) {
      draft_.body.resize(before);
      tag(CborTag::missing);
      text(reason.message());
    }
  }
  void methods(Value table) {
    map(map_count(table));
    map_each(table, [&](Value name, Value implementation) {
      value(name);
      method(implementation);
    });
  }

  void function(const Function& f) {
    size_t captures = f.length - 2;
    tag(CborTag::function);
    array(1 + captures);
    value(f.proto);
    for (size_t i = 0; i < captures; ++i) part(f.captures[i], [] { return std::string("(captured)"); });
  }

  void record(const Record& r) {
    tag(CborTag::record);
    array(2 + r.field_count());
    value(r.type);
    part(r.extra, [] { return std::string("(further keys)"); });
    Value fields = type_of_record(r).fields;
    for (uint32_t i = 0; i < r.field_count(); ++i) {
      part(r.fields[i], [&] {
        return is_vector(fields) ? std::string(name_of(vector_at(fields, i))) : std::string("(method)");
      });
    }
  }

  void code(const Proto& p) {
    places_.source(p.source);
    value(p.tree);
    draft_.places = std::move(places_).finish();
  }

  void node(const Node& n) {
    check_stack();
    places_.add(n.span);
    tag(CborTag::node);
    array(1 + n.length);
    integer(static_cast<int64_t>(n.op));
    for (uint32_t i = 0; i < n.length; ++i) {
      if (n.op == NodeOp::function && i == 1) {
        // Names of parameters change with every expansion of a macro: no part of what the function is.
        places_.arglists(n.slots[i]);
        null();
      } else if (n.slots[i].is_none()) {
        undefined();
      } else {
        value(n.slots[i]);
      }
    }
  }

  void variable(const Var& v) {
    array(2);
    boolean(v.dynamic_state() != Var::not_dynamic);
    draft_.state = Ref(v.load_root());
    if (draft_.state.get().is_none()) return undefined();
    value(draft_.state);
  }

  void type(const Type& t) {
    array(6);
    integer(t.form);
    value(t.fields);
    value(t.changing);
    methods(Ref(load_table(t.methods)));
    value(Ref(load_table(t.implements)));
    extensions(Value::object(&t));
  }

  /// What protocols and multimethods that both sides have were extended by.
  void extensions(Value type) {
    std::vector<std::pair<Value, Ref>> protocols, multimethods;
    for (Value p : shared_protocols()) {
      Ref impls(load_table(as<Protocol>(p).impls));
      if (Value table = map_get(impls, type); !table.is_none()) protocols.emplace_back(p, Ref(table));
    }
    for (Value m : shared_multimethods()) {
      Ref table(load_table(as<MultiFn>(m).methods));
      if (Value f = map_get(table, type); !f.is_none()) multimethods.emplace_back(m, Ref(f));
    }
    array(protocols.size() + multimethods.size());
    for (const auto& [protocol, table] : protocols) {
      array(2);
      value(protocol);
      methods(table);
    }
    for (const auto& [multimethod, f] : multimethods) {
      array(2);
      value(multimethod);
      method(f);
    }
  }

  void protocol(const Protocol& p) {
    array(3);
    boolean(p.via_metadata);
    value(Ref(load_table(p.methods)));
    Ref impls(load_table(p.impls));
    array(map_count(impls));
    map_each(impls, [&](Value type, Value table) {
      array(2);
      value(type);
      methods(table);
    });
  }

  void multimethod(const MultiFn& m) {
    array(5);
    value(Ref(load_table(m.dispatch)));
    value(Ref(load_table(m.fallback)));
    value(Ref(load_table(m.hierarchy)));
    value(Ref(load_table(m.prefers)));
    Ref table(load_table(m.methods));
    array(map_count(table));
    map_each(table, [&](Value dispatch_value, Value implementation) {
      array(2);
      value(dispatch_value);
      method(implementation);
    });
  }

  Draft& draft_;
  Drafts& drafts_;
  PlacesWriter places_;
};

}  // namespace

bool is_current(const Draft& draft) {
  if (draft.version == 0) return false;
  switch (draft.kind) {
    case MemberKind::code:
    case MemberKind::value:
      return true;
    case MemberKind::variable:
      return draft.state.get() == as<Var>(draft.object).load_root();
    default:
      return draft.epoch == dispatch_epoch();
  }
}

void write_draft(Draft& draft, Drafts& drafts) {
  draft.epoch = dispatch_epoch();
  draft.body.clear();
  draft.places.clear();
  draft.targets.clear();
  draft.refusal.reset();
  ++draft.version;
  try {
    DraftWriter(draft, drafts).write();
    return;
  } catch (Unwritable& reason) {
    draft.refusal = std::move(reason);
  } catch (const Thrown& thrown) {
    // From a lazy sequence, realised here.
    const Error& e = as<Error>(thrown.error());
    if (e.error_class == ErrorClass::interrupted) throw;
    draft.refusal = Unwritable{
        "a sequence that cannot be realised: " + std::string(is<String>(e.message) ? text_of(e.message) : ""),
        {}};
  }
  draft.targets.clear();
  draft.body = {};
}

}  // namespace reops::lang
