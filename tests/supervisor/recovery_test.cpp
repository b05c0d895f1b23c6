#include "recovery.hpp"

#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/specification.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using mplane::detail::Recovery;

namespace {

JobRecord accepted(const std::string& service, const std::string& token,
                   const std::uint64_t running = 0) {
  const Capability capability = Capability::measure(service)
                                    .when("now ... future")
                                    .result("delay.twoway.icmp.us.min")
                                    .build(Registry::core());
  JobState state;
  state.books.running = running;
  return {"alice", service, capability.specify("now").token(token).build(), state};
}

/// The tokens that were restored, in their order.
class Restored {
 public:
  Recovery::Restore taker() {
    return [this](const JobRecord& record) {
      const std::lock_guard lock(mutex_);
      tokens_.push_back(record.specification.token());
      changed_.notify_all();
    };
  }
  std::vector<std::string> tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
  }
  bool wait_for(const std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return tokens_.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> tokens_;
};

using Tokens = std::vector<std::string>;

}  // namespace

TEST_CASE("what was accepted goes on once it is offered again", "[supervisor][recovery]") {
  Restored restored;
  Recovery recovery({"all"}, restored.taker(), [] {});
  recovery.add(accepted("ping", "one"));
  recovery.add(accepted("ping", "two", 1));
  recovery.add(accepted("all", "planned"));
  recovery.start(1h);
  CHECK(restored.tokens().empty());
  recovery.offered("trace");
  CHECK(restored.tokens().empty());
  recovery.offered("ping");
  CHECK(restored.tokens() == Tokens{"one", "two"});
  recovery.offered("ping");
  recovery.offered("all");
  CHECK(restored.tokens() == Tokens{"one", "two", "planned"});
}

TEST_CASE("a composition that had asked waits for its components to come back",
          "[supervisor][recovery]") {
  Restored restored;
  Recovery recovery({"all"}, restored.taker(), [&] { recovery.offered("all"); });
  recovery.add(accepted("all", "asked", 1));
  recovery.offered("all");
  CHECK(restored.tokens().empty());
  recovery.start(1ms);
  REQUIRE(restored.wait_for(1));
  CHECK(restored.tokens() == Tokens{"asked"});
}

TEST_CASE("a composition that is not there when others go on waits until it is",
          "[supervisor][recovery]") {
  Restored restored;
  Recovery recovery({"all", "gone"}, restored.taker(), [&] { recovery.offered("all"); });
  recovery.add(accepted("all", "first", 1));
  recovery.add(accepted("gone", "second", 1));
  recovery.offered("gone");  // and is withdrawn again
  recovery.start(1ms);
  REQUIRE(restored.wait_for(1));
  CHECK(restored.tokens() == Tokens{"first"});
  recovery.offered("gone");
  CHECK(restored.tokens() == Tokens{"first", "second"});
}

TEST_CASE("a supervisor that ends waits for nobody", "[supervisor][recovery]") {
  Restored restored;
  {
    Recovery recovery({"all"}, restored.taker(), [&] { recovery.offered("all"); });
    recovery.add(accepted("all", "asked", 1));
    recovery.offered("all");
    recovery.start(1h);
    recovery.stop();
  }
  CHECK(restored.tokens().empty());
}
