// What listens.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <bit>
#include <climits>
#include <cstring>
#include <map>

#include "base/files.hpp"
#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/listing.hpp"
#include "facts/process_table.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr std::string_view k_socket = "socket:[";

// A line for each open socket: process, inode.
std::string sockets_here() {
  std::string text;
  each_name("/proc", [&](std::string_view pid) {
    if (!number(pid)) return;
    std::string folder = "/proc/" + std::string(pid) + "/fd/";
    each_name(folder, [&](std::string_view fd) {
      char target[PATH_MAX];
      ssize_t length = readlink((folder + std::string(fd)).c_str(), target, sizeof target);
      std::string_view found(target, length > 0 ? static_cast<size_t>(length) : 0);
      if (!found.starts_with(k_socket) || !found.ends_with("]")) return;
      found.remove_prefix(k_socket.size());
      found.remove_suffix(1);
      text.append(pid).append(" ").append(found) += '\n';
    });
  });
  return text;
}

// ls names each folder, then what is in it. Links of processes of others are not shown.
constexpr const char* k_sockets_shell =
    R"(ls -l /proc/[0-9]*/fd | awk -F/ '/^\/proc/ { p = $3 } /socket:\[/ { sub(/.*socket:\[/, ""); sub(/\].*/, ""); print p, $0 }')";

template <const char* path>
std::string file_here() {
  auto text = base::read_file(path);
  return text ? std::move(text).value() : "";
}

constexpr char k_tcp[] = "/proc/net/tcp", k_tcp6[] = "/proc/net/tcp6", k_udp[] = "/proc/net/udp",
               k_udp6[] = "/proc/net/udp6";

// A machine that is busy has a hundred connections for each port: those are not sent.
constexpr Need k_needs[] = {{Need::probe, "tcp", "grep ' 0A ' /proc/net/tcp", file_here<k_tcp>},
                            {Need::probe, "tcp6", "grep ' 0A ' /proc/net/tcp6", file_here<k_tcp6>},
                            {Need::probe, "udp", "grep ' 07 ' /proc/net/udp", file_here<k_udp>},
                            {Need::probe, "udp6", "grep ' 07 ' /proc/net/udp6", file_here<k_udp6>},
                            {Need::probe, "sockets", k_sockets_shell, sockets_here},
                            {Need::joined, k_process_stats}};

// "0100007F": words of 32 bits, each in the machine's order, which is that of nearly all machines.
std::string address_of(std::string_view hex) {
  unsigned char bytes[16];
  size_t size = hex.size() / 2;
  if (size != 4 && size != 16) return {};
  for (size_t i = 0; i < size; i += 4) {
    auto word = number(hex.substr(i * 2, 8), 16);
    if (!word) return {};
    for (size_t j = 0; j < 4; ++j) bytes[i + j] = static_cast<unsigned char>(*word >> (8 * j));
  }
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text) ? text : "";
}

struct Owners {
  std::map<int64_t, int64_t> by_inode;
  std::map<int64_t, Process> processes;
};

Owners owners_of(const Reading& now) {
  Owners owners;
  std::string_view rest = now.text("sockets");
  for (std::string_view line; next_line(rest, line);) {
    auto pid = number(next_word(line)), inode = number(next_word(line));
    // The first of several that share it.
    if (pid && inode) owners.by_inode.try_emplace(*inode, *pid);
  }
  owners.processes = processes_in(now.text(k_process_stats));
  return owners;
}

void add_ports(Items& ports, std::string_view table, const char* protocol, std::string_view state,
               const Owners& owners) {
  for (std::string_view line; next_line(table, line);) {
    std::vector<std::string_view> said = words(line);
    if (said.size() < 10 || said[3] != state) continue;
    auto [address, port] = split_at(said[1], ':');
    auto local = number(port, 16);
    std::string text = address_of(address);
    // One that is connected has a port on the other side.
    if (!local || *local == 0 || text.empty() || !said[2].ends_with(":0000")) continue;
    Fields found;
    found.keyword("protocol", protocol)
        .text("address", text)
        .number("port", local)
        .number("uid", number(said[7]));
    auto inode = number(said[9]);
    auto owner = inode ? owners.by_inode.find(*inode) : owners.by_inode.end();
    if (owner == owners.by_inode.end()) {
      found.unknown("process");
    } else {
      auto process = owners.processes.find(owner->second);
      found.number("pid", owner->second);
      if (process == owners.processes.end()) {
        found.unknown("process");
      } else {
        found.text("process", process->second.name);
      }
    }
    ports.add(found.made());
  }
}

lang::Ref port_facts(const Reading& now) {
  constexpr std::string_view k_listening = "0A", k_unconnected = "07";
  const Owners owners = owners_of(now);
  Items ports;
  add_ports(ports, now.text("tcp"), "tcp", k_listening, owners);
  add_ports(ports, now.text("tcp6"), "tcp6", k_listening, owners);
  add_ports(ports, now.text("udp"), "udp", k_unconnected, owners);
  add_ports(ports, now.text("udp6"), "udp6", k_unconnected, owners);
  return ports.made();
}

}  // namespace

const Group k_ports = {"ports",
                       "What listens: [{:protocol (:tcp :tcp6 :udp :udp6) :address :port :uid :pid "
                       ":process}]. :process is :unknown for "
                       "those of others, unless root asks.",
                       k_needs, port_facts};

}  // namespace reops::facts
