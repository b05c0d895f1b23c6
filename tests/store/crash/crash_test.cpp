// Kills a program that measures, again and again, and holds what it then says of itself against
// what others have on record: what services saw, and what clients were told.

#include "support/program.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Fields = std::map<std::string, std::string>;

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The job that a run belongs to: a run of a repeated one has its start appended.
std::string job_of(const std::string& run) { return run.substr(0, run.find('-')); }

/// What was on record when the program died.
struct OnRecord {
  explicit OnRecord(const std::filesystem::path& folder) {
    for (const std::string& line : lines_of(folder / "witness")) {
      std::istringstream words(line);
      std::string what;
      std::string run;
      words >> what >> run;
      if (what == "end") {
        ++ends[job_of(run)];
      } else if (starts.insert(run).second) {
        ++starts_of[job_of(run)];
      } else {
        twice.push_back(run);
      }
    }
    for (const std::string& line : lines_of(folder / "told")) {
      std::istringstream words(line);
      std::string what;
      std::string job;
      std::string result;
      words >> what >> job >> result;
      if (what == "accepted") {
        accepted.insert(job);
      } else if (what == "refused") {
        refused.insert(job);
      } else {
        results[job] = result;
      }
    }
  }

  std::set<std::string> starts;
  std::vector<std::string> twice;
  std::map<std::string, std::uint64_t> starts_of;
  std::map<std::string, std::uint64_t> ends;
  std::set<std::string> accepted;
  std::set<std::string> refused;
  std::map<std::string, std::string> results;
};

/// What the program said of itself when it had begun anew; empty when it was killed before.
struct Audit {
  Audit(const std::filesystem::path& folder, const std::string& round) {
    bool ours = false;
    for (const std::string& line : lines_of(folder / "audit")) {
      std::istringstream words(line);
      std::string what;
      std::string name;
      words >> what;
      if (what != "all") words >> name;
      if (what == "round") ours = name == round;
      if (!ours) continue;
      Fields fields;
      for (std::string word; words >> word;) {
        const auto sign = word.find('=');
        fields[word.substr(0, sign)] = word.substr(sign + 1);
      }
      if (what == "job") jobs[name] = fields;
      if (what == "all") all = fields;
      if (what == "whole") whole = true;
    }
  }

  bool whole = false;
  std::map<std::string, Fields> jobs;
  Fields all;
};

std::uint64_t number(const Fields& fields, const std::string& name) {
  return std::stoull(fields.at(name));
}

/// All that is wrong, in words.
std::vector<std::string> differences(const Audit& audit, const OnRecord& before) {
  std::vector<std::string> wrong;
  const auto expect = [&](bool right, const std::string& job, const std::string& what) {
    if (!right) wrong.push_back(job + ": " + what);
  };
  for (const std::string& run : before.twice) expect(false, run, "was run twice for one start");
  for (const std::string& job : before.accepted) {
    expect(audit.jobs.count(job) == 1, job, "was acknowledged and is gone");
  }
  for (const std::string& job : before.refused) {
    expect(audit.jobs.count(job) == 0, job, "was refused and is there");
  }
  expect(number(audit.all, "balance") == 1, "all jobs", "the books do not balance");
  for (const auto& [job, fields] : audit.jobs) {
    expect(number(fields, "balance") == 1, job, "its books do not balance");
    expect(number(fields, "off-the-grid") == 0, job, "starts were forgotten, or counted twice");
  }
  for (const auto& [job, starts] : before.starts_of) {
    const auto found = audit.jobs.find(job);
    if (found == audit.jobs.end()) {
      expect(false, job, "was run and is gone");
      continue;
    }
    const auto ended = before.ends.find(job);
    const std::uint64_t unended = starts - (ended == before.ends.end() ? 0 : ended->second);
    expect(number(found->second, "started") >= starts, job, "a run is not in the books");
    expect(number(found->second, "crashed") >= unended, job, "what ran is not reported as lost");
  }
  for (const auto& [job, result] : before.results) {
    const auto found = audit.jobs.find(job);
    expect(found != audit.jobs.end() && found->second.at("outcome") == result, job,
           "the result '" + result + "' that was handed over is another one now");
  }
  return wrong;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

int rounds() {
  const char* const asked = std::getenv("MPLANE_CRASH_ROUNDS");
  return asked == nullptr ? 5 : std::atoi(asked);
}

}  // namespace

TEST_CASE("the books balance after each of many kills at random instants", "[crash]") {
  const std::uint64_t seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const ScratchFolder scratch;
  const auto& folder = scratch.path();
  int audited = 0;
  for (int round = 1; round <= rounds(); ++round) {
    CAPTURE(round);
    const OnRecord before(folder);
    Program subject(
        {CRASH_SUBJECT, folder.string(), std::to_string(round), std::to_string(random())});
    // Now and then it dies while it restores.
    if (random() % 8 != 0) REQUIRE(subject.wait_for_line("restored") == "restored");
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 500));  // at a random instant
    subject.send(SIGKILL);
    const Ended killed = subject.wait().value();
    INFO(killed.err);
    REQUIRE(killed.code == 128 + SIGKILL);
    const Audit audit(folder, std::to_string(round));
    if (!audit.whole) continue;
    ++audited;
    const auto wrong = differences(audit, before);
    INFO(joined(wrong));
    REQUIRE(wrong.empty());
  }
  const OnRecord before(folder);
  const std::string last = std::to_string(rounds() + 1);
  const Ended ended = run_program({CRASH_SUBJECT, folder.string(), last, "0", "end"});
  CHECK(ended.err == "restored\n");
  REQUIRE(ended.code == 0);
  const Audit audit(folder, last);
  const auto wrong = differences(audit, before);
  INFO(joined(wrong));
  CHECK(wrong.empty());
  CHECK(audited > 0);
  std::cout << rounds() << " kills, " << before.accepted.size() << " jobs acknowledged, "
            << before.starts.size() << " runs witnessed, " << number(audit.all, "crashed")
            << " of them lost, " << before.results.size() << " results handed over" << std::endl;
}
