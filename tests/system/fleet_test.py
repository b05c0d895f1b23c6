#!/usr/bin/env python3
"""mpsim and mpsup as programs: a fleet on one machine, below one supervisor.

    fleet_test.py MPSUP MPPKI MPCLI MPSIM [TEST …]
"""

import json
import signal
import socket
import subprocess
import threading
import unittest

import fixture
import supervisor_test
from fixture import PATIENCE, PROGRAMS, Log

FLEET = 200
PING = ("destination.ip4=192.0.2.1", "--when", "now", "--format", "json")


class Site(supervisor_test.Site):
    """A supervisor that makes one of what a fleet offers."""

    def write_config(self, more=""):
        with open(self.path("supervisor.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component: {{listen: "127.0.0.1:{self.ports[0]}"}}
supervisor:
  listen: "127.0.0.1:{self.ports[1]}"
  patience: 3s
  compositions:
    - {{label: all, of: sim-ping}}
    - {{label: good, of: sim-ping, components: ["org.example.component.good-*"]}}
tls: {{ca: pki/ca.crt, cert: pki/component-supervisor.crt, key: pki/component-supervisor.key}}
access:
  roles: {{org.example.client.alice: user}}
  authorizations: {{all: user, good: user}}
{more}
""")

    def rows(self, label):
        """What a client gets that asks once: rows by component."""
        answer = json.loads(self.client("run", label, *PING))
        return {row["observer.device"]: row for row in answer["rows"]}


class Fleet:
    """Simulated components below a site's supervisor."""

    def __init__(self, site, components, *options, pki="pki", lasting="inf"):
        self.process = subprocess.Popen(
            [PROGRAMS["mpsim"], "--components", str(components), "--json", "--supervisor",
             f"https://127.0.0.1:{site.components}/", "--pki", site.path(pki),
             "--answer-after", "10ms..200ms", "--for", lasting, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.log = Log(self.process.stderr)

    def wait_until_registered(self):
        assert self.log.wait_for("components are registered"), self.log.lines

    def end(self):
        """Stops it. Returns its exit code and what it saw."""
        self.process.send_signal(signal.SIGTERM)
        return self.result()

    def result(self):
        text = self.process.stdout.read()
        return self.process.wait(PATIENCE), json.loads(text)

    def close(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.log.reader.join(PATIENCE)
        self.process.stderr.close()


class WithSupervisor(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.start()

    def play(self, components, *options, **how):
        fleet = Fleet(self.site, components, *options, **how)
        self.addCleanup(fleet.close)
        return fleet


class Fleets(WithSupervisor):
    def test_one_question_brings_the_rows_of_a_whole_fleet(self):
        fleet = self.play(FLEET)
        fleet.wait_until_registered()
        rows = self.site.rows("all")
        self.assertEqual(set(rows), {f"org.example.component.sim-{n + 1}" for n in range(FLEET)})
        for row in rows.values():
            self.assertLess(row["delay.twoway.icmp.us.min"], row["delay.twoway.icmp.us.max"])
        code, seen = fleet.end()
        self.assertEqual(code, 0, seen)
        for what in ("components", "registered", "registrations", "asked", "answered", "receipts"):
            self.assertEqual(seen[what], FLEET, (what, seen))
        self.assertEqual(seen["errors"], {})
        self.assertEqual(seen["refused"], 0)
        self.assertEqual(seen["latency"]["result"]["count"], FLEET)
        self.assertGreaterEqual(seen["polls"], FLEET)

    def test_honest_components_are_served_beside_those_that_flap_and_lie(self):
        good = self.play(20, "--name", "good")
        bad = self.play(60, "--name", "bad", "--lie", "50%", "--flap", "30%", "--slow", "10%",
                        "--die", "10%")
        good.wait_until_registered()
        bad.wait_until_registered()
        asking = threading.Thread(target=self.ask_liars)
        asking.start()
        self.addCleanup(asking.join)
        for _ in range(10):
            self.assertEqual(len(self.site.rows("good")), 20)
        asking.join()
        code, seen = good.end()
        self.assertEqual((code, seen["errors"], seen["refused"]), (0, {}, 0), seen)
        self.assertEqual((seen["registrations"], seen["answered"]), (20, seen["asked"]), seen)
        _, seen = bad.end()
        for what in ("lied", "flapped", "refused"):
            self.assertGreater(seen[what], 0, (what, seen))
        self.assertGreater(seen["registrations"], 60)
        self.assertIn("400", seen["statuses"])

    def ask_liars(self):
        """Asks everybody, of whom some answer to the point."""
        for _ in range(2):
            self.site.post({"specification": "measure", "version": 1, "registry": fixture.CORE,
                            "label": "all", "when": "now",
                            "parameters": {"destination.ip4": "192.0.2.1"},
                            "results": ["observer.device", "delay.twoway.icmp.us.min",
                                        "delay.twoway.icmp.us.mean", "delay.twoway.icmp.us.max",
                                        "delay.twoway.icmp.count"]})

    def test_a_fleet_comes_back_to_a_supervisor_that_was_killed(self):
        fleet = self.play(50)
        fleet.wait_until_registered()
        self.site.kill()
        self.site.start()
        for number in range(50):
            self.assertTrue(self.site.log.wait_for("registered", f"component.sim-{number + 1}"))
        self.assertEqual(len(self.site.rows("all")), 50)
        code, seen = fleet.end()
        self.assertEqual(code, 0)
        self.assertEqual(seen["registrations"], 100)
        self.assertGreater(sum(seen["errors"].values()), 0)

    def test_a_fleet_of_another_authority_is_not_let_in(self):
        self.site.run_pki("init", "--dir", self.site.path("foreign"), "--domain", "example.org")
        fleet = self.play(3, "--tls-ca", self.site.path("pki", "ca.crt"), pki="foreign",
                          lasting="2s")
        code, seen = fleet.result()
        self.assertEqual(code, 5, seen)
        self.assertEqual(seen["registered"], 0)
        self.assertIn("TLS handshake failed", seen["errors"])

    def test_a_fleet_does_not_register_with_a_supervisor_that_it_does_not_believe(self):
        self.site.run_pki("init", "--dir", self.site.path("foreign"), "--domain", "example.org")
        fleet = self.play(3, "--tls-ca", self.site.path("foreign", "ca.crt"), lasting="2s")
        code, seen = fleet.result()
        self.assertEqual(code, 5, seen)
        self.assertEqual(set(seen["errors"]), {"supervisor not trusted"})


class Alone(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def play(self, *options):
        return subprocess.run([PROGRAMS["mpsim"], "--pki", self.site.path("pki"), *options],
                              text=True, capture_output=True, timeout=PATIENCE, check=False)

    def test_a_fleet_without_a_supervisor_says_that_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            url = f"https://127.0.0.1:{closed.getsockname()[1]}/"
        ended = self.play("--components", "2", "--for", "1s", "--supervisor", url)
        self.assertEqual(ended.returncode, 5, ended.stderr)
        self.assertIn("nobody listens", ended.stdout)
        self.assertIn("0 of 2 registered", ended.stdout)

    def test_a_fleet_that_this_machine_cannot_play_names_the_limit(self):
        ended = self.play("--components", "100000", "--from", "127.0.0.9", "--supervisor",
                          "https://127.0.0.1:1/")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("net.ipv4.ip_local_port_range", ended.stderr)
        ended = self.play("--components", "1", "--supervisor", "http://127.0.0.1:1/")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("https", ended.stderr)


if __name__ == "__main__":
    fixture.main("mpsup", "mppki", "mpcli", "mpsim")
