#include "mpsup/supervisor_extension.hpp"

#include "mplane/tools/yaml.hpp"
#include "support/log_book.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// The supervisor's part of a program, without the program.
struct Extended {
  Extended(const std::string& yaml, const std::filesystem::path& state_dir,
           std::vector<Collection> collected = {})
      : collections(std::move(collected)) {
    options.listen = "127.0.0.1:0";
    options.insecure = true;
    options.access = AccessControl::open();
    options.log = log.sink();
    const ConfigNode node =
        parse_yaml("supervisor: {listen: \"127.0.0.1:0\"" + yaml + "}", "f", context.mistakes);
    ConfigSection root(node, context);
    extension.read(root);
    extension.prepare({options, state_dir, Sync::Full, collections}, context);
  }
  ~Extended() {
    if (component) component->stop();
    extension.stop();
  }
  Extended(const Extended&) = delete;
  Extended& operator=(const Extended&) = delete;

  void attach() {
    component.emplace(options);
    extension.attach(*component);
  }

  LogBook log;
  ConfigContext context;
  ComponentOptions options;
  std::vector<Collection> collections;
  SupervisorExtension extension;
  std::optional<Component> component;
};

/// Has the results of a supervisor for itself: its store can write nothing.
class Occupied {
 public:
  explicit Occupied(const std::filesystem::path& state_dir) {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open((state_dir / "results.db").c_str(), &opened) == SQLITE_OK);
    database_.reset(opened);
    sqlite3_busy_timeout(opened, 10'000);
    REQUIRE(sqlite3_exec(opened, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

/// What was said of results; they are told from another thread.
class Said {
 public:
  Component::Collected note() {
    return [this](const std::optional<Error>& why) {
      const std::lock_guard lock(mutex_);
      ++(why ? failed_ : taken_);
      changed_.notify_all();
    };
  }
  std::size_t taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  /// How many were taken, once something was said of so many.
  std::size_t taken_of(const std::size_t all) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return taken_ + failed_ >= all; });
    return taken_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t taken_ = 0;
  std::size_t failed_ = 0;
};

Capability store_of_pings() {
  return Capability::collect("store")
      .when("past ... future")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.count")
      .build(Registry::core());
}

Result ping_result(const std::size_t number) {
  const auto specification = store_of_pings()
                                 .specify("2015-06-01 + 1s")
                                 .set("destination.ip4", "127.0.0.1")
                                 .token("t" + std::to_string(number))
                                 .build();
  return Result(specification).row({{"delay.twoway.icmp.count", std::uint64_t{1}}});
}

}  // namespace

TEST_CASE("nobody waits while results that others send are kept", "[mpsup]") {
  constexpr std::size_t kResults = 100;
  const ScratchFolder folder;
  Said said;
  std::size_t handed_on = 0;  // on the store's thread, read when all is said
  Extended supervisor(
      "", folder.path(),
      {{store_of_pings(), [&](const Identity&, const Result&, const Component::Collected& done) {
          ++handed_on;
          done({});
        }}});
  supervisor.context.mistakes.raise();
  supervisor.attach();
  const auto send_all = [&](Said& to) {
    for (std::size_t i = 0; i < kResults; ++i) {
      supervisor.collections[0].take(Identity("org.probe"), ping_result(i), to.note());
    }
  };
  {
    const Occupied store(folder.path());
    send_all(said);
    CHECK(said.taken() == 0);
  }
  said.taken_of(kResults);  // or not: the store has little patience
  Said again;
  send_all(again);
  CHECK(again.taken_of(kResults) == kResults);
  CHECK(handed_on >= kResults);
}

TEST_CASE("a supervisor that was stopped has let go of its results", "[mpsup]") {
  const ScratchFolder folder;
  Extended supervisor(", results: {keep: 1ms}", folder.path(),
                      {{store_of_pings(), [](const Identity&, const Result&,
                                             const Component::Collected& done) { done({}); }}});
  supervisor.context.mistakes.raise();
  supervisor.attach();
  Said said;
  supervisor.collections[0].take(Identity("org.probe"), ping_result(1), said.note());
  REQUIRE(said.taken_of(1) == 1);
  std::this_thread::sleep_for(2ms);  // at the end it is too old, and its kind is gone with it
  supervisor.component->stop();
  supervisor.extension.stop();
  supervisor.component.reset();
  const SystemClock clock;
  const ResultStore next({.folder = folder.path()}, clock);
  CHECK(next.contents().results == 0);
}

TEST_CASE("a state folder with a long name costs the control socket alone", "[mpsup]") {
  const ScratchFolder folder;
  const std::filesystem::path state = folder.path() / std::string(100, 'x');
  Extended supervisor("", state);
  supervisor.context.mistakes.raise();
  CHECK_THAT(supervisor.log.lines().at(0),
             Catch::Contains("nobody can ask about the fleet") && Catch::Contains("too long"));
  std::filesystem::create_directory(state);
  supervisor.attach();
  CHECK_THAT(supervisor.extension.start(), Catch::StartsWith("http://127.0.0.1:"));
}

TEST_CASE("who asks about the fleet where a socket was named can", "[mpsup]") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "c.sock").string();
  Extended supervisor(", control: " + file, folder.path() / std::string(100, 'x'));
  supervisor.context.mistakes.raise();
  std::filesystem::create_directory(folder.path() / std::string(100, 'x'));
  supervisor.attach();
  supervisor.extension.start();
  CHECK_FALSE(ask_control_socket(file, to_text(FleetQuestion{})).empty());
}

TEST_CASE("the documented metrics of a supervisor are there", "[mpsup][metrics]") {
  const ScratchFolder folder;
  Extended supervisor("", folder.path());
  supervisor.context.mistakes.raise();
  supervisor.attach();
  supervisor.extension.start();
  MetricsPage page;
  supervisor.extension.measure(page);
  const std::string text = page.text();
  for (const char* const one :
       {"mplane_components{how=\"registered\"} 0\n", "mplane_components{how=\"connected\"} 0\n",
        "mplane_components_away 0\n", "mplane_components_out_of_reach 0\n", "mplane_offers 0\n",
        "mplane_queue_waiting 0\n", "mplane_queue_asked 0\n"}) {
    CHECK_THAT(text, Catch::Contains(std::string("\n") + one));
  }
}
