#include "mplane/scheduler/service.hpp"

#include <utility>

namespace mplane {

Completion::Completion(Deliver deliver, RunName run)
    : deliver_(std::move(deliver)), run_(std::move(run)) {}

Completion::~Completion() { deliver(Abandoned()); }

Completion::Completion(Completion&& other) noexcept
    : deliver_(std::exchange(other.deliver_, nullptr)), run_(std::move(other.run_)) {}

Completion& Completion::operator=(Completion&& other) noexcept {
  std::swap(deliver_, other.deliver_);
  std::swap(run_, other.run_);
  return *this;
}

void Completion::operator()(Result result) { deliver(std::move(result)); }

void Completion::fail(const Error& error) { deliver(Exception(std::nullopt, error)); }

void Completion::deliver(Outcome outcome) noexcept {
  const Deliver deliver = std::exchange(deliver_, nullptr);
  if (deliver) deliver(std::move(outcome));
}

}  // namespace mplane
