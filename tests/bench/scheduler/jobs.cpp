#include "jobs.hpp"

#include <cstdint>
#include <cstdio>

namespace bench {
namespace {

std::string token_of(const std::size_t number) {
  char text[33];
  const std::uint64_t scattered = (number + 1) * 0x9e3779b97f4a7c15U;
  std::snprintf(text, sizeof(text), "%016llx%016llx", static_cast<unsigned long long>(scattered),
                static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

mplane::Capability counting_capability() {
  return mplane::Capability::measure("count")
      .when("past ... future")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.count")
      .build(mplane::Registry::core());
}

std::vector<mplane::Specification> specifications(const mplane::Capability& capability,
                                                  const mplane::When& when, const std::size_t first,
                                                  const std::size_t count) {
  const mplane::Specification model =
      capability.specify(when).set("destination.ip4", "192.0.2.7").build();
  std::vector<mplane::Specification> made;
  made.reserve(count);
  for (std::size_t i = first; i < first + count; ++i) made.push_back(model.with_token(token_of(i)));
  return made;
}

}  // namespace bench
