#include "fleet_options.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <optional>
#include <string_view>

namespace reops::fleet {
namespace {

constexpr const char* k_usage =
    "usage: reops_fleet --port N --host-key FILE --authorized FILE.pub [--processes N]\n"
    "                   [--dead|--silent|--hung|--flooding FIRST-LAST]...";

base::Error wrong(const std::string& what) { return {"fleet/usage", what + "\n" + k_usage, {}}; }

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> address(const std::string& text) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, text.c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

std::optional<Range> range(const std::string& text, Manner manner) {
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto first = address(text.substr(0, dash));
  const auto last = address(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return Range{*first, *last, manner};
}

std::optional<Manner> manner_named(const std::string& option) {
  if (option == "--dead") return Manner::dead;
  if (option == "--silent") return Manner::silent;
  if (option == "--hung") return Manner::hung;
  if (option == "--flooding") return Manner::flooding;
  return std::nullopt;
}

}  // namespace

Manner Options::manner_of(std::uint32_t address) const {
  for (const Range& range : ranges)
    if (range.first <= address && address <= range.last) return range.manner;
  return Manner::answering;
}

base::Result<Options> read_options(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string& option = words[i];
    if (i + 1 == words.size()) return wrong(option + " lacks its value");
    const std::string& value = words[i + 1];
    if (const auto manner = manner_named(option)) {
      const auto parsed = range(value, *manner);
      if (!parsed) return wrong(option + " takes two addresses with - between, not " + value);
      options.ranges.push_back(*parsed);
    } else if (option == "--host-key") {
      options.host_key = value;
    } else if (option == "--authorized") {
      options.authorized = value;
    } else if (option == "--port" || option == "--processes") {
      const auto parsed = number(value);
      if (!parsed || *parsed > UINT16_MAX) return wrong(option + " takes a number, not " + value);
      if (option == "--port")
        options.port = static_cast<std::uint16_t>(*parsed);
      else
        options.processes = *parsed;
    } else {
      return wrong("there is no option " + option);
    }
  }
  if (options.port == 0 || options.host_key.empty() || options.authorized.empty())
    return wrong("--port, --host-key and --authorized are needed");
  return options;
}

}  // namespace reops::fleet
