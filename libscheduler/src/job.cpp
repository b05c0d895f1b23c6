#include "job.hpp"

namespace mplane::detail {
namespace {

/// What to say of a repeated job that ended without any outcome.
std::string nothing_to_show(const Books& books) {
  std::string text = "ended without a result: " + std::to_string(books.planned) + " starts";
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (books.count(reason) == 0) continue;
    text += ", " + std::to_string(books.count(reason)) + " ";
    text += traits(reason).name;
  }
  return text;
}

Envelope envelope_of(const Snapshot& snapshot) {
  Envelope envelope;
  envelope.content_type = "result";
  for (const auto& outcome : snapshot.outcomes) {
    if (outcome->find<Result>() == nullptr) envelope.content_type = "message";
    envelope.append(*outcome);
  }
  envelope.token = snapshot.specification.token();
  if (!snapshot.specification.label().empty()) envelope.label = snapshot.specification.label();
  envelope.when = snapshot.specification.when().outer(snapshot.accepted);
  return envelope;
}

}  // namespace

Message message_of(const Snapshot& snapshot) {
  const bool repeated = snapshot.specification.when().is_repeated();
  if (snapshot.outcomes.empty()) {
    if (!snapshot.ended) return Receipt(snapshot.specification);
    const Books books = snapshot.books == nullptr ? Books() : *snapshot.books;
    return Exception(snapshot.specification.token(), nothing_to_show(books));
  }
  if (!repeated) return *snapshot.outcomes.front();
  return envelope_of(snapshot);
}

Job::Course& Job::course() {
  if (course_ == nullptr) course_ = std::make_unique<Course>();
  return *course_;
}

Snapshot Job::snapshot(Position up_to) const {
  Snapshot snapshot{specification, schedule.accepted(), ended && position <= up_to};
  if (course_ == nullptr) return snapshot;
  for (const Kept& kept : course_->outcomes) {
    if (kept.position <= up_to) snapshot.outcomes.push_back(kept.outcome);
  }
  if (snapshot.outcomes.empty()) {
    snapshot.books = std::make_shared<const Books>(course_->tally.books());
  }
  return snapshot;
}

void Job::keep(Kept kept, std::size_t newest) {
  Course& held = course();
  held.bytes += kept.bytes;
  held.outcomes.push_back(std::move(kept));
  if (held.outcomes.size() > newest) drop_oldest();
}

void Job::drop_oldest() {
  Course& held = course();
  held.bytes -= held.outcomes.front().bytes;
  held.outcomes.pop_front();
}

}  // namespace mplane::detail
