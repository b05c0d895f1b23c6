#include "mpcom/doctor.hpp"

#include "support/fake_clock.hpp"
#include "support/pki.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using Catch::Contains;
using Verdict = Finding::Verdict;

TEST_CASE("a clock is as good as the kernel says") {
  struct Row {
    std::optional<KernelClock> clock;
    Verdict verdict;
    std::string says;
  };
  for (const Row& row : {
           Row{{}, Verdict::Warning, "does not tell"},
           Row{KernelClock{false, 0us, 0us}, Verdict::Warning, "not synchronised"},
           Row{KernelClock{true, -250us, 30ms}, Verdict::Good, "wrong by at most 30ms"},
           Row{KernelClock{true, 250us, 30ms}, Verdict::Good, "still corrects 250us"},
           Row{KernelClock{true, 0us, 2s}, Verdict::Warning, "wrong by at most 2s"},
           Row{KernelClock{true, -3s, 10ms}, Verdict::Warning, "still corrects 3s"},
       }) {
    const Finding finding = examine_clock(row.clock);
    CHECK(finding.verdict == row.verdict);
    CHECK_THAT(finding.says, Contains(row.says));
    CHECK(finding.advice.empty() == (row.verdict == Verdict::Good || !row.clock));
  }
}

TEST_CASE("what ends soon or has ended is said with what to do") {
  const Instant now{Duration(24h * 20'000)};
  const std::chrono::system_clock::time_point then(now);
  const auto ending = [&](const auto left) {
    return TlsEnding{TlsEnding::What::Certificate, "a.crt", "org.a", then - 24h * 100, then + left};
  };
  const Findings findings = examine_endings({ending(24h * 31), ending(24h * 29), ending(-1h)}, now);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].verdict == Verdict::Good);
  CHECK(findings[0].says == "a.crt of org.a is good until 2024-11-04");
  CHECK(findings[1].verdict == Verdict::Warning);
  CHECK_THAT(findings[1].says, Contains("ends soon") && Contains("file=a.crt"));
  CHECK(findings[2].verdict == Verdict::Bad);
  CHECK_FALSE(findings[2].advice.empty());
}

TEST_CASE("what the files' reader warned of as well is found once") {
  const test::TestPki pki;
  const test::FakeClock clock(std::chrono::floor<Duration>(std::chrono::system_clock::now()) +
                              24h * 20'000);
  Preparation prepared;
  prepared.options.tls = TlsContext(pki.issue("probe"));
  std::vector<LogRecord> logged{{Severity::Warning, "tls", "the key ends up with others", {}}};
  for (const TlsEnding& ending : prepared.options.tls->endings()) {
    logged.push_back(*warning_of(ending, std::chrono::system_clock::time_point(clock.now())));
  }
  ComponentConfig config;
  config.options.listen.clear();
  const Findings findings = examine(config, prepared, {}, logged, clock);
  const auto found = [&](const std::string& text) {
    return std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.says.find(text) != std::string::npos;
    });
  };
  CHECK(found("has ended") == 2);  // the authority's and ours
  CHECK(found("ends up with others") == 1);
}

TEST_CASE("room is measured where the state is, or will be") {
  const test::ScratchFolder folder;
  CHECK(examine_disk(folder.path(), 1).verdict == Verdict::Good);
  CHECK(examine_disk(folder.path() / "new", 1).verdict == Verdict::Good);
  CHECK(examine_disk(folder.path(), std::numeric_limits<std::uintmax_t>::max()).verdict ==
        Verdict::Warning);
  CHECK(examine_disk(folder.path() / "no" / "such", 1).verdict == Verdict::Bad);
}

TEST_CASE("more connections than files is warned of") {
  CHECK(examine_descriptors(1).verdict == Verdict::Good);
  const Finding finding = examine_descriptors(100'000'000);
  CHECK(finding.verdict == Verdict::Warning);
  CHECK_THAT(finding.advice, Contains("LimitNOFILE"));
}

TEST_CASE("an address that is taken, and a supervisor that is not there, are found") {
  const Listener taken({.insecure = true}, [](const HttpRequest&, const Responder&) {});
  const HostPort there{"127.0.0.1", taken.port()};
  CHECK(examine_address({"127.0.0.1", 0}).verdict == Verdict::Good);
  CHECK(examine_address(there).verdict == Verdict::Warning);

  Listener supervisor({.insecure = true}, [](const HttpRequest&, Responder responder) {
    responder.send({.status = 404});
  });
  supervisor.start();
  const auto url = [](std::uint16_t port) {
    return Url::parse("http://127.0.0.1:" + std::to_string(port) + "/");
  };
  CHECK(examine_peer("supervisor", url(supervisor.port()), {}).verdict == Verdict::Good);
  const std::uint16_t port = supervisor.port();
  supervisor.stop();
  const Finding gone = examine_peer("supervisor", url(port), {});
  CHECK(gone.verdict == Verdict::Unreachable);
  CHECK_FALSE(gone.advice.empty());
}

TEST_CASE("findings are told line by line, and the worst is the exit code") {
  const Finding good{Verdict::Good, "disk", "there is room", ""};
  const Finding warning{Verdict::Warning, "clock", "is wrong", "set it"};
  const Finding bad{Verdict::Bad, "certificates", "none", "make one"};
  const Finding away{Verdict::Unreachable, "supervisor", "gone", "look"};
  std::ostringstream out;
  CHECK(tell({good, warning}, out) == 0);
  CHECK(out.str() ==
        "good    disk          there is room\n"
        "warning clock         is wrong\n"
        "                      -> set it\n");
  CHECK(tell({good, away, warning}, out) == 5);
  CHECK(tell({away, bad}, out) == 2);
}
