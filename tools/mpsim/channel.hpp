#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probe/unique_function.hpp"
#include "reply_parser.hpp"
#include "tally.hpp"
#include "tls_dialer.hpp"
#include "turnstile.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace mplane {

/// What all channels of a worker share; they outlive them.
struct ChannelSurroundings {
  Engine& engine;
  Turnstile& turnstile;
  const TlsDialer& dialer;
  SocketAddress supervisor;
  Tally& tally;
};

/// One HTTPS connection of a component, made when it is needed and kept while the supervisor keeps
/// it: one request at a time, nothing blocks. On the engine's loop.
///
///     Closed -> Queued -> Connecting -> Handshaking -> Writing -> Reading <-> Idle
///       ^---------------------- whatever goes wrong, or close() ----------------'
class Channel final : private Waiting {
 public:
  using Done = UniqueFunction<void(std::optional<HttpAnswer>)>;

  /// @param badge what it shows; outlives it. @param source where it comes from; nothing: the
  /// system's choice.
  Channel(ChannelSurroundings& around, const Badge& badge, std::optional<Address> source)
      : around_(around), badge_(badge), source_(source) {}
  ~Channel() override = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  bool is_busy() const noexcept { return static_cast<bool>(done_); }

  /// Sends a request; only while it is not busy. `done` is called once with the answer, or with
  /// nothing when there was none, which is counted: never within this call.
  void request(std::string bytes, std::chrono::nanoseconds patience, Done done);

  /// How long the last answer took, from the request on a connection that was ready.
  std::chrono::nanoseconds took() const noexcept { return took_; }

  /// Cuts the connection; a request under way is never answered.
  void close();

 private:
  enum class State : std::uint8_t {
    Closed,
    Queued,
    Connecting,
    Handshaking,
    Writing,
    Reading,
    Idle,
  };
  /// What a step leaves to do: the next step, or to wait until something happens.
  enum class Next : std::uint8_t { Go, Wait };

  void enter() override;
  bool open();
  void advance();
  Next step();
  Next connected();
  Next shake_hands();
  Next write();
  Next read();
  Next rest();
  Next wait_or_fail(int result);
  Trouble trouble() const;
  void begin();
  void finish();
  void fail(Trouble trouble);
  void leave_turnstile();
  void want_write(bool wanted);

  ChannelSurroundings& around_;
  const Badge& badge_;
  const std::optional<Address> source_;

  State state_ = State::Closed;
  bool is_inside_ = false;  ///< of the turnstile
  bool wants_write_ = false;
  FileDescriptor descriptor_;
  Watch watch_;
  SslPtr ssl_;
  Tally::Clock::time_point dialed_{};
  std::chrono::nanoseconds patience_{};  ///< with the answer to the request
  Tally::Clock::time_point asked_{};
  std::chrono::nanoseconds took_{};
  Timer deadline_;
  Timer soon_;  ///< a step that must not be taken within the caller's

  std::string out_;
  std::size_t sent_ = 0;
  std::optional<ReplyParser> parser_;
  Done done_;
};

}  // namespace mplane
