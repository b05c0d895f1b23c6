#include "mplane/session/detail/asked_pause.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mplane::detail {

Duration asked_pause(const std::string_view retry_after) {
  constexpr std::int64_t kLongest = 3600;
  const bool is_number =
      !retry_after.empty() && retry_after.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number) return Duration(0);
  std::int64_t seconds = 0;
  for (const char digit : retry_after) {
    seconds = std::min(kLongest, 10 * seconds + (digit - '0'));
  }
  return std::chrono::seconds(seconds);
}

}  // namespace mplane::detail
