#include "tls_run.hpp"

#include "mplane/model/error.hpp"

#include <utility>

namespace mplane::detail {

TlsRun::TlsRun(Engine& engine, HostTarget target, const TlsSettings& settings, TargetCheck check,
               std::shared_ptr<const TlsClient> client)
    : engine_(engine),
      target_(std::move(target)),
      settings_(settings),
      check_(std::move(check)),
      client_(std::move(client)),
      lookup_(engine, settings.names),
      connect_(engine) {
  report_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void TlsRun::begin(Finished finished) {
  finished_ = std::move(finished);
  lookup_.begin(target_.name, target_.family,
                [this](const NameAnswer& answer) { on_name(answer); });
}

void TlsRun::on_name(const NameAnswer& answer) {
  try {
    report_.target = choose_target(answer, check_);
  } catch (const Error& error) {
    failure_ = error;
    return finish("refused");
  }
  if (!report_.target.address) return finish("unresolved", report_.target.reason);
  connect_.begin({*report_.target.address, target_.port}, settings_.wait,
                 [this](TcpConnection connection) { on_connection(std::move(connection)); });
}

void TlsRun::on_connection(TcpConnection connection) {
  report_.connection = connection.outcome;
  report_.connecting = connection.took;
  report_.error = connection.error;
  if (!connection.socket) return finish(std::string(to_string(connection.outcome)));
  socket_ = std::move(connection.socket);
  session_ = std::make_unique<TlsSession>(*client_, socket_.number(), target_.name);
  hello_ = std::chrono::steady_clock::now();
  deadline_ =
      engine_.at(hello_ + settings_.wait, [this] { finish("timed-out", "no handshake in time"); });
  watch_ = engine_.watch(socket_.number(), {}, [this](Readiness) {
    heard_ = std::chrono::steady_clock::now();
    advance();
  });
  advance();
}

void TlsRun::advance() {
  if (!finished_) return;
  switch (session_->advance()) {
    case TlsSession::State::WantsRead:
      return watch_.want({.readable = true});
    case TlsSession::State::WantsWrite:
      return watch_.want({.writable = true});
    case TlsSession::State::Failed:
      return finish("failed", session_->problem());
    case TlsSession::State::Established:
      // A server that is near may have answered before anybody had to wait.
      report_.handshake = heard_.value_or(std::chrono::steady_clock::now()) - hello_;
      report_.facts = session_->facts();
      return finish("established");
  }
}

void TlsRun::finish(std::string outcome, std::string problem) {
  if (!finished_) return;
  report_.outcome = std::move(outcome);
  report_.problem = std::move(problem);
  watch_.cancel();
  deadline_.cancel();
  std::exchange(finished_, {})();
}

Result TlsRun::take_result(const Specification& specification) {
  if (failure_) throw *failure_;
  return make_tls_result(specification, report_);
}

}  // namespace mplane::detail
