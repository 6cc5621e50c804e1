// Network interfaces and their addresses.

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <bit>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

int prefix_of(const unsigned char* mask, size_t bytes) {
  int length = 0;
  for (size_t i = 0; i < bytes; ++i) length += std::popcount(mask[i]);
  return length;
}

// A line for each address: interface, family, address/prefix.
std::string addresses_here() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return {};
  std::string text;
  for (ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_netmask == nullptr) continue;
    int family = at->ifa_addr->sa_family;
    char address[INET6_ADDRSTRLEN];
    int prefix = 0;
    if (family == AF_INET) {
      const auto& in = reinterpret_cast<const sockaddr_in&>(*at->ifa_addr);
      const auto& mask = reinterpret_cast<const sockaddr_in&>(*at->ifa_netmask);
      inet_ntop(family, &in.sin_addr, address, sizeof address);
      prefix = prefix_of(reinterpret_cast<const unsigned char*>(&mask.sin_addr), 4);
    } else if (family == AF_INET6) {
      const auto& in = reinterpret_cast<const sockaddr_in6&>(*at->ifa_addr);
      const auto& mask = reinterpret_cast<const sockaddr_in6&>(*at->ifa_netmask);
      inet_ntop(family, &in.sin6_addr, address, sizeof address);
      prefix = prefix_of(reinterpret_cast<const unsigned char*>(&mask.sin6_addr), 16);
    } else {
      continue;
    }
    text += std::string(at->ifa_name) + (family == AF_INET ? " inet " : " inet6 ") + address + "/" +
            std::to_string(prefix) + "\n";
  }
  freeifaddrs(first);
  return text;
}

// An interface is also shown as eth0@if7, and an address of a link between two machines without a prefix.
constexpr const char* k_addresses_shell =
    "PATH=$PATH:/usr/sbin:/sbin ip -o addr show | while read -r n i f a r; do case $f in inet|inet6) printf "
    "'%s %s %s\\n' \"$i\" \"$f\" \"$a\";; esac; done";

constexpr Need k_needs[] = {
    {Need::line, "/sys/class/net/*/address"},
    {Need::line, "/sys/class/net/*/operstate"},
    {Need::line, "/sys/class/net/*/mtu"},
    {Need::line, "/sys/class/net/*/speed"},
    {Need::line, "/sys/class/net/*/flags"},
    {Need::line, "/sys/class/net/*/type"},
    {Need::probe, "addresses", k_addresses_shell, addresses_here},
};

lang::Ref addresses_of(const Reading& now, std::string_view interface) {
  Items addresses;
  std::string_view rest = now.text("addresses");
  for (std::string_view line; next_line(rest, line);) {
    std::vector<std::string_view> said = words(line);
    if (said.size() < 3 || said[0].substr(0, said[0].find('@')) != interface) continue;
    auto [address, prefix] = split_at(said[2], '/');
    bool six = said[1] == "inet6";
    addresses.add(
        Fields()
            .keyword("family", six ? "inet6" : "inet")
            .text("address", address)
            .number("prefix", prefix.empty() ? std::optional<int64_t>(six ? 128 : 32) : number(prefix))
            .made());
  }
  return addresses.made();
}

lang::Ref network_facts(const Reading& now) {
  // Every machine has the address 127.0.0.1: without any, nobody could be asked.
  bool known = !trimmed(now.text("addresses")).empty();
  Items interfaces;
  for (std::string_view name : now.below("/sys/class/net/")) {
    std::string folder = "/sys/class/net/" + std::string(name) + "/";
    std::string_view flag_text = now.line(folder + "flags");
    if (flag_text.starts_with("0x")) flag_text.remove_prefix(2);
    auto flags = number(flag_text, 16);
    std::string_view state = now.line(folder + "operstate");
    Fields interface;
    interface.text("name", name).text("mac", now.line(folder + "address"));
    // The state of those without a line that could be cut, lo for one, is "unknown".
    bool up = state == "up" || (state == "unknown" && flags && (*flags & IFF_UP) != 0);
    interface.flag("up", up);
    if (known) {
      interface.put("addresses", addresses_of(now, name));
    } else {
      interface.unknown("addresses");
    }
    auto speed = number(now.line(folder + "speed"));
    if (speed && *speed > 0) interface.number("speed", *speed * 1'000'000);
    interface.number("mtu", number(now.line(folder + "mtu")));
    interfaces.add(interface.flag("loopback", flags && (*flags & IFF_LOOPBACK) != 0).made());
  }
  return interfaces.made();
}

}  // namespace

const Group k_networks = {"networks",
                          "Interfaces: [{:name :mac :up :addresses [{:family (:inet :inet6) :address "
                          ":prefix}] :speed (bits/s) :mtu "
                          ":loopback}]. Over SSH a machine without the program ip has :addresses :unknown.",
                          k_needs, network_facts};

}  // namespace reops::facts
