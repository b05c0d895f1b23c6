"""The old SDK and we, live: its client drives our component, which works for its supervisor, too,
our client drives its component, and our supervisor stands between its client and its component.

Skipped unless MPLANE_SDK names a clone of it (scripts/peer-test).
"""

import json
import os
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))
import fixture  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SDK = os.environ.get("MPLANE_SDK")
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's tornado
PING = {"destination.ip4": "127.0.0.1"}
PATIENCE = fixture.PATIENCE


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class OldPeer:
    """The SDK in a process of its own."""

    def __init__(self, role, config):
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen([PYTHON, os.path.join(HERE, "old_peer.py"), role, config],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=environment)
        self.log = fixture.Log(self.process.stderr)
        assert self.process.stdout.readline(), "\n".join(self.log.lines)

    def ask(self, op, **more):
        self.process.stdin.write(json.dumps({"op": op} | more) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if not answer["ok"]:
            raise RuntimeError(answer["error"])
        return answer

    def wait_for(self, what, holds):
        """Asks until the answer is as wanted: the SDK tells nobody when something has come."""
        deadline = time.monotonic() + PATIENCE
        while not holds(answer := self.ask(**what)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: {answer}")
            time.sleep(0.1)
        return answer

    def wait_for_result(self, token, kind="result"):
        return self.wait_for({"op": "result", "token": token},
                             lambda answer: answer["kind"] == kind)["message"]

    def stop(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()
        self.log.reader.join()
        self.process.stderr.close()


@unittest.skipUnless(SDK, "MPLANE_SDK does not name a clone of the old SDK")
class Together(unittest.TestCase):
    """Our component and peers of the old SDK, with or without TLS."""

    secure = False

    def setUp(self):
        self.site = fixture.Site()
        self.addCleanup(self.site.stop)
        self.peers = []
        self.addCleanup(lambda: [peer.stop() for peer in self.peers])
        pki = self.site.path("pki")
        if self.secure:
            self.site.run_pki("issue", "--dir", pki, "supervisor", "main", "--ip", "127.0.0.1")
            # The SDK reads who it is from a certificate's text.
            for name in ("ca", "client-alice", "supervisor-main", "component-demo"):
                subprocess.run(["openssl", "x509", "-in", f"{pki}/{name}.crt", "-text", "-out",
                                f"{pki}/{name}-text.crt"], check=True)

    @property
    def scheme(self):
        return "https" if self.secure else "http"

    def start_component(self, component):
        tls = ("{ca: pki/ca.crt, cert: pki/component-demo.crt, key: pki/component-demo.key}"
               if self.secure else "{}")
        access = ("{roles: {org.example.client.alice: user, org.example.supervisor.main: user},"
                  " authorizations: {test-loopback: user, ping-average-ip4: user}}"
                  if self.secure else "{open: true}")
        insecure = "" if self.secure else "insecure: true, "
        with open(self.site.path("component.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component: {{{insecure}{component}}}
{f'tls: {tls}' if self.secure else ''}
access: {access}
session: {{exception-status: 200, immediate: 1s}}
registries: [core, loopback]
targets: {{allow: 127.0.0.0/8}}
modules: [loopback, {{name: ping, settings: {{source-ip4: 127.0.0.1}}}}]
log: {{level: debug}}
""")
        self.site.component = subprocess.Popen(
            [fixture.PROGRAMS["mpcom"], "--config", self.site.path("component.yaml")],
            stderr=subprocess.PIPE, text=True)
        self.site.log = fixture.Log(self.site.component.stderr)

    def start_peer(self, role, name, sections):
        tls = ""
        if self.secure:
            pki = self.site.path("pki")
            tls = (f"[TLS]\nca-chain = {pki}/ca-text.crt\ncert = {pki}/{name}-text.crt\n"
                   f"key = {pki}/{name}.key\n")
        path = self.site.path(f"{role}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(tls + sections)
        self.peers.append(OldPeer(role, path))
        return self.peers[-1]

    def old_component(self, asker):
        """What an old component offers, and to whom."""
        identity = asker if self.secure else "Identity.Unauthenticated.Default"
        return (f"[Roles]\n{identity} = user\n"
                "[Authorizations]\ntest-loopback = user\nping-average-ip4 = user\n"
                "ping-detail-ip4 = user\n"
                "[module_loopback]\nmodule = mplane.components.loopback\n"
                "[module_ping]\nmodule = mplane.components.ping\nip4addr = 127.0.0.1\n"
                f"[component]\n{self.registry()}scheduler_max_results = 20\n")

    def start_old_component(self, asker):
        """One that listens. Returns where."""
        port = free_port()
        url = f"{self.scheme}://127.0.0.1:{port}/"
        self.component = peer = self.start_peer(
            "component", "component-demo", self.old_component(asker) +
            f"workflow = client-initiated\nlisten-port = {port}\nlisten-cap-link = {url}\n")
        self.assertTrue(peer.log.wait_for("running on port"), "\n".join(peer.log.lines))
        return url

    def registry(self):
        return (f"registry_preload = {SDK}/testdata/loopback-registry.json\n"
                f"registry_uri = {fixture.LOOPBACK}\n")

    def listening(self, port):
        return (f"[client]\n{self.registry()}workflow = component-initiated\n"
                f"listen-host = 127.0.0.1\nlisten-port = {port}\n"
                f"listen-spec-link = {self.scheme}://127.0.0.1:{port}/\n"
                "registration-path = register/capability\n"
                "specification-path = show/specification\nresult-path = register/result\n")


class Workflow:
    """What is asked for, whoever connects to whom."""

    def invoke(self, label, when, parameters):
        return self.peer.ask("invoke", label=label, when=when, parameters=parameters)["token"]

    def test_loopback(self):
        token = self.invoke("test-loopback", "now", {"test.input": "hello wörld"})
        self.assertEqual(self.peer.wait_for_result(token)["resultvalues"], [["hello wörld"]])

    def test_ping(self):
        token = self.invoke("ping-average-ip4", "now + 2s / 1s", PING)
        result = self.peer.wait_for_result(token)
        self.assertEqual(result["resultvalues"][0][-1], "2")
        self.assertEqual(result["parameters"]["destination.ip4"], "127.0.0.1")

    def test_delayed(self):
        token = self.invoke("ping-average-ip4", "now + 3s / 1s", PING)
        self.assertEqual(self.peer.wait_for_result(token)["resultvalues"][0][-1], "3")

    def test_repeated(self):
        token = self.invoke("test-loopback", "repeat now + 4s / 2s", {"test.input": "again"})
        envelope = self.peer.wait_for_result(token, "envelope")
        self.assertEqual(envelope["token"], token)
        for one in envelope["contents"]:
            self.assertEqual(one["resultvalues"], [["again"]])

    def test_interrupted(self):
        token = self.invoke("ping-average-ip4", "now + 1h / 1s", PING)
        self.peer.wait_for({"op": "result", "token": token}, lambda a: a["kind"] == "receipt")
        self.peer.ask("interrupt", token=token)
        result = self.peer.wait_for_result(token)
        self.assertLess(int(result["resultvalues"][0][-1]), 60)


class OldClient(Together, Workflow):
    """connects to our component"""

    def setUp(self):
        super().setUp()
        self.start_component("listen: 127.0.0.1:0")
        line = self.site.log.wait_for("component: listening")
        url = f"{self.scheme}://127.0.0.1:{line.rsplit(':', 1)[1].rstrip('/')}/"
        self.peer = self.start_peer("client", "client-alice",
                                    f"[client]\n{self.registry()}workflow = client-initiated\n")
        self.assertIn("test-loopback", self.peer.ask("discover", url=url)["labels"])

    def test_refused(self):
        token = self.invoke("ping-average-ip4", "now + 2s / 1s", {"destination.ip4": "192.0.2.1"})
        told = self.peer.wait_for_result(token, "exception")
        self.assertIn("192.0.2.1", told["message"])


class OldClientOverTls(OldClient):
    secure = True


class OldListener(Together, Workflow):
    """is called by our component"""

    callback = "verb"

    def setUp(self):
        super().setUp()
        port = free_port()
        self.peer = self.start_peer("listener", "supervisor-main", self.listening(port))
        self.start_component(
            f"supervisors: [{{url: '{self.scheme}://127.0.0.1:{port}/', interval: 500ms, "
            f"callback: {self.callback}}}]")
        self.peer.wait_for({"op": "labels"}, lambda answer: "ping-average-ip4" in answer["labels"])

    def test_refused(self):
        token = self.invoke("ping-average-ip4", "now + 2s / 1s", {"destination.ip4": "192.0.2.1"})
        told = self.peer.wait_for_result(token, "exception")
        self.assertIn("192.0.2.1", told["message"])


class OldListenerOverTls(OldListener):
    secure = True


class OldListenerWithCallbackLabel(OldListener):
    callback = "label"


class OldSupervisor(Together):
    """stands between an old client and our component"""

    def test_relays_between_an_old_client_and_us(self):
        below, above = free_port(), free_port()
        roles = ("[Roles]\norg.example.client.alice = user\n"
                 "Identity.Unauthenticated.Default = user\n"
                 "[Authorizations]\ntest-loopback = user\n")
        self.start_peer("supervisor", "supervisor-main",
                        roles + self.listening(below) +
                        f"[component]\n{self.registry()}workflow = client-initiated\n"
                        f"scheduler_max_results = 20\nlisten-port = {above}\n"
                        f"listen-cap-link = {self.scheme}://127.0.0.1:{above}/\n")
        # It withdraws for good what it serves while it waits for a result: hence no callback.
        self.start_component(
            f"supervisors: [{{url: '{self.scheme}://127.0.0.1:{below}/', interval: 500ms, "
            "callback: none}]")
        self.assertTrue(self.site.log.wait_for("supervisor: registered"))
        client = self.start_peer("client", "client-alice",
                                 f"[client]\n{self.registry()}workflow = client-initiated\n")
        url = f"{self.scheme}://127.0.0.1:{above}/"
        client.wait_for({"op": "discover", "url": url},
                        lambda answer: any("test-loopback" in x for x in answer["labels"]))
        label = next(x for x in client.ask("labels")["labels"] if "test-loopback" in x)
        token = client.ask("invoke", label=label, when="now",
                           parameters={"test.input": "relayed"})["token"]
        self.assertEqual(client.wait_for_result(token)["resultvalues"], [["relayed"]])


class OldSupervisorOverTls(OldSupervisor):
    secure = True


class OurSupervisor(Together, Workflow):
    """stands between an old client and an old component that registers"""

    def setUp(self):
        super().setUp()
        below = self.start_supervisor()
        self.component = self.start_peer(
            "caller", "component-demo", self.old_component("org.example.supervisor.main") +
            f"workflow = component-initiated\nclient_host = 127.0.0.1\nclient_port = {below}\n"
            "registration_path = register/capability\nspecification_path = show/specification\n"
            "result_path = register/result\n")
        self.find()

    def start_supervisor(self, connect=""):
        """Returns the port for components."""
        tls = ("tls: {ca: pki/ca.crt, cert: pki/supervisor-main.crt, key: pki/supervisor-main.key}"
               if self.secure else "")
        access = ("{roles: {org.example.client.alice: user}, authorizations: {'*': user}}"
                  if self.secure else "{open: true}")
        insecure = "" if self.secure else "insecure: true, "
        ready = self.site.path("supervisor.ready")
        with open(self.site.path("supervisor.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component: {{{insecure}listen: "127.0.0.1:0", state-dir: state}}
supervisor: {{listen: "127.0.0.1:0", {connect}}}
{tls}
access: {access}
session: {{exception-status: 200, immediate: 1s}}
registries: [core, loopback]
""")
        self.site.component = subprocess.Popen(
            [fixture.PROGRAMS["mpsup"], "--config", self.site.path("supervisor.yaml"),
             "--ready-file", ready], stderr=subprocess.PIPE, text=True)
        self.site.log = fixture.Log(self.site.component.stderr)
        self.url, below = fixture.read_ready_file(ready, self.site.component).split()
        return int(below.rsplit(":", 1)[1].strip("/"))

    def find(self):
        """Has an old client find what the component offers, by the label that it has above."""
        self.peer = self.start_peer("client", "client-alice",
                                    f"[client]\n{self.registry()}workflow = client-initiated\n")
        found = self.peer.wait_for({"op": "discover", "url": self.url},
                                   lambda answer: len(answer["labels"]) >= 3)
        self.labels = {x.split("@")[0]: x for x in found["labels"]}

    def invoke(self, label, when, parameters):
        token = super().invoke(self.labels[label], when, parameters)
        # Of what it did not fetch there is nothing to interrupt.
        self.assertTrue(self.component.log.wait_for(f"({label})", "matches <specification"))
        return token


class OurSupervisorOverTls(OurSupervisor):
    secure = True


class OurSupervisorConnects(OurSupervisor):
    """stands between an old client and an old component that listens"""

    def setUp(self):
        Together.setUp(self)
        url = self.start_old_component("org.example.supervisor.main")
        self.start_supervisor(f'connect: ["{url}"]')
        self.find()


class OurSupervisorConnectsOverTls(OurSupervisorConnects):
    secure = True


class OldComponent(Together):
    """is asked by mpcli"""

    def setUp(self):
        super().setUp()
        self.url = self.start_old_component("org.example.client.alice")

    def mpcli(self, *arguments, lines=(), code=0):
        """What it says when it is given these lines, and complains of."""
        pki = self.site.path("pki")
        environment = {"HOME": self.site.folder.name, "MPLANE_URL": self.url}
        if self.secure:
            environment |= {"MPLANE_TLS_CA": f"{pki}/ca.crt",
                            "MPLANE_TLS_CERT": f"{pki}/client-alice.crt",
                            "MPLANE_TLS_KEY": f"{pki}/client-alice.key"}
        ended = subprocess.run([fixture.PROGRAMS["mpcli"], *arguments], env=environment,
                               input="".join(line + "\n" for line in lines), text=True,
                               capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        complaints = [x for x in ended.stderr.splitlines(True) if " is plain HTTP: " not in x]
        return ended.stdout, "".join(complaints)

    def assert_says(self, lines, *patterns):
        """Each of the patterns, one after the other, and no complaints."""
        out, complaints = self.mpcli(lines=lines)
        self.assertEqual(complaints, "")
        self.assertRegex(out, "(?s)" + ".*".join(patterns))

    def test_found(self):
        self.assert_says(("seturl " + self.url, "getcap", "listcap", "showcap ping-average-ip4"),
                         "ok, 3 capabilities at", r"\d  test-loopback", "source.ip4 .*127.0.0.1",
                         "delay.twoway.icmp.us.mean")

    def test_measured(self):
        self.assert_says(("getcap", "when now + 2s / 1s", "set destination.ip4 127.0.0.1", "show",
                          "runcap ping-average-ip4", "listmeas", "watch 1", "listmeas",
                          "showmeas ping-average-ip4-0", "format csv", "showmeas 1"),
                         "destination.ip4  127.0.0.1", "1  ping-average-ip4-0 ",
                         r"\d+ +\d+ +\d+ +2\n", "1  ping-average-ip4-0 .* done",
                         r"\d+ +\d+ +\d+ +2\n", r"count\n\d+,\d+,\d+,2\n")

    def test_asked_for(self):
        self.assert_says(("getcap", "runcap test-loopback", "now", "hello wörld",
                          "watch test-loopback-0"), "hello wörld\n$")

    def test_repeated(self):
        self.assert_says(("getcap", "when repeat now + 4s / 2s", "set test.input again",
                          "runcap test-loopback", "watch 1"), *["again\n"] * 2)

    def test_stopped(self):
        self.assert_says(("getcap", "when now + 1h / 1s", "set destination.ip4 127.0.0.1",
                          "runcap ping-average-ip4", "listmeas", "stopmeas 1", "listmeas",
                          "forget 1", "listmeas"),
                         "under way", r"delay.twoway.icmp.count\n +\d+ +\d+ +\d+ +\d+\n",
                         "1  ping-average-ip4-0 .* done[^\n]*\n$")

    def test_failed(self):
        out, complaints = self.mpcli(
            lines=("getcap", "when now + 1s / 1s", "set destination.ip4 192.0.2.1",
                   "runcap ping-average-ip4", "watch 1", "listmeas"), code=3)
        self.assertIn("list index out of range", complaints)  # what its ping says of no replies
        self.assertRegex(out, "1  ping-average-ip4-0 .* done, 0 results")

    def test_commands(self):
        listed, _ = self.mpcli("list", "--format", "csv")
        self.assertEqual({line.split(",")[0] for line in listed.splitlines()},
                         {"label", "test-loopback", "ping-average-ip4", "ping-detail-ip4"})
        self.assertIn("test.output", self.mpcli("show", "test-loopback")[0])
        out, _ = self.mpcli("run", "test-loopback", "test.input=x", "--format", "json")
        self.assertEqual(json.loads(out)["rows"], [{"test.output": "x"}])
        token = self.mpcli("run", "ping-average-ip4", "destination.ip4=127.0.0.1", "--when",
                           "now + 1h / 1s", "--no-wait")[0].strip()
        self.assertEqual(self.mpcli("redeem", token, code=4)[0], "")
        stopped, _ = self.mpcli("stop", token, "--format", "json")
        self.assertEqual(len(json.loads(stopped)["rows"]), 1)


class OldComponentOverTls(OldComponent):
    secure = True


if __name__ == "__main__":
    fixture.main("mpcom", "mppki", "mpcli", "mpsup")
