#include "mplane/tools/metrics_page.hpp"

#include <catch2/catch.hpp>

using namespace mplane;

TEST_CASE("metrics are written in OpenMetrics' text form, by name and labels") {
  MetricsPage page;
  page.histogram("mplane_late_seconds", "Late", {{0.5, 1}, {1, 3}}, 4, 2.25);
  page.counter("mplane_runs_done", "Runs that yielded a result", 3);
  page.counter("mplane_answers", "By status", 2, {{"status", "404"}});
  page.counter("mplane_answers", "By status", 1, {{"status", "200"}});
  page.gauge("mplane_open", "", 0.5, {{"file", "a \"b\"\\c\n"}});
  page.summary("mplane_delay_seconds", "Of echoes", {{{0.5, 4.3e-05}, {0.9, 0.001244}}, 7, 0.25},
               {{"component", "a"}});
  page.summary("mplane_delay_seconds", "Of echoes", {}, {{"component", "b"}});
  CHECK(page.text() ==
        "# HELP mplane_answers By status\n"
        "# TYPE mplane_answers counter\n"
        "mplane_answers_total{status=\"200\"} 1\n"
        "mplane_answers_total{status=\"404\"} 2\n"
        "# HELP mplane_delay_seconds Of echoes\n"
        "# TYPE mplane_delay_seconds summary\n"
        "mplane_delay_seconds_count{component=\"a\"} 7\n"
        "mplane_delay_seconds_sum{component=\"a\"} 0.25\n"
        "mplane_delay_seconds{component=\"a\",quantile=\"0.5\"} 4.3e-05\n"
        "mplane_delay_seconds{component=\"a\",quantile=\"0.9\"} 0.001244\n"
        "mplane_delay_seconds_count{component=\"b\"} 0\n"
        "mplane_delay_seconds_sum{component=\"b\"} 0\n"
        "# HELP mplane_late_seconds Late\n"
        "# TYPE mplane_late_seconds histogram\n"
        "mplane_late_seconds_count 4\n"
        "mplane_late_seconds_sum 2.25\n"
        "mplane_late_seconds_bucket{le=\"0.5\"} 1\n"
        "mplane_late_seconds_bucket{le=\"1\"} 3\n"
        "mplane_late_seconds_bucket{le=\"+Inf\"} 4\n"
        "# TYPE mplane_open gauge\n"
        "mplane_open{file=\"a \\\"b\\\"\\\\c\\n\"} 0.5\n"
        "# HELP mplane_runs_done Runs that yielded a result\n"
        "# TYPE mplane_runs_done counter\n"
        "mplane_runs_done_total 3\n"
        "# EOF\n");
}

TEST_CASE("of samples with the same labels the last one counts") {
  MetricsPage page;
  page.gauge("mplane_n", "N", 1, {{"row", "a"}});
  page.gauge("mplane_n", "N", 2, {{"row", "a"}});
  CHECK(page.text() == "# HELP mplane_n N\n# TYPE mplane_n gauge\nmplane_n{row=\"a\"} 2\n# EOF\n");
}

TEST_CASE("a page without metrics ends, too") { CHECK(MetricsPage().text() == "# EOF\n"); }
