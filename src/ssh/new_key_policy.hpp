#pragma once
// NewKeyPolicy: what is done with the key of a host that has none on file, by the network in which the host
// is.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace reops::ssh {

/// Immutable.
class NewKeyPolicy {
 public:
  /// Of networks such as "10.0.0.0/8" or "2001:db8::/32", and whether a new key is accepted there.
  static base::Result<NewKeyPolicy> parse(const std::vector<std::pair<std::string, bool>>& rules);

  /// Whether a new key is accepted of a host that was reached at "192.0.2.7:22" or "[2001:db8::7]:22"; none
  /// when the policy does not say. Of networks that overlap the smallest counts.
  std::optional<bool> accepts(std::string_view address) const;

  /// The same text for the same policy.
  const std::string& text() const { return text_; }

 private:
  struct Address {
    int family = 0;
    std::array<unsigned char, 16> bytes{};
  };
  struct Rule {
    Address network;
    std::size_t bits = 0;
    bool accepts = false;
  };
  static std::optional<Address> parse_address(const std::string& text);
  static bool holds(const Rule& rule, const Address& address);

  std::vector<Rule> rules_;
  std::string text_;
};

}  // namespace reops::ssh
