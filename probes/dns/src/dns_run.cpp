#include "dns_run.hpp"

#include "mplane/model/detail/random_bytes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <sys/socket.h>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kUsualAnswer = 4'096;  // some servers send more than they were offered

}  // namespace

DnsRun::DnsRun(Engine& engine, DnsRequest request)
    : engine_(engine),
      request_(std::move(request)),
      id_(random_number<std::uint16_t>()),
      query_(encode_query(request_.question, id_)),
      report_{.start = {}, .server = request_.server.host},
      connect_(engine) {
  report_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void DnsRun::begin(Finished finished) {
  finished_ = std::move(finished);
  departure_.handed_over = ClockReading::now();
  report_.start = std::chrono::floor<Duration>(departure_.handed_over.wall);
  deadline_ = engine_.at(departure_.handed_over.steady + request_.wait, [this] {
    if (socket_) on_udp();  // what has arrived in time is in time
    finish(to_string(ConnectOutcome::TimedOut));
  });
  if (!request_.tcp) return ask_by_udp();
  connect_.begin(request_.server, request_.wait,
                 [this](TcpConnection connection) { on_connection(std::move(connection)); });
}

void DnsRun::ask_by_udp() {
  const std::size_t longest = std::max<std::size_t>(kUsualAnswer, request_.question.payload);
  socket_ = std::make_unique<DatagramSocket>(request_.server, DatagramOptions{.longest = longest});
  watch_ =
      engine_.watch(socket_->descriptor(), {.readable = true}, [this](Readiness) { on_udp(); });
  departure_.handed_over = ClockReading::now();
  report_.error = socket_->send(query_);
  if (report_.error == 0) return;
  finish(to_string(connect_outcome(family_of(request_.server.host), report_.error, std::nullopt)));
}

void DnsRun::on_udp() {
  socket_->receive({.datagram = [this](const DatagramArrival& arrival) { on_datagram(arrival); },
                    .notice = [this](const IcmpNotice& notice, Bytes) { on_notice(notice); },
                    .transmitted = [this](auto, WallTime sent) { departure_.stamp = sent; }});
}

void DnsRun::on_notice(const IcmpNotice& notice) {
  if (!finished_) return;
  report_.notice = notice;
  const IpFamily family = family_of(request_.server.host);
  finish(to_string(connect_outcome(family, 0, notice)));
}

void DnsRun::on_datagram(const DatagramArrival& arrival) {
  if (!finished_) return;
  Arrival heard{.read = ClockReading::now()};
  if (arrival.kernel_stamp) heard.stamp = arrival.received;
  report_.answer = decode_answer(request_.question, id_, arrival.bytes);
  if (!report_.answer) {
    ++report_.stray_replies;
    return;
  }
  report_.trip = round_trip(departure_, heard);
  report_.bytes = arrival.bytes.size();
  finish("answered");
}

void DnsRun::on_connection(TcpConnection connection) {
  if (!connection.socket) {
    report_.notice = connection.notice;
    report_.error = connection.error;
    return finish(to_string(connection.outcome));
  }
  report_.connecting = connection.took;
  stream_ = std::move(connection.socket);
  const auto length = static_cast<std::uint16_t>(query_.size());  // RFC 1035 section 4.2.2
  query_.insert(query_.begin(), {static_cast<std::uint8_t>(length >> 8U),
                                 static_cast<std::uint8_t>(length & 0xffU)});
  watch_ = engine_.watch(stream_.number(), {.readable = true, .writable = true},
                         [this](Readiness ready) { on_tcp(ready); });
}

void DnsRun::on_tcp(Readiness ready) {
  if (!finished_) return;
  bool alive = true;
  if (ready.writable && written_ < query_.size()) alive = write_some();
  if (alive && (ready.readable || ready.failed)) alive = read_some();
  take_stream();
  if (!alive) finish("broken");
}

bool DnsRun::write_some() {
  const auto count =
      ::send(stream_.number(), query_.data() + written_, query_.size() - written_, MSG_NOSIGNAL);
  if (count < 0) return errno == EAGAIN;
  written_ += static_cast<std::size_t>(count);
  if (written_ == query_.size()) watch_.want({.readable = true});
  return true;
}

bool DnsRun::read_some() {
  std::array<std::uint8_t, 4096> block{};
  const auto count = ::recv(stream_.number(), block.data(), block.size(), 0);
  if (count < 0) return errno == EAGAIN;
  received_.insert(received_.end(), block.begin(), block.begin() + count);
  return count > 0;
}

void DnsRun::take_stream() {
  if (received_.size() < 2) return;
  const std::size_t length = (std::size_t{received_[0]} << 8U) | received_[1];
  if (received_.size() < 2 + length) return;
  report_.answer = decode_answer(request_.question, id_, Bytes(received_).subspan(2, length));
  if (!report_.answer) {
    ++report_.stray_replies;
    return finish("broken");
  }
  report_.trip = round_trip(departure_, {.read = ClockReading::now()});
  report_.bytes = length;
  finish("answered");
}

void DnsRun::finish(std::string_view outcome) {
  if (!finished_) return;
  report_.outcome = outcome;
  deadline_.cancel();
  std::exchange(finished_, {})();
}

Result DnsRun::take_result(const Specification& specification) {
  return make_dns_result(specification, report_);
}

}  // namespace mplane::detail
