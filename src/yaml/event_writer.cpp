#include <yaml.h>

#include "yaml/events.hpp"

namespace reops::yaml {

struct EventWriter::Handle {
  yaml_emitter_t emitter;
  std::string out;
  bool ok = yaml_emitter_initialize(&emitter) == 1;
  bool made = ok;

  ~Handle() {
    if (made) yaml_emitter_delete(&emitter);
  }
  static int append(void* self, unsigned char* bytes, size_t n) {
    static_cast<Handle*>(self)->out.append(reinterpret_cast<const char*>(bytes), n);
    return 1;
  }
  // The emitter takes the event over, whether it succeeds or not.
  void emit(bool initialized, yaml_event_t& event) {
    ok = ok && initialized && yaml_emitter_emit(&emitter, &event) == 1;
  }
};

namespace {

const yaml_char_t* chars(const std::string& s) {
  return s.empty() ? nullptr : reinterpret_cast<const yaml_char_t*>(s.c_str());
}

}  // namespace

EventWriter::EventWriter() : handle_(std::make_unique<Handle>()) {
  if (!handle_->made) return;
  yaml_emitter_set_output(&handle_->emitter, Handle::append, handle_.get());
  yaml_emitter_set_unicode(&handle_->emitter, 1);
  yaml_emitter_set_width(&handle_->emitter, -1);
  yaml_emitter_set_indent(&handle_->emitter, 2);
  yaml_event_t e;
  handle_->emit(yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING), e);
}

EventWriter::~EventWriter() = default;

void EventWriter::start_document(bool explicit_start) {
  if (!handle_->ok) return;
  yaml_event_t e;
  handle_->emit(yaml_document_start_event_initialize(&e, nullptr, nullptr, nullptr, !explicit_start), e);
}

void EventWriter::end_document() {
  if (!handle_->ok) return;
  yaml_event_t e;
  handle_->emit(yaml_document_end_event_initialize(&e, 1), e);
}

void EventWriter::scalar(std::string_view text, ScalarStyle style, std::string_view tag) {
  if (!handle_->ok) return;
  std::string tag_text(tag);
  yaml_scalar_style_t wanted = style == ScalarStyle::plain    ? YAML_PLAIN_SCALAR_STYLE
                               : style == ScalarStyle::quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                                              : YAML_LITERAL_SCALAR_STYLE;
  yaml_event_t e;
  handle_->emit(
      yaml_scalar_event_initialize(&e, nullptr, chars(tag_text),
                                   reinterpret_cast<const yaml_char_t*>(text.data() ? text.data() : ""),
                                   static_cast<int>(text.size()), tag.empty(), tag.empty(), wanted),
      e);
}

void EventWriter::start_sequence(bool empty, std::string_view tag) {
  if (!handle_->ok) return;
  std::string tag_text(tag);
  yaml_event_t e;
  handle_->emit(
      yaml_sequence_start_event_initialize(&e, nullptr, chars(tag_text), tag.empty(),
                                           empty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE),
      e);
}

void EventWriter::end_sequence() {
  if (!handle_->ok) return;
  yaml_event_t e;
  handle_->emit(yaml_sequence_end_event_initialize(&e), e);
}

void EventWriter::start_mapping(bool empty, std::string_view tag) {
  if (!handle_->ok) return;
  std::string tag_text(tag);
  yaml_event_t e;
  handle_->emit(
      yaml_mapping_start_event_initialize(&e, nullptr, chars(tag_text), tag.empty(),
                                          empty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE),
      e);
}

void EventWriter::end_mapping() {
  if (!handle_->ok) return;
  yaml_event_t e;
  handle_->emit(yaml_mapping_end_event_initialize(&e), e);
}

base::Result<std::string> EventWriter::finish() {
  if (handle_->ok) {
    yaml_event_t e;
    handle_->emit(yaml_stream_end_event_initialize(&e), e);
  }
  if (handle_->ok) return std::move(handle_->out);
  const char* problem = handle_->made ? handle_->emitter.problem : nullptr;
  return base::Error{"reops.yaml/unwritable", problem ? problem : "YAML could not be written", {}};
}

}  // namespace reops::yaml
