"""A supervisor, its components and its clients under load, all killed at random again and again.

    kills_test.py MPSUP MPPKI MPCLI MPCOM [TEST …]

MPLANE_KILLS says how often something is killed, MPLANE_SEED which.
"""

import collections
import http.client
import json
import os
import random
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import fixture
from fixture import LOOPBACK, MEDIA_TYPE, PATIENCE, PROGRAMS, Log

KILLS = int(os.environ.get("MPLANE_KILLS", "10"))
SEED = int(os.environ.get("MPLANE_SEED", "1"))
ASKING = 3  # clients that go on after each failure
OUTPUT = "test.output"


class Program:
    """A program of ours that is killed, and started again as it was."""

    def __init__(self, site, name, program):
        self.site, self.name, self.program = site, name, program
        self.process = None
        self.urls = []

    def start(self):
        ready = self.site.path(self.name + ".ready")
        if os.path.exists(ready):
            os.remove(ready)
        self.process = subprocess.Popen(
            [PROGRAMS[self.program], "--config", self.site.path(self.name + ".yaml"),
             "--ready-file", ready], stderr=subprocess.PIPE, text=True)
        self.log = Log(self.process.stderr)
        self.urls = fixture.read_ready_file(ready, self.process).split()

    def ports(self):
        return [int(url.rsplit(":", 1)[1].strip("/")) for url in self.urls]

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.log.reader.join()
        self.process.stderr.close()


class Site:
    """A folder with a PKI, a supervisor and three components, of which it connects to the last."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mplane-test-")
        pki = ("--dir", self.path("pki"))
        self.run_pki("init", *pki, "--domain", "example.org")
        for name in ("supervisor", "one", "two", "three"):
            self.run_pki("issue", *pki, "component", name, "--ip", "127.0.0.1")
        self.run_pki("issue", *pki, "client", "alice")
        self.supervisor = Program(self, "supervisor", "mpsup")
        self.components = [Program(self, name, "mpcom") for name in ("one", "two", "three")]
        self.programs = [self.supervisor, *self.components]

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    @staticmethod
    def run_pki(*arguments):
        subprocess.run([PROGRAMS["mppki"], *arguments], check=True, stdout=subprocess.DEVNULL)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def tls(self, name):
        return (f"tls: {{ca: pki/ca.crt, cert: pki/component-{name}.crt, "
                f"key: pki/component-{name}.key}}")

    def write_supervisor(self, ports, connect):
        self.write("supervisor.yaml", f"""
component: {{listen: "127.0.0.1:{ports[0]}", state-dir: state}}
supervisor:
  listen: "127.0.0.1:{ports[1]}"
  connect: ["https://127.0.0.1:{connect}/"]
  compositions: [{{label: all, of: mark}}]
  polls: {{expiry: 60s}}  # who is away for less is waited for, on slow machines, too
{self.tls("supervisor")}
access:
  roles: {{org.example.client.alice: user}}
  authorizations: {{"*": user}}
registries: [loopback]
session: {{immediate: 100ms}}
""")

    def write_component(self, name, where):
        self.write(f"mark-{name}.sh", f'#!/bin/sh\nsleep 0.1\necho "mark={name}-$1"\n', 0o755)
        self.write(name + ".yaml", f"""
component: {{{where}, state-dir: state-{name}}}
{self.tls(name)}
access:
  roles: {{org.example.component.supervisor: user}}
  authorizations: {{"*": user}}
registries: [loopback]
modules:
  - name: exec
    settings:
      label: mark
      program: mark-{name}.sh
      arguments: ["{{test.input}}"]
      when: now ... future
      parameters: {{test.input: "*"}}
      patterns: ["^mark=(?P<mark>.*)$"]
      results: {{test.output: mark}}
      timeout: 20s
""")

    def start(self):
        """Starts all, and has them keep the addresses that they got."""
        one, two, three = self.components
        self.write_component("three", 'listen: "127.0.0.1:0"')
        three.start()
        listens = three.ports()[0]
        self.write_component("three", f'listen: "127.0.0.1:{listens}"')
        self.write_supervisor((0, 0), listens)
        self.supervisor.start()
        self.clients_port, components = self.supervisor.ports()
        self.write_supervisor((self.clients_port, components), listens)
        for component in (one, two):
            self.write_component(component.name,
                                 f'supervisors: ["https://127.0.0.1:{components}/"]')
            component.start()

    def connect(self):
        context = ssl.create_default_context(cafile=self.path("pki", "ca.crt"))
        context.load_cert_chain(self.path("pki", "client-alice.crt"),
                                self.path("pki", "client-alice.key"))
        return http.client.HTTPSConnection("127.0.0.1", self.clients_port, context=context,
                                           timeout=PATIENCE)

    def run_client(self, label, text):
        environment = os.environ | {
            "MPLANE_URL": f"https://127.0.0.1:{self.clients_port}/capability",
            "MPLANE_TLS_CA": self.path("pki", "ca.crt"),
            "MPLANE_TLS_CERT": self.path("pki", "client-alice.crt"),
            "MPLANE_TLS_KEY": self.path("pki", "client-alice.key")}
        return subprocess.Popen([PROGRAMS["mpcli"], "run", label, f"test.input={text}", "--when",
                                 "now"], env=environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def tell(self, word, *arguments):
        ended = subprocess.run([PROGRAMS["mpsup"], word, "--config", self.path("supervisor.yaml"),
                                "--format", *arguments], text=True, capture_output=True,
                               timeout=PATIENCE, check=True)
        return ended.stdout

    def capabilities(self):
        """The labels of `mark` and of what is made of it; none while the supervisor is away."""
        try:
            return [x["label"] for x in json.loads(self.tell("capabilities", "json"))]
        except subprocess.CalledProcessError:
            return []

    def close(self):
        for program in self.programs:
            if program.process and program.process.poll() is None:
                program.kill()
        self.folder.cleanup()


class Asking(threading.Thread):
    """A client that asks one thing after the other, each until it is sure that it was accepted."""

    LABELS = ("all", "mark@org.example.component.one", "mark@org.example.component.three")

    def __init__(self, site, name):
        super().__init__(daemon=True)
        self.site, self.name = site, name
        self.over = threading.Event()
        self.acknowledged = []  # tokens
        self.refused = []       # what else was said
        self.connection = None

    def run(self):
        while not self.over.is_set():
            token = f"{self.name}-{len(self.acknowledged) + len(self.refused)}"
            self.ask(token, self.LABELS[len(self.acknowledged) % len(self.LABELS)])

    def ask(self, token, label):
        columns = ["observer.device", OUTPUT] if label == "all" else [OUTPUT]
        asked = {"specification": "measure", "version": 1, "registry": LOOPBACK, "when": "now",
                 "token": token, "label": label, "parameters": {"test.input": token},
                 "results": columns}
        while not self.over.is_set():
            answer = self.post(asked)
            if answer is None or "exception" in answer and "result" not in answer:
                time.sleep(0.05)  # the supervisor is away, or its components are
                continue
            (self.acknowledged if "receipt" in answer or "result" in answer
             else self.refused).append(token)
            return

    def redeem(self, token):
        """What came of it: a result, or an exception that says why not."""
        redemption = {"redemption": "measure", "version": 1, "token": token}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.post(redemption)
            if answer is not None and "receipt" not in answer:
                return answer
            time.sleep(0.05)  # it asks as any client does until it is there
        return None

    def post(self, message):
        try:
            if self.connection is None:
                self.connection = self.site.connect()
            self.connection.request("POST", "/", json.dumps(message), {"Content-Type": MEDIA_TYPE})
            return json.loads(self.connection.getresponse().read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            self.close()
            return None

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Kills(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.start()
        self.wait_for_all()
        self.lots = random.Random(SEED)

    def wait_for_all(self):
        fixture.look_until(lambda: self.site.capabilities().count("mark") == 3, "all components")

    def kill_one(self, number):
        """A client that asks something meanwhile, the supervisor, or one of its components."""
        client = self.site.run_client("all", f"killed-{number}")
        time.sleep(self.lots.uniform(0.05, 0.6))  # when it is killed is what is tried
        killed = self.lots.choice([client, self.site.supervisor, self.site.supervisor,
                                   *self.site.components])
        killed.kill()
        if killed is not client:
            time.sleep(self.lots.uniform(0, 0.3))
            killed.start()
            client.send_signal(signal.SIGKILL)
        client.wait(PATIENCE)

    def test_nothing_acknowledged_is_lost_and_nothing_counted_twice_whoever_is_killed(self):
        asking = [Asking(self.site, f"asking-{i}") for i in range(ASKING)]
        for one in asking:
            one.start()
        for number in range(KILLS):
            self.kill_one(number)
        self.wait_for_all()
        for one in asking:
            one.over.set()
        for one in asking:
            one.join(PATIENCE)
            self.assertFalse(one.is_alive(), one.name)
        outcomes = {token: one.redeem(token) for one in asking for token in one.acknowledged}
        for one in asking:
            one.close()
        self.assertEqual([one.refused for one in asking], [[]] * ASKING)
        self.assertGreater(len(outcomes), KILLS)
        lost = {k: v for k, v in outcomes.items()
                if v is None or "result" not in v and "crashed" not in v.get("message", "")}
        self.assertEqual(lost, {})
        self.check_kept(outcomes)

    def check_kept(self, outcomes):
        """Each result that a client got is kept, and none twice."""
        kept = collections.Counter()
        for line in self.site.tell("export", "ndjson").splitlines():
            one = json.loads(line)
            kept.update((one["component"], row[OUTPUT]) for row in one.get("rows", []))
        self.assertEqual([key for key, count in kept.items() if count > 1], [])
        texts = {text for _, text in kept}
        for token, outcome in outcomes.items():
            if "result" not in outcome:
                continue
            column = outcome["results"].index(OUTPUT)
            for row in outcome["resultvalues"]:
                self.assertTrue(row[column] in texts or row[column] in ("", None), (token, row))


if __name__ == "__main__":
    fixture.main("mpsup", "mppki", "mpcli", "mpcom")
