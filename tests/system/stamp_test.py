#!/usr/bin/env python3
"""STAMP between two components, each in a network namespace, over a link that is not the same in
both directions: what they measure is what the link's own log says.

    stamp_test.py MPCOM MPPKI MPCLI WITH_TWO_HOSTS MPLANE_TEST_LINK [TEST …]
"""

import csv
import json
import os
import secrets
import signal
import statistics
import subprocess
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS

CONFIG = """
component: {{listen: "127.0.0.1:0"}}
tls: {{ca: pki/ca.crt, cert: pki/component-demo.crt, key: pki/component-demo.key}}
access: {{roles: {{org.example.client.alice: user}}, authorizations: {{"*": user}}}}
registries: [probes]
targets: {{allow: 10.77.0.0/24}}
modules: [{{name: stamp, settings: {{{settings}}}}}]
log: {{level: debug}}
"""
PORT = 862


class Host:
    """A component in a network namespace, and who asks it there."""

    def __init__(self, namespace, settings):
        self.inside = ("ip", "netns", "exec", namespace)
        self.site = fixture.Site()
        with open(self.site.path("component.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(settings=settings))
        self.site.launch(self.inside)

    def ask(self, *arguments):
        environment = os.environ | {
            "MPLANE_URL": f"https://127.0.0.1:{self.site.port}/capability",
            "MPLANE_TLS_CA": self.site.path("pki/ca.crt"),
            "MPLANE_TLS_CERT": self.site.path("pki/client-alice.crt"),
            "MPLANE_TLS_KEY": self.site.path("pki/client-alice.key"),
            "XDG_CONFIG_HOME": self.site.folder.name}
        return subprocess.Popen(
            [*self.inside, PROGRAMS["mpcli"], "run", *arguments, "--format", "json"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_port(self, port):
        def is_bound():
            bound = subprocess.run([*self.inside, "cat", "/proc/net/udp"], check=True,
                                   capture_output=True, text=True).stdout
            return f":{port:04X} " in bound

        fixture.look_until(is_bound, f"who listens at {port}")


@unittest.skipUnless(os.geteuid() == 0, "makes network namespaces, which takes root")
class Stamp(unittest.TestCase):
    def setUp(self):
        fixture.require_right(self, "make network namespaces", "unshare", "--net", "--mount", "true")

    def join(self, *link, settings="wait: 500ms"):
        """Two hosts with components. Returns the sender's, the reflector's, and the link's log."""
        keep = fixture.tempfile.TemporaryDirectory(prefix="mplane-test-")
        self.addCleanup(keep.cleanup)
        log = os.path.join(keep.name, "link.csv")
        hosts = subprocess.Popen(
            [PROGRAMS["with-two-hosts"], *link, "--log", log, "--", "sh", "-c",
             "echo $HOST_A $HOST_B; exec cat"],
            env=os.environ | {"MPLANE_TEST_LINK": PROGRAMS["link"]},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(hosts.__exit__, None, None, None)  # closes its input, and waits
        sides = []
        for namespace in hosts.stdout.readline().split():
            sides.append(Host(namespace, settings))
            self.addCleanup(sides[-1].site.stop)
        return *sides, log

    def finish(self, mpcli, *, interrupt=False):
        """The metadata and rows that a mpcli prints."""
        if interrupt:
            mpcli.send_signal(signal.SIGINT)
        out, err = mpcli.communicate(timeout=PATIENCE)
        self.assertEqual((mpcli.returncode in (0, 3) if interrupt else mpcli.returncode == 0, err),
                         (True, ""))
        return json.loads(out)

    def measure(self, sender, reflector, label, mode="unauthenticated"):
        """What a train of 40 packets came to, and what the reflector saw."""
        listening = reflector.ask("stamp-reflector-ip4", "--when", "now + 1h")
        reflector.wait_for_port(PORT)
        train = sender.ask(label, "destination.ip4=10.77.0.2", f"destination.port={PORT}",
                           "train.packets=40", "train.interval.us=20000", "dscp.ip=0",
                           f"stamp.mode={mode}", "stamp.reflector=stateful")
        return self.finish(train), self.finish(listening, interrupt=True)

    @staticmethod
    def passages(log):
        """By direction and number in the packet: how long the link had it, or None if dropped."""
        passages = {}
        with open(log, encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if not line["packet"].startswith("udp4") or "first=" not in line["packet"]:
                    continue
                number = int(line["packet"].split("first=")[1].split()[0], 16)
                spent = int(line["departed-ns"]) - int(line["arrived-ns"])
                passages[line["direction"], number] = None if line["fate"] == "dropped" else spent
        return passages

    def test_the_delay_of_each_direction_is_what_the_link_made_it(self):
        sender, reflector, log = self.join("--delay-ab", "20ms", "--delay-ba", "5ms")
        measured, seen = self.measure(sender, reflector, "stamp-packets-ip4")
        self.assertEqual(len(measured["rows"]), 40)
        passages = self.passages(log)
        differences = {"a-b": [], "b-a": []}
        for row in measured["rows"]:
            self.assertEqual(row["packet.fate"], "replied")
            there = passages["a-b", row["packet.number"]] / 1000
            back = passages["b-a", row["packet.number.reflector"]] / 1000
            differences["a-b"].append(row["delay.forward.stamp.us"] - there)
            differences["b-a"].append(row["delay.backward.stamp.us"] - back)
            self.assertGreater(row["delay.forward.stamp.us"], 20_000)
            self.assertGreater(row["delay.backward.stamp.us"], 5_000)
        for direction in differences.values():
            self.assertLess(abs(statistics.median(direction)), 1_000)  # on a busy machine
        [row] = seen["rows"]
        self.assertEqual((row["source.ip4"], row["packets.reflected"]), ("10.77.0.1", 40))

    def test_losses_have_the_direction_in_which_the_link_dropped_them(self):
        with fixture.tempfile.NamedTemporaryFile("w", suffix=".key") as file:  # mode 0600
            key = file.name
            file.write(secrets.token_hex(32))
            file.flush()
            sender, reflector, log = self.join("--loss-ab", "0.2", "--loss-ba", "0.3", "--seed", "9",
                                               settings=f"wait: 500ms, key-file: {key}")
            measured, seen = self.measure(sender, reflector, "stamp-train-ip4", "authenticated")
        [row] = measured["rows"]
        passages = self.passages(log)
        dropped = {way: [number for (where, number), spent in passages.items()
                         if where == way and spent is None] for way in ("a-b", "b-a")}
        self.assertGreater(len(dropped["a-b"]), 2)
        self.assertGreater(len(dropped["b-a"]), 2)
        self.assertEqual(row["packets.lost"], len(dropped["a-b"]) + len(dropped["b-a"]))
        # But for those behind the last reply, of which nobody can tell.
        last = max(number for (way, number), spent in passages.items()
                   if way == "b-a" and spent is not None)
        self.assertEqual(row["packets.lost.backward"], sum(n < last for n in dropped["b-a"]))
        self.assertLessEqual(row["packets.lost.forward"], len(dropped["a-b"]))
        self.assertGreaterEqual(row["packets.lost.forward"] + 3, len(dropped["a-b"]))
        [row] = seen["rows"]
        self.assertEqual(row["packets.received"], 40 - len(dropped["a-b"]))


if __name__ == "__main__":
    fixture.main("mpcom", "mppki", "mpcli", "with-two-hosts", "link")
