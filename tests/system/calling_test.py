"""A component that calls its supervisor over a network as bad as networks get."""

import http.server
import json
import os
import re
import subprocess
import sys
import time
import unittest

import fixture
from fixture import PROGRAMS, LOOPBACK, Site

RUNS = 6
PORT = 8888
PATIENCE = 100  # seconds: a post takes some when each fifth packet is lost
SPECIFICATION = {"specification": "measure", "version": 1, "registry": LOOPBACK, "token": "t",
                 "label": "test-loopback", "when": f"repeat now + {RUNS - 1}s / 1s",
                 "parameters": {"test.input": "x"}, "results": ["test.output"]}


class Supervisor(http.server.BaseHTTPRequestHandler):
    """Registers everybody, has one specification, says on standard output what it is sent."""

    protocol_version = "HTTP/1.1"
    registered = False
    errands = [SPECIFICATION]

    def answer(self, body, status=200):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", fixture.MEDIA_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if not Supervisor.registered:
            return self.answer("not registered", 428)
        errands, Supervisor.errands = Supervisor.errands, []
        return self.answer({"envelope": "message", "version": 1, "contents": errands})

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/register/capability":
            Supervisor.registered = True
            return self.answer({one["label"]: {"registered": "ok"}
                                for one in message["contents"]})
        if "envelope" in message:
            for one in message["contents"]:
                print(json.dumps({"parent": message["token"], "token": one["token"]}), flush=True)
        return self.answer({})

    def log_message(self, *_):
        pass


@unittest.skipUnless(os.geteuid() == 0, "makes network namespaces, which takes root")
class OverABadLink(unittest.TestCase):
    def setUp(self):
        fixture.require_right(self, "make network namespaces", "unshare", "--net", "--mount", "true")
        self.site = Site()
        self.addCleanup(self.site.stop)

    def start(self, hosts):
        with open(self.site.path("component.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component:
  insecure: true
  state-dir: {self.site.path("state")}
  supervisors: [{{url: "http://10.77.0.2:{PORT}", interval: 1s}}]
access: {{open: true}}
registries: [core, loopback]
status: {{listen: "127.0.0.1:9890"}}
modules: [loopback]
""")
        self.site.component = subprocess.Popen(
            ["ip", "netns", "exec", hosts[0], PROGRAMS["mpcom"], "--config",
             self.site.path("component.yaml")], stderr=subprocess.PIPE, text=True)
        self.site.log = fixture.Log(self.site.component.stderr)

    def metric(self, host, name):
        page = subprocess.run(
            ["ip", "netns", "exec", host, sys.executable, "-c",
             "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9890/metrics')"
             ".read().decode())"], capture_output=True, text=True, check=True).stdout
        return sum(float(x) for x in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", page, re.M))

    def flap(self, host):
        for state in ("down", "up"):
            subprocess.run(["ip", "-n", host, "link", "set", "eth0", state], check=True)
            time.sleep(2)  # that long it is so

    def test_every_result_arrives_over_a_link_that_loses_a_fifth_and_flaps(self):
        with subprocess.Popen(
                [PROGRAMS["with-two-hosts"], "--delay", "300ms", "--loss", "0.2", "--seed", "1",
                 "--", "sh", "-c", "echo $HOST_A $HOST_B; exec cat"],
                env=os.environ | {"MPLANE_TEST_LINK": PROGRAMS["link"]},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as link:
            hosts = link.stdout.readline().split()
            supervisor = subprocess.Popen(
                ["ip", "netns", "exec", hosts[1], sys.executable, __file__, "--supervise"],
                stdout=subprocess.PIPE, text=True)
            self.addCleanup(supervisor.stdout.close)
            self.addCleanup(supervisor.wait)
            self.addCleanup(supervisor.kill)
            arrived = fixture.Log(supervisor.stdout)
            self.start(hosts)
            self.assertTrue(arrived.wait_for('"parent": "t"'))
            self.flap(hosts[1])

            def tokens():
                return {json.loads(line)["token"] for line in arrived.lines}

            with arrived.changed:
                arrived.changed.wait_for(lambda: len(tokens()) == RUNS, PATIENCE)
            self.assertEqual(len(tokens()), RUNS)
            fixture.look_until(lambda: not self.metric(hosts[0], "mplane_spool_waiting"),
                               "the last answer", PATIENCE)
            books = {name: self.metric(hosts[0], f"mplane_spool_{name}_total")
                     for name in ("taken", "delivered", "refused", "dropped")}
            self.assertEqual(books, {"taken": RUNS, "delivered": RUNS, "refused": 0, "dropped": 0})
            self.assertEqual(self.metric(hosts[0], "mplane_runs_done_total"), RUNS)
            self.site.component.terminate()
            self.assertEqual(self.site.component.wait(fixture.PATIENCE), 0)
            link.stdin.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["--supervise"]:
        http.server.ThreadingHTTPServer(("10.77.0.2", PORT), Supervisor).serve_forever()
    fixture.main("mpcom", "mppki", "with-two-hosts", "link")
