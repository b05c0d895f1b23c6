#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/time.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/socket_address.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// Reads what an operator wrote below a module's `settings`, key by key; `finish` refuses the keys
/// that nobody has asked for. All throw Error{Configuration} whose `where` is the key. One thread
/// at a time.
class SettingsReader {
 public:
  using Settings = std::map<std::string, std::string, std::less<>>;

  /// The settings outlive the reader.
  SettingsReader(std::string_view module, const Settings& settings)
      : module_(module), settings_(settings) {}

  /// The text of a key, if it is there.
  std::optional<std::string> text(std::string_view key);
  /// A whole number within bounds.
  std::uint64_t number(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                       std::uint64_t most);
  bool flag(std::string_view key, bool otherwise);
  /// As `parse_setting_duration` has it; within bounds.
  Duration time(std::string_view key, Duration otherwise, Duration least, Duration most);
  /// Addresses of hosts of a family, separated by commas.
  std::vector<Address> hosts(std::string_view key, IpFamily family);
  /// Servers of the DNS, separated by commas, each an address with or without a port (53).
  std::vector<Endpoint> name_servers(std::string_view key);

  /// @throws Error{Configuration} naming a key that no one has read, with a near miss.
  void finish() const;

 private:
  const std::string* find(std::string_view key);

  std::string module_;
  const Settings& settings_;
  std::vector<std::string> known_;
};

}  // namespace mplane
