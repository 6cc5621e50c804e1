#pragma once
// PrivateSshd: real sshd hosts on loopback for the time of a test (tests/support/private-sshd does the work).

#include <unistd.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"

namespace reops::testing {

/// Runs a program that must succeed and gives its output; a test cannot go on otherwise.
inline std::string must_run(std::vector<std::string> argv, const std::string& input = "") {
  base::ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.input = input;
  spec.deadline = base::Deadline::in(base::Millis(60'000));
  const auto result = base::run_process(spec);
  if (!result) throw std::runtime_error(result.error().message);
  if (result.value().code != 0)
    throw std::runtime_error(spec.argv[0] + " failed: " + result.value().out + result.value().err);
  return result.value().out;
}

/// The hosts live as long as this object, or this process, whichever ends first.
class PrivateSshd {
 public:
  struct Host {
    std::string address;
    std::uint16_t port = 0;
  };

  /// Arguments of `private-sshd start`, such as {"--hosts", "web1 web2", "--down", "db1"}.
  explicit PrivateSshd(std::vector<std::string> arguments) : folder_(make_folder()) {
    std::vector<std::string> command = {k_script, "start", folder_.file("sshd"), "--watch",
                                        std::to_string(::getpid())};
    command.insert(command.end(), arguments.begin(), arguments.end());
    read_report(must_run(std::move(command)));
  }
  ~PrivateSshd() {
    base::ProcessSpec stop;
    stop.argv = {k_script, "stop", folder_.file("sshd")};
    stop.deadline = base::Deadline::in(base::Millis(60'000));
    static_cast<void>(base::run_process(stop));
  }
  PrivateSshd(const PrivateSshd&) = delete;
  PrivateSshd& operator=(const PrivateSshd&) = delete;

  /// A file of the test's own, beside theirs.
  std::string file(const std::string& name) const { return folder_.file(name); }
  /// A file of one host: host_key.pub, authorized_keys, log …
  std::string host_file(const std::string& host, const std::string& name) const {
    return folder_.file("sshd/hosts/" + host + "/" + name);
  }
  const std::string& config() const { return values_.at("config"); }
  const std::string& known_hosts() const { return values_.at("known_hosts"); }
  const std::string& identity() const { return values_.at("identity"); }
  const std::string& user() const { return values_.at("user"); }
  const std::string& network() const { return values_.at("network"); }
  const Host& host(const std::string& name) const { return hosts_.at(name); }
  /// The numbers of the processes that serve connections now, of all hosts; empty when there is none.
  std::string sessions() const {
    std::string found;
    for (const std::string& path : base::glob_paths(folder_.file("sshd/hosts/*/pid"))) {
      const std::string pid = base::read_file(path).value();
      const std::string number = pid.substr(0, pid.find('\n'));
      if (const auto children = base::read_file("/proc/" + number + "/task/" + number + "/children"))
        found += children.value();
    }
    return found;
  }
  /// How known_hosts calls a host.
  std::string known_name(const std::string& name) const {
    return "[" + host(name).address + "]:" + std::to_string(host(name).port);
  }

 private:
  static constexpr const char* k_script = REOPS_TEST_SUPPORT "/private-sshd";

  static base::TempFolder make_folder() {
    auto folder = base::TempFolder::create("reops-sshd-");
    if (!folder) throw std::runtime_error(folder.error().message);
    return std::move(folder).value();
  }

  void read_report(const std::string& report) {
    std::size_t at = 0;
    while (at < report.size()) {
      const std::size_t end = report.find('\n', at);
      const std::string line = report.substr(at, end - at);
      at = end == std::string::npos ? report.size() : end + 1;
      const std::size_t equals = line.find('=');
      const std::string name = line.substr(0, equals);
      const std::string value = line.substr(equals + 1);
      if (name != "host") {
        values_[name] = value;
        continue;
      }
      const std::size_t first = value.find(' ');
      const std::size_t second = value.find(' ', first + 1);
      hosts_[value.substr(0, first)] = {value.substr(first + 1, second - first - 1),
                                        static_cast<std::uint16_t>(std::stoi(value.substr(second + 1)))};
    }
  }

  base::TempFolder folder_;
  std::map<std::string, std::string> values_;
  std::map<std::string, Host> hosts_;
};

}  // namespace reops::testing
