#include "mplane/supervisor.hpp"

#include "mplane/client.hpp"
#include "mplane/model/json.hpp"
#include "mplane/store/result_store.hpp"
#include "supervisor/probe.hpp"
#include "support/log_book.hpp"
#include "support/pki.hpp"
#include "support/scratch.hpp"

#include <atomic>
#include <chrono>
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

namespace {

/// A supervisor with its certificate, and who else there is.
class Site {
 public:
  explicit Site(SupervisionOptions options = {.relay = {"*"}}, AccessControl access = {},
                CreditOptions credits = {}) {
    if (!access.is_open()) {
      access = AccessControl({{pki_.identity("client").text(), {"user"}}},
                             {{"loop@" + name("one"), {"user"}},
                              {"loop@" + name("two"), {"user"}},
                              {"mesh", {"user"}},
                              {"query-*", {"user"}},
                              {"by-hand", {"user"}}});
    }
    options.below.registry = registry();
    options.below.listen = "127.0.0.1:0";
    options.below.tls = TlsContext(pki_.issue("supervisor"));
    options.below.log = log_.sink();
    ComponentOptions above;
    above.registry = registry();
    above.listen = "127.0.0.1:0";
    above.tls = TlsContext(pki_.issue("supervisor"));
    above.access = access;
    above.credits = std::move(credits);
    above.log = log_.sink();
    above.session.immediate = 30s;
    supervisor_ = std::make_unique<Supervisor>(above, options);
  }

  Supervisor& operator*() { return *supervisor_; }
  Supervisor* operator->() { return supervisor_.get(); }
  void stop() { supervisor_.reset(); }

  std::unique_ptr<Probe> probe(const std::string& who, std::vector<std::string> capabilities,
                               Probe::Answer answer) {
    auto probe = std::make_unique<Probe>(supervisor_->supervision().url(),
                                         HttpClientOptions{.tls = TlsContext(pki_.issue(who))},
                                         std::move(capabilities), std::move(answer));
    return probe;
  }
  /// One that answers with its name and what it was given.
  std::unique_ptr<Probe> echo(const std::string& who,
                              const std::string& capability = loop_capability()) {
    return probe(who, {capability}, [who](const Specification& specification) {
      return loop_result(specification, who + " " + specification.get<std::string>("test.input"));
    });
  }
  std::unique_ptr<Client> client(const std::string& who = "client") {
    ClientOptions options;
    options.registry = registry();
    options.tls = TlsContext(pki_.issue(who));
    auto client = std::make_unique<Client>(options);
    client->discover(to_string(supervisor_->component().url()) + "capabilities");
    return client;
  }
  std::string name(const std::string& who) const { return pki_.identity(who).text(); }
  const LogBook& log() const { return log_; }

 private:
  LogBook log_;
  TestPki pki_;
  std::unique_ptr<Supervisor> supervisor_;
};

std::vector<std::string> labels(const Client& client) {
  std::vector<std::string> labels;
  for (const Offer& offer : client.offers()) labels.push_back(offer.capability.label());
  return labels;
}

Pending ask(Client& client, const std::string& label, const std::string& input = "hello",
            const std::string& when = "now") {
  const Capability& capability = client.find(label)->capability;
  auto builder = capability.specify(when);
  if (capability.schema().find_parameter("test.input")) {
    builder = std::move(builder).set("test.input", input);
  }
  return client.submit(std::move(builder).label(label).build(), capability);
}

/// What asking ends with, in words.
std::string failure_of(Client& client, const std::string& label, const std::string& when = "now") {
  try {
    ask(client, label, "hello", when).wait_for(30s);
  } catch (const Error& error) {
    return error.message();
  }
  return "none";
}

}  // namespace

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
    one->wait_for_questions(1);
    while (times < 2) one->enroll_anew();  // the receipt may be on its way
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
                               .selection = {.sample = 2},
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
