// Certificates of supervisors and components, and what becomes of connections when they change.

#include "component/caller.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("over TLS a supervisor is who its certificate says", "[calling]") {
  TestPki pki;
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  ComponentOptions options;
  options.tls = TlsContext(pki.issue("component"));
  SECTION("and may use what its role may") {
    options.access = {{{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}};
    Caller caller({at(supervisor)}, options);
    caller.ask_for(supervisor, caller.specification("t"));
    caller.finish(1);
    CHECK(supervisor.posted().back() == "/register/result result t");
  }
  SECTION("without a role it sees nothing, and is refused") {
    options.access = {{{"somebody", {"boss"}}}, {{"ping", {"boss"}}}};
    Caller caller({at(supervisor)}, options);
    CHECK(supervisor.registered() == Lines{"capability callback"});
    caller.ask_for(supervisor, caller.specification("t"));
    CHECK(supervisor.posted().back() == "/register/result exception t");
    CHECK(caller.runs.starts() == 0);
  }
  SECTION("nor does one that our authority does not know get anything") {
    const TestPki other("Other");
    options.tls = TlsContext(other.issue("component"));
    Caller caller({at(supervisor)}, options);
    CHECK(supervisor.asked().empty());
    CHECK_THAT(caller.log.about("cannot be reached").at(0), Catch::Contains("not trusted"));
  }
}

TEST_CASE("new certificates and rights are used at once", "[calling]") {
  TestPki pki;
  const TestPki other("Other");
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  ComponentOptions options;
  options.tls = TlsContext(other.issue("component"));
  Caller caller({at(supervisor)}, options);
  CHECK(supervisor.asked().empty());
  caller.component.use(TlsContext(pki.issue("component")));
  caller.clock.advance(2min);
  CHECK(supervisor.registered() == Lines{"capability callback"});
  caller.component.use(
      AccessControl({{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}));
  caller.clock.settle();
  CHECK(supervisor.registered() == Lines{"capability ping"});
  caller.component.use(AccessControl());
  caller.clock.settle();
  CHECK(supervisor.registered() == Lines{"withdrawal ping"});
}

TEST_CASE("new certificates cut off a poll that is held", "[calling]") {
  TestPki pki;
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  supervisor.hold_polls();
  LogBook log;
  Component component({.listen = "",
                       .supervisors = {at(supervisor)},
                       .calling = {.held = 20s},
                       .tls = TlsContext(pki.issue("component")),
                       .log = log.sink()});
  component.start();
  REQUIRE(supervisor.wait_until_held());
  SECTION("and it is made anew") {
    component.use(TlsContext(pki.issue("component")));
    CHECK(log.wait_for("registered"));
    CHECK(log.about("cannot be reached").empty());
  }
  SECTION("and do not keep the component from stopping") {
    supervisor.hold_polls();
    component.use(TlsContext(pki.issue("component")));
    const auto began = std::chrono::steady_clock::now();
    component.stop();
    CHECK(std::chrono::steady_clock::now() - began < 10s);
  }
}

TEST_CASE("new certificates cut off a post that is under way, and it is made anew",
          "[calling][spool]") {
  TestPki pki;
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  ComponentOptions options;
  options.tls = TlsContext(pki.issue("component"));
  options.access = {{{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}};
  Caller caller({at(supervisor)}, options);
  caller.ask_for(supervisor, caller.specification("t"));
  supervisor.hold_posts();
  ByHand::Started run = caller.take();
  run.completion(counted(run.specification, 7));
  REQUIRE(supervisor.wait_until_held());
  caller.component.use(TlsContext(pki.issue("component")));
  caller.clock.settle();
  CHECK(supervisor.posted() == Lines{"/register/result receipt t", "/register/result result t",
                                     "/register/result result t"});
}
