#include "mplane/component.hpp"

#include "counter.hpp"
#include "mplane/model/json.hpp"
#include "mplane/session/http_client.hpp"
#include "support/pki.hpp"
#include "support/raw_peer.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

/// A component over TLS on a free port with a service that is ended by hand; "guest" is a guest.
struct Site {
  explicit Site(const Duration immediate = 0s)
      : component({.listen = "127.0.0.1:0",
                   .tls = TlsContext(pki.issue("component")),
                   .access = {{{pki.identity("guest").text(), {"guest"}}}, {{"ping", {"guest"}}}},
                   .session = {.immediate = immediate},
                   .log = log.sink()}),
        ping(component.serve(ping_capability(), service())) {}

  AsyncRun service() {
    return [this, by_hand = runs.service()](const Specification& specification,
                                            const std::stop_token& stop, Completion done) {
      by_hand(specification, stop, std::move(done));
      watch.emplace(stop, [this] { interrupted.happen(); });
      started.happen();
    };
  }

  /// Somebody of that name; "nobody" has no certificate.
  HttpClient client(const std::string& name = "guest") const {
    return client_with(name == "nobody" ? pki.without_certificate() : pki.issue(name));
  }
  HttpClient client_with(const TlsOptions& files) const {
    return HttpClient(component.url(), {.tls = TlsContext(files)});
  }
  Specification specification(const std::string& token,
                              const std::string& when = "now + 3s") const {
    return ask(ping, when, token);
  }

  TestPki pki;
  LogBook log;
  ByHand runs;
  Event started;      // a measurement
  Event interrupted;  // it was asked to stop
  std::optional<std::stop_callback<std::function<void()>>> watch;
  Component component;
  Capability ping;
};

Message post(HttpClient& client, const Message& message, int* const status = nullptr) {
  const HttpReply reply = client.post("/", kMediaType, encode(message));
  if (status != nullptr) *status = reply.status;
  return decode(reply.body, Registry::core());
}

}  // namespace

TEST_CASE("a component answers over mutual TLS from discovery to result") {
  Site site;
  site.component.start();
  HttpClient client = site.client();
  const HttpReply list = client.get("/capabilities");
  CHECK(list.content_type == kMediaType);
  const Message envelope = decode(list.body, Registry::core());
  REQUIRE(envelope.find<Envelope>()->size() == 1);
  CHECK(brief(post(client, site.specification("t"))) == "receipt t");
  site.runs.finish(4);
  CHECK(count_of(post(client, Redemption::of("t"))) == 4);
}

TEST_CASE("the old SDK's client finds the capabilities by following links") {
  Site site;
  site.component.start();
  HttpClient client = site.client();
  const auto link_in = [](const std::string& page, const std::string& prefix) {
    const std::size_t begin = page.find("<a href='" + prefix) + 9;
    return page.substr(begin, page.find('\'', begin) - begin);
  };
  const HttpReply front = client.get("/", "text/html");
  CHECK(front.content_type == "text/html");
  const HttpReply list = client.get(link_in(front.body, "/"), "*/*");
  CHECK(list.content_type == "text/html");
  const HttpReply capability = client.get(link_in(list.body, "/capability/"), "*/*");
  CHECK(capability.content_type == "application/x-mplane+json");
  CHECK(decode(capability.body, Registry::core()) == Message(site.ping));
}

TEST_CASE("peers without a certificate, or with another authority's, do not get through") {
  Site site;
  site.component.start();
  const TestPki other("Other");
  TlsOptions foreign = other.issue("guest");
  foreign.ca = site.pki.issue("guest").ca;
  HttpClient nobody = site.client("nobody");
  HttpClient stranger = site.client_with(foreign);
  CHECK_THROWS_AS(nobody.get("/capabilities"), Error);
  CHECK_THROWS_AS(stranger.get("/capabilities"), Error);
  CHECK(site.runs.starts() == 0);
  HttpClient guest = site.client();
  CHECK(guest.get("/capabilities").status == 200);
}

TEST_CASE("components of different identities slip by different times") {
  const TestPki pki;
  FakeClock clock;
  const auto start_of = [&](const std::string& name) {
    ByHand runs;
    Component component(
        {.listen = "127.0.0.1:0",
         .tls = TlsContext(pki.issue(name)),
         .access = {{{pki.identity("guest").text(), {"guest"}}}, {{"ping", {"guest"}}}},
         .session = {.immediate = 0s},
         .clock = &clock});
    ServicePolicy policy;
    policy.slip = 1h;
    const Capability ping =
        component.serve(Service{ping_capability(), runs.service(), false, policy});
    component.start();
    HttpClient client(component.url(), {.tls = TlsContext(pki.issue("guest"))});
    const Instant begin = clock.now();
    const When in_a_minute = When::at(begin + 1min);
    post(client, ask(ping, "now", "t").with_when(in_a_minute));
    while (runs.starts() == 0) clock.advance(1s);
    runs.finish(1);
    return clock.now() - begin;
  };
  CHECK(start_of("component") != start_of("component-2"));
}

TEST_CASE("an identity without a role is refused with 403 and named in the log") {
  Site site;
  site.component.start();
  HttpClient client = site.client("mallory");
  int status = 0;
  const Message answer = post(client, site.specification("t"), &status);
  CHECK(status == 403);
  CHECK(answer.find<Exception>() != nullptr);
  CHECK(site.runs.starts() == 0);
  REQUIRE(site.log.about("message refused").size() == 1);
  CHECK_THAT(site.log.about("message refused")[0],
             Catch::Contains("peer=" + site.pki.identity("mallory").text()));
}

TEST_CASE("the result comes with the answer when it is there in time") {
  Site site(60s);
  site.component.start();
  HttpClient client = site.client();
  auto answer = std::async(std::launch::async,
                           [&] { return count_of(post(client, site.specification("t"))); });
  REQUIRE(site.started.wait());
  CHECK(answer.wait_for(0s) == std::future_status::timeout);
  site.runs.finish(9);
  CHECK(answer.get() == 9);
}

TEST_CASE("a component needs TLS, or to be told that it shall do without") {
  CHECK_THROWS_AS(Component({.listen = "127.0.0.1:0"}), Error);
  CHECK_THROWS_AS(Component({.listen = "nonsense", .insecure = true}), Error);
  Component open({.listen = "127.0.0.1:0", .insecure = true, .access = AccessControl::open()});
  open.serve(ping_capability(), [](const Specification& specification, std::stop_token) {
    return counted(specification, 5).measured(Time(Instant(1s)).instant(), Instant(2s));
  });
  open.start();
  HttpClient client(open.url());
  CHECK(open.url().scheme() == "http");
  const Message answer = post(client, ask(ping_capability(), "now + 1s", "t"));
  CHECK(count_of(answer) == 5);
}

TEST_CASE("without access rules nobody may use anything") {
  Component closed({.listen = "127.0.0.1:0", .insecure = true});
  closed.serve(ping_capability(), ByHand().service());
  closed.start();
  HttpClient client(closed.url());
  int status = 0;
  post(client, ask(ping_capability(), "now", "t"), &status);
  CHECK(status == 403);
}

TEST_CASE("a stopped component has interrupted its measurements and gone") {
  Site site;
  site.component.start();
  HttpClient client = site.client();
  post(client, site.specification("t"));
  REQUIRE(site.runs.starts() == 1);
  auto stopping = std::async(std::launch::async, [&] { return site.component.stop(); });
  REQUIRE(site.interrupted.wait());

  SECTION("new work is refused meanwhile, and receipts can be redeemed") {
    int status = 0;
    const Message refusal = post(client, site.specification("new"), &status);
    CHECK(status == 503);
    CHECK(refusal.find<Exception>() != nullptr);
    CHECK(brief(post(client, Redemption::of("t"))) == "receipt t");
    site.runs.finish(1);
    CHECK(count_of(post(client, Redemption::of("t"))) == 1);
    CHECK(stopping.get().empty());
    CHECK_THROWS_AS(site.client().get("/"), Error);
    CHECK(site.component.stop().empty());
  }
  SECTION("what ignores the interrupt is named after four seconds") {
    const auto began = SteadyClock::now();
    const auto ignored = stopping.get();
    CHECK(SteadyClock::now() - began < 5s);
    REQUIRE(ignored.size() == 1);
    CHECK_THAT(ignored[0], Catch::Contains("ping") && Catch::Contains("t"));
    CHECK(site.log.about("a measurement ignored its interrupt and is lost").size() == 1);
  }
}

TEST_CASE("start and stop may come in any order and number") {
  Site site;
  SECTION("stopped before it was started") {
    site.component.stop();
    site.component.start();
    CHECK(site.component.run().empty());
    CHECK_THROWS_AS(site.client().get("/"), Error);
  }
  SECTION("stopped twice at once") {
    site.component.start();
    site.component.start();
    auto other = std::async(std::launch::async, [&] { site.component.stop(); });
    site.component.stop();
    other.get();
    CHECK_THROWS_AS(site.client().get("/"), Error);
  }
}

TEST_CASE("run returns when another thread stops it") {
  Site site;
  auto running = std::async(std::launch::async, [&] { return site.component.run(); });
  REQUIRE(site.log.wait_for("listening"));
  site.component.stop();
  CHECK(running.get().empty());
}

TEST_CASE("run returns on SIGTERM and SIGINT, and leaves none behind") {
  for (const int number : {SIGTERM, SIGINT}) {
    Site site;
    // The test's own threads must not be struck: the signal goes to the one that runs.
    const pthread_t runner = pthread_self();
    std::thread other([&] {
      site.log.wait_for("listening");
      pthread_kill(runner, number);
    });
    CHECK(site.component.run().empty());
    other.join();
    sigset_t pending;
    sigpending(&pending);
    CHECK(sigismember(&pending, number) == 0);
  }
}
