#include "ssh/bindings/answers.hpp"

#include <string_view>

#include "lang/codec/printer.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/thread.hpp"
#include "ssh/bindings/conversions.hpp"
#include "ssh/bindings/terminal_question.hpp"

namespace reops::ssh {
namespace {

using namespace lang;

// What is from a host goes to the terminal as it would be printed: it may want to drive it.
std::string lines_of(const std::string& text) {
  std::string shown;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    if (end > 0) shown += terminal_text(std::string(left.substr(0, end))) + "\n";
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return shown;
}

std::string terminal_form(const Question& question) {
  return lines_of(question.name) + lines_of(question.instruction) + question.user + "@" + question.host +
         ": " + terminal_text(question.prompt);
}

}  // namespace

std::string EngineWait::in_between(const std::function<void()>& code) {
  region_.reset();
  std::string problem;
  try {
    code();
  } catch (const Thrown& thrown) {
    const Error& error = as<Error>(thrown.error());
    if (error.error_class == ErrorClass::interrupted) {
      interrupt_thread(this_thread());
      problem = "interrupted";
    } else {
      problem = pr_str(error.message);
    }
  }
  enter();
  return problem;
}

std::shared_ptr<const Answer> Answers::of(Value questions) {
  if (questions.is_nil()) return nullptr;
  if (is<Keyword>(questions)) {
    if (pr_str(questions) != ":ask")
      throw_illegal_argument("The option :questions is :ask or a function, found " + pr_str(questions));
    const auto terminal = TerminalQuestion::here();
    if (!terminal) return nullptr;
    if (at_terminal_ == nullptr)
      at_terminal_ = std::make_shared<const Answer>([this, terminal](const Question& question) {
        return Reply{terminal->ask(terminal_form(question), wait_.cancel_fd(), question.is_shown), ""};
      });
    return at_terminal_;
  }
  for (const auto& [function, answer] : functions_)
    if (function.get() == questions) return answer;
  functions_.emplace_back(Ref(questions), nullptr);
  auto& [function, answer] = functions_.back();
  answer = std::make_shared<const Answer>(
      [this, asked = function.get()](const Question& question) { return call_function(asked, question); });
  return answer;
}

Reply Answers::call_function(Value function, const Question& question) {
  Reply reply;
  reply.problem = wait_.in_between([&] {
    MapMaker m;
    m.put_text("host", question.host);
    m.put_text("user", question.user);
    m.put_text("name", question.name);
    m.put_text("instruction", question.instruction);
    m.put_text("prompt", question.prompt);
    m.put("echo", boolean(question.is_shown));
    Ref map = m.take();
    Ref answer = call(function, {map});
    if (is<String>(answer))
      reply.text = std::string(text_of(answer));
    else if (!answer.is_nil())
      throw_illegal_argument("An answer is a string or nil, found " + pr_str(answer));
  });
  return reply;
}

}  // namespace reops::ssh
