// What a supervisor keeps, and tells of it.

#include "mplane/store/result_store.hpp"
#include "supervisor/site.hpp"
#include "support/scratch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("what a component sends is kept before it is told so", "[supervisor][results]") {
  const ScratchFolder folder;
  const SystemClock clock;
  ResultStore results({.folder = folder.path() / "s"}, clock);
  SupervisionOptions options{.relay = {"*"}};
  options.results = &results;
  Site site(options);
  site->start();
  std::string sent;
  const auto one = site.probe("one", {loop_capability()}, [&](const Specification& specification) {
    sent = loop_result(specification, "kept");
    return std::optional(sent);
  });
  const auto two = site.probe("two", {loop_capability()}, [](const Specification& specification) {
    return R"({"exception":")" + specification.token() + R"(","message":"the cable is out"})";
  });
  const auto client = site.client();
  REQUIRE(ask(*client, "loop@" + site.name("one")).wait_for(30s));
  CHECK(failure_of(*client, "loop@" + site.name("two")) != "none");
  CHECK(one->send(sent) == 200);  // it cannot know that it arrived
  CHECK(
      one->send(loop_result(
          decode_as<Specification>(
              R"({"specification":"measure","version":1,"registry":"urn:test:loop","token":"forged",
                "when":"now","parameters":{"test.input":"x"},"results":["test.output"]})",
              registry()),
          "forged")) == 400);
  std::vector<KeptResult> kept;
  ResultReader(folder.path() / "s").each({}, [&](const KeptResult& each) {
    kept.push_back(each);
    return true;
  });
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].component == site.name("one"));
  CHECK(kept[0].label == "loop");
  CHECK(text(decode_as<Result>(kept[0].message, registry())) == "kept\n");
  CHECK(kept[1].component == site.name("two"));
  CHECK(decode_as<Exception>(kept[1].message, registry()).message() == "the cable is out");
}

TEST_CASE("a supervisor is a repository of what it keeps", "[supervisor][repository]") {
  const ScratchFolder folder;
  const SystemClock clock;
  std::unique_ptr<Repository> repository;
  ResultStoreOptions kept{.folder = folder.path() / "s"};
  kept.watch = [&](const KeptResult& one) { repository->add(one); };
  ResultStore results(kept, clock);
  const auto open = [&](Supervisor& supervisor) {
    repository = std::make_unique<Repository>(
        supervisor.component(), RepositoryOptions{.registry = registry(), .folder = kept.folder});
  };
  SupervisionOptions options{.relay = {"*"}};
  options.results = &results;
  const auto first = std::make_unique<Site>(options);
  open(**first);
  (*first)->start();
  CHECK_FALSE(repository->offers("query-loop"));
  const auto one = first->echo("one");
  const auto two = first->echo("two");
  const auto client = first->client();
  ask(*client, "loop@" + first->name("one"), "x").wait_for(30s);
  ask(*client, "loop@" + first->name("two"), "y").wait_for(30s);
  const auto look = [&](Site& at) {
    const auto again = at.client();
    REQUIRE(again->find("query-loop") != nullptr);
    const auto& all = again->find("query-loop")->capability;
    const auto rows = again->submit(all.specify("past ... now").build(), all).wait_for(30s);
    REQUIRE(rows);
    REQUIRE(rows->rows().size() == 2);
    CHECK(rows->rows()[0].get<std::string>("observer.device") == at.name("one"));
    CHECK(rows->rows()[0].get<std::string>("test.output") == "one x");
    const auto& its = again->find("query-loop.component.parameters")->capability;
    const auto row = again
                         ->submit(its.specify("past ... now")
                                      .set("observer.device", at.name("two"))
                                      .set("test.input", "y")
                                      .build(),
                                  its)
                         .wait_for(30s);
    REQUIRE(row);
    REQUIRE(row->rows().size() == 1);
    CHECK(row->rows()[0].get<std::string>("observer.device") == at.name("two"));
  };
  look(*first);
  SECTION("also of one before") {
    first->stop();
    const auto second = std::make_unique<Site>(options);
    open(**second);
    (*second)->start();
    CHECK(repository->offers("query-loop"));
    look(*second);
    second->stop();
  }
  first->stop();
}
