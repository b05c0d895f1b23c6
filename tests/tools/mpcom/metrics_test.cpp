#include "mpcom/metrics.hpp"

#include <chrono>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

Measures measures() {
  Measures all;
  Books& books = all.component.books;
  books.wait(9);
  books.start(5);
  books.end(Reason::Completed, 2);
  books.end(Reason::ServiceFailed);
  books.end(Reason::Overlap, 2);
  all.component.lateness.record(1500ns);
  all.component.lateness.record(70s);
  all.component.capabilities = 3;
  all.component.sessions.open = 4;
  all.component.sessions.answers = {{200, 7}, {429, 1}};
  all.component.refused = {{ErrorKind::TooMany, 1}};
  all.endings = {{TlsEnding::What::Authority,
                  "ca.crt",
                  "org.ca",
                  {},
                  std::chrono::system_clock::time_point(1000s)}};
  all.clock = KernelClock{true, -250us, 30ms};
  return all;
}

}  // namespace

TEST_CASE("every counter of the books is among the metrics, and each reason once") {
  const std::string page = metrics_page(measures());
  for (const char* const line :
       {"mplane_starts_planned_total 9", "mplane_starts_started_total 5",
        "mplane_runs_done_total 2", "mplane_runs_failed_total 1", "mplane_runs_interrupted_total 0",
        "mplane_runs_lost_total 0", "mplane_runs_running 2", "mplane_starts_skipped_total 2",
        "mplane_starts_missed_total 0", "mplane_starts_refused_total 0", "mplane_starts_waiting 2",
        "mplane_starts_ended_total{ending=\"done\",reason=\"completed\"} 2",
        "mplane_starts_ended_total{ending=\"skipped\",reason=\"overlap\"} 2"}) {
    CHECK_THAT(page, Contains("\n" + std::string(line) + "\n"));
  }
  for (std::size_t i = 0; i < kReasons; ++i) {
    const std::string name(traits(static_cast<Reason>(i)).name);
    CHECK_THAT(page, Contains("reason=\"" + name + "\"}"));
  }
}

TEST_CASE("sessions, refusals, lateness, certificates and the clock are among the metrics") {
  const std::string page = metrics_page(measures());
  for (const char* const line :
       {"mplane_capabilities 3", "mplane_sessions_open 4",
        "mplane_http_answers_total{status=\"429\"} 1",
        "mplane_messages_refused_total{kind=\"too many\"} 1",
        "mplane_start_lateness_seconds_count 2",
        "mplane_start_lateness_seconds_bucket{le=\"1e-06\"} 0",
        "mplane_start_lateness_seconds_bucket{le=\"2e-06\"} 1",
        "mplane_start_lateness_seconds_bucket{le=\"+Inf\"} 2",
        "mplane_tls_expiry_timestamp_seconds{what=\"authority\",file=\"ca.crt\",name=\"org.ca\"} "
        "1000",
        "mplane_clock_synchronised 1", "mplane_clock_offset_seconds -0.00025",
        "mplane_clock_error_bound_seconds 0.03"}) {
    CHECK_THAT(page, Contains("\n" + std::string(line) + "\n"));
  }
}

TEST_CASE("metrics are named as everybody expects it") {
  std::istringstream lines(metrics_page(measures()));
  std::set<std::string> families;
  std::string last;
  for (std::string line; std::getline(lines, line); last = line) {
    if (!line.starts_with("# TYPE ")) continue;
    const std::string rest = line.substr(7);
    const std::string name = rest.substr(0, rest.find(' '));
    CHECK(families.insert(name).second);
    CHECK_FALSE(name.ends_with("_total"));
    CHECK((name.starts_with("mplane_") || name.starts_with("process_")));
  }
  CHECK(last == "# EOF");
}
