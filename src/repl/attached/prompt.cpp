#include "repl/attached/prompt.hpp"

#include <cstdlib>
#include <tuple>
#include <utility>

#include "lang/codec/report.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/surroundings.hpp"
#include "lang/runtime/tasks.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/publish.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/thread.hpp"
#include "repl/attached/streams.hpp"
#include "repl/line_source.hpp"
#include "repl/session.hpp"

namespace reops::repl {
namespace {

using namespace lang;

class Person : public PersonServed {
 public:
  explicit Person(std::shared_ptr<Prompt> prompt) : prompt_(std::move(prompt)) {}
  base::Surroundings& surroundings() override { return prompt_->terminal()->surroundings(); }
  bool attached() const override { return !prompt_->terminal()->surroundings().gone(); }
  void leave(int code) override { prompt_->leave(code); }
  base::Result<int> run_program(const std::vector<std::string>& argv) override {
    return prompt_->run_program(argv);
  }
  std::string describe() const override { return "Person"; }

 private:
  std::shared_ptr<Prompt> prompt_;
};

}  // namespace

Prompt::Prompt(PromptPeer peer, base::Surroundings::Given given, std::string init_file,
               std::shared_ptr<const PromptHooks> hooks, std::function<void(Words)> tell)
    : peer_(std::move(peer)),
      init_file_(std::move(init_file)),
      hooks_(std::move(hooks)),
      tell_(std::move(tell)),
      terminal_(std::make_shared<PersonTerminal>(std::move(given), [tell = tell_] { tell({"suspend"}); })) {}

void Prompt::start(Ref bindings, std::function<void(int, bool)> ended) {
  run_session_task([self = shared_from_this(), bindings = std::move(bindings), ended = std::move(ended)] {
    int code = 1;
    bool goes_on = false;
    self->run(bindings, code, goes_on);
    ended(code, goes_on);
  });
}

void Prompt::run(const Ref& bindings, int& code, bool& goes_on) {
  set_thread(&this_thread());
  try {
    const ScopedBindings bound(own_bindings(bindings));
    terminal_->surroundings().set_waited_for();
    try {
      const ScopedBindings besides(hooks_->begin(peer_, deref(*core_vars().surroundings)));
      code = run_session();
    } catch (const Thrown& thrown) {
      // Something of our own: what the person does is reported in the session.
      current_err().write(report(thrown.error(), report_options_for(base::standard_error())));
    }
    clear_interrupt(this_thread());
    goes_on = hooks_->end(peer_, terminal_->surroundings().gone());
    terminal_->flush();
  } catch (const Thrown&) {
    // Nobody is left who could be told.
  }
  set_thread(nullptr);
}

Ref Prompt::own_bindings(const Ref& bindings) {
  CoreVars& v = core_vars();
  Ref map = bindings;
  const auto bind = [&map](Var* var, Resource* resource) {
    map = map_assoc(std::move(map), Ref(Value::object(var)), make_handle(resource));
  };
  bind(v.out, new PersonWriter(terminal_, false));
  bind(v.err, new PersonWriter(terminal_, true));
  bind(v.in, new PersonInput(terminal_));
  bind(v.surroundings, new Person(shared_from_this()));
  return map;
}

int Prompt::run_session() {
  SessionOptions options;
  options.banner = hooks_->banner;
  options.init_file = init_file_.empty() && peer_.first ? hooks_->first_init_file : init_file_;
  options.color = terminal_->shows_colors();
  options.ready = [this] { hooks_->ready(peer_); };
  options.left = [this]() -> std::optional<int> {
    const std::lock_guard lock(mutex_);
    return left_;
  };
  const auto lines =
      terminal_->can_edit() ? terminal_lines(*terminal_, hooks_->history_file) : prompted_lines();
  return repl::run_session(*lines, options);
}

void Prompt::on_words(const Words& words) {
  if (words[0] == "interrupt") interrupt();
  if (words[0] == "resized") terminal_->note_resized();
  if (words[0] == "away") {
    terminal_->note_away(true);
    tell_({"suspend"});
  }
  if (words[0] == "back") terminal_->note_away(false);
  if (words[0] == "ran" && words.size() == 4) {
    {
      const std::lock_guard lock(mutex_);
      ran_ = words;
    }
    unpark(this);
  }
}

void Prompt::on_gone() {
  terminal_->note_gone();
  unpark(this);
}

base::Result<int> Prompt::run_program(const std::vector<std::string>& argv) {
  terminal_->flush();
  {
    const std::lock_guard lock(mutex_);
    ran_.reset();
  }
  // What is typed meanwhile is the program's.
  struct Away {
    PersonTerminal& terminal;
    explicit Away(PersonTerminal& given) : terminal(given) { terminal.note_away(true); }
    ~Away() { terminal.note_away(false); }
  } away(*terminal_);
  Words words{"run"};
  words.insert(words.end(), argv.begin(), argv.end());
  tell_(std::move(words));
  park(this, [this] {
    const std::lock_guard lock(mutex_);
    return ran_ || terminal_->surroundings().gone();
  });
  const std::lock_guard lock(mutex_);
  if (!ran_)
    return base::Error{"process/gone", "The terminal is gone at which " + argv[0] + " was to run", {}};
  const auto& [ran, code, type, message] = std::tie(ran_->at(0), ran_->at(1), ran_->at(2), ran_->at(3));
  if (!type.empty()) return base::Error{type, message, {}};
  return std::atoi(code.c_str());
}

void Prompt::interrupt() {
  if (terminal_->editing()) return terminal_->note_interrupt();
  const std::lock_guard lock(mutex_);
  if (thread_) interrupt_thread(*thread_);
}

void Prompt::leave(int code) {
  const std::lock_guard lock(mutex_);
  if (!left_) left_ = code;
  if (thread_ && thread_ != &this_thread()) interrupt_thread(*thread_);
}

void Prompt::set_thread(Thread* thread) {
  const std::lock_guard lock(mutex_);
  thread_ = thread;
}

}  // namespace reops::repl
