#include "answers.hpp"

#include "mplane/model/uri.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {
namespace {

/// How the last word of a name scales what is typical, in percent.
std::uint64_t percentage_of(const std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 7> kWords{{
      {".min", 80},
      {".mean", 100},
      {".50pct", 98},
      {".95pct", 140},
      {".99pct", 150},
      {".max", 160},
      {".stddev", 12},
  }};
  const auto word = std::find_if(kWords.begin(), kWords.end(),
                                 [&](const auto& one) { return name.ends_with(one.first); });
  return word == kWords.end() ? 100 : word->second;
}

Address documentation_address(const Element& column, Random& random) {
  const auto last = static_cast<std::uint8_t>(random.between(1, 254));
  if (column.name().find("ip6") != std::string::npos) {
    return Ip6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});  // RFC 3849
  }
  return Ip4({192, 0, 2, last});  // RFC 5737
}

Value plausible_value(const Element& column, const std::uint64_t typical, const Instant last,
                      Random& random) {
  constexpr std::uint64_t kMostPackets = 10;
  constexpr double kPart = 1e-3;
  const std::string& name = column.name();
  switch (column.primitive()) {
    case Primitive::Natural:
      if (name.ends_with(".count")) return random.between(1, kMostPackets);
      return typical * percentage_of(name) / 100;
    case Primitive::Real:
      return static_cast<double>(typical * percentage_of(name)) / 100 * kPart;
    case Primitive::Boolean:
      return random.between(0, 9) > 0;
    case Primitive::Time:
      return last;
    case Primitive::Address:
      return documentation_address(column, random);
    case Primitive::Url:
      return Uri::parse("https://www.example.org/");
    case Primitive::String:
      break;
  }
  return "simulated";
}

}  // namespace

Result plausible_result(const Specification& asked, const Instant first, const Instant last,
                        Random& random) {
  constexpr std::uint64_t kLeast = 1'000;  // a millisecond, of what is in microseconds
  constexpr std::uint64_t kMost = 60'000;
  const std::uint64_t typical = random.between(kLeast, kMost);
  std::vector<Value> row;
  for (const Element* const column : asked.schema().columns()) {
    row.push_back(plausible_value(*column, typical, last, random));
  }
  return Result(asked).measured(first, last).row(row).with_token(asked.token());
}

}  // namespace mplane
