#include "channel.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

#include <openssl/err.h>

namespace mplane {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToConnect = 20s;
constexpr std::size_t kChunk = 16 * 1024;

Trouble trouble_of(const int error) {
  switch (error) {
    case EMFILE:
      return Trouble::NoDescriptor;
    case ENFILE:
      return Trouble::NoFile;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return Trouble::NoPort;
    case ENOMEM:
    case ENOBUFS:
      return Trouble::NoMemory;
    case ECONNREFUSED:
      return Trouble::NotListening;
    case ECONNRESET:
    case EPIPE:
      return Trouble::Cut;
    default:
      return Trouble::Unreachable;
  }
}

/// Its port is chosen when the peer is known, so that each peer has all of them.
bool bind_to(const int descriptor, const Address& source) {
  const SocketAddress address = SocketAddress::of(source);
  return set_option(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1) &&
         ::bind(descriptor, address.data(), address.length) == 0;
}

}  // namespace

void Channel::request(std::string bytes, const std::chrono::nanoseconds patience, Done done) {
  out_ = std::move(bytes);
  done_ = std::move(done);
  patience_ = patience;
  if (state_ == State::Idle) {
    state_ = State::Writing;
    begin();
    soon_ = around_.engine.after(0s, [this] { advance(); });
    return;
  }
  // Those who wait for their turn are not late yet.
  state_ = State::Queued;
  soon_ = around_.engine.after(0s, [this] { around_.turnstile.queue(*this); });
}

/// From here on the supervisor has the time that it was given.
void Channel::begin() {
  sent_ = 0;
  asked_ = Tally::Clock::now();
  parser_.emplace();
  deadline_ = around_.engine.after(patience_, [this] { fail(Trouble::Late); });
}

void Channel::close() {
  if (state_ == State::Queued) around_.turnstile.give_up(*this);
  state_ = State::Closed;
  deadline_.cancel();
  soon_.cancel();
  watch_.cancel();
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ssl_.reset();
  descriptor_ = FileDescriptor();
  parser_.reset();
  done_ = {};
  wants_write_ = false;
  leave_turnstile();
}

void Channel::leave_turnstile() {
  if (std::exchange(is_inside_, false)) around_.turnstile.leave();
}

/// It is our turn to connect.
void Channel::enter() {
  is_inside_ = true;
  state_ = State::Connecting;
  dialed_ = Tally::Clock::now();
  if (around_.tally.began > dialed_) around_.tally.began = dialed_;
  errno = 0;
  if (open()) {
    deadline_ = around_.engine.after(kTimeToConnect, [this] { fail(Trouble::Late); });
    return;
  }
  const Trouble trouble = trouble_of(errno);
  soon_ = around_.engine.after(0s, [this, trouble] { fail(trouble); });
}

bool Channel::open() {
  const bool is_ip4 = around_.supervisor.storage.ss_family == AF_INET;
  descriptor_ = open_socket(is_ip4 ? IpFamily::Ip4 : IpFamily::Ip6, SOCK_STREAM);
  if (!descriptor_) return false;
  const int descriptor = descriptor_.number();
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (source_ && !bind_to(descriptor, *source_)) return false;
  const SocketAddress& to = around_.supervisor;
  if (::connect(descriptor, to.data(), to.length) != 0 && errno != EINPROGRESS) return false;
  wants_write_ = true;
  watch_ = around_.engine.watch(descriptor, {.readable = true, .writable = true},
                                [this](Readiness) { advance(); });
  return true;
}

void Channel::advance() {
  while (step() == Next::Go) {
  }
}

Channel::Next Channel::step() {
  switch (state_) {
    case State::Connecting:
      return connected();
    case State::Handshaking:
      return shake_hands();
    case State::Writing:
      return write();
    case State::Reading:
      return read();
    case State::Idle:
      return rest();
    case State::Closed:
    case State::Queued:
      break;
  }
  return Next::Wait;
}

Channel::Next Channel::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    fail(trouble_of(error));
    return Next::Wait;
  }
  ssl_ = around_.dialer.dial(descriptor_.number(), badge_);
  state_ = State::Handshaking;
  return Next::Go;
}

Channel::Next Channel::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return wait_or_fail(result);
  around_.tally.handshake.add(Tally::Clock::now() - dialed_);
  state_ = State::Writing;
  begin();
  leave_turnstile();
  return Next::Go;
}

Channel::Next Channel::write() {
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), out_.data() + sent_, out_.size() - sent_, &bytes);
  if (result != 1) return wait_or_fail(result);
  sent_ += bytes;
  if (sent_ < out_.size()) return Next::Go;
  out_ = {};
  state_ = State::Reading;
  return Next::Go;
}

Channel::Next Channel::read() {
  std::array<char, kChunk> chunk{};
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &bytes);
  if (result != 1) return wait_or_fail(result);
  bool is_complete = false;
  try {
    is_complete = parser_->put({chunk.data(), bytes});
  } catch (const Error&) {
    fail(Trouble::NotHttp);
    return Next::Wait;
  }
  if (is_complete) finish();
  return Next::Go;
}

/// Nothing is expected here but the end, and what TLS says to itself.
Channel::Next Channel::rest() {
  char byte = 0;
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), &byte, 1, &bytes);
  const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) {
    want_write(false);
  } else {
    close();
  }
  return Next::Wait;
}

Channel::Next Channel::wait_or_fail(const int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    want_write(error == SSL_ERROR_WANT_WRITE);
  } else {
    fail(trouble());
  }
  return Next::Wait;
}

/// Why TLS came to an end.
Trouble Channel::trouble() const {
  const unsigned long error = ERR_peek_error();
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) return Trouble::NotTrusted;
  const bool is_cut = error == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  return is_cut ? Trouble::Cut : Trouble::Handshake;
}

void Channel::want_write(const bool wanted) {
  if (std::exchange(wants_write_, wanted) == wanted) return;
  watch_.want({.readable = true, .writable = wanted});
}

void Channel::finish() {
  HttpAnswer answer = parser_->take();
  parser_.reset();
  deadline_.cancel();
  took_ = Tally::Clock::now() - asked_;
  around_.tally.note_status(answer.status);
  Done done = std::exchange(done_, {});
  state_ = State::Idle;
  if (!answer.keeps_alive) close();
  done(std::move(answer));
}

void Channel::fail(const Trouble trouble) {
  around_.tally.note(trouble);
  Done done = std::exchange(done_, {});
  close();
  if (done) done({});
}

}  // namespace mplane
