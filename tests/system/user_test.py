#!/usr/bin/env python3
"""What a user does with mpcli, from looking around to loading what was measured.

    user_test.py MPCOM MPPKI MPCLI [TEST …]
"""

import csv
import io
import json
import os
import re
import signal
import subprocess

import fixture
from fixture import PATIENCE, PROGRAMS, WithComponent

PING = ("ping-average-ip4", "destination.ip4=127.0.0.1")
MEAN = "delay.twoway.icmp.us.mean"


class AWeekOfPings(WithComponent):
    immediate = "0s"

    def environment(self, url=None):
        return os.environ | {
            "MPLANE_URL": url or f"https://127.0.0.1:{self.site.port}/capability",
            "MPLANE_TLS_CA": self.site.path("pki/ca.crt"),
            "MPLANE_TLS_CERT": self.site.path("pki/client-alice.crt"),
            "MPLANE_TLS_KEY": self.site.path("pki/client-alice.key"),
            "XDG_CONFIG_HOME": self.site.folder.name}

    def mpcli(self, *arguments, code=0, url=None):
        ended = subprocess.run([PROGRAMS["mpcli"], *arguments], env=self.environment(url),
                               text=True, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stdout

    def rows(self, *arguments, **how):
        out = self.mpcli(*arguments, "--format", "csv", **how)
        return list(csv.DictReader(io.StringIO(out, newline="")))

    def watch_rows(self, token, count):
        """Watches until so many rows have been shown."""
        with subprocess.Popen([PROGRAMS["mpcli"], "watch", token, "--format", "csv"],
                              env=self.environment(), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as mpcli:
            heading = mpcli.stdout.readline()
            rows = [mpcli.stdout.readline() for _ in range(count)]
            mpcli.send_signal(signal.SIGINT)
            _, said = mpcli.communicate(timeout=PATIENCE)
        self.assertTrue(heading.startswith("when,"), said)
        self.assertTrue(all(rows), said)
        self.assertIn("goes on", said)

    def test_an_hourly_ping_is_looked_up_planned_begun_and_stopped(self):
        self.assertIn("ping-average-ip4", {row["label"] for row in self.rows("list")})
        meant = {row["element"]: row for row in self.rows("explain", "ping-average-ip4")}
        self.assertEqual(meant["source.ip4"]["constraint"], "127.0.0.1")
        self.assertIn("microseconds", meant[MEAN]["meaning"])
        week = (*PING, "--when", "now + 5s / 1s", "--repeat", "1h", "--for", "7d")
        plan = self.mpcli("plan", *week)
        self.assertIn("169 runs, of which these are the next 10", plan)
        self.assertEqual(len(self.rows("plan", *week, "--starts", "200")), 169)
        self.assertFalse([x for x in self.site.log.lines if "specification accepted" in x])

        token = self.mpcli("run", *week, "--no-wait").strip()
        self.assertRegex(token, "^[0-9a-f]{32}$")
        self.assertTrue(self.site.log.wait_for("specification accepted", f"token={token}"))
        self.mpcli("stop", token)

    def test_a_plan_tells_what_is_in_its_way_and_begins_nothing(self):
        plan = ("plan", *PING, "--when", "now + 3s / 1s", "--repeat", "2s", "--for", "5s")
        rows = self.rows(*plan)
        self.assertEqual([bool(row["in-the-way"]) for row in rows], [False, True, False])
        self.assertIn("the run before it still goes on: ping-average-ip4 of", rows[1]["in-the-way"])
        begun = [x for x in self.site.log.lines if "specification accepted" in x]
        self.assertEqual(begun, [])

    def test_the_runs_of_a_repeated_measurement_are_exported_and_loaded(self):
        token = self.mpcli("run", *PING, "--when", "now + 1s / 1s", "--repeat", "2s", "--for",
                           "1h", "--no-wait").strip()
        self.watch_rows(token, 2)
        rows = self.rows("results", token)
        self.assertGreaterEqual(len(rows), 2)
        self.assertEqual(list(rows[0])[0], "when")
        self.assertTrue(all(0 < int(row[MEAN]) < 1_000_000 for row in rows), rows)
        self.assertLess(rows[0]["when"], rows[1]["when"])
        stopped = self.rows("stop", token)
        self.assertGreaterEqual(len(stopped), len(rows))
        self.assertEqual(list(stopped[0]), list(rows[0]))
        [figures] = [x for x in self.rows("results", token, "--summary") if x["column"] == MEAN]
        self.assertEqual(int(figures["rows"]), len(self.rows("results", token)))
        self.assertLessEqual(float(figures["min"]), float(figures["p50"]))
        self.assertLessEqual(float(figures["p50"]), float(figures["max"]))

    def test_two_components_are_asked_with_one_question(self):
        urls = f"https://127.0.0.1:{self.site.port}/ https://127.0.0.1:{self.site.port}/capability"
        rows = self.rows("run", *PING, "--when", "now + 1s / 1s", url=urls)
        self.assertEqual([row["component"] for row in rows], ["org.example.component.demo"] * 2)
        self.assertEqual(list(rows[0])[0], "component")
        documents = json.loads(self.mpcli("run", *PING, "--when", "now + 1s / 1s", "--format",
                                          "json", url=urls))
        self.assertEqual(len(documents), 2)
        broken = urls + " https://127.0.0.1:9/"
        rows = self.rows("run", *PING, "--when", "now + 1s / 1s", url=broken, code=6)
        self.assertEqual(len(rows), 2)

    def test_metrics_are_in_the_form_that_prometheus_reads(self):
        text = self.mpcli("run", *PING, "--when", "now + 1s / 1s", "--format", "prometheus")
        sample = re.compile(r'[a-z_]+\{([a-z0-9_]+="[^"]*",?)+\} [0-9.e+-]+')
        for line in text.splitlines():
            if not line.startswith("#"):
                self.assertRegex(line, sample)
        [mean] = re.findall(r"^mplane_delay_twoway_icmp_mean_seconds\{.*\} (.*)$", text, re.MULTILINE)
        self.assertTrue(0 < float(mean) < 1)

    def test_the_configuration_of_a_profile_is_found(self):
        os.makedirs(self.site.path("mplane"))
        with open(self.site.path("mplane/client.yaml"), "w", encoding="utf-8") as file:
            file.write("format: json\nprofiles:\n  quick: {format: csv}\n")
        self.assertEqual(len(json.loads(self.mpcli("list"))), 2)
        self.assertTrue(self.mpcli("list", "--profile", "quick").startswith("label,token,"))


if __name__ == "__main__":
    fixture.main("mpcom", "mppki", "mpcli")
