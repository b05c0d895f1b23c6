#include "question_tokens.hpp"

#include "mplane/model/registry.hpp"

#include <chrono>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::detail::QuestionTokens;

namespace {

constexpr Instant kStart{std::chrono::seconds(1'800'000'000)};

RunName run(const std::string& name = "run", const Instant start = kStart) { return {name, start}; }

Registration offer(const std::string& component, const std::string& label = "ping") {
  return {component, Capability::measure(label)
                         .when("now ... future")
                         .parameter("destination.ip4")
                         .result("delay.twoway.icmp.us.min")
                         .build(Registry::core())};
}

}  // namespace

TEST_CASE("a run's questions have the tokens that another process with the key gives them",
          "[supervisor][tokens]") {
  const QuestionTokens before(std::string(32, 'k'));
  const QuestionTokens after(std::string(32, 'k'));
  const QuestionTokens other(std::string(32, 'l'));
  const QuestionTokens without("");
  CHECK(before.of(run(), offer("a")) == after.of(run(), offer("a")));
  CHECK(before.of(run(), offer("a")).size() == 32);
  CHECK(before.of(run(), offer("a")) != other.of(run(), offer("a")));
  CHECK(before.of(run(), offer("a")) != without.of(run(), offer("a")));
}

TEST_CASE("no two questions have the same token", "[supervisor][tokens]") {
  const QuestionTokens tokens(std::string(32, 'k'));
  const Value first = Value::parse(Primitive::Address, "192.0.2.1");
  const Value second = Value::parse(Primitive::Address, "192.0.2.2");
  const std::set<std::string> all{
      tokens.of(run(), offer("a")),        tokens.of(run("another"), offer("a")),
      tokens.of(run(), offer("b")),        tokens.of(run(), offer("a", "trace")),
      tokens.of(run(), offer("a"), first), tokens.of(run(), offer("a"), second),
      tokens.of({}, offer("a")),           tokens.of({}, offer("a")),
  };
  CHECK(all.size() == 8);
}

TEST_CASE("tokens are in the order of what they are for", "[supervisor][tokens]") {
  const QuestionTokens tokens(std::string(32, 'k'));
  std::string last;
  for (int second = 0; second < 100; ++second) {
    const std::string next =
        tokens.of(run("run", kStart + std::chrono::seconds(second)), offer("a"));
    CHECK(last < next);
    last = next;
  }
  CHECK(tokens.of(run(), offer("a")).starts_with("01a3185c5000"));
  CHECK(tokens.of(run("run", Instant(std::chrono::seconds(-1))), offer("a"))
            .starts_with("000000000000"));
  CHECK(tokens.of({"", kStart}, offer("a")).starts_with("01a3185c5000"));
}

TEST_CASE("a process of another version gives a run's questions the same tokens",
          "[supervisor][tokens]") {
  const QuestionTokens tokens(std::string(32, 'k'));
  CHECK(tokens.of(run(), offer("a")) == "01a3185c50004a98d165ceadef7b4628");
}
