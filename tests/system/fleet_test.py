#!/usr/bin/env python3
"""mpsim and mpsup as programs: a fleet on one machine, below one supervisor.

    fleet_test.py MPSUP MPPKI MPCLI MPSIM [TEST …]
"""

import contextlib
import http.server
import json
import os
import queue
import signal
import socket
import ssl
import subprocess
import threading
import time
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

    def __init__(self, site, components, *options, pki="pki", lasting="inf", host="127.0.0.1",
                 answering="10ms..200ms"):
        self.process = subprocess.Popen(
            [PROGRAMS["mpsim"], "--components", str(components), "--json", "--supervisor",
             f"https://{host}:{site.components}/", "--pki", site.path(pki),
             "--answer-after", answering, "--for", lasting, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.log = Log(self.process.stderr)

    def wait_until_registered(self):
        assert self.log.wait_for("components are registered"), self.log.lines

    def workers(self):
        """Its processes but the one that started them."""
        process = self.process.pid
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return [int(worker) for worker in file.read().split()]

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


    def test_a_fleet_that_dies_is_gone_for_good(self):
        fleet = self.play(20, "--die", "100%", lasting="2s")
        code, seen = fleet.result()
        self.assertEqual(code, 0, seen)
        self.assertEqual((seen["registered"], seen["registrations"]), (20, 20), seen)
        self.assertEqual(seen["died"], 20, seen)

    def test_a_slow_component_takes_ten_times_as_long(self):
        fleet = self.play(3, "--slow", "100%", answering="200ms")
        fleet.wait_until_registered()
        began = time.monotonic()
        self.assertEqual(len(self.site.rows("all")), 3)
        self.assertGreaterEqual(time.monotonic() - began, 2)

    def test_a_fleet_without_one_of_its_workers_ends(self):
        fleet = self.play(1_001)  # as few as take two workers
        fleet.wait_until_registered()
        os.kill(fleet.workers()[-1], signal.SIGKILL)
        self.assertEqual(fleet.process.wait(PATIENCE), 1)
        self.assertTrue(fleet.log.wait_for("killed by signal 9"), fleet.log.lines)

    def test_a_fleet_finds_a_supervisor_of_ip4_by_the_name_of_this_host(self):
        self.site.run_pki("issue", "--dir", self.site.path("pki"), "component", "supervisor",
                          "--ip", "127.0.0.1", "--dns", "localhost", "--force")
        self.site.kill()
        self.site.start()
        fleet = self.play(2, host="localhost")
        fleet.wait_until_registered()


class Told(http.server.BaseHTTPRequestHandler):
    """A request to a supervisor that says what a test has it say."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(None)

    def do_POST(self):
        self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def reply(self, message):
        status, headers, answer = self.server.answer(self.path, message)
        body = json.dumps(answer).encode()
        with contextlib.suppress(OSError):  # it may have left while it waited
            self.send(status, headers, body)

    def send(self, status, headers, body):
        self.send_response(status)
        for header in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class BelowATest(unittest.TestCase):
    """A component of a fleet, below a supervisor that is played here."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told)
        self.addCleanup(self.server.server_close)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.site.path("pki", "component-supervisor.crt"),
                                self.site.path("pki", "component-supervisor.key"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.site.components = self.server.server_address[1]

    def play(self, answer, **how):
        self.server.answer = answer
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.shutdown)
        fleet = Fleet(self.site, 1, **how)
        self.addCleanup(fleet.close)
        return fleet

    def test_a_component_leaves_alone_who_asks_for_it(self):
        times = queue.Queue()

        def answer(*_):
            times.put(time.monotonic())
            return 503, {"Retry-After": "2"}, {}
        fleet = self.play(answer)
        first = times.get(timeout=PATIENCE)
        self.assertGreaterEqual(times.get(timeout=PATIENCE) - first, 2)
        code, seen = fleet.end()
        self.assertEqual(code, 3, seen)

    def test_a_component_that_is_interrupted_repeats_no_more(self):
        asked = {"specification": "measure", "version": 1, "registry": fixture.CORE,
                 "label": "sim-ping", "token": "again", "when": "repeat now + 1h / 1s",
                 "parameters": {"destination.ip4": "192.0.2.1"},
                 "results": ["delay.twoway.icmp.us.min", "delay.twoway.icmp.us.mean",
                             "delay.twoway.icmp.us.max", "delay.twoway.icmp.count"]}
        come_back = supervisor_test.CALLBACK | {"specification": "callback", "when": "now",
                                                "registry": fixture.CORE}
        del come_back["capability"]
        work = queue.Queue()
        delivered = queue.Queue()

        def answer(path, message):
            if path == "/register/capability":
                return 200, {}, {"sim-ping": {"registered": "ok"}}
            if path == "/show/specification":
                return 200, {}, supervisor_test.envelope(come_back, *work.get(timeout=PATIENCE))
            delivered.put(message)
            return 200, {}, {}
        fleet = self.play(answer, answering="0s")
        work.put([asked])
        for kind in ("receipt", "result", "result"):
            self.assertIn(kind, delivered.get(timeout=PATIENCE))
        work.put([{"interrupt": "measure", "version": 1, "token": "again"}])
        kinds = []
        while "exception" not in kinds:
            kinds += delivered.get(timeout=PATIENCE)
        with self.assertRaises(queue.Empty):
            delivered.get(timeout=1.5)  # the next run would have been due
        work.put([])
        code, seen = fleet.end()
        self.assertEqual((code, seen["asked"], seen["interrupted"]), (0, 1, 1), seen)
        self.assertEqual(seen["receipts"], 2, seen)  # of the question and of its end
        self.assertGreaterEqual(seen["answered"], 2, seen)


class Alone(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def play(self, *options):
        return subprocess.run([PROGRAMS["mpsim"], "--pki", self.site.path("pki"), *options],
                              text=True, capture_output=True, timeout=PATIENCE, check=False)

    def test_a_fleet_whose_worker_dies_before_it_is_ready_ends(self):
        fleet = subprocess.Popen(
            [PROGRAMS["mpsim"], "--pki", self.site.path("pki"), "--components", "20000",
             "--supervisor", "https://127.0.0.1:1/", "--for", "inf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(fleet.stderr.close)
        self.addCleanup(fleet.wait, PATIENCE)
        self.addCleanup(fleet.kill)

        def children():
            with open(f"/proc/{fleet.pid}/task/{fleet.pid}/children", encoding="ascii") as file:
                return file.read().split()

        workers = fixture.look_until(children, "a worker")
        os.kill(int(workers[0]), signal.SIGKILL)
        self.assertEqual(fleet.wait(PATIENCE), 1)
        for worker in workers:
            self.assertFalse(os.path.exists(f"/proc/{worker}"))
        self.assertIn("killed by signal 9", fleet.stderr.read())

    def test_what_no_fleet_can_use_is_said_before_it_starts(self):
        there = ("--components", "1", "--supervisor", "https://127.0.0.1:1/")
        for wrong in (("--tls-ca", "/nowhere/ca.crt"), ("--name", "x" * 80)):
            ended = self.play(*there, *wrong)
            self.assertEqual(ended.returncode, 2, (wrong, ended.stderr))
            self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)

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
