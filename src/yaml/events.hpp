#pragma once
// YAML as a stream of events, read and written by libyaml. This room knows no values of the language; what
// the events mean is the bindings' business.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reops::yaml {

enum class EventKind {
  document_start,
  document_end,
  scalar,
  sequence_start,
  sequence_end,
  mapping_start,
  mapping_end,
  alias,
  stream_end
};

struct Event {
  EventKind kind = EventKind::stream_end;
  std::string text;    ///< of a scalar; the anchor's name of an alias
  std::string anchor;  ///< empty when there is none
  std::string tag;     ///< as resolved ("tag:yaml.org,2002:str"), empty when there is none
  bool plain = false;  ///< a scalar without quotes, whose text says what it is
  uint32_t line = 0;   ///< from 1
  uint32_t column = 0;
};

/// Reads the events of one text, which has to stay alive.
class EventReader {
 public:
  explicit EventReader(std::string_view text);
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  /// The next event; an error tells where the text is no YAML, in its data as in Fault.
  base::Result<Event> next();
  /// Where the fault lies that next() answered.
  uint32_t fault_line() const { return fault_line_; }
  uint32_t fault_column() const { return fault_column_; }

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  uint32_t fault_line_ = 0, fault_column_ = 0;
};

enum class ScalarStyle { plain, quoted, literal };

/// Writes events as block-style text.
class EventWriter {
 public:
  EventWriter();
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  /// `explicit_start`: the document begins with ---.
  void start_document(bool explicit_start);
  void end_document();
  void scalar(std::string_view text, ScalarStyle style, std::string_view tag = {});
  /// An empty one is written as [] or {}.
  void start_sequence(bool empty, std::string_view tag = {});
  void end_sequence();
  void start_mapping(bool empty, std::string_view tag = {});
  void end_mapping();
  /// All of it. Fails where an event was out of place or memory was short.
  base::Result<std::string> finish();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace reops::yaml
