#include "mplane/model/setting_duration.hpp"

#include "mplane/model/duration.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

using namespace std::string_view_literals;

std::optional<Duration> count_of(std::string_view text, std::string_view unit, Duration length) {
  if (!text.ends_with(unit)) return {};
  std::string_view digits = text.substr(0, text.size() - unit.size());
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  // The greatest of all means without end.
  const auto most = static_cast<std::uint64_t>((kWithoutEnd - Duration(1)) / length);
  if (count > most) return {};
  return static_cast<Duration::rep>(count) * length;
}

}  // namespace

Duration parse_setting_duration(const std::string_view text) {
  for (const auto& [unit, length] :
       {std::pair{"ms"sv, Duration(1000)}, std::pair{"us"sv, Duration(1)}}) {
    if (const auto duration = count_of(text, unit, length)) return *duration;
  }
  try {
    return parse_duration(text);
  } catch (const Error&) {
    throw Error(ErrorKind::Malformed, "",
                mplane::quoted(text) + " is no duration, such as 5s, 1h30m or 250ms");
  }
}

std::string setting_text(const Duration duration) {
  using std::chrono::milliseconds, std::chrono::seconds;
  if (duration == kWithoutEnd || duration % seconds(1) == Duration(0)) return to_string(duration);
  if (duration % milliseconds(1) == Duration(0)) {
    return std::to_string(duration / milliseconds(1)) + "ms";
  }
  return std::to_string(duration.count()) + "us";
}

}  // namespace mplane
