#include <yaml.h>

#include "yaml/events.hpp"

namespace reops::yaml {
namespace {

std::string text_of(const yaml_char_t* s) { return s ? reinterpret_cast<const char*>(s) : std::string(); }

struct OwnedEvent {
  yaml_event_t event{};
  ~OwnedEvent() { yaml_event_delete(&event); }
};

}  // namespace

struct EventReader::Handle {
  yaml_parser_t parser;
  bool made = yaml_parser_initialize(&parser) == 1;
  ~Handle() {
    if (made) yaml_parser_delete(&parser);
  }
};

EventReader::EventReader(std::string_view text) : handle_(std::make_unique<Handle>()) {
  if (!handle_->made) return;
  yaml_parser_set_encoding(&handle_->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&handle_->parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
}

EventReader::~EventReader() = default;

base::Result<Event> EventReader::next() {
  if (!handle_->made) return base::Error{"reops.yaml/memory", "There is no memory for reading YAML", {}};
  yaml_parser_t& parser = handle_->parser;
  for (;;) {
    OwnedEvent owned;
    yaml_event_t& e = owned.event;
    if (!yaml_parser_parse(&parser, &e)) {
      fault_line_ = static_cast<uint32_t>(parser.problem_mark.line + 1);
      fault_column_ = static_cast<uint32_t>(parser.problem_mark.column + 1);
      std::string message = parser.problem ? parser.problem : "the text is no YAML";
      if (parser.context) message = std::string(parser.context) + ", " + message;
      return base::Error{"reops.yaml/syntax", message, {}};
    }
    Event event;
    event.line = static_cast<uint32_t>(e.start_mark.line + 1);
    event.column = static_cast<uint32_t>(e.start_mark.column + 1);
    switch (e.type) {
      case YAML_NO_EVENT:
      case YAML_STREAM_END_EVENT:
        event.kind = EventKind::stream_end;
        return event;
      case YAML_STREAM_START_EVENT:
        continue;
      case YAML_DOCUMENT_START_EVENT:
        event.kind = EventKind::document_start;
        return event;
      case YAML_DOCUMENT_END_EVENT:
        event.kind = EventKind::document_end;
        return event;
      case YAML_ALIAS_EVENT:
        event.kind = EventKind::alias;
        event.text = text_of(e.data.alias.anchor);
        return event;
      case YAML_SCALAR_EVENT:
        event.kind = EventKind::scalar;
        event.text.assign(reinterpret_cast<const char*>(e.data.scalar.value), e.data.scalar.length);
        event.anchor = text_of(e.data.scalar.anchor);
        event.tag = text_of(e.data.scalar.tag);
        event.plain = e.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        return event;
      case YAML_SEQUENCE_START_EVENT:
        event.kind = EventKind::sequence_start;
        event.anchor = text_of(e.data.sequence_start.anchor);
        event.tag = text_of(e.data.sequence_start.tag);
        return event;
      case YAML_SEQUENCE_END_EVENT:
        event.kind = EventKind::sequence_end;
        return event;
      case YAML_MAPPING_START_EVENT:
        event.kind = EventKind::mapping_start;
        event.anchor = text_of(e.data.mapping_start.anchor);
        event.tag = text_of(e.data.mapping_start.tag);
        return event;
      case YAML_MAPPING_END_EVENT:
        event.kind = EventKind::mapping_end;
        return event;
    }
  }
}

}  // namespace reops::yaml
