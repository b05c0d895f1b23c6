#include "bench.hpp"

#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace {

/// What a program prints on standard output while this exists.
class Capture {
 public:
  Capture() : before_(std::cout.rdbuf(text_.rdbuf())) {}
  ~Capture() { std::cout.rdbuf(before_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

bench::Options parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "bench_test");
  return bench::Options::parse(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("a sample is summed up by its median and quartiles", "[bench]") {
  const bench::Summary summary = bench::summarize({5, 1, 4, 2, 3});
  CHECK(summary.low == 2);
  CHECK(summary.median == 3);
  CHECK(summary.high == 4);
  CHECK(bench::percentile({1, 2}, 50) == 1.5);
  CHECK(bench::percentile({7}, 99) == 7);
  CHECK_THROWS_AS(bench::percentile({}, 50), std::invalid_argument);
}

TEST_CASE("less time than the yardstick's is a ratio above one", "[bench]") {
  const char* arguments[] = {"bench_test", "--json"};
  bench::Suite suite(2, arguments);
  const Capture out;
  suite.compare(
      "walk", {{.unit = "us"}, {.suffix = "-rate", .unit = "1/s", .better = bench::Better::Higher}},
      [] {
        return std::vector<double>{20, 30};
      },
      [] {
        return std::vector<double>{50, 60};
      });
  CHECK(out.text() ==
        "{\"name\": \"walk\", \"ours\": 20, \"yardstick\": 50, \"unit\": \"us\", \"ratio\": 2.5}\n"
        "{\"name\": \"walk-rate\", \"ours\": 30, \"yardstick\": 60, \"unit\": \"1/s\", \"ratio\": "
        "0.5}\n");
  CHECK(suite.finish() == 0);
}

TEST_CASE("a figure without a yardstick is held against its limit", "[bench]") {
  const char* arguments[] = {"bench_test", "--json"};
  bench::Suite suite(2, arguments);
  const Capture out;
  suite.limit("idle", {{.suffix = "-memory", .unit = "B"}}, {40},
              [] { return std::vector<double>{10}; });
  CHECK(out.text() ==
        "{\"name\": \"idle-memory\", \"ours\": 10, \"yardstick\": 40, \"unit\": \"B\", \"ratio\": "
        "4}\n");
}

TEST_CASE("ours and yardstick take turns, nine times after one to warm up", "[bench]") {
  const char* arguments[] = {"bench_test"};
  bench::Suite suite(1, arguments);
  std::string turns;
  const Capture out;
  suite.compare(
      "turns", {{.unit = "s"}}, [&] { return turns += 'o', std::vector<double>{1}; },
      [&] { return turns += 'y', std::vector<double>{1}; });
  CHECK(turns == "oyyooyyooyyooyyooyyo");
}

TEST_CASE("a rate counts operations, each with a number of its own", "[bench]") {
  const char* arguments[] = {"bench_test", "--json"};
  bench::Suite suite(2, arguments);
  std::size_t next = 0;
  bool in_order = true;
  const Capture out;
  suite.rate(
      "count", [&](std::size_t i) { in_order = in_order && i == next++; },
      [](std::size_t i) { bench::keep(i); });
  CHECK(in_order);
  CHECK(next > 1000);
  CHECK_THAT(out.text(), Catch::Contains("\"unit\": \"1/s\""));
}

TEST_CASE("only the rows that were named are run", "[bench]") {
  const char* arguments[] = {"bench_test", "b-memory"};
  bench::Suite suite(2, arguments);
  std::string ran;
  const Capture out;
  for (const std::string name : {"a", "b", "c"}) {
    suite.limit(name, {{}, {.suffix = "-memory"}}, {1, 1}, [&] {
      return ran += name, std::vector<double>{1, 1};
    });
  }
  CHECK(ran == "bbbbbbbbbb");
}

TEST_CASE("rows may be named by what their names begin with, up to a hyphen", "[bench]") {
  const char* arguments[] = {"bench_test", "ping-truth"};
  bench::Suite suite(2, arguments);
  std::string ran;
  const Capture out;
  for (const std::string name : {"ping-truth-5ms", "ping-truths", "ping", "ping-truth-50ms"}) {
    suite.limit(name, {{}}, {1}, [&] { return ran += name + " ", std::vector<double>{1}; });
  }
  CHECK_THAT(ran, Catch::StartsWith("ping-truth-5ms ping-truth-5ms "));
  CHECK_THAT(ran, Catch::Contains("ping-truth-50ms"));
  CHECK_THAT(ran, !Catch::Contains("truths") && !Catch::Contains("ping "));
}

TEST_CASE("a row that fails is told and fails the program", "[bench]") {
  const char* arguments[] = {"bench_test"};
  bench::Suite suite(1, arguments);
  std::ostringstream errors;
  std::streambuf* const before = std::cerr.rdbuf(errors.rdbuf());
  suite.limit("broken", {{}}, {1},
              []() -> std::vector<double> { throw std::runtime_error("no such link"); });
  std::cerr.rdbuf(before);
  CHECK(errors.str() == "broken: no such link\n");
  CHECK(suite.finish() == 1);
}

TEST_CASE("arguments that mean nothing are refused", "[bench]") {
  CHECK(parse({"--large", "x"}).large);
  CHECK(parse({"--rounds", "11"}).rounds == 11);
  CHECK_THROWS_WITH(parse({"--rounds", "5"}), Catch::Contains("at least 9, not '5'"));
  CHECK_THROWS_WITH(parse({"--rounds"}), Catch::Contains("not ''"));
  CHECK_THROWS_WITH(parse({"--fast"}), Catch::Contains("no option '--fast'"));
}

TEST_CASE("memory and processor time of a process are read from /proc", "[bench]") {
  CHECK(bench::resident_memory() > 100'000);
  CHECK(bench::resident_memory({}, true) < bench::resident_memory());
  const double before = bench::processor_time();
  while (bench::processor_time() == before) bench::keep(before);
  CHECK(bench::processor_time() > before);
  CHECK_THROWS_AS(bench::resident_memory(-1), std::runtime_error);
}
