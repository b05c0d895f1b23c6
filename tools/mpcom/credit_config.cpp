#include "credit_config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

constexpr std::uint64_t kMany = 1'000'000'000;

Credit read_client(ConfigSection& section) {
  Credit credit;
  credit.identity = section.text("identity");
  if (section.is_valid() && !section.has("identity")) {
    section.mistake("identity", "'identity' is missing: whom is this for?");
  }
  const auto limit = [&](const std::string_view key, auto& value) {
    const std::uint64_t given = section.natural(key, kMany, 1, kMany);
    if (section.has(key)) value = given;
  };
  limit("specifications-per-hour", credit.specifications_per_hour);
  limit("measurements", credit.measurements);
  limit("packets-per-hour", credit.packets_per_hour);
  section.refuse_others();
  return credit;
}

}  // namespace

CreditOptions read_credits(ConfigSection section) {
  CreditOptions options;
  for (ConfigSection& one : section.sections("clients")) {
    options.clients.push_back(read_client(one));
  }
  for (ConfigSection& one : section.sections("costs")) {
    PacketCost cost{one.text("label"), one.natural("packets", 1, 0, kMany)};
    for (const std::string_view key : {"label", "packets"}) {
      if (one.is_valid() && !one.has(key)) {
        one.mistake(key, "'" + std::string(key) + "' is missing");
      }
    }
    one.refuse_others();
    options.costs.push_back(std::move(cost));
  }
  section.refuse_others();
  return options;
}

}  // namespace mplane
