#!/usr/bin/env python3
"""The whole chain: mpcli asks mpcom, over mutual TLS, and shows what comes of it.

    chain_test.py MPCOM MPPKI MPCLI WITH_TWO_HOSTS MPLANE_TEST_LINK [TEST …]
"""

import concurrent.futures
import csv
import io
import json
import math
import os
import pty
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS, Site, WithComponent

PING = ("run", "ping-average-ip4", "destination.ip4=127.0.0.1")


class Asker:
    """How a user calls mpcli: with the environment that says whom to ask, as who."""

    def __init__(self, site, client="alice", pki="pki", port=None, inside=()):
        self.inside = inside
        self.environment = os.environ | {
            "MPLANE_URL": f"https://127.0.0.1:{port or site.port}/",
            "MPLANE_TLS_CA": site.path("pki/ca.crt"),
            "MPLANE_TLS_CERT": site.path(f"{pki}/client-{client}.crt") if client else "",
            "MPLANE_TLS_KEY": site.path(f"{pki}/client-{client}.key") if client else ""}

    def start(self, *arguments, **how):
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | how
        return subprocess.Popen([*self.inside, PROGRAMS["mpcli"], *arguments],
                                env=self.environment, **how)

    def run(self, *arguments):
        with self.start(*arguments) as mpcli:
            mpcli.out, mpcli.err = mpcli.communicate(timeout=PATIENCE)
        return mpcli


class WithClient(WithComponent):
    def mpcli(self, *arguments, **who):
        return Asker(self.site, **who).run(*arguments)

    def assert_fails(self, code, *says, ask, **who):
        ended = self.mpcli(*ask, **who)
        self.assertEqual((ended.returncode, ended.out), (code, ""), ended.err)
        for text in says:
            self.assertIn(text, ended.err)
        self.assert_nothing_ran()
        self.assert_still_serves()


class Measurements(WithClient):
    def ping_beside_ping(self):
        """@return what mpcli did, and the least that the system's ping saw, in microseconds."""
        with subprocess.Popen(["ping", "-q", "-c", "3", "127.0.0.1"], stdout=subprocess.PIPE,
                              text=True) as theirs:
            ours = self.mpcli(*PING, "--when", "now + 3s / 1s", "--format", "json")
            said = theirs.communicate(timeout=PATIENCE)[0]
        return ours, float(re.search(r"= ([0-9.]+)/", said)[1]) * 1000

    def test_a_ping_of_localhost_is_plausible_and_agrees_with_ping_beside_it(self):
        ours, least_of_ping = self.ping_beside_ping()
        self.assertEqual((ours.returncode, ours.err), (0, ""))
        document = json.loads(ours.out)
        self.assertEqual(list(document), ["label", "token", "when", "component", "parameters",
                                          "metadata", "rows"])
        self.assertEqual(document["label"], "ping-average-ip4")
        self.assertEqual(document["component"], "org.example.component.demo")
        self.assertEqual(document["parameters"],
                         {"source.ip4": "127.0.0.1", "destination.ip4": "127.0.0.1"})
        [row] = document["rows"]
        least, mean, most, count = (row[f"delay.twoway.icmp.{x}"]
                                    for x in ("us.min", "us.mean", "us.max", "count"))
        self.assertEqual(count, 3)
        self.assertTrue(0 < least <= mean <= most < 1_000_000, row)
        if abs(least - least_of_ping) >= 5000:  # a busy machine let one of them wait: once more
            ours, least_of_ping = self.ping_beside_ping()
            least = json.loads(ours.out)["rows"][0]["delay.twoway.icmp.us.min"]
        self.assertLess(abs(least - least_of_ping), 5000)

    def test_every_format_has_the_same_columns_and_values(self):
        ask = ("run", "test-loopback", 'test.input=a "b", c')
        row = {"test.output": 'a "b", c'}
        self.assertEqual(json.loads(self.mpcli(*ask, "--format", "json").out)["rows"], [row])
        self.assertEqual(json.loads(self.mpcli(*ask, "--format", "ndjson").out), row)
        lines = io.StringIO(self.mpcli(*ask, "--format", "csv").out, newline="")
        self.assertEqual(list(csv.DictReader(lines)), [row])
        table = self.mpcli(*ask).out
        self.assertIn("org.example.component.demo", table)
        self.assertTrue(table.endswith('\ntest.output\na "b", c\n'), table)

    def test_a_client_lists_and_shows_what_it_may_use(self):
        listed = self.mpcli("list", "--format", "json")
        self.assertEqual({x["label"] for x in json.loads(listed.out)},
                         {"test-loopback", "ping-average-ip4"})
        shown = self.mpcli("show", "ping-average-ip4")
        self.assertIn("source.ip4       address  127.0.0.1", shown.out)

    def test_a_receipt_is_redeemed_by_its_token(self):
        token = self.mpcli(*PING, "--when", "now + 1h / 1s", "--no-wait").out.strip()
        self.assertEqual(self.mpcli("redeem", token).returncode, 4)
        stopped = self.mpcli("stop", token, "--format", "json")
        self.assertEqual((stopped.returncode, json.loads(stopped.out)["token"]), (0, token))
        self.assertEqual(self.mpcli("redeem", token).returncode, 0)

    def test_what_is_not_done_in_time_goes_on_and_can_be_redeemed(self):
        begin = time.monotonic()
        self.mpcli("list")
        enough = 2 + math.ceil(3 * (time.monotonic() - begin))  # seconds, to be heard at all
        ended = self.mpcli(*PING, "--when", "now + 1h / 1s", "--timeout", f"{enough}s")
        self.assertEqual((ended.returncode, ended.out), (4, ""))
        self.assertRegex(ended.err, "mpcli --url .* redeem [0-9a-f]{32}")

    def test_fifty_mpcli_at_once_each_get_their_own_results(self):
        def ask(number):
            return self.mpcli("run", "test-loopback", f"test.input={number}", "--format", "csv")
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for number, ended in enumerate(pool.map(ask, range(50))):
                self.assertEqual((ended.returncode, ended.out, ended.err),
                                 (0, f"test.output\n{number}\n", ""))


class Mistakes(WithClient):
    def test_mpcli_names_a_missing_parameter(self):
        self.assert_fails(2, "destination.ip4", ask=PING[:2])

    def test_mpcli_names_a_value_outside_its_constraint(self):
        self.assert_fails(2, "source.ip4", "192.0.2.99", "127.0.0.1",
                          ask=(*PING, "source.ip4=192.0.2.99"))

    def test_mpcli_names_a_value_of_the_wrong_kind(self):
        self.assert_fails(2, "destination.ip4", "nowhere", ask=(*PING[:2], "destination.ip4=nowhere"))

    def test_mpcli_names_an_unknown_label(self):
        self.assert_fails(3, "pong", ask=("run", "pong"))

    def test_mpcli_names_an_unknown_parameter_and_the_nearest_known(self):
        self.assert_fails(2, "test.inptu", "did you mean \"test.input\"?",
                          ask=("run", "test-loopback", "test.inptu=x"))

    def test_mpcli_refuses_a_scope_that_has_passed(self):
        self.assert_fails(2, "2009-01-01", ask=(*PING, "--when", "2009-01-01 + 3s / 1s"))

    def test_mpcli_names_an_unknown_token(self):
        self.assert_fails(3, "no-such-token", ask=("redeem", "no-such-token"))

    def test_a_component_that_is_not_there_is_5(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            free = server.getsockname()[1]
        self.assert_fails(5, f"127.0.0.1:{free}", ask=("list",), port=free)


class Strangers(WithClient):
    def test_without_a_certificate_nothing_is_listed(self):
        self.assert_fails(5, "certificate", ask=("list",), client=None)
        self.assertTrue(self.site.log.wait_for("refused a TLS handshake", "peer=127.0.0.1:",
                                               "certificate"))

    def test_with_a_certificate_of_another_authority_nothing_is_listed(self):
        self.assert_fails(5, "127.0.0.1", ask=("list",), client="alice", pki="foreign")
        self.assertTrue(self.site.log.wait_for("refused a TLS handshake", "peer=127.0.0.1:",
                                               "org.example.client.alice", "certificate"))

    def test_a_component_of_another_authority_is_not_asked(self):
        asker = Asker(self.site)
        asker.environment["MPLANE_TLS_CA"] = self.site.path("foreign/ca.crt")
        ended = asker.run("list")
        self.assertEqual((ended.returncode, ended.out), (5, ""))
        self.assertIn("certificate", ended.err)

    def test_an_identity_without_a_role_is_told_that_nothing_is_offered_to_it(self):
        ended = self.mpcli("list", "--format", "json", client="mallory")
        self.assertEqual((ended.returncode, json.loads(ended.out)), (0, []))
        self.assert_fails(3, "nothing is offered", ask=PING, client="mallory")


class Cutter:
    """Stands between client and component, and cuts each connection after so many bytes of the
    component's; never, unless told."""

    def __init__(self, port, after=None):
        self.target = port
        self.after = after
        self.passed = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.target)) as component:
            threading.Thread(target=self.pass_on, args=(client, component), daemon=True).start()
            self.pass_on(component, client, self.after)
            for end in (client, component):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has gone already

    def pass_on(self, source, sink, left=None):
        try:
            while left is None or left > 0:
                data = source.recv(65536 if left is None else left)
                if not data:
                    break
                sink.sendall(data)
                if source.getpeername()[1] == self.target:
                    self.passed += len(data)
                left = None if left is None else left - len(data)
        except OSError:
            pass  # one of them has gone

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


class CutConnections(WithClient):
    def cut(self, after):
        cutter = Cutter(self.site.port, after)
        self.addCleanup(cutter.close)
        return cutter

    def test_a_connection_that_is_cut_is_5_wherever_that_happens(self):
        whole = self.cut(None)
        self.assertEqual(self.mpcli("list", port=whole.port).returncode, 0)
        for after in (0, 1, whole.passed // 4, whole.passed // 2):
            ended = self.mpcli("list", port=self.cut(after).port)
            self.assertEqual((ended.returncode, ended.out), (5, ""), ended.err)
            self.assertIn("mpcli: https://127.0.0.1:", ended.err)
        self.assert_nothing_ran()
        self.assert_still_serves()

    def test_a_component_that_dies_during_a_measurement_ends_the_wait(self):
        with Asker(self.site).start(*PING, "--when", "now + 1h / 1s", "--timeout",
                                    "10s") as mpcli:
            self.assertTrue(self.site.log.wait_for("specification accepted"))
            self.site.component.kill()
            _, err = mpcli.communicate(timeout=PATIENCE)
        self.assertIn(mpcli.returncode, (4, 5), err)
        self.assertTrue(err.startswith("mpcli: "), err)


class Progress(WithClient):
    immediate = "0s"

    def test_on_a_terminal_a_line_shows_that_it_runs_and_vanishes(self):
        leader, terminal = pty.openpty()
        with Asker(self.site).start(*PING, "--when", "now + 2s / 1s", "--format", "json",
                                    stderr=terminal) as mpcli:
            os.close(terminal)
            shown = b""
            try:
                while data := os.read(leader, 65536):
                    shown += data
            except OSError:
                pass  # so a terminal says that nobody writes to it any more
            out = mpcli.communicate(timeout=PATIENCE)[0]
        os.close(leader)
        self.assertEqual(mpcli.returncode, 0)
        self.assertEqual(json.loads(out)["rows"][0]["delay.twoway.icmp.count"], 2)
        self.assertIn(b"\rping-average-ip4: ", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)

    def test_when_piped_nothing_but_the_result_is_written(self):
        ended = self.mpcli(*PING, "--when", "now + 2s / 1s", "--format", "csv")
        self.assertEqual((ended.returncode, ended.err), (0, ""))
        self.assertEqual(len(ended.out.splitlines()), 2)

    def test_ctrl_c_stops_the_measurement_and_shows_what_there_is(self):
        with Asker(self.site).start(*PING, "--when", "now + 1h / 1s", "--format",
                                    "json") as mpcli:
            self.assertTrue(self.site.log.wait_for("specification accepted"))
            mpcli.send_signal(signal.SIGINT)
            out, err = mpcli.communicate(timeout=PATIENCE)
        self.assertEqual(err, "")
        self.assertEqual(len(json.loads(out)["rows"]), 1)


@unittest.skipUnless(os.geteuid() == 0, "makes network namespaces, which takes root")
class AcrossALink(unittest.TestCase):
    def setUp(self):
        fixture.require_right(self, "make network namespaces", "unshare", "--net", "--mount", "true")

    def in_the_link(self, log):
        """What the echoes spent in the link, on average, in microseconds: the link's own log."""
        spent = 0
        with open(log, encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if line["packet"].startswith("icmp4 type=0") or "icmp4 type=8" in line["packet"]:
                    spent += int(line["departed-ns"]) - int(line["arrived-ns"])
        return spent / 5 / 1000

    def measure(self):
        """Five pings over a link of 10 ms each way. Returns what mpcli printed, and the truth."""
        site = Site()
        self.addCleanup(site.stop)
        log = site.path("link.csv")
        hosts = subprocess.Popen(
            [PROGRAMS["with-two-hosts"], "--delay", "10ms", "--log", log,
             "--", "sh", "-c", "echo $HOST_A; exec cat"],
            env=os.environ | {"MPLANE_TEST_LINK": PROGRAMS["link"]},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with hosts:
            inside = ("ip", "netns", "exec", hosts.stdout.readline().strip())
            site.start(source="10.77.0.1", targets="10.77.0.0/24", inside=inside)
            ended = Asker(site, inside=inside).run(
                "run", "ping-average-ip4", "destination.ip4=10.77.0.2", "--when", "now + 5s / 1s",
                "--format", "json")
            hosts.stdin.close()
        self.assertEqual((ended.returncode, ended.err), (0, ""))
        [row] = json.loads(ended.out)["rows"]
        return row, self.in_the_link(log)

    def test_a_delay_of_10_ms_each_way_is_measured_within_5_percent(self):
        # A busy machine holds packets before the link sees them and after, which only delays say.
        # So the truth is what the link logged, and one undisturbed measurement is waited for.
        for _ in range(5):
            row, truth = self.measure()
            self.assertEqual(row["delay.twoway.icmp.count"], 5)
            self.assertGreaterEqual(truth, 20_000, row)
            self.assertGreaterEqual(row["delay.twoway.icmp.us.min"], 20_000, row)
            if abs(row["delay.twoway.icmp.us.mean"] - truth) <= truth * 5 / 100:
                return
        self.fail(f"the link held the echoes for {truth} us on average: {row}")


if __name__ == "__main__":
    fixture.main("mpcom", "mppki", "mpcli", "with-two-hosts", "link")
