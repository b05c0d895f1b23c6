#include "job_table.hpp"

#include "planner.hpp"
#include "scheduler/workshop.hpp"

#include <map>
#include <memory>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using detail::Account;
using detail::Job;
using detail::JobTable;

namespace {

class Jobs {
 public:
  std::shared_ptr<Job> make(const std::string& token) {
    const Specification asked = ask(capability_, "2015-06-01 12:00:00", token);
    const detail::Schedule schedule(asked, {}, Duration(0));
    return std::make_shared<Job>(account_, asked, nullptr, schedule, detail::Wishes());
  }

 private:
  Capability capability_ = ping_capability();
  Account account_{"alice", kNoLimit};
};

}  // namespace

TEST_CASE("a job is found by its token, and not after it was taken out", "[job-table]") {
  Jobs jobs;
  JobTable table;
  CHECK(table.find("a") == nullptr);
  const auto job = jobs.make("a");
  table.insert(job);
  CHECK(table.find("a") == job);
  CHECK(table.find("b") == nullptr);
  table.erase(*job);
  CHECK(table.find("a") == nullptr);
  CHECK(table.empty());
}

TEST_CASE("jobs put in and taken out at random are found like in a map", "[job-table]") {
  Jobs jobs;
  JobTable table;
  std::map<std::string, std::shared_ptr<Job>> known;
  std::mt19937 random(3);
  for (int round = 0; round < 10'000; ++round) {
    // There are many and there are few of them by turns.
    const std::string token = std::to_string(random() % (round % 4000 < 2000 ? 500 : 20));
    const auto found = known.find(token);
    REQUIRE(table.find(token) == (found == known.end() ? nullptr : found->second));
    if (found == known.end()) {
      table.insert(known[token] = jobs.make(token));
    } else {
      table.erase(*found->second);
      known.erase(found);
    }
  }
  for (const auto& [token, job] : known) CHECK(table.find(token) == job);
  std::size_t listed = 0;
  for (const auto& job : table) listed += known.count(std::string(job->token()));
  CHECK(listed == known.size());
}
