#include "mplane/probes/common/settings_reader.hpp"

#include "mplane/model/duration.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

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

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<Duration> parse_time(std::string_view text) {
  constexpr std::uint64_t kDay = 86'400'000;
  if (text.ends_with("ms")) {
    const auto count = whole_number(text.substr(0, text.size() - 2));
    if (!count || *count > kDay) return std::nullopt;
    return std::chrono::milliseconds(*count);
  }
  try {
    return parse_duration(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string to_text(Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
  return whole % std::chrono::seconds(1) == whole.zero() ? to_string(duration)
                                                         : std::to_string(whole.count()) + "ms";
}

Address parse_host(std::string_view key, IpFamily family, std::string_view text) {
  try {
    const Address host = Address::parse(text);
    if (family_of(host) == family && !host.is_network()) return host;
  } catch (const Error& error) {
    refuse(key, error.message());
  }
  refuse(key, quoted(text) + " is no host of " + (family == IpFamily::Ip4 ? "IPv4" : "IPv6"));
}

}  // namespace

const std::string* SettingsReader::find(std::string_view key) {
  known_.emplace_back(key);
  const auto setting = settings_.find(key);
  return setting == settings_.end() ? nullptr : &setting->second;
}

std::optional<std::string> SettingsReader::text(std::string_view key) {
  const std::string* const setting = find(key);
  return setting == nullptr ? std::nullopt : std::optional(*setting);
}

std::uint64_t SettingsReader::number(std::string_view key, std::uint64_t otherwise,
                                     std::uint64_t least, std::uint64_t most) {
  const std::string* const setting = find(key);
  if (setting == nullptr) return otherwise;
  const auto number = whole_number(*setting);
  if (number && *number >= least && *number <= most) return *number;
  refuse(key, quoted(*setting) + " is no number from " + std::to_string(least) + " to " +
                  std::to_string(most));
}

bool SettingsReader::flag(std::string_view key, bool otherwise) {
  const std::string* const setting = find(key);
  if (setting == nullptr) return otherwise;
  if (*setting == "true" || *setting == "false") return *setting == "true";
  refuse(key, quoted(*setting) + " is neither true nor false");
}

Duration SettingsReader::time(std::string_view key, Duration otherwise, Duration least,
                              Duration most) {
  const std::string* const setting = find(key);
  if (setting == nullptr) return otherwise;
  const auto time = parse_time(*setting);
  if (time && *time >= least && *time <= most) return *time;
  refuse(key, quoted(*setting) + " is not from " + to_text(least) + " to " + to_text(most));
}

std::vector<Address> SettingsReader::hosts(std::string_view key, IpFamily family) {
  const std::string* const setting = find(key);
  std::vector<Address> hosts;
  if (setting == nullptr) return hosts;
  std::string_view rest = *setting;
  for (;;) {
    const auto comma = rest.find(',');
    hosts.push_back(parse_host(key, family, trimmed(rest.substr(0, comma))));
    if (comma == std::string_view::npos) return hosts;
    rest.remove_prefix(comma + 1);
  }
}

void SettingsReader::finish() const {
  for (const auto& [name, text] : settings_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    NearMiss guess(name);
    for (const std::string& key : known_) guess.consider(key);
    refuse(name, module_ + " has no such setting" + guess.hint());
  }
}

}  // namespace mplane
