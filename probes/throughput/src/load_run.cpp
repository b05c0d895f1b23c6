#include "load_run.hpp"

#include "mplane/probe/icmp_packet.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace mplane::detail {

LoadRun::LoadRun(Engine& engine, const LoadTask& task, const LoadSettings& settings)
    : engine_(engine), task_(task), settings_(settings), connect_(engine) {
  outcome_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void LoadRun::begin(Finished finished) {
  finished_ = std::move(finished);
  begin_ = std::chrono::steady_clock::now();
  connect_.begin(task_.receiver, settings_.wait,
                 [this](TcpConnection connection) { on_connection(std::move(connection)); });
}

void LoadRun::on_connection(TcpConnection connection) {
  outcome_.error = connection.error;
  if (!connection.socket) return finish(std::string(to_string(connection.outcome)));
  outcome_.connecting = connection.took;
  control_ = std::move(connection.socket);
  const auto request = encode(LoadRequest{task_.kind});
  // A new connection has room for eight bytes.
  ::send(control_.number(), request.data(), request.size(), MSG_NOSIGNAL);
  listen(LoadGrant::kSize, &LoadRun::on_grant);
}

/// Waits for so many bytes, for as long as for any answer.
void LoadRun::listen(const std::size_t bytes, void (LoadRun::*const then)(Bytes)) {
  heard_bytes_ = 0;
  wanted_bytes_ = bytes;
  then_ = then;
  watch_.cancel();  // one at a time
  watch_ = engine_.watch(control_.number(), {.readable = true}, [this](Readiness) { hear(); });
  deadline_ = engine_.after(settings_.wait, [this] { finish("timed-out"); });
}

void LoadRun::hear() {
  const ssize_t bytes =
      ::recv(control_.number(), heard_.data() + heard_bytes_, wanted_bytes_ - heard_bytes_, 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes <= 0) return finish("broken");
  heard_bytes_ += static_cast<std::size_t>(bytes);
  if (heard_bytes_ < wanted_bytes_) return;
  watch_.cancel();
  (this->*then_)(Bytes(heard_.data(), heard_bytes_));
}

void LoadRun::on_grant(const Bytes bytes) {
  const auto grant = decode_load_grant(bytes);
  if (!grant) return finish("foreign");
  if (!grant->granted) return finish("busy");
  try {
    source_ = task_.kind == LoadKind::Tcp ? make_tcp_source(engine_, control_.number(), task_.rate,
                                                            [this] { finish("broken"); })
                                          : make_udp_source(engine_, task_.receiver, grant->cookie,
                                                            task_.rate, settings_.datagram);
  } catch (const Error& error) {
    failure_ = error;
    return finish("unsent");
  }
  deadline_ = engine_.at(begin_ + task_.time, [this] { end_load(); });
  if (task_.kind == LoadKind::Tcp) return;
  // Datagrams go only where somebody still counts them.
  watch_ =
      engine_.watch(control_.number(), {.readable = true}, [this](Readiness) { finish("broken"); });
}

void LoadRun::end_load() {
  source_->end();
  if (task_.kind == LoadKind::Udp) ::shutdown(control_.number(), SHUT_WR);
  listen(LoadReport::kSize, &LoadRun::on_report);
  await_report(std::chrono::steady_clock::now() + settings_.patience() + quiet());
}

/// That the other side listens for before it reports.
Duration LoadRun::quiet() const {
  return task_.kind == LoadKind::Udp ? LoadSettings::kQuiet : Duration(0);
}

/// Longer than for other answers, while what is under way arrives: a slow path holds much of it.
void LoadRun::await_report(const SteadyTime at_most) {
  const std::uint64_t arrived = source_->acknowledged();
  const SteadyTime next = std::chrono::steady_clock::now() + settings_.wait + quiet();
  deadline_ = engine_.at(std::min(next, at_most), [this, arrived, next, at_most] {
    if (next < at_most && source_->acknowledged() > arrived) return await_report(at_most);
    finish("timed-out");
  });
}

void LoadRun::on_report(const Bytes bytes) {
  outcome_.report = decode_load_report(bytes);
  if (!outcome_.report) return finish("foreign");
  finish("measured");
}

void LoadRun::finish(std::string outcome) {
  watch_.cancel();
  deadline_.cancel();
  if (source_) {
    source_->end();
    outcome_.sent = source_->sent();
  }
  outcome_.outcome = std::move(outcome);
  finished_();
}

Result LoadRun::take_result(const Specification& specification) {
  if (failure_) throw *failure_;
  return make_load_result(specification, outcome_);
}

}  // namespace mplane::detail
