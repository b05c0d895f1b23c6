// Capabilities of components that are offered above one by one.

#include "mplane/model/json.hpp"
#include "supervisor/site.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("what a component registers is offered above, under its name", "[supervisor][relay]") {
  Site site;
  site->start();
  const auto one = site.echo("one");
  const auto two = site.echo("two");
  const auto client = site.client();
  CHECK(labels(*client) ==
        std::vector<std::string>{"loop@" + site.name("one"), "loop@" + site.name("two")});
  const auto result = ask(*client, "loop@" + site.name("two")).wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == "two hello\n");
  CHECK(one->asked().empty());
  REQUIRE(two->asked().size() == 1);
  CHECK(two->asked()[0] != result->token());  // each hop has tokens of its own
  CHECK(result->label() == "loop@" + site.name("two"));
}

TEST_CASE("a client sees and uses what it has a role for", "[supervisor][relay]") {
  Site site;
  site->start();
  const auto one = site.echo("one");
  const auto three = site.echo("three");
  CHECK(labels(*site.client()) == std::vector<std::string>{"loop@" + site.name("one")});
  CHECK(labels(*site.client("stranger")).empty());
}

TEST_CASE("what a component says of a failure is what the client hears", "[supervisor][relay]") {
  Site site;
  site->start();
  const auto one = site.probe("one", {loop_capability()}, [](const Specification& specification) {
    return R"({"exception":")" + specification.token() + R"(","message":"the cable is out"})";
  });
  const auto client = site.client();
  CHECK(failure_of(*client, "loop@" + site.name("one")).find("the cable is out") !=
        std::string::npos);
}

TEST_CASE("each run of a repeated specification is passed on", "[supervisor][relay]") {
  Site site;
  site->start();
  const auto one = site.echo("one");
  const auto client = site.client();
  auto pending = ask(*client, "loop@" + site.name("one"), "again", "repeat now + 2s / 1s");
  std::size_t runs = 0;
  while (const auto result = pending.next_for(30s)) {
    CHECK(text(*result) == "one again\n");
    ++runs;
  }
  CHECK(runs == 3);
  CHECK(one->asked().size() == 3);
}

TEST_CASE("an interrupt goes down, and what was measured until then comes up",
          "[supervisor][relay]") {
  Site site;
  site->start();
  std::mutex mutex;
  std::optional<Specification> asked;
  const auto one = site.probe("one", {loop_capability()}, [&](const Specification& specification) {
    const std::lock_guard lock(mutex);
    asked = specification;
    return std::nullopt;
  });
  const auto client = site.client();
  const Capability& capability = client->find("loop@" + site.name("one"))->capability;
  std::optional<Result> result;
  std::thread interrupter([&] {
    if (!one->wait_for_questions(2)) return;  // then there is no result
    const std::lock_guard lock(mutex);
    one->send(loop_result(*asked, "half"));
  });
  // Answered with a receipt only once it is interrupted: so ask with another connection.
  const auto other = site.client();
  const Specification specification =
      capability.specify("now + 1h").set("test.input", "x").token("long").build();
  std::thread asker([&] { client->submit(specification, capability); });
  CHECK(one->wait_for_questions(1));
  auto pending = other->resume(to_string(site->component().url()), "long");
  result = pending.interrupt(30s);
  interrupter.join();
  asker.join();
  REQUIRE(result);
  CHECK(text(*result) == "half\n");
  REQUIRE(one->asked().size() == 2);
  CHECK(one->asked()[1] == "!" + one->asked()[0]);
}

TEST_CASE("a component that is silent is given up", "[supervisor][relay]") {
  Site site({.relay = {"*"}, .patience = 200ms});
  site->start();
  const auto one =
      site.probe("one", {loop_capability()}, [](const Specification&) { return std::nullopt; });
  const auto client = site.client();
  const std::string words = failure_of(*client, "loop@" + site.name("one"), "now + 1s");
  CHECK(words.find("did not answer in time") != std::string::npos);
  REQUIRE_FALSE(one->asked().empty());
}

TEST_CASE("a question for now ends when its component is gone", "[supervisor][relay]") {
  Site site({.below = {.callback = {.hold = 100ms, .expiry = 200ms}},
             .relay = {"*"},
             .compositions = {{.label = "mesh", .of = "loop"}},
             .patience = 100ms});
  site->start();
  const auto one =
      site.probe("one", {loop_capability()}, [](const Specification&) { return std::nullopt; });
  const auto client = site.client();
  std::thread leaver([&] {
    one->wait_for_questions(1);
    one->leave();
  });
  const std::string words = failure_of(*client, "mesh", "now");
  leaver.join();
  CHECK(words.find("did not answer in time") != std::string::npos);
}

TEST_CASE("a component that is started anew is asked again for now", "[supervisor][relay]") {
  Site site({.below = {.callback = {.hold = 100ms}}, .relay = {"*"}});
  site->start();
  std::atomic<int> times = 0;
  const auto one = site.probe("one", {loop_capability()}, [&](const Specification& specification) {
    // The first process says that it has it, and dies.
    if (++times == 1) return encode(Receipt(specification));
    return loop_result(specification, "after all");
  });
  const auto client = site.client();
  std::thread starter([&] {
    one->wait_for_answers(1);  // else the receipt would be the new process's
    one->enroll_anew();
  });
  const auto result = ask(*client, "loop@" + site.name("one")).wait_for(30s);
  starter.join();
  REQUIRE(result);
  CHECK(text(*result) == "after all\n");
  REQUIRE(one->asked().size() == 2);
  CHECK(one->asked()[0] == one->asked()[1]);
}

TEST_CASE("a question for now is given up when it takes too long", "[supervisor][relay]") {
  Site site({.compositions = {{.label = "mesh", .of = "loop"}}, .patience = 100ms, .longest = 1s});
  site->start();
  const auto one = site.echo("one");
  const auto two =
      site.probe("two", {loop_capability()}, [](const Specification&) { return std::nullopt; });
  const auto client = site.client();
  const auto result = ask(*client, "mesh").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == site.name("one") + "|one hello\n");
  REQUIRE(result->find_metadata("composition.missing") != nullptr);
  CHECK(to_string(*result->find_metadata("composition.missing")) ==
        site.name("two") + ": the component did not answer in time");
}

TEST_CASE("what is withdrawn below is withdrawn above", "[supervisor][relay]") {
  Site site({.below = {.callback = {.hold = 100ms, .expiry = 200ms}}, .relay = {"*"}});
  site->start();
  auto one = site.echo("one");
  CHECK(labels(*site.client()).size() == 1);
  one.reset();
  CHECK_FALSE(site.log().wait_for("a capability is gone", site.name("one")).empty());
  CHECK(labels(*site.client()).empty());
  one = site.echo("one");
  CHECK(labels(*site.client()).size() == 1);
}

TEST_CASE("a specification for a component that is gone goes to no other", "[supervisor][relay]") {
  // What the composition takes and yields is what each of the components does.
  Site site(
      {.relay = {"*"},
       .compositions = {
           {.label = "mesh", .of = "loop", .aggregates = {{"test.output", Aggregate::Min}}}}});
  site->start();
  const auto one = site.echo("one");
  const auto client = site.client();
  const std::string its = "loop@" + site.name("one");
  const Capability capability = client->find(its)->capability;
  const auto ask_as = [&](const std::string& label) {
    return client
        ->submit(capability.specify("now").set("test.input", "x").label(label).build(), capability)
        .wait_for(30s);
  };
  for (const std::string& label : {"loop@" + site.name("two"), its + "-b", std::string("mesh-b")}) {
    CAPTURE(label);
    CHECK_THROWS_WITH(ask_as(label), Catch::Contains("it is for"));
  }
  CHECK(one->asked().empty());
  CHECK(ask_as(its));
  CHECK(ask_as("mesh"));
  CHECK(ask_as(its + "-7"));  // the old SDK's clients number what they ask for
}
