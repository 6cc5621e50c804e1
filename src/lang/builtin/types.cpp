// Types, records, deftypes and reify: `class`, `instance?`, and what their macros are made of
// (core/dispatch.clj).

#include <algorithm>
#include <string>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

Ref class_of(Args args) { return Ref(type_of(args[0])); }

Ref type_or_tag(Args args) {
  Ref tag = get(meta(args[0]), keyword("type"));
  return tag.is_nil() ? Ref(type_of(args[0])) : tag;
}

Ref is_instance_of(Args args) { return boolean(is_instance(args[0], args[1])); }
Ref cast(Args args) {
  // As on the JVM, nil is of every class.
  if (!args[1].is_nil() && !is_instance(args[0], args[1]))
    throw_class_cast(args[1], "an instance of " + type_name(args[0]));
  return Ref(args[1]);
}
Ref is_a_record(Args args) { return boolean(is_record(args[0])); }
Ref is_a_class(Args args) { return boolean(is<Type>(args[0])); }

const Type& type_argument(Value v) {
  if (!is<Type>(v)) throw_class_cast(v, "a class");
  return as<Type>(v);
}

Ref supers(Args args) {
  type_argument(args[0]);
  Ref all = type_ancestors(args[0]);
  return set_count(all) == 0 ? nil() : all;
}

Type::Form form_argument(Value v) { return name_of(v) == "record" ? Type::record : Type::deftype; }

Ref declare_type(Args args) {
  Value known = defined_type(full_name(args[1]));
  if (is<Type>(known)) {
    const Type& type = as<Type>(known);
    return define_type(form_argument(args[0]), args[1], args[2], Ref(load_table(type.methods)),
                       Ref(load_table(type.implements)));
  }
  return define_type(form_argument(args[0]), args[1], args[2], Ref(empty_map()), Ref(empty_set()));
}

Ref define(Args args) {
  return define_type(form_argument(args[0]), args[1], args[2], Ref(args[3]), Ref(args[4]));
}

Ref import_type(Args args) {
  std::string name = full_name(type_argument(args[0]).name);
  refer(current_ns(), make_symbol({}, name.substr(name.rfind('.') + 1)), args[0]);
  return Ref(args[0]);
}

Ref reify_type(Args args) { return make_anonymous_type(args[0], Ref(args[1]), Ref(args[2])); }
Ref type_methods(Args args) { return Ref(load_table(type_argument(args[0]).methods)); }

Ref construct(Args args) { return make_record(args[0], args.from(1)); }

Ref construct_from_map(Args args) {
  type_argument(args[0]);
  if (!args[1].is_nil() && !is_map(args[1])) throw_class_cast(args[1], "a map of field values");
  return make_record_of(args[0], args[1].is_nil() ? empty_map() : args[1]);
}

Ref field(Args args) {
  if (!is<Record>(args[0])) throw_class_cast(args[0], "a record");
  const Record& r = as<Record>(args[0]);
  auto i = static_cast<uint64_t>(args[1].as_fixnum());
  if (i >= r.field_count()) throw_class_cast(args[0], "a record with that field");
  return Ref(r.fields[i]);
}

Box& mutable_slot(Args args) {
  if (!is<Record>(args[0])) throw_class_cast(args[0], "an instance of a deftype");
  Record& r = as<Record>(args[0]);
  auto i = static_cast<uint64_t>(args[1].as_fixnum());
  if (i >= r.field_count() || !is<Box>(r.fields[i]))
    throw_class_cast(args[0], "an instance of the deftype with that field");
  return as<Box>(r.fields[i]);
}
Ref mutable_field(Args args) {
  Box& box = mutable_slot(args);
  return cell_load(box, box.value);
}
Ref set_field(Args args) {
  Box& box = mutable_slot(args);
  cell_swap(box, box.value, Ref(args[2]));
  return Ref(args[2]);
}

Ref reduces_itself(Args args) { return boolean(implements(args[0], Interface::i_reduce_init)); }
Ref reduces_pairs(Args args) { return boolean(implements(args[0], Interface::i_kv_reduce)); }

Ref record_fields(Args args) { return Ref(type_argument(args[0]).fields); }

Ref construct_host(Args args) { return host_new(args[0], args.from(1)); }

Ref call_host(Args args) {
  std::string method(is<String>(args[0]) ? text_of(args[0]) : name_of(args[0]));
  return host_call(method, args[1], args.from(2));
}

constexpr const char* k_core = "clojure.core";
constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_core, "class", class_of, 1, 1, k_borrow_all, "([x])",
     "The class of x: a host class such as java.lang.String, or the type that defrecord or deftype made. nil "
     "for nil."},
    {k_core, "type", type_or_tag, 1, 1, k_borrow_all, "([x])",
     "The :type of x's metadata, or its class when it has none."},
    {k_core, "instance?", is_instance_of, 2, 2, k_borrow_all, "([c x])",
     "True if x is an instance of the class c."},
    {k_core, "cast", cast, 2, 2, k_borrow_all, "([c x])",
     "x itself; an error if it is no instance of the class c."},
    {k_core, "record?", is_a_record, 1, 1, k_borrow_all, "([x])", "True if a defrecord made x."},
    {k_core, "class?", is_a_class, 1, 1, k_borrow_all, "([x])", "True if x is a class."},
    {k_core, "supers", supers, 1, 1, k_borrow_all, "([class])",
     "The set of all classes that instances of class are instances of too, or nil."},
    {k_internal, "declare-type", declare_type, 3, 3, k_borrow_all, "([form name fields])",
     "The type of that full name, form (:record or :deftype) and fields, made if there is none; keeps its "
     "methods."},
    {k_internal, "define-type", define, 5, 5, k_borrow_all, "([form name fields methods implements])",
     "As declare-type, giving the type its inline methods and the names of the protocols and interfaces they "
     "are of."},
    {k_internal, "import-type", import_type, 1, 1, k_borrow_all, "([type])",
     "Makes the type known in the current namespace by its simple name."},
    {k_internal, "reify-type", reify_type, 3, 3, k_borrow_all, "([name methods implements])",
     "A type for one reify form: methods maps each method key to the field of the instance that holds its "
     "function."},
    {k_internal, "type-methods", type_methods, 1, 1, k_borrow_all, "([type])",
     "The methods that the type's definition gives, under the keywords by which they are found."},
    {k_internal, "make-record", construct, 1, k_variadic, k_borrow_all, "([type & field-values])",
     "An instance of the type, one value for each field."},
    {k_internal, "make-record-from-map", construct_from_map, 2, 2, k_borrow_all, "([type m])",
     "An instance whose fields are taken from the map, nil where it has none; its other entries are kept as "
     "well."},
    {k_internal, "field", field, 2, 2, k_borrow_all, "([record index])",
     "The field of a record at that position."},
    {k_internal, "mutable-field", mutable_field, 2, 2, k_borrow_all, "([instance index])",
     "The field of a deftype's instance at that position, which set-field! may change."},
    {k_internal, "set-field!", set_field, 3, 3, k_borrow_all, "([instance index x])",
     "Makes x the value of the field."},
    {k_internal, "reduces-itself?", reduces_itself, 1, 1, k_borrow_all, "([x])",
     "True if x is of a program's type that has a reduce method of its own."},
    {k_internal, "reduces-pairs-itself?", reduces_pairs, 1, 1, k_borrow_all, "([x])",
     "True if x is of a program's type that has a kvreduce method of its own."},
    {k_internal, "record-fields", record_fields, 1, 1, k_borrow_all, "([type])",
     "The fields of the type, as symbols."},
    {k_internal, "host-new", construct_host, 1, k_variadic, k_borrow_all, "([class & args])",
     "What (Class. args …) makes, as a function."},
    {k_internal, "host-call", call_host, 2, k_variadic, k_borrow_all, "([method target & args])",
     "What (.method target args …) answers, as a function; method is a string or a symbol."},
};

}  // namespace

extern const NativeModule k_natives_types;
const NativeModule k_natives_types = {"types", k_defs};

}  // namespace reops::lang
