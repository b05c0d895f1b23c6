#!/usr/bin/env python3
"""The way to a target as users without root trace it, over a router and a link with a delay.

    trace_test.py MPCOM MPCLI WITH-TWO-HOSTS LINK [TEST …]
"""

import csv
import io
import os
import subprocess
import tempfile
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS

CONFIG = """
component: {listen: "127.0.0.1:0", insecure: true}
access: {open: true}
registries: [probes]
targets: {allow: 10.0.0.0/8}
modules: [{name: trace, settings: {wait: 5s}}]
"""
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
          "--bounding-set=-all")
# As conf/systemd/mpcom.service has it.
NOBODY_WITH_RAW = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                   "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw",
                   "--bounding-set=-all,+net_raw")
TARGET = "10.88.0.2"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@unittest.skipUnless(os.geteuid() == 0, "makes network namespaces, which takes root")
class Trace(unittest.TestCase):
    """A host, 10 ms each way, a router, a narrower link, and the target."""

    def setUp(self):
        fixture.require_right(self, "make network namespaces", "unshare", "--net", "--mount", "true")
        folder = tempfile.TemporaryDirectory(prefix="mplane-test-")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        self.config = os.path.join(folder.name, "component.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG)
        hosts = subprocess.Popen(
            [PROGRAMS["with-two-hosts"], "--delay", "10ms", "--", "sh", "-c",
             "echo $HOST_A $HOST_B; exec cat"],
            env=os.environ | {"MPLANE_TEST_LINK": PROGRAMS["link"]},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(hosts.__exit__, None, None, None)
        self.addCleanup(hosts.stdin.close)
        self.host, router = hosts.stdout.readline().split()
        self.add_target(router)

    def add_target(self, router):
        target = f"mplane-c-{os.getpid()}"
        run("ip", "netns", "add", target)
        self.addCleanup(run, "ip", "netns", "delete", target)
        run("ip", "-n", router, "link", "add", "far", "type", "veth", "peer", "name", "far",
            "netns", target)
        for name, number in ((router, 1), (target, 2)):
            run("ip", "-n", name, "address", "add", f"10.88.0.{number}/24", "dev", "far")
            run("ip", "-n", name, "link", "set", "far", "mtu", "1400", "up")
        run("ip", "-n", target, "route", "add", "default", "via", "10.88.0.1")
        run("ip", "-n", self.host, "route", "add", "default", "via", "10.77.0.2")
        run("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1")

    def inside(self, *command, code=0):
        ended = subprocess.run(["ip", "netns", "exec", self.host, *command], text=True,
                               capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stdout

    def start(self, user=NOBODY):
        component = subprocess.Popen(
            ["ip", "netns", "exec", self.host, *user, PROGRAMS["mpcom"], "--config",
             self.config], stderr=subprocess.PIPE, text=True)
        self.addCleanup(component.__exit__, None, None, None)
        self.addCleanup(component.terminate)
        line = fixture.Log(component.stderr).wait_for("component: listening")
        self.url = f"http://127.0.0.1:{line.rsplit(':', 1)[1].rstrip('/')}/capability"

    def mpcli(self, *arguments):
        return self.inside(PROGRAMS["mpcli"], "--url", self.url, *arguments)

    def measure(self, label, *parameters):
        out = self.mpcli("run", label, f"destination.name={TARGET}", *parameters, "--format", "csv")
        return list(csv.DictReader(io.StringIO(out, newline="")))

    def test_the_way_to_a_target_is_traced_without_root(self):
        self.start()
        offered = self.mpcli("list")
        self.assertIn("paths-udp-ip4", offered)
        self.assertNotIn("trace-icmp", offered)
        self.assertNotIn("path-mtu", offered)
        for label, more in (("trace-udp-ip4", ("source.port=0", "destination.port=33434")),
                            ("trace-tcp-ip4", ("destination.port=9",))):
            rows = self.measure(label, "trace.hops=4", "trace.packets=1", "trace.interval.us=0",
                                *more)
            self.assertEqual([(row["hop.number"], row["intermediate.ip4"], row["hop.outcome"])
                              for row in rows],
                             [("1", "10.77.0.2", "passed"), ("2", TARGET, "reached")])
            for row in rows:
                self.assertGreaterEqual(int(row["delay.hop.us"]), 20_000)

    def measure_by_tcp(self):
        return self.measure("trace-tcp-ip4", "trace.hops=4", "trace.packets=3",
                            "trace.interval.us=0", "destination.port=9")

    def test_with_one_right_a_trace_by_tcp_is_of_one_flow(self):
        self.start(NOBODY_WITH_RAW)
        self.assertIn("paths-tcp-ip4", self.mpcli("list"))
        rows = self.measure_by_tcp()
        self.assertEqual([(row["intermediate.ip4"], row["hop.outcome"]) for row in rows],
                         [("10.77.0.2", "passed")] * 3 + [(TARGET, "reached")] * 3)
        self.assertEqual(len({row["source.port"] for row in rows}), 1)
        for row in rows:
            self.assertGreaterEqual(int(row["delay.hop.us"]), 20_000)

    def test_without_it_each_packet_is_a_flow_of_its_own(self):
        self.start()
        self.assertNotIn("paths-tcp", self.mpcli("list"))
        self.assertEqual(len({row["source.port"] for row in self.measure_by_tcp()}), 6)

    def test_the_doctor_says_what_is_not_offered_and_why(self):
        ended = subprocess.run(["ip", "netns", "exec", self.host, *NOBODY, PROGRAMS["mpcom"],
                                "--config", self.config, "--doctor"], text=True,
                               capture_output=True, timeout=PATIENCE, check=False)
        said = ended.stdout + ended.stderr
        for label in ("trace-icmp-ip4", "path-mtu-ip4"):
            [line] = [line for line in said.splitlines() if label in line]
            self.assertIn("is not offered", line)
            self.assertIn("net.ipv4.ping_group_range", line)
        [line] = [line for line in said.splitlines() if "paths-tcp-ip4" in line]
        self.assertIn("CAP_NET_RAW", line)
        self.assertIn("trace-tcp", line)

    def test_the_mtu_of_a_path_is_found_where_the_system_allows_echo(self):
        self.inside("sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")
        self.start()
        [row] = self.measure("path-mtu-ip4")
        self.assertEqual((row["mtu.outcome"], row["mtu.ip"], row["intermediate.ip4"]),
                         ("found", "1400", "10.77.0.2"))


if __name__ == "__main__":
    fixture.main("mpcom", "mpcli", "with-two-hosts", "link")
