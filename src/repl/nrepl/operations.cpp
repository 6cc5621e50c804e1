#include "repl/nrepl/operations.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "repl/nrepl/connection.hpp"
#include "repl/nrepl/server.hpp"

namespace reops::repl {
namespace {

// The version of the protocol whose operations these are.
constexpr const char* k_protocol = "1.0.0";
constexpr const char* k_language = "1.11.1";

void complain(const Message& m, const char* status, std::string text) {
  m.request.reply_status({"error", status, "done"}, {{"err", std::move(text) + "\n"}});
}

std::shared_ptr<Session> new_session(Message& m, std::shared_ptr<Session> other) {
  auto session = m.server().open_session(std::move(other));
  if (!session)
    complain(m, "too-many-sessions", "The server has as many sessions as it can hold; close some.");
  return session;
}

void clone(Message& m) {
  auto session = new_session(m, m.fields.contains("session") ? m.session : nullptr);
  if (!session) return;
  m.server().adopt_session(session->id(), m.connection);
  m.request.reply_status({"done"}, {{"new-session", session->id()}});
}

void close(Message& m) {
  m.server().close_session(m.session->id());
  m.request.reply_status({"done", "session-closed"});
}

void list_sessions(Message& m) {
  Bencode::List ids;
  for (const auto& [id, session] : m.server().sessions()) ids.emplace_back(id);
  m.request.reply_status({"done"}, {{"sessions", std::move(ids)}});
}

Bencode version(const std::string& text) {
  Bencode::Dict parts{{"version-string", text}};
  std::istringstream numbers(text);
  std::string part;
  for (const char* name : {"major", "minor", "incremental"}) {
    if (std::getline(numbers, part, '.')) parts.emplace(name, part);
  }
  return parts;
}

Bencode described(const char* names) {
  Bencode::Dict fields;
  std::istringstream words(names);
  for (std::string name; words >> name;) fields.emplace(name, "");
  return fields;
}

void describe(Message& m) {
  const bool verbose =
      m.fields.contains("verbose?") && m.text("verbose?") != "false" && m.number("verbose?") != 0;
  Bencode::Dict operations;
  for (auto table : {session_operations(), editor_operations()}) {
    for (const Operation& operation : table) {
      Bencode::Dict entry;
      if (verbose) {
        entry = {{"doc", operation.doc},
                 {"requires", described(operation.required)},
                 {"optional", described(operation.optional)},
                 {"returns", described(operation.returns)}};
      }
      operations.emplace(operation.name, std::move(entry));
    }
  }
  m.request.reply_status({"done"}, {{"ops", std::move(operations)},
                                    {"versions", Bencode::Dict{{"reops", version(m.server().version())},
                                                               {"nrepl", version(k_protocol)},
                                                               {"clojure", version(k_language)}}},
                                    {"aux", Bencode::Dict{{"current-ns", m.session->ns_name()}}}});
}

Evaluation evaluation_of(const Message& m, std::string code) {
  Evaluation evaluation;
  evaluation.request = m.request;
  evaluation.code = std::move(code);
  if (auto most = m.number("nrepl.middleware.print/quota"); most && *most > 0)
    evaluation.most_printed = std::min(evaluation.most_printed, static_cast<size_t>(*most));
  return evaluation;
}

uint32_t place(std::optional<std::int64_t> number) {
  return number ? static_cast<uint32_t>(std::clamp<std::int64_t>(*number, 1, UINT32_MAX)) : 1;
}

void eval(Message& m) {
  auto code = m.text("code");
  if (!code) return complain(m, "no-code", "The operation eval needs `code`, a string.");
  Evaluation evaluation = evaluation_of(m, std::move(*code));
  evaluation.ns = m.text("ns").value_or("");
  evaluation.file = m.text("file").value_or("");
  evaluation.line = place(m.number("line"));
  evaluation.column = place(m.number("column"));
  m.session->evaluate(std::move(evaluation));
}

void load_file(Message& m) {
  auto file = m.text("file");
  if (!file) return complain(m, "no-file", "The operation load-file needs `file`, the text of the file.");
  Evaluation evaluation = evaluation_of(m, std::move(*file));
  const std::string path = m.text("file-path").value_or("");
  evaluation.file = path.empty() ? m.text("file-name").value_or("") : path;
  evaluation.whole_file = true;
  m.session->evaluate(std::move(evaluation));
}

void interrupt(Message& m) {
  std::optional<Bencode> id;
  if (const auto found = m.fields.find("interrupt-id"); found != m.fields.end()) id = found->second;
  switch (m.session->interrupt(id)) {
    case Session::Interrupted::running:
    case Session::Interrupted::waiting:
      return m.request.reply_status({"done"});
    case Session::Interrupted::idle:
      return m.request.reply_status({"done", "session-idle"});
    case Session::Interrupted::other:
      return m.request.reply_status({"error", "interrupt-id-mismatch", "done"});
  }
}

void give_input(Message& m) {
  auto text = m.text("stdin");
  if (!text) return complain(m, "no-stdin", "The operation stdin needs `stdin`, a string.");
  if (!m.session->input().push(*text))
    return complain(m, "busy", "Too much input waits to be read in this session already.");
  m.request.reply_status({"done"});
}

constexpr Operation k_operations[] = {
    {"clone", clone, "Makes a new session, like the given one or as a new one begins.", "", "session",
     "new-session"},
    {"close", close, "Ends a session: what it evaluates is interrupted.", "session", "", ""},
    {"describe", describe, "Says which operations and versions there are.", "", "verbose?",
     "ops versions aux"},
    {"eval", eval,
     "Evaluates the forms of a text, one after another. Those of one session wait for each other; output is "
     "sent "
     "while they run.",
     "code", "session ns file line column nrepl.middleware.print/quota", "value ns out err ex root-ex"},
    {"interrupt", interrupt, "Ends the evaluation of the request, or whatever the session evaluates.",
     "session", "interrupt-id", ""},
    {"load-file", load_file,
     "Evaluates the text of a file; errors and definitions point to its path. The value is that of its last "
     "form.",
     "file", "session file-path file-name nrepl.middleware.print/quota", "value ns out err ex root-ex"},
    {"ls-sessions", list_sessions, "Lists the sessions of this server.", "", "", "sessions"},
    {"stdin", give_input,
     "Gives text to who reads *in* in the session (status need-input asks for it); an empty text is the end "
     "of the "
     "input.",
     "stdin session", "", ""},
};

const Operation* find_operation(std::string_view name) {
  for (auto table : {session_operations(), editor_operations()}) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Operation& o) { return o.name == name; });
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

NreplServer& Message::server() const { return connection.server(); }

std::optional<std::string> Message::text(std::string_view name) const {
  const auto found = fields.find(name);
  if (found == fields.end() || !found->second.text()) return std::nullopt;
  return *found->second.text();
}

std::optional<std::int64_t> Message::number(std::string_view name) const {
  const auto found = fields.find(name);
  if (found == fields.end() || !found->second.number()) return std::nullopt;
  return *found->second.number();
}

std::span<const Operation> session_operations() { return k_operations; }

void perform(Connection& connection, const Bencode& message) {
  static const Bencode::Dict k_nothing;
  const Bencode::Dict* fields = message.dict();
  Message m{connection, fields ? *fields : k_nothing, {connection.channel(), std::nullopt, ""}, nullptr};
  if (!fields) return complain(m, "bad-message", "A message must be a dictionary.");
  if (const auto id = fields->find("id"); id != fields->end()) m.request.id = id->second;
  if (auto named = m.text("session"); named && !named->empty()) {
    m.request.session = *named;
    m.session = m.server().find_session(*named);
    if (!m.session)
      return complain(m, "unknown-session", "There is no session " + *named + "; it may have ended.");
    m.server().adopt_session(*named, connection);
  } else {
    m.session = connection.own_session();
    if (!m.session)
      return complain(m, "too-many-sessions", "The server has as many sessions as it can hold; close some.");
    m.request.session = m.session->id();
  }
  const std::string name = m.text("op").value_or("");
  const Operation* operation = find_operation(name);
  if (!operation) return m.request.reply_status({"error", "unknown-op", "done"}, {{"op", name}});
  operation->perform(m);
}

}  // namespace reops::repl
