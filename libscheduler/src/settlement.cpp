#include "settlement.hpp"

#include "mplane/model/detail/given_token.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kFixed = 512;  // of a message without rows: its handles and sections

/// The bytes of the texts in a column, from a sample of its rows.
std::size_t bytes_of_texts(const Column& column) {
  const std::size_t step = std::max<std::size_t>(column.size() / 32, 1);
  std::size_t seen = 0;
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < column.size(); row += step, ++seen) {
    if (column.has_value(row)) bytes += to_string(column.value(row)).size();
  }
  return seen == 0 ? 0 : bytes * column.size() / seen;
}

std::size_t bytes_of(const Result& result) {
  std::size_t bytes = kFixed;
  for (const Column& column : result.columns()) {
    const bool text =
        column.primitive() == Primitive::String || column.primitive() == Primitive::Url;
    bytes += text ? bytes_of_texts(column) : column.size() * sizeof(std::uint64_t);
  }
  return bytes;
}

void mark(Result& result, const Marks& marks) {
  const auto set = [&result](std::string_view element, Value value) {
    if (result.registry().find(element) == nullptr) return;
    result.with_metadata(std::string(element), std::move(value));
  };
  if (marks.cut_short) set(kCutShort, std::string(traits(*marks.cut_short).name));
  if (!marks.planned) return;
  const auto late = std::chrono::floor<Duration>(marks.late).count();
  set(kPlanned, Time(*marks.planned));
  set(kLateness, static_cast<std::uint64_t>(std::max<std::int64_t>(late, 0)));
}

Settlement settled(Reason reason, Exception exception) {
  const std::size_t bytes = kFixed + exception.message().size();
  return {reason, std::make_shared<const Message>(std::move(exception)), bytes};
}

}  // namespace

Settlement settle(Outcome outcome, const Specification& specification, Instant started, Instant now,
                  const Marks& marks) {
  const std::string_view token = given_token(specification);
  if (std::holds_alternative<Abandoned>(outcome)) {
    return settled(Reason::Abandoned, Exception(std::string(token), "abandoned"));
  }
  if (const auto* exception = std::get_if<Exception>(&outcome)) {
    return settled(Reason::ServiceFailed, Exception(std::string(token), exception->message()));
  }
  Result result = std::get<Result>(std::move(outcome));
  if (result.schema() != specification.schema()) {
    return settled(Reason::WrongResult,
                   Exception(std::string(token), std::string(traits(Reason::WrongResult).text)));
  }
  if (given_token(result) != token) result.with_token(std::string(token));
  if (!result.when().is_definite()) {
    if (specification.when().is_singleton()) {
      result.measured(When::at(started));
    } else {
      result.measured(started, std::max(started, now));
    }
  }
  mark(result, marks);
  const std::size_t bytes = bytes_of(result);
  return {Reason::Completed, std::make_shared<const Message>(std::move(result)), bytes};
}

Settlement settle(const Message& outcome) {
  if (const auto* exception = outcome.find<Exception>()) {
    return settled(Reason::ServiceFailed, *exception);
  }
  const auto* const result = outcome.find<Result>();
  return {Reason::Completed, std::make_shared<const Message>(outcome),
          result == nullptr ? kFixed : bytes_of(*result)};
}

Settlement settle(Reason reason, const Specification& specification) {
  const ReasonTraits& said = traits(reason);
  return settled(reason, Exception(specification.token(),
                                   std::string(said.text) + " (" + std::string(said.name) + ")"));
}

}  // namespace mplane::detail
