#include "mplane/probes/ping/settings.hpp"

#include "mplane/model/duration.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace mplane {
namespace {

[[noreturn]] void refuse(std::string_view key, const std::string& why) {
  throw Error(ErrorKind::Configuration, std::string(key), why);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template <typename Ip>
std::vector<Address> parse_hosts(std::string_view key, std::string_view text) {
  std::vector<Address> hosts;
  for (;;) {
    const auto comma = text.find(',');
    try {
      hosts.emplace_back(Ip::parse(trimmed(text.substr(0, comma))));
    } catch (const Error& error) {
      refuse(key, error.message());
    }
    if (comma == std::string_view::npos) return hosts;
    text.remove_prefix(comma + 1);
  }
}

Duration parse_time(std::string_view key, std::string_view text) {
  try {
    const Duration duration = parse_duration(text);
    const bool sensible = duration >= std::chrono::seconds(1) && duration <= std::chrono::hours(1);
    if (sensible) return duration;
  } catch (const Error& error) {
    refuse(key, error.message());
  }
  refuse(key, quoted(text) + " is not from 1s to 1h");
}

std::uint32_t parse_count(std::string_view key, std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || count == 0) refuse(key, quoted(text) + " is no number of packets");
  return count;
}

Duration parse_milliseconds(std::string_view key, std::string_view text) {
  constexpr std::uint32_t kHour = 3'600'000;
  const std::string_view number =
      text.ends_with("ms") ? text.substr(0, text.size() - 2) : std::string_view();
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  const bool whole = error == std::errc{} && end == number.data() + number.size();
  if (!whole || count == 0 || count > kHour)
    refuse(key, quoted(text) + " is not from 1ms to 3600000ms");
  return std::chrono::milliseconds(count);
}

using Parse = void (*)(PingSettings&, std::string_view key, std::string_view text);

struct Key {
  std::string_view name;
  Parse parse;
};

constexpr std::array kKeys{
    Key{"source-ip4",
        [](PingSettings& settings, std::string_view key, std::string_view text) {
          settings.source_ip4 = parse_hosts<Ip4>(key, text);
        }},
    Key{"source-ip6",
        [](PingSettings& settings, std::string_view key, std::string_view text) {
          settings.source_ip6 = parse_hosts<Ip6>(key, text);
        }},
    Key{"period", [](PingSettings& settings, std::string_view key,
                     std::string_view text) { settings.period = parse_time(key, text); }},
    Key{"wait", [](PingSettings& settings, std::string_view key,
                   std::string_view text) { settings.wait = parse_time(key, text); }},
    Key{"max-packets",
        [](PingSettings& settings, std::string_view key, std::string_view text) {
          settings.max_packets = parse_count(key, text);
        }},
    Key{"train-packets",
        [](PingSettings& settings, std::string_view key, std::string_view text) {
          settings.train_packets = parse_count(key, text);
        }},
    Key{"train-interval",
        [](PingSettings& settings, std::string_view key, std::string_view text) {
          settings.train_interval = parse_milliseconds(key, text);
        }},
};

void set(PingSettings& settings, const std::string& name, const std::string& text) {
  NearMiss guess(name);
  for (const Key& key : kKeys) {
    if (key.name == name) return key.parse(settings, name, text);
    guess.consider(key.name);
  }
  refuse(name, "ping has no such setting" + guess.hint());
}

}  // namespace

PingSettings parse_ping_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  PingSettings parsed;
  for (const auto& [name, text] : settings) set(parsed, name, text);
  return parsed;
}

}  // namespace mplane
