#include "kept_query.hpp"

#include "label_token.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::string_view kTime = "time";
constexpr std::string_view kComponent = "observer.device";

/// Columns before those of the measurement, unless it has them itself. The rest of its columns is
/// in the order of its own.
std::vector<std::string> columns_of(const Schema& schema) {
  std::vector<std::string> columns;
  const auto add = [&](const std::string_view name) {
    const bool is_there = std::find(columns.begin(), columns.end(), name) != columns.end();
    if (!is_there && !schema.find_column(name)) columns.emplace_back(name);
  };
  add(kTime);
  add(kComponent);
  for (const Element* const parameter : schema.parameters()) add(parameter->name());
  for (const Element* const column : schema.columns()) columns.push_back(column->name());
  return columns;
}

std::vector<std::string> parameters_of(const Schema& schema, const KeptQuery::By by) {
  std::vector<std::string> parameters;
  if (by.component) parameters.emplace_back(kComponent);
  if (!by.parameters) return parameters;
  for (const Element* const parameter : schema.parameters()) {
    if (!by.component || parameter->name() != kComponent) parameters.push_back(parameter->name());
  }
  return parameters;
}

Capability capability_of(const std::string& label, const Schema& schema, const KeptQuery::By by) {
  const std::string suffix =
      std::string(by.component ? ".component" : "") + (by.parameters ? ".parameters" : "");
  CapabilityBuilder builder = Capability::query("query-" + label + suffix).when("past ... now");
  for (const std::string& name : parameters_of(schema, by)) {
    builder = std::move(builder).parameter(name);
  }
  for (const std::string& name : columns_of(schema)) builder = std::move(builder).result(name);
  return with_token_of_label(std::move(builder).build(schema.registry()));
}

bool is_within(const Value& value, const Value& asked) {
  if (value == asked) return true;
  const auto* const network = std::get_if<Address>(&asked.alternatives());
  const auto* const address = std::get_if<Address>(&value.alternatives());
  return network != nullptr && address != nullptr && network->contains(*address);
}

std::optional<Instant> definite(const Time& time) {
  if (time.is_definite()) return time.instant();
  return {};
}

/// Of what time an answer is: of begins that come in their order.
class Extent {
 public:
  void reach(const Instant begin) noexcept {
    if (begin == last_) return;
    if (!first_) first_ = begin;
    before_ = last_;
    last_ = begin;
  }

  std::optional<Instant> first() const noexcept { return first_; }
  std::optional<Instant> last() const noexcept { return last_; }
  /// Of what time it has all, unless it is that of one instant at most; as the end of a sentence.
  std::string text() const {
    if (!before_) return "";
    return ": it holds what began from " + to_string(Time(*first_)) + " to " +
           to_string(Time(*before_));
  }

 private:
  std::optional<Instant> first_ = {};
  std::optional<Instant> before_ = {};  // the last one, since there may be more that began then
  std::optional<Instant> last_ = {};
};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::TooLarge, "when", why); }

[[noreturn]] void refuse_rows(const std::size_t most, const Extent& extent) {
  const std::string rows = " more than " + std::to_string(most) + " rows, which is the limit here";
  if (!extent.text().empty()) refuse("these are" + rows + extent.text());
  refuse("what began at " + to_string(Time(extent.last().value_or(Instant()))) + " alone is" +
         rows);
}

}  // namespace

KeptQuery::KeptQuery(std::string label, const Result& sample, const By by)
    : label_(std::move(label)),
      schema_(sample.schema()),
      by_(by),
      capability_(capability_of(label_, schema_, by)) {}

ResultSelection KeptQuery::selection(const Specification& asked, const Instant now) const {
  const Interval interval = asked.when().interval(now);
  ResultSelection selection{definite(interval.start), definite(interval.end)};
  selection.label = label_;
  selection.schema = schema_.hash();
  if (by_.component) selection.component = asked.get<std::string>(kComponent);
  return selection;
}

bool KeptQuery::is_asked(const Result& one, const Specification& asked) const {
  if (!by_.parameters) return true;
  const auto parameters = schema_.parameters();
  return std::all_of(parameters.begin(), parameters.end(), [&](const Element* const parameter) {
    const std::string& name = parameter->name();
    if (by_.component && name == kComponent) return true;
    return is_within(one.value(name), asked.value(name));
  });
}

/// What a row of the answer says beside a row of the result: in the order of `columns_of`.
std::vector<Value> KeptQuery::row_head(const KeptResult& kept, const Result& one) const {
  std::vector<Value> values;
  const std::size_t size = capability_.schema().columns().size() - schema_.columns().size();
  for (const Element* const column : capability_.schema().columns().first(size)) {
    if (const auto parameter = schema_.find_parameter(column->name())) {
      values.push_back(one.value(*parameter));
    } else if (column->name() == kTime) {
      values.emplace_back(kept.begin);
    } else {
      values.emplace_back(kept.component);
    }
  }
  return values;
}

/// The rows of one that is kept, each behind what the answer says beside it.
void KeptQuery::add_rows(Result& answer, const KeptResult& kept, const Result& one) const {
  const std::vector<Value> head = row_head(kept, one);
  for (const Row row : one.rows()) {
    std::vector<Value> values = head;
    // By name: a result may have its columns in another order.
    for (const Element* const column : schema_.columns()) {
      values.push_back(row.value(column->name()));
    }
    answer.row(values);
  }
}

Result KeptQuery::answer(ResultReader& kept, const Specification& asked, const Limits& limits,
                         const std::stop_token& stop) const {
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const auto begin = std::chrono::steady_clock::now();
  bool is_late = false;
  const auto is_over = [&] {
    // Not against a deadline: so long may mean for ever.
    const auto took = std::chrono::floor<Duration>(std::chrono::steady_clock::now() - begin);
    is_late = is_late || took >= limits.time;
    return is_late || stop.stop_requested();
  };
  Result answer(asked);
  Extent extent;
  const auto take = [&](const KeptResult& each) {
    if (is_over()) return false;
    const Message message = decode(each.message, schema_.registry());
    const auto* const one = message.find<Result>();
    if (one == nullptr || one->schema() != schema_ || !is_asked(*one, asked)) return true;
    extent.reach(each.begin);
    if (one->row_count() > limits.rows - answer.row_count()) refuse_rows(limits.rows, extent);
    add_rows(answer, each, *one);
    return true;
  };
  kept.each(selection(asked, now), take, is_over);
  if (is_late) {
    refuse("this takes longer than " + to_string(limits.time) + ", which is the limit here" +
           extent.text());
  }
  const Interval interval = asked.when().interval(now);
  const Instant end = definite(interval.end).value_or(now);
  answer.measured(definite(interval.start).value_or(extent.first().value_or(end)), end);
  return answer;
}

}  // namespace mplane::detail
