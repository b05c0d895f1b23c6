#include "mplane/probes/common/run_host.hpp"

#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/engine.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

/// What a run did, and what it is to do.
struct Script {
  bool ends = true;
  bool fails = false;
  std::atomic<int> begun{0};
};

class ScriptedRun final : public ProbeRun {
 public:
  explicit ScriptedRun(Script& script) : script_(script) {}

  void begin(Finished finished) override {
    ++script_.begun;
    if (script_.ends) finished();
    if (script_.fails) throw Error(ErrorKind::Failed, "", "it cannot be measured");
  }
  Result take_result(const Specification& specification) override {
    return Result(specification).row({Value(script_.begun.load())});
  }

 private:
  Script& script_;
};

class Rig {
 public:
  explicit Rig(Script& script) : script_(script) { engine_.start(); }
  ~Rig() { engine_.stop(); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  std::future<Outcome> start(std::stop_token stop = {}) {
    const auto capability =
        Capability::measure("count").when("now").result("packets.lost").build(Registry::core());
    const auto promise = std::make_shared<std::promise<Outcome>>();
    host_.start(
        capability.specify("now").build(),
        [this](Engine&) { return std::make_unique<ScriptedRun>(script_); }, std::move(stop),
        Completion([promise](Outcome outcome) { promise->set_value(std::move(outcome)); }));
    return promise->get_future();
  }

 private:
  Script& script_;
  Engine engine_;
  RunHost host_{engine_};
};

}  // namespace

TEST_CASE("a run that finishes at once has its result", "[probing]") {
  Script script;
  const Outcome outcome = Rig(script).start().get();
  REQUIRE(std::holds_alternative<Result>(outcome));
  CHECK(std::get<Result>(outcome).row_count() == 1);
  CHECK(script.begun == 1);
}

TEST_CASE("a run that was stopped before it started is not begun", "[probing]") {
  Script script;
  std::stop_source stop;
  stop.request_stop();
  const Outcome outcome = Rig(script).start(stop.get_token()).get();
  CHECK(std::holds_alternative<Result>(outcome));
  CHECK(script.begun == 0);
}

TEST_CASE("a run that is asked to stop has what is known by then", "[probing]") {
  Script script{.ends = false};
  Rig rig(script);
  std::stop_source stop;
  auto outcome = rig.start(stop.get_token());
  stop.request_stop();
  CHECK(std::holds_alternative<Result>(outcome.get()));
}

TEST_CASE("a run that cannot begin is an exception, whatever it has called", "[probing]") {
  Script script{.ends = GENERATE(true, false), .fails = true};
  const Outcome outcome = Rig(script).start().get();
  REQUIRE(std::holds_alternative<Exception>(outcome));
  CHECK(std::get<Exception>(outcome).message() == "it cannot be measured");
}
