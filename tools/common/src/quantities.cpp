#include "mplane/tools/quantities.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace mplane {
namespace {

using namespace std::string_view_literals;

constexpr std::array kByteUnits = {
    std::pair{"GiB"sv, std::uint64_t{1} << 30U}, std::pair{"MiB"sv, std::uint64_t{1} << 20U},
    std::pair{"KiB"sv, std::uint64_t{1} << 10U}, std::pair{"GB"sv, std::uint64_t{1'000'000'000}},
    std::pair{"MB"sv, std::uint64_t{1'000'000}}, std::pair{"kB"sv, std::uint64_t{1'000}},
    std::pair{"B"sv, std::uint64_t{1}},          std::pair{""sv, std::uint64_t{1}}};

/// The number before a unit, times what the unit stands for; nothing when it is none.
std::optional<std::uint64_t> scaled(const std::string_view text, const std::string_view unit,
                                    const std::uint64_t scale) {
  if (!text.ends_with(unit)) return {};
  std::string_view digits = text.substr(0, text.size() - unit.size());
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  if (number > std::numeric_limits<std::uint64_t>::max() / scale) return {};
  return number * scale;
}

}  // namespace

std::uint64_t parse_bytes(const std::string_view text) {
  for (const auto& [unit, scale] : kByteUnits) {
    if (const auto bytes = scaled(text, unit, scale)) return *bytes;
  }
  throw Error(ErrorKind::Malformed, "",
              mplane::quoted(text) + " is no number of bytes, such as 4096, 64kB or 16MiB");
}

std::string bytes_text(const std::uint64_t bytes) {
  for (const auto& [unit, scale] : kByteUnits) {
    if (unit.ends_with("iB") && bytes > 0 && bytes % scale == 0) {
      return std::to_string(bytes / scale) + std::string(unit);
    }
  }
  return std::to_string(bytes);
}

}  // namespace mplane
