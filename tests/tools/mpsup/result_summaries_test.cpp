#include "mpsup/result_summaries.hpp"

#include "mplane/model/json.hpp"
#include "mplane/model/result.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

const Instant kNoon = Time::parse("2026-11-22 12:00:00").instant();

void add_ping(ResultSummaries& summaries, const std::string& component, const std::string& target,
              const unsigned delay) {
  const Capability capability = Capability::measure("ping")
                                    .when("now ... future")
                                    .parameter("destination.ip4")
                                    .result("delay.twoway.icmp.us.min")
                                    .result("observer.device")
                                    .build(Registry::core());
  const Result result = Result(capability.specify("now").set("destination.ip4", target).build())
                            .measured(kNoon, kNoon)
                            .row({{"delay.twoway.icmp.us.min", delay}, {"observer.device", "x"}})
                            .row({});
  summaries.add({component, "ping", "t", kNoon, kNoon, encode(result), result.schema().hash()},
                result);
}

std::string page_of(const ResultSummaries& summaries) {
  MetricsPage page;
  summaries.write(page);
  return page.text();
}

}  // namespace

TEST_CASE("numbers of results are summed up by whose and of what they are", "[mpsup][metrics]") {
  ResultSummaries summaries;
  for (const unsigned delay : {30U, 10U, 20U}) {
    add_ping(summaries, "a", "192.0.2.1", delay);
  }
  add_ping(summaries, "b", "192.0.2.1", 7);
  const std::string page = page_of(summaries);
  INFO(page);
  const std::string labels =
      R"(capability="ping",target="192.0.2.1",column="delay.twoway.icmp.us.min")";
  for (const std::string& line :
       {std::string("# TYPE mplane_result_value summary\n"),
        R"(mplane_result_value_count{component="a",)" + labels + "} 3\n",
        R"(mplane_result_value_sum{component="a",)" + labels + "} 60\n",
        R"(mplane_result_value{component="a",)" + labels + R"(,quantile="0.5"} 20)",
        R"(mplane_result_value{component="a",)" + labels + R"(,quantile="0.95"} 30)",
        R"(mplane_result_value_count{component="b",)" + labels + "} 1\n",
        std::string("mplane_result_values_left_out_total 0\n")}) {
    CHECK_THAT(page, Catch::Contains(line));
  }
  CHECK(page.find("observer.device") == std::string::npos);
}

TEST_CASE("quantiles are of the newest values", "[mpsup][metrics]") {
  ResultSummaries summaries;
  for (int i = 0; i < 100; ++i) add_ping(summaries, "a", "192.0.2.1", 1'000);
  for (int i = 0; i < 64; ++i) add_ping(summaries, "a", "192.0.2.1", 5);
  CHECK_THAT(page_of(summaries), Catch::Contains(R"(quantile="0.95"} 5)"));
}

TEST_CASE("there are no more summaries than may be", "[mpsup][metrics]") {
  ResultSummaries summaries(2);
  for (const char* const component : {"a", "b", "c", "a", "d"}) {
    add_ping(summaries, component, "192.0.2.1", 1);
  }
  const std::string page = page_of(summaries);
  INFO(page);
  CHECK_THAT(page, Catch::Contains("left_out_total 2"));
  CHECK(page.find(R"(component="c")") == std::string::npos);
}

TEST_CASE("of a result there are as many summaries as there is room for", "[mpsup][metrics]") {
  ResultSummaries summaries(3);
  const Capability capability = Capability::measure("ping")
                                    .when("now ... future")
                                    .result("delay.twoway.icmp.us.min")
                                    .result("delay.twoway.icmp.us.max")
                                    .build(Registry::core());
  const Result result =
      Result(capability.specify("now").build())
          .measured(kNoon, kNoon)
          .row({{"delay.twoway.icmp.us.min", 1U}, {"delay.twoway.icmp.us.max", 2U}});
  for (const char* const component : {"a", "b", "b"}) {
    summaries.add({component, "ping", "t", kNoon, kNoon, "", "x"}, result);
  }
  const std::string page = page_of(summaries);
  INFO(page);
  const auto count = [&](const std::string& component, const std::string& column) {
    return R"(mplane_result_value_count{component=")" + component +
           R"(",capability="ping",target="",column="delay.twoway.icmp.us.)" + column + "\"} ";
  };
  CHECK_THAT(page, Catch::Contains(count("a", "min") + "1\n"));
  CHECK_THAT(page, Catch::Contains(count("a", "max") + "1\n"));
  CHECK_THAT(page, Catch::Contains(count("b", "min") + "2\n"));
  CHECK_THAT(page, !Catch::Contains(count("b", "max")));
  CHECK_THAT(page, Catch::Contains("left_out_total 2"));
}
