// Results that components post, each kept before it is acknowledged: by 64 components at once, one
// a request and a hundred, each component at its own pace, against SQLite writing the same rows
// with the same pragmas and indexes, as many in a transaction as there are in one of ours at most.
// Both files lie in the folder for temporary files, which should be on a real disk.

#include "bench.hpp"
#include "components.hpp"
#include "mplane/model/json.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/supervisor.hpp"
#include "mpsup/result_stream.hpp"
#include "sqlite_batches.hpp"
#include "support/pki.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using mplane::Instant;
using mplane::Result;
using mplane::Specification;
using mplane::test::ScratchFolder;
using mplane::test::TestPki;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kComponents = 64;

/// What the components do, a time.
struct Load {
  std::size_t asked;           ///< specifications of each component
  std::size_t together;        ///< results in a request
  std::size_t in_transaction;  ///< of the yardstick
  std::size_t results() const { return asked * kComponents; }
};
constexpr Load kOneByOne{100, 1, kComponents};
constexpr Load kBatches{400, 100, mplane::ResultStore::kMostAtOnce};

// As in the file of a store.
constexpr const char* kTables = R"(
  CREATE TABLE result (
    id       INTEGER PRIMARY KEY,
    source   INTEGER NOT NULL,
    token    TEXT NOT NULL,
    begin    INTEGER NOT NULL,
    end      INTEGER NOT NULL,
    came     INTEGER NOT NULL,
    message  TEXT NOT NULL
  );
  CREATE UNIQUE INDEX result_identity ON result (token, source, begin);
  CREATE INDEX result_time ON result (source, begin);
  CREATE INDEX result_begin ON result (begin);
)";
constexpr const char* kInsert =
    "INSERT INTO result (source, token, begin, end, came, message) VALUES (?, ?, ?, ?, ?, ?)";

std::string result(const Specification& asked) {
  const Instant now = std::chrono::floor<mplane::Duration>(std::chrono::system_clock::now());
  return mplane::encode(Result(asked)
                            .measured(now, now + std::chrono::seconds(1))
                            .row({{"delay.twoway.icmp.us.min", 1'000},
                                  {"delay.twoway.icmp.us.mean", 1'100},
                                  {"delay.twoway.icmp.us.max", 1'500},
                                  {"delay.twoway.icmp.count", 10}}));
}

/// A supervisor that keeps what its components measure.
class Ours {
 public:
  Ours(const TestPki& pki, const std::filesystem::path& folder)
      : store_({.folder = folder,
                .watch = [this](const mplane::KeptResult& kept) { stream_.add(kept); }},
               clock_),
        supervisor_(above(pki), below(pki)) {
    mplane::Supervision& below = supervisor_.supervision();
    below.start();
    components_ = std::make_unique<bench::Components>(pki, below.url().port(), kComponents);
    components_->enroll();
  }

  /// Results a second, from the first post to the last acknowledgement.
  double rate(const Load& load) {
    std::vector<std::thread> askers;
    for (std::size_t i = 0; i < load.asked; ++i) {
      askers.emplace_back([this] { supervisor_.ask_all(bench::ping().label(), asked_); });
    }
    const auto rounds = posts(components_->fetch(load.asked), load.together);
    const auto begin = Clock::now();
    components_->converse(rounds);
    const std::chrono::duration<double> took = Clock::now() - begin;
    for (std::thread& asker : askers) asker.join();
    expected_ += load.results();
    check();
    return static_cast<double>(load.results()) / took.count();
  }

 private:
  static mplane::ComponentOptions above(const TestPki& pki) {
    mplane::ComponentOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = mplane::TlsContext(pki.issue("supervisor"));
    return options;
  }
  mplane::SupervisionOptions below(const TestPki& pki) {
    mplane::SupervisionOptions options;
    options.below.listen = "127.0.0.1:0";
    options.below.tls = mplane::TlsContext(pki.issue("supervisor"));
    options.below.threads = 2;
    options.below.callback.expiry = std::chrono::hours(24);  // also while others are measured
    options.below.callback.again = std::chrono::hours(24);
    options.results = &store_;
    return options;
  }

  /// What each component posts, one after the other.
  static std::vector<std::vector<std::string>> posts(
      const std::vector<std::vector<Specification>>& asked, const std::size_t together) {
    std::vector<std::vector<std::string>> rounds(asked[0].size() / together);
    for (std::size_t round = 0; round < rounds.size(); ++round) {
      for (const auto& specifications : asked) {
        std::string body;
        for (std::size_t i = 0; i < together; ++i) {
          body += (i == 0 ? "" : ",") + result(specifications[round * together + i]);
        }
        if (together > 1) {
          body = R"({"envelope":"message","version":1,"contents":[)" + body + "]}";
        }
        rounds[round].push_back(bench::post(body, "/register/result"));
      }
    }
    return rounds;
  }

  /// All that was acknowledged is there.
  void check() const {
    if (store_.contents().results == expected_) return;
    throw std::runtime_error(std::to_string(store_.contents().results) + " of " +
                             std::to_string(expected_) + " results are there");
  }

  const mplane::SystemClock clock_;
  mplane::ResultSummaries summaries_;  // as of a supervisor with results.metrics
  mplane::ResultStream stream_{{}, mplane::Registry::core(), {}, {}, &summaries_};
  mplane::ResultStore store_;
  mplane::Supervisor supervisor_;
  std::unique_ptr<bench::Components> components_;
  const Specification asked_ = bench::ping()
                                   .specify("now + 1h / 1s")
                                   .set("source.ip4", "192.0.2.1")
                                   .set("destination.ip4", "198.51.100.1")
                                   .build();
  std::size_t expected_ = 0;
};

class Plain {
 public:
  explicit Plain(const std::filesystem::path& folder)
      : file_(folder / "yardstick.db", kTables, kInsert) {}

  double rate(const Load& load) {
    std::vector<yardstick::SqliteRow> rows;
    for (std::size_t i = 0; i < load.results(); ++i) {
      const auto source = static_cast<std::int64_t>(i % kComponents);
      const std::int64_t begin = 1'800'000'000'000'000 + static_cast<std::int64_t>(i / kComponents);
      rows.push_back({source, "0123456789abcdef0123456789abc" + std::to_string(next_++), begin,
                      begin + 1'000'000, begin, message_});
    }
    const auto begin = Clock::now();
    file_.insert(rows, load.in_transaction);
    const std::chrono::duration<double> took = Clock::now() - begin;
    return static_cast<double>(rows.size()) / took.count();
  }

 private:
  yardstick::SqliteBatches file_;
  std::size_t next_ = 100;
  const std::string message_ = result(bench::ping()
                                          .specify("now + 1h / 1s")
                                          .set("source.ip4", "192.0.2.1")
                                          .set("destination.ip4", "198.51.100.1")
                                          .token("0123456789abcdef0123456789abcdef")
                                          .build());
};

void row(bench::Suite& suite, const char* const name, const Load& load) {
  struct Subjects {
    TestPki pki;
    ScratchFolder folder;
    Ours ours{pki, folder.path() / "results"};
    Plain plain{folder.path()};
  };
  std::unique_ptr<Subjects> subjects;  // made for who wants it
  const auto made = [&]() -> Subjects& {
    if (!subjects) subjects = std::make_unique<Subjects>();
    return *subjects;
  };
  suite.compare(
      name, {{"", "1/s", bench::Better::Higher}},
      [&] { return std::vector{made().ours.rate(load)}; },
      [&] { return std::vector{made().plain.rate(load)}; });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  row(suite, "supervisor-results", kOneByOne);
  row(suite, "supervisor-batches", kBatches);
  return suite.finish();
}
