#!/usr/bin/env python3
"""mpsup as a program: components register, a client asks, what came of it is kept.

    supervisor_test.py MPSUP MPPKI MPCLI MPCOM [TEST …]
"""

import http.client
import http.server
import json
import os
import queue
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import fixture
from fixture import LOOPBACK, MEDIA_TYPE, PATIENCE, PROGRAMS, Log

CAPABILITY = {"capability": "measure", "version": 1, "registry": LOOPBACK, "label": "test-loopback",
              "when": "now ... future", "parameters": {"test.input": "*"},
              "results": ["test.output"]}
CALLBACK = {"capability": "callback", "version": 1, "registry": LOOPBACK, "label": "callback",
            "when": "now ... future"}


def envelope(*messages):
    return {"envelope": "message", "version": 1, "contents": list(messages)}


class Probe:
    """A component that registers, polls and answers, reduced to what travels."""

    def __init__(self, site, name, capability=None):
        self.site, self.name = site, name
        self.capability = capability or CAPABILITY
        self.over = threading.Event()
        self.answers = True
        self.tokens = set()
        self.was_asked = threading.Event()
        self.polls = site.connect(name, site.components)
        self.enroll()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def request(self, connection, method, path, message=None):
        body = json.dumps(message) if message is not None else None
        connection.request(method, path, body, {"Content-Type": MEDIA_TYPE})
        response = connection.getresponse()
        return response.status, response.read()

    def enroll(self):
        status, answer = self.request(self.polls, "POST", "/register/capability",
                                      envelope(CALLBACK, self.capability))
        label = self.capability["label"]
        assert status == 200 and json.loads(answer)[label]["registered"] == "ok", answer

    def run(self):
        while not self.over.is_set():
            try:
                status, body = self.request(self.polls, "GET", "/show/specification")
                if status == 428:
                    self.enroll()
                    continue
                for message in json.loads(body)["contents"]:
                    if message.get("label") != "callback":
                        self.answer(message)
            except (OSError, http.client.HTTPException):
                self.polls.close()
                time.sleep(0.05)  # the supervisor is away

    def measure(self, parameters):
        return self.name + " " + parameters["test.input"]

    def answer(self, asked):
        result = {"result": "measure", "version": 1, "registry": self.capability["registry"],
                  "when": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), "token": asked["token"],
                  "parameters": asked["parameters"], "results": self.capability["results"],
                  "resultvalues": [[self.measure(asked["parameters"])]]}
        self.tokens.add(asked["token"])
        self.was_asked.set()
        if not self.answers:
            return
        self.request(self.site.connect(self.name, self.site.components), "POST",
                     "/register/result", result)

    def stop(self):
        self.over.set()


class Site:
    """A folder with a PKI, and a supervisor that runs with it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mplane-test-")
        pki = self.path("pki")
        self.run_pki("init", "--dir", pki, "--domain", "example.org")
        for component in ("supervisor", "one", "two"):
            self.run_pki("issue", "--dir", pki, "component", component, "--ip", "127.0.0.1")
        self.run_pki("issue", "--dir", pki, "client", "alice")
        self.supervisor = None
        self.ports = (0, 0)
        self.below = ""  # more keys of the section supervisor
        self.streams = "results.ndjson"

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    @staticmethod
    def run_pki(*arguments):
        subprocess.run([PROGRAMS["mppki"], *arguments], check=True, stdout=subprocess.DEVNULL)

    COLLECT = """
modules:
  - name: collect
    settings: {label: loop-store, parameters: {test.input: "*"}, results: [test.output],
               link: "https://127.0.0.1/exported", file: collected.ndjson}
"""

    def write_config(self, more=COLLECT):
        with open(self.path("supervisor.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component: {{listen: "127.0.0.1:{self.ports[0]}", state-dir: state}}
supervisor:
  listen: "127.0.0.1:{self.ports[1]}"
  compositions: [{{label: all, of: test-loopback}}]
  {self.below}
  results: {{stream: [{self.streams}]}}
tls: {{ca: pki/ca.crt, cert: pki/component-supervisor.crt, key: pki/component-supervisor.key}}
access:
  roles: {{org.example.client.alice: user}}
  authorizations: {{all: user, "test-loopback@*": user, "query-*": user,
                   loop-store: user}}
registries: [loopback]
session: {{immediate: 1s}}
{more}
""")

    def start(self, *more):
        """Starts the supervisor; the second time at the ports that it had."""
        self.write_config(*more)
        ready = self.path("ready")
        if os.path.exists(ready):
            os.remove(ready)
        self.supervisor = subprocess.Popen(
            [PROGRAMS["mpsup"], "--config", self.path("supervisor.yaml"), "--ready-file", ready],
            stderr=subprocess.PIPE, text=True)
        self.log = Log(self.supervisor.stderr)
        clients, components = fixture.read_ready_file(ready, self.supervisor).split()
        self.clients, self.components = clients, int(components.rsplit(":", 1)[1].strip("/"))
        self.ports = (int(clients.rsplit(":", 1)[1].strip("/")), self.components)

    def kill(self, number=signal.SIGKILL):
        self.supervisor.send_signal(number)
        return self.supervisor.wait(PATIENCE)

    def connect(self, who, port, role="component"):
        context = ssl.create_default_context(cafile=self.path("pki", "ca.crt"))
        context.load_cert_chain(self.path("pki", f"{role}-{who}.crt"),
                                self.path("pki", f"{role}-{who}.key"))
        return http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=PATIENCE)

    def post(self, message):
        """Sends a message as the client alice. Returns the answer."""
        connection = self.connect("alice", self.ports[0], "client")
        connection.request("POST", "/", json.dumps(message), {"Content-Type": MEDIA_TYPE})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def client(self, *arguments, expect=0):
        environment = os.environ | {
            "MPLANE_URL": self.clients + "capability",
            "MPLANE_TLS_CA": self.path("pki", "ca.crt"),
            "MPLANE_TLS_CERT": self.path("pki", "client-alice.crt"),
            "MPLANE_TLS_KEY": self.path("pki", "client-alice.key")}
        ended = subprocess.run([PROGRAMS["mpcli"], *arguments], env=environment, text=True,
                               capture_output=True, timeout=PATIENCE, check=False)
        assert ended.returncode == expect, (ended.returncode, ended.stdout, ended.stderr)
        return ended.stdout if expect == 0 else ended.stderr

    def tell(self, word, *arguments, expect=0):
        """What mpsup says to a word such as status."""
        ended = subprocess.run([PROGRAMS["mpsup"], word, "--config",
                                self.path("supervisor.yaml"), *arguments], text=True,
                               capture_output=True, timeout=PATIENCE, check=False)
        assert ended.returncode == expect, (ended.returncode, ended.stdout, ended.stderr)
        return ended.stdout if expect == 0 else ended.stderr

    def export(self, *arguments):
        return self.tell("export", *arguments)

    def close(self):
        if self.supervisor and self.supervisor.poll() is None:
            self.kill()
        if self.supervisor:
            self.supervisor.stderr.close()
        self.folder.cleanup()


class Supervisor(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.start()
        self.probes = [Probe(self.site, name) for name in ("one", "two")]
        for probe in self.probes:
            self.addCleanup(probe.stop)

    def ask_all(self, text="hello"):
        answer = self.site.client("run", "all", f"test.input={text}", "--when", "now",
                                  "--format", "json")
        rows = json.loads(answer)["rows"]
        return {row["observer.device"]: row["test.output"] for row in rows}

    def test_one_question_brings_the_rows_of_two_components(self):
        self.assertEqual(self.ask_all(), {"org.example.component.one": "one hello",
                                          "org.example.component.two": "two hello"})
        relayed = self.site.client("run", "test-loopback@org.example.component.two",
                                   "test.input=you", "--when", "now", "--format", "json")
        self.assertEqual(json.loads(relayed)["rows"], [{"test.output": "two you"}])

    def test_what_components_sent_is_kept_and_exported(self):
        self.ask_all("for the record")
        lines = [json.loads(line) for line in self.site.export().splitlines()]
        self.assertEqual({(x["component"], x["rows"][0]["test.output"]) for x in lines},
                         {("org.example.component.one", "one for the record"),
                          ("org.example.component.two", "two for the record")})
        csv = self.site.export("--format", "csv", "--component", "org.example.component.two")
        self.assertEqual(csv.splitlines()[0],
                         "component,label,begin,end,test.input,test.output")
        self.assertEqual(len(csv.splitlines()), 2)
        self.assertEqual(self.site.export("--since", "2030-01-01"), "")
        self.site.kill()
        self.assertEqual(len(self.site.export().splitlines()), 2)

    def test_what_is_kept_can_be_queried(self):
        before = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        for text in ("first", "second"):
            self.ask_all(text)
        everything = ("run", "query-test-loopback", "--when", before + " ... now")
        by_both = ("run", "query-test-loopback.component.parameters", "test.input=second",
                   "observer.device=org.example.component.two", "--when", "past ... now")

        def rows(*arguments):
            answer = json.loads(self.site.client(*arguments, "--format", "json"))
            return {(x["observer.device"], x["test.input"], x["test.output"])
                    for x in answer["rows"]}

        for _ in ("with the process that kept it", "with the one after it"):
            self.assertEqual(rows(*everything),
                             {(f"org.example.component.{who}", text, f"{who} {text}")
                              for who in ("one", "two") for text in ("first", "second")})
            self.assertEqual(rows(*by_both),
                             {("org.example.component.two", "second", "two second")})
            self.site.kill()
            self.site.start()

    def test_what_others_export_to_it_is_kept_and_can_be_queried(self):
        exported = {"result": "measure", "version": 1, "registry": LOOPBACK, "token": "far",
                    "when": "2026-11-22 09:00:00", "parameters": {"test.input": "far"},
                    "results": ["test.output"], "resultvalues": [["away"]]}
        for _ in ("once", "and again, since exporters do"):
            connection = self.site.connect("alice", self.site.ports[0], "client")
            connection.request("POST", "/exported", json.dumps(exported),
                               {"Content-Type": MEDIA_TYPE})
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            self.site.kill()  # what it said it has, it has
            self.site.start()
        answer = json.loads(self.site.client("run", "query-loop-store", "--when", "past ... now",
                                             "--format", "json"))
        self.assertEqual([(x["observer.device"], x["test.input"], x["test.output"])
                          for x in answer["rows"]], [("org.example.client.alice", "far", "away")])

    def test_results_are_streamed_as_they_come(self):
        self.ask_all("live")

        def two():
            with open(self.site.path("results.ndjson"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            return lines if len(lines) >= 2 else None

        lines = fixture.look_until(two, "results")
        self.assertEqual({json.loads(x)["rows"][0]["test.output"] for x in lines},
                         {"one live", "two live"})

    def test_components_come_back_to_a_supervisor_that_was_killed(self):
        self.ask_all()
        self.site.kill()
        self.site.start()
        for name in ("one", "two"):
            self.assertTrue(self.site.log.wait_for("registered", f"component.{name}"))
        self.assertEqual(len(self.ask_all("again")), 2)

    def test_what_was_planned_before_a_crash_is_done_after_it(self):
        start = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 4))
        asked = CAPABILITY | {"specification": "measure", "when": start, "token": "planned",
                              "label": "test-loopback@org.example.component.one",
                              "parameters": {"test.input": "planned"}}
        del asked["capability"]
        self.assertIn("receipt", self.site.post(asked))
        self.site.kill()
        self.site.start()
        self.assertTrue(self.site.log.wait_for("registered", "component.one"))
        answer = self.site.client("watch", "planned", "--format", "json")
        self.assertEqual(json.loads(answer)["rows"], [{"test.output": "one planned"}])

    def asked(self, token, label="test-loopback@org.example.component.one", **more):
        """A specification that a client sends."""
        asked = CAPABILITY | {"specification": "measure", "when": "now", "token": token,
                              "label": label, "parameters": {"test.input": token}} | more
        del asked["capability"]
        return asked

    def test_what_waited_for_a_component_before_a_crash_is_fetched_after_it(self):
        one = self.probes[0]
        one.stop()
        one.polls.sock.shutdown(socket.SHUT_RDWR)  # of the poll that is held
        one.thread.join(PATIENCE)
        self.assertIn("receipt", self.site.post(self.asked("waiting")))
        self.site.kill()
        self.site.start()
        self.assertTrue(self.site.log.wait_for("registered", "component.two"))
        self.addCleanup(Probe(self.site, "one").stop)
        answer = self.site.client("watch", "waiting", "--format", "json")
        self.assertEqual(json.loads(answer)["rows"], [{"test.output": "one waiting"}])

    def test_what_a_component_had_fetched_before_a_crash_it_is_asked_under_the_same_token(self):
        one = self.probes[0]
        one.answers = False
        self.assertIn("receipt", self.site.post(self.asked("fetched")))
        self.assertTrue(one.was_asked.wait(PATIENCE))
        one.was_asked.clear()
        self.site.kill()
        one.answers = True
        self.site.start()
        answer = self.site.client("watch", "fetched", "--format", "json")
        self.assertEqual(json.loads(answer)["rows"], [{"test.output": "one fetched"}])
        self.assertEqual(len(one.tokens), 1, one.tokens)

    def test_a_composition_asks_all_again_after_a_crash(self):
        for probe in self.probes:
            probe.answers = False
        self.assertIn("receipt", self.site.post(self.asked(
            "all-of-it", "all", results=["observer.device", "test.output"])))
        for probe in self.probes:
            self.assertTrue(probe.was_asked.wait(PATIENCE))
            probe.answers = True
        self.site.kill()
        self.site.start()
        answer = self.site.client("watch", "all-of-it", "--format", "json")
        self.assertEqual(len(json.loads(answer)["rows"]), 2)
        self.assertEqual([len(x.tokens) for x in self.probes], [1, 1])

    def test_a_stop_in_mid_measurement_takes_less_than_five_seconds(self):
        for probe in self.probes:
            probe.answers = False
        asked = CAPABILITY | {"specification": "measure", "when": "now + 1h", "token": "long",
                              "label": "all", "parameters": {"test.input": "long"},
                              "results": ["observer.device", "test.output"]}
        del asked["capability"]
        self.assertIn("receipt", self.site.post(asked))
        for probe in self.probes:
            self.assertTrue(probe.was_asked.wait(PATIENCE))
        began = time.monotonic()
        self.assertEqual(self.site.kill(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 5.5)  # and the time that a process takes to end


class Federation(unittest.TestCase):
    """A component under a supervisor, and that under another one."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.start()
        for name in ("lower", "probe"):
            self.site.run_pki("issue", "--dir", self.site.path("pki"), "component", name,
                              "--ip", "127.0.0.1")

    def run_below(self, program, name, text, lines):
        """Starts a program with that configuration. Returns the lines of its ready file."""
        config, ready = self.site.path(name + ".yaml"), self.site.path(name + ".ready")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text + f"""
tls: {{ca: pki/ca.crt, cert: pki/component-{name}.crt, key: pki/component-{name}.key}}
registries: [loopback]
""")
        process = subprocess.Popen([PROGRAMS[program], "--config", config, "--ready-file", ready],
                                   stderr=subprocess.PIPE, text=True)
        Log(process.stderr)  # so that it never has to wait for who reads it
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.kill)
        found = fixture.read_ready_file(ready, process).splitlines()
        self.assertEqual(len(found), lines, found)
        return found

    def test_a_supervisor_is_a_component_to_the_one_above(self):
        _, below = self.run_below("mpsup", "lower", f"""
component: {{supervisors: ["https://127.0.0.1:{self.site.components}/"]}}
supervisor: {{listen: "127.0.0.1:0"}}
access:
  roles: {{org.example.component.supervisor: user}}
  authorizations: {{"*": user}}
""", 2)
        self.run_below("mpcom", "probe", f"""
component: {{supervisors: ["{below}"]}}
access:
  roles: {{org.example.component.lower: user}}
  authorizations: {{"*": user}}
modules: [{{name: loopback}}]
""", 1)
        relayed = "test-loopback@org.example.component.probe@org.example.component.lower"
        self.assertTrue(self.site.log.wait_for("registered", "test-loopback@"))
        answer = self.site.client("run", relayed, "test.input=two floors", "--when", "now",
                                  "--format", "json")
        self.assertEqual(json.loads(answer)["rows"], [{"test.output": "two floors"}])


    def test_a_supervisor_may_connect_to_one_below_that_listens(self):
        listens, below = self.run_below("mpsup", "lower", """
component: {listen: "127.0.0.1:0"}
supervisor: {listen: "127.0.0.1:0"}
access:
  roles: {org.example.component.supervisor: user}
  authorizations: {"*": user}
""", 2)
        self.run_below("mpcom", "probe", f"""
component: {{supervisors: ["{below}"]}}
access:
  roles: {{org.example.component.lower: user}}
  authorizations: {{"*": user}}
modules: [{{name: loopback}}]
""", 1)
        self.site.kill()
        self.site.below = f'connect: ["{listens}capability"]'
        self.site.start()
        relayed = "test-loopback@org.example.component.probe@org.example.component.lower"
        self.assertTrue(self.site.log.wait_for("registered", "test-loopback@"))
        answer = self.site.client("run", relayed, "test.input=down two floors", "--when", "now",
                                  "--format", "json")
        self.assertEqual(json.loads(answer)["rows"], [{"test.output": "down two floors"}])


class Network(Probe):
    """One that pings, and says in which network it is."""

    REGISTRY = "urn:mplane-cpp:registry/mplane"

    def __init__(self, site, name, number):
        super().__init__(site, name, {
            "capability": "measure", "version": 1, "registry": self.REGISTRY, "label": "ping",
            "when": "now ... future", "parameters": {"destination.ip4": "*"},
            "metadata": {"observer.as": number}, "results": ["delay.twoway.icmp.us.min"]})

    def measure(self, parameters):
        return int(parameters["destination.ip4"].rsplit(".", 1)[1])


class ComposingSite(Site):
    def write_config(self, more=""):
        with open(self.path("supervisor.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component: {{listen: "127.0.0.1:{self.ports[0]}"}}
supervisor:
  listen: "127.0.0.1:{self.ports[1]}"
  relay: []
  compositions:
    - {{label: near, of: ping, metadata: {{observer.as: "33*"}}}}
    - {{label: targets, of: ping, answer: split, split: destination.ip4, max-items: 3}}
credits: {{clients: [{{identity: "*", packets-per-hour: 3}}]}}
tls: {{ca: pki/ca.crt, cert: pki/component-supervisor.crt, key: pki/component-supervisor.key}}
access:
  roles: {{org.example.client.alice: user}}
  authorizations: {{"*": user}}
registries: [mplane]
{more}
""")


class Composing(unittest.TestCase):
    """What the configuration says of compositions, as clients see it."""

    def setUp(self):
        self.site = ComposingSite()
        self.addCleanup(self.site.close)
        self.site.start()
        for name, number in (("one", "3320"), ("two", "559")):
            probe = Network(self.site, name, number)
            self.addCleanup(probe.stop)

    def rows(self, *arguments):
        answer = self.site.client("run", *arguments, "--when", "now", "--format", "json")
        return [(row["observer.device"].rsplit(".", 1)[1], row["delay.twoway.icmp.us.min"])
                for row in json.loads(answer)["rows"]]

    def refusal(self, *arguments):
        return self.site.client("run", *arguments, "--when", "now", expect=3)

    def test_those_are_asked_whose_metadata_the_operator_selects(self):
        self.assertEqual(self.rows("near", "destination.ip4=192.0.2.7"), [("one", 7)])

    def test_a_list_of_targets_is_divided_among_components(self):
        rows = self.rows("targets", "composition.list=192.0.2.1,192.0.2.2,192.0.2.3")
        self.assertEqual(sorted(row[1] for row in rows), [1, 2, 3])
        self.assertEqual({row[0] for row in rows}, {"one", "two"})
        many = self.refusal("targets", "composition.list=192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4")
        self.assertIn("has more than 3 items", many)

    def test_who_has_no_credits_left_is_told_the_figures(self):
        self.rows("targets", "composition.list=192.0.2.1,192.0.2.2,192.0.2.3")
        self.assertIn("has used 3 of 3 packets an hour",
                      self.refusal("near", "destination.ip4=192.0.2.1"))


class Connecting(unittest.TestCase):
    """A component that listens, and a supervisor that connects to it."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.run_pki("issue", "--dir", self.site.path("pki"), "component", "probe", "--ip",
                          "127.0.0.1")
        self.port, self.probe = 0, None
        self.addCleanup(self.stop_probe)
        self.start_probe()
        self.site.below = f'connect: ["https://127.0.0.1:{self.port}/"]'

    def start_probe(self):
        config, ready = self.site.path("probe.yaml"), self.site.path("probe.ready")
        if os.path.exists(ready):
            os.remove(ready)
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""
component: {{listen: "127.0.0.1:{self.port}"}}
tls: {{ca: pki/ca.crt, cert: pki/component-probe.crt, key: pki/component-probe.key}}
access:
  roles: {{org.example.component.supervisor: user}}
  authorizations: {{"*": user}}
registries: [loopback]
modules: [{{name: loopback}}]
""")
        self.probe = subprocess.Popen([PROGRAMS["mpcom"], "--config", config, "--ready-file",
                                       ready], stderr=subprocess.DEVNULL)
        url = fixture.read_ready_file(ready, self.probe).strip()
        self.port = int(url.rsplit(":", 1)[1].strip("/"))

    def stop_probe(self):
        self.probe.kill()
        self.probe.wait(PATIENCE)

    def ask(self, text):
        answer = self.site.client("run", "test-loopback@org.example.component.probe",
                                  f"test.input={text}", "--when", "now", "--format", "json")
        return json.loads(answer)["rows"]

    def test_a_component_that_listens_is_relayed_and_found_again_after_a_restart(self):
        self.site.start()
        self.assertTrue(self.site.log.wait_for("a capability was registered", "component.probe"))
        self.assertEqual(self.ask("hello"), [{"test.output": "hello"}])
        self.assertEqual(len(self.site.export().splitlines()), 1)
        self.stop_probe()
        self.assertTrue(self.site.log.wait_for("a capability is gone", "component.probe"))
        seen = len(self.site.log.lines)
        self.start_probe()
        self.assertTrue(self.site.log.wait_for("a capability was registered", "component.probe",
                                               after=seen))
        self.assertEqual(self.ask("again"), [{"test.output": "again"}])

    def test_one_that_is_connected_to_has_to_be_among_the_components_too(self):
        self.site.below += "\n  components: [org.example.component.one]"
        self.site.start()
        self.assertTrue(self.site.log.wait_for("org.example.component.probe",
                                               "is none of the components"))
        self.assertNotIn("test-loopback@", self.site.client("list"))

    def test_the_doctor_looks_at_who_is_connected_to_and_listened_to(self):
        self.site.write_config()
        command = [PROGRAMS["mpsup"], "--doctor", "--config", self.site.path("supervisor.yaml")]
        said = subprocess.run(command, text=True, check=False, capture_output=True)
        self.assertEqual(said.returncode, 0, said.stdout)
        lines = said.stdout.splitlines()
        self.assertEqual(sum("is free to listen at" in line for line in lines), 2, said.stdout)
        self.assertTrue([line for line in lines if line.startswith("good") and "component" in line
                         and "is org.example.component.probe" in line], said.stdout)
        self.stop_probe()
        said = subprocess.run(command, text=True, check=False, capture_output=True)
        self.assertEqual(said.returncode, 5, said.stdout)

    def test_a_url_without_tls_to_connect_to_is_a_mistake(self):
        self.site.below = 'connect: ["http://127.0.0.1:1/", "https://127.0.0.1:2/"]'
        self.site.write_config()
        wrong = subprocess.run([PROGRAMS["mpsup"], "--check", "--config",
                                self.site.path("supervisor.yaml")], text=True, check=False,
                               capture_output=True)
        self.assertEqual(wrong.returncode, 2)
        self.assertRegex(wrong.stderr, r"supervisor\.yaml:\d+.*has to begin with https://")


class WebServer:
    """Takes what is posted to it over TLS, and from whom: the lines, each with a certificate's
    serial number."""

    def __init__(self, site):
        self.taken = queue.Queue()
        taken = self.taken

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                serial = self.connection.getpeercert()["serialNumber"]
                for line in body.decode().splitlines():
                    taken.put((json.loads(line)["rows"][0]["test.output"], serial))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH,
                                             cafile=site.path("pki", "ca.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(site.path("pki", "component-two.crt"),
                                site.path("pki", "component-two.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_port}/in"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Streams(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.web = WebServer(self.site)
        self.addCleanup(self.web.close)
        self.site.streams = f'{{url: "{self.web.url}"}}'
        self.site.start()
        self.probe = Probe(self.site, "one")
        self.addCleanup(self.probe.stop)

    def streamed(self, text):
        self.site.client("run", "all", f"test.input={text}", "--when", "now")
        line, serial = self.web.taken.get(timeout=PATIENCE)
        self.assertEqual(line, "one " + text)
        return serial

    def test_a_web_server_is_shown_the_certificate_of_the_last_reload(self):
        before = self.streamed("old")
        self.assertEqual(self.streamed("same"), before)
        self.site.run_pki("issue", "--dir", self.site.path("pki"), "component", "supervisor",
                          "--ip", "127.0.0.1", "--force")
        self.site.supervisor.send_signal(signal.SIGHUP)
        self.assertTrue(self.site.log.wait_for("the configuration is reloaded"))
        self.assertNotEqual(self.streamed("new"), before)


class FleetView(unittest.TestCase):
    """What an operator is told of a supervisor that runs."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.start('status: {listen: "127.0.0.1:0"}')
        self.probe = Probe(self.site, "one")
        self.addCleanup(self.probe.stop)

    def told(self, word, *arguments):
        return json.loads(self.site.tell(word, "--format", "json", *arguments))

    def test_components_capabilities_and_measurements_are_told_with_filters(self):
        self.site.client("run", "all", "test.input=hello", "--when", "now")
        (one,) = self.told("components")
        self.assertEqual((one["component"], one["state"], one["how"], one["capabilities"]),
                         ("org.example.component.one", "here", "registered", 1))
        self.assertEqual(self.told("components", "--component", "*.two"), [])
        self.assertEqual(self.told("components", "--state", "away"), [])
        self.assertEqual([x["label"] for x in self.told("capabilities")], ["test-loopback"])
        self.assertEqual(self.told("capabilities", "--label", "ping*"), [])
        (asked,) = self.told("measurements")
        self.assertEqual((asked["label"], asked["owner"], asked["state"], asked["done"]),
                         ("all", "org.example.client.alice", "ended", 1))
        self.assertEqual(self.told("measurements", "--owner", "*.bob"), [])
        self.assertIn("org.example.component.one", self.site.tell("components"))

    def test_the_status_has_books_queue_and_what_is_kept(self):
        self.site.client("run", "all", "test.input=hello", "--when", "now")
        status = self.told("status")
        self.assertEqual((status["components-registered"], status["capabilities-below"],
                          status["runs-done"], status["results-kept"], status["queue-asked"]),
                         (1, 1, 1, 1, 0))
        self.assertIn("runs-done", self.site.tell("status"))

    def test_results_are_a_table_for_people(self):
        self.site.client("run", "all", "test.input=hello", "--when", "now")
        heading, line = self.site.tell("results").splitlines()
        self.assertEqual(heading.split(), ["BEGIN", "COMPONENT", "LABEL", "PARAMETERS", "RESULTS"])
        self.assertIn("test.output=one hello", line)
        self.assertEqual(len(self.told("results")), 1)
        self.assertEqual(self.told("results", "--component", "nobody"), [])

    def test_the_metrics_count_components_and_their_queue(self):
        line = self.site.log.wait_for("health and metrics are told here")
        port = int(line.rsplit(":", 1)[1].split('"')[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
        connection.close()
        self.assertIn('mplane_components{how="registered"} 1', page)
        self.assertIn("mplane_queue_asked 0", page)

    def test_the_control_socket_is_the_owners_alone_and_goes_with_the_supervisor(self):
        socket = self.site.path("state", "control.sock")
        self.assertEqual(os.stat(socket).st_mode & 0o777, 0o600)
        self.assertEqual(self.site.kill(signal.SIGTERM), 0)
        self.assertFalse(os.path.exists(socket))
        self.assertIn("does it run?", self.site.tell("status", expect=5))

    def test_a_reload_leaves_the_supervisors_own_keys_until_a_restart(self):
        self.site.below = "relay: [nothing]"
        self.site.write_config()
        self.site.supervisor.send_signal(signal.SIGHUP)
        line = self.site.log.wait_for("takes a restart")
        self.assertIn("supervisor", line)
        self.assertEqual(len(self.told("capabilities")), 1)


class Configuration(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def check(self, more=Site.COLLECT):
        self.site.write_config(more)
        return subprocess.run([PROGRAMS["mpsup"], "--check", "--config",
                               self.site.path("supervisor.yaml")], text=True, check=False,
                              capture_output=True)

    def test_a_ready_file_that_cannot_be_written_ends_it(self):
        self.site.write_config()
        ended = subprocess.run([PROGRAMS["mpsup"], "--config", self.site.path("supervisor.yaml"),
                                "--ready-file", "/nonexistent/ready"], text=True, check=False,
                               capture_output=True, timeout=PATIENCE)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("cannot be written", ended.stderr)

    def test_a_configuration_is_checked(self):
        self.assertEqual(self.check().returncode, 0)
        wrong = self.check("modules: [nothing]")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("nothing", wrong.stderr)
        with open(self.site.path("supervisor.yaml"), encoding="utf-8") as file:
            text = file.read()
        with open(self.site.path("supervisor.yaml"), "w", encoding="utf-8") as file:
            file.write(text.replace("of: test-loopback",
                                    "of: test-loopback, component-column: nowhere"))
        wrong = subprocess.run([PROGRAMS["mpsup"], "--check", "--config",
                                self.site.path("supervisor.yaml")], text=True, check=False,
                               capture_output=True)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("nowhere", wrong.stderr)


if __name__ == "__main__":
    fixture.main("mpsup", "mppki", "mpcli", "mpcom")
