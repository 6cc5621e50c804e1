#pragma once
// What a make-believe fleet is told on its command line.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace reops::fleet {

/// How hosts of a range of addresses behave.
enum class Manner {
  answering,
  dead,      ///< nobody answers its SYN
  silent,    ///< accepts and says nothing
  hung,      ///< lets us in, and no command ever ends
  flooding,  ///< its commands say things without end
};

struct Range {
  std::uint32_t first = 0;  ///< addresses in the machine's byte order
  std::uint32_t last = 0;
  Manner manner = Manner::answering;
};

struct Options {
  std::uint16_t port = 0;
  std::string host_key;    ///< the file of its private key
  std::string authorized;  ///< the file of the one public key that is let in
  std::size_t processes = 1;
  std::vector<Range> ranges;

  Manner manner_of(std::uint32_t address) const;
};

base::Result<Options> read_options(const std::vector<std::string>& words);

}  // namespace reops::fleet
