// What runs.

#include <map>

#include "base/files.hpp"
#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

// Words of a command end in the character 0 each; a line may begin within one.
std::string commands_here() {
  std::string text;
  for (const std::string& path : base::glob_paths("/proc/[0-9]*/cmdline")) {
    auto words = base::read_file(path);
    if (words && !words.value().empty()) text += path + ":" + words.value() + "\n";
  }
  return text;
}

constexpr const char* k_commands_shell =
    "grep -aH '' /proc/[0-9]*/cmdline || grep -H '' /proc/[0-9]*/cmdline";
constexpr const char* k_statuses = "/proc/[0-9]*/status";
constexpr Need k_needs[] = {{Need::joined, k_statuses},
                            {Need::probe, "commands", k_commands_shell, commands_here}};

std::map<int64_t, std::string> commands_of(std::string_view text) {
  std::map<int64_t, std::string> commands;
  int64_t last = 0;
  for (std::string_view line; next_line(text, line);) {
    constexpr std::string_view k_proc = "/proc/", k_file = "/cmdline:";
    size_t file = line.find(k_file);
    auto pid = line.starts_with(k_proc) && file != std::string_view::npos
                   ? number(line.substr(k_proc.size(), file - k_proc.size()))
                   : std::nullopt;
    std::string_view rest = pid ? line.substr(file + k_file.size()) : line;
    if (pid) last = *pid;
    if (last == 0) continue;
    std::string& command = commands[last];
    if (!command.empty()) command += ' ';
    for (char c : rest) command += c == '\0' ? ' ' : c;
    while (command.ends_with(' ')) command.pop_back();
  }
  return commands;
}

lang::Ref process_facts(const Reading& now) {
  const auto commands = commands_of(now.text("commands"));
  std::map<int64_t, Fields> by_number;
  Fields* one = nullptr;
  std::string_view name;
  std::string_view rest = now.text(k_statuses);
  for (std::string_view line; next_line(rest, line);) {
    auto [key, value] = split_at(line, ':');
    std::string_view word = value;
    if (key == "Name") {
      name = value;
      one = nullptr;
    } else if (auto pid = number(value); key == "Pid" && pid) {
      one = &by_number[*pid];
      auto command = commands.find(*pid);
      one->number("pid", pid).text("name", name);
      if (command != commands.end()) one->text("command", command->second);
    } else if (one == nullptr) {
      continue;
    } else if (key == "PPid") {
      one->number("parent", number(value));
    } else if (key == "Uid") {
      one->number("uid", number(next_word(word)));
    } else if (key == "VmRSS") {
      one->number("memory", times(number(next_word(word)), 1024));
    } else if (key == "Threads") {
      one->number("threads", number(value));
    }
  }
  Items all;
  for (const auto& [pid, process] : by_number) all.add(process.made());
  return all.made();
}

}  // namespace

const Group k_processes = {"processes",
                           "Processes: [{:pid :name :command :parent :uid :memory (bytes) :threads}], "
                           ":command and :memory of those that "
                           "have them.",
                           k_needs, process_facts};

}  // namespace reops::facts
