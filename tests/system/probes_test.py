#!/usr/bin/env python3
"""The built-in probes as users meet them: offered by mpcom, run by mpcli, against servers of ours.

    probes_test.py MPCOM MPPKI MPCLI [TEST …]
"""

import csv
import http.server
import io
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS

CONFIG = """
component: {listen: "127.0.0.1:0"}
tls: {ca: pki/ca.crt, cert: pki/component-demo.crt, key: pki/component-demo.key}
access: {roles: {org.example.client.alice: user}, authorizations: {"*": user}}
registries: [probes]
targets: {allow: 127.0.0.0/8}
"""


def serve_name(listener):
    """Answers one query by UDP with the address 192.0.2.80, as RFC 1035 has it; EDNS is left out."""
    query, peer = listener.recvfrom(4096)
    end = query.index(b"\0", 12) + 5
    record = struct.pack(">HHHIH4s", 0xc00c, 1, 1, 60, 4, socket.inet_aton("192.0.2.80"))
    header = query[:2] + struct.pack(">HHHHH", 0x8580, 1, 1, 0, 0)
    listener.sendto(header + query[12:end] + record, peer)


def free_port():
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def example(name):
    """The path of a file in conf/."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../conf", name)


class WithComponent(unittest.TestCase):
    """A component with modules that a test chooses."""

    def setUp(self):
        self.site = fixture.Site()
        self.addCleanup(self.site.stop)

    def start(self, modules):
        with open(self.site.path("component.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG + f"modules: {modules}\n")
        self.site.launch()

    def environment(self):
        """In which mpcli finds the component."""
        return os.environ | {
            "MPLANE_URL": f"https://127.0.0.1:{self.site.port}/capability",
            "MPLANE_TLS_CA": self.site.path("pki/ca.crt"),
            "MPLANE_TLS_CERT": self.site.path("pki/client-alice.crt"),
            "MPLANE_TLS_KEY": self.site.path("pki/client-alice.key"),
            "XDG_CONFIG_HOME": self.site.folder.name}

    def begin(self, *arguments):
        """An mpcli that goes on."""
        process = subprocess.Popen([PROGRAMS["mpcli"], *arguments], env=self.environment(),
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.kill)
        return process

    def mpcli(self, *arguments, code=0):
        ended = subprocess.run([PROGRAMS["mpcli"], *arguments], env=self.environment(), text=True,
                               capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stdout if code == 0 else ended.stderr

    def start_example(self, name):
        """Starts it with the modules of an example, after a look at the whole of that."""
        ended = subprocess.run([PROGRAMS["mpcom"], "--config", example(name), "--check"],
                               check=False, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        with open(example(name), encoding="utf-8") as file:
            self.start("\n" + file.read().split("modules:\n")[1])

    def row(self, label, when="now", **parameters):
        """The one row of a measurement; `__` in a name stands for a dot."""
        words = [f"{name.replace('__', '.')}={value}" for name, value in parameters.items()]
        out = self.mpcli("run", label, *words, "--when", when, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        self.assertEqual(len(rows), 1, out)
        return rows[0]


class Probes(WithComponent):
    def listen(self, kind):
        listener = socket.socket(socket.AF_INET, kind)
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener

    def serve(self, function, listener):
        thread = threading.Thread(target=function, args=(listener,))
        thread.start()
        self.addCleanup(thread.join)
        return listener.getsockname()[1]

    def test_how_long_a_connection_takes_is_measured(self):
        self.start("[tcp]")
        listener = self.listen(socket.SOCK_STREAM)
        port = listener.getsockname()[1]
        row = self.row("tcp-connect-ip4", destination__name="localhost", destination__port=port)
        self.assertEqual(row["connect.outcome"], "connected")
        self.assertEqual(row["destination.ip4"], "127.0.0.1")
        self.assertGreater(int(row["delay.connect.tcp.us"]), 0)
        listener.close()
        row = self.row("tcp-connect-ip4", destination__name="127.0.0.1", destination__port=port)
        self.assertEqual(row["connect.outcome"], "refused")

    def ask(self, port, **more):
        return self.row("dns-query-ip4", destination__ip4="127.0.0.1", destination__port=port,
                        dns__name="www.example.org", dns__type="A", dns__recursion="true",
                        dns__dnssec="false", dns__nsid="false", dns__edns__octets=1232,
                        **{"dns__transport": "udp"} | more)

    def test_how_long_a_name_server_takes_is_measured(self):
        self.start("[{name: dns, settings: {wait: 300ms}}]")
        port = self.serve(serve_name, self.listen(socket.SOCK_DGRAM))
        row = self.ask(port)
        self.assertEqual((row["dns.outcome"], row["dns.rcode"]), ("answered", "NOERROR"))
        self.assertEqual(row["dns.records"], "www.example.org. 60 IN A 192.0.2.80")
        self.assertEqual(row["dns.flags"], "qr aa rd ra")
        self.assertGreater(int(row["delay.twoway.dns.us"]), 0)
        self.assertEqual(self.ask(port)["dns.outcome"], "timed-out")  # it has had enough
        self.assertEqual(self.ask(port, dns__transport="tcp")["dns.outcome"], "refused")

    def shake_hands(self, listener):
        """As a server, once; the client hangs up."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.site.path("pki/component-demo.crt"),
                                self.site.path("pki/component-demo.key"))
        connection, _ = listener.accept()
        with connection, context.wrap_socket(connection, server_side=True) as session:
            try:
                session.recv(1)
            except OSError:
                pass  # it does not matter how

    def test_how_long_a_tls_handshake_takes_is_measured(self):
        self.start(f"[{{name: tls, settings: {{ca-file: {self.site.path('pki/ca.crt')}}}}}]")
        port = self.serve(self.shake_hands, self.listen(socket.SOCK_STREAM))
        row = self.row("tls-handshake-ip4", destination__name="127.0.0.1", destination__port=port)
        self.assertEqual((row["tls.outcome"], row["tls.version"]), ("established", "TLSv1.3"))
        self.assertEqual((row["certificate.trusted"], row["certificate.matches"]),
                         ("true", "true"))
        self.assertIn("127.0.0.1", row["certificate.names"])
        self.assertGreater(int(row["delay.handshake.tls.us"]), 0)

    def test_how_long_a_web_page_takes_is_measured(self):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/page" else 302)
                self.send_header("Location", "/page")
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"hello")

            def log_message(self, *_):
                pass

        self.start("[http]")
        server = http.server.HTTPServer(("127.0.0.1", 0), Page)
        self.addCleanup(server.server_close)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        row = self.row("http-get-ip4", http__version="1.1",
                       destination__url=f"http://127.0.0.1:{server.server_port}/")
        self.assertEqual((row["http.outcome"], row["http.status"]), ("answered", "200"))
        self.assertEqual((row["http.redirects"], row["octets.layer7"]), ("1", "5"))
        self.assertTrue(row["content.url"].endswith("/page"))
        self.assertGreater(int(row["delay.total.us"]), int(row["delay.firstbyte.us"]))

    def test_how_long_a_web_page_takes_by_http_2_is_measured(self):
        self.start(f"[{{name: http, settings: {{ca-file: {self.site.path('pki/ca.crt')}}}}}]")
        os.mkdir(self.site.path("pages"))
        with open(self.site.path("pages/page"), "wb") as file:
            file.write(b"x" * 100_000)  # more than the windows of flow control
        port = free_port()
        server = subprocess.Popen(["nghttpd", "--address=127.0.0.1", "-d", self.site.path("pages"),
                                   str(port), self.site.path("pki/component-demo.key"),
                                   self.site.path("pki/component-demo.crt")])
        self.addCleanup(server.wait, PATIENCE)
        self.addCleanup(server.kill)
        self.await_listener(port)
        row = self.row("http-get-ip4", http__version="2",
                       destination__url=f"https://127.0.0.1:{port}/page")
        self.assertEqual((row["http.outcome"], row["http.version.used"]), ("answered", "2"), row)
        self.assertEqual((row["http.status"], row["octets.layer7"]), ("200", "100000"))
        for phase in ("connect.tcp", "handshake.tls", "firstbyte"):
            self.assertGreater(int(row[f"delay.{phase}.us"]), 0, phase)
        row = self.row("http-get-ip4", http__version="1.1",
                       destination__url=f"https://127.0.0.1:{port}/page")
        self.assertEqual(row["http.outcome"], "failed", row)  # it speaks nothing else

    def test_the_state_of_the_host_is_measured(self):
        self.start("[system]")
        self.assertLessEqual(float(self.row("system-cpu", "now + 1s / 1s")["cpuload"]), 1)
        row = self.row("system-memory", "now + 1s / 1s")
        with open("/proc/meminfo", encoding="ascii") as file:
            total = int(file.readline().split()[1]) * 1024
        self.assertEqual(int(row["octets.memory"]), total)
        row = self.row("system-interface", "now + 1s / 1s", source__interface="lo")
        self.assertEqual(row["observer.interface"], "lo")
        self.assertEqual(row["interface.sent.packets"], row["interface.received.packets"])
        row = self.row("system-clock", "now + 1s / 1s")
        self.assertIn(row["clock.synchronized"], ("true", "false"))
        said = self.mpcli("run", "system-interface", "source.interface=nowhere0", code=3)
        self.assertIn("no interface nowhere0", said)

    def test_throughput_is_measured_between_two_components(self):
        receiver = fixture.Site()
        self.addCleanup(receiver.stop)
        port = free_port()
        settings = '{ports: "1024 ... 65535"}'
        modules = f"[{{name: throughput, settings: {settings}}}]"
        sender, self.site = self.site, receiver
        self.start(modules)
        receiving = self.begin("run", "throughput-receive-ip4", f"destination.port={port}",
                               "--when", "now + 4s / 1s", "--format", "csv")
        self.site = sender
        self.start(modules)
        self.await_listener(port)
        for label in ("throughput-tcp-ip4", "throughput-udp-ip4"):
            row = self.row(label, "now + 1s / 1s", destination__ip4="127.0.0.1",
                           destination__port=port, throughput__cap__bps=8_000_000)
            self.assertEqual(row["throughput.outcome"], "measured", row)
            self.assertGreater(int(row["octets.layer7"]), 250_000)
            self.assertLess(int(row["throughput.bps"]), 8_500_000)
        out, _ = receiving.communicate(timeout=PATIENCE)
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        self.assertEqual([row["throughput.transport"] for row in rows], ["tcp", "udp"], out)
        self.assertEqual(rows[1]["octets.layer7"], row["octets.layer7"])

    def await_listener(self, port):
        """Until somebody listens there, as /proc tells: to connect would be to ask."""
        def is_listening():
            with open("/proc/net/tcp", encoding="ascii") as file:
                sockets = [line.split() for line in file]
            return any(s[1].endswith(f":{port:04X}") and s[3] == "0A" for s in sockets)

        fixture.look_until(is_listening, f"who listens at {port}")

    def test_the_example_of_all_probes_offers_them(self):
        self.start_example("probes.yaml")
        offered = self.mpcli("list")
        for label in ("ping-train-ip4", "stamp-train-ip4", "stamp-reflector-ip4", "tcp-connect-ip4",
                      "dns-query-ip4", "dns-system-ip4", "tls-handshake-ip4", "http-get-ip4",
                      "system-cpu", "system-interface", "throughput-tcp-ip4", "throughput-receive-ip4",
                      "trace-udp-ip4", "trace-tcp-ip4", "paths-udp-ip4"):
            self.assertIn(label, offered)

    def test_what_a_probe_must_not_measure_is_refused(self):
        self.start("[dns, tcp]")
        said = self.mpcli("run", "tcp-connect-ip4", "destination.name=192.0.2.1",
                          "destination.port=80", code=3)
        self.assertIn("192.0.2.1", said)


class Examples(WithComponent):
    """The examples of other people's programs as measurements, with these programs."""

    def test_throughput_is_measured_by_iperf3(self):
        port = free_port()
        server = subprocess.Popen(["iperf3", "--server", "--one-off", "--bind", "127.0.0.1",
                                   "--port", str(port), "--forceflush"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, PATIENCE)
        self.addCleanup(server.kill)
        self.assertTrue(any("listening" in line for line in server.stdout))
        self.start_example("exec-iperf3.yaml")
        row = self.row("iperf3-tcp-ip4", "now + 1s / 1s", destination__ip4="127.0.0.1",
                       destination__port=port)
        self.assertGreater(int(row["octets.layer7"]), 1_000_000)
        # It takes about a second, and says for itself how long.
        self.assertAlmostEqual(int(row["throughput.bps"]) / 8 / int(row["octets.layer7"]), 1,
                               delta=0.5)
        self.assertGreaterEqual(int(row["retransmissions.tcp"]), 0)
        self.assertEqual(row["throughput.problem"], "")
        row = self.row("iperf3-tcp-ip4", "now + 1s / 1s", destination__ip4="127.0.0.1",
                       destination__port=port)  # it has served once
        self.assertIn("refused", row["throughput.problem"])
        self.assertEqual(row["octets.layer7"], "")

    def test_hops_are_measured_by_mtr(self):
        self.start_example("exec-mtr.yaml")
        row = self.row("mtr-ip4", "now + 2s / 1s", destination__ip4="127.0.0.1")
        self.assertEqual((row["hops.ip"], row["intermediate.ip4"], row["packets.sent"]),
                         ("1", "127.0.0.1", "2"))
        self.assertGreater(int(row["delay.twoway.icmp.us.max"]), 0)
        self.assertLess(int(row["delay.twoway.icmp.us.max"]), 1_000_000)

    def test_hops_are_measured_by_scamper(self):
        self.start_example("exec-scamper.yaml")
        row = self.row("scamper-trace-ip4", destination__ip4="127.0.0.1")
        self.assertEqual((row["hops.ip"], row["intermediate.ip4"]), ("1", "127.0.0.1"))
        self.assertLess(int(row["rtt.us"]), 1_000_000)

    def test_room_is_measured_by_a_shell_script(self):
        shutil.copy(example("exec-script.sh"), self.site.path("exec-script.sh"))
        self.start_example("exec-script.yaml")
        row = self.row("disk", folder__name="/tmp")
        found = os.statvfs("/tmp")
        self.assertAlmostEqual(int(row["octets.disk"]), found.f_blocks * found.f_frsize, delta=4096)
        self.assertLessEqual(int(row["octets.disk.available"]), int(row["octets.disk"]))
        said = self.mpcli("run", "disk", "folder.name=/etc", code=2)
        self.assertIn("/etc", said)


if __name__ == "__main__":
    fixture.main("mpcom", "mppki", "mpcli")
