#!/usr/bin/python3
"""Runs the Python SDK of 2015 ($MPLANE_SDK: a clone, branch sdk) as a peer, driven by JSON lines.

    old_peer.py client|listener|supervisor|component|caller CONFIG

A client connects to components; a listener is its side of the component-initiated workflow; a
supervisor is both, and takes no commands, nor does a component, which listens, or a caller, a
component that calls its supervisor. One object a line comes in, one goes out:

    {"op": "discover", "url": U}                          follows links to capabilities
    {"op": "labels"}                                      of the capabilities it knows
    {"op": "invoke", "label": L, "when": W, "parameters": {…}, "callback": W?}
    {"op": "result", "token": T}                          what there is, redeeming a receipt
    {"op": "interrupt", "token": T}

What the SDK prints goes to standard error. Nothing of it is in here: it runs as it is, on a Python
that is ten years younger, for which this file makes up.
"""

import asyncio
import configparser
import html.parser
import json
import os
import ssl
import sys
import threading
import time
import warnings

warnings.filterwarnings("ignore")
sys.dont_write_bytecode = True


def mend_python():
    """Gives the SDK the Python and the tornado it was written for."""
    import tornado.httpserver
    import tornado.httputil
    import tornado.ioloop

    class Parser(html.parser.HTMLParser):
        def __init__(self, strict=False, **options):
            super().__init__(**options)

    html.parser.HTMLParser = Parser
    tornado.httpserver.HTTPRequest = tornado.httputil.HTTPServerRequest
    # There was one loop for all threads.
    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = tornado.ioloop.IOLoop.current()
    tornado.ioloop.IOLoop.instance = staticmethod(lambda: loop)
    periodic = tornado.ioloop.PeriodicCallback

    class Periodic(periodic):
        def __init__(self, callback, interval, _loop=None):
            super().__init__(callback, interval)

    tornado.ioloop.PeriodicCallback = Periodic
    if not hasattr(ssl, "wrap_socket"):
        raise SystemExit("this Python has no ssl.wrap_socket; Debian 12's has")


def read_config(path):
    config = configparser.ConfigParser()
    config.optionxform = str
    config.read(path)
    return config


def answer_lines(out, client, model):
    def message(one):
        return json.loads(model.unparse_json(one))

    def perform(ask):
        op = ask["op"]
        if op == "discover":
            client.retrieve_capabilities(ask["url"])
        if op in ("discover", "labels"):
            return {"labels": sorted(x for x in client.capability_labels() if x)}
        if op == "invoke":
            more = {"callback_when": ask["callback"]} if "callback" in ask else {}
            one = client.invoke_capability(ask["label"], ask["when"], ask.get("parameters", {}),
                                           None, **more)
            return {"token": one.get_token()}
        if op == "result":
            try:
                one = client.result_for(ask["token"])
            except KeyError:
                return {"kind": "nothing"}
            return {"kind": one.kind_str(), "message": message(one)}
        if op == "interrupt":
            client.interrupt_capability(ask["token"])
            return {}
        raise ValueError(op)

    for line in sys.stdin:
        try:
            answer = perform(json.loads(line)) | {"ok": True}
        except BaseException as error:  # whatever it is, the test wants to know
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()
    os._exit(0)


def mend_component(model):
    """Gives it Linux' ping, and iterators that may end within each other."""
    import mplane.components.ping
    mplane.components.ping._pingopt_source = "-I"
    runs = model.Specification.subspec_iterator

    def subspec_iterator(specification):
        try:
            yield from runs(specification)
        except RuntimeError as error:
            if not isinstance(error.__cause__, StopIteration):
                raise

    model.Specification.subspec_iterator = subspec_iterator


def mend_caller(component):
    """Has a run that ends at once wait until its specification is written down, which comes after
    its start: else what it yields is never sent."""
    caller = component.InitiatorHttpComponent
    send = caller.return_results

    def return_results(self, receipt):
        token = receipt.get_token()
        deadline = time.monotonic() + 10
        while not (token in self.scheduler.jobs and token in self._result_url):
            if time.monotonic() > deadline:
                raise TimeoutError(token)
            time.sleep(0.01)
        send(self, receipt)

    caller.return_results = return_results


def rest():
    """What is made works in threads of its own, for as long as the program lasts."""
    threading.Event().wait()


def main():
    role, path = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr
    mend_python()
    sys.path.insert(0, os.environ["MPLANE_SDK"])
    import mplane.client
    import mplane.component
    import mplane.model as model
    import mplane.supervisor
    import mplane.tls
    config = read_config(path)
    out.write("{}\n")
    out.flush()
    if role == "supervisor":
        mplane.supervisor.BaseSupervisor(config)
        rest()
    if role == "component":
        mend_component(model)
        mplane.component.ListenerHttpComponent(config)
        rest()
    if role == "caller":
        mend_component(model)
        mend_caller(mplane.component)
        mplane.component.InitiatorHttpComponent(config)
        rest()
    section = config["client"]
    model.preload_registry(section["registry_preload"])
    model.initialize_registry(section["registry_uri"])
    kind = (mplane.client.HttpInitiatorClient if role == "client"
            else mplane.client.HttpListenerClient)
    answer_lines(out, kind(config=config, tls_state=mplane.tls.TlsState(config)), model)


main()
