// What is kept, offered on a component.

#include "mplane/supervisor/repository.hpp"

#include "mplane/client.hpp"
#include "mplane/component.hpp"
#include "mplane/model/json.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/result_store.hpp"
#include "support/log_book.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A component that is a repository of a store, and a client of it.
class Archive {
 public:
  explicit Archive(RepositoryOptions options = {}, const std::uint64_t max_bytes = 1U << 20U)
      : above_(component_options()), store_(store_options(max_bytes), clock_) {
    options.folder = folder_.path();
    options.log = log_.sink();
    repository_.emplace(above_, std::move(options));
    above_.start();
  }
  ~Archive() { above_.stop(); }  // before its repository goes
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// Keeps a ping's result, in which that many milliseconds are measured.
  void keep(const std::string& label, const unsigned delay,
            const std::string& column = "delay.twoway.icmp.us.min") {
    const Capability ping = Capability::measure(label)
                                .when("now ... future")
                                .parameter("destination.ip4")
                                .result(column)
                                .build(Registry::core());
    const Instant at = Time::parse("2026-11-01 12:00:00").instant() + 1s * ++count_;
    const Result result = Result(ping.specify("now").set("destination.ip4", "192.0.2.1").build())
                              .measured(at, at + 1s)
                              .row({{column, delay}});
    std::promise<bool> kept;
    store_.keep(kept_result("one", label, std::to_string(count_), result, at),
                [&](const std::optional<Error>& why) { kept.set_value(!why); });
    REQUIRE(kept.get_future().get());
  }

  Client& client() {
    client_.discover(to_string(above_.url()) + "capabilities");
    return client_;
  }
  std::vector<std::string> labels() {
    std::vector<std::string> labels;
    for (const Offer& offer : client().offers()) labels.push_back(offer.capability.label());
    std::sort(labels.begin(), labels.end());
    return labels;
  }
  Pending ask(const std::string& label) {
    const Offer* const offer = client_.find(label);
    REQUIRE(offer != nullptr);
    const Capability& capability = offer->capability;
    return client_.submit(capability.specify("past ... now").label(label).build(), capability);
  }
  const LogBook& log() const { return log_; }
  const Repository& repository() const { return *repository_; }

 private:
  ResultStoreOptions store_options(const std::uint64_t max_bytes) {
    ResultStoreOptions options{.folder = folder_.path(), .max_bytes = max_bytes};
    options.watch = [this](const KeptResult& kept) { repository_->add(kept); };
    options.gone = [this](const ResultKind& kind) { repository_->remove(kind); };
    return options;
  }
  ComponentOptions component_options() {
    ComponentOptions options;
    options.listen = "127.0.0.1:0";
    options.insecure = true;
    options.access = AccessControl::open();
    options.log = log_.sink();
    options.session.immediate = 30s;
    return options;
  }

  ScratchFolder folder_;
  LogBook log_;
  SystemClock clock_;
  Component above_;
  std::optional<Repository> repository_;
  ResultStore store_;
  Client client_{{.insecure = true}};
  int count_ = 0;
};

std::string text(const Result& answer) {
  std::string text;
  for (const Row row : answer.rows()) {
    text += to_string(row.value("delay.twoway.icmp.us.min")) + " ";
  }
  return text;
}

/// How many threads of this process have that name.
std::size_t threads_named(const std::string& name) {
  std::size_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string its;
    if (std::getline(file, its) && its == name) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("a result is kept with what it says, an exception with its words",
          "[supervisor][query]") {
  const Capability ping = Capability::measure("ping")
                              .when("now ... future")
                              .result("delay.twoway.icmp.us.min")
                              .build(Registry::core());
  const Instant at = Time::parse("2026-11-01 12:00:00").instant();
  const Result result = Result(ping.specify("now").build())
                            .measured(at, at + 1s)
                            .row({{"delay.twoway.icmp.us.min", 5U}});
  const KeptResult kept = kept_result("one", "ping", "t", result, at + 1h);
  CHECK(kept.begin == at);
  CHECK(kept.end == at + 1s);
  CHECK(kept.message == encode(result));
  CHECK(kept.schema == result.schema().hash());
  REQUIRE(kept.decoded);
  CHECK(encode(*kept.decoded) == kept.message);
  const KeptResult why = kept_result("one", "ping", "t", Exception("t", "no route"), at + 1h);
  CHECK(why.begin == at + 1h);
  CHECK(why.schema.empty());
  CHECK_FALSE(why.decoded);
}

TEST_CASE("labels with one schema can each be queried", "[repository]") {
  Archive archive;
  archive.keep("ping-a", 1);
  archive.keep("ping-b", 2);
  CHECK(archive.labels() ==
        std::vector<std::string>{"query-ping-a", "query-ping-a.component",
                                 "query-ping-a.component.parameters", "query-ping-a.parameters",
                                 "query-ping-b", "query-ping-b.component",
                                 "query-ping-b.component.parameters", "query-ping-b.parameters"});
  for (const auto& [label, rows] : std::vector<std::pair<std::string, std::string>>{
           {"query-ping-a", "1 "}, {"query-ping-b", "2 "}}) {
    const auto answer = archive.ask(label).wait_for(30s);
    REQUIRE(answer);
    CHECK(text(*answer) == rows);
  }
}

TEST_CASE("queries of all kinds wait for one another", "[repository]") {
  Archive archive({.most_running = 1});
  const std::vector<std::string> kinds{"a", "b", "c", "d", "e", "f", "g", "h"};
  for (const std::string& kind : kinds) archive.keep(kind, 1);
  archive.client();
  std::vector<Pending> pending;
  for (int round = 0; round < 4; ++round) {
    for (const std::string& kind : kinds) pending.push_back(archive.ask("query-" + kind));
  }
  for (Pending& one : pending) CHECK(one.wait_for(30s));
  CHECK(threads_named("mplane-worker") == 1);
}

TEST_CASE("a query that takes longer than its limit fails", "[repository]") {
  Archive archive({.longest = 0s});
  archive.keep("ping", 1);
  archive.client();
  CHECK_THROWS_WITH(archive.ask("query-ping").wait_for(30s),
                    Catch::Contains("this takes longer than 0s, which is the limit here"));
}

TEST_CASE("a query may take as long as it likes where nothing limits it", "[repository]") {
  Archive archive({.longest = kWithoutEnd});
  archive.keep("ping", 7);
  archive.client();
  const std::optional<Result> result = archive.ask("query-ping").wait_for(30s);
  REQUIRE(result);
  CHECK(result->rows().size() == 1);
}

TEST_CASE("so many kinds can be queried, and more when one is gone", "[repository]") {
  Archive archive({.most_kinds = 1}, 2'000);
  archive.keep("a", 1);
  archive.keep("b", 2);
  CHECK_FALSE(archive.log().wait_for("there are too many kinds of results", "b").empty());
  CHECK(archive.repository().offers("query-a"));
  CHECK_FALSE(archive.repository().offers("query-b"));
  for (int i = 0; i < 20; ++i) archive.keep("b", 2);  // that of a makes way
  CHECK_FALSE(archive.repository().offers("query-a"));
  archive.keep("b", 2);
  CHECK(archive.labels() == std::vector<std::string>{"query-b", "query-b.component",
                                                     "query-b.component.parameters",
                                                     "query-b.parameters"});
}
