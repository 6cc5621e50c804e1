#pragma once
// One evaluation of a client, with all that is sent while it runs.

#include <memory>
#include <string>

#include "lang/reader/position.hpp"
#include "lang/value/ref.hpp"
#include "repl/nrepl/session.hpp"

namespace reops::repl {

/// For the thread that evaluates. Sends values, output and errors; the caller says when all is done.
class Evaluator {
 public:
  Evaluator(Session& session, const Evaluation& evaluation) : session_(session), asked_(evaluation) {}

  void run();

 private:
  void evaluate_forms();
  void send_value(lang::Value value);
  void send_error(const lang::Ref& error);
  void keep_bindings(bool restore_ns);
  lang::Ref bindings(lang::Value ns) const;
  /// The text to read, and which part of it: a piece of a file stands among the lines around it.
  std::shared_ptr<const lang::Source> source(size_t& from, size_t& to) const;

  Session& session_;
  const Evaluation& asked_;
  lang::Ref before_;  ///< the session's bindings
};

}  // namespace reops::repl
