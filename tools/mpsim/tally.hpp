#pragma once

#include "histogram.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mplane {

/// What a fleet counts.
enum class Seen : std::uint8_t {
  Registered,     ///< components that registered at least once
  Registrations,  ///< requests to register that were taken
  Polls,          ///< that were answered
  Asked,          ///< specifications
  Answered,       ///< results that were taken
  Receipts,       ///< that were taken
  Interrupted,    ///< specifications that were ended before their time
  Refused,        ///< requests and registrations of capabilities
  Repeated,       ///< messages that had to be sent again
  Flapped,
  Lied,
  Died,
  Count,
};

/// Why a connection failed, or an answer could not be used.
enum class Trouble : std::uint8_t {
  NoDescriptor,
  NoFile,
  NoPort,
  NoMemory,
  NotListening,
  Unreachable,
  NotTrusted,
  Handshake,
  Cut,
  Late,
  NotHttp,
  NotMessage,
  Count,
};

/// What it is called in a report; of what this machine ran out of, with the limit's name.
std::string_view to_string(Trouble trouble) noexcept;

/// What was seen. A value, of plain bytes, so that processes can hand it on.
struct Tally {
  static constexpr std::size_t kStatuses = 600;
  using Clock = std::chrono::steady_clock;

  std::array<std::uint64_t, static_cast<std::size_t>(Seen::Count)> seen{};
  std::array<std::uint64_t, static_cast<std::size_t>(Trouble::Count)> troubles{};
  std::array<std::uint64_t, kStatuses> statuses{};  ///< answers by HTTP status
  Histogram handshake = {};     ///< from connecting to the end of the TLS handshake
  Histogram registration = {};  ///< from the request to its answer
  Histogram result = {};        ///< from sending one to the word that it arrived
  Clock::time_point began = Clock::time_point::max();          ///< the first connection
  Clock::time_point registered_by = Clock::time_point::min();  ///< the last first registration

  std::uint64_t& of(Seen what) noexcept { return seen[static_cast<std::size_t>(what)]; }
  std::uint64_t of(Seen what) const noexcept { return seen[static_cast<std::size_t>(what)]; }
  std::uint64_t of(Trouble what) const noexcept { return troubles[static_cast<std::size_t>(what)]; }
  void note(Seen what) noexcept { ++of(what); }
  void note(Trouble what) noexcept { ++troubles[static_cast<std::size_t>(what)]; }
  void note_status(int status) noexcept;

  Tally& operator+=(const Tally& other) noexcept;
};

}  // namespace mplane
