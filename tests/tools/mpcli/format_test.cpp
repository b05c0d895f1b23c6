// The formats of results and lists, compared with files.

#include "client/loopback.hpp"
#include "golden.hpp"
#include "mplane/tools/csv.hpp"
#include "result_output.hpp"
#include "show_capability.hpp"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

Capability ping() {
  return Capability::measure("ping-average-ip4")
      .when("now ... future / 1s")
      .parameter("source.ip4", "127.0.0.1")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.us.mean")
      .result("delay.twoway.icmp.count")
      .token("c2b46837566bc3f6713fd2985f8d8eb2")
      .link("https://127.0.0.1:8890/")
      .build(Registry::core());
}

Result ping_result(const std::string& when, const int min) {
  const auto spec =
      ping().specify("now + 3s / 1s").set("destination.ip4", "127.0.0.1").token("t-1").build();
  return Result(spec)
      .measured(When::parse(when))
      .row({{"delay.twoway.icmp.us.min", min},
            {"delay.twoway.icmp.us.mean", min + 10},
            {"delay.twoway.icmp.count", 3}});
}

/// A column of each primitive, with what needs care in each format.
Result mixed_result() {
  const auto registry = Registry::decode(R"({"registry-format": "mplane-0",
      "registry-uri": "http://example.org/registry/mixed", "registry-revision": 0, "elements": [
      {"name": "s", "prim": "string"}, {"name": "n", "prim": "natural"},
      {"name": "r", "prim": "real"}, {"name": "b", "prim": "boolean"},
      {"name": "t", "prim": "time"}, {"name": "a", "prim": "address"},
      {"name": "u", "prim": "url"}]})");
  const auto capability = Capability::query("mixed")
                              .when("past ... future")
                              .parameter("n", "0 ... 10")
                              .metadata("s", "made for tests")
                              .result("s")
                              .result("n")
                              .result("r")
                              .result("b")
                              .result("t")
                              .result("a")
                              .result("u")
                              .build(registry);
  const auto spec =
      capability.specify("2015-06-01 ... 2015-06-02").set("n", 5).token("t-2").build();
  return Result(spec)
      .row({{"s", "plain"},
            {"n", 7},
            {"r", 0.5},
            {"b", true},
            {"t", Time::parse("2015-06-01 12:00:00")},
            {"a", Address::parse("2001:db8::/32")},
            {"u", Uri::parse("http://example.org/")}})
      .row({{"s", "\"quoted\", wörld\n\x1b[2J"}, {"n", 12345678901}, {"r", 2.0}, {"b", false}})
      .row({});
}

std::string written(const Format format, const std::vector<Result>& results,
                    const Expectation& expected = {}) {
  std::ostringstream out;
  const auto output = make_result_output(format, out, expected);
  for (const Result& result : results) output->add(result, "org.example.component.demo");
  output->finish();
  return out.str();
}

const std::map<std::string, Format> kFormats{{"table", Format::Table},
                                             {"json", Format::Json},
                                             {"ndjson", Format::Ndjson},
                                             {"csv", Format::Csv},
                                             {"prometheus", Format::Prometheus}};

}  // namespace

TEST_CASE("a result is written in each format", "[mpcli][format]") {
  const Result result = ping_result("2015-06-01 12:00:00 ... 2015-06-01 12:00:02.5", 33);
  for (const auto& [name, format] : kFormats) {
    check_golden("ping." + name, written(format, {result}));
  }
}

TEST_CASE("every primitive is written in each format", "[mpcli][format]") {
  for (const auto& [name, format] : kFormats) {
    check_golden("mixed." + name, written(format, {mixed_result()}));
  }
}

TEST_CASE("the runs of a repeated measurement are written in each format", "[mpcli][format]") {
  const std::vector<Result> runs{ping_result("2015-06-01 12:00:00", 33),
                                 ping_result("2015-06-01 12:01:00", 1234)};
  for (const auto& [name, format] : kFormats) {
    check_golden("runs." + name, written(format, runs, {.many = true}));
  }
}

TEST_CASE("the results of several components are written in each format", "[mpcli][format]") {
  for (const auto& [name, format] : kFormats) {
    std::ostringstream out;
    const auto output = make_result_output(format, out, {.many = true, .components = true});
    output->add(ping_result("2015-06-01 12:00:00", 33), "org.example.component.one");
    output->add(ping_result("2015-06-01 12:00:01", 1234), "org.example.component.two");
    output->fail("org.example.component.three");
    output->finish();
    check_golden("components." + name, out.str());
  }
}

TEST_CASE("results are summed up in each format", "[mpcli][format]") {
  std::vector<Result> runs;
  for (int i = 1; i <= 100; ++i) runs.push_back(ping_result("2015-06-01 12:00:00", i));
  const auto spec =
      ping().specify("now + 3s / 1s").set("destination.ip4", "127.0.0.1").token("t").build();
  for (int i = 0; i < 25; ++i) {
    runs.push_back(Result(spec).measured(When::parse("2015-06-01")).row({}));  // nobody answered
  }
  for (const auto& [name, format] : kFormats) {
    check_golden("summary." + name, written(format, runs, {.many = true, .summary = true}));
  }
}

TEST_CASE("a summary of nothing has no figures", "[mpcli][format]") {
  CHECK(written(Format::Csv, {}, {.summary = true}) ==
        "column,rows,loss,min,mean,p50,p90,p99,max\n");
}

TEST_CASE("results of another order of columns are put in order", "[mpcli][format]") {
  const auto other = Capability::measure("ping-average-ip4")
                         .when("now ... future / 1s")
                         .parameter("source.ip4", "127.0.0.1")
                         .parameter("destination.ip4")
                         .result("delay.twoway.icmp.count")
                         .result("delay.twoway.icmp.us.mean")
                         .result("delay.twoway.icmp.us.min")
                         .build(Registry::core());
  const auto spec = other.specify("now + 3s / 1s").set("destination.ip4", "127.0.0.1").build();
  const Result result = Result(spec)
                            .measured(When::parse("2015-06-01"))
                            .row({{"delay.twoway.icmp.us.min", 1},
                                  {"delay.twoway.icmp.us.mean", 2},
                                  {"delay.twoway.icmp.count", 3}});
  const std::string csv =
      written(Format::Csv, {ping_result("2015-06-01", 33), result}, {.components = true});
  CHECK_THAT(csv, Catch::EndsWith("\norg.example.component.demo,1,2,3\n"));
}

TEST_CASE("a table's heading stands out on a terminal that has colours", "[mpcli][format]") {
  const std::string table =
      written(Format::Table, {ping_result("2015-06-01", 33)}, {.screen = {0, true}});
  CHECK_THAT(table, Catch::Contains("\n\x1b[1mdelay.twoway.icmp.us.min") &&
                        Catch::Contains("count\x1b[0m\n"));
}

TEST_CASE("a capability is explained", "[mpcli][format]") {
  check_golden("explain.table", explain(ping(), "org.example.component.demo", 0));
  check_golden("explain-40-columns.table", explain(ping(), "org.example.component.demo", 40));
  std::ostringstream out;
  write_explanations(ping(), *make_row_output(Format::Csv, out, {}));
  check_golden("explain.csv", out.str());
}

TEST_CASE("no result at all is written in each format", "[mpcli][format]") {
  CHECK(written(Format::Table, {}).empty());
  CHECK(written(Format::Json, {}, {.many = true}) == "[]\n");
  CHECK(written(Format::Ndjson, {}).empty());
  CHECK(written(Format::Csv, {}).empty());
  CHECK(written(Format::Prometheus, {}) == "# EOF\n");
}

TEST_CASE("a table that does not fit the terminal is turned on its side", "[mpcli][format]") {
  const Result result = ping_result("2015-06-01 12:00:00", 33);
  check_golden("ping-40-columns.table", written(Format::Table, {result}, {.screen = {40, false}}));
}

TEST_CASE("rows appear as they come where a row is a line", "[mpcli][format]") {
  for (const Format format : {Format::Ndjson, Format::Csv}) {
    std::ostringstream out;
    const auto output = make_result_output(format, out, {.many = true});
    output->add(ping_result("2015-06-01 12:00:00", 33), "");
    CHECK_THAT(out.str(), Catch::Contains("33") && Catch::EndsWith("\n"));
  }
}

TEST_CASE("an empty cell on its own is not an empty line", "[mpcli][format]") {
  CHECK(csv_line({""}) == "\"\"\n");
  CHECK(csv_line({"", ""}) == ",\n");
  CHECK(csv_line({"a\rb", "c"}) == "\"a\rb\",c\n");
}

TEST_CASE("capabilities are listed in each format", "[mpcli][format]") {
  const std::vector<Capability> all{
      ping(), decode_as<Capability>(loopback_capability(R"("token":"cap","link":"http://x/",)"),
                                    registry())};
  check_golden("list.table", list_as_table(all));
  check_golden("list.json", list_as_json(all));
  check_golden("list.ndjson", list_as_ndjson(all));
  check_golden("list.csv", list_as_csv(all));
  CHECK(list_as_table({}).empty());
  CHECK(list_as_json({}) == "[]\n");
  CHECK(list_as_ndjson({}).empty());
}

TEST_CASE("a capability is described", "[mpcli][format]") {
  check_golden("show.table", describe(ping(), "org.example.component.demo"));
}
