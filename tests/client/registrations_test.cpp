// What becomes of registrations and results, without a network and at times of our own.

#include "client/desk.hpp"
#include "support/sanitizers.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("what a component registers is offered once, however often it says so",
          "[client][registrations]") {
  Desk desk;
  CHECK(desk.enroll("a", {loopback_capability(), kOldCallback}) ==
        Texts{"test-loopback", "callback"});
  for (int i = 0; i < 1000; ++i) {
    desk.enroll("a", {loopback_capability(R"("token":")" + std::to_string(i) + R"(",)")});
  }
  CHECK(desk.offers() == Texts{"test-loopback@a"});
  desk.told.clear();
  desk.enroll("a", {loopback_capability(R"("token":"999",)"), kOldCallback});
  CHECK(desk.told.empty());
  desk.enroll("b", {loopback_capability()});
  CHECK(desk.offers() == Texts{"test-loopback@a", "test-loopback@b"});
}

TEST_CASE("each capability is answered for itself", "[client][registrations]") {
  Desk desk({}, {.components = 2, .capabilities = 1});
  const std::string other = R"({"capability":"measure","version":1,"label":"other","registry":
      "http://mplane.corvid.ch/registry/loopback","when":"now ... future","results":["time"]})";
  const std::string unnamed = R"({"capability":"measure","version":1,"registry":
      "http://mplane.corvid.ch/registry/loopback","when":"now ... future","results":["time"]})";
  CHECK(
      desk.enroll("a", {unnamed, loopback_capability(), other, loopback_message("receipt", "t")}) ==
      Texts{": the label \"\" is not 1 to 128 letters, digits and any of . _ @ -", "test-loopback",
            "other: a component may register 1 capabilities",
            "test-loopback: a message of kind receipt cannot be registered"});
  desk.enroll("b", {});
  CHECK(error_of([&] { desk.enroll("c", {loopback_capability()}); }).kind() == ErrorKind::TooMany);
  CHECK(desk.offers() == Texts{"test-loopback@a"});
}

TEST_CASE("a withdrawal takes back what it names by label or token", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability(R"("token":"x",)")});
  CHECK(desk.enroll("a", {R"({"withdrawal":"measure","version":1,"token":"y"})"}) ==
        Texts{": withdrawn"});
  CHECK(desk.offers().size() == 1);
  desk.enroll("a", {R"({"withdrawal":"measure","version":1,"token":"x"})"});
  CHECK(desk.told == Texts{"+test-loopback@a", "-test-loopback@a"});
  desk.enroll("a", {loopback_capability()});
  desk.enroll("a", {R"({"withdrawal":"measure","version":1,"label":"test-loopback","token":"?"})"});
  CHECK(desk.offers().empty());
  CHECK(desk.poll("a")->registered);
}

TEST_CASE("who is not registered has to register before it polls", "[client][registrations]") {
  Desk desk;
  const auto poll = desk.poll("a");
  CHECK(poll->answered);
  CHECK_FALSE(poll->registered);
  CHECK(error_of([&] { desk.submit("a"); }).kind() == ErrorKind::Unknown);
}

TEST_CASE("a registration ends when nobody renews it, and can be made again",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  for (int i = 0; i < 10; ++i) {
    desk.pass(14s);  // without callback control a component comes every 5 s
    CHECK(desk.poll("a")->registered);
  }
  desk.pass(14s);
  CHECK(desk.offers().size() == 1);
  REQUIRE(desk.next_tick());
  desk.pass(*desk.next_tick());
  CHECK(desk.offers().empty());
  CHECK(desk.told == Texts{"+test-loopback@a", "-test-loopback@a"});
  CHECK_FALSE(desk.next_tick());
  CHECK_FALSE(desk.poll("a")->registered);
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.poll("a")->registered);
}

TEST_CASE("specifications are fetched in their order, and results taken",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a").empty());
  const auto first = desk.submit("a");
  const auto second = desk.submit("a");
  CHECK(desk.fetch("a") == Texts{"specification " + first, "specification " + second});
  CHECK(desk.fetch("a").empty());
  desk.send("a", loopback_message("receipt", first));
  CHECK(desk.answers.empty());
  desk.send("a", loopback_result(first));
  CHECK(desk.answers == Texts{"result", "end"});
  desk.send("a", R"({"exception":")" + second + R"(","message":"no luck"})");
  CHECK(desk.answers == Texts{"result", "end", "exception", "end"});
}

TEST_CASE("who registers anew is told again what no scope ends", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto endless = desk.submit("a");
  const auto bounded = desk.submit("a", "now + 1h");
  desk.fetch("a");
  for (const auto& token : {endless, bounded}) desk.send("a", loopback_message("receipt", token));
  CHECK(desk.fetch("a").empty());
  desk.enroll("a", {loopback_capability()});
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a") == Texts{"specification " + endless});
  desk.send("a", loopback_message("receipt", endless));
  CHECK(desk.fetch("a").empty());
  desk.interrupt("a", endless);
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a") == Texts{"interrupt " + endless});
}

TEST_CASE("a result comes before its receipt, twice or late without harm",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  desk.send("a", loopback_result(token));
  desk.send("a", loopback_message("receipt", token));
  desk.send("a", loopback_result(token));
  desk.send("a", R"({"exception":")" + token + R"(","message":"after all"})");
  desk.send("a", loopback_message("receipt", "never-heard-of"));
  desk.send("a", R"({"exception":null,"message":"who knows"})");
  CHECK(desk.answers == Texts{"result", "end"});
}

TEST_CASE("results are taken from the component that was asked, and nobody else",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  desk.enroll("b", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  for (const std::string thief : {"b", "c"}) {
    CHECK(error_of([&] { desk.send(thief, loopback_result(token)); }).kind() == ErrorKind::Invalid);
  }
  desk.send("b", R"({"exception":")" + token + R"(","message":"give up"})");
  CHECK(desk.fetch("b").empty());
  CHECK(error_of([&] { desk.send("a", loopback_result("invented")); }).kind() ==
        ErrorKind::Invalid);
  std::string other = loopback_result(token);
  other.replace(other.find("test.output"), 11, "test.input");
  CHECK(error_of([&] { desk.send("a", other); }).kind() == ErrorKind::Invalid);
  CHECK(error_of([&] { desk.send("a", loopback_capability()); }).kind() == ErrorKind::Invalid);
  CHECK(desk.answers.empty());
  desk.send("a",
            R"({"envelope":"message","version":1,"contents":[)" + loopback_result(token) + "]}");
  CHECK(desk.answers == Texts{"result", "end"});
}

TEST_CASE("what is good of an envelope is taken, whatever else is in it",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  const std::string both = R"({"envelope":"message","version":1,"contents":[)" +
                           loopback_result("invented") + "," + loopback_result(token) + "]}";
  CHECK(error_of([&] { desk.send("a", both); }).kind() == ErrorKind::Invalid);
  CHECK(desk.answers == Texts{"result", "end"});
}

TEST_CASE("runs of a repeated specification are passed on as they come, each once",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a", "repeat now + 10s / 1s");
  desk.fetch("a");
  desk.send("a", loopback_result(token + "-1"));
  desk.send("a", loopback_result(token + "-1"));
  desk.send("a", R"({"envelope":"result","version":1,"token":")" + token + R"(","contents":[)" +
                     loopback_result(token + "-1") + "," + loopback_result(token + "-2") + "," +
                     R"({"exception":")" + token + R"(-3","message":"no reply"})" + "]}");
  CHECK(desk.answers == Texts{"result", "result", "exception"});
  desk.send("a", R"({"exception":")" + token + R"(","message":"over"})");
  CHECK(desk.answers == Texts{"result", "result", "exception", "exception", "end"});
  desk.send("a", loopback_result(token + "-4"));
  CHECK(desk.answers.size() == 5);
}

TEST_CASE("an interrupt ends what waits, and goes to who is at it", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto waiting = desk.submit("a");
  desk.interrupt("a", waiting);
  CHECK(desk.answers == Texts{"end"});
  CHECK(desk.fetch("a").empty());
  const auto fetched = desk.submit("a");
  desk.fetch("a");
  desk.interrupt("a", fetched);
  desk.interrupt("a", fetched);
  CHECK(desk.fetch("a") == Texts{"interrupt " + fetched});
  desk.send("a", loopback_result(fetched));
  CHECK(desk.answers == Texts{"end", "result", "end"});
  desk.interrupt("a", fetched);
  CHECK(desk.fetch("a").empty());
}

TEST_CASE("what was interrupted is not waited for for ever", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.fetch("a");
  desk.interrupt("a", token);
  desk.pass(29s);
  CHECK(desk.answers.empty());
  desk.pass(1s);
  CHECK(desk.answers == Texts{"end"});
  CHECK_FALSE(desk.next_tick());
}

TEST_CASE("what was forgotten is neither fetched nor answered", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto waiting = desk.submit("a");
  CHECK(desk.forget("a", waiting));
  CHECK(desk.fetch("a").empty());
  const auto fetched = desk.submit("a");
  desk.fetch("a");
  CHECK(desk.forget("a", fetched));
  CHECK_FALSE(desk.forget("a", fetched));
  desk.send("a", loopback_result(fetched));
  CHECK(desk.answers.empty());
}

TEST_CASE("what was fetched and not heard of is handed out again", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto lost = desk.submit("a");
  const auto heard = desk.submit("a");
  desk.fetch("a");
  desk.send("a", loopback_message("receipt", heard));
  desk.pass(10s);
  CHECK(desk.fetch("a").empty());
  desk.pass(10s);
  CHECK(desk.fetch("a") == Texts{"specification " + lost});
}

TEST_CASE("specifications wait for a component that is away", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability()});
  const auto token = desk.submit("a");
  desk.pass(1h);
  CHECK(desk.offers().empty());
  CHECK_FALSE(desk.poll("a")->registered);
  desk.enroll("a", {loopback_capability()});
  CHECK(desk.fetch("a") == Texts{"specification " + token});
}

TEST_CASE("a component can be asked only so much", "[client][registrations]") {
  Desk desk({}, {.asked = 2});
  desk.enroll("a", {loopback_capability()});
  desk.submit("a");
  desk.submit("a");
  CHECK(error_of([&] { desk.submit("a"); }).kind() == ErrorKind::TooMany);
}

TEST_CASE("components are told as they are seen", "[client][registrations]") {
  Desk desk({.expiry = 1s});
  desk.enroll("one", {loopback_capability()});
  desk.offer("two", {loopback()});
  desk.submit("one");
  desk.note("one", {.version = "0.1.0", .load = 0.5});
  desk.note("nobody", {.version = "0.1.0"});
  desk.pass(2s);
  const auto all = desk.components();
  REQUIRE(all.size() == 2);
  CHECK(all[0].component == "one");
  CHECK(all[0].is_there);
  CHECK_FALSE(all[0].is_called);
  CHECK(all[0].unseen == Duration(2s));
  CHECK(all[0].offers == 1);
  CHECK(all[0].waiting == 1);
  CHECK(all[0].asked == 1);
  CHECK(all[0].self.version == "0.1.0");
  CHECK(all[1].is_called);
  CHECK(desk.counts().registered == 1);
  CHECK(desk.counts().connected == 1);
  CHECK(desk.counts().asked == 1);
  desk.pass(1h);
  CHECK(desk.counts().away == 1);
  CHECK(desk.components().size() == 1);  // the other is forgotten: nothing waits for it
}

TEST_CASE("thousands that register again and again are told to watchers once",
          "[client][registrations]") {
  Desk desk;
  constexpr int kComponents = kThreadSanitizer ? 100 : 1000;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < kComponents; ++i) {
      desk.enroll("c" + std::to_string(i), {loopback_capability(R"("token":"t",)"), kCallback});
    }
  }
  CHECK(desk.told.size() == kComponents);
  CHECK(desk.offers().size() == kComponents);
}
