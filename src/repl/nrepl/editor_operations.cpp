// What editors ask about names: answered by reops.nrepl, beside whatever the session evaluates.

#include "lang/codec/report.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/require.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "repl/nrepl/connection.hpp"
#include "repl/nrepl/data.hpp"
#include "repl/nrepl/operations.hpp"

namespace reops::repl {
namespace {

using namespace lang;

constexpr const char* k_library = "reops.nrepl";

// For a thread of the language.
Bencode ask_library(const std::string& op, const Bencode& message, const std::string& ns_name) {
  Ref library = make_symbol("", k_library);
  const Value spec = library.get();
  require({&spec, 1}, false);
  const Value answer = resolve(find_ns(k_library), make_symbol("", "answer"));
  Ref name = make_string(op), fields = to_value(message);
  Value ns = find_ns(ns_name);
  // The session's may have been removed.
  if (ns.is_nil()) ns = find_ns("user");
  return from_value(call(answer, {name, fields, ns}));
}

void answer(const Request& request, const std::string& op, const Bencode& message,
            const std::string& ns_name) {
  try {
    Bencode answered = ask_library(op, message, ns_name);
    Bencode::Dict fields = answered.dict() ? std::move(*answered.dict()) : Bencode::Dict();
    Bencode& status = fields.try_emplace("status", Bencode::List()).first->second;
    if (status.list()) status.list()->emplace_back("done");
    request.reply(std::move(fields));
  } catch (const Thrown& t) {
    request.reply_status({"error", "done"}, {{"err", report(t.error())}});
  }
}

void ask(Message& m) {
  const Request request = m.request;
  const bool taken = m.connection.questions().post(
      [request, op = *m.text("op"), fields = Bencode(m.fields), session = m.session] {
        answer(request, op, fields, session->ns_name());
      });
  if (!taken)
    request.reply_status({"error", "busy", "done"}, {{"err", "Too many questions wait already.\n"}});
}

constexpr Operation k_operations[] = {
    {"classpath", ask, "The folders that libraries are loaded from.", "", "", "classpath"},
    {"complete", ask, "The same as completions.", "prefix", "session ns context extra-metadata",
     "completions"},
    {"completions", ask, "What the beginning of a name may become.", "prefix", "session ns context options",
     "completions"},
    {"eldoc", ask, "The parameters of a function, for the line below the text.", "sym", "session ns",
     "eldoc name ns type docstring"},
    {"info", ask, "What a name means, where it is defined, and its documentation.", "sym", "session ns",
     "ns name doc arglists arglists-str file line column macro special-form"},
    {"lookup", ask, "What a name means, where it is defined, and its documentation.", "sym", "session ns",
     "info"},
    {"ns-list", ask, "The namespaces that are loaded.", "", "", "ns-list"},
};

}  // namespace

std::span<const Operation> editor_operations() { return k_operations; }

}  // namespace reops::repl
