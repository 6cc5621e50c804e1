#include "ssh/process_group.hpp"

#include <sys/random.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace reops::ssh {
namespace {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  [[maybe_unused]] const ssize_t got = ::getrandom(&number, sizeof number, 0);
  return number;
}

// A name that is no secret: it keeps apart what a command says and what we have it say. So one number from
// the system does for all commands of a thread.
std::string random_name() {
  static thread_local std::uint64_t number = random_number();
  // An odd step visits all numbers before it comes back.
  number += 0x9e3779b97f4a7c15;
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return "reops-" + std::string(digits.data(), end) + ":";
}

}  // namespace

GroupMark::GroupMark() : name_(random_name()) {}

// No character of it means anything else in csh, fish or zsh.
std::string GroupMark::marked(const std::string& command) const {
  return "sh -c 'printf \"" + name_ + "%s;\" \"$PPID\" >&2'; " + command;
}

std::optional<long> GroupMark::take_from(std::string& text) const {
  const std::size_t at = text.find(name_);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t digits = at + name_.size();
  const std::size_t end = text.find(';', digits);
  if (end == std::string::npos) return std::nullopt;
  long group = 0;
  const auto [parsed, error] = std::from_chars(text.data() + digits, text.data() + end, group);
  const bool is_number = error == std::errc() && parsed == text.data() + end;
  text.erase(at, end + 1 - at);
  // 1 would be everybody.
  return is_number && group > 1 ? std::optional(group) : std::nullopt;
}

// POSIX shell, for dash, bash and busybox. Of a shell that does not lead a group (dropbear starts such) it
// ends the shell and what it has started, all the way down; those stay known when the ones that started them
// have gone. Zombies count as gone: where nobody collects them they stay for good. Kill's own signals are the
// measure only where there is no /proc.
// The host may be busy and have thousands of processes, so a group is signalled before any look at them, and
// each look is one read of everything: a shell's `read` takes a byte at a time.
std::string kill_script(long group) {
  const std::string g = std::to_string(group);
  return "sh -c '"
         "g=" +
         g +
         "; t=-$g; m=; kill -0 $t 2>/dev/null || { t=$g; m=\" $g \"; }; "
         "n=$(printf \"\\n.\"); "
         "alive() { "
         "set +f; l=$(cat /proc/[0-9]*/stat 2>/dev/null); "
         "test -n \"$l\" || { kill -0 $t 2>/dev/null; return; }; "
         "set -f; a=; more=1; while test -n \"$more\"; do more=; "
         "IFS=${n%.}; for s in $l; do unset IFS; "
         "case $m$s in \" \"*|\"$g \"*|*\" $g \"*) ;; *) continue;; esac; "
         "p=${s%% *}; set -- ${s##*) }; "
         "case $1 in Z|X) continue;; esac; "
         "if test -z \"$m\"; then test \"$3\" = $g && return 0; continue; fi; "
         "case \"$m\" in *\" $p \"*) a=1;; *\" $2 \"*) m=\"$m$p \"; a=1; more=1;; esac; "
         "done; done; test -n \"$a\"; }; "
         "test -z \"$m\" || alive || exit 0; "
         "for k in TERM TERM KILL; do "
         "kill -$k ${m:-$t} 2>/dev/null; "
         "for i in 0.01 0.1 0.2; do sleep $i 2>/dev/null || sleep 1; alive || exit 0; done; "
         "done; exit 3'";
}

}  // namespace reops::ssh
