#pragma once
// What clients may ask for.

#include "repl/nrepl/bencode.hpp"
#include "repl/nrepl/channel.hpp"
#include "repl/nrepl/session.hpp"

namespace reops::repl {

class Connection;
class NreplServer;

/// One message while it is being dealt with, on the loop's thread.
struct Message {
  Connection& connection;
  const Bencode::Dict& fields;
  Request request;
  std::shared_ptr<Session> session;  ///< the one it names, or the connection's own

  NreplServer& server() const;
  /// A text field; nullopt when it is missing or of another type.
  std::optional<std::string> text(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
};

/// One row of the table from which messages are dispatched and `describe` answers.
struct Operation {
  const char* name;
  void (*perform)(Message& message);
  const char* doc;
  const char* required;  ///< names of fields, with spaces between
  const char* optional;
  const char* returns;
};

std::span<const Operation> session_operations();
std::span<const Operation> editor_operations();

/// Answers one message of a client.
void perform(Connection& connection, const Bencode& message);

}  // namespace reops::repl
