#include "repl/nrepl/data.hpp"

#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::repl {

using namespace lang;

Ref to_value(const Bencode& message) {
  if (const std::string* text = message.text()) return make_string_lossy(*text);
  if (const std::int64_t* number = message.number()) return integer(*number);
  if (const Bencode::List* list = message.list()) {
    std::vector<Ref> items;
    for (const Bencode& item : *list) items.push_back(to_value(item));
    std::vector<Value> values(items.begin(), items.end());
    return make_vector(values);
  }
  Ref map(empty_map());
  for (const auto& [key, value] : *message.dict()) map_put(map, make_string_lossy(key), to_value(value));
  return map;
}

Bencode from_value(Value value) {
  check_stack();
  if (is<String>(value)) return text_of(value);
  if (is_int(value)) return as_int(value);
  if (is<Keyword>(value) || is<Symbol>(value)) return full_name(value);
  if (is_plain_map(value)) {
    Bencode::Dict dict;
    map_each(value, [&](Value key, Value item) {
      if (item.is_nil()) return;
      std::string name;
      if (is<Keyword>(key)) {
        name = full_name(key);
      } else {
        append_str(name, key);
      }
      dict.insert_or_assign(std::move(name), from_value(item));
    });
    return dict;
  }
  if (is_vector(value) || is_seq(value) || is_set(value) || value.is_nil()) {
    Bencode::List list;
    for (SeqIterator it(value); it.more(); it.step()) list.push_back(from_value(it.value()));
    return list;
  }
  return pr_str(value);
}

}  // namespace reops::repl
