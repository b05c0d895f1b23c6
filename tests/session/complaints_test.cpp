#include "mplane/session/detail/complaints.hpp"

#include "support/log_book.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::detail::Complaints;

namespace {

/// Complaints with a clock set by hand.
struct Desk {
  void complain(const std::string& peer, const std::string& text = "x") {
    complaints.add(Identity(peer), {Severity::Warning, "test", "wrong", {{"text", text}}}, now);
  }
  std::size_t count() const { return log.lines().size(); }

  test::LogBook log;
  Complaints complaints{log.sink()};
  Complaints::Clock::time_point now{std::chrono::hours(1)};
};

}  // namespace

TEST_CASE("each peer has its own share of the log, and what was left out is counted") {
  Desk desk;
  for (int i = 0; i < 150; ++i) desk.complain("mallory");
  CHECK(desk.count() == 100);
  desk.complain("alice");
  CHECK(desk.count() == 101);
  desk.now += std::chrono::milliseconds(100);
  desk.complain("mallory");
  CHECK(desk.log.lines().back() == "warning test: wrong text=x not-logged-before=50");
}

TEST_CASE("peers without number share what the last of them may log") {
  Desk desk;
  for (std::size_t i = 0; i < Complaints::kPeers; ++i) desk.complain(std::to_string(i));
  CHECK(desk.count() == Complaints::kPeers);
  for (int i = 0; i < 500; ++i) desk.complain("more-" + std::to_string(i));
  CHECK(desk.count() == Complaints::kPeers + 100);

  desk.now += std::chrono::seconds(1);  // those of before have been quiet since, and make room
  for (int i = 0; i < 500; ++i) desk.complain("new-" + std::to_string(i));
  CHECK(desk.count() == Complaints::kPeers + 600);
}

TEST_CASE("a long text is shortened, and not within a character") {
  Desk desk;
  desk.complain("mallory", std::string(Complaints::kLongestText - 1, 'x') + "\u00e9" + "tail");
  CHECK(desk.log.lines().back() ==
        "warning test: wrong text=" + std::string(Complaints::kLongestText - 1, 'x') + "...");
}
