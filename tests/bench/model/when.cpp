// What it costs to read a temporal scope, against the C library's reading of its two timestamps.

#include "bench.hpp"
#include "mplane/model.hpp"
#include "strptime_pair.hpp"

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kTexts = 1024;

// Ranges of up to a day within twenty years, with a period: no two alike.
std::vector<std::string> texts() {
  std::mt19937_64 random(1);
  const auto below = [&random](const std::int64_t end) {
    return std::chrono::microseconds(static_cast<std::int64_t>(random() >> 1U) % end);
  };
  constexpr std::int64_t kDay = 86'400'000'000;
  const mplane::Instant first = mplane::Time::parse("2010-01-01").instant();
  std::vector<std::string> all;
  for (std::size_t i = 0; i < kTexts; ++i) {
    const mplane::Instant start = first + below(20 * 365 * kDay);
    const auto when = mplane::When::between(start, start + below(kDay));
    all.push_back(to_string(when.every(std::chrono::seconds(1 + i))));
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const auto all = texts();
  suite.rate(
      "parse-when",
      [&](const std::size_t i) { bench::keep(mplane::When::parse(all[i % all.size()])); },
      [&](const std::size_t i) { bench::keep(yardstick::strptime_pair(all[i % all.size()])); });
  return suite.finish();
}
