// What reops.process is made of: real programs, from the language's side.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/files.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"
#include "native_call.hpp"

namespace reops::lang {

extern const NativeModule k_natives_process;

namespace {

Ref words(std::initializer_list<std::string_view> texts) {
  std::vector<Ref> owned;
  for (std::string_view text : texts) owned.push_back(make_string(text));
  return make_vector(std::vector<Value>(owned.begin(), owned.end()));
}

Ref run(Value command, Value options = Value::nil()) {
  return call_native(find_native({&k_natives_process}, "run-process"), {command, options});
}

Value field(const Ref& result, std::string_view name) { return map_get(result, keyword(name)); }
std::string text_field(const Ref& result, std::string_view name) {
  return std::string(text_of(field(result, name)));
}

TEST(RunProcess, AnswersCodeAndBothOutputs) {
  Ref result = run(words({"sh", "-c", "echo out; echo err >&2; exit 3"}));
  EXPECT_EQ(as_int(field(result, "exit")), 3);
  EXPECT_EQ(text_field(result, "out"), "out\n");
  EXPECT_EQ(text_field(result, "err"), "err\n");
  EXPECT_TRUE(field(result, "timed-out").is_none());
  EXPECT_EQ(as_int(field(run(words({"sh", "-c", "kill -9 $$"})), "exit")), 137);
}

TEST(RunProcess, PassesWordsAsTheyAre) {
  EXPECT_EQ(text_field(run(words({"printf", "%s|", "a b", "$HOME", "*", ""})), "out"), "a b|$HOME|*||");
}

TEST(RunProcess, TakesInputFolderAndEnvironment) {
  Ref input = make_string("grün"), folder = make_string("/");
  Ref in = make_map({keyword("in"), input});
  EXPECT_EQ(text_field(run(words({"cat"}), in), "out"), "grün");
  Ref dir = make_map({keyword("dir"), folder});
  EXPECT_EQ(text_field(run(words({"pwd"}), dir), "out"), "/\n");
  ASSERT_EQ(::setenv("REOPS_TEST_KEPT", "kept", 1), 0);
  ASSERT_EQ(::setenv("REOPS_TEST_GONE", "gone", 1), 0);
  Ref gone_name = make_string("REOPS_TEST_GONE"), added = make_string("added");
  Ref env = make_map({keyword("REOPS_TEST_ADDED"), added, gone_name, Value::nil(),
                      keyword("REOPS_TEST_NUMBER"), Value::fixnum(7)});
  Ref with_env = make_map({keyword("env"), env});
  Ref command =
      words({"/bin/sh", "-c", "echo $REOPS_TEST_KEPT,$REOPS_TEST_GONE,$REOPS_TEST_ADDED,$REOPS_TEST_NUMBER"});
  EXPECT_EQ(text_field(run(command, with_env), "out"), "kept,,added,7\n");
  Ref only = make_map({keyword("env"), env, keyword("clear-env"), Value::boolean(true)});
  EXPECT_EQ(text_field(run(command, only), "out"), ",,added,7\n");
}

TEST(RunProcess, KeepsBytesOrReplacesThem) {
  Ref command = words({"printf", "a\\377b"});
  EXPECT_EQ(text_field(run(command), "out"),
            "a\xef\xbf\xbd"
            "b");
  Ref bytes = make_map({keyword("bytes"), Value::boolean(true)});
  Ref result = run(command, bytes);
  ASSERT_TRUE(is<ByteString>(field(result, "out")));
  EXPECT_EQ(as<ByteString>(field(result, "out")).view(),
            "a\xff"
            "b");
}

TEST(RunProcess, EndsWhatTakesTooLong) {
  Ref timeout = make_map({keyword("timeout-ms"), Value::fixnum(50)});
  Ref result = run(words({"sh", "-c", "echo begun; sleep 600"}), timeout);
  EXPECT_TRUE(field(result, "timed-out").is_true());
  EXPECT_NE(as_int(field(result, "exit")), 0);
}

TEST(RunProcess, CountsWhatItDoesNotKeep) {
  Ref limit = make_map({keyword("limit"), Value::fixnum(10)});
  Ref result = run(words({"sh", "-c", "printf 0123456789abcdef"}), limit);
  EXPECT_EQ(text_field(result, "out"), "0123456789");
  EXPECT_EQ(as_int(field(result, "dropped")), 6);
}

TEST(RunProcess, RefusesWhatItCannotRun) {
  std::string message = thrown_message(ErrorClass::io, [] { run(words({"no-such-program-anywhere"})); });
  EXPECT_NE(message.find("no-such-program-anywhere"), message.npos) << message;
  EXPECT_NE(message.find("No such file"), message.npos) << message;
  Ref text = make_string("ls -la");
  message = thrown_message(ErrorClass::illegal_argument, [&] { run(text); });
  EXPECT_NE(message.find("shell"), message.npos) << message;
  Ref empty = words({});
  thrown_message(ErrorClass::illegal_argument, [&] { run(empty); });
  Ref zero = words({"echo", std::string_view("a\0b", 3)});
  thrown_message(ErrorClass::illegal_argument, [&] { run(zero); });
  Ref unknown = make_map({keyword("tiemout"), Value::fixnum(1)});
  thrown_message(ErrorClass::illegal_argument, [&] { run(words({"true"}), unknown); });
  Ref nowhere = make_string("/no/such/folder"), dir = make_map({keyword("dir"), nowhere});
  message = thrown_message(ErrorClass::io, [&] { run(words({"true"}), dir); });
  EXPECT_NE(message.find("/no/such/folder"), message.npos) << message;
}

TEST(RunProcess, AnInterruptEndsTheProgram) {
  auto made = base::TempFolder::create("reops-process-test");
  ASSERT_TRUE(made.ok());
  std::string begun = made.value().file("begun");
  std::atomic<Thread*> runner{nullptr};
  std::string outcome;
  std::thread worker([&] {
    ThreadScope scope;
    runner = &this_thread();
    Ref command = words({"sh", "-c", "echo $$ > \"$0\".new; mv \"$0\".new \"$0\"; exec sleep 600", begun});
    outcome = thrown_message(ErrorClass::interrupted, [&] { run(command); });
    runner = nullptr;
  });
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!base::file_exists(begun) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_TRUE(base::file_exists(begun));
  interrupt_thread(*runner.load());
  worker.join();
  EXPECT_FALSE(outcome.empty());
  pid_t child = static_cast<pid_t>(std::stol(base::read_file(begun).value()));
  EXPECT_EQ(::kill(child, 0), -1) << "the program is gone";
}

}  // namespace
}  // namespace reops::lang
