#include "foreseen.hpp"

#include <string>
#include <utility>

namespace mplane::detail {
namespace {

std::string_view words_of(const Reason reason) {
  if (reason == Reason::Overlap) return "the run before it still goes on";
  if (reason == Reason::ServiceLimit) return "no more runs of this service fit";
  return "one of the two has to run alone";
}

}  // namespace

Envelope foreseen(const Specification& specification, const Plan& plan,
                  const std::function<bool(std::string_view)>& may_know) {
  Envelope envelope;
  envelope.token = specification.token();
  envelope.label = specification.label();
  auto conflict = plan.conflicts.begin();
  for (const Instant start : plan.starts) {
    const Specification run = specification.run_at(start);
    if (conflict == plan.conflicts.end() || conflict->start != start) {
      envelope.append(Receipt(run));
      continue;
    }
    const std::string label = may_know(conflict->label) ? conflict->label : "another capability";
    envelope.append(Exception(run.token(), std::string(words_of(conflict->reason)) + ": " + label +
                                               " of " + to_string(Time(conflict->other))));
    ++conflict;
  }
  return envelope;
}

}  // namespace mplane::detail
