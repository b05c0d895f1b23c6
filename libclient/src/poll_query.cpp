#include "poll_query.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace mplane::detail {
namespace {

constexpr std::size_t kLongestVersion = 32;

bool is_version(const std::string_view text) {
  const auto is_letter = [](const char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == '~';
  };
  return text.size() <= kLongestVersion && std::all_of(text.begin(), text.end(), is_letter);
}

template <typename T>
std::optional<T> number(const std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return {};
  return value;
}

std::optional<double> load_in(const std::string_view text) {
  const auto load = number<double>(text);
  return load && std::isfinite(*load) && *load >= 0 ? load : std::nullopt;
}

/// Since 1970. A clock that says neither 1970 nor 9999 cannot make a difference run over.
std::optional<Duration> time_in(const std::string_view text) {
  constexpr std::int64_t kLatest = 253'402'300'799'999'999;
  const auto time = number<std::int64_t>(text);
  if (!time || *time < 0 || *time > kLatest) return {};
  return Duration(*time);
}

}  // namespace

ComponentSelf read_poll_query(std::string_view query, const Instant now) {
  ComponentSelf self;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::string_view key = pair.substr(0, pair.find('='));
    const std::string_view value = pair.substr(std::min(pair.size(), key.size() + 1));
    if (key == "version" && is_version(value)) self.version = value;
    if (key == "load") self.load = load_in(value);
    if (key == "time") {
      const auto time = time_in(value);
      if (time) self.clock_offset = *time - now.time_since_epoch();
    }
  }
  return self;
}

}  // namespace mplane::detail
