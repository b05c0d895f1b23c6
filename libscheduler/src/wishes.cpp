// The elements of registry/mplane.json that specifications choose by:
//
//     schedule.overlap      skip | queue | parallel
//     schedule.missed       skip | once
//     schedule.slip.us      natural
//     schedule.max-results  natural, 1 at least
//     schedule.lateness     boolean

#include "wishes.hpp"

#include "settlement.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

namespace mplane::detail {
namespace {

[[noreturn]] void refuse(std::string_view element, const Value& value, const std::string& why) {
  throw Error(ErrorKind::Invalid, "metadata/" + std::string(element),
              "'" + to_string(value) + "' " + why);
}

[[noreturn]] void refuse_choice(std::string_view element, const Value& value) {
  refuse(element, value, "is not what the service's operator lets clients choose");
}

Overlap overlap_of(const Value& value, const ServicePolicy& policy) {
  constexpr std::string_view kElement = "schedule.overlap";
  const auto& text = value.get<std::string>();
  Overlap overlap = Overlap::Skip;
  bool allowed = true;
  if (text == "queue") {
    overlap = Overlap::Queue;
    allowed = policy.choices.overlap_queue;
  } else if (text == "parallel") {
    overlap = Overlap::Parallel;
    allowed = policy.choices.overlap_parallel;
  } else if (text != "skip") {
    refuse(kElement, value, "is none of skip, queue, parallel");
  }
  if (!allowed && overlap != policy.overlap) refuse_choice(kElement, value);
  return overlap;
}

Missed missed_of(const Value& value, const ServicePolicy& policy) {
  constexpr std::string_view kElement = "schedule.missed";
  const auto& text = value.get<std::string>();
  if (text == "skip") return Missed::Skip;
  if (text != "once") refuse(kElement, value, "is none of skip, once");
  if (!policy.choices.missed_once && policy.missed != Missed::Once) refuse_choice(kElement, value);
  return Missed::Once;
}

Duration slip_of(const Value& value, const ServicePolicy& policy) {
  const Duration most = std::max(policy.slip, policy.choices.slip);
  const auto micros = value.get<std::uint64_t>();
  if (micros > static_cast<std::uint64_t>(most.count())) refuse_choice("schedule.slip.us", value);
  return Duration(static_cast<std::int64_t>(micros));
}

std::uint32_t max_results_of(const Value& value, const ServicePolicy& policy) {
  constexpr std::string_view kElement = "schedule.max-results";
  const auto number = value.get<std::uint64_t>();
  if (number == 0) refuse(kElement, value, "would keep no result at all");
  if (number > policy.max_results) refuse_choice(kElement, value);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

Wishes wishes_of(const ServicePolicy& policy, const Registry& registry) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  return {.overlap = policy.overlap,
          .missed = policy.missed,
          .tell_lateness = policy.tell_lateness,
          .marks = registry.find(kCutShort) != nullptr,
          .max_results = static_cast<std::uint32_t>(std::min(policy.max_results, kMost)),
          .slip = policy.slip};
}

}  // namespace

Wishes wishes_of(const Specification& specification, const ServicePolicy& policy) {
  Wishes wishes = wishes_of(policy, specification.registry());
  if (!wishes.marks) return wishes;
  for (const auto& [element, value] : specification.metadata()) {
    if (!value.has_value()) continue;
    if (element == "schedule.overlap") wishes.overlap = overlap_of(value, policy);
    if (element == "schedule.missed") wishes.missed = missed_of(value, policy);
    if (element == "schedule.slip.us") wishes.slip = slip_of(value, policy);
    if (element == "schedule.max-results") wishes.max_results = max_results_of(value, policy);
    if (element == "schedule.lateness") wishes.tell_lateness = value.get<bool>();
  }
  return wishes;
}

Wishes wishes_of_accepted(const Specification& specification, const ServicePolicy& policy) {
  try {
    return wishes_of(specification, policy);
  } catch (const Error&) {
    return wishes_of(policy, specification.registry());
  }
}

}  // namespace mplane::detail
