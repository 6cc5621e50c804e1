#include "ssh/new_key_policy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace reops::ssh {

std::optional<NewKeyPolicy::Address> NewKeyPolicy::parse_address(const std::string& text) {
  Address address;
  address.family = text.find(':') != std::string::npos ? AF_INET6 : AF_INET;
  if (::inet_pton(address.family, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

base::Result<NewKeyPolicy> NewKeyPolicy::parse(const std::vector<std::pair<std::string, bool>>& rules) {
  NewKeyPolicy policy;
  for (const auto& [text, accepts] : rules) {
    const std::size_t slash = text.find('/');
    const auto network = parse_address(text.substr(0, slash));
    const std::size_t most = text.find(':') != std::string::npos ? 128 : 32;
    Rule rule{network.value_or(Address{}), most, accepts};
    const char* end = text.data() + text.size();
    const bool has_bits = slash != std::string::npos;
    const auto read = has_bits ? std::from_chars(text.data() + slash + 1, end, rule.bits)
                               : std::from_chars_result{end, std::errc()};
    if (!network || read.ec != std::errc() || read.ptr != end || rule.bits > most)
      return base::Error{"ssh/network",
                         "\"" + text + "\" is not a network; one is written 10.0.0.0/8 or 2001:db8::/32",
                         {{"network", text}}};
    policy.rules_.push_back(rule);
    policy.text_ += text + (accepts ? "+" : "-");
  }
  // The smallest network first, so that the first that has an address counts.
  std::stable_sort(policy.rules_.begin(), policy.rules_.end(),
                   [](const Rule& a, const Rule& b) { return a.bits > b.bits; });
  return policy;
}

bool NewKeyPolicy::holds(const Rule& rule, const Address& address) {
  if (rule.network.family != address.family) return false;
  for (std::size_t bit = 0; bit < rule.bits; ++bit) {
    const unsigned char mask = static_cast<unsigned char>(0x80 >> (bit % 8));
    if ((rule.network.bytes[bit / 8] & mask) != (address.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

std::optional<bool> NewKeyPolicy::accepts(std::string_view address) const {
  // Without the port, and without what says through which host.
  std::string host(address.substr(0, address.find(' ')));
  host.erase(std::min(host.rfind(':'), host.size()));
  if (host.starts_with('[')) host = host.substr(1, host.find(']') - 1);
  const auto parsed = parse_address(host);
  if (!parsed) return std::nullopt;
  for (const Rule& rule : rules_)
    if (holds(rule, *parsed)) return rule.accepts;
  return std::nullopt;
}

}  // namespace reops::ssh
