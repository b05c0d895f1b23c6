#include "committer.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using mplane::Error;
using mplane::ErrorKind;
using mplane::detail::Committer;
using namespace std::chrono_literals;

namespace {

std::optional<Error> ask(Committer& committer) {
  std::promise<std::optional<Error>> told;
  committer.ask([&told](std::optional<Error> failure) { told.set_value(std::move(failure)); });
  return told.get_future().get();
}

}  // namespace

TEST_CASE("who asks is told after a commit that began later", "[committer]") {
  std::atomic<int> written = 0;
  int durable = 0;
  Committer committer([&] { durable = written; });
  for (int i = 1; i <= 100; ++i) {
    written = i;
    REQUIRE_FALSE(ask(committer));
    REQUIRE(durable == i);
  }
}

TEST_CASE("those who ask while a commit goes on share the next one", "[committer]") {
  std::promise<void> first_begun;
  std::promise<void> go_on;
  std::atomic<int> commits = 0;
  std::atomic<int> told = 0;
  {
    Committer committer([&] {
      if (++commits > 1) return;
      first_begun.set_value();
      go_on.get_future().wait();
    });
    committer.ask([&](const auto&) { ++told; });
    first_begun.get_future().wait();
    for (int i = 0; i < 64; ++i) committer.ask([&](const auto&) { ++told; });
    go_on.set_value();
  }
  CHECK(commits == 2);
  CHECK(told == 65);
}

TEST_CASE("those who come back together are waited for", "[committer]") {
  constexpr int kClients = 16;
  constexpr int kEach = 20;
  std::atomic<int> commits = 0;
  {
    Committer committer([&] {
      ++commits;
      std::this_thread::sleep_for(4ms);  // a disk
    });
    std::vector<std::jthread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) ask(committer);
      });
    }
  }
  CHECK(commits >= kEach);
  CHECK(commits < kEach * 3 / 2 + 5);  // twice as many, if the first to come went alone
}

TEST_CASE("a commit that fails says so to all who wait, and is tried again", "[committer]") {
  std::atomic<int> commits = 0;
  std::promise<void> again;
  Committer committer(
      [&] {
        if (++commits == 1) throw Error(ErrorKind::Unavailable, "journal", "the disk is full");
        if (commits == 2) again.set_value();
      },
      1ms);
  const auto failure = ask(committer);
  REQUIRE(failure);
  CHECK(failure->message() == "the disk is full");
  CHECK(again.get_future().wait_for(10s) == std::future_status::ready);
  CHECK_FALSE(ask(committer));
}

TEST_CASE("who asks may ask again when told", "[committer]") {
  std::promise<void> second;
  Committer committer([] {});
  committer.ask([&](const auto&) { committer.ask([&](const auto&) { second.set_value(); }); });
  CHECK(second.get_future().wait_for(10s) == std::future_status::ready);
}
