#include "mplane/probes/common/settings_reader.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/setting_duration.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

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

Address parse_host(std::string_view key, IpFamily family, std::string_view text) {
  try {
    const Address host = Address::parse(text);
    if (family_of(host) == family && !host.is_network()) return host;
  } catch (const Error& error) {
    refuse(key, error.message());
  }
  refuse(key, quoted(text) + " is no host of " + (family == IpFamily::Ip4 ? "IPv4" : "IPv6"));
}

/// Calls `take` with each part between commas, without the blanks around it.
template <typename Take>
void each_part(std::string_view list, const Take& take) {
  for (;;) {
    const auto comma = list.find(',');
    take(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53" or "[2001:db8::53]:5353".
Endpoint parse_server(std::string_view text) {
  constexpr std::uint16_t kDomain = 53;
  const bool bracketed = text.starts_with('[');
  const auto colon = text.rfind(':');
  const bool has_port = bracketed ? colon != std::string_view::npos && text[colon - 1] == ']'
                                  : colon != std::string_view::npos && colon == text.find(':');
  std::string_view host = has_port ? text.substr(0, colon) : text;
  if (bracketed && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const Address address = Address::parse(host);
  const auto port = has_port ? whole_number(text.substr(colon + 1)) : kDomain;
  const bool fits = port && *port >= 1 && *port <= std::numeric_limits<std::uint16_t>::max();
  if (!fits || address.is_network() || (bracketed && address.is_ip4())) {
    throw Error(ErrorKind::Malformed, "", "");
  }
  return {address, static_cast<std::uint16_t>(*port)};
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
  try {
    const Duration time = parse_setting_duration(*setting);
    if (time >= least && time <= most) return time;
  } catch (const Error& error) {
    refuse(key, error.message());
  }
  refuse(key,
         quoted(*setting) + " is not from " + setting_text(least) + " to " + setting_text(most));
}

std::vector<Address> SettingsReader::hosts(std::string_view key, IpFamily family) {
  const std::string* const setting = find(key);
  std::vector<Address> hosts;
  if (setting == nullptr) return hosts;
  each_part(*setting,
            [&](std::string_view part) { hosts.push_back(parse_host(key, family, part)); });
  return hosts;
}

std::vector<Endpoint> SettingsReader::name_servers(std::string_view key) {
  const std::string* const setting = find(key);
  std::vector<Endpoint> servers;
  if (setting == nullptr) return servers;
  each_part(*setting, [&](std::string_view part) {
    try {
      servers.push_back(parse_server(part));
    } catch (const Error&) {
      refuse(key, quoted(part) + " is no server, such as 192.0.2.53 or [2001:db8::53]:5353");
    }
  });
  return servers;
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
