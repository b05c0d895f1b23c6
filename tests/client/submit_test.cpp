#include "client/loopback.hpp"
#include "client/scripted_peer.hpp"

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A peer that offers test-loopback, and answers what is posted to it by a script.
ScriptedPeer::Script offering(ScriptedPeer::Script answer) {
  return [answer = std::move(answer)](const HttpRequest& request) {
    if (request.method == "GET") return mplane_reply(loopback_capability(R"("token":"cap",)"));
    return answer(request);
  };
}

/// Which of the posts to a script this is, from 0.
class Counter {
 public:
  int operator()() { return count_++; }

 private:
  int count_ = 0;
};

/// Its answers in order, the last one again and again; TOKEN stands for the token asked for.
ScriptedPeer::Script answering(std::vector<std::string> answers) {
  return offering([answers, counter = std::make_shared<Counter>()](const HttpRequest& request) {
    const auto turn = static_cast<std::size_t>((*counter)());
    std::string answer = answers[std::min(turn, answers.size() - 1)];
    const std::string token = token_in(request.body);
    for (auto at = answer.find("TOKEN"); at != std::string::npos; at = answer.find("TOKEN")) {
      answer.replace(at, 5, token);
    }
    return mplane_reply(answer);
  });
}

std::string output_of(const Result& result) {
  return result.rows()[0].get<std::string>("test.output");
}

struct Conversation {
  explicit Conversation(std::vector<std::string> answers, ClientOptions options = plain())
      : peer(answering(std::move(answers))),
        client(std::move(options)),
        capability(client.discover(peer.url()).at(0)) {}

  Pending submit(const std::string_view when = "now") {
    return client.submit(ask_for(capability, when));
  }

  ScriptedPeer peer;
  Client client;
  Capability capability;
};

const std::string kReceipt = loopback_message("receipt", "TOKEN");
const std::string kTokenOnly = R"({"receipt":"measure","version":1,"token":"TOKEN"})";
const std::string kResult = loopback_result("TOKEN");
const std::string kUnknown = R"({"exception":"TOKEN","message":"Unknown job"})";

/// The envelope of runs, by what they put out; "!" stands for a run that failed.
std::string runs(const std::vector<std::string>& outputs) {
  std::string contents;
  for (const std::string& output : outputs) {
    if (!contents.empty()) contents += ',';
    contents += output == "!" ? R"({"exception":"TOKEN-2","message":"no reply"})"
                              : loopback_result("TOKEN-" + output, output);
  }
  return R"({"envelope":"message","version":1,"token":"TOKEN",
      "when":"2015-06-01 12:00:00 ... 2015-06-01 12:00:04 / 2s","contents":[)" +
         contents + "]}";
}

}  // namespace

TEST_CASE("a result that is ready at once comes with the answer", "[client][submit]") {
  Conversation talk({kResult});
  auto pending = talk.submit();
  CHECK(pending.is_done());
  REQUIRE(pending.specification());
  CHECK(pending.specification()->token() == pending.token());
  CHECK(to_string(pending.url()) == talk.peer.url());
  const auto result = pending.wait_for(0s);
  REQUIRE(result);
  CHECK(output_of(*result) == "hello");
  CHECK(result->token() == pending.token());
  CHECK(talk.peer.asked() == std::vector<std::string>{"GET /", "POST /"});
}

TEST_CASE("a receipt is redeemed until the result is there", "[client][submit]") {
  for (const std::string& receipt : {kReceipt, kTokenOnly}) {
    Conversation talk({receipt, receipt, receipt, kResult});
    auto pending = talk.submit();
    CHECK_FALSE(pending.is_done());
    CHECK(pending.results().empty());
    const auto result = pending.wait_for(30s);
    REQUIRE(result);
    CHECK(output_of(*result) == "hello");
    CHECK(pending.is_done());
    CHECK(pending.wait_for(0s) == result);
    const auto bodies = talk.peer.bodies();
    REQUIRE(bodies.size() == 5);
    for (std::size_t i = 2; i < bodies.size(); ++i) {
      const Message message = decode(bodies[i], registry());
      CHECK(message.kind() == "redemption");
      CHECK(message.token() == pending.token());
    }
  }
}

TEST_CASE("waiting ends when its time is over", "[client][submit]") {
  Conversation talk({kReceipt});
  auto pending = talk.submit();
  CHECK_FALSE(pending.wait_for(0s));
  CHECK(talk.peer.asked().size() == 2);
  CHECK_FALSE(pending.redeem());
  CHECK_FALSE(pending.wait_for(150ms));
  CHECK_FALSE(pending.is_done());
  CHECK(talk.peer.asked().size() > 3);  // also right before it gave up
}

TEST_CASE("waiting ends when somebody wants it to", "[client][submit]") {
  Conversation talk({kReceipt});
  auto pending = talk.submit();
  std::stop_source stop;
  auto stopper = std::async(std::launch::async, [&] { stop.request_stop(); });
  CHECK_FALSE(pending.wait_for(1h, stop.get_token()));
  stopper.get();
  CHECK(error_of([&] { pending.redeem(stop.get_token()); }).kind() == ErrorKind::Unavailable);
  CHECK_FALSE(pending.redeem());
}

TEST_CASE("a relative scope asked for twice is two measurements", "[client][submit]") {
  Conversation talk({kResult});
  const Specification now = ask_for(talk.capability);
  CHECK(talk.client.submit(now).token() != talk.client.submit(now).token());
  const Specification named = now.with_token("mine");
  CHECK(talk.client.submit(named).token() == "mine");
  const Specification definite = ask_for(talk.capability, "2099-01-01 ... 2099-01-02");
  CHECK(talk.client.submit(definite).token() == definite.token());
}

TEST_CASE("what a component says of a failure reaches the caller", "[client][submit]") {
  Conversation talk({R"({"exception":"TOKEN","message":"the service failed on purpose"})"});
  const Error error = error_of([&] { talk.submit(); });
  CHECK(error.kind() == ErrorKind::Failed);
  CHECK(error.where() == talk.peer.url());
  CHECK(error.message() == "the service failed on purpose");

  Conversation later({kReceipt, R"({"exception":"TOKEN","message":"no route to host"})"});
  auto pending = later.submit();
  CHECK_THROWS_WITH(pending.wait_for(30s), Catch::Contains("no route to host"));
  CHECK(pending.is_done());
  CHECK_THROWS_WITH(pending.wait_for(30s), Catch::Contains("no route to host"));
  CHECK(later.peer.asked().size() == 3);
}

TEST_CASE("a measurement is stopped, and what there is comes back", "[client][submit]") {
  const std::vector<std::vector<std::string>> courses{{kReceipt, kResult},
                                                      {kReceipt, kReceipt, kReceipt, kResult}};
  for (const auto& answers : courses) {
    Conversation talk(answers);
    auto pending = talk.submit("now + 1h");
    const auto result = pending.interrupt(30s);
    REQUIRE(result);
    CHECK(output_of(*result) == "hello");
    CHECK(decode(talk.peer.bodies()[2], registry()).kind() == "interrupt");
    CHECK(talk.peer.asked().size() == answers.size() + 1);
  }
}

TEST_CASE("the runs of a repeated specification come one by one", "[client][submit]") {
  Conversation talk({kReceipt, runs({"0"}), runs({"0", "!"}), runs({"0", "!", "4"}), kUnknown});
  auto pending = talk.submit("repeat now + 4s / 2s");
  std::vector<std::string> outputs;
  while (const auto result = pending.next_for(30s)) outputs.push_back(output_of(*result));
  CHECK(outputs == std::vector<std::string>{"0", "4"});
  CHECK(pending.is_done());
  REQUIRE(pending.failures().size() == 1);
  CHECK(pending.failures()[0].message() == "no reply");
  REQUIRE(pending.wait_for(0s));
  CHECK(output_of(*pending.wait_for(0s)) == "4");
  CHECK(talk.peer.asked().size() == 5);  // all runs are there: nothing is left to ask for
}

TEST_CASE("a repeated measurement that is forgotten after its last run is done",
          "[client][submit]") {
  Conversation talk({kReceipt, runs({"0"}), kUnknown});
  auto pending = talk.submit("repeat now ... future / 2s");
  const auto result = pending.wait_for(30s);
  REQUIRE(result);
  CHECK(output_of(*result) == "0");
}

TEST_CASE("an endless repetition goes on until it is interrupted", "[client][submit]") {
  Conversation talk({kReceipt, runs({"0"})});
  auto pending = talk.submit("repeat now ... future / 2s");
  REQUIRE(pending.next_for(30s));
  CHECK_FALSE(pending.next_for(150ms));
  CHECK_FALSE(pending.is_done());
  REQUIRE(pending.interrupt());
  CHECK(pending.is_done());
}

TEST_CASE("runs are told apart by their time where tokens do not", "[client][submit]") {
  const std::string same = R"({"envelope":"message","version":1,"token":"TOKEN","contents":[)" +
                           loopback_result("TOKEN", "a", "2015-06-01 12:00:00") + "," +
                           loopback_result("TOKEN", "b", "2015-06-01 12:00:02") + "]}";
  Conversation talk({kReceipt, same, same, kUnknown});
  auto pending = talk.submit("repeat now ... future / 2s");
  REQUIRE(pending.wait_for(30s));
  CHECK(pending.results().size() == 2);
}

TEST_CASE("a measurement is taken up again by its token", "[client][submit]") {
  Conversation talk({kReceipt, kReceipt, kResult});
  const std::string token = talk.submit().token();
  Client other(plain());
  auto pending = other.resume(talk.peer.url(), token);
  CHECK_FALSE(pending.specification());
  CHECK_FALSE(pending.peer());
  const auto result = pending.wait_for(30s);
  REQUIRE(result);
  CHECK(output_of(*result) == "hello");
  CHECK(pending.peer() == Identity());
}

TEST_CASE("a capability that was taken back is not offered any more", "[client][submit]") {
  Conversation talk({R"({"withdrawal":"measure","version":1,"token":"cap"})"});
  CHECK_THROWS_WITH(talk.submit(), Catch::Contains("not offered any more"));
  CHECK(talk.client.offers().empty());
}

TEST_CASE("a specification is refused here when nobody offers what it asks", "[client][submit]") {
  Conversation talk({kResult});
  const Specification elsewhere = Capability::measure("elsewhere")
                                      .result("time")
                                      .build(Registry::core())
                                      .specify("now")
                                      .build();
  CHECK_THROWS_WITH(talk.client.submit(elsewhere), Catch::Contains("elsewhere"));
  std::string narrow = loopback_capability();
  narrow.replace(narrow.find("\"*\""), 3, "\"goodbye\"");
  const auto capability = decode_as<Capability>(narrow, registry()).with_link(talk.peer.url());
  const Specification spec = ask_for(talk.capability);
  const Error error = error_of([&] { talk.client.submit(spec, capability); });
  CHECK(error.kind() == ErrorKind::Invalid);
  CHECK_THAT(error.what(), Catch::Contains("test.input") && Catch::Contains("hello"));
  CHECK(talk.peer.asked().size() == 1);
}

TEST_CASE("of several components one has to be chosen", "[client][submit]") {
  const ScriptedPeer one(answering({kResult}));
  const ScriptedPeer two(answering({kResult}));
  Client client(plain());
  const auto first = client.discover(one.url());
  const auto second = client.discover(two.url());
  const Specification spec = ask_for(first[0]);
  CHECK_THROWS_WITH(client.submit(spec), Catch::Contains(one.url()) && Catch::Contains(two.url()));
  client.submit(spec, second[0]);
  CHECK(one.asked().size() == 1);
  CHECK(two.asked().size() == 2);
}

TEST_CASE("a short outage is waited out", "[client][submit]") {
  ScriptedPeer peer(offering([counter = std::make_shared<Counter>()](const HttpRequest& request) {
    const std::string token = token_in(request.body);
    switch ((*counter)()) {
      case 0:
        return mplane_reply(loopback_message("receipt", token));
      case 1:
      case 2:
        return mplane_reply(R"({"exception":null,"message":"starting"})", 503);
      default:
        return mplane_reply(loopback_result(token));
    }
  }));
  ClientOptions options = plain();
  options.timeouts.outage = 30s;
  Client client(options);
  auto pending = client.submit(ask_for(client.discover(peer.url()).at(0)));
  CHECK(pending.wait_for(30s));
}

TEST_CASE("a long outage is an error", "[client][submit]") {
  auto peer = std::make_unique<ScriptedPeer>(answering({kReceipt}));
  Client client(plain());
  auto pending = client.submit(ask_for(client.discover(peer->url()).at(0)));
  peer.reset();
  CHECK(error_of([&] { pending.wait_for(30s); }).kind() == ErrorKind::Unreachable);
  CHECK_FALSE(pending.is_done());
}

TEST_CASE("what a component foresees of a specification is asked of it, and no more") {
  const std::string start = R"({"receipt":"measure","version":1,"token":"TOKEN-1433160000000000"})";
  const std::string none = R"({"exception":"TOKEN-1433160001000000","message":"no room"})";
  const auto envelope = [](const std::string& contents) {
    return R"({"envelope":"message","version":1,"token":"TOKEN","contents":[)" + contents + "]}";
  };
  Conversation told({envelope(start + "," + none)});
  const auto foreseen = told.client.foresee(ask_for(told.capability, "now"), told.capability);
  REQUIRE(foreseen);
  REQUIRE(foreseen->size() == 2);
  CHECK(foreseen->at(0).time == Time::parse("2015-06-01 12:00:00").instant());
  CHECK(foreseen->at(0).in_its_way.empty());
  CHECK(foreseen->at(1).in_its_way == "no room");
  CHECK(told.peer.asked().back() == "POST /plan");

  for (const std::string& nonsense :
       {kReceipt, envelope(R"({"exception":"TOKEN-x","message":""})"),
        envelope(R"({"exception":"TOKEN-","message":""})"),
        envelope(R"({"exception":"TOKEN","message":""})"),
        envelope(R"({"exception":"other-1433160000000000","message":""})")}) {
    Conversation liar({nonsense});
    CHECK_THROWS_WITH(liar.client.foresee(ask_for(liar.capability, "now"), liar.capability),
                      Catch::Contains("plan"));
  }
}

TEST_CASE("a component that foresees nothing is no failure, one that refuses is") {
  for (const int status : {404, 405}) {
    const ScriptedPeer old(offering([&](const HttpRequest&) { return html_reply("", status); }));
    Client client(plain());
    const Capability capability = client.discover(old.url()).at(0);
    CHECK_FALSE(client.foresee(ask_for(capability, "now"), capability));
  }
  const ScriptedPeer strict(offering([](const HttpRequest&) {
    return mplane_reply(R"({"exception":null,"message":"no role"})", 403);
  }));
  Client client(plain());
  const Capability capability = client.discover(strict.url()).at(0);
  CHECK_THROWS_WITH(client.foresee(ask_for(capability, "now"), capability),
                    Catch::Contains("no role"));
}
