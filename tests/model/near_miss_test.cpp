#include "mplane/model/near_miss.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

using mplane::NearMiss;

namespace {

std::string best_of(const std::string_view word, const std::vector<std::string_view>& candidates) {
  NearMiss guess(word);
  for (const auto candidate : candidates) guess.consider(candidate);
  return std::string(guess.best());
}

}  // namespace

TEST_CASE("a mistyped word finds the one that was meant", "[near-miss]") {
  const std::vector<std::string_view> words = {"listen",      "limits", "state-dir",
                                               "supervisors", "tls",    "delay.twoway.icmp.us.min"};
  struct Case {
    std::string_view word, meant;
  };
  const Case cases[] = {
      {"lisen", "listen"},            // a letter left out
      {"listeen", "listen"},          // one too many
      {"limitz", "limits"},           // another one
      {"lsiten", "listen"},           // two swapped
      {"state_dir", "state-dir"},     // the usual one
      {"supervisor", "supervisors"},  // its singular
      {"tsl", "tls"},
      {"delay.twoway.icmp.us.mim", "delay.twoway.icmp.us.min"},
      {"delay.twoway.imp.us.mn", "delay.twoway.icmp.us.min"},
      {"listen", "listen"},
      {"password", ""},
      {"", ""},
      {"x", ""},
  };
  for (const auto& [word, meant] : cases) {
    CAPTURE(word);
    CHECK(best_of(word, words) == meant);
  }
}

TEST_CASE("of candidates that are equally near the first is taken", "[near-miss]") {
  CHECK(best_of("cat", {"bat", "hat"}) == "bat");
  CHECK(best_of("cats", {"boats", "bats", "hats"}) == "bats");
}

TEST_CASE("a hint is a question, or nothing at all", "[near-miss]") {
  NearMiss guess("natral");
  CHECK(guess.hint().empty());
  guess.consider("natural");
  CHECK(guess.hint() == R"(; did you mean "natural"?)");
}

TEST_CASE("a word of megabytes is no mistyped name, and costs nothing", "[near-miss]") {
  const std::string word(64 << 20, 'x');
  CHECK(best_of(word, {"x", word}).empty());
}
