#include "connection.hpp"

#include "response_head.hpp"
#include "tls_material.hpp"

#include <algorithm>
#include <exception>
#include <sys/socket.h>
#include <utility>

namespace mplane::detail {
namespace {

/// Steps in one turn: then others have theirs.
constexpr int kStepsPerTurn = 64;
/// A body up to this goes out with its head, in one TLS record where it fits.
constexpr std::size_t kSmallBody = 15 * 1024;
/// Bytes of further requests that are taken while one is being answered.
constexpr std::size_t kReadAhead = 16 * 1024;
/// With more connections than this none keeps buffers while it waits.
constexpr std::size_t kKeptBuffers = 256;
/// For a peer to take note of our last words; longer while it still sends, if it is a known peer.
constexpr std::chrono::milliseconds kLinger{2000};

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n"
    "Connection: close\r\n\r\nThis port speaks HTTPS only\n";

using Wait = boost::asio::posix::descriptor_base;

}  // namespace

Connection::Connection(EventLoop& loop, Site& site, Descriptor descriptor, std::string remote,
                       std::optional<TlsContext> tls)
    : loop_(loop),
      site_(site),
      tls_generation_(site.tls_generation),
      tls_(std::move(tls)),
      remote_(std::move(remote)),
      descriptor_(loop.context()),
      transport_(descriptor.number(), tls_ ? tls_->material().server_context() : nullptr) {
  descriptor_.assign(descriptor.number());
  descriptor.release();
}

void Connection::start(EventLoop::Place place) {
  place_ = place;
  ++site_.open;
  ++site_.accepted;
  if (!transport_.is_secure()) {
    become_established();
  } else {
    expire_after(site_.limits.handshake);
    wait(Wait::wait_read);
  }
}

void Connection::become_established() {
  established_ = true;
  state_ = State::Reading;
  const bool bearable = loop_.establish(place_);
  turned_away_ = excess();
  if (turned_away_) ++site_.turned_away;
  expire_after(turned_away_ ? site_.limits.header : site_.limits.idle);
  if (!bearable) {
    close();
  } else {
    wait_until_readable();
  }
}

/// Why there is no room for this connection, if so.
std::optional<Error> Connection::excess() {
  const auto limit = [](std::size_t number) { return std::to_string(number) + " connections"; };
  if (site_.established > site_.limits.connections) {
    return Error(ErrorKind::Unavailable, "",
                 "more than " + limit(site_.limits.connections) + " are open, the limit");
  }
  entered_ = transport_.is_secure() && site_.enter(transport_.peer());
  if (entered_ || !transport_.is_secure()) return std::nullopt;
  return Error(ErrorKind::TooMany, "",
               "more than " + limit(site_.limits.connections_per_identity) + " of " +
                   transport_.peer().text() + " are open, the limit");
}

void Connection::advance() {
  const auto self = shared_from_this();  // closing takes the loop's reference away
  advancing_ = true;
  looks_until_rest_ = 2;
  int steps = 0;
  try {
    while (steps < kStepsPerTurn && step() == Next::Go) ++steps;
  } catch (const std::exception& error) {
    site_.log(Severity::Error, "a connection failed",
              {{"peer", remote_}, {"reason", error.what()}});
    close();
  }
  advancing_ = false;
  if (steps == kStepsPerTurn) loop_.mailbox()->post([self] { self->advance(); });
}

Connection::Next Connection::step() {
  switch (state_) {
    case State::Handshaking:
      return shake_hands();
    case State::Reading:
      return read();
    case State::Answering:
      return answer();
    case State::Writing:
      return write();
    case State::Lingering:
      return linger();
    case State::Closed:
      break;
  }
  return Next::Wait;
}

Connection::Next Connection::shake_hands() {
  const Io state = transport_.handshake();
  if (state == Io::Closed || state == Io::Failed) return refuse();
  if (state != Io::Done) return wait_for(state);
  become_established();
  return state_ == State::Reading && transport_.has_pending() ? Next::Go : Next::Wait;
}

Connection::Next Connection::refuse() {
  site_.complain(
      Severity::Warning, "refused a TLS handshake",
      {{"peer", remote_}, {"subject", transport_.peer().text()}, {"reason", transport_.reason()}});
  if (transport_.met_plain_http()) {
    ::send(descriptor_.native_handle(), kSpeakTls.data(), kSpeakTls.size(), MSG_NOSIGNAL);
  }
  return say_last_words();
}

Connection::Next Connection::read() {
  if (fresh_) return take_in({});
  if (!readable_ && !transport_.has_pending()) return wait_until_readable();
  auto& scratch = loop_.scratch();
  const auto [state, bytes] = transport_.read(scratch.data(), scratch.size());
  switch (state) {
    case Io::Done:
      return take_in({scratch.data(), bytes});
    case Io::Closed:
    case Io::Failed:
      close();
      return Next::Wait;
    default:
      readable_ = false;
      return wait_for(state);
  }
}

Connection::Next Connection::take_in(std::string_view bytes) {
  fresh_ = false;
  std::string joined = std::exchange(pending_, {});
  if (!joined.empty()) {
    joined.append(bytes);
    bytes = joined;
  }
  const Next next = parse(bytes);
  if (state_ == State::Reading || state_ == State::Answering) {
    pending_ = bytes;
    fresh_ = state_ == State::Answering && !pending_.empty();
  }
  if (next == Next::Go && state_ == State::Answering && !answer_) return dispatch();
  return next;
}

/// Has the parser take what it can of the bytes; the rest stays in them.
Connection::Next Connection::parse(std::string_view& bytes) {
  if (bytes.empty()) return Next::Go;
  if (!parser_) {
    parser_.emplace(site_.limits.header_bytes, site_.limits.body_bytes);
    expire_after(site_.limits.header);
  }
  const bool had_header = parser_->header_done();
  try {
    bytes.remove_prefix(parser_->put(bytes));
  } catch (const Error& error) {
    return fail(error);
  }
  if (parser_->done()) {
    state_ = State::Answering;
  } else if (!had_header && parser_->header_done()) {
    expire_after(site_.limits.body);
    if (parser_->expects_continue() && transport_.write(kContinue).bytes != kContinue.size()) {
      close();
    }
  }
  return Next::Go;
}

Connection::Next Connection::dispatch() {
  deadline_ = Clock::time_point::max();
  readable_ = false;
  keep_alive_ = parser_->keeps_alive() && !turned_away_;
  if (!gone_.stop_possible()) gone_ = std::stop_source();
  try {
    HttpRequest request = parser_->take();
    parser_.reset();
    head_only_ = request.method == "HEAD";
    request.peer = transport_.peer();
    request.remote = remote_;
    request.gone = gone_.get_token();
    look_at_peer_again();
    if (turned_away_) return fail(*turned_away_);
    hand_over(std::move(request));
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::exception& error) {
    site_.log(
        Severity::Error, "a handler failed",
        {{"peer", remote_}, {"identity", transport_.peer().text()}, {"reason", error.what()}});
    answer_ = page(Error(ErrorKind::Internal, "", "the server failed; its log says more"));
  }
  return Next::Go;
}

/// Certificates and revocation lists were exchanged since the handshake: who is not believed any
/// more is served no further.
void Connection::look_at_peer_again() {
  const std::size_t generation = site_.tls_generation;
  if (std::exchange(tls_generation_, generation) == generation || turned_away_) return;
  const auto tls = site_.tls();
  if (!tls || !transport_.is_secure()) return;
  const auto verdict = transport_.judge_again(tls->material().trust());
  if (verdict == Transport::Verdict::Trusted) return;
  keep_alive_ = false;
  if (verdict == Transport::Verdict::Unclear) return;  // the next handshake will tell
  throw Error(ErrorKind::Refused, "",
              "the certificate is not believed any more: " + transport_.reason());
}

void Connection::hand_over(HttpRequest request) {
  ++exchange_;
  dropped_ = false;
  handing_over_ = true;
  try {
    site_.handler(std::move(request), make_responder());
  } catch (...) {
    handing_over_ = false;
    throw;
  }
  handing_over_ = false;
  if (dropped_ && !answer_) answer_dropped();
}

Responder Connection::make_responder() {
  return Responder([mailbox = loop_.mailbox(), weak = weak_from_this(),
                    exchange = exchange_](std::optional<HttpResponse> response) {
    if (mailbox->is_own_thread()) {
      if (const auto self = weak.lock()) self->take_answer(exchange, std::move(response));
      return;
    }
    mailbox->post([weak, exchange, response = std::move(response)]() mutable {
      if (const auto self = weak.lock()) self->take_answer(exchange, std::move(response));
    });
  });
}

void Connection::take_answer(std::uint64_t exchange, std::optional<HttpResponse> response) {
  if (exchange != exchange_ || state_ != State::Answering || answer_) return;
  if (response) {
    answer_ = std::move(response);
  } else if (handing_over_) {
    dropped_ = true;  // perhaps because it throws, which says more
    return;
  } else {
    answer_dropped();
  }
  if (!advancing_) advance();
}

void Connection::answer_dropped() {
  site_.log(Severity::Error, "a handler dropped a request",
            {{"peer", remote_}, {"identity", transport_.peer().text()}});
  answer_ = page(Error(ErrorKind::Internal, "", "the request was not answered"));
}

/// Answers with an error page. What cannot be read to its end has to be the last request.
Connection::Next Connection::fail(const Error& error) {
  const bool unread = parser_.has_value();
  site_.complain(
      traits(error.kind()).severity, unread ? "refused a request" : "a request failed",
      {{"peer", remote_}, {"identity", transport_.peer().text()}, {"reason", error.what()}});
  if (unread) keep_alive_ = false;
  parser_.reset();
  answer_ = page(error);
  state_ = State::Answering;
  return Next::Go;
}

HttpResponse Connection::page(const Error& error) const {
  return site_.error_page ? site_.error_page(error) : plain_error_page(error);
}

Connection::Next Connection::answer() {
  if (answer_) return begin_writing();
  if (ended_ || pending_.size() >= kReadAhead) return Next::Wait;
  if (!readable_ && !transport_.has_pending()) return wait_until_readable();
  auto& scratch = loop_.scratch();
  const auto [state, bytes] = transport_.read(scratch.data(), scratch.size());
  switch (state) {
    case Io::Done:
      pending_.append(scratch.data(), bytes);
      fresh_ = true;
      return Next::Go;
    case Io::Closed:
      ended_ = true;  // it may have closed its half only, and still want the answer
      gone_.request_stop();
      return Next::Go;
    case Io::Failed:
      close();
      return Next::Wait;
    default:
      readable_ = false;
      return wait_for(state);
  }
}

Connection::Next Connection::begin_writing() {
  state_ = State::Writing;
  expire_after(site_.limits.write);
  keep_alive_ = keep_alive_ && !ended_;
  out_ = loop_.borrow_buffer();
  site_.count_answer(answer_->status);
  append_head(out_, *answer_, keep_alive_, loop_.date());
  sent_ = 0;
  std::string& body = answer_->body;
  if (head_only_) {
    body.clear();
  } else if (body.size() <= kSmallBody) {
    out_ += body;
    body.clear();
  }
  return Next::Go;
}

Connection::Next Connection::write() {
  const std::string_view body = answer_->body;
  const std::string_view rest =
      sent_ < out_.size() ? std::string_view(out_).substr(sent_) : body.substr(sent_ - out_.size());
  if (rest.empty()) return next_request();
  const auto [state, bytes] = transport_.write(rest);
  switch (state) {
    case Io::Done:
      sent_ += bytes;
      return Next::Go;
    case Io::Closed:
    case Io::Failed:
      site_.complain(Severity::Info, "an answer could not be delivered",
                     {{"peer", remote_}, {"reason", transport_.reason()}});
      close();
      return Next::Wait;
    default:
      return wait_for(state);
  }
}

Connection::Next Connection::next_request() {
  loop_.return_buffer(std::exchange(out_, {}));
  answer_.reset();
  head_only_ = false;
  if (!keep_alive_) return say_last_words();
  state_ = State::Reading;
  expire_after(site_.limits.idle);
  return Next::Go;
}

Connection::Next Connection::say_last_words() {
  transport_.finish();
  pending_ = {};
  state_ = State::Lingering;
  expire_after(kLinger);
  linger_until_ = established_ ? Clock::now() + site_.limits.body : deadline_;
  return Next::Go;
}

Connection::Next Connection::linger() {
  auto& scratch = loop_.scratch();
  const Io state = transport_.discard(scratch.data(), scratch.size());
  if (state == Io::Done) {
    deadline_ = std::min(Clock::now() + kLinger, linger_until_);
    return Next::Go;
  }
  if (state == Io::WantRead) return wait(Wait::wait_read);
  close();
  return Next::Wait;
}

Connection::Next Connection::wait_for(Io state) {
  return wait(state == Io::WantWrite ? Wait::wait_write : Wait::wait_read);
}

Connection::Next Connection::wait_until_readable() { return wait(Wait::wait_read); }

Connection::Next Connection::wait(Wait::wait_type what) {
  bool& waiting = what == Wait::wait_read ? waiting_to_read_ : waiting_to_write_;
  if (established_ && site_.established > kKeptBuffers) transport_.release_buffers();
  if (std::exchange(waiting, true)) return Next::Wait;
  descriptor_.async_wait(
      what, [self = shared_from_this(), what](const boost::system::error_code& error) {
        (what == Wait::wait_read ? self->waiting_to_read_ : self->waiting_to_write_) = false;
        if (error || self->state_ == State::Closed) return;
        if (what == Wait::wait_read) self->readable_ = true;
        self->advance();
      });
  return Next::Wait;
}

void Connection::rest() {
  if (looks_until_rest_ > 0 && --looks_until_rest_ == 0) transport_.release_buffers();
}

void Connection::expire() {
  const bool requesting = state_ == State::Reading && parser_.has_value();
  if (requesting) {
    const bool has_header = parser_->header_done();
    const auto limit = has_header ? site_.limits.body : site_.limits.header;
    fail(Error(ErrorKind::TimedOut, "",
               std::string(has_header ? "the body" : "the header") + " was not complete within " +
                   std::to_string(limit.count()) + " ms, the limit"));
    constexpr int kRequestTimeout = 408;
    answer_->status = kRequestTimeout;
    advance();
    return;
  }
  if (state_ == State::Handshaking || state_ == State::Writing) {
    site_.complain(Severity::Info,
                   state_ == State::Writing ? "an answer was not taken in time"
                                            : "a TLS handshake was not finished in time",
                   {{"peer", remote_}});
  }
  if (state_ == State::Reading) transport_.finish();
  close();
}

void Connection::wind_up() {
  keep_alive_ = false;
  const bool speaking = state_ == State::Answering || state_ == State::Writing;
  if (speaking || state_ == State::Lingering) return;
  if (state_ == State::Reading) transport_.finish();
  close();
}

void Connection::close() {
  if (state_ == State::Closed) return;
  const auto self = shared_from_this();
  state_ = State::Closed;
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  --site_.open;
  if (!established_) ++site_.handshakes_refused;
  if (entered_) site_.leave(transport_.peer());
  gone_.request_stop();
  loop_.remove(place_, established_);
}

}  // namespace mplane::detail
