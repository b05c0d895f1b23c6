#include "mplane/store/journal_file.hpp"

#include "database.hpp"
#include "store/journal_helpers.hpp"
#include "support/log_book.hpp"
#include "support/scratch.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using Catch::Contains;

namespace {

std::vector<JobRecord> load(const std::filesystem::path& folder, const LogSink& log = {}) {
  return JournalFile(folder, {.log = log}).load(Registry::core());
}

const JobRecord& find(const std::vector<JobRecord>& records, const std::string& token) {
  for (const JobRecord& record : records) {
    if (record.specification.token() == token) return record;
  }
  throw std::runtime_error("there is no job " + token);
}

/// A file system of its own, one megabyte large; only root can make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& folder) : path_(folder) {
    std::filesystem::create_directory(folder);
    mounted_ = ::mount("mplane-test", path_.c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const noexcept { return mounted_; }
  /// Takes all the room there is.
  void fill() const {
    std::ofstream ballast(path_ / "ballast", std::ios::binary | std::ios::app);
    const std::string page(4096, 'x');
    while (ballast.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void make_room() const { std::filesystem::remove(path_ / "ballast"); }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("a new journal has no jobs", "[journal]") {
  const ScratchFolder folder;
  CHECK(load(folder.path() / "state").empty());
  CHECK(load(folder.path() / "state").empty());
}

TEST_CASE("a journal is for its owner's eyes only", "[journal]") {
  const ScratchFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const JournalFile journal(folder.path(), {});
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    CHECK(file.status().permissions() == std::filesystem::perms(0600));
  }
}

TEST_CASE("what was appended is there when the journal is opened again", "[journal]") {
  const ScratchFolder folder;
  JobStory running("running");
  JobStory done("done", "bob");
  JobStory forgotten("forgotten");
  {
    JournalFile journal(folder.path(), {});
    REQUIRE_FALSE(write(journal, {running.accepted(), done.accepted(), forgotten.accepted()}));
    REQUIRE_FALSE(write(journal, {running.started(), done.started(), forgotten.started()}));
    REQUIRE_FALSE(write(journal, {done.ended(7), forgotten.forgotten()}));
    JobState over = done.state();
    over.over = true;
    over.handed_over = true;
    over.next = over.accepted + std::chrono::hours(1);
    REQUIRE_FALSE(write(journal, {done.changed(over)}));
  }
  const auto records = load(folder.path());
  REQUIRE(records.size() == 2);
  const JobRecord& first = find(records, "running");
  CHECK(first.owner == "alice");
  CHECK(first.service == "ping");
  CHECK(first.specification == running.specification());
  CHECK(first.state == running.state());
  CHECK(first.state.books.running == 1);
  CHECK(first.outcomes.empty());
  const JobRecord& second = find(records, "done");
  CHECK(second.owner == "bob");
  CHECK(second.state == done.state());
  CHECK(second.state.handed_over);
  REQUIRE(second.outcomes.size() == 1);
  CHECK(count_of(second.outcomes[0]) == 7);
}

TEST_CASE("a job keeps as many outcomes as its state says, the newest", "[journal]") {
  const ScratchFolder folder;
  {
    JobStory job("t");
    JournalFile journal(folder.path(), {.sync = Sync::Normal});
    REQUIRE_FALSE(write(journal, {job.accepted()}));
    for (std::uint64_t i = 1; i <= 10; ++i) {
      REQUIRE_FALSE(write(journal, {job.started()}));
      REQUIRE_FALSE(write(journal, {job.ended(i, 3)}));
    }
  }
  const auto records = load(folder.path());
  REQUIRE(records.size() == 1);
  REQUIRE(records[0].outcomes.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(count_of(records[0].outcomes[i]) == 8 + i);
}

TEST_CASE("a failure is an outcome, too", "[journal]") {
  const ScratchFolder folder;
  {
    JobStory job("t");
    JournalFile journal(folder.path(), {});
    JournalEntry lost = job.accepted();
    lost.outcome = std::make_shared<const Message>(Exception("t", "the dog ate it"));
    lost.state.outcomes = 1;
    REQUIRE_FALSE(write(journal, {lost}));
  }
  const auto records = load(folder.path());
  REQUIRE(records.size() == 1);
  REQUIRE(records[0].outcomes.size() == 1);
  CHECK(records[0].outcomes[0] == Message(Exception("t", "the dog ate it")));
}

TEST_CASE("a token that comes again after it was forgotten is another job", "[journal]") {
  const ScratchFolder folder;
  {
    JobStory first("t");
    JobStory second("t");
    JournalFile journal(folder.path(), {});
    REQUIRE_FALSE(write(journal, {first.accepted(), first.started(), first.ended(1)}));
    REQUIRE_FALSE(write(journal, {first.forgotten(), second.accepted(), second.started()}));
  }
  const auto records = load(folder.path());
  REQUIRE(records.size() == 1);
  CHECK(records[0].outcomes.empty());
  CHECK(records[0].state.books.running == 1);
}

TEST_CASE("all that was appended is written before the journal goes", "[journal]") {
  const ScratchFolder folder;
  constexpr int kJobs = 200;
  std::atomic<int> told = 0;
  {
    JournalFile journal(folder.path(), {});
    for (int i = 0; i < kJobs; ++i) {
      JobStory job(std::to_string(i));
      journal.append({job.accepted()}, [&](const auto& failure) { told += failure ? 0 : 1; });
    }
  }
  CHECK(told == kJobs);
  CHECK(load(folder.path()).size() == kJobs);
}

TEST_CASE("many clients wait for their own entries at once", "[journal]") {
  const ScratchFolder folder;
  constexpr int kClients = 16;
  constexpr int kEach = 20;
  std::atomic<int> failures = 0;
  {
    JournalFile journal(folder.path(), {});
    std::vector<std::jthread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, owner = std::to_string(client)] {
        for (int i = 0; i < kEach; ++i) {
          if (write(journal, {JobStory(std::to_string(i), owner).accepted()})) ++failures;
        }
      });
    }
  }
  CHECK(failures == 0);
  CHECK(load(folder.path()).size() == kClients * kEach);
}

TEST_CASE("a journal is open in one process at a time", "[journal]") {
  const ScratchFolder folder;
  const JournalFile journal(folder.path(), {});
  CHECK_THROWS_WITH(JournalFile(folder.path(), {}),
                    Contains("journal.db") && Contains("another process has it"));
}

TEST_CASE("a journal of a newer version is refused and left alone", "[journal]") {
  const ScratchFolder folder;
  load(folder.path());
  detail::Database(folder.path() / "journal.db", Sync::Full).set_schema_version(7);
  CHECK_THROWS_WITH(JournalFile(folder.path(), {}), Contains("version 7"));
  CHECK(detail::Database(folder.path() / "journal.db", Sync::Full).schema_version() == 7);
}

TEST_CASE("a file that is no journal is refused", "[journal]") {
  const ScratchFolder folder;
  folder.write("journal.db", std::string(9000, 'x'));
  CHECK_THROWS_WITH(JournalFile(folder.path(), {}),
                    Contains("journal.db") && Contains("not a database"));
}

TEST_CASE("a job whose elements are unknown is left in the file", "[journal]") {
  const ScratchFolder folder;
  {
    JournalFile journal(folder.path(), {});
    REQUIRE_FALSE(write(journal, {JobStory("known").accepted(), JobStory("unknown").accepted()}));
  }
  const auto change = [&](const std::string& from, const std::string& to) {
    detail::Database(folder.path() / "journal.db", Sync::Full)
        .execute("UPDATE job SET specification = replace(specification, '" + from + "', '" + to +
                 "') WHERE token = 'unknown'");
  };
  change("destination.ip4", "destination.moon");
  LogBook book;
  const auto records = load(folder.path(), book.sink());
  REQUIRE(records.size() == 1);
  CHECK(records[0].specification.token() == "known");
  REQUIRE(book.lines().size() == 1);
  CHECK_THAT(book.lines()[0], Contains("left where it is") && Contains("token=unknown") &&
                                  Contains("destination.moon"));
  change("destination.moon", "destination.ip4");
  CHECK(load(folder.path()).size() == 2);
}

TEST_CASE("a result that cannot be read does not take its job along", "[journal]") {
  const ScratchFolder folder;
  {
    JobStory job("t");
    JournalFile journal(folder.path(), {});
    REQUIRE_FALSE(write(journal, {job.accepted(), job.started(), job.ended(1)}));
    REQUIRE_FALSE(write(journal, {job.started(), job.ended(2)}));
  }
  detail::Database(folder.path() / "journal.db", Sync::Full)
      .execute("UPDATE outcome SET message = '{}' WHERE id = 1");
  LogBook book;
  const auto records = load(folder.path(), book.sink());
  REQUIRE(records.size() == 1);
  REQUIRE(records[0].outcomes.size() == 1);
  CHECK(count_of(records[0].outcomes[0]) == 2);
  CHECK_THAT(book.lines().at(0), Contains("a result cannot be read"));
}

TEST_CASE("a full disk refuses, forgets nothing, and goes on when there is room", "[journal]") {
  const ScratchFolder scratch;
  const SmallDisk disk(scratch.path() / "disk");
  const auto folder = scratch.path() / "disk" / "state";
  if (!disk.is_mounted()) {
    REQUIRE(geteuid() != 0);
    WARN("only root can mount a small disk");
    return;
  }
  LogBook book;
  JobStory before("before");
  std::size_t kept = 0;
  {
    JournalFile journal(folder, {.log = book.sink()});
    REQUIRE_FALSE(write(journal, {before.accepted(), before.started()}));
    disk.fill();
    // What room the journal itself still had is used up by a few.
    std::size_t accepted = 0;
    std::optional<Error> failure;
    while (!(failure = write(journal, {JobStory(std::to_string(accepted)).accepted()}))) {
      REQUIRE(++accepted < 10'000);
    }
    CHECK(failure->kind() == ErrorKind::Unavailable);
    CHECK(failure->message() == "the journal cannot be written: database or disk is full");
    const JobStory refused(std::to_string(accepted));
    CHECK_FALSE(write(journal, {refused.forgotten()}));  // nothing is left of it to be written
    CHECK(write(journal, {before.ended(3)}));
    CHECK_THAT(book.wait_for("cannot be written"), Contains("disk is full"));

    disk.make_room();
    CHECK_THAT(book.wait_for("can be written again"), Contains("journal.db"));
    REQUIRE_FALSE(write(journal, {JobStory("after").accepted()}));
    kept = accepted + 2;
  }
  const auto records = load(folder);
  REQUIRE(records.size() == kept);
  CHECK(find(records, "before").state == before.state());
  CHECK(find(records, "before").outcomes.size() == 1);
  CHECK_NOTHROW(find(records, "after"));
}
