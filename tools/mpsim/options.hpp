#pragma once

#include "mplane/model/time.hpp"
#include "source_addresses.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// Anything between two times, both included.
struct TimeRange {
  Duration least{};
  Duration most{};

  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// Which part of the fleet misbehaves, and how: 0 none, 1 all. Together at most 1.
struct Misbehaviour {
  double flap = 0;  ///< goes away without a word and comes back, again and again
  double slow = 0;  ///< takes ten times as long to answer
  double lie = 0;   ///< sends what was not asked, for nobody, or unreadable
  double die = 0;   ///< goes away for good
};

/// What mpsim was told. A value.
struct SimOptions {
  std::size_t components = 0;
  std::string supervisor = {};     ///< URL, https
  std::filesystem::path pki = {};  ///< folder of the authority, as `mppki init` makes it
  std::filesystem::path ca = {};   ///< whom the components believe; empty: the authority of `pki`
  std::string name = "sim";        ///< of components: "sim-1", "sim-2", …
  std::optional<SourceAddresses> from = {};  ///< where connections come from
  std::vector<std::string> registries = {};
  std::filesystem::path capabilities = {};  ///< JSON; empty: a ping
  TimeRange answer_after{std::chrono::milliseconds(50), std::chrono::seconds(2)};
  Duration time = std::chrono::seconds(60);
  Misbehaviour misbehaviour = {};
  std::uint64_t seed = 1;
  bool json = false;
};

/// Reads the command line, as read_command_line. @throws Error{Configuration}, {Malformed} for
/// values that cannot be.
std::optional<int> read_options(int argc, const char* const* argv, SimOptions& options);

/// "50ms..2s", or one time for always the same. @throws Error{Malformed} naming the text.
TimeRange parse_time_range(std::string_view text);
/// "0.1" or "10%". @throws Error{Malformed} naming the text.
double parse_part(std::string_view text);

}  // namespace mplane
