// Who is logged in, and who could be.

#include <cstring>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {{Need::file, "/run/utmp"},
                            {Need::file, "/var/run/utmp"},
                            {Need::files, "/run/systemd/sessions/*"},
                            {Need::file, "/etc/passwd"}};

// Records of utmp(5). Where seconds have 64 bits (arm64) they are longer.
struct Layout {
  size_t size, seconds_at;
};
constexpr Layout k_layouts[] = {{384, 340}, {400, 344}};
constexpr size_t k_line_at = 8, k_line_size = 32, k_user_at = 44, k_user_size = 32, k_host_at = 76,
                 k_host_size = 256;
constexpr int16_t k_user_process = 7, k_most_types = 9;

template <class T>
T at(std::string_view record, size_t offset) {
  T value;
  std::memcpy(&value, record.data() + offset, sizeof value);
  return value;
}

std::string_view field(std::string_view record, size_t offset, size_t size) {
  std::string_view text = record.substr(offset, size);
  return text.substr(0, text.find('\0'));
}

// A newline may follow what came by a shell.
bool fits(std::string_view utmp, const Layout& layout) {
  if (utmp.size() % layout.size > 1) return false;
  for (size_t i = 0; i + layout.size <= utmp.size(); i += layout.size)
    if (auto type = at<int16_t>(utmp, i); type < 0 || type > k_most_types) return false;
  return true;
}

void add_session(Items& sessions, std::string_view user, std::string_view terminal, std::string_view from,
                 std::optional<int64_t> since) {
  sessions.add(Fields()
                   .text("user", user)
                   .text("terminal", terminal)
                   .text("from", from)
                   .number("since", since)
                   .made());
}

void add_from_utmp(Items& sessions, std::string_view utmp) {
  for (const Layout& layout : k_layouts) {
    if (!fits(utmp, layout)) continue;
    for (; utmp.size() >= layout.size; utmp.remove_prefix(layout.size)) {
      if (at<int16_t>(utmp, 0) != k_user_process) continue;
      int64_t seconds =
          layout.size == 384 ? at<int32_t>(utmp, layout.seconds_at) : at<int64_t>(utmp, layout.seconds_at);
      add_session(sessions, field(utmp, k_user_at, k_user_size), field(utmp, k_line_at, k_line_size),
                  field(utmp, k_host_at, k_host_size), times(seconds, 1000));
    }
    return;
  }
}

// Systems without utmp, as those of 2025 and later.
void add_from_logind(Items& sessions, std::string_view session) {
  std::string_view user, terminal, from, kind;
  std::optional<int64_t> since;
  for (std::string_view line; next_line(session, line);) {
    auto [key, value] = split_at(line, '=');
    if (key == "USER") user = value;
    if (key == "TTY") terminal = value;
    if (key == "REMOTE_HOST") from = value;
    if (key == "CLASS") kind = value;
    if (auto micros = number(value); key == "REALTIME" && micros) since = *micros / 1000;
  }
  if (kind == "user" && !user.empty()) add_session(sessions, user, terminal, from, since);
}

bool may_log_in(std::string_view shell) {
  return !shell.empty() && !shell.ends_with("/nologin") && !shell.ends_with("/false") &&
         !shell.ends_with("/sync");
}

lang::Ref accounts(std::string_view passwd) {
  Items all;
  for (std::string_view line; next_line(passwd, line);) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = line;;) {
      size_t colon = rest.find(':');
      parts.push_back(rest.substr(0, colon));
      if (colon == std::string_view::npos) break;
      rest.remove_prefix(colon + 1);
    }
    if (parts.size() != 7 || parts[0].empty() || !number(parts[2])) continue;
    all.add(Fields()
                .text("name", parts[0])
                .number("uid", number(parts[2]))
                .number("gid", number(parts[3]))
                .text("comment", parts[4])
                .text("home", parts[5])
                .text("shell", parts[6])
                .flag("login", may_log_in(parts[6]))
                .made());
  }
  return all.made();
}

lang::Ref user_facts(const Reading& now) {
  Items sessions;
  std::string_view utmp = now.first_of({"/run/utmp", "/var/run/utmp"});
  bool known = !utmp.empty();
  add_from_utmp(sessions, utmp);
  if (sessions.is_empty()) {
    now.each("/run/systemd/sessions/", [&](std::string_view, std::string_view text) {
      known = true;
      add_from_logind(sessions, text);
    });
  }
  Fields facts;
  if (known) {
    facts.put("sessions", sessions.made());
  } else {
    facts.unknown("sessions");
  }
  if (now.has("/etc/passwd")) return facts.put("accounts", accounts(now.text("/etc/passwd"))).made();
  return facts.unknown("accounts").made();
}

}  // namespace

const Group k_users = {"users",
                       "Users: {:sessions [{:user :terminal :from :since (ms since 1970)}], who is logged "
                       "in; :accounts [{:name :uid "
                       ":gid :comment :home :shell :login}] of /etc/passwd}. :sessions is :unknown where "
                       "nobody writes them down.",
                       k_needs, user_facts};

}  // namespace reops::facts
