#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probes/throughput/datagram_count.hpp"
#include "mplane/probes/throughput/wire.hpp"
#include "settings.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace mplane::detail {

/// A load that was received, or not to its end. A value.
struct ReceivedLoad {
  Instant start;
  Address sender = Ip4();
  LoadKind kind = LoadKind::Tcp;
  std::string outcome = "interrupted";
  LoadReport report = {};
};

/// One connection of a sender, from its request to our report. On the engine's loop.
///
///     asking -> receiving -> (settling) -> reported
class IncomingLoad {
 public:
  /// What the receiver has to say to it.
  struct Receiver {
    /// Whether it may send now; asked once, when it has said what it wants.
    std::function<bool()> claim;
    /// How many datagrams its host has dropped at its port so far; counts on from 2^32 as from 0.
    std::function<std::uint32_t()> dropped;
    /// Hands over datagrams that have arrived and were not taken yet, some dozens of them.
    std::function<void()> catch_up;
    /// Told that it is over, not within a call to it; may destroy it.
    std::function<void(IncomingLoad&)> ended;
  };

  IncomingLoad(Engine& engine, FileDescriptor connection, const Address& sender,
               const LoadSettings& settings, Receiver receiver);
  IncomingLoad(const IncomingLoad&) = delete;
  IncomingLoad& operator=(const IncomingLoad&) = delete;
  ~IncomingLoad() = default;

  /// A datagram of so many octets that arrived at the receiver's port, maybe of this load.
  /// @param begin the first of them.
  void take(Bytes begin, std::size_t octets);

  /// What has arrived, if it was ever granted.
  const std::optional<ReceivedLoad>& load() const noexcept { return load_; }

 private:
  void on_readable();
  void read_request();
  void read_load();
  void read_end();
  void arrived(std::size_t octets);
  void settle();
  void report();
  void fall_silent();
  void run_out();
  void end(std::string outcome);

  Engine& engine_;
  const FileDescriptor connection_;
  const Address sender_;
  const LoadSettings settings_;
  const Receiver receiver_;
  std::array<std::uint8_t, LoadRequest::kSize> request_{};
  std::size_t request_bytes_ = 0;
  std::uint64_t cookie_ = 0;
  std::uint32_t dropped_before_ = 0;
  std::optional<ReceivedLoad> load_;
  DatagramCount count_;
  bool settling_ = false;
  bool ended_ = false;
  SteadyTime first_;
  SteadyTime last_;  ///< when something arrived, the end of a load by UDP included
  Watch watch_;
  Timer silence_;
  Timer limit_;  ///< from the grant on: somebody else wants to send, too
  Timer over_;
};

}  // namespace mplane::detail
