#include "incoming_load.hpp"

#include "mplane/model/detail/random_bytes.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace mplane::detail {
namespace {

using namespace std::chrono_literals;

}  // namespace

IncomingLoad::IncomingLoad(Engine& engine, FileDescriptor connection, const Address& sender,
                           const LoadSettings& settings, Receiver receiver)
    : engine_(engine),
      connection_(std::move(connection)),
      sender_(sender),
      settings_(settings),
      receiver_(std::move(receiver)),
      last_(std::chrono::steady_clock::now()) {
  watch_ =
      engine.watch(connection_.number(), {.readable = true}, [this](Readiness) { on_readable(); });
  silence_ = engine.at(last_ + settings.wait, [this] { fall_silent(); });
}

void IncomingLoad::on_readable() {
  if (!load_) return read_request();
  if (load_->kind == LoadKind::Tcp) return read_load();
  read_end();
}

void IncomingLoad::read_request() {
  const ssize_t bytes = ::recv(connection_.number(), request_.data() + request_bytes_,
                               request_.size() - request_bytes_, 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes <= 0) return end("broken");
  request_bytes_ += static_cast<std::size_t>(bytes);
  if (request_bytes_ < request_.size()) return;
  const auto request = decode_load_request(request_);
  if (!request) return end("foreign");
  const bool granted = receiver_.claim();
  cookie_ = granted ? random_number<std::uint64_t>() : 0;
  dropped_before_ = receiver_.dropped();
  const auto answer = encode(LoadGrant{granted, cookie_});
  ::send(connection_.number(), answer.data(), answer.size(), MSG_NOSIGNAL);
  if (!granted) return end("busy");
  load_ = ReceivedLoad{.start = std::chrono::floor<Duration>(std::chrono::system_clock::now()),
                       .sender = sender_,
                       .kind = request->kind};
  last_ = std::chrono::steady_clock::now();
  limit_ = engine_.at(last_ + settings_.max_time + settings_.patience(), [this] { run_out(); });
}

void IncomingLoad::read_load() {
  constexpr std::size_t kChunk = 1 << 20;
  // The kernel drops what it holds, instead of copying it (tcp(7)).
  const ssize_t bytes = ::recv(connection_.number(), nullptr, kChunk, MSG_TRUNC);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes < 0) return end("broken");
  if (bytes == 0) return report();
  arrived(static_cast<std::size_t>(bytes));
}

/// Of a load by UDP: its end, or words that nobody asked for.
void IncomingLoad::read_end() {
  std::uint8_t byte = 0;
  const ssize_t bytes = ::recv(connection_.number(), &byte, 1, 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes != 0) return end("broken");
  watch_.cancel();
  silence_.cancel();  // which is what is waited for now, no longer than until the limit
  settling_ = true;
  last_ = std::chrono::steady_clock::now();
  settle();
}

void IncomingLoad::take(const Bytes begin, const std::size_t octets) {
  if (ended_) return;  // the report is what has arrived
  const auto tag = decode_load_tag(begin);
  if (!tag || !load_ || load_->kind != LoadKind::Udp || tag->cookie != cookie_) return;
  if (count_.take(tag->number) != DatagramCount::Kind::Again) arrived(octets);
}

void IncomingLoad::arrived(const std::size_t octets) {
  LoadReport& report = load_->report;
  last_ = std::chrono::steady_clock::now();
  if (report.octets == 0) {
    first_ = last_;
    report.first_octets = octets;
  }
  report.octets += octets;
  report.time = last_ - first_;
}

/// Waits until the datagrams that were under way have arrived.
void IncomingLoad::settle() {
  receiver_.catch_up();  // whoever was held up has heard nothing, which is not quiet
  const auto quiet_since = last_ + LoadSettings::kQuiet;
  if (std::chrono::steady_clock::now() >= quiet_since) return report();
  over_ = engine_.at(quiet_since, [this] { settle(); });
}

void IncomingLoad::report() {
  load_->report.dropped = receiver_.dropped() - dropped_before_;
  load_->report.datagrams = count_.received();
  load_->report.out_of_order = count_.overtaken();
  load_->report.duplicates = count_.again();
  const auto report = encode(load_->report);
  const ssize_t sent = ::send(connection_.number(), report.data(), report.size(), MSG_NOSIGNAL);
  end(sent == static_cast<ssize_t>(report.size()) ? "measured" : "broken");
}

/// Ends what says nothing any more.
void IncomingLoad::fall_silent() {
  const auto patience = last_ + settings_.wait;
  if (std::chrono::steady_clock::now() >= patience) return end("broken");
  silence_ = engine_.at(patience, [this] { fall_silent(); });
}

/// Ends what would hold the receiver for ever.
void IncomingLoad::run_out() {
  if (settling_) return report();  // it did end, but somebody goes on with its datagrams
  end("broken");
}

void IncomingLoad::end(std::string outcome) {
  ended_ = true;
  watch_.cancel();
  silence_.cancel();
  limit_.cancel();
  if (load_) load_->outcome = std::move(outcome);
  over_ =
      engine_.after(0s, [this, ended = receiver_.ended] { ended(*this); });  // we may go meanwhile
}

}  // namespace mplane::detail
