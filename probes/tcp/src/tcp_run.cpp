#include "tcp_run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <sys/socket.h>
#include <utility>

namespace mplane::detail {

TcpRun::TcpRun(Engine& engine, HostTarget target, const TcpSettings& settings, TargetCheck check)
    : target_(std::move(target)),
      settings_(settings),
      check_(std::move(check)),
      lookup_(engine, settings.names),
      connect_(engine) {
  report_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void TcpRun::begin(Finished finished) {
  finished_ = std::move(finished);
  lookup_.begin(target_.name, target_.family,
                [this](const NameAnswer& answer) { on_name(answer); });
}

void TcpRun::on_name(const NameAnswer& answer) {
  try {
    report_.target = choose_target(answer, check_);
  } catch (const Error& error) {
    failure_ = error;
  }
  if (failure_ || !report_.target.address) return finished_();
  connect_.begin({*report_.target.address, target_.port}, settings_.wait,
                 [this](TcpConnection connection) { on_connection(std::move(connection)); });
}

void TcpRun::on_connection(TcpConnection connection) {
  if (connection.socket) {
    // A reset, so that the port is free again at once.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    set_option(connection.socket.number(), SOL_SOCKET, SO_LINGER, at_once);
    connection.socket = FileDescriptor();
  }
  report_.connection = std::move(connection);
  finished_();
}

Result TcpRun::take_result(const Specification& specification) {
  if (failure_) throw *failure_;
  return make_tcp_result(specification, report_);
}

}  // namespace mplane::detail
