#include "job_changes.hpp"

#include "store/journal_helpers.hpp"

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using mplane::detail::JobChanges;

TEST_CASE("the entries of a job become one change", "[changes]") {
  JobStory job("t");
  JobChanges changes;
  changes.add(job.accepted());
  changes.add(job.started());
  changes.add(job.ended(5));
  REQUIRE(changes.size() == 1);
  const auto& [key, change] = *changes.begin();
  CHECK(key.owner == "alice");
  CHECK(key.token == "t");
  CHECK(change.specification == job.specification());
  CHECK(change.state == job.state());
  REQUIRE(change.outcomes.size() == 1);
  CHECK(count_of(*change.outcomes[0]) == 5);
  CHECK_FALSE(change.gone);
}

TEST_CASE("of the outcomes only the newest are kept", "[changes]") {
  JobStory job("t");
  JobChanges changes;
  for (std::uint64_t i = 0; i < 5; ++i) {
    changes.add(job.started());
    changes.add(job.ended(i, 2));
  }
  const auto& outcomes = changes.begin()->second.outcomes;
  REQUIRE(outcomes.size() == 2);
  CHECK(count_of(*outcomes[0]) == 3);
  CHECK(count_of(*outcomes[1]) == 4);
}

TEST_CASE("a job that the file never heard of leaves no trace when it is forgotten", "[changes]") {
  JobStory job("t");
  JobChanges changes;
  changes.add(job.accepted());
  changes.add(job.forgotten());
  CHECK(changes.empty());
}

TEST_CASE("a job in the file that is forgotten goes, also if it comes again", "[changes]") {
  JobStory job("t");
  JobChanges changes;
  changes.add(job.started());
  changes.add(job.forgotten());
  REQUIRE(changes.size() == 1);
  CHECK(changes.begin()->second.gone);
  changes.add(job.accepted());
  CHECK_FALSE(changes.begin()->second.gone);
  changes.add(job.forgotten());
  REQUIRE(changes.size() == 1);
  CHECK(changes.begin()->second.gone);
}

TEST_CASE("what could not be written is put before what came since", "[changes]") {
  JobStory both("both");
  JobStory older("older");
  JobStory refused("refused");
  JobChanges batch;
  batch.add(both.accepted());
  batch.add(both.started());
  batch.add(both.ended(1));
  batch.add(older.accepted());
  batch.add(refused.accepted());
  JobChanges changes;
  changes.add(both.started());
  changes.add(both.ended(2));
  changes.add(refused.forgotten());
  changes.add_before(std::move(batch));
  REQUIRE(changes.size() == 2);
  for (const auto& [key, change] : changes) {
    CHECK(change.specification.has_value());
    if (key.token == "older") continue;
    CHECK(key.token == "both");
    CHECK(change.state == both.state());
    REQUIRE(change.outcomes.size() == 2);
    CHECK(count_of(*change.outcomes[0]) == 1);
    CHECK(count_of(*change.outcomes[1]) == 2);
  }
}
