#include "ssh/destination.hpp"

namespace reops::ssh {

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string describe(const Destination& destination) {
  return destination.name + " (" + host_and_port(destination.host, destination.port) + ")";
}

}  // namespace reops::ssh
