#include "mplane/model/result.hpp"

#include "error_of.hpp"
#include "samples.hpp"

#include <set>

using mplane::ErrorKind;
using mplane::Ip4;
using mplane::Result;
using mplane::Value;
using mplane::When;

TEST_CASE("a result takes label, metadata, parameters, columns and token of its specification",
          "[result]") {
  const auto specification =
      samples::ping_once().with_metadata("System_version", "1").with_link("https://h/");
  const Result result(specification);
  CHECK(result.verb() == "measure");
  CHECK(result.label() == "ping");
  CHECK(result.metadata() == specification.metadata());
  CHECK(result.get<Ip4>("destination.ip4") == Ip4::parse("10.0.37.2"));
  CHECK(result.schema() == specification.schema());
  CHECK(result.has_token());
  CHECK(result.token() == specification.token());
  CHECK(result.constraint("source.ip4").is_any());
  CHECK_FALSE(result.link());
  CHECK(result.row_count() == 0);
  CHECK(result.rows().empty());
}

TEST_CASE("a result says what really was measured", "[result]") {
  const auto first = When::parse("2017-12-24 22:18:42.993").start().instant();
  const Result result = Result(samples::ping_once())
                            .measured(first, first + std::chrono::seconds(60))
                            .parameter("destination.ip4", "10.0.37.9")
                            .with_metadata("System_version", "2");
  CHECK(to_string(result.when()) == "2017-12-24 22:18:42.993000 ... 2017-12-24 22:19:42.993000");
  CHECK(result.get<Ip4>("destination.ip4") == Ip4::parse("10.0.37.9"));
  CHECK(result.find_metadata("System_version") != nullptr);
}

TEST_CASE("a result is built step by step", "[result]") {
  Result result(samples::ping_once());
  result.row({{"delay.twoway.icmp.us.min", 1}}).row({Value(2), Value(3)});
  result.with_token("t").with_link("https://r/").with_export("udp://r:3");
  CHECK(result.row_count() == 2);
  CHECK(result.token() == "t");
  CHECK(result.link() == "https://r/");
  CHECK(result.export_url() == "udp://r:3");
}

TEST_CASE("rows are read by the names of columns", "[result]") {
  const Result result = Result(samples::ping_once())
                            .row({{"delay.twoway.icmp.count", 60}, {"delay.twoway.icmp.us.min", 5}})
                            .row({{"delay.twoway.icmp.count", 0}});
  std::vector<std::uint64_t> counts;
  for (const auto& row : result.rows()) {
    counts.push_back(row.get<std::uint64_t>("delay.twoway.icmp.count"));
  }
  CHECK(counts == std::vector<std::uint64_t>{60, 0});
  const auto rows = result.rows();
  CHECK(rows[0].value("delay.twoway.icmp.us.min") == Value(5));
  CHECK(rows[0].value(0) == Value(5));
  CHECK(rows[1].index() == 1);
  CHECK_FALSE(rows[1].has_value("delay.twoway.icmp.us.min"));
  const auto none = error_of([&] { rows[1].get<std::uint64_t>("delay.twoway.icmp.us.min"); });
  CHECK(none.kind() == ErrorKind::Mismatch);
  CHECK(none.where() == "delay.twoway.icmp.us.min");
  CHECK(error_of([&] { rows[1].value("no.such"); }).kind() == ErrorKind::Mismatch);
}

TEST_CASE("a row is added whole or not at all", "[result]") {
  Result result(samples::ping_once());
  const auto bad_value = error_of([&] {
    result.row({{"delay.twoway.icmp.us.min", 1}, {"delay.twoway.icmp.count", "many"}});
  });
  CHECK(bad_value.kind() == ErrorKind::Malformed);
  CHECK(bad_value.where() == "resultvalues/delay.twoway.icmp.count");
  CHECK(error_of([&] { result.row({{"no.such", 1}}); }).kind() == ErrorKind::Mismatch);
  CHECK(error_of([&] { result.row(std::vector<Value>{1}); }).message() == "1 values for 2 columns");
  CHECK(result.row_count() == 0);
}

TEST_CASE("a copy of a result is as it was when the other changes", "[result]") {
  Result result(samples::ping_once());
  result.row({Value(60), Value(5)}).measured(When::parse("2026-11-22 09:00:00"));
  const Result before = result;
  Result changed = result;
  changed.row({Value(70), Value(6)}).measured(When::parse("2026-11-22 10:00:00"));
  changed.with_token("another").parameter("destination.ip4", Ip4::parse("10.0.0.2"));
  changed.rows_from(changed);
  CHECK(result == before);
  CHECK(result.row_count() == 1);
  CHECK(to_string(result.when()) == "2026-11-22 09:00:00.000000");
  CHECK(changed.row_count() == 4);
  result.row({Value(80), Value(7)});
  CHECK(before.row_count() == 1);
  CHECK(changed.row_count() == 4);
}

TEST_CASE("parameters of a result are checked", "[result]") {
  Result result(samples::ping_once());
  const auto error = error_of([&] { result.parameter("destination.ip4", 5); });
  CHECK(error.where() == "parameters/destination.ip4");
  CHECK(error_of([&] { result.parameter("no.such", 5); }).kind() == ErrorKind::Mismatch);
}

TEST_CASE("rows come from another result of the schema, in its own order of columns", "[result]") {
  const auto reversed = samples::decode_as<mplane::Specification>(samples::json_now(
      "specification",
      R"(, "parameters": {"source.ip4": "10.0.27.2", "destination.ip4": "10.0.0.1"},
      "results": ["delay.twoway.icmp.count", "delay.twoway.icmp.us.min"])"));
  Result all(samples::ping_once());
  all.rows_from(Result(reversed).row({Value(60), Value(5)}));
  all.rows_from(all);
  REQUIRE(all.row_count() == 2);
  CHECK(all.rows()[1].value("delay.twoway.icmp.count") == Value(60));
  CHECK(all.rows()[1].value("delay.twoway.icmp.us.min") == Value(5));

  const Result other(samples::decode_as<mplane::Specification>(samples::json_now("specification")));
  CHECK(error_of([&] { all.rows_from(other); }).kind() == ErrorKind::Mismatch);
}

TEST_CASE("results are equal when their rows are, whatever the order of columns", "[result]") {
  const auto text = [](const std::string& columns, const std::string& row) {
    return samples::json("result", R"(, "when": "2015-01-01", "results": [)" + columns +
                                       R"(], "resultvalues": [[)" + row + "]]");
  };
  const auto one = samples::decode(text(R"("time", "packets.lost")", R"("2015-01-01", 5)"));
  CHECK(one == samples::decode(text(R"("packets.lost", "time")", R"(5, "2015-01-01")")));
  CHECK(one != samples::decode(text(R"("time", "packets.lost")", R"("2015-01-01", 6)")));
}
