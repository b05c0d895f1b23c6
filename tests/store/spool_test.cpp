#include "mplane/store/spool.hpp"

#include "mplane/model/error.hpp"
#include "support/fake_clock.hpp"
#include "support/log_book.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

/// A message whose body is its key.
void put(Spool& spool, const std::string& queue, const std::string& key) {
  spool.put(queue, "http://" + queue + "/", key, key);
}

/// The bodies in a queue, oldest first, all of which its peer takes.
std::vector<std::string> deliver(Spool& spool, const std::string& queue) {
  std::vector<std::string> bodies;
  while (const auto item = spool.next(queue)) {
    bodies.push_back(item->body);
    spool.delivered(*item);
  }
  return bodies;
}

bool is_kept(Spool& spool) {
  std::promise<bool> told;
  spool.when_kept([&told](const bool kept) { told.set_value(kept); });
  return told.get_future().get();
}

using Bodies = std::vector<std::string>;

}  // namespace

TEST_CASE("messages leave a spool as they came, each queue for itself", "[spool]") {
  const FakeClock clock;
  Spool spool({}, clock);
  put(spool, "a", "1");
  put(spool, "b", "2");
  put(spool, "a", "3");
  CHECK(spool.queues() == Bodies{"a", "b"});
  CHECK(spool.next("a")->body == "1");
  CHECK(spool.next("a")->url == "http://a/");
  CHECK(deliver(spool, "a") == Bodies{"1", "3"});
  CHECK(deliver(spool, "b") == Bodies{"2"});
  CHECK_FALSE(spool.next("c"));
  CHECK(spool.queues().empty());
  CHECK(spool.books() == SpoolBooks{.taken = 3, .delivered = 3});
  CHECK_FALSE(spool.is_durable());
}

TEST_CASE("a message that waits already is not taken again", "[spool]") {
  const FakeClock clock;
  Spool spool({}, clock);
  put(spool, "a", "1");
  put(spool, "a", "1");
  put(spool, "b", "1");
  CHECK(spool.books().waiting == 2);
  CHECK(deliver(spool, "a") == Bodies{"1"});
  put(spool, "a", "1");
  CHECK(deliver(spool, "a") == Bodies{"1"});
}

TEST_CASE("what a peer does not take now lets the others go first", "[spool]") {
  const FakeClock clock;
  Spool spool({}, clock);
  for (const char* key : {"1", "2", "3"}) put(spool, "a", key);
  spool.put_back(*spool.next("a"));
  CHECK(deliver(spool, "a") == Bodies{"2", "3", "1"});
}

TEST_CASE("what is set aside keeps no other, and comes back", "[spool]") {
  FakeClock clock;
  Spool spool({.max_age = 1h}, clock);
  put(spool, "a", "1");
  clock.advance(30min);
  put(spool, "a", "2");
  put(spool, "a", "3");
  for (int i = 0; i < 3; ++i) spool.set_aside(*spool.next("a"));
  CHECK_FALSE(spool.next("a"));
  CHECK(spool.books().waiting == 3);
  put(spool, "a", "4");
  put(spool, "b", "5");
  spool.bring_back("b");
  CHECK(deliver(spool, "a") == Bodies{"4"});
  put(spool, "a", "2");  // it waits
  CHECK_FALSE(spool.next("a"));
  clock.advance(31min);
  spool.bring_back("a");
  CHECK(deliver(spool, "a") == Bodies{"2", "3"});
  CHECK(spool.books() ==
        SpoolBooks{.taken = 5, .delivered = 3, .too_old = 1, .waiting = 1, .bytes = 257});
}

TEST_CASE("what is too old goes first, then the oldest of the longest queue", "[spool]") {
  FakeClock clock;
  LogBook book;
  SpoolOptions options;
  options.max_bytes = 4 * (256 + 1);
  options.max_age = 1h;
  options.log = book.sink();
  Spool spool(options, clock);
  put(spool, "a", "1");
  clock.advance(59min);
  put(spool, "a", "2");
  put(spool, "a", "3");
  put(spool, "b", "4");
  CHECK(spool.books().waiting == 4);

  SECTION("of the longest queue") {
    put(spool, "b", "5");
    CHECK(deliver(spool, "a") == Bodies{"2", "3"});
    CHECK(deliver(spool, "b") == Bodies{"4", "5"});
    CHECK(spool.books() == SpoolBooks{.taken = 5, .delivered = 4, .no_room = 1});
    CHECK_THAT(book.wait_for("dropped"), Contains("no-room=1"));
  }
  SECTION("of what is too old, also when nothing comes") {
    clock.advance(2min);
    CHECK(spool.next("a")->body == "2");
    CHECK(spool.books().too_old == 1);
    put(spool, "b", "5");
    CHECK(spool.books().no_room == 0);
  }
  SECTION("and what has no room at all is dropped itself") {
    spool.put("c", "http://c/", "long", std::string(2'000, 'x'));
    CHECK(spool.books().no_room == 1);
    CHECK_FALSE(spool.next("c"));
  }
  CHECK(spool.books().balance());
}

TEST_CASE("the age of what waits is not a matter of how the clock is set", "[spool]") {
  const ScratchFolder folder;
  const SpoolOptions kept{.folder = folder.path(), .sync = Sync::Normal, .max_age = 24h};
  FakeClock clock(Instant(40s));  // a board without a battery comes up
  const Duration decades = Time::parse("2026-11-22 12:00:00").instant() - clock.now();
  {
    Spool spool(kept, clock);
    put(spool, "a", "1");
    clock.step(decades);
    put(spool, "a", "2");
    CHECK(spool.books().waiting == 2);
    REQUIRE(is_kept(spool));
  }
  SECTION("nor of how it was set before the process began") {
    Spool spool(kept, clock);
    clock.advance(23h);
    CHECK(spool.next("a")->body == "1");
    clock.advance(2h);
    CHECK_FALSE(spool.next("a"));
    CHECK(spool.books().too_old == 2);
  }
  SECTION("what is dated in times to come grows old, too") {
    {
      Spool spool(kept, clock);
      deliver(spool, "a");
      put(spool, "a", "3");
    }
    FakeClock again(Instant(50s));
    Spool spool(kept, again);
    again.advance(23h);
    CHECK(spool.next("a")->body == "3");
    again.step(decades);
    CHECK(spool.next("a")->body == "3");
    again.advance(2h);
    CHECK_FALSE(spool.next("a"));
  }
}

TEST_CASE("what waits in a folder survives the process", "[spool]") {
  const ScratchFolder folder;
  FakeClock clock;
  const SpoolOptions options{.folder = folder.path() / "state", .sync = Sync::Normal};
  {
    Spool spool(options, clock);
    CHECK(spool.is_durable());
    for (const char* key : {"1", "2", "3"}) put(spool, "a", key);
    put(spool, "b", "ä");
    REQUIRE(is_kept(spool));
    spool.delivered(*spool.next("a"));
    spool.refused(*spool.next("a"));
  }
  {
    Spool spool(options, clock);
    CHECK(spool.books() == SpoolBooks{.taken = 2, .waiting = 2, .bytes = 2 * 256 + 3});
    CHECK(spool.next("a")->body == "3");
    CHECK(spool.next("a")->url == "http://a/");
    put(spool, "a", "3");  // its key is known
    put(spool, "a", "4");
    CHECK(deliver(spool, "a") == Bodies{"3", "4"});
  }
  clock.advance(std::chrono::hours(24 * 8));
  Spool spool(options, clock);
  CHECK(spool.books().waiting == 1);
  clock.advance(std::chrono::hours(24 * 8));
  CHECK_FALSE(spool.next("b"));
  CHECK(spool.books() == SpoolBooks{.taken = 1, .too_old = 1});
}

TEST_CASE("what was kept is there after a crash, and no other process can have it", "[spool]") {
  const ScratchFolder folder;
  const FakeClock clock;
  const SpoolOptions options{.folder = folder.path(), .sync = Sync::Normal};
  const pid_t child = ::fork();
  if (child == 0) {
    Spool spool(options, clock);
    for (int i = 0; i < 100; ++i) put(spool, "a", std::to_string(i));
    if (is_kept(spool)) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  Spool spool(options, clock);
  CHECK(spool.books().waiting == 100);
  CHECK(deliver(spool, "a").size() == 100);
  CHECK_THROWS_WITH(Spool(options, clock), Contains("another process has it"));
}

TEST_CASE("a spool that cannot be written keeps what it has, and says so", "[spool]") {
  // A disk that is full: a file system of its own takes rights that tests may lack, so that the
  // limit is one on the size of files.
  const ScratchFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const FakeClock clock;
    LogBook book;
    SpoolOptions options{.folder = folder.path(), .sync = Sync::Normal};
    options.log = book.sink();
    Spool spool(options, clock);
    put(spool, "a", "1");
    bool good = is_kept(spool);
    const rlimit tight{64 * 1024, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    const std::string much(1'000'000, 'x');
    spool.put("a", "http://a/", "2", much);
    good = good && !is_kept(spool) && !book.wait_for("cannot be written").empty();
    good = good && deliver(spool, "a") == Bodies{"1", much} && spool.books().balance();
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
