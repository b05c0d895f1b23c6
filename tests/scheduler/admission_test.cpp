#include "scheduler/workshop.hpp"

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// The error that a call throws; Internal with "nothing" if it does not.
Error refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorKind::Internal, "", "nothing"};
}

/// Sets one limit, of the scheduler or of the service.
using Limit = void (*)(SchedulerOptions&, ServicePolicy&);

}  // namespace

TEST_CASE("a limit of jobs refuses the next and is named", "[scheduler][admission]") {
  SchedulerOptions options;
  ServicePolicy policy;
  const auto [where, limit] = GENERATE(table<std::string, Limit>(
      {{"limits/jobs", [](auto& all, auto&) { all.limits.jobs = 2; }},
       {"limits/jobs-per-owner", [](auto& all, auto&) { all.limits.jobs_per_owner = 2; }},
       {"limits/max-jobs", [](auto&, auto& service) { service.max_jobs = 2; }}}));
  limit(options, policy);
  Workshop shop(policy, options);
  shop.submit("2015-06-01 13:00:00", "1");
  shop.submit("now", "2");
  const Error refused = refusal_of([&] { shop.submit("2015-06-01 13:00:00", "3"); });
  CHECK(refused.kind() == ErrorKind::TooMany);
  CHECK(refused.where() == where);
  shop.runs.finish(1);
  shop.submit("2015-06-01 13:00:00", "3");  // there is room again
  shop.scheduler.interrupt("alice", "1");
  shop.submit("2015-06-01 13:00:00", "4");
}

TEST_CASE("runs beyond a limit wait for their turn", "[scheduler][admission]") {
  SchedulerOptions options;
  ServicePolicy policy;
  const Limit limit =
      GENERATE(values<Limit>({[](auto& all, auto&) { all.limits.runs = 1; },
                              [](auto& all, auto&) { all.limits.runs_per_owner = 1; },
                              [](auto&, auto& service) { service.max_running = 1; }}));
  limit(options, policy);
  Workshop shop(policy, options);
  shop.submit("now", "1");
  shop.submit("now", "2");
  shop.submit("now", "3");
  CHECK(shop.runs.starts() == 1);
  CHECK(shop.scheduler.books().waiting == 2);
  for (const char* token : {"1", "2", "3"}) {
    shop.clock.settle();
    const auto run = shop.runs.take();
    CHECK(run.specification.token() == token);
  }
  shop.clock.settle();
  CHECK(shop.runs.starts() == 3);
  CHECK(shop.scheduler.books().balance());
}

TEST_CASE("limits of one owner do not hold up another", "[scheduler][admission]") {
  SchedulerOptions options;
  options.limits.runs_per_owner = 1;
  Workshop shop({}, options);
  shop.submit("now", "1", "alice");
  shop.submit("now", "2", "alice");
  shop.submit("now", "1", "bob");
  CHECK(shop.runs.starts() == 2);
}

TEST_CASE("what cannot even wait is refused", "[scheduler][admission]") {
  SchedulerOptions options;
  options.limits.waiting = 1;
  ServicePolicy policy;
  policy.max_running = 1;
  Workshop shop(policy, options);
  shop.submit("now", "1");
  shop.submit("now", "2");
  SECTION("when it is asked for at once") {
    const Error refused = refusal_of([&] { shop.submit("now", "3"); });
    CHECK(refused.kind() == ErrorKind::TooMany);
    CHECK(refused.message() ==
          "no more runs of this service fit (service-limit); 1 runs may wait, and do");
    CHECK_THROWS_AS(shop.redeem("3"), Error);  // it was not accepted
  }
  SECTION("when its time has come") {
    shop.submit("2015-06-01 12:00:10", "3");
    shop.clock.advance(10s);
    const Message message = shop.redeem("3");
    REQUIRE(message.find<Exception>() != nullptr);
    CHECK(message.find<Exception>()->message() ==
          "no more runs of this service fit (service-limit)");
  }
  const Books books = shop.scheduler.books();
  CHECK(books.refused == 1);
  CHECK(books.planned == 3);
  CHECK(books.balance());
}

TEST_CASE("what is refused leaves the results that its token had", "[scheduler][admission]") {
  SchedulerOptions options;
  options.limits.jobs_per_owner = 2;
  options.limits.waiting = 0;
  options.limits.runs = 1;
  Workshop shop({}, options);
  shop.submit("now");
  shop.runs.finish(7);
  SECTION("for the number of jobs") {
    shop.submit("2015-06-01 13:00:00", "1");
    shop.submit("2015-06-01 13:00:00", "2");
    CHECK(refusal_of([&] { shop.submit("now"); }).where() == "limits/jobs-per-owner");
  }
  SECTION("for the number of those that wait") {
    shop.submit("now", "1");
    CHECK(refusal_of([&] { shop.submit("now"); }).where() == "limits/waiting");
  }
  CHECK(count_of(shop.redeem()) == 7);
  shop.clock.advance(1h + 5min);
  CHECK_THROWS_AS(shop.redeem(), Error);  // and is forgotten in its time
}

TEST_CASE("one owner cannot take all the places to wait", "[scheduler][admission]") {
  SchedulerOptions options;
  options.limits.waiting = 3;
  options.limits.waiting_per_owner = 2;
  ServicePolicy policy;
  policy.max_running = 1;
  Workshop shop(policy, options);
  for (const char* token : {"runs", "1", "2"}) shop.submit("now", token);
  const Error refused = refusal_of([&] { shop.submit("now", "3"); });
  CHECK(refused.kind() == ErrorKind::TooMany);
  CHECK(refused.where() == "limits/waiting-per-owner");
  CHECK(refused.message() ==
        "no more runs of this client fit (owner-limit); 2 runs of 'alice' may wait, and do");
  shop.submit("now", "1", "bob");
  CHECK(refusal_of([&] { shop.submit("now", "2", "bob"); }).where() == "limits/waiting");
  shop.runs.finish(1);
  shop.clock.settle();
  shop.submit("now", "3");  // a place came free
  CHECK(shop.scheduler.books().waiting == 3);
  CHECK(shop.scheduler.books().count(Reason::OwnerLimit) == 1);
  CHECK(shop.scheduler.books().balance());
}

TEST_CASE("runs of a background service let all others go first", "[scheduler][admission]") {
  SchedulerOptions options;
  options.limits.runs = 1;
  Workshop shop({}, options);
  ByHand behind;
  ServicePolicy background;
  background.job_class = JobClass::Background;
  const Capability capability = shop.scheduler.offer(
      {ping_capability("behind", "wait"), behind.service(), false, background});
  shop.submit("now", "1");
  shop.scheduler.submit("alice", ask(capability, "now", "b"));
  shop.submit("now", "2");
  shop.runs.finish(1);
  shop.clock.settle();
  CHECK(shop.runs.starts() == 2);
  CHECK(behind.starts() == 0);
  shop.runs.finish(2);
  shop.clock.settle();
  CHECK(behind.starts() == 1);
}

TEST_CASE("a run for which no worker is free is refused when none may wait",
          "[scheduler][admission]") {
  SchedulerOptions options;
  options.workers = 1;
  options.limits.waiting = 1;
  FakeClock clock;
  Scheduler scheduler(clock, options, {});
  const auto busy = [](const Specification& asked, const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    return counted(asked, 1);
  };
  const Capability capability = scheduler.offer({ping_capability(), Run(busy)});
  scheduler.submit("alice", ask(capability, "now", "runs"));
  scheduler.submit("alice", ask(capability, "now", "waits"));
  const Error refused =
      refusal_of([&] { scheduler.submit("bob", ask(capability, "now", "refused")); });
  CHECK(refused.kind() == ErrorKind::TooMany);
  CHECK(refused.message() == "no worker is free (worker-limit); 1 runs may wait, and do");
  CHECK(scheduler.books().count(Reason::WorkerLimit) == 1);
  CHECK(scheduler.stop(10s).empty());
  CHECK(scheduler.books().balance());
}

TEST_CASE("nothing runs beside what is exclusive", "[scheduler][admission]") {
  Workshop shop;
  ByHand alone;
  ServicePolicy exclusive;
  exclusive.job_class = JobClass::Exclusive;
  const Capability capability = shop.scheduler.offer(
      {ping_capability("alone", "exclude"), alone.service(), false, exclusive});
  shop.submit("now", "1");
  shop.scheduler.submit("alice", ask(capability, "now", "x"));
  shop.submit("now", "2");
  CHECK(alone.starts() == 0);
  CHECK(shop.runs.starts() == 1);
  shop.runs.finish(1);
  shop.clock.settle();
  CHECK(alone.starts() == 1);
  CHECK(shop.runs.starts() == 1);
  alone.finish(1);
  shop.clock.settle();
  CHECK(shop.runs.starts() == 2);
}

TEST_CASE("a run whose scope ends while it waits is missed", "[scheduler][admission]") {
  ServicePolicy policy;
  policy.max_running = 1;
  Workshop shop(policy);
  shop.submit("now ... future", "1");
  shop.submit("2015-06-01 12:00:00 + 10s", "definite");
  shop.submit("now + 10s", "relative");
  shop.clock.advance(11s);
  shop.runs.finish(1);
  shop.clock.settle();
  CHECK(shop.runs.starts() == 2);
  CHECK(shop.runs.take().specification.token() == "relative");  // measures ten seconds from now
  CHECK(shop.scheduler.books("alice", "definite").count(Reason::ScopePassed) == 1);
}

TEST_CASE("a queue of runs that end at once is no deep stack", "[scheduler][admission]") {
  SchedulerOptions options;
  options.limits.waiting_per_owner = options.limits.waiting;
  Workshop shop({}, options);
  ServicePolicy policy;
  policy.max_running = 1;
  std::optional<Completion> first;
  std::size_t calls = 0;
  const Capability capability = shop.scheduler.offer(
      {ping_capability("quick", "quick"),
       AsyncRun([&](const Specification& specification, auto, Completion done) {
         if (++calls == 1) {
           first.emplace(std::move(done));
         } else {
           done(counted(specification, calls));
         }
       }),
       false, policy});
  const std::size_t queue = 10'000;
  for (std::size_t i = 0; i <= queue; ++i) {
    shop.scheduler.submit("alice", ask(capability, "now", std::to_string(i)));
  }
  CHECK(calls == 1);
  first.reset();
  shop.clock.settle();
  CHECK(calls == queue + 1);
  CHECK(shop.scheduler.books().done == queue);
}
