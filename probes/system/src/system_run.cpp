#include "system_run.hpp"

namespace mplane::detail {
namespace {

Instant now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace

SystemRun::SystemRun(Engine& engine, std::unique_ptr<Sampler> sampler, Duration period,
                     std::uint32_t periods)
    : engine_(engine), sampler_(std::move(sampler)), period_(period), periods_(periods) {}

void SystemRun::begin(Finished finished) {
  finished_ = std::move(finished);
  sampler_->begin();
  start_ = std::chrono::steady_clock::now();
  first_ = last_ = now();
  wait_for_end();
}

void SystemRun::wait_for_end() {
  timer_ = engine_.at(start_ + (ended_ + 1) * period_, [this] { end_period(); });
}

void SystemRun::end_period() {
  try {
    take_sample();
  } catch (const Error& error) {
    failure_ = error;
    return finished_();
  }
  if (ended_ < periods_) return wait_for_end();
  finished_();
}

void SystemRun::take_sample() {
  ++ended_;
  last_ = now();
  for (SystemRow& row : sampler_->sample()) samples_.push_back({last_, std::move(row)});
}

Result SystemRun::take_result(const Specification& specification) {
  if (failure_ && samples_.empty()) throw *failure_;
  Result result(specification);
  result.measured(first_, last_);
  for (const Sample& sample : samples_) {
    std::vector<Value> cells;
    for (const Element* column : result.schema().columns()) {
      Value cell = column->name() == "time" ? Value(sample.time) : Value();
      for (const auto& [name, value] : sample.row) {
        if (name == column->name()) cell = value;
      }
      cells.push_back(std::move(cell));
    }
    result.row(cells);
  }
  return result;
}

}  // namespace mplane::detail
