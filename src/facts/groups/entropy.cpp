// Randomness at hand.

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {{Need::line, "/proc/sys/kernel/random/entropy_avail"},
                            {Need::line, "/proc/sys/kernel/random/poolsize"}};

lang::Ref entropy_facts(const Reading& now) {
  auto available = number(now.line(k_needs[0].name));
  Fields facts;
  if (!available) facts.unknown("available");
  return facts.number("available", available).number("pool", number(now.line(k_needs[1].name))).made();
}

}  // namespace

const Group k_entropy = {"entropy", "Bits of entropy: {:available :pool}.", k_needs, entropy_facts};

}  // namespace reops::facts
