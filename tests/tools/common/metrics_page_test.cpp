#include "mplane/tools/metrics_page.hpp"

#include <catch2/catch.hpp>

using namespace mplane;

TEST_CASE("metrics are written in OpenMetrics' text form") {
  MetricsPage page;
  page.counter("mplane_runs_done", "Runs that yielded a result", 3);
  page.counter("mplane_answers", "By status", 1, {{"status", "200"}});
  page.counter("mplane_answers", "By status", 2, {{"status", "404"}});
  page.gauge("mplane_open", "Now", 0.5, {{"file", "a \"b\"\\c\n"}});
  page.histogram("mplane_late_seconds", "Late", {{0.5, 1}, {1, 3}}, 4, 2.25);
  CHECK(page.text() ==
        "# HELP mplane_runs_done Runs that yielded a result\n"
        "# TYPE mplane_runs_done counter\n"
        "mplane_runs_done_total 3\n"
        "# HELP mplane_answers By status\n"
        "# TYPE mplane_answers counter\n"
        "mplane_answers_total{status=\"200\"} 1\n"
        "mplane_answers_total{status=\"404\"} 2\n"
        "# HELP mplane_open Now\n"
        "# TYPE mplane_open gauge\n"
        "mplane_open{file=\"a \\\"b\\\"\\\\c\\n\"} 0.5\n"
        "# HELP mplane_late_seconds Late\n"
        "# TYPE mplane_late_seconds histogram\n"
        "mplane_late_seconds_count 4\n"
        "mplane_late_seconds_sum 2.25\n"
        "mplane_late_seconds_bucket{le=\"0.5\"} 1\n"
        "mplane_late_seconds_bucket{le=\"1\"} 3\n"
        "mplane_late_seconds_bucket{le=\"+Inf\"} 4\n"
        "# EOF\n");
}

TEST_CASE("a page without metrics ends, too") { CHECK(MetricsPage().text() == "# EOF\n"); }
