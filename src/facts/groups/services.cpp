// Services, as far as they can be seen without asking their manager: what has a group of processes runs.

#include <map>
#include <string>

#include "base/files.hpp"
#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/listing.hpp"
#include "facts/process_table.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

std::string manager_here() {
  return is_folder("/run/systemd/system") ? "systemd" : is_folder("/run/openrc") ? "openrc" : "";
}

// By one hierarchy of control groups, or by that of systemd among several.
std::string running_here() {
  return names_in("/sys/fs/cgroup/system.slice") + names_in("/sys/fs/cgroup/systemd/system.slice");
}

std::string wanted_here() {
  std::string text;
  for (const std::string& path : base::glob_paths("/etc/systemd/system/*.wants/*.service"))
    text += path + "\n";
  return text;
}

constexpr Need k_needs[] = {
    {Need::probe, "manager",
     "if [ -d /run/systemd/system ]; then echo systemd; elif [ -d /run/openrc ]; then echo openrc; fi",
     manager_here},
    {Need::probe, "running", "ls -1 /sys/fs/cgroup/system.slice; ls -1 /sys/fs/cgroup/systemd/system.slice",
     running_here},
    {Need::probe, "invoked", "ls -1 /run/systemd/units", [] { return names_in("/run/systemd/units"); }},
    {Need::probe, "wanted", "ls -1 -d /etc/systemd/system/*.wants/*.service", wanted_here},
    {Need::probe, "started", "ls -1 /run/openrc/started", [] { return names_in("/run/openrc/started"); }},
    {Need::joined, k_process_stats},
};

struct Service {
  const char* state = "stopped";
  bool enabled = false;
};
using Services = std::map<std::string, Service, std::less<>>;

bool take_service(std::string_view& name) {
  if (!name.ends_with(".service")) return false;
  name.remove_suffix(8);
  return !name.empty();
}

Services of_systemd(const Reading& now) {
  Services services;
  std::string_view rest = now.text("wanted");
  for (std::string_view line; next_line(rest, line);) {
    line = trimmed(line);
    std::string_view name = line.substr(line.rfind('/') + 1);
    if (take_service(name)) services[std::string(name)].enabled = true;
  }
  rest = now.text("invoked");
  constexpr std::string_view k_invocation = "invocation:";
  for (std::string_view line; next_line(rest, line);) {
    line = trimmed(line);
    if (!line.starts_with(k_invocation)) continue;
    std::string_view name = line.substr(k_invocation.size());
    // It was started and has no process: done with its work, or failed.
    if (take_service(name)) services[std::string(name)].state = "ended";
  }
  rest = now.text("running");
  for (std::string_view line; next_line(rest, line);) {
    std::string_view name = trimmed(line);
    if (take_service(name)) services[std::string(name)].state = "running";
  }
  return services;
}

Services of_openrc(const Reading& now) {
  Services services;
  std::string_view rest = now.text("started");
  for (std::string_view line; next_line(rest, line);)
    services[std::string(trimmed(line))] = {"running", true};
  return services;
}

// What the first process looks after, or was left to it.
Services of_processes(const Reading& now) {
  Services services;
  for (const auto& [pid, process] : processes_in(now.text(k_process_stats)))
    if (process.parent == 1) services[std::string(process.name)].state = "running";
  return services;
}

lang::Ref service_facts(const Reading& now) {
  std::string_view manager = trimmed(now.text("manager"));
  bool systemd = manager == "systemd", openrc = manager == "openrc";
  Services services = systemd ? of_systemd(now) : openrc ? of_openrc(now) : of_processes(now);
  Items all;
  for (const auto& [name, service] : services) {
    Fields one;
    one.text("name", name).keyword("state", service.state);
    if (systemd || openrc) one.flag("enabled", service.enabled);
    all.add(one.made());
  }
  return Fields()
      .keyword("manager", systemd || openrc ? manager : "unknown")
      .put("services", all.made())
      .made();
}

}  // namespace

const Group k_services = {"services",
                          "Services: {:manager (:systemd :openrc :unknown) :services [{:name :state "
                          "(:running, :ended: started and without "
                          "processes, :stopped) :enabled}]}. Where no manager is known they are the programs "
                          "that the first process has "
                          "started.",
                          k_needs, service_facts};

}  // namespace reops::facts
