#pragma once
// What *out*, *err* and *in* are at an attached prompt, and in what it has begun.

#include <memory>
#include <string>
#include <utility>

#include "lang/runtime/streams.hpp"
#include "repl/person_terminal.hpp"

namespace reops::repl {

class PersonWriter : public lang::TextWriter {
 public:
  PersonWriter(std::shared_ptr<PersonTerminal> terminal, bool err)
      : terminal_(std::move(terminal)), err_(err) {}
  void write(std::string_view text) override { terminal_->print(text, err_); }
  void flush() override { terminal_->flush(); }
  void close() override { flush(); }
  bool terminal() const override { return terminal_->is_terminal(err_); }
  std::string describe() const override { return err_ ? "Writer standard error" : "Writer standard output"; }

 private:
  std::shared_ptr<PersonTerminal> terminal_;
  bool err_;
};

class PersonInput : public lang::TextInput {
 public:
  explicit PersonInput(std::shared_ptr<PersonTerminal> terminal) : terminal_(std::move(terminal)) {}
  std::string describe() const override { return "Reader standard input"; }

 protected:
  bool fill(std::string& buffer) override {
    terminal_->flush();
    return terminal_->read_typed(buffer);
  }
  bool ends_for_good() const override { return terminal_->surroundings().gone(); }
  bool ready() const override { return terminal_->more_typed(); }

 private:
  std::shared_ptr<PersonTerminal> terminal_;
};

}  // namespace reops::repl
