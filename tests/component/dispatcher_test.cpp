#include "mplane/component/dispatcher.hpp"

#include "counter.hpp"
#include "mplane/model/json.hpp"
#include "scheduler/fake_journal.hpp"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kNoRole = "has no role that may use what is asked for";

using Lines = std::vector<std::string>;

/// What a plan has for each start, or the exception.
Lines planned(const Counter& counter, const Message& asked, const std::string& peer) {
  const Reply reply = counter.dispatcher.plan(Identity(peer), asked);
  const auto* const envelope = reply.message.find<Envelope>();
  if (envelope == nullptr) return {brief(reply.message)};
  Lines lines;
  for (const Message& one : envelope->messages()) lines.push_back(brief(one));
  return lines;
}

}  // namespace

TEST_CASE("a specification gets a receipt, then its result") {
  Counter counter;
  const Reply receipt = counter.ask(counter.specification());
  CHECK(brief(receipt.message) == "receipt t");
  CHECK_FALSE(receipt.refusal);
  CHECK(brief(counter.ask(Redemption::of("t")).message) == "receipt t");
  counter.runs.finish(7);
  const Reply result = counter.ask(Redemption::of("t"));
  CHECK(count_of(result.message) == 7);
  CHECK_FALSE(result.refusal);
}

TEST_CASE("a receipt may be redeemed with all that it says, with or without a token") {
  Counter counter;
  const auto specification =
      counter.ping.specify("2015-06-01 + 1d").set("destination.ip4", "127.0.0.1").build();
  const Reply receipt = counter.ask(specification);
  const std::string token = specification.value_hash();
  CHECK(brief(receipt.message) == "receipt " + token);
  CHECK(brief(counter.ask(Redemption(*receipt.message.find<Receipt>())).message) ==
        "receipt " + token);
  CHECK(brief(counter.ask(Redemption(specification)).message) == "receipt " + token);
}

TEST_CASE("the same specification again is a null operation") {
  Counter counter;
  counter.ask(counter.specification());
  CHECK(brief(counter.ask(counter.specification()).message) == "receipt t");
  CHECK(counter.runs.starts() == 1);
}

TEST_CASE("a plan has a message for each start, and changes nothing") {
  Counter counter;
  const Message asked = counter.specification("t", "repeat now + 4s / 2s { now + 3s }");
  CHECK(planned(counter, asked, "alice") ==
        Lines{"receipt t-1433160000000000",
              "exception t-1433160002000000: the run before it still goes on: ping of 2015-06-01 "
              "12:00:00.000000",
              "receipt t-1433160004000000"});
  CHECK(planned(counter, counter.specification(), "alice") == Lines{"receipt t-1433160000000000"});
  CHECK(counter.runs.starts() == 0);
  CHECK(counter.scheduler.jobs().empty());
  CHECK_THAT(planned(counter, asked, "mallory").at(0), Catch::EndsWith(kNoRole));
  CHECK_THAT(planned(counter, Redemption::of("t"), "alice").at(0),
             Catch::EndsWith("of kind redemption"));
}

TEST_CASE("a plan names no capability that the peer may not use") {
  Counter counter;
  ByHand alone;
  ServicePolicy exclusive;
  exclusive.job_class = JobClass::Exclusive;
  counter.dispatcher.offer(
      {ping_capability("else").with_token("else"), alone.service(), false, exclusive});
  CHECK(brief(counter.ask(counter.specification("c", "now + 1h"), "carol").message) == "receipt c");
  CHECK(planned(counter, counter.specification(), "alice") ==
        Lines{"exception t-1433160000000000: one of the two has to run alone: another capability "
              "of 2015-06-01 12:00:00.000000"});
}

TEST_CASE("a specification that comes again after its scope gets what there is") {
  Counter counter;
  const auto specification = counter.specification("t", "2015-06-01 12:00:00 + 1s");
  counter.ask(specification);
  counter.runs.finish(7);
  counter.dispatcher.withdraw(counter.ping.token());
  counter.clock.advance(60s);
  CHECK(count_of(counter.ask(specification).message) == 7);
}

TEST_CASE("an interrupt stops the job and gets what there is") {
  Counter counter;
  counter.ask(counter.specification());
  CHECK(brief(counter.ask(Interrupt::of("t")).message) == "receipt t");
  REQUIRE(counter.runs.is_asked_to_stop());
  counter.runs.finish(2);
  CHECK(count_of(counter.ask(Redemption::of("t")).message) == 2);
}

TEST_CASE("the answer to the interrupt of a repeated job holds what its last run had") {
  Counter counter;
  std::vector<Message> answers;
  const auto keep = [&](const Reply& reply) { answers.push_back(reply.message); };
  counter.ask(counter.specification("t", "repeat now ... future / 10s"));
  counter.runs.finish(1);
  counter.clock.advance(10s);
  counter.dispatcher.dispatch(Identity("alice"), Interrupt::of("t"), 5s, keep);
  CHECK(answers.empty());
  counter.runs.finish(2);
  REQUIRE(answers.size() == 1);
  REQUIRE(answers[0].find<Envelope>() != nullptr);
  CHECK(answers[0].find<Envelope>()->size() == 2);
}

TEST_CASE("an answer may wait for the result, holding no thread") {
  Counter counter;
  std::vector<std::string> answers;
  const auto note = [&](const Reply& reply) { answers.push_back(brief(reply.message)); };
  const auto wait = [&](const Message& message) {
    counter.dispatcher.dispatch(Identity("alice"), message, 5s, note);
  };
  SECTION("that is there in time") {
    wait(counter.specification());
    CHECK(answers.empty());
    counter.runs.finish(7);
    CHECK(answers == std::vector<std::string>{"result t"});
  }
  SECTION("that is not: then it is the receipt") {
    wait(counter.specification());
    counter.clock.advance(4999ms);
    CHECK(answers.empty());
    counter.clock.advance(1ms);
    CHECK(answers == std::vector<std::string>{"receipt t"});
  }
  SECTION("after an interrupt, too") {
    counter.ask(counter.specification());
    wait(Interrupt::of("t"));
    CHECK(answers.empty());
    counter.runs.finish(7);
    CHECK(answers == std::vector<std::string>{"result t"});
  }
  SECTION("but redemptions are answered at once") {
    counter.ask(counter.specification());
    wait(Redemption::of("t"));
    CHECK(answers == std::vector<std::string>{"receipt t"});
  }
  SECTION("and so is what is refused") {
    wait(Redemption::of("nope"));
    REQUIRE(answers.size() == 1);
  }
}

TEST_CASE("a measurement that failed is answered with its exception, which is no refusal") {
  Counter counter;
  counter.ask(counter.specification());
  counter.runs.take().completion.fail(Error(ErrorKind::Failed, "", "no route to host"));
  const Reply reply = counter.ask(Redemption::of("t"));
  CHECK(brief(reply.message) == "exception t: no route to host");
  CHECK_FALSE(reply.refusal);
}

TEST_CASE("tokens are scoped to the peer") {
  Counter counter;
  counter.ask(counter.specification(), "alice");
  counter.ask(counter.specification(), "bob");
  CHECK(counter.runs.starts() == 2);
  counter.runs.finish(1);
  CHECK(count_of(counter.ask(Redemption::of("t"), "alice").message) == 1);
  CHECK(brief(counter.ask(Redemption::of("t"), "bob").message) == "receipt t");
  counter.ask(Interrupt::of("t"), "alice");
  CHECK_FALSE(counter.runs.is_asked_to_stop());
  CHECK(counter.ask(Redemption::of("t"), "carol").refusal == ErrorKind::Unknown);
}

TEST_CASE("who has no role is refused, runs nothing, and is named in the log") {
  Counter counter;
  for (const char* const peer : {"mallory", "carol", ""}) {
    const Reply reply = counter.ask(counter.specification(), peer);
    CHECK(reply.refusal == ErrorKind::Refused);
    CHECK(brief(reply.message) == "exception t: \"" + std::string(peer) + "\" " + kNoRole);
    const Identity identity{std::string(peer)};
    for (const Capability& capability : counter.dispatcher.capabilities(identity)) {
      CHECK(capability.label() != "ping");
    }
    CHECK_THROWS_AS(counter.dispatcher.capability(identity, counter.ping.token()), Error);
  }
  CHECK(counter.runs.starts() == 0);
  CHECK(counter.log.about("message refused").at(0) ==
        "peer=mallory kind=specification label=ping token=t reason=\"mallory\" " +
            std::string(kNoRole));
}

TEST_CASE("refused messages of one peer do not flood the log, and do not hide another's") {
  Counter counter;
  constexpr std::size_t kMessages = 1000;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kMessages; ++i) counter.ask(Redemption::of("nope"), "alice");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double most = detail::LogThrottle::kBurst + detail::LogThrottle::kPerSecond * took.count();
  CHECK(static_cast<double>(counter.log.about("message refused").size()) <= most);
  counter.ask(Redemption::of("nope"), "bob");
  CHECK_THAT(counter.log.about("message refused").back(), Catch::StartsWith("peer=bob "));
}

TEST_CASE("rights that go while a specification is being planned stop it, too") {
  constexpr int kRounds = 1000;
  int left = 0;  // of what may not be
  for (int round = 0; round < kRounds; ++round) {
    Counter counter;
    Event begin;
    std::thread asking([&] {
      begin.wait();
      for (const char* const token : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        counter.ask(counter.specification(token, "2015-06-02 + 1s"));
      }
    });
    begin.happen();
    counter.dispatcher.use(AccessControl());
    asking.join();
    for (const JobStatus& job : counter.scheduler.jobs()) {
      if (job.state != JobStatus::State::Ended) ++left;
    }
  }
  CHECK(left == 0);
}

TEST_CASE("of services with one schema a peer gets one that it may use") {
  Counter counter;
  ByHand others;
  counter.dispatcher.offer({ping_capability("else").with_token("else"), others.service()});
  CHECK(brief(counter.ask(counter.specification("t"), "carol").message) == "receipt t");
  CHECK(others.starts() == 1);
  CHECK(brief(counter.ask(counter.specification("t"), "alice").message) == "receipt t");
  CHECK(counter.runs.starts() == 1);
  CHECK(counter.ask(counter.specification("t"), "mallory").refusal == ErrorKind::Refused);
  CHECK(counter.runs.starts() + others.starts() == 2);
}

TEST_CASE("the reason of a refusal says nothing about capabilities that the peer may not use") {
  Counter counter;
  counter.dispatcher.offer({Capability::measure("secret")
                                .when("now ... future")
                                .parameter("source.port", "1 ... 9")
                                .result("time")
                                .build(Registry::core()),
                            counter.runs.service()});
  const auto other = Capability::measure("mine")
                         .when("now ... future")
                         .parameter("source.port")
                         .result("time")
                         .build(Registry::core());
  const auto ask_for = [&](const char* const port, const char* const peer) {
    return counter.ask(other.specify("now").set("source.port", port).token("t").build(), peer);
  };
  CHECK(ask_for("5", "alice").refusal == ErrorKind::Refused);
  const Reply reply = ask_for("10", "alice");
  CHECK(reply.refusal == ErrorKind::Invalid);
  CHECK(brief(reply.message) ==
        "exception t: nothing offered here takes these parameters and yields these results");
  CHECK(ask_for("10", "mallory").refusal == ErrorKind::Refused);
}

TEST_CASE("what does not fit is refused with what is wrong, and carries the token") {
  struct Row {
    const char* message;
    ErrorKind kind;
    const char* answer;
  };
  const std::string ping =
      R"("registry": "http://ict-mplane.eu/registry/core", "version": 1, "token": "t", "label": "x")";
  const Row rows[] = {
      {R"({"specification": "query", "when": "now + 3s", "parameters": {"destination.ip4": "::1"}})",
       ErrorKind::Invalid, "nothing offered here"},
      {R"({"capability": "measure", "when": "now"})", ErrorKind::Invalid,
       "this is of kind capability"},
      {R"({"result": "measure", "when": "2015-06-01"})", ErrorKind::Invalid,
       "this is of kind result"},
      {R"({"receipt": "measure", "when": "now"})", ErrorKind::Invalid, "this is of kind receipt"},
      {R"({"withdrawal": "measure", "when": "now"})", ErrorKind::Invalid, "kind withdrawal"},
      {R"({"exception": "t", "message": "m"})", ErrorKind::Invalid, "this is of kind exception"},
      {R"({"redemption": "measure"})", ErrorKind::Unknown, "t"},
      {R"({"interrupt": "measure"})", ErrorKind::Unknown, "t"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    Counter counter;
    std::string text = row.message;
    text.insert(1, ping + ", ");
    const Reply reply = counter.ask(decode(text, Registry::core()));
    CHECK(reply.refusal == row.kind);
    CHECK(reply.message.find<Exception>() != nullptr);
    CHECK(reply.message.token() == "t");
    CHECK_THAT(brief(reply.message), Catch::Contains(row.answer));
    CHECK(counter.runs.starts() == 0);
  }
}

TEST_CASE("an envelope is no message for a component, and an exception about it has no token") {
  Counter counter;
  const Reply reply = counter.ask(Envelope({counter.specification()}));
  CHECK(reply.refusal == ErrorKind::Invalid);
  REQUIRE(reply.message.find<Exception>() != nullptr);
  CHECK_FALSE(reply.message.find<Exception>()->token());
}

TEST_CASE("a capability that was withdrawn is answered by its withdrawal") {
  Counter counter;
  const auto specification = counter.specification();
  REQUIRE(counter.dispatcher.withdraw(counter.ping.token()));
  CHECK_FALSE(counter.dispatcher.withdraw(counter.ping.token()));
  CHECK(counter.dispatcher.capabilities(Identity("alice")).empty());
  const Reply reply = counter.ask(specification);
  CHECK(reply.message.find<Withdrawal>() != nullptr);
  CHECK(reply.message.token() == counter.ping.token());
  CHECK_FALSE(reply.refusal);
  CHECK(counter.dispatcher.capability(Identity("alice"), counter.ping.token()).kind() ==
        "withdrawal");
  CHECK(counter.ask(specification, "mallory").refusal == ErrorKind::Refused);
  SECTION("until it is offered again") {
    counter.dispatcher.offer({counter.ping, counter.runs.service()});
    CHECK(brief(counter.ask(specification).message) == "receipt t");
  }
}

TEST_CASE("a peer sees what it may use") {
  Counter counter;
  CHECK(counter.dispatcher.capabilities(Identity("alice")) == std::vector{counter.ping});
  CHECK(counter.dispatcher.capabilities(Identity("carol")).empty());
  CHECK(counter.dispatcher.capability(Identity("alice"), counter.ping.token()) ==
        Message(counter.ping));
  CHECK_THROWS_WITH(counter.dispatcher.capability(Identity("alice"), "nope"),
                    "there is no capability with the token \"nope\"");
}

TEST_CASE("other rights hold from the next message on, and end what was planned without them") {
  Counter counter;
  counter.ask(counter.specification("a", "now + 10s"), "alice");
  counter.ask(counter.specification("b", "now + 10s"), "bob");
  CHECK(counter.runs.starts() == 2);
  counter.dispatcher.use(
      AccessControl({{"bob", {"guest"}}, {"carol", {"guest"}}}, {{"ping", {"guest"}}}));
  CHECK(counter.ask(counter.specification("c"), "alice").refusal == ErrorKind::Refused);
  CHECK(counter.dispatcher.capabilities(Identity("alice")).empty());
  CHECK(counter.dispatcher.capabilities(Identity("carol")).size() == 1);
  CHECK(counter.log.about(
            "a measurement is stopped: its owner may not use its capability any more") ==
        std::vector<std::string>{"peer=alice label=ping token=a"});
  const auto stopped = counter.runs.take();
  CHECK(stopped.stop.stop_requested());
  const auto goes_on = counter.runs.take();
  CHECK_FALSE(goes_on.stop.stop_requested());
}

TEST_CASE("who lost his rights has not fetched what his measurement yielded") {
  FakeJournal journal;
  SchedulerOptions options;
  options.journal = &journal;
  Counter counter(options);
  counter.scheduler.submit("alice", counter.specification("a", "2015-06-01 13:00:00 + 1m"));
  journal.hold();  // what waited for it would wait for ever
  counter.dispatcher.use(AccessControl());
  journal.release();
  REQUIRE(journal.records().size() == 1);
  CHECK(journal.records()[0].state.over);
  CHECK_FALSE(journal.records()[0].state.handed_over);
}

TEST_CASE("labels and tokens that would be awkward elsewhere are not offered") {
  Counter counter;
  const auto offer = [&](const std::string& label, const std::string& token) {
    counter.dispatcher.offer({ping_capability(label).with_token(token), counter.runs.service()});
  };
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"),
                                  std::string("é"), std::string(129, 'a')}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(offer(name, "t"), Catch::StartsWith("label: "));
    CHECK_THROWS_WITH(offer("label", name), Catch::StartsWith("token: "));
  }
  CHECK_NOTHROW(offer("A.z_0@9-", std::string(128, 'a')));
}

TEST_CASE("a stopped scheduler refuses new work and hands out what there is") {
  Counter counter;
  counter.ask(counter.specification());
  counter.runs.finish(7);
  counter.scheduler.stop(0s);
  CHECK(counter.ask(counter.specification("new")).refusal == ErrorKind::Unavailable);
  CHECK(count_of(counter.ask(Redemption::of("t")).message) == 7);
}
