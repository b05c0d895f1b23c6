#include "kept_query.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/scheduler/clock.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using mplane::detail::KeptQuery;

namespace {

const Instant kNoon = Time::parse("2026-11-01 12:00:00").instant();

Capability ping() {
  return Capability::measure("ping")
      .when("now ... future")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .build(Registry::core());
}

Result result(const std::string& target, const Instant at, const std::vector<unsigned>& delays) {
  Result result(ping().specify("now").set("destination.ip4", target).build());
  result.measured(at, at + 10s);
  for (const unsigned delay : delays) result.row({{"delay.twoway.icmp.us.min", delay}});
  return result;
}

/// A store with what two components measured in an hour.
class Kept {
 public:
  Kept() {
    keep("a", result("192.0.2.1", kNoon, {1}));
    keep("b", result("192.0.2.2", kNoon + 20min, {2}));
    keep("a", result("192.0.2.2", kNoon + 40min, {3, 4}));
    keep("a", result("198.51.100.1", kNoon + 60min, {5}));
  }

  void keep(const std::string& component, const Result& result, const std::string& label = "ping") {
    const auto interval = result.when().interval({});
    std::promise<bool> kept;
    store_.keep({component, label, std::to_string(++count_), interval.start.instant(),
                 interval.end.instant(), encode(result), result.schema().hash()},
                [&](const std::optional<Error>& why) { kept.set_value(!why); });
    REQUIRE(kept.get_future().get());
  }

  Result ask(const KeptQuery& query, const std::string& when,
             const std::vector<std::pair<std::string, std::string>>& parameters = {},
             const KeptQuery::Limits limits = {100, 30s}) const {
    auto builder = query.capability().specify(when);
    for (const auto& [name, value] : parameters) builder = std::move(builder).set(name, value);
    ResultReader reader(folder_.path());
    return query.answer(reader, std::move(builder).build(), limits, {});
  }

  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
  SystemClock clock_;
  ResultStore store_{{.folder = folder_.path()}, clock_};
  int count_ = 0;
};

KeptQuery query(const KeptQuery::By by = {}) {
  return {"ping", result("192.0.2.1", kNoon, {1}), by};
}

/// The delays of an answer, in order.
std::string delays(const Result& answer) {
  std::string text;
  for (const Row row : answer.rows()) text += to_string(row.value("delay.twoway.icmp.us.min"));
  return text;
}

}  // namespace

TEST_CASE("a query has a row for each that is kept, which says whose it is", "[repository]") {
  const Kept kept;
  const Result answer = kept.ask(query(), "2026-11-01 12:30:00 ... 2026-11-01 12:45:00");
  CHECK(answer.verb() == "query");
  CHECK(answer.label() == "query-ping");
  CHECK(to_string(answer.when()) == "2026-11-01 12:30:00.000000 ... 2026-11-01 12:45:00.000000");
  CHECK_NOTHROW(decode_as<Result>(encode(answer), Registry::core()));
  REQUIRE(answer.rows().size() == 2);
  const Row row = answer.rows()[1];
  CHECK(row.get<Instant>("time") == kNoon + 40min);
  CHECK(row.get<std::string>("observer.device") == "a");
  CHECK(to_string(row.value("destination.ip4")) == "192.0.2.2");
  CHECK(row.get<std::uint64_t>("delay.twoway.icmp.us.min") == 4);
}

TEST_CASE("time and parameters select what is kept", "[repository]") {
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  struct Case {
    KeptQuery::By by;
    std::string when;
    Parameters parameters;
    std::string found;
  };
  const std::string all = "2026-11-01 12:00:00 ... 2026-11-01 13:00:00";
  const std::vector<Case> cases = {
      {{}, all, {}, "12345"},
      {{}, "past ... now", {}, "12345"},
      {{}, "past ... 2026-11-01 12:20:00", {}, "12"},
      {{}, "2026-11-01 12:20:05 ... now", {}, "2345"},
      {{}, "2026-11-01 12:20:11 ... now", {}, "345"},
      {{}, "2026-11-01 12:20:05", {}, "2"},
      {{}, "2026-11-01 12:00:00 + 20m", {}, "12"},
      {{}, "2025-11-01 ... 2025-11-02", {}, ""},
      {{true, false}, all, {{"observer.device", "a"}}, "1345"},
      {{true, false}, all, {{"observer.device", "c"}}, ""},
      {{false, true}, all, {{"destination.ip4", "192.0.2.2"}}, "234"},
      {{false, true}, all, {{"destination.ip4", "192.0.2.0/24"}}, "1234"},
      {{true, true}, all, {{"observer.device", "b"}, {"destination.ip4", "192.0.2.0/24"}}, "2"},
  };
  Kept kept;
  kept.keep("a", result("192.0.2.1", kNoon, {9}), "another");
  for (const Case& one : cases) {
    CAPTURE(one.when, one.parameters, one.found);
    CHECK(delays(kept.ask(query(one.by), one.when, one.parameters)) == one.found);
  }
}

TEST_CASE("a query for more than its limit is told what to ask for", "[repository]") {
  Kept kept;
  const auto refusal = [&](const KeptQuery::Limits& limits) {
    try {
      return delays(kept.ask(query(), "past ... now", {}, limits));
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::TooLarge);
      return error.message();
    }
  };
  CHECK(refusal({5, 30s}) == "12345");
  CHECK(refusal({4, 30s}) ==
        "these are more than 4 rows, which is the limit here: it holds what began from "
        "2026-11-01 12:00:00.000000 to 2026-11-01 12:40:00.000000");
  CHECK(delays(kept.ask(query(), "past ... 2026-11-01 12:40:00", {}, {4, 30s})) == "1234");
  // What began when the limit was reached is not there as a whole.
  const std::string to_twenty =
      "these are more than 3 rows, which is the limit here: it holds what began from "
      "2026-11-01 12:00:00.000000 to 2026-11-01 12:20:00.000000";
  CHECK(refusal({3, 30s}) == to_twenty);
  kept.keep("b", result("192.0.2.3", kNoon + 40min, {6}));
  CHECK(refusal({4, 30s}) ==
        "these are more than 4 rows, which is the limit here: it holds what began from "
        "2026-11-01 12:00:00.000000 to 2026-11-01 12:20:00.000000");
  CHECK(delays(kept.ask(query(), "past ... 2026-11-01 12:20:00", {}, {4, 30s})) == "12");
  kept.keep("b", result("192.0.2.3", kNoon, {7}));
  CHECK(refusal({1, 30s}) ==
        "what began at 2026-11-01 12:00:00.000000 alone is more than 1 rows, which is the limit "
        "here");
}

TEST_CASE("a query that takes too long is told so", "[repository]") {
  const Kept kept;
  try {
    kept.ask(query(), "past ... now", {}, {100, 0s});
    FAIL("answered");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::TooLarge);
    CHECK(error.message() == "this takes longer than 0s, which is the limit here");
  }
}

TEST_CASE("a result with columns in another order is read by their names", "[repository]") {
  const auto capability = [](const std::string& first, const std::string& second) {
    return Capability::measure("two")
        .when("now ... future")
        .result(first)
        .result(second)
        .build(Registry::core());
  };
  const std::string min = "delay.twoway.icmp.us.min";
  const std::string max = "delay.twoway.icmp.us.max";
  const auto measured = [&](const Capability& of) {
    return Result(of.specify("now").build()).measured(kNoon, kNoon).row({{min, 1}, {max, 2}});
  };
  Kept kept;
  kept.keep("a", measured(capability(min, max)), "two");
  kept.keep("b", measured(capability(max, min)), "two");
  const Result answer = kept.ask({"two", measured(capability(min, max)), {}}, "past ... now");
  REQUIRE(answer.rows().size() == 2);
  for (const Row row : answer.rows()) {
    CHECK(row.get<std::uint64_t>(min) == 1);
    CHECK(row.get<std::uint64_t>(max) == 2);
  }
}
