// What the calling side is made of, from inside.

#include "callback.hpp"
#include "callback_gate.hpp"
#include "component/counter.hpp"
#include "errand_list.hpp"
#include "mplane/component/delivery.hpp"
#include "mplane/component/detail/back_off.hpp"
#include "mplane/component/detail/registration.hpp"
#include "mplane/component/export_rules.hpp"
#include "mplane/model/json.hpp"
#include "ranks.hpp"
#include "scheduler/workshop.hpp"
#include "written.hpp"

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::detail;
using namespace mplane::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("retries come later and later, never in step, and polls a tenth around", "[back-off]") {
  BackOff back_off(1s, 60s, 1);
  Duration whole = 1s;
  for (int i = 0; i < 70; ++i) {
    const Duration wait = back_off.after_failure();
    CHECK(wait >= whole / 2);
    CHECK(wait <= whole);
    whole = std::min<Duration>(2 * whole, 60s);
  }
  back_off.reset();
  CHECK(back_off.after_failure() <= 1s);
  std::set<Duration> intervals;
  for (int i = 0; i < 100; ++i) intervals.insert(back_off.around(5s));
  CHECK(*intervals.begin() >= 4500ms);
  CHECK(*intervals.rbegin() <= 5500ms);
  CHECK(intervals.size() > 50);
}

TEST_CASE("results are exported below what the operator allows, and nowhere else", "[export]") {
  const ExportRules rules({Url::parse("mplane-https://repo.example.org/in"),
                           Url::parse("mplane-https://192.0.2.1:8899/")});
  const std::vector<std::string> allowed{
      "mplane-https://repo.example.org/in",       "mplane-https://repo.example.org/in/x?y=1",
      "mplane-https://repo.example.org/in?y=1",   "mplane-https://REPO.example.org:443/in/",
      "mplane-https://192.0.2.1:8899/any/.../at", "mplane-https://192.0.2.1:8899",
  };
  const std::vector<std::pair<std::string, std::string>> refused{
      {"mplane-https://repo.example.org/inside", "does not allow"},
      {"mplane-https://repo.example.org/", "does not allow"},
      {"mplane-https://repo.example.org/in/../out", "does not allow"},
      {"mplane-https://repo.example.org/in/%2e%2E/out", "does not allow"},
      {"mplane-https://repo.example.org/in/.%2e", "does not allow"},
      {"mplane-https://repo.example.org:8443/in", "does not allow"},
      {"mplane-https://repo.example.org.evil.com/in", "does not allow"},
      {"mplane-https://192.0.2.1/", "does not allow"},
      {"https://repo.example.org/in", "only to mplane-https"},
      {"mplane-https", "not a URL"},
      {"", "not a URL"},
      {"mplane-https://a@repo.example.org/in", "names and passwords"},
  };
  for (const std::string& text : allowed) {
    CAPTURE(text);
    CHECK_NOTHROW(rules.target(text));
  }
  for (const auto& [text, why] : refused) {
    CAPTURE(text);
    CHECK_THROWS_WITH(rules.target(text), Contains("cannot be exported") && Contains(why));
    CHECK_THROWS_WITH(ExportRules().target(text), Contains("exports nothing"));
  }
}

TEST_CASE("answers to registrations are read", "[registration]") {
  CHECK(parse_answers("{}").empty());
  const Answers answers = parse_answers(
      R"({"a":{"registered":"ok"},"b":{"registered":"no","reason":"full"},"c":{"registered":"no"}})");
  CHECK(answers == Answers{{"a", ""}, {"b", "full"}, {"c", "no reason given"}});
  for (const char* const bad :
       {"", "[]", "{", R"({"a":"ok"})", R"({"a":{}})", R"({"a":{"registered":true}})",
        R"({"second "quoted"":{"registered":"ok"}})"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_answers(bad), Error);
  }
}

TEST_CASE("a callback is told by its verb, or by label and nothing else", "[callback]") {
  const Registry core = Registry::core();
  for (const auto form : {CallbackForm::Verb, CallbackForm::Label}) {
    const Capability capability = callback_capability(core, form);
    CHECK(capability.label() == "callback");
    CHECK(is_callback(capability.specify("now + 5s").build()));
    CHECK(is_callback(
        decode_as<Specification>(encode(capability.specify("now + 5s").build()), core)));
  }
  CHECK_FALSE(is_callback(ask(ping_capability("callback"), "now", "t")));
}

TEST_CASE("a callback says when: at its start, or at its end if that has come", "[callback]") {
  const Instant now = Time::parse("2015-06-01 12:00:00").instant();
  const Capability capability = callback_capability(Registry::core(), CallbackForm::Verb);
  const auto later = [&](const std::string& when) -> std::optional<Duration> {
    const auto next = next_poll(capability.specify(when).build(now), now);
    if (!next) return {};
    return *next - now;
  };
  CHECK(later("2015-06-01 12:01:00") == 60s);
  CHECK(later("2015-06-01 12:01:00 ... future") == 60s);
  CHECK(later("2015-06-01 12:01:00 + 5s") == 60s);
  CHECK(later("now + 30s") == 30s);
  CHECK(later("now") == 0s);
  CHECK_FALSE(later("now ... future"));
  CHECK(later("2030-01-01 00:00:00") == std::chrono::hours(24));
}

TEST_CASE("those of the best priority that is there are served", "[ranks]") {
  Ranks ranks({0, 0, 1, 2});
  const auto served = [&] {
    std::vector<bool> all;
    for (std::size_t i = 0; i < 4; ++i) all.push_back(ranks.serves(i));
    return all;
  };
  using Served = std::vector<bool>;
  CHECK(served() == Served{true, true, false, false});
  CHECK_FALSE(ranks.report(0, true));
  CHECK(served() == Served{true, true, false, false});
  CHECK(ranks.report(1, true));
  CHECK(served() == Served{true, true, true, false});
  CHECK(ranks.report(2, true));
  CHECK_FALSE(ranks.report(3, true));
  CHECK(served() == Served{true, true, true, true});
  CHECK(ranks.report(1, false));
  CHECK(served() == Served{true, true, false, false});
}

TEST_CASE("what a supervisor hands out is read message for message", "[errands]") {
  const Registry core = Registry::core();
  const std::string good = encode(ask(ping_capability(), "now", "good"));
  CHECK(read_errands(good, core).messages.size() == 1);  // alone
  const std::string nested =
      R"({"envelope":"message","contents":[{"envelope":"message","contents":[)" + good + "]}," +
      good + "]}";
  CHECK(read_errands(nested, core).messages.size() == 2);
  const ErrandList some = read_errands(
      R"({"envelope":"message","contents":[{"specification":"measure","token":"x"},5,)" + good +
          "]}",
      core);
  CHECK(some.messages.size() == 1);
  REQUIRE(some.unreadable.size() == 2);
  CHECK(some.unreadable[0].token() == "x");
  CHECK_FALSE(some.unreadable[1].token());
  CHECK(read_errands(R"({"specification":"measure","token":"x"})", core).unreadable.size() == 1);
  for (const std::string& bad :
       {std::string("[]"), std::string("{"), std::string(), std::string(1'000'000, '['),
        R"({"contents":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}"}) {
    CAPTURE(bad.substr(0, 20));
    CHECK_THROWS_AS(read_errands(bad, core), Error);
  }
}

TEST_CASE("a delivery is known by the token and the scope of its result", "[delivery]") {
  const Specification specification = ask(ping_capability(), "now + 1s", "t");
  const auto result = [&](const std::string& when, const std::uint64_t count) {
    return counted(specification, count).measured(When::parse(when));
  };
  const Identity alice("alice");
  Duplicates duplicates(3);
  const auto is_new = [&](const Identity& peer, const Message& message) {
    bool dealt = false;
    duplicates.once(peer, message, [&] { dealt = true; });
    return dealt;
  };
  CHECK(is_new(alice, result("2015-06-01 + 1s", 1)));
  CHECK_FALSE(is_new(alice, result("2015-06-01 + 1s", 1)));
  CHECK(is_new(Identity("bob"), result("2015-06-01 + 1s", 1)));
  CHECK(is_new(alice, result("2015-06-02 + 1s", 1)));
  CHECK(is_new(alice, Exception("t", "failed")));  // and the first one is forgotten
  CHECK(is_new(alice, result("2015-06-01 + 1s", 1)));
  CHECK(is_new(alice, result("2015-06-03 + 1s", 1)));
  CHECK_FALSE(is_new(alice, Exception("t", "failed")));  // one of the newest three
  CHECK_THROWS_WITH(
      duplicates.once(alice, result("2015-06-04 + 1s", 1), [] { throw Error({}, "", "full"); }),
      "full");
  CHECK_FALSE(is_new(alice, Exception("t", "failed")));  // what failed makes nobody forgotten
  CHECK(is_new(alice, result("2015-06-04 + 1s", 1)));
  duplicates.once(alice, result("2015-06-05 + 1s", 1), [&] {
    CHECK_THROWS_WITH(is_new(alice, result("2015-06-05 + 1s", 1)), Contains("is being dealt with"));
    CHECK(is_new(alice, result("2015-06-06 + 1s", 1)));
  });
  CHECK_FALSE(is_new(alice, result("2015-06-05 + 1s", 1)));
  Envelope envelope;
  envelope.token = "t";
  envelope.append(result("2015-06-01 + 1s", 1));
  const std::string key = delivery_key(Message(envelope));
  envelope.append(result("2015-06-02 + 1s", 1));
  CHECK(key != delivery_key(Message(envelope)));
}

TEST_CASE("a callback that throws does not keep its gate open", "[callback]") {
  CallbackGate gate;
  const auto fail = gate.guarded([] { throw Error(ErrorKind::Invalid, "", "no value"); });
  CHECK_THROWS_AS(fail(), Error);
  gate.close();  // it has left, else this waits for ever
  CHECK_NOTHROW(fail());
}

TEST_CASE("who is to get what cannot be written gets an exception", "[written]") {
  LogBook log;
  const Specification specification = ask(ping_capability(), "now + 3s", "t");
  const Result good = counted(specification, 1).measured(When::parse("2015-06-01 + 3s"));
  CHECK(written(good, log.sink()).json == encode(Message(good)));
  CHECK(written(good, log.sink()).is_whole);
  CHECK(log.about("a message cannot be written").empty());
  const Written other = written(counted(specification, 1), log.sink());
  CHECK_FALSE(other.is_whole);
  CHECK_THAT(brief(decode(other.json, Registry::core())),
             Catch::StartsWith("exception t: ") && Contains("needs a definite scope"));
  CHECK_THAT(log.about("a message cannot be written").at(0), Contains("token=t"));
}
