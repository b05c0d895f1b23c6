#pragma once

#include "support/link/fate.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mplane::test {

enum class Direction : std::uint8_t { AToB, BToA };

/// What a link did to one packet. The truth about it, whatever the link was set to.
struct LinkRecord {
  using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

  Direction direction = Direction::AToB;
  std::uint64_t number = 0;  ///< of its direction, from 0
  Fate fate;
  WallTime arrived;   ///< the kernel's stamp
  WallTime departed;  ///< when it was sent on, for the first time; the epoch if it was dropped
  std::size_t bytes = 0;
  std::string packet;  ///< in the words of `describe`
};

/// The first line of a log: the names of its columns.
std::string log_header();
/// A line of a log, without its end: "a-b,7,forwarded,1700000000123456789,…,98,icmp4 type=8 …". The
/// third column is forwarded or dropped, or duplicated, reordered, or both joined by "+".
std::string log_line(const LinkRecord& record);

struct LinkSettings {
  Impairment a_to_b = {};
  Impairment b_to_a = {};
  std::uint64_t seed = 1;
};

/// A link in user space: takes the Ethernet frames that arrive at two interfaces and sends each out
/// of the other one after its delay, or drops, doubles or holds it back. It runs on a thread of its
/// own, until it is destroyed; what is then under way is lost. Needs CAP_NET_RAW.
class Link {
 public:
  /// Called on the link's thread, once a packet's fate is fulfilled.
  using Log = std::function<void(const LinkRecord&)>;

  /// Between two interfaces of the calling thread's network namespace.
  /// @throws std::runtime_error.
  Link(const std::string& interface_a, const std::string& interface_b, const LinkSettings& settings,
       Log log);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace mplane::test
