// Several components that are asked as one.

#include "supervisor/site.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("one question to all components has one table as its answer", "[supervisor][compose]") {
  Site site({.compositions = {{.label = "mesh", .of = "loop"}}});
  site->start();
  const auto one = site.echo("one");
  const auto two = site.echo("two");
  const auto client = site.client();
  CHECK(labels(*client) == std::vector<std::string>{"mesh"});
  const auto result = ask(*client, "mesh").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == site.name("one") + "|one hello\n" + site.name("two") + "|two hello\n");
}

TEST_CASE("a component that fails is missing, and the others' rows are there",
          "[supervisor][compose]") {
  Site site({.compositions = {{.label = "mesh", .of = "loop"}}, .patience = 200ms});
  site->start();
  const auto one = site.echo("one");
  const auto two = site.probe("two", {loop_capability()}, [](const Specification& specification) {
    return R"({"exception":")" + specification.token() + R"(","message":"the cable is out"})";
  });
  const auto silent =
      site.probe("three", {loop_capability()}, [](const Specification&) { return std::nullopt; });
  const auto narrow = site.probe("four", {loop_capability("loop", "good,better")},
                                 [](const Specification&) { return std::nullopt; });
  const auto client = site.client();
  const auto result = ask(*client, "mesh", "hello", "now + 1s").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == site.name("one") + "|one hello\n");
  REQUIRE(result->find_metadata("composition.missing") != nullptr);
  const std::string missing = to_string(*result->find_metadata("composition.missing"));
  CHECK(missing.find(site.name("two") + ": the cable is out") != std::string::npos);
  CHECK(missing.find(site.name("three") + ": the component did not answer in time") !=
        std::string::npos);
  CHECK(missing.find(site.name("four") + ": ") != std::string::npos);
  CHECK(narrow->asked().empty());
}

TEST_CASE("the first answer counts, and the others are interrupted", "[supervisor][compose]") {
  Site site(
      {.compositions = {{.label = "mesh", .of = "loop", .answer = Composition::Answer::First}}});
  site->start();
  const auto slow =
      site.probe("slow", {loop_capability()}, [](const Specification&) { return std::nullopt; });
  const auto quick = site.echo("quick");
  const auto client = site.client();
  const auto result = ask(*client, "mesh", "hello", "now + 1h").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == site.name("quick") + "|quick hello\n");
  CHECK(result->find_metadata("composition.missing") == nullptr);
}

TEST_CASE("those are asked who say of themselves what the operator wants",
          "[supervisor][compose]") {
  Site site(
      {.compositions = {
           {.label = "mesh", .of = "loop", .selection = {.metadata = {{"observer.as", "33*"}}}}}});
  site->start();
  const auto one = site.echo("one", loop_capability("loop", "*", "3320"));
  const auto two = site.echo("two", loop_capability("loop", "*", "559"));
  const auto three = site.echo("three");
  const auto client = site.client();
  const auto result = ask(*client, "mesh").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == site.name("one") + "|one hello\n");
}

TEST_CASE("a client chooses who is asked as far as it may, and the same again",
          "[supervisor][compose]") {
  Site site({.below = {.callback = {.hold = 100ms, .expiry = 200ms}},
             .compositions = {{.label = "mesh",
                               .of = "loop",
                               .selection = {.lots = {.sample = 2}},
                               .choices = {.components = true, .seed = true, .same_as = true}}}});
  site->start();
  std::map<std::string, std::unique_ptr<Probe>> probes;
  for (const std::string who : {"one", "two", "three", "four"}) probes[who] = site.echo(who);
  const auto client = site.client();
  const Capability mesh = client->find("mesh")->capability;
  const auto ask_with = [&](const std::string& token, const std::string& element,
                            const Value& value) {
    auto builder = mesh.specify("now")
                       .set("test.input", "x")
                       .label("mesh")
                       .token(token)
                       .metadata(element, value);
    const auto result = client->submit(std::move(builder).build(), mesh).wait_for(30s);
    return result ? text(*result) + (result->find_metadata("composition.missing") == nullptr
                                         ? ""
                                         : to_string(*result->find_metadata("composition.missing")))
                  : "";
  };
  const std::string four = site.name("four") + "|four x\n";
  CHECK(ask_with("a", "composition.components", site.name("four") + ", nobody") == four);
  CHECK_THROWS_WITH(ask_with("b", "composition.sample", 1),
                    Catch::Contains("is not what the operator lets clients choose"));
  const std::string some = ask_with("c", "composition.seed", 7);
  CHECK(some.size() > four.size());
  CHECK(ask_with("d", "composition.same-as", "c") == some);
  CHECK(ask_with("e", "composition.same-as", "d") == some);
  CHECK_THROWS_WITH(ask_with("f", "composition.same-as", "b"),
                    Catch::Contains("or too long ago for it to be remembered"));
  probes["four"].reset();
  CHECK_FALSE(site.log().wait_for("a capability is gone", site.name("four")).empty());
  CHECK_THROWS_WITH(ask_with("g", "composition.same-as", "a"),
                    Catch::Contains(site.name("four") + ": it does not offer loop any more"));
}

TEST_CASE("a list is divided among components, and their rows come as one table",
          "[supervisor][compose]") {
  Site site({.compositions = {{.label = "mesh",
                               .of = "loop",
                               .answer = Composition::Answer::Split,
                               .split = "test.input"}},
             .patience = 200ms});
  site->start();
  const auto one = site.echo("one");
  const auto two = site.probe("two", {loop_capability()}, [](const Specification& specification) {
    if (specification.get<std::string>("test.input") == "d") {
      return std::optional<std::string>(R"({"exception":")" + specification.token() +
                                        R"(","message":"the cable is out"})");
    }
    return std::optional(
        loop_result(specification, "two " + specification.get<std::string>("test.input")));
  });
  const auto client = site.client();
  const Capability mesh = client->find("mesh")->capability;
  const auto ask_for = [&](const std::string& list) {
    return client
        ->submit(mesh.specify("now").set("composition.list", list).label("mesh").build(), mesh)
        .wait_for(30s);
  };
  const auto result = ask_for("a, b,c,d,a");
  REQUIRE(result);
  CHECK(text(*result) == site.name("one") + "|a|one a\n" + site.name("two") + "|b|two b\n" +
                             site.name("one") + "|c|one c\n");
  REQUIRE(result->find_metadata("composition.missing") != nullptr);
  CHECK(to_string(*result->find_metadata("composition.missing")) ==
        "d (" + site.name("two") + "): the cable is out");
  CHECK_THROWS_WITH(ask_for("a,,b"), Catch::Contains("\"\" is no test.input"));
}

TEST_CASE("a composition counts for as many packets as it asks components", "[supervisor]") {
  SupervisionOptions options{.compositions = {{.label = "mesh", .of = "loop"}}};
  Site site(options, {}, {.clients = {{.identity = "*", .packets_per_hour = 3}}});
  site->start();
  const auto one = site.echo("one");
  const auto two = site.echo("two");
  const auto client = site.client();
  CHECK(ask(*client, "mesh", "a").wait_for(30s));
  CHECK(failure_of(*client, "mesh").find("has used 2 of 3 packets an hour, and this takes 2") !=
        std::string::npos);
}

TEST_CASE("who asks the same again pays for those alone", "[supervisor]") {
  SupervisionOptions options{
      .compositions = {
          {.label = "mesh", .of = "loop", .choices = {.components = true, .same_as = true}}}};
  Site site(options, {}, {.clients = {{.identity = "*", .packets_per_hour = 2}}});
  site->start();
  const auto one = site.echo("one");
  const auto two = site.echo("two");
  const auto client = site.client();
  const Capability mesh = client->find("mesh")->capability;
  const auto ask_with = [&](const std::string& token, const std::string& element,
                            const std::string& value) {
    const Specification asked = mesh.specify("now")
                                    .set("test.input", "x")
                                    .label("mesh")
                                    .token(token)
                                    .metadata(element, value)
                                    .build();
    const auto result = client->submit(asked, mesh).wait_for(30s);
    return result ? text(*result) : "";
  };
  CHECK(ask_with("a", "composition.components", site.name("one")) == site.name("one") + "|one x\n");
  CHECK(ask_with("b", "composition.same-as", "a") == site.name("one") + "|one x\n");
}

TEST_CASE("a composition is there as long as somebody offers it", "[supervisor][compose]") {
  Site site({.below = {.callback = {.hold = 100ms, .expiry = 200ms}},
             .compositions = {{.label = "mesh", .of = "loop"}}});
  site->start();
  CHECK(labels(*site.client()).empty());
  auto one = site.echo("one");
  CHECK(labels(*site.client()) == std::vector<std::string>{"mesh"});
  one.reset();
  CHECK_FALSE(site.log().wait_for("a capability is gone", site.name("one")).empty());
  CHECK(labels(*site.client()).empty());
}

TEST_CASE("a composition asks those of the kind that it is offered as", "[supervisor][compose]") {
  Site site({.below = {.callback = {.hold = 100ms, .expiry = 200ms}},
             .compositions = {{.label = "mesh", .of = "loop"}}});
  site->start();
  std::string other = loop_capability();
  other.replace(other.find("test.input"), std::string("test.input").size(), "composition.list");
  auto one = site.echo("one");
  const auto two = site.echo("two", other);
  const auto three = site.echo("three");
  one.reset();
  CHECK_FALSE(site.log().wait_for("a capability is gone", site.name("one")).empty());
  const auto client = site.client();
  const auto result = ask(*client, "mesh").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == site.name("three") + "|three hello\n");
  CHECK(two->asked().empty());
}

TEST_CASE("a service written by hand asks all components", "[supervisor]") {
  Site site(SupervisionOptions{});
  const Capability by_hand = Capability::measure("by-hand")
                                 .when("now ... future")
                                 .parameter("test.input")
                                 .result("test.output")
                                 .build(registry());
  site->serve(by_hand, [&](const Specification& specification, std::stop_token stop) {
    Result all(specification);
    for (const Result& part : site->ask_all("loop", specification, stop)) all.rows_from(part);
    return all;
  });
  site->start();
  const auto client = site.client();
  CHECK(failure_of(*client, "by-hand").find("no component offers") != std::string::npos);
  const auto one = site.echo("one");
  const auto two = site.echo("two");
  const auto result = ask(*client, "by-hand").wait_for(30s);
  REQUIRE(result);
  CHECK(text(*result) == "one hello\ntwo hello\n");
}

TEST_CASE("a column that cannot name a component is refused at the start", "[supervisor]") {
  for (const std::string column : {"test.nothing", "delay.twoway.icmp.count"}) {
    try {
      Site site({.compositions = {{.label = "mesh", .of = "loop", .component_column = column}}});
      FAIL(column << " was taken");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Invalid);
      CHECK(error.message().find(column) != std::string::npos);
    }
  }
}
