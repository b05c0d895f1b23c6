#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/time.hpp"
#include "mplane/probe/engine.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>

namespace mplane::detail {

/// Whose packets belong together (RFC 8972 section 3): a sender, told from its others by an
/// identifier. A value.
struct StampSession {
  Address host;
  std::uint16_t port = 0;
  Address here;  ///< the address of this host that it sends to
  std::uint16_t identifier = 0;

  friend std::strong_ordering operator<=>(const StampSession&, const StampSession&) = default;
  friend bool operator==(const StampSession&, const StampSession&) = default;
};

/// The sessions that a reflector counts its replies for, by when they were last used: those that
/// were silent for too long are forgotten without a look at the others. One thread at a time.
class SessionTable {
 public:
  struct Limits {
    std::size_t all = 1'000;
    std::size_t of_host = 500;
    Duration timeout = std::chrono::minutes(15);
  };

  explicit SessionTable(const Limits& limits) : limits_(limits) {}
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;
  ~SessionTable() = default;

  void forget_silent(SteadyTime now);
  bool contains(const StampSession& session) const { return places_.contains(session); }
  bool has_room_for(const Address& host) const;
  /// The count of a session, which begins at 0 if it is a new one. @pre it is contained, or has
  /// room. @return good until a session is forgotten.
  std::uint32_t& use(const StampSession& session, SteadyTime now);

 private:
  struct Known {
    StampSession session;
    std::uint32_t count = 0;
    SteadyTime last = {};
  };

  const Limits limits_;
  std::list<Known> known_;  // the one that was silent for longest first
  std::map<StampSession, std::list<Known>::iterator> places_;
  std::map<Address, std::size_t> of_hosts_;  // how many each has, of those that have some
};

}  // namespace mplane::detail
