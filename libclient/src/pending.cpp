#include "mplane/client/pending.hpp"

#include "measurement.hpp"

namespace mplane {

using detail::Measurement;
using detail::Until;

Pending::Pending(std::unique_ptr<Measurement> measurement) noexcept
    : measurement_(std::move(measurement)) {}

Pending::Pending(Pending&&) noexcept = default;
Pending& Pending::operator=(Pending&&) noexcept = default;
Pending::~Pending() = default;

const std::string& Pending::token() const noexcept { return measurement_->token(); }

const std::optional<Specification>& Pending::specification() const noexcept {
  return measurement_->asked();
}

const Url& Pending::url() const noexcept { return measurement_->url(); }

const std::optional<Identity>& Pending::peer() const noexcept { return measurement_->peer(); }

bool Pending::is_repeated() const noexcept { return measurement_->is_repeated(); }

bool Pending::is_done() const noexcept { return measurement_->is_done(); }

const std::vector<Result>& Pending::results() const noexcept { return measurement_->results(); }

const std::vector<Exception>& Pending::failures() const noexcept {
  return measurement_->failures();
}

std::optional<Result> Pending::wait_for(const Duration at_most, std::stop_token stop) {
  const Until until{std::move(stop), detail::after(at_most)};
  while (!is_done() && !until.is_over()) measurement_->wait(results().size(), until);
  if (!is_done()) return {};
  measurement_->wait(0, until);  // throws what it failed with
  if (results().empty()) return {};
  return results().back();
}

std::optional<Result> Pending::next_for(const Duration at_most, std::stop_token stop) {
  measurement_->wait(measurement_->returned, {std::move(stop), detail::after(at_most)});
  if (results().size() <= measurement_->returned) return {};
  return results()[measurement_->returned++];
}

bool Pending::redeem(std::stop_token stop) { return measurement_->redeem({std::move(stop)}); }

std::optional<Result> Pending::interrupt(const Duration at_most, std::stop_token stop) {
  const Until until{stop, detail::after(at_most)};
  measurement_->interrupt(until);
  return wait_for(at_most, std::move(stop));
}

}  // namespace mplane
