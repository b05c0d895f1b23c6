#!/usr/bin/env python3
"""mpcom as operators see it: status, service manager, doctor, unit.

    operating_test.py MPCOM MPPKI [TEST …]
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS, Site, loopback, ping, post

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class WithStatus(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.stop)
        state = self.site.path("state")
        self.site.write_config(state=state, more="status: {listen: 0}")
        self.site.launch()
        line = self.site.log.wait_for("health and metrics are told here", "listen=127.0.0.1:")
        self.port = int(line.rsplit(":", 1)[1])

    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response, body

    def metrics(self):
        response, body = self.get("/metrics")
        self.assertEqual(response.headers["Content-Type"],
                         "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.assertTrue(body.endswith("# EOF\n"))
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in body.splitlines() if line[0] != "#")}

    def test_health_is_told_to_whoever_asks_locally(self):
        response, body = self.get("/health")
        self.assertEqual((response.status, json.loads(body)), (200, {"status": "ok"}))
        self.assertEqual(self.get("/nowhere")[0].status, 404)
        self.assertEqual(self.get("/health", "POST")[0].status, 405)
        self.assertEqual(self.get("/health", "HEAD")[0].status, 200)

    def test_what_happens_is_in_the_metrics_and_the_books_balance(self):
        connection = self.site.connect()
        for i in range(5):
            self.assertEqual(post(connection, loopback("x", f"t{i}"))[0], 200)
        post(connection, ping("p", "now + 1s / 1s", parameters={"destination.ip4": "10.0.0.1"}))
        self.assertEqual(post(connection, b"{")[0], 400)
        self.assertEqual(post(self.site.connect("mallory"), loopback("no"))[0], 403)
        m = self.metrics()
        self.assertEqual(m["mplane_runs_done_total"], 5)
        self.assertEqual(m["mplane_runs_failed_total"], 1)
        self.assertEqual(m["mplane_sessions_open"], 2)
        self.assertEqual(m["mplane_sessions_accepted_total"], 2)
        self.assertEqual(m['mplane_http_answers_total{status="200"}'], 6)
        self.assertEqual(m['mplane_messages_refused_total{kind="malformed"}'], 1)
        self.assertEqual(m['mplane_messages_refused_total{kind="refused"}'], 1)
        self.assertEqual(m["mplane_starts_planned_total"],
                         sum(m[f"mplane_starts_{x}"] for x in (
                             "started_total", "skipped_total", "missed_total", "refused_total",
                             "waiting")))
        self.assertEqual(m["mplane_starts_started_total"],
                         sum(m[f"mplane_runs_{x}"] for x in (
                             "done_total", "failed_total", "interrupted_total", "lost_total",
                             "running")))
        self.assertGreater(m["process_resident_memory_bytes"], 1e6)


class ServiceManager(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.stop)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(self.site.path("notify"))
        self.socket.settimeout(PATIENCE)

    def expect(self, *starts):
        """The next that is said, watchdogs aside."""
        for start in starts:
            said = "WATCHDOG=1"
            while said == "WATCHDOG=1":
                said = self.socket.recv(4096).decode()
            self.assertTrue(said.startswith(start), said)

    def launch(self, **environment):
        self.site.write_config()
        self.site.launch(NOTIFY_SOCKET=self.site.path("notify"), **environment)

    def test_it_is_told_of_readiness_reloads_and_the_end(self):
        self.launch()
        self.expect("READY=1\nSTATUS=listening at https://127.0.0.1:")
        self.site.component.send_signal(signal.SIGHUP)
        self.expect("RELOADING=1\nMONOTONIC_USEC=", "READY=1\nSTATUS=reloaded")
        os.remove(self.site.path("component.yaml"))
        self.site.component.send_signal(signal.SIGHUP)
        self.expect("RELOADING=1", "READY=1\nSTATUS=running; the new configuration has mistakes")
        self.site.component.send_signal(signal.SIGTERM)
        self.expect("STOPPING=1")
        self.assertEqual(self.site.component.wait(PATIENCE), 0)

    def test_its_watchdog_is_fed_while_peers_are_answered(self):
        self.launch(WATCHDOG_USEC="200000")
        self.expect("READY=1")
        self.assertEqual([self.socket.recv(99) for _ in range(5)], [b"WATCHDOG=1"] * 5)


class Doctor(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.folder.cleanup)

    def examine(self, **config):
        self.site.write_config(**config)
        ended = subprocess.run(
            [PROGRAMS["mpcom"], "--config", self.site.path("component.yaml"), "--doctor"],
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(ended.stderr, "")
        return ended.returncode, ended.stdout

    def test_a_good_configuration_is_good(self):
        code, said = self.examine(state=self.site.path("state"))
        self.assertEqual(code, 0, said)
        for text in (r"good +configuration ", r"(good|warning) +clock ", r"good +certificates ",
                     r"good +disk ", r"(good|warning) +rights ", r"good +address "):
            self.assertRegex(said, text)
        self.assertFalse(os.path.exists(self.site.path("state")))

    def test_a_certificate_that_ends_is_found(self):
        Site.run_pki("issue", "--force", "--dir", self.site.path("pki"), "component", "demo",
                     "--days", "9")
        code, said = self.examine()
        self.assertEqual(code, 0)
        self.assertRegex(said, r"warning certificates +the certificate ends soon.*component-demo")
        self.assertIn("-> put a new one in its place", said)

    def test_a_supervisor_that_is_not_there_is_found(self):
        with socket.socket() as taken:  # bound, and nobody listens
            taken.bind(("127.0.0.1", 0))
            there = f"127.0.0.1:{taken.getsockname()[1]}"
            code, said = self.examine(
                component=f', supervisors: [{{url: "https://{there}/"}}]')
        self.assertEqual(code, 5, said)
        self.assertRegex(said, f"bad +supervisor +{there}: .*refused")

    def test_mistakes_are_bad(self):
        os.remove(self.site.path("pki/component-demo.key"))
        code, said = self.examine(more="nonsense: 1")
        self.assertEqual(code, 2)
        self.assertRegex(said, r"bad +configuration +.*unknown key \"nonsense\"")
        self.assertRegex(said, r"bad +configuration +.*component-demo.key")


class Units(unittest.TestCase):
    @staticmethod
    def path(program):
        return os.path.join(SOURCE, "conf", "systemd", program + ".service")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not here")
    def test_the_units_expose_little(self):
        for program in ("mpcom", "mpsup"):
            ended = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--no-pager",
                 self.path(program)],
                capture_output=True, text=True, timeout=PATIENCE, check=True)
            score = re.search(rf"Overall exposure level for {program}.service: ([0-9.]+) ",
                              ended.stdout)
            self.assertTrue(score, ended.stdout)
            self.assertLess(float(score.group(1)), 2.5)

    def test_the_units_let_the_state_of_the_clock_be_read(self):
        for program in ("mpcom", "mpsup"):
            with open(self.path(program), encoding="utf-8") as unit:
                allowed = re.findall(r"^SystemCallFilter=(?!~)(.*)$", unit.read(), re.MULTILINE)
            calls = " ".join(allowed).split()
            # The C library's adjtimex() is the second on some systems, and the third on others.
            for call in ("adjtimex", "clock_adjtime", "clock_adjtime64"):
                self.assertIn(call, calls)


if __name__ == "__main__":
    fixture.main("mpcom", "mppki")
