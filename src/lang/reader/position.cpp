#include "lang/reader/position.hpp"

#include "lang/value/object.hpp"

namespace reops::lang {

bool PositionTable::has_identity(Value form) {
  return form.is_object() && !(form.as_object()->flags & k_immortal);
}

void PositionTable::add(Value form, Span span) {
  if (keep_ && has_identity(form)) spans_[form.bits()] = span;
}

void PositionTable::add_child(Value parent, size_t index, Span span) {
  if (!keep_) return;
  std::vector<Span>& spans = children_[parent.bits()];
  if (spans.size() <= index) spans.resize(index + 1);
  spans[index] = span;
}

void PositionTable::add_children(Value parent, std::vector<Span> spans) {
  if (keep_) children_[parent.bits()] = std::move(spans);
}

Span PositionTable::of(Value form) const {
  if (!has_identity(form)) return {};
  auto found = spans_.find(form.bits());
  return found == spans_.end() ? Span{} : found->second;
}

Span PositionTable::of_child(Value parent, size_t index, Value child) const {
  if (Span own = of(child); own.known()) return own;
  auto found = children_.find(parent.bits());
  if (found == children_.end() || index >= found->second.size()) return {};
  return found->second[index];
}

void PositionTable::clear() {
  spans_.clear();
  children_.clear();
}

std::string_view Source::line(uint32_t number) const {
  if (number == 0) return {};
  size_t begin = 0;
  for (uint32_t n = 1; n < number; ++n) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) return {};
    begin = end + 1;
  }
  std::string_view line = std::string_view(text).substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace reops::lang
