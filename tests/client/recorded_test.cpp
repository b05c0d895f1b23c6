// What an old peer really answered, and what we make of it.

#include "client/loopback.hpp"
#include "client/recording.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// The capabilities of the old component, as it told them in ci_01.
std::vector<Exchange> with_discovery(std::vector<Exchange> exchanges) {
  auto all = recorded("ci_01_discovery", "retrieve_capabilities(http://127.0.0.1:21228/)\n");
  all.insert(all.end(), exchanges.begin(), exchanges.end());
  return all;
}

struct Session {
  explicit Session(std::vector<Exchange> exchanges)
      : replay(with_discovery(std::move(exchanges))), client(plain()) {
    client.discover(replay.url());
  }

  const Capability& capability(const std::string& label) {
    const Offer* const offer = client.find(label);
    if (offer == nullptr) throw std::logic_error(label + " was not discovered");
    return offer->capability;
  }

  Replay replay;
  Client client;
};

std::vector<Exchange> only(const std::string& file, const std::vector<std::size_t>& places) {
  const auto all = recorded(file);
  std::vector<Exchange> some;
  for (const std::size_t place : places) some.push_back(all.at(place - 1));
  return some;
}

}  // namespace

TEST_CASE("an old component's pages lead to all its capabilities", "[client][recorded]") {
  Session session({});
  std::vector<std::string> labels;
  for (const Offer& offer : session.client.offers()) {
    labels.push_back(offer.capability.label());
    CHECK(offer.capability.link() == session.replay.url());
  }
  CHECK(labels == std::vector<std::string>{"test-loopback", "ping-average-ip4", "ping-detail-ip4",
                                           "ping-average-ip6", "ping-detail-ip6", "test-slow",
                                           "test-rows", "test-fail", "test-query", "test-tick",
                                           "test-tick-np"});
}

TEST_CASE("an old component's results are read", "[client][recorded]") {
  Session session(only("ci_02_immediate_result", {1, 8}));
  const auto& loopback = session.capability("test-loopback");
  const auto echo =
      session.client.submit(loopback.specify("now").set("test.input", "hello").build());
  REQUIRE(echo.results().size() == 1);
  CHECK(echo.results()[0].rows()[0].get<std::string>("test.output") == "hello wörld 世界 \"q\" \\");

  const auto& rows = session.capability("test-rows");
  const auto many = session.client.submit(rows.specify("now").set("packets.ip", 3).build());
  REQUIRE(many.results().size() == 1);
  const Result& result = many.results()[0];
  REQUIRE(result.rows().size() == 3);
  CHECK(result.rows()[2].get<std::uint64_t>("delay.twoway.icmp.us") == 102);
  CHECK(result.rows()[1].get<double>("cpuload") == 0.125);
  CHECK(result.rows()[0].get<Ip4>("intermediate.ip4") == Ip4::parse("192.0.2.1"));
}

TEST_CASE("an old component's receipts are redeemed", "[client][recorded]") {
  Session session(only("ci_03_delayed_result", {1, 2, 3}));
  const auto& slow = session.capability("test-slow");
  auto pending = session.client.submit(slow.specify("now + 1m").set("duration.s", 8).build());
  const auto result = pending.wait_for(30s);
  REQUIRE(result);
  CHECK(result->rows()[0].get<std::uint64_t>("duration.ms") == 8033);
  CHECK(session.replay.posts_left() == 0);
}

TEST_CASE("an old component answers an interrupt with a receipt first", "[client][recorded]") {
  Session session(only("ci_04_interrupt", {1, 2, 3}));
  const auto& slow = session.capability("test-slow");
  auto pending = session.client.submit(slow.specify("now + 1m").set("duration.s", 50).build());
  const auto result = pending.interrupt(30s);
  REQUIRE(result);
  CHECK(result->rows()[0].get<std::uint64_t>("duration.ms") == 5019);
  CHECK(session.replay.posts_left() == 0);
}

TEST_CASE("an old component's exceptions are told in its words", "[client][recorded]") {
  const auto all = recorded("ci_05_errors");
  std::size_t told = 0;
  for (Exchange exchange : all) {
    if (exchange.method != "POST" || exchange.response.status == 100) continue;
    const std::string body = exchange.response.body;
    if (exchange.response.status == 200 && body.find("\"exception\"") == std::string::npos) {
      continue;
    }
    CAPTURE(exchange.request, exchange.response.status, body);
    exchange.request.clear();  // its token stays: exceptions are about anything
    const int status = exchange.response.status;
    Session session({std::move(exchange)});
    const auto& loopback = session.capability("test-loopback");
    const Error error = error_of([&] { session.client.submit(ask_for(loopback)); });
    CHECK(error.kind() == ErrorKind::Failed);
    const std::size_t at = body.find("\"message\": \"");
    if (at == std::string::npos) {
      CHECK_THAT(error.message(), Catch::Contains(std::to_string(status)));
    } else {
      // Up to the first character that JSON escapes.
      const std::size_t begin = at + 12;
      CHECK_THAT(error.message(),
                 Catch::StartsWith(body.substr(begin, body.find_first_of("\"\\", begin) - begin)));
      ++told;
    }
  }
  CHECK(told == 21);
}

TEST_CASE("an old component takes capabilities back", "[client][recorded]") {
  Session session(only("ci_06_withdrawn", {3, 4}));
  const Capability loopback = session.capability("test-loopback");
  CHECK_THROWS_WITH(session.client.submit(ask_for(loopback)),
                    Catch::Contains("test-loopback") && Catch::Contains("not offered"));
  CHECK(session.client.find("test-loopback") == nullptr);
  const Capability slow = session.capability("test-slow");
  CHECK_THROWS_WITH(session.client.submit(slow.specify("now + 5s").set("duration.s", 1).build()),
                    Catch::Contains("test-slow"));
  CHECK(session.client.find("test-slow") == nullptr);
}

TEST_CASE("an old component's runs are gathered from its envelopes", "[client][recorded]") {
  Session session(only("ci_07_repeated", {1, 2, 3, 4, 5}));
  const auto& tick = session.capability("test-tick-np");
  auto pending = session.client.submit(
      tick.specify("repeat now + 12s / 3s").set("destination.port", 80).build());
  REQUIRE(pending.wait_for(30s));
  std::vector<std::uint64_t> flows;
  for (const Result& run : pending.results()) {
    flows.push_back(run.rows()[0].get<std::uint64_t>("flows"));
  }
  CHECK(flows == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
  CHECK(pending.failures().empty());
}

TEST_CASE("all forms in which a peer can tell its capabilities are read", "[client][recorded]") {
  struct Case {
    std::string headline;
    std::vector<std::string> tokens;
  };
  const std::vector<Case> cases{
      {"discovery: bare capability", {"captok"}},
      {"discovery: envelope\n", {"captok"}},
      {"envelope, content type with charset", {"captok"}},
      {"envelope as application/json", {"captok"}},
      {"content type in other case", {"captok"}},
      {"capability without token", {"1eb3b3c09578b8f741ca644ef30e012c"}},
      {"compact JSON", {"captok"}},
      {"unknown element in one of two", {"captok"}},
      {"a withdrawal of an unknown", {}},
      {"html with links in several notations", {"/c1", "/c2", "/c3"}},
      {"pages that link to each other", {}},
  };
  for (const auto& [headline, tokens] : cases) {
    CAPTURE(headline);
    Replay replay(recorded("ci_10_client_vs_mock", headline));
    Client client(plain());
    std::vector<std::string> found;
    for (const auto& capability : client.discover(replay.url())) {
      found.push_back(capability.token());
    }
    CHECK(found == tokens);
  }
}

TEST_CASE("all forms in which a peer can answer are read", "[client][recorded]") {
  struct Case {
    std::string headline;
    std::string outcome;  // what it put out, "receipt", or words of an error
  };
  const std::vector<Case> cases{
      {"specification: result\n", "x"},
      {"result without token", "x"},
      {"result with charset in the content type", "x"},
      {"result with native numbers", "\"5\" is no string"},
      {"receipt, token only", "receipt"},
      {"exception with status 200", ": no"},
      {"exception with status 400", ": no"},
      {"exception with status 403", ": no"},
      {"withdrawal with token and label", "not offered any more"},
      {"withdrawal with token only", "not offered any more"},
      {"capability with a link to another path", "x"},
      {"capability with an empty link", "x"},
  };
  for (const auto& [headline, outcome] : cases) {
    CAPTURE(headline);
    Replay replay(recorded("ci_10_client_vs_mock", headline));
    Client client(plain());
    const auto capability = client.discover(replay.url()).at(0);
    std::string came;
    try {
      const auto pending = client.submit(ask_for(capability));
      came = pending.is_done() ? pending.results().at(0).rows()[0].get<std::string>("test.output")
                               : "receipt";
    } catch (const Error& error) {
      came = error.what();
    }
    CHECK_THAT(came, Catch::EndsWith(outcome));
    CHECK(replay.posts_left() == 0);
  }
}
