// What is kept of what components send: also what nobody waits for any more.

#include "errands.hpp"

#include "client/loopback.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using detail::Effects;
using detail::Errands;
using detail::News;

namespace {

Capability loopback() { return decode_as<Capability>(loopback_capability(), registry()); }

/// One component that is asked one thing and has fetched it.
struct Asked {
  explicit Asked(const std::string& when = "now") {
    const Specification named = ask_for(loopback(), when).with_token("t");
    errands.add(named, [](const auto&) {});
    errands.fetch({}, {});
    result = Result(named);
    result->measured(Time::parse("2026-11-22 09:00:00").instant(),
                     Time::parse("2026-11-22 09:00:00").instant());
  }
  /// How much of a message is news, when it is taken after.
  std::size_t news(const Message& message) {
    const std::vector<News> all = errands.news(message);
    for (const News& one : all) CHECK(one.asked.token() == "t");
    errands.take(message, effects);
    return all.size();
  }

  Errands errands = {};
  std::optional<Result> result = {};
  Effects effects = {};
};

}  // namespace

TEST_CASE("an answer is news once", "[client][errands]") {
  Asked asked;
  CHECK(asked.news(*asked.result) == 1);
  CHECK(asked.news(*asked.result) == 0);
  CHECK(asked.news(Exception("t", "too late")) == 0);
}

TEST_CASE("an answer that nobody waits for any more is news once", "[client][errands]") {
  Asked asked;
  asked.errands.give_up("t", asked.effects);
  SECTION("a result") { CHECK(asked.news(*asked.result) == 1); }
  SECTION("an exception") { CHECK(asked.news(Exception("t", "no route")) == 1); }
  CHECK(asked.news(*asked.result) == 0);
}

TEST_CASE("runs that nobody waits for any more are news", "[client][errands]") {
  Asked asked("repeat now ... future / 1m");
  const auto run = [&](const std::string& token) {
    Result result = *asked.result;
    return result.with_token(token);
  };
  CHECK(asked.errands.forget("t"));
  CHECK(asked.news(run("t-1")) == 1);
  CHECK(asked.news(run("t-2")) == 1);
}

TEST_CASE("what waits and was never fetched has no answers", "[client][errands]") {
  Errands errands;
  const Specification named = ask_for(loopback(), "now").with_token("t");
  errands.add(named, [](const auto&) {});
  CHECK(errands.forget("t"));
  CHECK(errands.news(Exception("t", "what?")).empty());
}

TEST_CASE("who registers and answers without ever polling has nothing pile up",
          "[client][errands]") {
  Asked asked;
  const Message receipt = Receipt(ask_for(loopback(), "now").with_token("t"));
  for (int round = 0; round < 100; ++round) {
    asked.errands.take(receipt, asked.effects);
    asked.errands.doubt();
  }
  CHECK(asked.errands.waiting() == 1);
  CHECK(asked.errands.fetch({}, {}).size() == 1);
  asked.errands.doubt();
  asked.errands.take(*asked.result, asked.effects);
  CHECK(asked.errands.waiting() == 0);
  CHECK_FALSE(asked.errands.has_work());
}

TEST_CASE("what waits to be told again is gone with its answer", "[client][errands]") {
  Asked asked;
  asked.errands.take(Receipt(ask_for(loopback(), "now").with_token("t")), asked.effects);
  asked.errands.doubt();
  CHECK(asked.errands.waiting() == 1);
  asked.errands.take(*asked.result, asked.effects);
  CHECK(asked.errands.waiting() == 0);
}

TEST_CASE("results without tokens are about what their envelope names", "[client][errands]") {
  const Asked asked("repeat now ... future / 1m");
  const std::string bare = R"({"envelope":"result","version":1,"token":"t","contents":[{
      "result":"measure","version":1,"registry":"http://mplane.corvid.ch/registry/loopback",
      "when":"2026-11-22 09:00:00","parameters":{"test.input":"hello"},
      "results":["test.output"],"resultvalues":[["hello"]]}]})";
  const Message envelope = decode(bare, registry());
  CHECK_FALSE(envelope.find<Envelope>()->messages()[0].find<Result>()->has_token());
  const auto news = asked.errands.news(envelope);
  REQUIRE(news.size() == 1);
  CHECK(news[0].asked.token() == "t");
}
