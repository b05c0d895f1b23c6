#include "choice.hpp"

#include "lots.hpp"
#include "mplane/model/json.hpp"
#include "offers.hpp"
#include "round_memory.hpp"
#include "supervisor/probe.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

Capability loop(const std::string& input = "*", const std::string& as = "*") {
  return decode_as<Capability>(loop_capability("loop", input, as), registry());
}

/// One that says nothing of its AS.
Capability without_as() {
  std::string text = loop_capability();
  const std::string metadata = R"("metadata":{"observer.as":"*"},)";
  text.erase(text.find(metadata), metadata.size());
  return decode_as<Capability>(text, registry());
}

Specification asked(const Metadata& metadata, const std::string& token = "t") {
  auto builder = loop().specify("now").set("test.input", "x").token(token);
  for (const auto& [element, value] : metadata) {
    builder = std::move(builder).metadata(element, value);
  }
  return std::move(builder).build();
}

/// Where and why something is refused.
std::string refusal(const std::function<void()>& act) {
  try {
    act();
    return "";
  } catch (const Error& error) {
    return error.where() + ": " + error.message();
  }
}

constexpr SelectionChoices kAll{true, true, true, true, true};

std::string names(const std::vector<Registration>& offers) {
  std::string names;
  for (const Registration& one : offers) names += one.component;
  return names;
}

Specification list_of(const std::string& list) {
  return Capability::measure("mesh")
      .when("now ... future")
      .parameter("composition.list")
      .result("test.output")
      .build(registry())
      .specify("now")
      .set("composition.list", list)
      .build();
}

std::string items(const std::string& element, const std::string& list) {
  const Composition composition{
      .label = "mesh", .of = "loop", .answer = Composition::Answer::Split, .split = element};
  std::string text;
  for (const Value& item : detail::items_of(composition, list_of(list))) {
    text += (text.empty() ? "" : "|") + to_string(item);
  }
  return text;
}

}  // namespace

TEST_CASE("a client chooses within what the operator selects", "[supervisor][choice]") {
  const Composition open{.label = "mesh",
                         .of = "loop",
                         .selection = {.lots = {.sample = 5, .seed = 1}},
                         .choices = kAll};
  const auto choice = detail::choice_of(open, asked({{"composition.components", "a*, b"},
                                                     {"composition.sample", 3},
                                                     {"composition.seed", 9},
                                                     {"composition.spread", "observer.as"}}));
  CHECK(choice.components == std::vector<std::string>{"a*", "b"});
  CHECK(choice.lots.sample == 3);
  CHECK(choice.lots.seed == 9);
  CHECK(choice.lots.spread == "observer.as");
  CHECK_FALSE(choice.same_as);
  const auto same = detail::choice_of(open, asked({{"composition.same-as", "t"}}));
  CHECK(same.same_as == "t");
  const auto none = detail::choice_of(open, asked({}));
  CHECK(none.components.empty());
  CHECK(none.lots.sample == 5);
  CHECK(none.lots.seed == 1);
}

TEST_CASE("what a client may not choose is refused", "[supervisor][choice]") {
  struct Case {
    Composition composition;
    Metadata metadata;
    std::string refusal;
  };
  const Composition closed{.label = "mesh", .of = "loop"};
  const Composition open{
      .label = "mesh", .of = "loop", .selection = {.lots = {.sample = 5}}, .choices = kAll};
  const Composition all{.label = "mesh", .of = "loop", .choices = kAll};
  const std::string not_yours = " is not what the operator lets clients choose";
  const std::vector<Case> cases{
      {closed,
       {{"composition.components", "a"}},
       "metadata/composition.components: \"a\"" + not_yours},
      {closed, {{"composition.sample", 1}}, "metadata/composition.sample: \"1\"" + not_yours},
      {closed, {{"composition.seed", 1}}, "metadata/composition.seed: \"1\"" + not_yours},
      {closed, {{"composition.spread", "a"}}, "metadata/composition.spread: \"a\"" + not_yours},
      {closed, {{"composition.same-as", "a"}}, "metadata/composition.same-as: \"a\"" + not_yours},
      {open, {{"composition.sample", 0}}, "metadata/composition.sample: \"0\" would ask nobody"},
      {open,
       {{"composition.sample", 6}},
       "metadata/composition.sample: \"6\" is more than the operator lets clients ask, which is 5"},
      {open,
       {{"composition.spread", "a"}},
       "metadata/composition.spread: \"a\" is no element of the registry"},
      {all,
       {{"composition.spread", "observer.as"}},
       "metadata/composition.spread: \"observer.as\" spreads a sample, and there is none"},
      {open,
       {{"composition.same-as", "a"}, {"composition.seed", 1}},
       "metadata/composition.same-as: \"a\" has chosen already: composition.seed is of no use "
       "beside it"}};
  for (const Case& one : cases) {
    CHECK(refusal([&] { detail::choice_of(one.composition, asked(one.metadata)); }) == one.refusal);
  }
}

TEST_CASE("a list is read by the primitive of its items, each once", "[supervisor][choice]") {
  CHECK(items("destination.ip4", "192.0.2.1") == "192.0.2.1");
  CHECK(items("destination.ip4", " 192.0.2.2 ,192.0.2.1,192.0.2.2") == "192.0.2.2|192.0.2.1");
  CHECK(items("destination.ip6", "2001:db8::1,2001:DB8:0::1") == "2001:db8::1");
  CHECK(items("observer.as", "1,10E2") == "1|1000");
  for (const std::string list : {"", ",", "192.0.2.1,", "*", "192.0.2.1,x"}) {
    CAPTURE(list);
    CHECK(refusal([&] { items("destination.ip4", list); }).find("parameters/composition.list: ") ==
          0);
  }
  std::string many = "0";
  for (std::size_t i = 1; i < 1'000; ++i) many += "," + std::to_string(i);
  CHECK_NOTHROW(items("observer.as", many));
  CHECK(refusal([&] { items("observer.as", many + ",1000"); }) ==
        "parameters/composition.list: has more than 1000 items");
  // Also those that are there already count: each has to be read.
  CHECK(refusal([&] { items("observer.as", many + ",0"); }) ==
        "parameters/composition.list: has more than 1000 items");
}

TEST_CASE("a client names a bounded number of components", "[supervisor][choice]") {
  const Composition open{.label = "mesh", .of = "loop", .choices = kAll};
  std::string names = "a";
  for (int i = 1; i < 256; ++i) names += ",a";
  CHECK(detail::choice_of(open, asked({{"composition.components", names}})).components.size() ==
        256);
  const std::string refused = refusal([&] {
    detail::choice_of(open, asked({{"composition.components", names + ",a"}}));
  });
  CHECK(refused.find("metadata/composition.components: \"a,a,") == 0);
  CHECK(refused.find(" has more than 256 names") != std::string::npos);
}

TEST_CASE("items are dealt in turn to those that take them", "[supervisor][choice]") {
  const std::vector<Registration> offers{{"a", loop()}, {"b", loop("x,z")}, {"c", loop("x,y")}};
  const auto deal = [&](const std::vector<Value>& dealt, const std::vector<Registration>& among) {
    std::vector<Value> refused;
    std::string text;
    for (const auto& one : detail::dealt(dealt, among, "test.input", refused)) {
      text += to_string(one.item) + one.offer.component + " ";
    }
    for (const Value& one : refused) text += "!" + to_string(one);
    return text;
  };
  CHECK(deal({"x", "x", "x", "x"}, offers) == "xa xb xc xa ");
  CHECK(deal({"x", "y", "z", "w"}, offers) == "xa yc za wa ");
  CHECK(deal({"w", "x"}, {offers[1], offers[2]}) == "xb !w");
  CHECK(deal({"w"}, {}) == "!w");
}

TEST_CASE("a sample is spread over the values of what components say", "[supervisor][offers]") {
  std::vector<Registration> offers;
  std::map<std::string, std::string> as_of;
  for (int i = 0; i < 30; ++i) {  // 20 of one, 8 of another, 2 that do not say, in two ways
    const std::string name(1, static_cast<char>('A' + i));
    as_of[name] = i < 20 ? "1" : i < 28 ? "2" : "*";
    offers.push_back({name, i < 29 ? loop("*", as_of[name]) : without_as()});
  }
  const auto counts = [&](const std::size_t sample, const std::uint64_t seed) {
    std::map<std::string, int> drawn;
    for (const auto& one :
         detail::drawn(offers, {.sample = sample, .seed = seed, .spread = "observer.as"})) {
      ++drawn[as_of[one.component]];
    }
    return drawn;
  };
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CHECK(counts(3, seed) == std::map<std::string, int>{{"*", 1}, {"1", 1}, {"2", 1}});
    CHECK(counts(10, seed) == std::map<std::string, int>{{"*", 2}, {"1", 4}, {"2", 4}});
    CHECK(counts(25, seed) == std::map<std::string, int>{{"*", 2}, {"1", 15}, {"2", 8}});
  }
  const Lots lots{.sample = 6, .seed = 3, .spread = "observer.as"};
  const std::string some = names(detail::drawn(offers, lots));
  CHECK(std::is_sorted(some.begin(), some.end()));  // in the order of the offers
  std::reverse(offers.begin(), offers.end());
  std::string others = names(detail::drawn(offers, lots));
  std::reverse(others.begin(), others.end());
  CHECK(others == some);
}

TEST_CASE("a sample is of components, each with all that it offers", "[supervisor][offers]") {
  const auto named = [](const std::string& label) {
    return decode_as<Capability>(loop_capability(label), registry());
  };
  const std::vector<Registration> offers{{"a", named("one")},   {"b", named("one")},
                                         {"a", named("two")},   {"c", named("one")},
                                         {"a", named("three")}, {"b", named("two")}};
  CHECK(names(detail::drawn(offers, {.sample = 3})) == "abacab");
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const std::string one = names(detail::drawn(offers, {.sample = 1, .seed = seed}));
    CAPTURE(one);
    CHECK((one == "aaa" || one == "bb" || one == "c"));
    const std::string two = names(detail::drawn(offers, {.sample = 2, .seed = seed}));
    CAPTURE(two);
    CHECK((two == "abaab" || two == "aaca" || two == "bcb"));
  }
}

TEST_CASE("components are selected by what their metadata says", "[supervisor][offers]") {
  detail::Offers offers;
  offers.add({"a", loop("*", "3320")});
  offers.add({"b", loop("*", "559")});
  offers.add({"c", loop()});
  const auto with = [&](const std::vector<std::pair<std::string, std::string>>& metadata) {
    return names(offers.of({.label = "mesh", .of = "loop", .selection = {.metadata = metadata}}));
  };
  CHECK(with({}) == "abc");
  CHECK(with({{"observer.as", "3320"}}) == "a");
  CHECK(with({{"observer.as", "3*"}}) == "a");
  CHECK(with({{"observer.as", "3320"}, {"location.civil", "*"}}).empty());
}

TEST_CASE("who was asked is remembered by client, composition and token", "[supervisor][choice]") {
  detail::RoundMemory memory;
  const detail::Members some{{"a", "loop"}, {"b", "loop"}};
  memory.put("alice", "mesh", asked({}), some);
  CHECK(memory.find("alice", "mesh", "t") == some);
  for (const auto& [client, composition, token] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"bob", "mesh", "t"}, {"alice", "other", "t"}, {"alice", "mesh", "u"}}) {
    CHECK_THROWS_AS(memory.find(client, composition, token), Error);
  }
  memory.put("alice", "mesh", asked({}), {{"c", "loop"}});
  CHECK(memory.find("alice", "mesh", "t") == detail::Members{{"c", "loop"}});
}

TEST_CASE("a repeated measurement is remembered by its own token", "[supervisor][choice]") {
  detail::RoundMemory memory;
  const Specification run =
      asked({}).with_when(When::parse("repeat now + 1h / 1m")).run_at(Instant(Duration(12345678)));
  CHECK(run.token() == "t-12345678");
  memory.put("alice", "mesh", run, {{"a", "loop"}});
  CHECK_NOTHROW(memory.find("alice", "mesh", "t"));
}

TEST_CASE("the oldest is forgotten when there are too many", "[supervisor][choice]") {
  detail::RoundMemory memory;
  const auto put = [&](const std::string& token, const std::size_t members) {
    detail::Members some;
    for (std::size_t i = 0; i < members; ++i) some.emplace(std::to_string(i), "loop");
    memory.put("alice", "mesh", asked({}, token), some);
  };
  put("first", 1);
  for (std::size_t i = 1; i < detail::RoundMemory::kMost; ++i) put(std::to_string(i), 1);
  CHECK_NOTHROW(memory.find("alice", "mesh", "first"));
  put("one more", 1);
  CHECK_THROWS_AS(memory.find("alice", "mesh", "first"), Error);
  CHECK_NOTHROW(memory.find("alice", "mesh", "1"));
  put("large", detail::RoundMemory::kMostMembers + 1);
  CHECK(memory.find("alice", "mesh", "large").size() == detail::RoundMemory::kMostMembers + 1);
  CHECK_THROWS_AS(memory.find("alice", "mesh", "one more"), Error);
}
