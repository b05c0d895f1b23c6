// A component that calls, and our own listening side: both for real.

#include "component/counter.hpp"
#include "mplane/client.hpp"
#include "mplane/component.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// What came of a specification, waited for.
class Arrivals {
 public:
  ClientListener::Each each() {
    return [this](std::optional<Message> message) {
      const std::lock_guard lock(mutex_);
      if (message) messages_.push_back(*std::move(message));
      changed_.notify_all();
    };
  }
  std::vector<Message> wait_for(const std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return messages_.size() >= count; });
    return messages_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> messages_;
};

/// Both sides over TLS, and a service "ping" that counts at once, or when it is interrupted.
struct Pair {
  Pair()
      : listener({.listen = "127.0.0.1:0",
                  .tls = TlsContext(pki.issue("main")),
                  .watch = [this](const Registration& one,
                                  const bool is_offered) { note(one, is_offered); }}),
        component({.listen = "",
                   .supervisors = {{.url = start(listener)}},
                   .tls = TlsContext(pki.issue("probe")),
                   .access = {{{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}}}),
        ping(component.serve(ping_capability(), measure)) {
    component.start();
  }

  static const Url& start(ClientListener& listener) {
    listener.start();
    return listener.url();
  }
  static Result measure(const Specification& specification, const std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any until;
    std::unique_lock lock(mutex);
    if (specification.token() == "long") until.wait(lock, stop, [] { return false; });
    return counted(specification, 3);
  }
  void note(const Registration& one, const bool is_offered) {
    const std::lock_guard lock(mutex);
    if (one.capability.label() != "ping") return;
    offered = is_offered;
    changed.notify_all();
  }
  bool wait_until_offered(const bool wanted) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return offered == wanted; });
  }

  TestPki pki;
  std::mutex mutex;
  std::condition_variable changed;
  bool offered = false;
  ClientListener listener;
  Component component;
  Capability ping;
};

}  // namespace

TEST_CASE("our component works for our own listener, which holds its polls", "[calling]") {
  Pair pair;
  REQUIRE(pair.wait_until_offered(true));
  const std::string probe = pair.pki.identity("probe").text();
  CHECK(pair.listener.registrations(probe).size() == 1);

  Arrivals once;
  pair.listener.submit(probe, ask(pair.ping, "now", "once"), once.each());
  REQUIRE(once.wait_for(1).size() == 1);
  CHECK(count_of(once.wait_for(1)[0]) == 3);

  Arrivals repeated;
  pair.listener.submit(probe, ask(pair.ping, "repeat now + 1s / 1s", "often"), repeated.each());
  CHECK(repeated.wait_for(2).size() == 2);

  Arrivals interrupted;
  pair.listener.submit(probe, ask(pair.ping, "now + 1h", "long"), interrupted.each());
  Arrivals after;
  pair.listener.submit(probe, ask(pair.ping, "now", "after"), after.each());
  REQUIRE(after.wait_for(1).size() == 1);  // so that the one before has been fetched, too
  CHECK(pair.listener.interrupt(probe, "long"));
  REQUIRE(interrupted.wait_for(1).size() == 1);
  CHECK(count_of(interrupted.wait_for(1)[0]) == 3);

  pair.component.withdraw(pair.ping.token());
  CHECK(pair.wait_until_offered(false));
}

TEST_CASE("what a component that listens refuses for credits is refused to who asks", "[calling]") {
  const TestPki pki;
  Component component({.listen = "127.0.0.1:0",
                       .tls = TlsContext(pki.issue("probe")),
                       .access = {{{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}},
                       .credits = {.clients = {{.identity = "*", .specifications_per_hour = 1}}}});
  const Capability ping = component.serve(ping_capability(), Pair::measure);
  component.start();
  Event offered;
  ClientListener listener({.listen = "127.0.0.1:0",
                           .tls = TlsContext(pki.issue("main")),
                           .connect = {component.listens()->resolve("/capability")},
                           .watch = [&](const auto&, const bool is_there) {
                             if (is_there) offered.happen();
                           }});
  listener.start();
  REQUIRE(offered.wait());
  const std::string probe = pki.identity("probe").text();
  Arrivals first;
  listener.submit(probe, ask(ping, "now", "first"), first.each());
  REQUIRE(first.wait_for(1).size() == 1);
  CHECK(count_of(first.wait_for(1)[0]) == 3);
  Arrivals second;
  listener.submit(probe, ask(ping, "now", "second"), second.each());
  const auto refused = second.wait_for(1);
  REQUIRE(refused.size() == 1);
  CHECK_THAT(brief(refused[0]), Catch::Contains("has used 1 of 1 specifications an hour"));
}
