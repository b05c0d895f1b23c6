"""What the tests of the real programs have in common: a PKI, a component, and how to talk to it.

Needs nothing but Python's own library. Everything happens on 127.0.0.1, or in network namespaces
of the test's own.
"""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

MEDIA_TYPE = "application/x-mplane+json"
LOOPBACK = "http://mplane.corvid.ch/registry/loopback"
CORE = "http://ict-mplane.eu/registry/core"
REDEMPTION = {"redemption": "measure", "version": 1, "token": "nobody-has-this"}
PATIENCE = 60  # seconds; everything here takes a few, even where much else runs

PROGRAMS = {}


def loopback(text, token=None):
    message = {"specification": "measure", "version": 1, "registry": LOOPBACK, "when": "now",
               "parameters": {"test.input": text}, "results": ["test.output"]}
    return message | ({"token": token} if token else {})


def ping(token, when="now + 1h / 1s", **changes):
    parameters = {"source.ip4": "127.0.0.1", "destination.ip4": "127.0.0.1"}
    parameters.update(changes.pop("parameters", {}))
    return {"specification": "measure", "version": 1, "registry": CORE, "when": when,
            "token": token, "parameters": {k: v for k, v in parameters.items() if v is not None},
            "results": ["delay.twoway.icmp.us.min", "delay.twoway.icmp.us.mean",
                        "delay.twoway.icmp.us.max", "delay.twoway.icmp.count"]} | changes


def require_right(test, right, *probe):
    """Fails a test by the name of what it needs where even root may not do that."""
    ended = subprocess.run(probe, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        test.fail(f"root may not {right} here (CAP_SYS_ADMIN): {ended.stderr.strip()}")


def look_until(look, what, patience=PATIENCE):
    """Looks again and again, for what tells nobody when it comes. Returns what was seen at last."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} is waited for in vain")
        time.sleep(0.02)
    return seen


def read_ready_file(path, process):
    """What a program writes there once it is ready. Fails when it ends before."""
    look_until(lambda: os.path.exists(path) or process.poll() is not None, path)
    if not os.path.exists(path):
        raise AssertionError(f"{process.args} is not ready; it ended with {process.poll()}")
    with open(path, encoding="utf-8") as file:
        return file.read()


class Log:
    """A program's standard error, read as it comes, and waited for."""

    def __init__(self, stream):
        self.lines = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.reader.start()

    def read(self, stream):
        for line in stream:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait_for(self, *parts, after=0):
        """The first line with all these parts in it, of those after so many."""
        def found():
            return next((x for x in self.lines[after:] if all(p in x for p in parts)), None)
        with self.changed:
            self.changed.wait_for(found, PATIENCE)
            return found()


class Site:
    """A folder with a PKI, and a component that runs with it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mplane-test-")
        self.issue_all("pki", "example.org")
        self.issue_all("foreign", "example.org")
        self.component = None
        self.open = []

    def issue_all(self, name, domain):
        pki = os.path.join(self.folder.name, name)
        self.run_pki("init", "--dir", pki, "--domain", domain)
        self.run_pki("issue", "--dir", pki, "component", "demo", "--ip", "127.0.0.1")
        for client in ("alice", "mallory"):
            self.run_pki("issue", "--dir", pki, "client", client)

    @staticmethod
    def run_pki(*arguments):
        subprocess.run([PROGRAMS["mppki"], *arguments], check=True, stdout=subprocess.DEVNULL)

    def start(self, immediate="5s", source="127.0.0.1", targets="127.0.0.0/8", state=None,
              inside=()):
        """Starts the component; `inside` is a command that runs it elsewhere."""
        self.write_config(immediate, source, targets, state)
        self.launch(inside)

    def write_config(self, immediate="5s", source="127.0.0.1", targets="127.0.0.0/8", state=None,
                     roles="org.example.client.alice: user", component="", tls="", level="debug",
                     more=""):
        keep = f', state-dir: "{state}"' if state else ""
        with open(self.path("component.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""
component: {{listen: "127.0.0.1:0"{keep}{component}}}
tls: {{ca: pki/ca.crt, cert: pki/component-demo.crt, key: pki/component-demo.key{tls}}}
access:
  roles: {{{roles}}}
  authorizations: {{test-loopback: user, ping-average-ip4: user}}
session: {{immediate: {immediate}}}
registries: [core, loopback]
targets: {{allow: {targets}}}
modules: [loopback, {{name: ping, settings: {{source-ip4: {source}}}}}]
log: {{level: {level}}}
{more}
""")

    def launch(self, inside=(), **environment):
        self.component = subprocess.Popen(
            [*inside, PROGRAMS["mpcom"], "--config", self.path("component.yaml"),
             "--ready-file", self.path("ready")],
            stderr=subprocess.PIPE, text=True, env=os.environ | environment)
        self.log = Log(self.component.stderr)
        line = self.log.wait_for("component: listening")
        assert line, "\n".join(self.log.lines)
        self.port = int(line.rsplit(":", 1)[1].rstrip("/"))

    def wait_until_ready(self):
        return read_ready_file(self.path("ready"), self.component)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def context(self, client="alice", pki="pki"):
        context = ssl.create_default_context(cafile=self.path("pki/ca.crt"))
        if client:
            context.load_cert_chain(self.path(f"{pki}/client-{client}.crt"),
                                    self.path(f"{pki}/client-{client}.key"))
        return context

    def connect(self, *arguments):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE,
                                                 context=self.context(*arguments))
        self.open.append(connection)
        return connection

    def raw(self):
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        return self.context().wrap_socket(plain, server_hostname="127.0.0.1")

    def stop(self):
        for connection in self.open:
            connection.close()
        if self.component:
            self.component.kill()
            self.component.wait()
            self.log.reader.join()
            self.component.stderr.close()
        self.folder.cleanup()


def post(connection, message, media_type=MEDIA_TYPE):
    body = message if isinstance(message, (bytes, str)) else json.dumps(message)
    connection.request("POST", "/", body, {"Content-Type": media_type})
    return answer(connection)


def get(connection, path, accept=MEDIA_TYPE):
    connection.request("GET", path, headers={"Accept": accept})
    return answer(connection)


def redeem(connection, token):
    """Asks until there is something else than the receipt: there is no other way to wait for it."""
    def ask():
        status, message = post(connection, REDEMPTION | {"token": token})
        return (status, message) if "receipt" not in message else None

    return look_until(ask, f"the result of {token}")


def answer(connection):
    response = connection.getresponse()
    body = response.read().decode()
    assert response.headers["Content-Type"] == MEDIA_TYPE, response.headers["Content-Type"]
    return response.status, json.loads(body)


class WithComponent(unittest.TestCase):
    immediate = "5s"

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.stop)
        self.site.start(self.immediate)

    def assert_still_serves(self):
        status, result = post(self.site.connect(), loopback("still there"))
        self.assertEqual((status, result["resultvalues"]), (200, [["still there"]]))

    def assert_nothing_ran(self):
        self.assertFalse([x for x in self.site.log.lines if "specification accepted" in x])

    def assert_refused_by_tls(self, *arguments):
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            get(self.site.connect(*arguments), "/capabilities")


def main(*names):
    """Runs the tests that the command line names, after the paths of the programs of these names."""
    for name, path in zip(names, sys.argv[1:]):
        PROGRAMS[name] = os.path.abspath(path)
    unittest.main(argv=[sys.argv[0], *sys.argv[1 + len(names):]], verbosity=2)
