#include "lang/codec/shipping/library.hpp"

#include <optional>

#include "lang/codec/cbor.hpp"
#include "lang/codec/shipping/places.hpp"
#include "lang/codec/shipping/shared_names.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/compiler/generator.hpp"
#include "lang/compiler/node.hpp"
#include "lang/runtime/multimethod.hpp"
#include "lang/runtime/protocol.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/code.hpp"
#include "lang/vm/operations.hpp"

namespace reops::lang {
namespace {

/// A function that throws, in place of one that did not travel.
Ref make_missing(std::string_view why) {
  static const Value k_type = keyword("type"), k_kind = keyword("reops/did-not-travel");
  Ref data = make_map({k_type, k_kind});
  Ref message = make_string("This function did not travel: " + std::string(why));
  Ref thrown = make_list({make_symbol("clojure.core/ex-info"), message, data});
  Ref body = make_list({make_symbol("throw"), thrown});
  return evaluate(make_list({make_symbol("fn*"), make_vector({make_symbol("&"), make_symbol("_")}), body}),
                  nullptr, nullptr);
}

/// Reads the body of a member; `references` is what its numbers mean.
class BodyReader : public CborReader {
 public:
  BodyReader(std::string_view body, std::span<const Ref> references, std::string_view places)
      : CborReader(body), references_(references) {
    if (!places.empty()) places_ = PlacesReader(places);
  }
  Value source() const { return places_.source(); }

  template <class T>
  Ref expect(std::string_view what) {
    Ref v = value();
    if (!is<T>(v)) fail(std::string(what) + " is expected");
    return v;
  }

 protected:
  Ref beyond(uint64_t tag) override {
    check_stack();
    switch (static_cast<CborTag>(tag)) {
      case CborTag::reference: {
        int64_t i = integer("a reference", 0, static_cast<int64_t>(references_.size()) - 1);
        return references_[static_cast<size_t>(i)];
      }
      case CborTag::name:
        return named();
      case CborTag::function:
        return function();
      case CborTag::record:
        return record();
      case CborTag::protocol_fn: {
        if (array("a method") != 2) fail("a method has a protocol and a name");
        Ref protocol = expect<Protocol>("a protocol");
        Ref method = expect<Keyword>("the name of a method");
        return make_protocol_fn(protocol, name_of(method));
      }
      case CborTag::node:
        return node();
      case CborTag::missing:
        return make_missing(text("a reason"));
      default:
        return CborReader::beyond(tag);
    }
  }

 private:
  Ref named() {
    if (array("a name") != 2) fail("a name has a kind and a text");
    std::string_view kind = text("a kind");
    std::string_view name = text("a name");
    Value found = kind.size() == 1 ? find_shared(static_cast<SharedName>(kind[0]), name) : Value::none();
    if (found.is_none()) {
      throw_diagnostic(ErrorClass::illegal_state, "reops/not-here",
                       std::string(name) +
                           " is no part of this program, which is older or newer than the one that sent it");
    }
    return Ref(found);
  }

  Ref function() {
    size_t n = array("a function");
    if (n == 0) fail("a function has a prototype");
    Ref proto = expect<Proto>("a prototype");
    std::vector<Ref> captures;
    for (size_t i = 1; i < n; ++i) captures.push_back(value());
    std::vector<Value> words;
    for (Ref& c : captures) words.push_back(c.take());
    return make_function(proto, words.data(), words.size());
  }

  Ref record() {
    size_t n = array("a record");
    if (n < 2) fail("a record has a type and further keys");
    Ref type = expect<Type>("a type");
    Ref extra = value();
    std::vector<Ref> fields;
    for (size_t i = 2; i < n; ++i) fields.push_back(value());
    std::vector<Value> words(fields.begin(), fields.end());
    Ref made = make_record(type, words);
    if (!extra.is_nil()) {
      if (!is_map(extra)) fail("further keys of a record are a map");
      map_each(extra, [&](Value key, Value v) { made = record_assoc(std::move(made), Ref(key), Ref(v)); });
    }
    return made;
  }

  Ref node() {
    constexpr int64_t k_operations = 0
#define NODE(name) +1
#include "lang/compiler/nodes.def"
#undef NODE
        ;
    Span span = places_.next();
    size_t n = array("a node");
    if (n == 0) fail("a node has an operation");
    auto op = static_cast<NodeOp>(integer("an operation", 0, k_operations - 1));
    std::vector<Ref> slots;
    for (size_t i = 1; i < n; ++i) {
      if (take_undefined()) {
        slots.push_back(Ref::adopt(Value::none()));
      } else if (op == NodeOp::function && i == 2) {
        value();
        slots.push_back(places_.next_arglists());
      } else {
        slots.push_back(value());
      }
    }
    return make_node(op, span, std::move(slots));
  }

  std::span<const Ref> references_;
  PlacesReader places_;
};

}  // namespace

/// Makes the members of one unit.
class UnitInstaller {
 public:
  UnitInstaller(Library& library, std::string_view content, std::string_view places)
      : library_(library), members_(read_unit(content)), made_(members_.size()), states_(members_.size()) {
    if (places.empty()) return;
    CborReader reader(places);
    if (reader.array("places") != members_.size()) reader.fail("each member has its places");
    for (size_t i = 0; i < members_.size(); ++i) places_.push_back(reader.bytes("places"));
  }

  std::vector<Ref> install() {
    for (size_t i = 0; i < members_.size(); ++i) make_shell(i);
    for (size_t i = 0; i < members_.size(); ++i) make(i);
    // What dispatch needs is there before a var's value could ask for it.
    for (MemberKind kind :
         {MemberKind::type, MemberKind::protocol, MemberKind::multimethod, MemberKind::variable}) {
      for (size_t i = 0; i < members_.size(); ++i)
        if (members_[i].kind == kind) fill(i);
    }
    return std::move(made_);
  }

 private:
  enum class State : uint8_t { nothing, being_made, made };

  BodyReader reader(size_t i, const std::vector<Ref>& references) {
    return BodyReader(members_[i].body, references, i < places_.size() ? places_[i] : std::string_view());
  }

  // Definitions that others may refer to before they are complete.
  void make_shell(size_t i) {
    const UnitMember& m = members_[i];
    Ref symbol = make_symbol(m.name);
    switch (m.kind) {
      case MemberKind::code:
      case MemberKind::value:
        return;
      case MemberKind::variable: {
        made_[i] = make_local_var(make_symbol({}, name_of(symbol)));
        Var& var = as<Var>(made_[i]);
        var.dynamic = Var::not_dynamic;
        if (has_ns(symbol)) var.ns = Ref(find_or_create_ns(ns_of(symbol))).take();
        break;
      }
      case MemberKind::type: {
        std::vector<Ref> none(m.references.size());
        BodyReader in(m.body, none, {});
        made_[i] = type_shell(in, make_symbol({}, m.name));
        break;
      }
      case MemberKind::protocol:
        made_[i] = make_protocol(symbol, Ref(empty_map()), false);
        break;
      case MemberKind::multimethod:
        made_[i] = make_multi(symbol, nil(), nil(), nil());
        break;
    }
    states_[i] = State::made;
  }

  static Ref type_shell(BodyReader& in, const Ref& name) {
    if (in.array("a type") != 6) in.fail("a type has six parts");
    auto form = static_cast<Type::Form>(in.integer("a type's form", Type::record, Type::reify));
    Ref fields = in.value();
    Ref changing = in.value();
    if (!(fields.is_nil() || is_vector(fields)) || !(changing.is_nil() || is_vector(changing)))
      in.fail("a type's fields are a vector");
    return make_travelled_type(form, name, fields, changing);
  }

  void make(size_t i) {
    if (states_[i] == State::made) return;
    if (states_[i] == State::being_made)
      throw_illegal_argument("The unit is malformed: " + members_[i].name + " is made of itself");
    check_stack();
    states_[i] = State::being_made;
    std::vector<Ref> refs = references(i);
    BodyReader in = reader(i, refs);
    if (members_[i].kind == MemberKind::code) {
      Ref tree = in.expect<Node>("a function's tree");
      if (as<Node>(tree).op != NodeOp::function) in.fail("a function's tree is expected");
      made_[i] = generate(as<Node>(tree), in.source(), compiler_options().liveness);
    } else {
      made_[i] = in.value();
    }
    states_[i] = State::made;
  }

  std::vector<Ref> references(size_t i) {
    std::vector<Ref> refs;
    for (const UnitReference& r : members_[i].references) {
      switch (r.form) {
        case UnitReference::outside: {
          Value v = library_.member(r.hash, r.index);
          if (v.is_none()) {
            throw_illegal_state("Unit " + r.hash.text() + ", which " + members_[i].name +
                                " needs, has not come");
          }
          refs.emplace_back(v);
          break;
        }
        case UnitReference::inside:
          make(r.index);
          refs.push_back(made_[r.index]);
          break;
        case UnitReference::missing:
          refs.push_back(make_missing(r.why));
          break;
      }
    }
    return refs;
  }

  void fill(size_t i) {
    std::vector<Ref> refs = references(i);
    BodyReader in = reader(i, refs);
    switch (members_[i].kind) {
      case MemberKind::variable:
        return fill_variable(in, as<Var>(made_[i]));
      case MemberKind::type:
        return fill_type(in, as<Type>(made_[i]));
      case MemberKind::protocol:
        return fill_protocol(in, as<Protocol>(made_[i]));
      case MemberKind::multimethod:
        return fill_multimethod(in, as<MultiFn>(made_[i]));
      default:
        return;
    }
  }

  static void fill_variable(BodyReader& in, Var& var) {
    if (in.array("a var") != 2) in.fail("a var has two parts");
    if (in.boolean("whether a var is dynamic")) var.dynamic = Var::never_bound;
    if (!in.take_undefined()) set_root(var, in.value());
  }

  static Ref methods(BodyReader& in) {
    Ref table = in.value();
    if (!is_map(table)) in.fail("methods are a map");
    return table;
  }

  static void fill_type(BodyReader& in, Type& type) {
    in.array("a type");
    in.integer("a type's form");
    in.value();
    in.value();
    Ref table = methods(in);
    Ref implements = in.value();
    if (!is_set(implements)) in.fail("what a type implements is a set");
    replace_table(type.methods, load_table(type.methods), std::move(table));
    replace_table(type.implements, load_table(type.implements), std::move(implements));
    for (size_t n = in.array("extensions"); n > 0; --n) {
      if (in.array("an extension") != 2) in.fail("an extension has methods");
      Ref extended = in.value();
      if (is<Protocol>(extended)) {
        extend_protocol(as<Protocol>(extended), Value::object(&type), methods(in));
      } else if (is<MultiFn>(extended)) {
        Ref function = in.value();
        add_method(as<MultiFn>(extended), Value::object(&type), function);
      } else {
        in.fail("a protocol or a multimethod is expected");
      }
    }
  }

  static void fill_protocol(BodyReader& in, Protocol& protocol) {
    if (in.array("a protocol") != 3) in.fail("a protocol has three parts");
    protocol.via_metadata = in.boolean("whether a protocol looks at metadata");
    replace_table(protocol.methods, load_table(protocol.methods), methods(in));
    for (size_t n = in.array("implementations"); n > 0; --n) {
      if (in.array("an implementation") != 2) in.fail("an implementation has a type and methods");
      Ref type = in.value();
      if (!type.is_nil() && !is<Type>(type)) in.fail("a protocol is extended to a type");
      extend_protocol(protocol, type, methods(in));
    }
  }

  static void fill_multimethod(BodyReader& in, MultiFn& multi) {
    if (in.array("a multimethod") != 5) in.fail("a multimethod has five parts");
    Ref dispatch = in.value(), fallback = in.value(), hierarchy = in.value(), prefers = in.value();
    if (!is_map(prefers)) in.fail("preferences are a map");
    redefine_multi(multi, dispatch, fallback, hierarchy);
    replace_table(multi.prefers, load_table(multi.prefers), std::move(prefers));
    for (size_t n = in.array("methods"); n > 0; --n) {
      if (in.array("a method") != 2) in.fail("a method has a dispatch value and a function");
      Ref dispatch_value = in.value();
      Ref function = in.value();
      add_method(multi, dispatch_value, function);
    }
  }

  Library& library_;
  std::vector<UnitMember> members_;
  std::vector<std::string_view> places_;
  std::vector<Ref> made_;
  std::vector<State> states_;
};

void Library::install(const UnitHash& hash, std::string_view content, std::string_view places) {
  if (has(hash)) return;
  if (UnitHash::of(content) != hash) {
    throw_illegal_argument("The unit that came as " + hash.text() + " is " + UnitHash::of(content).text() +
                           ": it was damaged on the way");
  }
  std::vector<Ref> made = make_members(content, places);
  for (uint32_t i = 0; i < made.size(); ++i) {
    publish(made[i]);
    if (is<Type>(made[i])) types_[made[i].get().bits()] = {hash, i};
  }
  units_[hash] = std::move(made);
}

Ref Library::unpack(std::string_view parcel) {
  std::vector<Ref> made = make_members(parcel, {});
  return std::move(made[0]);
}

std::vector<Ref> Library::make_members(std::string_view content, std::string_view places) {
  try {
    return UnitInstaller(*this, content, places).install();
  } catch (const CborMalformed& fault) {
    throw_malformed(fault);
  }
}

Value Library::member(const UnitHash& hash, uint32_t index) const {
  auto found = units_.find(hash);
  return found == units_.end() || index >= found->second.size() ? Value::none() : found->second[index].get();
}

bool Library::find_type(Value type, UnitHash& hash, uint32_t& index) const {
  auto found = types_.find(type.bits());
  if (found == types_.end()) return false;
  hash = found->second.hash;
  index = found->second.index;
  return true;
}

}  // namespace reops::lang
