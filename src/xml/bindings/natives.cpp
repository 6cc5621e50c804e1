// The xml room as the language sees it: the namespace reops.xml.native, loaded with the module "xml".

#include <string>
#include <vector>

#include "lang/builtin/def_native.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/symbol.hpp"
#include "xml/reader.hpp"

namespace reops::xml {
namespace {

using namespace lang;

/// Builds {:tag :attrs :content} of each element, the innermost first.
class Builder {
 public:
  void begin(const Event& event) {
    end_text();
    Open element{Ref(keyword(event.text)), nil(), {}};
    if (!event.attributes.empty()) {
      Ref map(empty_map());
      for (const auto& [name, value] : event.attributes) {
        map_put(map, Ref(keyword(name)), make_string_lossy(value));
      }
      element.attributes = std::move(map);
    }
    open_.push_back(std::move(element));
  }

  void text(const Event& event) { text_ += event.text; }

  void end() {
    static const Value k_tag = keyword("tag"), k_attrs = keyword("attrs"), k_content = keyword("content");
    end_text();
    Open element = std::move(open_.back());
    open_.pop_back();
    Ref content;
    if (!element.content.empty()) {
      std::vector<Value> values(element.content.begin(), element.content.end());
      content = make_vector(values);
    }
    Ref made = make_map({k_tag, element.tag, k_attrs, element.attributes, k_content, content});
    if (open_.empty()) {
      root = std::move(made);
    } else {
      open_.back().content.push_back(std::move(made));
    }
  }

  Ref root;

 private:
  struct Open {
    Ref tag;
    Ref attributes;
    std::vector<Ref> content;
  };

  // What is only layout is no content.
  void end_text() {
    if (text_.find_first_not_of(" \t\r\n") != std::string::npos) {
      open_.back().content.push_back(make_string_lossy(text_));
    }
    text_.clear();
  }

  std::vector<Open> open_;
  std::string text_;
};

base::Result<Ref> parse(std::string text) {
  auto events = read(text);
  if (!events) return events.error();
  Builder builder;
  for (const Event& event : events.value()) {
    switch (event.kind) {
      case Event::Kind::begin:
        builder.begin(event);
        break;
      case Event::Kind::text:
        builder.text(event);
        break;
      case Event::Kind::end:
        builder.end();
        break;
    }
  }
  return builder.root;
}

const NativeDef k_defs[] = {
    def_native<parse>("reops.xml.native", "parse", "([text])",
                      "The element of an XML text: {:tag :attrs :content}."),
};

const NativeModule k_natives = {"xml", k_defs};

}  // namespace
}  // namespace reops::xml

REOPS_MODULE(reops::xml::k_natives)
