#include "answers.hpp"
#include "lies.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "reply_parser.hpp"
#include "support/scratch.hpp"
#include "turnstile.hpp"
#include "world.hpp"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

const Instant kFirst{std::chrono::seconds(1'700'000'000)};
const Instant kLast{std::chrono::seconds(1'700'000'010)};

Specification ask() {
  const Capability ping = offered_capabilities({}).at(0);
  return ping.specify("now").set("destination.ip4", Ip4({192, 0, 2, 1})).token("asked").build();
}

TEST_CASE("a simulated result fits what was asked, and is plausible") {
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const Result result = plausible_result(ask(), kFirst, kLast, random);
    CHECK(decode_as<Result>(encode(result), Registry::core()).token() == "asked");
    REQUIRE(result.row_count() == 1);
    const Row row = result.rows()[0];
    const auto mean = row.get<std::uint64_t>("delay.twoway.icmp.us.mean");
    CHECK(row.get<std::uint64_t>("delay.twoway.icmp.us.min") < mean);
    CHECK(row.get<std::uint64_t>("delay.twoway.icmp.us.max") > mean);
    CHECK(row.get<std::uint64_t>("delay.twoway.icmp.count") > 0);
  }
}

TEST_CASE("a column of every type can be answered") {
  const Registry registry = Registry::decode(R"({"registry-format": "mplane-0",
      "registry-uri": "http://example.org/all", "registry-revision": 0, "elements": [
      {"name": "a", "prim": "string"}, {"name": "b", "prim": "natural"},
      {"name": "c", "prim": "real"}, {"name": "d", "prim": "boolean"},
      {"name": "e", "prim": "time"}, {"name": "f.ip4", "prim": "address"},
      {"name": "f.ip6", "prim": "address"}, {"name": "g", "prim": "url"}]})");
  auto builder = Capability::measure("all").when("now ... future");
  for (const Element& element : registry.elements()) {
    builder = std::move(builder).result(element.name());
  }
  const auto asked = std::move(builder).build(registry).specify("now").build();
  Random random(1);
  const Result result = plausible_result(asked, kFirst, kLast, random);
  CHECK(decode_as<Result>(encode(result), registry).row_count() == 1);
  for (const Element& element : registry.elements()) {
    CHECK(result.rows()[0].has_value(element.name()));
  }
  CHECK(result.rows()[0].get<Address>("f.ip6").is_ip6());
}

TEST_CASE("no lie passes for the result that was asked for") {
  Random random(1);
  const Result truth = plausible_result(ask(), kFirst, kLast, random);
  std::set<std::string> kinds;
  for (int i = 0; i < 100; ++i) {
    const std::string lie = lie_about(truth, random);
    try {
      const Message message = decode(lie, Registry::core());
      const auto* const result = message.find<Result>();
      const bool fits = result != nullptr && result->token() == truth.token() &&
                        result->schema() == truth.schema();
      CHECK(!fits);
      kinds.insert(result == nullptr            ? "no result"
                   : result->token() == "asked" ? "other"
                                                : "nobody");
    } catch (const Error&) {
      kinds.insert("unreadable");
    }
  }
  CHECK(kinds.size() == 4);
}

TEST_CASE("capabilities are read from a file, one or many") {
  const test::ScratchFolder scratch;
  SimOptions options;
  const auto write = [&](const std::string& text) {
    options.capabilities = scratch.write("capabilities.json", text);
  };
  const std::string one = encode(offered_capabilities({}).at(0));
  write(one);
  CHECK(offered_capabilities(options).size() == 1);
  write(R"({"envelope": "capability", "version": 1, "contents": [)" + one + "," + one + "]}");
  CHECK(offered_capabilities(options).size() == 2);
  write(encode(ask()));
  CHECK_THROWS_WITH(offered_capabilities(options), Catch::Contains("no capability"));
  write("{");
  CHECK_THROWS_AS(offered_capabilities(options), Error);
  options.capabilities = scratch.path() / "missing";
  CHECK_THROWS_WITH(offered_capabilities(options), Catch::Contains("missing"));
}

TEST_CASE("an answer is put together from pieces of any size") {
  const std::string text =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    CAPTURE(size);
    ReplyParser parser;
    bool done = false;
    for (std::size_t at = 0; at < text.size(); at += size) {
      CHECK(!done);
      done = parser.put(std::string_view(text).substr(at, size));
    }
    REQUIRE(done);
    const HttpAnswer answer = parser.take();
    CHECK(answer.status == 503);
    CHECK(answer.body == "hello");
    CHECK(answer.retry_after == std::chrono::seconds(7));
    CHECK(answer.keeps_alive);
  }
}

TEST_CASE("an answer without a body, in chunks, or the last of a connection") {
  ReplyParser empty;
  CHECK(empty.put("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
  CHECK(!empty.take().keeps_alive);
  ReplyParser chunked;
  CHECK(
      chunked.put("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  CHECK(chunked.take().body == "abcde");
}

TEST_CASE("what is no answer, or more than one, is refused") {
  ReplyParser none;
  CHECK_THROWS_AS(none.put("SSH-2.0-OpenSSH\r\n\r\n"), Error);
  ReplyParser two;
  CHECK_THROWS_AS(two.put("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"),
                  Error);
}

struct Visitor final : Waiting {
  void enter() override { has_entered = true; }
  bool has_entered = false;
};

TEST_CASE("so many are let through at a time, in the order in which they came") {
  Turnstile turnstile(2);
  std::vector<Visitor> visitors(5);
  for (Visitor& visitor : visitors) turnstile.queue(visitor);
  const auto inside = [&] {
    std::string text;
    for (const Visitor& visitor : visitors) text += visitor.has_entered ? '1' : '0';
    return text;
  };
  CHECK(inside() == "11000");
  turnstile.give_up(visitors[2]);
  turnstile.leave();
  CHECK(inside() == "11010");
  turnstile.leave();
  turnstile.leave();
  CHECK(inside() == "11011");
  Visitor late;
  turnstile.leave();
  turnstile.queue(late);
  CHECK(late.has_entered);
}

}  // namespace
}  // namespace mplane
