#include "mplane/probes/ping/settings.hpp"

#include "mplane/probes/common/settings_reader.hpp"

#include <limits>

namespace mplane {

PingSettings parse_ping_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  using std::chrono::hours, std::chrono::milliseconds, std::chrono::seconds;
  SettingsReader reader("ping", settings);
  PingSettings read;
  const auto packets = [&](std::string_view key, std::uint32_t otherwise) {
    constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(reader.number(key, otherwise, 1, kMost));
  };
  read.source_ip4 = reader.hosts("source-ip4", IpFamily::Ip4);
  read.source_ip6 = reader.hosts("source-ip6", IpFamily::Ip6);
  read.period = reader.time("period", read.period, seconds(1), hours(1));
  read.wait = reader.time("wait", read.wait, seconds(1), hours(1));
  read.max_packets = packets("max-packets", read.max_packets);
  read.train_packets = packets("train-packets", read.train_packets);
  read.train_interval =
      reader.time("train-interval", read.train_interval, milliseconds(1), hours(1));
  reader.finish();
  return read;
}

}  // namespace mplane
