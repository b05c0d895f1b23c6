#pragma once

#include "mplane/probe/icmp_notice.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/icmp_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mplane {

/// An ICMP error about something that a socket sent, with views of the queue's buffers: good until
/// the handler returns.
struct QueuedError {
  IcmpNotice notice;
  std::optional<std::uint8_t> hop_limit;  ///< of the error as it arrived, if that was asked for
  /// What it quotes of the packet: of UDP the payload, of TCP and ICMP their headers, too.
  Bytes quoted;
  Bytes extensions;  ///< what it says behind the quote (`icmp_extensions`)
  WallTime received;
  bool kernel_stamp = false;  ///< else read from the clock after the error was handed over
};

/// Who is told what an error queue held. None may destroy the queue.
struct ErrorQueueEvents {
  std::function<void(const QueuedError&)> error = {};
  /// The kernel's stamp of something sent, and how many the socket had sent before that.
  std::function<void(std::uint32_t key, WallTime sent)> transmitted = {};
};

/// Reads the error queues of sockets that were told to have one (`queue_errors`,
/// `stamp_packets`). Holds nothing but buffers. One thread at a time.
class ErrorQueue {
 public:
  /// @param headers bytes of the packets' headers that the kernel leaves out of what is quoted.
  /// @param at_once how many messages to have buffers of two kilobytes for: up to 32 come with one
  /// system call.
  explicit ErrorQueue(std::size_t headers, std::size_t at_once = 32);
  ~ErrorQueue();
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;

  /// Takes what waits, at most some hundreds at once, and tells it.
  void read(int descriptor, const ErrorQueueEvents& events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
