// Results that are sent elsewhere, and capabilities that collect them.

#include "component/counter.hpp"
#include "component/fake_supervisor.hpp"
#include "mplane/component.hpp"
#include "mplane/model/json.hpp"
#include "mplane/session/http_client.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A component that collects results of "ping"; "probe" may send them.
struct Store {
  explicit Store(const TestPki& pki)
      : component(
            {.listen = "127.0.0.1:0",
             .tls = TlsContext(pki.issue("store")),
             .access = {{{pki.identity("probe").text(), {"feeder"}}}, {{"ping-store", {"feeder"}}}},
             .log = log.sink()}),
        capability(component.collect(
            Capability::collect("ping-store")
                .when("past ... future")
                .parameter("destination.ip4", "127.0.0.0/8")
                .result("delay.twoway.icmp.count")
                .build(Registry::core()),
            [this](const Identity& from, const Result& result) { take(from, result); })) {
    component.start();
  }

  void take(const Identity& from, const Result& result) {
    const std::lock_guard lock(mutex);
    if (std::exchange(fails, false)) throw Error(ErrorKind::Unavailable, "", "no room just now");
    came.emplace_back(from.text(), count_of(result));
    changed.notify_all();
  }
  bool wait_for(const std::size_t results) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return came.size() >= results; });
  }
  /// Where to export to.
  std::string target() const { return "mplane-" + *capability.link(); }

  LogBook log;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<std::string, std::uint64_t>> came;
  bool fails = false;
  Component component;
  Capability capability;
};

/// One that takes its time: what it was given is taken, or not, by hand.
struct SlowStore {
  explicit SlowStore(const TestPki& pki)
      : component({.listen = "127.0.0.1:0",
                   .tls = TlsContext(pki.issue("store")),
                   .access = AccessControl::open(),
                   .threads = 1,
                   .log = log.sink()}),
        capability(component.collect(
            Capability::collect("ping-store")
                .when("past ... future")
                .parameter("destination.ip4")
                .result("delay.twoway.icmp.count")
                .build(Registry::core()),
            [this](const Identity&, const Result& result, Component::Collected done) {
              const std::lock_guard lock(mutex);
              given.push_back(count_of(result));
              waiting.push_back(std::move(done));
              changed.notify_all();
            })),
        pki_(pki) {
    component.start();
  }

  bool wait_for(const std::size_t results) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return waiting.size() >= results; });
  }
  /// Says of all that it was given how it was taken.
  void say(const std::optional<Error>& why) {
    std::vector<Component::Collected> told;
    {
      const std::lock_guard lock(mutex);
      std::swap(told, waiting);
    }
    for (const auto& done : told) done(why);
  }
  std::future<int> status_of_posting(const Message& message) const {
    return std::async(std::launch::async, [this, message] {
      HttpClient client(component.url(), {.tls = TlsContext(pki_.issue("probe"))});
      const std::string path = Url::parse(*capability.link()).path();
      return client.post(path, kMediaType, encode(message)).status;
    });
  }
  int status_of_front() const {
    return HttpClient(component.url(), {.tls = TlsContext(pki_.issue("guest"))}).get("/").status;
  }

  LogBook log;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> given;
  std::vector<Component::Collected> waiting;
  Component component;
  Capability capability;

 private:
  const TestPki& pki_;
};

Result ping_result(const std::string& token, const std::uint64_t count) {
  return counted(ping_capability()
                     .specify("2015-06-01 + 1s")
                     .set("destination.ip4", "127.0.0.1")
                     .token(token)
                     .build(),
                 count);
}

/// A component with "ping", ended by hand, whose results may go to a store; "guest" may ask, and
/// so may "other".
struct Probe {
  Probe(const TestPki& pki, const Store& store) : Probe(pki, store.target()) {}
  Probe(const TestPki& pki, const std::string& target)
      : component({.listen = "127.0.0.1:0",
                   .exports = ExportRules({Url::parse(target)}),
                   .tls = TlsContext(pki.issue("probe")),
                   .access = {{{pki.identity("guest").text(), {"guest"}},
                               {pki.identity("other").text(), {"guest"}}},
                              {{"ping", {"guest"}}}},
                   .session = {.immediate = 0s},
                   .log = log.sink(),
                   .clock = &clock}),
        ping(component.serve(ping_capability(), runs.service())),
        client(component.url(), {.tls = TlsContext(pki.issue("guest"))}),
        other(component.url(), {.tls = TlsContext(pki.issue("other"))}) {
    component.start();
  }

  Specification exported(const std::string& token, const std::string& to,
                         const std::string& when = "now + 3s") const {
    return ping.specify(when)
        .set("destination.ip4", "127.0.0.1")
        .token(token)
        .export_to(to)
        .build(clock.now());
  }
  Message post(const Message& message, int* const status = nullptr) {
    const HttpReply reply = client.post("/", kMediaType, encode(message));
    if (status != nullptr) *status = reply.status;
    return decode(reply.body, Registry::core());
  }

  LogBook log;
  FakeClock clock;
  ByHand runs;
  Component component;
  Capability ping;
  HttpClient client;
  HttpClient other;
};

HttpReply post_result(const TestPki& pki, const Store& store, const std::string& who,
                      const Message& message) {
  HttpClient client(store.component.url(), {.tls = TlsContext(pki.issue(who))});
  return client.post(Url::parse(*store.capability.link()).path(), kMediaType, encode(message));
}

}  // namespace

TEST_CASE("results go where their specification wants them exported", "[export]") {
  const TestPki pki;
  Store store(pki);
  Probe probe(pki, store);
  CHECK(probe.ping.export_url() == "mplane-https");
  CHECK(brief(probe.post(probe.exported("t", store.target()))) == "receipt t");
  probe.runs.finish(5);
  REQUIRE(store.wait_for(1));
  CHECK(store.came[0] == std::pair(pki.identity("probe").text(), std::uint64_t{5}));
  CHECK(count_of(probe.post(Redemption::of("t"))) == 5);
}

TEST_CASE("the runs of a repeated specification are exported as each ends", "[export]") {
  const TestPki pki;
  Store store(pki);
  Probe probe(pki, store);
  probe.post(probe.exported("t", store.target(), "repeat now + 1m / 1m"));
  probe.clock.settle();
  probe.runs.finish(1);
  REQUIRE(store.wait_for(1));
  probe.clock.advance(1min);
  probe.runs.finish(2);
  REQUIRE(store.wait_for(2));
  CHECK(store.came[1].second == 2);
}

TEST_CASE("results are not exported to where the operator does not allow", "[export]") {
  const TestPki pki;
  Store store(pki);
  Probe probe(pki, store);
  int status = 0;
  const Message refusal = probe.post(probe.exported("t", "mplane-https://192.0.2.1/x"), &status);
  CHECK(status == 403);
  CHECK_THAT(brief(refusal), Catch::Contains("does not allow that target"));
  CHECK(probe.runs.starts() == 0);
  Component plain({.listen = "127.0.0.1:0", .insecure = true, .access = AccessControl::open()});
  plain.serve(ping_capability(), probe.runs.service());
  plain.start();
  HttpClient client(plain.url());
  const HttpReply reply =
      client.post("/", kMediaType, encode(probe.exported("t", "mplane-https://192.0.2.1/x")));
  CHECK_THAT(reply.body, Catch::Contains("this component exports nothing"));
}

TEST_CASE("the same specification is not taken with another export", "[export]") {
  const TestPki pki;
  Store store(pki);
  Probe probe(pki, store);
  int status = 0;
  const std::string elsewhere = store.target() + "/else";
  SECTION("while it goes on") {
    probe.post(probe.exported("t", store.target()));
    const Message refusal = probe.post(probe.exported("t", elsewhere), &status);
    CHECK(status == 403);
    CHECK(brief(refusal) ==
          "exception t: export: this specification has been accepted with another export; with a "
          "token of its own it is another one");
    CHECK(brief(probe.post(probe.exported("t", store.target()))) == "receipt t");
    CHECK(brief(probe.post(probe.exported("another", elsewhere))) == "receipt another");
    probe.runs.finish(1);
    probe.runs.finish(1);
  }
  SECTION("nor with one that it came without") {
    probe.post(probe.ping.specify("2015-06-01 + 1d")
                   .set("destination.ip4", "127.0.0.1")
                   .token("t")
                   .build());
    CHECK_THAT(brief(probe.post(probe.exported("t", elsewhere, "2015-06-01 + 1d"), &status)),
               Catch::Contains("without an export"));
    CHECK(status == 403);
    probe.runs.finish(1);
  }
  SECTION("but a relative one that comes again after its end is a new one") {
    probe.post(probe.exported("t", store.target()));
    probe.runs.finish(5);
    REQUIRE(store.wait_for(1));
    CHECK(brief(probe.post(probe.exported("t", elsewhere))) == "receipt t");
    CHECK(probe.runs.starts() == 2);
    probe.runs.finish(1);
  }
  SECTION("and one that was refused has claimed nothing") {
    probe.component.use(AccessControl());
    probe.post(probe.exported("t", store.target()), &status);
    CHECK(status == 403);
    probe.component.use(
        AccessControl({{pki.identity("guest").text(), {"guest"}}}, {{"ping", {"guest"}}}));
    CHECK(brief(probe.post(probe.exported("t", elsewhere))) == "receipt t");
    probe.runs.finish(1);
  }
}

TEST_CASE("results of one token are exported for each who asked, to each place", "[export]") {
  const TestPki pki;
  FakeSupervisor store(TlsContext(pki.issue("main")));
  store.answer_posts(503);
  const std::string target = "mplane-" + to_string(store.url());
  Probe probe(pki, target);
  const auto run = [&](HttpClient& client, const std::string& path) {
    const Message wanted = probe.exported("t", target + path);
    CHECK(client.post("/", kMediaType, encode(wanted)).status == 200);
    probe.runs.finish(1);
    probe.clock.settle();
  };
  run(probe.client, "a");
  run(probe.other, "a");
  run(probe.client, "b");
  CHECK(probe.component.status().spool.waiting == 3);
  store.answer_posts(200);
  probe.clock.advance(2min);
  CHECK(probe.component.status().spool.delivered == 3);
}

TEST_CASE("a collector that fails gets the result again", "[export]") {
  const TestPki pki;
  Store store(pki);
  store.fails = true;
  Probe probe(pki, store);
  probe.post(probe.exported("t", store.target()));
  probe.runs.finish(5);
  for (int i = 0; i < 100 && store.came.empty(); ++i) probe.clock.advance(2s);
  REQUIRE(store.wait_for(1));
}

TEST_CASE("who collects takes what fits, once, from those who may", "[export]") {
  const TestPki pki;
  Store store(pki);
  const auto result = [&](const std::string& target, const std::uint64_t count) {
    const auto specification = ping_capability()
                                   .specify("2015-06-01 + 1s")
                                   .set("destination.ip4", target)
                                   .token("t")
                                   .build();
    return counted(specification, count);
  };
  CHECK(post_result(pki, store, "probe", result("127.0.0.1", 1)).status == 200);
  CHECK(post_result(pki, store, "probe", result("127.0.0.1", 1)).status == 200);
  CHECK(store.came.size() == 1);
  CHECK(post_result(pki, store, "probe", result("192.0.2.1", 1)).status == 400);
  CHECK(post_result(pki, store, "probe", Redemption::of("t")).status == 400);
  CHECK(post_result(pki, store, "mallory", result("127.0.0.1", 2)).status == 404);
  CHECK(post_result(pki, store, "probe", Exception("t", "failed")).status == 200);
  CHECK(store.came.size() == 1);
  CHECK(store.log.about("an exception came in place of a result").size() == 1);
  store.component.withdraw(store.capability.token());
  CHECK(post_result(pki, store, "probe", result("127.0.0.2", 1)).status == 404);
}

TEST_CASE("while a collector takes its time others are answered", "[export]") {
  const TestPki pki;
  SlowStore store(pki);
  Envelope envelope;
  for (const char* const token : {"a", "b", "a", "c"}) envelope.append(ping_result(token, 1));
  auto status = store.status_of_posting(envelope);
  REQUIRE(store.wait_for(3));  // all at once, and what is there twice once
  CHECK(store.status_of_front() == 200);
  CHECK(store.status_of_posting(ping_result("b", 1)).get() == 503);  // who knows how that ends?
  REQUIRE(status.wait_for(0s) == std::future_status::timeout);
  store.say({});
  CHECK(status.get() == 200);
  CHECK(store.status_of_posting(envelope).get() == 200);
  CHECK(store.given.size() == 3);
}

TEST_CASE("what a collector could not take after all is new when it comes again", "[export]") {
  const TestPki pki;
  SlowStore store(pki);
  auto status = store.status_of_posting(ping_result("a", 1));
  REQUIRE(store.wait_for(1));
  SECTION("as it says") {
    store.say(Error(ErrorKind::Unavailable, "", "no room just now"));
    CHECK(status.get() == 503);
    CHECK(store.log.about("request refused").size() == 1);
  }
  SECTION("or does not") {
    store.waiting.clear();
    CHECK(status.get() == 500);
  }
  status = store.status_of_posting(ping_result("a", 1));
  REQUIRE(store.wait_for(1));
  store.say({});
  CHECK(status.get() == 200);
}

TEST_CASE("a collector may answer when its component is gone", "[export]") {
  const TestPki pki;
  std::vector<Component::Collected> late;
  {
    SlowStore store(pki);
    auto status = store.status_of_posting(ping_result("a", 1));
    REQUIRE(store.wait_for(1));
    std::swap(late, store.waiting);
    store.component.stop();
    CHECK_THROWS_AS(status.get(), Error);
  }
  for (const auto& done : late) done(Error(ErrorKind::Unavailable, "", "too late"));
}

TEST_CASE("who collects has a path of its own", "[export]") {
  Component component({.listen = "127.0.0.1:0", .insecure = true, .access = AccessControl::open()});
  const auto collect = [&](const std::string& path, const std::string& label = "store") {
    return component.collect(Capability::collect(label)
                                 .when("past ... future")
                                 .result("delay.twoway.icmp.count")
                                 .link("http://127.0.0.1:1" + path)
                                 .build(Registry::core()),
                             [](const Identity&, const Result&) {});
  };
  const Capability first = collect("/in");
  CHECK_THROWS_WITH(collect("/in"), "link: results are collected at \"/in\" already");
  CHECK_THROWS_WITH(collect("/"), "link: \"/\" is where specifications are posted");
  CHECK_THROWS_WITH(collect("/specification"), Catch::Contains("where specifications are posted"));
  CHECK_THROWS_WITH(collect("/plan"), Catch::Contains("where specifications are posted"));
  // The same columns: a default token says nothing of label and link.
  CHECK_THROWS_WITH(collect("/other", "store-too"), Catch::Contains("has the token of one"));
  CHECK_THROWS_WITH(collect("/in"), Catch::Contains("collected at"));  // it still is there
  component.withdraw(first.token());
  CHECK_THROWS_WITH(collect("/in", "no label"), Catch::Contains("label"));
  CHECK_NOTHROW(collect("/in"));
}
