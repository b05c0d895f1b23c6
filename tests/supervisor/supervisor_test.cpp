#include "supervisor/site.hpp"

#include <optional>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("components are told who asks, if that is wanted", "[supervisor]") {
  for (const bool is_told : {false, true}) {
    SupervisionOptions options{.relay = {"*"}, .compositions = {{.label = "mesh", .of = "loop"}}};
    options.tell_asker = is_told;
    Site site(options);
    site->start();
    const auto one = site.probe("one", {loop_capability()}, [](const Specification& asked) {
      const Value* const asker = asked.find_metadata("supervision.asker");
      return loop_result(asked, asker == nullptr ? "nobody" : to_string(*asker));
    });
    const auto client = site.client();
    const std::string words = is_told ? site.name("client") : "nobody";
    for (const std::string& label : {std::string("mesh"), "loop@" + site.name("one")}) {
      const Capability capability = client->find(label)->capability;
      const auto result = client
                              ->submit(capability.specify("now")
                                           .set("test.input", "x")
                                           .label(label)
                                           .metadata("supervision.asker", "somebody else")
                                           .build(),
                                       capability)
                              .wait_for(30s);
      REQUIRE(result);
      CHECK(text(*result).find(words) != std::string::npos);
    }
  }
}

TEST_CASE("who may not register is told so, and asked nothing", "[supervisor]") {
  Site site({.below = {.components = {"*.one"}}, .relay = {"*"}});
  site->start();
  const auto one = site.echo("one");
  const auto two = site.echo("two");  // the supervisor's answer to it is 403
  const auto registrations = site->supervision().registrations();
  REQUIRE(registrations.size() == 1);
  CHECK(registrations[0].component == site.name("one"));
  CHECK(site.client()->find("loop@" + site.name("two")) == nullptr);
}

TEST_CASE("a supervisor ends while components are still asked", "[supervisor]") {
  Site site;
  site->start();
  const auto one =
      site.probe("one", {loop_capability()}, [](const Specification&) { return std::nullopt; });
  const auto client = site.client();
  std::thread asker([&] {
    try {
      ask(*client, "loop@" + site.name("one"), "x", "now + 1h");
    } catch (const Error&) {
    }
  });
  CHECK(one->wait_for_questions(1));
  const auto began = std::chrono::steady_clock::now();
  site.stop();
  CHECK(std::chrono::steady_clock::now() - began < 8s);
  asker.join();
}
