#pragma once

#include "event_loop.hpp"
#include "request_parser.hpp"
#include "transport.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace mplane::detail {

/// One peer's connection: handshake, then requests and answers in turn. Belongs to its loop's
/// thread.
///
///     Handshaking -> Reading <-> Answering -> Writing -> Lingering -> Closed
///                       ^------------------------'
///
/// Answering: the handler has the request. Lingering: all is said, and what the peer still sends is
/// thrown away, for closing on unread bytes would have the system tear up our last words.
/// Only Answering has no deadline of ours: an answer takes as long as the handler likes.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = EventLoop::Clock;

  Connection(EventLoop& loop, Site& site, Descriptor descriptor, std::string remote,
             std::optional<TlsContext> tls);
  ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start(EventLoop::Place place);
  bool is_due(Clock::time_point now) const noexcept { return now >= deadline_; }
  /// To be called now and then: who has not stirred since the last time lets buffers go.
  void rest();
  /// Does what its deadline is for.
  void expire();
  /// Takes no further request: closes unless an answer is on its way; then after it.
  void wind_up();
  void close();

  const std::string& remote() const noexcept { return remote_; }

 private:
  enum class State : std::uint8_t {
    Handshaking,
    Reading,
    Answering,
    Writing,
    Lingering,
    Closed,
  };
  /// What a step leaves to do: the next step, or to wait until something happens.
  enum class Next : std::uint8_t { Go, Wait };

  void advance();
  Next step();
  Next shake_hands();
  Next read();
  Next answer();
  Next write();
  Next linger();

  Next refuse();
  Next take_in(std::string_view bytes);
  Next parse(std::string_view& bytes);
  Next dispatch();
  void look_at_peer_again();
  void hand_over(HttpRequest request);
  Responder make_responder();
  void answer_dropped();
  void take_answer(std::uint64_t exchange, std::optional<HttpResponse> response);
  Next fail(const Error& error);
  HttpResponse page(const Error& error) const;
  std::optional<Error> excess();
  Next begin_writing();
  Next next_request();
  Next say_last_words();

  Next wait(boost::asio::posix::descriptor_base::wait_type what);
  Next wait_for(Io state);
  Next wait_until_readable();
  void expire_after(std::chrono::milliseconds time) { deadline_ = Clock::now() + time; }
  void become_established();

  EventLoop& loop_;
  Site& site_;
  std::size_t tls_generation_;           ///< of the trust that the peer was judged by
  const std::optional<TlsContext> tls_;  ///< keeps alive what the transport uses
  const std::string remote_;
  boost::asio::posix::stream_descriptor descriptor_;
  Transport transport_;
  EventLoop::Place place_{};

  State state_ = State::Handshaking;
  bool established_ = false;
  bool entered_ = false;              ///< counted among its peer's connections
  std::optional<Error> turned_away_;  ///< what every request is answered: there are too many
  bool advancing_ = false;            ///< steps are being taken, further up the stack
  bool handing_over_ = false;         ///< the handler is being called
  bool dropped_ = false;              ///< it let the request go unanswered
  bool waiting_to_read_ = false;
  bool waiting_to_write_ = false;
  int looks_until_rest_ = 2;
  bool readable_ = false;   ///< a read is worth a system call
  bool fresh_ = false;      ///< `pending_` has bytes that the parser has not seen
  bool ended_ = false;      ///< the peer sends no more
  bool keep_alive_ = true;  ///< the connection stays after this answer
  bool head_only_ = false;  ///< the answer to HEAD has no body
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point linger_until_{};

  std::optional<RequestParser> parser_;  ///< from a request's first byte to its last
  std::string pending_;                  ///< received, not yet parsed
  std::uint64_t exchange_ = 0;           ///< counts requests: late answers to old ones are dropped
  std::optional<HttpResponse> answer_;
  std::string out_;  ///< head of the answer and its body if that is small
  std::size_t sent_ = 0;
  std::stop_source gone_{std::nostopstate};
};

}  // namespace mplane::detail
