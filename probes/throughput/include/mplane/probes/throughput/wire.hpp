#pragma once

#include "mplane/probe/icmp_packet.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

// What a sender and a receiver of load say to each other, as pure functions: bytes to meaning and
// back. Numbers are big-endian; each message begins with a word of four letters.
//
//     sender                          receiver
//       | ------- request (TCP) -------> |    "let me send by TCP", or by UDP
//       | <----- grant or refusal ------ |    with a number that marks the datagrams
//       | ======= the load itself =====> |    on the same connection, or in datagrams to its port
//       | -------- end of stream ------> |
//       | <---------- report ----------- |    what has arrived, and in which time
//
// Nothing is sent to whoever has not granted it.

namespace mplane {

/// What the load consists of.
enum class LoadKind : std::uint8_t { Tcp = 1, Udp = 2 };

/// A sender's first words.
struct LoadRequest {
  static constexpr std::size_t kSize = 8;
  LoadKind kind = LoadKind::Tcp;
  friend bool operator==(const LoadRequest&, const LoadRequest&) = default;
};

/// The receiver's answer.
struct LoadGrant {
  static constexpr std::size_t kSize = 16;
  bool granted = false;      ///< else somebody else is sending
  std::uint64_t cookie = 0;  ///< has to be in each datagram; nobody can guess it
  friend bool operator==(const LoadGrant&, const LoadGrant&) = default;
};

/// What a receiver saw.
struct LoadReport {
  static constexpr std::size_t kSize = 64;
  std::uint64_t octets = 0;          ///< that the application took, of all first arrivals
  std::uint64_t first_octets = 0;    ///< of them with the first arrival, at which time begins
  std::chrono::nanoseconds time{0};  ///< from the first arrival to the last
  std::uint64_t datagrams = 0;       ///< each counted once
  std::uint64_t out_of_order = 0;    ///< of them, with a lesser number than one before (RFC 4737)
  std::uint64_t duplicates = 0;      ///< beyond the first arrival (RFC 5560)
  /// That its host had, and its application could not take in time, whoever sent them.
  std::uint64_t dropped = 0;
  friend bool operator==(const LoadReport&, const LoadReport&) = default;
};

/// What a datagram begins with.
struct LoadTag {
  static constexpr std::size_t kSize = 16;
  std::uint64_t cookie = 0;
  std::uint64_t number = 0;  ///< counted from 0
  friend bool operator==(const LoadTag&, const LoadTag&) = default;
};

std::array<std::uint8_t, LoadRequest::kSize> encode(const LoadRequest& request) noexcept;
std::array<std::uint8_t, LoadGrant::kSize> encode(const LoadGrant& grant) noexcept;
std::array<std::uint8_t, LoadReport::kSize> encode(const LoadReport& report) noexcept;
std::array<std::uint8_t, LoadTag::kSize> encode(const LoadTag& tag) noexcept;

/// Nothing for what is no such message, of exactly that size; of a datagram only the begin counts.
std::optional<LoadRequest> decode_load_request(Bytes bytes) noexcept;
std::optional<LoadGrant> decode_load_grant(Bytes bytes) noexcept;
std::optional<LoadReport> decode_load_report(Bytes bytes) noexcept;
std::optional<LoadTag> decode_load_tag(Bytes bytes) noexcept;

/// Bits per second of what came after the first arrival; nothing if no time passed.
std::optional<std::uint64_t> goodput(const LoadReport& report) noexcept;

}  // namespace mplane
