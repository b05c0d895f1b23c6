#include "system_run.hpp"

#include "mplane/probes/common/conditions.hpp"

#include <algorithm>

namespace mplane::detail {
namespace {

Instant now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace

SystemRun::SystemRun(Engine& engine, std::unique_ptr<Sampler> sampler, const SystemTask& task)
    : engine_(engine), sampler_(std::move(sampler)), task_(task) {}

void SystemRun::begin(Finished finished) {
  finished_ = std::move(finished);
  const std::size_t rows = sampler_->begin();
  if (task_.periods && *task_.periods * rows > task_.most_rows) {
    throw Error(ErrorKind::Invalid, "when",
                std::to_string(*task_.periods) + " periods with " + std::to_string(rows) +
                    " rows each are more than the " + std::to_string(task_.most_rows) +
                    " rows of a result: ask for longer periods, or for less time");
  }
  next_ = std::chrono::steady_clock::now();
  first_ = last_ = now();
  await_end();
}

void SystemRun::await_end() {
  next_ = later(next_, task_.period);
  timer_ = engine_.at(next_, [this] { end_period(); });
}

void SystemRun::end_period() {
  try {
    take_sample();
  } catch (const Error& error) {
    failure_ = error;
    return finished_();
  }
  if (!full_ && ended_ != task_.periods) return await_end();
  finished_();
}

void SystemRun::take_sample() {
  const Instant time = now();
  auto rows = sampler_->sample();
  full_ = samples_.size() + rows.size() > task_.most_rows;
  if (full_) return;
  last_ = time;
  ++ended_;
  if (rows.empty()) ++empty_;
  for (SystemRow& row : rows) samples_.push_back({last_, std::move(row)});
}

std::string SystemRun::problem() const {
  if (failure_) return "ended early: " + failure_->message();
  if (full_) return "ended early: the result holds no more rows";
  if (empty_ == 0) return "";
  return std::to_string(empty_) + " of " + std::to_string(ended_) +
         " periods have no row: what was asked for was not there";
}

Value SystemRun::cell_of(const Sample& sample, const std::string_view column) {
  if (column == "time") return sample.time;
  const auto found = std::find_if(sample.row.begin(), sample.row.end(),
                                  [&](const auto& entry) { return entry.first == column; });
  return found == sample.row.end() ? Value() : found->second;
}

Result SystemRun::take_result(const Specification& specification) {
  if (failure_ && samples_.empty()) throw *failure_;
  Result result(specification);
  result.measured(first_, last_);
  if (const std::string text = problem(); !text.empty()) {
    annotate(result, "sampling.problem", text);
  }
  for (const Sample& sample : samples_) {
    std::vector<Value> cells;
    for (const Element* column : result.schema().columns()) {
      cells.push_back(cell_of(sample, column->name()));
    }
    result.row(cells);
  }
  return result;
}

}  // namespace mplane::detail
