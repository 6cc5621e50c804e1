// The processors.

#include <algorithm>
#include <set>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {
    {Need::file, "/proc/cpuinfo"},
    {Need::line, "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq"},
    {Need::line, "/proc/device-tree/model"},
};

// Of hundreds, those that decide what can run on a machine.
constexpr std::string_view k_notable[] = {"lm",     "sse4_2", "avx", "avx2",    "avx512f",   "aes", "sha_ni",
                                          "rdrand", "vmx",    "svm", "sgx",     "amx_tile",  "pni", "asimd",
                                          "crc32",  "sha2",   "sve", "atomics", "hypervisor"};

lang::Ref processor_facts(const Reading& now) {
  std::string_view model, vendor, part;
  int64_t threads = 0;
  std::optional<double> mhz;
  std::set<std::string, std::less<>> flags, packages, cores;
  std::string package;
  std::string_view rest = now.text("/proc/cpuinfo");
  for (std::string_view line; next_line(rest, line);) {
    auto [key, value] = split_at(line, ':');
    if (key == "processor" && number(value)) {
      ++threads;
      package.clear();
    } else if (key == "model name" || key == "cpu model" || key == "uarch") {
      model = value;
    } else if (key == "Processor" && model.empty()) {
      model = value;
    } else if (key == "vendor_id" || key == "CPU implementer") {
      vendor = value;
    } else if (key == "CPU part") {
      part = value;
    } else if (key == "physical id") {
      package = value;
      packages.insert(package);
    } else if (key == "core id") {
      cores.insert(package + "/" + std::string(value));
    } else if (key == "cpu MHz") {
      if (auto speed = decimal(value); speed && (!mhz || *speed > *mhz)) mhz = speed;
    } else if (key == "flags" || key == "Features") {
      for (std::string_view flag : words(value)) flags.emplace(flag);
    }
  }
  if (auto khz = number(now.line("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")))
    mhz = static_cast<double>(*khz) / 1000;
  Items notable;
  for (std::string_view flag : k_notable)
    if (flags.contains(flag)) notable.add_text(flag);
  // Arm's say only a number of theirs.
  std::string number_of_part = part.empty() ? "" : "part " + std::string(part);
  if (model.empty()) model = number_of_part;
  Fields facts;
  facts.text("model", model).text("vendor", vendor).text("machine", now.line("/proc/device-tree/model"));
  if (threads > 0) {
    auto count = [&](size_t known) { return known == 0 ? std::nullopt : std::optional<int64_t>(known); };
    facts.number("sockets", count(packages.size()))
        .number("cores", count(cores.size()))
        .number("threads", threads);
  } else {
    facts.unknown("threads");
  }
  return facts.real("mhz", mhz, 0).put("flags", notable.made()).made();
}

}  // namespace

const Group k_processor = {
    "processor",
    "The processors: {:model :vendor :machine (of a board) :sockets :cores :threads :mhz (highest) :flags "
    "[those of note]}. :sockets and :cores where the machine tells them.",
    k_needs, processor_facts};

}  // namespace reops::facts
