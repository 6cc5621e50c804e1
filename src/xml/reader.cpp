#include "xml/reader.hpp"

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include <memory>
#include <string>

namespace reops::xml {
namespace {

std::string_view view(const xmlChar* text) { return text ? reinterpret_cast<const char*>(text) : ""; }

std::vector<Event>& events_of(void* context) {
  return *static_cast<std::vector<Event>*>(static_cast<xmlParserCtxtPtr>(context)->_private);
}

void on_begin(void* context, const xmlChar* name, const xmlChar** attributes) {
  Event event{Event::Kind::begin, std::string(view(name)), {}};
  for (; attributes && attributes[0]; attributes += 2) {
    event.attributes.emplace_back(view(attributes[0]), view(attributes[1]));
  }
  events_of(context).push_back(std::move(event));
}

void on_end(void* context, const xmlChar*) { events_of(context).push_back({Event::Kind::end, "", {}}); }

void on_text(void* context, const xmlChar* text, int length) {
  std::string part(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  events_of(context).push_back({Event::Kind::text, std::move(part), {}});
}

// Errors are asked for when the reading has ended.
void no_message(void*, const char*, ...) {}

struct FreeContext {
  void operator()(xmlParserCtxtPtr context) const { xmlFreeParserCtxt(context); }
};

base::Error syntax_error(const xmlError* e) {
  std::string reason = e && e->message ? e->message : "it cannot be read";
  while (!reason.empty() && reason.back() == '\n') reason.pop_back();
  int line = e ? e->line : 0, column = e ? e->int2 : 0;
  return base::Error{"xml/syntax",
                     "The text is no XML: line " + std::to_string(line) + ", column " +
                         std::to_string(column) + ": " + reason,
                     {{"line", std::to_string(line)}, {"column", std::to_string(column)}}};
}

}  // namespace

base::Result<std::vector<Event>> read(std::string_view text) {
  std::vector<Event> events;
  // SAX of the first version tells names as they stand there. Without a handler for entities none is ever
  // defined.
  xmlSAXHandler handler{};
  handler.startElement = on_begin;
  handler.endElement = on_end;
  handler.characters = on_text;
  handler.ignorableWhitespace = on_text;
  handler.cdataBlock = on_text;
  handler.error = no_message;
  handler.warning = no_message;
  std::unique_ptr<xmlParserCtxt, FreeContext> context(
      xmlCreatePushParserCtxt(&handler, nullptr, nullptr, 0, nullptr));
  if (!context) return base::Error{"xml/memory", "There is no memory left to read XML with", {}};
  context->_private = &events;
  xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOENT | XML_PARSE_SAX1);
  constexpr std::size_t k_part = 1 << 20;
  for (std::size_t at = 0; at < text.size(); at += k_part) {
    std::string_view part = text.substr(at, k_part);
    if (xmlParseChunk(context.get(), part.data(), static_cast<int>(part.size()), 0) != 0) break;
  }
  xmlParseChunk(context.get(), nullptr, 0, 1);
  if (!context->wellFormed) return syntax_error(xmlCtxtGetLastError(context.get()));
  return events;
}

}  // namespace reops::xml
