#include "merge.hpp"

#include "lots.hpp"
#include "mplane/model/json.hpp"
#include "offers.hpp"
#include "supervisor/probe.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using detail::Part;

namespace {

Capability ping(const std::string& source, const std::string& destination = "*",
                const std::string& when = "now ... future / 1s") {
  return Capability::measure("ping")
      .when(when)
      .parameter("source.ip4", source)
      .parameter("destination.ip4", destination)
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.count")
      .build(registry());
}

std::vector<Registration> two_probes() {
  return {{"a", ping("192.0.2.1")}, {"b", ping("192.0.2.2")}};
}

Specification asked_of(const Capability& capability) {
  return capability.specify("now + 2s / 1s").set("destination.ip4", "192.0.2.9").build();
}

/// A component's result with rows of min and count; "*" is none.
Part part(const std::string& component, const std::vector<std::vector<Value>>& rows,
          const std::string& when = "2026-11-22 09:00:00 ... 2026-11-22 09:00:02") {
  Result result(
      ping("192.0.2.1").specify("now + 2s / 1s").set("destination.ip4", "192.0.2.9").build());
  result.measured(When::parse(when));
  for (const auto& row : rows) result.row(row);
  return {component, result};
}

Part failed(const std::string& component, const std::string& why) {
  return {component, Exception({}, why)};
}

}  // namespace

TEST_CASE("what each component has a value of its own for is not asked for above",
          "[supervisor][compose]") {
  const Composition composition{.label = "mesh", .of = "ping"};
  const Capability above = detail::composed(composition, two_probes(), registry());
  CHECK(above.label() == "mesh");
  CHECK(to_string(above.when()) == "now ... future / 1s");
  CHECK_FALSE(above.schema().find_parameter("source.ip4"));
  CHECK(above.constraint("destination.ip4").is_any());
  std::vector<std::string> columns;
  for (const Element* const column : above.schema().columns()) columns.push_back(column->name());
  CHECK(columns == std::vector<std::string>{"observer.device", "delay.twoway.icmp.us.min",
                                            "delay.twoway.icmp.count"});
  CHECK(above.token() == detail::composed(composition, two_probes(), registry()).token());
  const Composition other{.label = "other", .of = "ping"};
  CHECK(above.token() != detail::composed(other, two_probes(), registry()).token());
}

TEST_CASE("constraints are kept where all agree", "[supervisor][compose]") {
  const Composition composition{.label = "mesh", .of = "ping"};
  const auto above = [&](const std::string& one, const std::string& other) {
    return to_string(
        detail::composed(composition,
                         {{"a", ping("192.0.2.1", one)}, {"b", ping("192.0.2.2", other)}},
                         registry())
            .constraint("destination.ip4"));
  };
  CHECK(above("192.0.2.0/24", "192.0.2.0/24") == "192.0.2.0/24");
  CHECK(above("192.0.2.0/24", "*") == "*");
}

TEST_CASE("rows of all components are one table that names them", "[supervisor][merge]") {
  const Composition composition{.label = "mesh", .of = "ping"};
  const Specification asked = asked_of(detail::composed(composition, two_probes(), registry()));
  const Result all = detail::merged(
      composition, asked,
      {part("a", {{7, 2}}),
       part("b", {{9, 1}, {Value(), 0}}, "2026-11-22 09:00:01 ... 2026-11-22 09:00:04")});
  CHECK(text(all) == "a|7|2\nb|9|1\nb|*|0\n");
  CHECK(to_string(all.when()) == "2026-11-22 09:00:00.000000 ... 2026-11-22 09:00:04.000000");
  CHECK(all.find_metadata("composition.missing") == nullptr);
  CHECK(all.token() == asked.token());
}

TEST_CASE("who is missing is named with the reason", "[supervisor][merge]") {
  const Composition composition{.label = "mesh", .of = "ping"};
  const Specification asked = asked_of(detail::composed(composition, two_probes(), registry()));
  const Result all = detail::merged(composition, asked,
                                    {failed("a", "no route"), part("b", {{9, 1}}),
                                     failed("c", "the component did not answer in time")});
  CHECK(text(all) == "b|9|1\n");
  REQUIRE(all.find_metadata("composition.missing") != nullptr);
  CHECK(to_string(*all.find_metadata("composition.missing")) ==
        "a: no route; c: the component did not answer in time");
  try {
    detail::merged(composition, asked, {failed("a", "no route"), failed("b", "asleep")});
    FAIL("there is nothing to merge");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Failed);
    CHECK(error.message() == "no component has a result: a: no route; b: asleep");
  }
}

TEST_CASE("the list of the missing has an end", "[supervisor][merge]") {
  std::vector<Part> parts;
  for (int i = 0; i < 1000; ++i) parts.push_back(failed("probe-" + std::to_string(i), "asleep"));
  const std::string text = detail::missing_text(parts, 100);
  CHECK(text.size() <= 100);
  CHECK(text.size() > 80);
  CHECK(text.substr(text.size() - 5) == "; ...");
  const std::string one = detail::missing_text({failed("a", std::string(1'000'000, 'x'))});
  CHECK(one.size() < 300);
  CHECK(one.substr(0, 5) == "a: xx");
  CHECK(detail::missing_text({failed("a", "b")}, 9) == "a: b");
}

TEST_CASE("naturals are summed as they are, or not at all", "[supervisor][merge]") {
  const Composition composition{
      .label = "sum", .of = "ping", .aggregates = {{"delay.twoway.icmp.count", Aggregate::Sum}}};
  const Capability above = detail::composed(composition, two_probes(), registry());
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto sum = [&](const std::uint64_t a, const std::uint64_t b) {
    return text(detail::merged(composition, asked_of(above),
                               {part("a", {{Value(), a}}), part("b", {{Value(), b}})}));
  };
  CHECK(sum(kMost - 1, 1) == std::to_string(kMost) + "\n");
  CHECK(sum((1ULL << 53U) + 1, 0) == std::to_string((1ULL << 53U) + 1) + "\n");
  CHECK_THROWS_WITH(sum(kMost, 1), Catch::Contains("too large"));
}

TEST_CASE("a composition is made of what has its columns, and not yet its own",
          "[supervisor][offers]") {
  detail::Offers offers;
  const Capability mesh = Capability::measure("ping")
                              .when("now ... future / 1s")
                              .parameter("destination.ip4")
                              .result("observer.device")
                              .result("delay.twoway.icmp.us.min")
                              .build(registry());
  offers.add({"lower", mesh});
  offers.add({"a", ping("192.0.2.1")});
  const auto names = [&](const Composition& composition) {
    std::string found;
    for (const Registration& one : offers.of(composition)) found += one.component;
    return found;
  };
  CHECK(names({.label = "all", .of = "ping"}) == "a");
  CHECK(names({.label = "sum",
               .of = "ping",
               .aggregates = {{"delay.twoway.icmp.count", Aggregate::Sum}}}) == "a");
}

TEST_CASE("columns become one value over all components", "[supervisor][merge]") {
  struct Case {
    Aggregate aggregate;
    double percentile;
    std::string value;
  };
  const std::vector<Case> cases{
      {Aggregate::Min, 0, "1"},         {Aggregate::Max, 0, "10"},
      {Aggregate::Mean, 0, "5"},        {Aggregate::Sum, 0, "20"},
      {Aggregate::Count, 0, "4"},       {Aggregate::Percentile, 50, "4"},
      {Aggregate::Percentile, 75, "5"}, {Aggregate::Percentile, 100, "10"},
      {Aggregate::Percentile, 0, "1"}};
  for (const Case& one : cases) {
    const Composition composition{
        .label = "mesh",
        .of = "ping",
        .aggregates = {{"delay.twoway.icmp.us.min", one.aggregate, one.percentile}}};
    const Capability above = detail::composed(composition, two_probes(), registry());
    CHECK(above.schema().columns().size() == 1);
    const Result all =
        detail::merged(composition, asked_of(above),
                       {part("a", {{5, 1}, {Value(), 1}, {1, 1}}), part("b", {{10, 1}, {4, 1}})});
    CHECK(text(all) == one.value + "\n");
  }
}

TEST_CASE("a percentile is the value of the nearest rank", "[supervisor][merge]") {
  struct Case {
    double percentile;
    std::size_t count;
    std::string value;
  };
  const std::vector<Case> cases{{50, 1, "1"},     {50, 2, "1"},        {50, 3, "2"},
                                {7, 100, "7"},    {55, 100, "55"},     {95, 100, "95"},
                                {95, 101, "96"},  {99.9, 1000, "999"}, {99.9, 1001, "1000"},
                                {0.1, 1000, "1"}, {0.1, 1001, "2"}};
  for (const Case& one : cases) {
    const Composition composition{
        .label = "mesh",
        .of = "ping",
        .aggregates = {{"delay.twoway.icmp.us.min", Aggregate::Percentile, one.percentile}}};
    const Capability above = detail::composed(composition, two_probes(), registry());
    std::vector<std::vector<Value>> rows;
    for (std::size_t i = one.count; i > 0; --i) rows.push_back({i, 1});
    CAPTURE(one.percentile, one.count);
    CHECK(text(detail::merged(composition, asked_of(above), {part("a", rows)})) ==
          one.value + "\n");
  }
}

TEST_CASE("aggregates are of those that have a result, and name the others",
          "[supervisor][merge]") {
  const Composition composition{
      .label = "sum", .of = "ping", .aggregates = {{"delay.twoway.icmp.count", Aggregate::Sum}}};
  const Capability above = detail::composed(composition, two_probes(), registry());
  const Result all =
      detail::merged(composition, asked_of(above), {part("a", {{7, 2}}), failed("b", "asleep")});
  CHECK(text(all) == "2\n");
  REQUIRE(all.find_metadata("composition.missing") != nullptr);
  CHECK(to_string(*all.find_metadata("composition.missing")) == "b: asleep");
}

TEST_CASE("of a split a list is asked for, and each row tells its item", "[supervisor][merge]") {
  const Composition composition{.label = "mesh",
                                .of = "ping",
                                .answer = Composition::Answer::Split,
                                .split = "destination.ip4"};
  const Capability above = detail::composed(composition, two_probes(), registry());
  CHECK_FALSE(above.schema().find_parameter("destination.ip4"));
  REQUIRE(above.schema().find_parameter("composition.list"));
  std::string columns;
  for (const Element* const column : above.schema().columns()) columns += column->name() + " ";
  CHECK(columns ==
        "observer.device destination.ip4 delay.twoway.icmp.us.min "
        "delay.twoway.icmp.count ");
  const auto item = [](Part of, const std::string& target) {
    of.item = Value::parse(Primitive::Address, target);
    return of;
  };
  const Specification asked =
      above.specify("now + 2s / 1s").set("composition.list", "192.0.2.1,192.0.2.2").build();
  const Result all = detail::merged(
      composition, asked,
      {item(part("a", {{7, 2}}), "192.0.2.1"), item(failed("b", "asleep"), "192.0.2.2"),
       item(failed("", "no component takes it"), "192.0.2.3")});
  CHECK(text(all) == "a|192.0.2.1|7|2\n");
  CHECK(to_string(*all.find_metadata("composition.missing")) ==
        "192.0.2.2 (b): asleep; 192.0.2.3: no component takes it");
  // Which constraints they have for it is each component's own matter.
  const Capability narrow = ping("192.0.2.7", "192.0.2.0/24");
  CHECK(detail::leaves_as_it_is(composition, above, ping("192.0.2.1"), narrow));
  CHECK(detail::keeps_as_it_is(composition, above, narrow));
}

TEST_CASE("without any value there is no minimum, but a count", "[supervisor][merge]") {
  const Composition composition{.label = "mesh",
                                .of = "ping",
                                .aggregates = {{"delay.twoway.icmp.us.min", Aggregate::Min},
                                               {"delay.twoway.icmp.count", Aggregate::Count}}};
  const Capability above = detail::composed(composition, two_probes(), registry());
  CHECK(text(detail::merged(composition, asked_of(above), {part("a", {{Value(), Value()}})})) ==
        "*|0\n");
}

TEST_CASE("components are selected by name, kind and lot", "[supervisor][offers]") {
  detail::Offers offers;
  const auto names = [&](const Selection& selection, const std::string& of = "ping") {
    std::string all;
    const Composition mesh{.label = "mesh", .of = of, .selection = selection};
    for (const auto& one : detail::drawn(offers.of(mesh), selection.lots)) all += one.component;
    return all;
  };
  CHECK(names({}).empty());
  const Capability loop = decode_as<Capability>(loop_capability("ping"), registry());
  for (const std::string name : {"a", "b", "c", "d"}) offers.add({name, ping("192.0.2.1")});
  offers.add({"e", loop});
  CHECK(names({}) == "abcd");
  CHECK(names({.components = {"b", "d*", "e"}}) == "bd");
  CHECK(names({.components = {"e"}}) == "e");
  CHECK(names({}, "loop").empty());
  CHECK(names({.lots = {.sample = 2}}).size() == 2);
  CHECK(names({.lots = {.sample = 2, .seed = 7}}) == names({.lots = {.sample = 2, .seed = 7}}));
  CHECK(names({.lots = {.sample = 9}}) == "abcd");
  offers.remove({"a", ping("192.0.2.1")});
  CHECK(names({}) == "bcd");
}

TEST_CASE("the first that stays shows whether a composition does", "[supervisor][compose]") {
  const Composition composition{.label = "mesh", .of = "ping"};
  const auto above = [&](const std::vector<Registration>& offers) {
    return detail::composed(composition, offers, registry());
  };
  const Capability narrow = ping("192.0.2.1", "192.0.2.0/24");
  const Capability wide = ping("192.0.2.2");
  CHECK(detail::keeps_as_it_is(composition, above({{"a", narrow}, {"b", narrow}}), narrow));
  CHECK(detail::keeps_as_it_is(composition, above({{"a", narrow}, {"b", wide}}), wide));
  CHECK_FALSE(detail::keeps_as_it_is(composition, above({{"a", narrow}, {"b", wide}}), narrow));
  const Capability later = ping("192.0.2.1", "192.0.2.0/24", "now ... future / 2s");
  CHECK_FALSE(detail::keeps_as_it_is(composition, above({{"a", narrow}, {"b", narrow}}), later));

  detail::Offers offers;
  CHECK_FALSE(offers.first_of(composition, narrow));
  offers.add({"a", decode_as<Capability>(loop_capability("ping"), registry())});
  CHECK_FALSE(offers.first_of(composition, narrow));
  offers.add({"b", wide});
  REQUIRE(offers.first_of(composition, narrow));
  CHECK(offers.first_of(composition, narrow)->component == "b");
  CHECK_FALSE(
      offers.first_of({.label = "mesh", .of = "ping", .selection = {.components = {"c"}}}, narrow));
}

TEST_CASE("a lot does not depend on who came first", "[supervisor][offers]") {
  const auto drawn = [](const std::string& names, const std::uint64_t seed) {
    detail::Offers offers;
    for (const char name : names) offers.add({std::string(1, name), ping("192.0.2.1")});
    const Selection selection{.lots = {.sample = 4, .seed = seed}};
    std::string some;
    const Composition mesh{.label = "mesh", .of = "ping", .selection = selection};
    for (const auto& one : detail::drawn(offers.of(mesh), selection.lots)) some += one.component;
    std::sort(some.begin(), some.end());
    return some;
  };
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(drawn("abcdefgh", seed) == drawn("hgfedcba", seed));
    CHECK(drawn("abcdefgh", seed).size() == 4);
    different.insert(drawn("abcdefgh", seed));
  }
  CHECK(different.size() > 10);
}

TEST_CASE("what no composition can be made of is refused by its label", "[supervisor][compose]") {
  const auto refusal = [](const std::vector<Composition>& compositions) -> std::string {
    try {
      check_compositions(compositions, registry());
      return "";
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Invalid);
      return error.where() + ": " + error.message();
    }
  };
  const Composition good{.label = "mesh", .of = "ping"};
  CHECK(refusal({good}).empty());
  CHECK(refusal({good, good}) == "mesh: another composition has that label");
  CHECK(refusal({{.label = "a mesh", .of = "ping"}}).find("\"a mesh\" is not 1 to 128") !=
        std::string::npos);
  CHECK(refusal({{.label = "mesh", .of = "ping", .selection = {.lots = {.sample = 0}}}}) ==
        "mesh: a sample of none has no answer");
  CHECK(refusal(
            {{.label = "mesh", .of = "ping", .selection = {.lots = {.spread = "observer.as"}}}}) ==
        "mesh: what is spread is a sample, and there is none");
  for (const Selection& selection : {Selection{.lots = {.sample = 2, .spread = "observer.us"}},
                                     Selection{.metadata = {{"observer.us", "*"}}}}) {
    CHECK(refusal({{.label = "mesh", .of = "ping", .selection = selection}})
              .find("\"observer.us\" is no element") != std::string::npos);
  }
  constexpr auto kSplit = Composition::Answer::Split;
  CHECK(refusal({{.label = "mesh", .of = "ping", .answer = kSplit}}) ==
        "mesh: a split needs the parameter that it is of");
  CHECK(refusal({{.label = "mesh", .of = "ping", .split = "destination.ip4"}}) ==
        "mesh: it has a parameter to be split, but is no split");
  CHECK(refusal({{.label = "mesh",
                  .of = "ping",
                  .answer = kSplit,
                  .split = "destination.ip4",
                  .list = "observer.as"}}) ==
        "mesh: observer.as is no string, so it cannot have a list");
  const auto percentile = [](const double of) {
    return Composition{.label = "mesh",
                       .of = "ping",
                       .aggregates = {{"delay.twoway.icmp.us.min", Aggregate::Percentile, of}}};
  };
  CHECK(refusal({percentile(100)}).empty());
  const auto aggregate = [&](const std::string& column, const Aggregate how) {
    return refusal({{.label = "mesh", .of = "ping", .aggregates = {{column, how}}}});
  };
  CHECK(aggregate("source.ip4", Aggregate::Min).find("no such aggregate") != std::string::npos);
  CHECK(aggregate("test.output", Aggregate::Mean).find("no such aggregate") != std::string::npos);
  CHECK(aggregate("test.output", Aggregate::Count).find("no such aggregate") != std::string::npos);
  CHECK(aggregate("test.output", Aggregate::Min).empty());
  for (const double wrong : {-1.0, 100.5, std::nan("")}) {
    CHECK(refusal({percentile(wrong)}) ==
          "mesh: the percentile of delay.twoway.icmp.us.min is not 0 to 100");
  }
}

TEST_CASE("one more component leaves a composition as it is, or does not",
          "[supervisor][compose]") {
  const Composition composition{.label = "mesh", .of = "ping"};
  const std::vector<Registration> offers{{"a", ping("192.0.2.1", "192.0.2.0/24")}};
  const Capability& first = offers[0].capability;
  const Capability above = detail::composed(composition, offers, registry());
  CHECK(detail::leaves_as_it_is(composition, above, first, ping("192.0.2.2", "192.0.2.0/24")));
  CHECK_FALSE(
      detail::leaves_as_it_is(composition, above, first, ping("192.0.2.2", "192.0.2.0/25")));
  CHECK_FALSE(detail::leaves_as_it_is(composition, above, first, ping("*", "192.0.2.0/24")));
  CHECK(detail::leaves_as_it_is(composition, above, first,
                                decode_as<Capability>(loop_capability("ping"), registry())));
}
