#!/usr/bin/env python3
"""mpcom as a program: what it refuses, what it survives, how it ends.

    component_test.py MPCOM MPPKI [TEST …]
"""

import concurrent.futures
import http.client
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
from fixture import (MEDIA_TYPE, PATIENCE, PROGRAMS, REDEMPTION, WithComponent, answer, get,
                     loopback, ping, post, redeem)


class Refusals(WithComponent):
    def test_a_peer_without_a_certificate_gets_no_answer_and_a_line_in_the_log(self):
        self.assert_refused_by_tls(None)
        self.assertTrue(self.site.log.wait_for("127.0.0.1:", "certificate"))
        self.assert_nothing_ran()
        self.assert_still_serves()

    def test_a_certificate_of_another_authority_counts_for_nothing(self):
        self.assert_refused_by_tls("alice", "foreign")
        self.assertTrue(self.site.log.wait_for("127.0.0.1:", "certificate"))
        self.assert_nothing_ran()
        self.assert_still_serves()

    def test_an_identity_without_a_role_sees_nothing_and_runs_nothing(self):
        connection = self.site.connect("mallory")
        self.assertEqual(get(connection, "/capabilities")[1]["contents"], [])
        status, exception = post(connection, loopback("let me in", "t"))
        self.assertEqual((status, exception["exception"]), (403, "t"))
        self.assertTrue(self.site.log.wait_for("refused", "peer=org.example.client.mallory"))
        self.assert_nothing_ran()
        self.assert_still_serves()

    def test_a_peer_sees_what_it_may_use_and_no_more(self):
        status, envelope = get(self.site.connect(), "/capabilities")
        self.assertEqual(status, 200)
        self.assertEqual({x["label"] for x in envelope["contents"]},
                         {"test-loopback", "ping-average-ip4"})


    def test_a_target_that_the_operator_does_not_allow_is_not_measured(self):
        for n, target in enumerate(("10.0.0.1", "8.8.8.8", "169.254.169.254")):
            status, exception = post(self.site.connect(),
                                     ping(str(n), when="now + 1s / 1s",
                                          parameters={"destination.ip4": target}))
            self.assertEqual(exception.get("exception"), str(n), (status, exception))
            self.assertIn(target, exception["message"])
        self.assert_still_serves()


class BadMessages(WithComponent):
    def assert_exception(self, message, status, *says, token=None):
        got, exception = post(self.site.connect(), message)
        self.assertEqual((got, exception["exception"]), (status, token), exception)
        for text in says:
            self.assertIn(text, exception["message"])
        self.assert_nothing_ran()
        self.assert_still_serves()

    def test_malformed_json_is_answered_with_an_exception(self):
        for body in (b"", b"{", b"[]", b"\xff\xfe", b"{}", b"null"):
            got, exception = post(self.site.connect(), body)
            self.assertEqual((got, exception["exception"]), (400, None), body[:10])
        got, exception = post(self.site.connect(), b"[" * 1_000_000)
        self.assertEqual((got, exception["exception"]), (413, None))
        self.assertIn("nested deeper than 1024 levels", exception["message"])
        self.assert_still_serves()

    def test_a_missing_parameter_is_refused(self):
        self.assert_exception(ping("t", parameters={"destination.ip4": None}), 400, token="t")

    def test_a_value_outside_its_constraint_is_named(self):
        self.assert_exception(ping("t", parameters={"source.ip4": "192.0.2.99"}), 400,
                              "source.ip4", "192.0.2.99", token="t")

    def test_a_value_of_the_wrong_kind_is_named(self):
        self.assert_exception(ping("t", parameters={"source.ip4": "nowhere"}), 400,
                              "source.ip4", "nowhere")

    def test_a_scope_that_has_passed_is_refused(self):
        self.assert_exception(ping("t", when="2009-01-01 + 10s / 1s"), 400, token="t")

    def test_an_unknown_token_is_404(self):
        self.assert_exception(REDEMPTION, 404, token=REDEMPTION["token"])

    def test_another_media_type_is_406(self):
        status, exception = post(self.site.connect(), loopback("x"), "application/json")
        self.assertEqual(status, 406)
        self.assertIn("application/json", exception["message"])
        self.assert_still_serves()

    def test_unknown_paths_and_methods_have_their_status(self):
        self.assertEqual(get(self.site.connect(), "/nowhere")[0], 404)
        self.assertEqual(get(self.site.connect(), "/capability/nope")[0], 404)
        connection = self.site.connect()
        connection.request("DELETE", "/")
        self.assertEqual(answer(connection)[0], 405)
        self.assert_still_serves()


class RoughPeers(WithComponent):
    def test_a_body_of_100_mb_is_413_and_is_not_read_to_its_end(self):
        with self.site.raw() as peer:
            peer.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {MEDIA_TYPE}\r\n"
                         "Content-Length: 100000000\r\n\r\n".encode())
            self.assertIn(b" 413 ", peer.recv(65536).split(b"\r\n")[0])
        self.assert_still_serves()

    def test_a_chunked_body_of_100_mb_is_413(self):
        with self.site.raw() as peer:
            peer.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {MEDIA_TYPE}\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n".encode())
            chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
            try:
                for _ in range(100):
                    peer.sendall(chunk)
            except OSError:
                pass  # it need not listen to the end
            try:
                self.assertIn(b" 413 ", peer.recv(65536).split(b"\r\n")[0])
            except OSError:
                pass  # our own bytes in flight can take the answer away
        self.assert_still_serves()

    def test_connections_that_are_cut_anywhere_leave_it_serving(self):
        body = json.dumps(loopback("cut")).encode()
        request = (f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {MEDIA_TYPE}\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        for end in (0, 1, 20, len(request) - len(body), len(request) - 1, len(request)):
            with self.site.raw() as peer:
                peer.sendall(request[:end])
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.assert_still_serves()

    def test_what_is_no_tls_leaves_it_serving(self):
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 100, b"\0", b""):
            with socket.create_connection(("127.0.0.1", self.site.port), PATIENCE) as peer:
                peer.sendall(noise)
        self.assert_still_serves()


class ManyClients(WithComponent):
    def test_fifty_clients_at_once_each_get_their_own_results(self):
        together = threading.Barrier(50)

        def ask(number):
            connection = self.site.connect()
            connection.connect()
            together.wait(PATIENCE)
            return [post(connection, loopback(f"{number}-{i}", f"t-{number}-{i}"))
                    for i in range(20)]

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for number, answers in enumerate(pool.map(ask, range(50))):
                for i, (status, result) in enumerate(answers):
                    self.assertEqual(status, 200)
                    self.assertEqual(result["resultvalues"], [[f"{number}-{i}"]])
                    self.assertEqual(result["token"], f"t-{number}-{i}")


class Receipts(WithComponent):
    immediate = "0s"

    def test_a_receipt_is_redeemed_until_the_result_is_there(self):
        connection = self.site.connect()
        status, receipt = post(connection, ping("t", "now + 2s / 1s"))
        self.assertEqual((status, receipt.get("receipt"), receipt["token"]), (200, "measure", "t"))
        status, result = redeem(connection, "t")
        self.assertEqual((status, result.get("result"), result["token"]), (200, "measure", "t"))
        self.assertEqual(result["resultvalues"][0][3], "2")

    def test_an_interrupt_ends_a_measurement_early(self):
        connection = self.site.connect()
        post(connection, ping("t"))
        post(connection, {"interrupt": "measure", "version": 1, "token": "t"})
        self.assertIn("result", redeem(connection, "t")[1])

    def test_a_token_belongs_to_the_peer_that_asked(self):
        post(self.site.connect(), ping("t"))
        status, _ = post(self.site.connect("mallory"),
                         {"interrupt": "measure", "version": 1, "token": "t"})
        self.assertEqual(status, 404)
        status, reply = post(self.site.connect(),
                             {"redemption": "measure", "version": 1, "token": "t"})
        self.assertEqual((status, "receipt" in reply), (200, True))


class TheEnd(WithComponent):
    immediate = "0s"

    def assert_ends(self, number):
        began = time.monotonic()
        self.site.component.send_signal(number)
        self.assertEqual(self.site.component.wait(PATIENCE), 0)
        self.assertLess(time.monotonic() - began, 5)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", self.site.port), PATIENCE)
        self.assertFalse(os.path.exists(self.site.path("ready")))

    def test_sigterm_ends_it_while_idle(self):
        self.assertEqual(self.site.wait_until_ready(), f"https://127.0.0.1:{self.site.port}/\n")
        self.assert_ends(signal.SIGTERM)

    def test_a_signal_that_comes_as_soon_as_it_listens_is_not_lost(self):
        self.assert_ends(signal.SIGTERM)

    def test_sigint_ends_it_too(self):
        self.assert_ends(signal.SIGINT)

    def test_sigterm_interrupts_what_runs(self):
        connection = self.site.connect()
        for i in range(20):
            post(connection, ping(f"t{i}"))
        self.assert_ends(signal.SIGTERM)
        self.assertFalse([x for x in self.site.log.lines if "ignored its interrupt" in x])


    def test_while_it_stops_new_work_is_503_and_what_was_interrupted_is_handed_out(self):
        connection = self.site.connect()
        for token in ("one", "two"):
            post(connection, ping(token))
        self.site.component.send_signal(signal.SIGTERM)
        self.assertTrue(self.site.log.wait_for("component: stopping"))
        status = 200
        while status == 200:  # it says so right before it does so
            status, reply = post(connection, loopback("new", "new"))
        self.assertEqual((status, reply.get("exception")), (503, "new"), reply)
        for token in ("one", "two"):
            reply = redeem(connection, token)[1]
            self.assertEqual((reply.get("result"), reply["token"]), ("measure", token), reply)
        self.assertEqual(self.site.component.wait(PATIENCE), 0)


class HeldAnswers(WithComponent):
    immediate = "1h"

    def test_sigterm_answers_whoever_still_waits_with_what_there_is(self):
        replies = queue.Queue()
        connection = self.site.connect()
        waiter = threading.Thread(target=lambda: replies.put(post(connection, ping("held"))))
        waiter.start()
        self.assertTrue(self.site.log.wait_for("specification accepted", "token=held"))
        # One event loop: once it answers others, it has done with this one and only waits.
        self.assertEqual(get(self.site.connect(), "/capabilities")[0], 200)
        self.assertTrue(replies.empty())
        self.site.component.send_signal(signal.SIGTERM)
        status, reply = replies.get(timeout=PATIENCE)
        waiter.join()
        self.assertEqual((status, reply.get("result"), reply.get("token")),
                         (200, "measure", "held"), reply)
        self.assertEqual(self.site.component.wait(PATIENCE), 0)


class CommandLine(unittest.TestCase):
    def run_mpcom(self, *arguments):
        return subprocess.run([PROGRAMS["mpcom"], *arguments], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mplane-test-")
        self.addCleanup(self.folder.cleanup)

    def config(self, text):
        path = os.path.join(self.folder.name, "c.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_help_and_version_succeed(self):
        self.assertEqual(self.run_mpcom("--help").returncode, 0)
        version = self.run_mpcom("--version")
        self.assertEqual((version.returncode, version.stdout[:7]), (0, "mPlane "))

    def test_wrong_usage_is_2(self):
        for arguments in ((), ("--nonsense",), ("--config",), ("--config", "/no/such/file")):
            self.assertEqual(self.run_mpcom(*arguments).returncode, 2, arguments)

    def test_check_finds_every_mistake_with_its_line(self):
        path = self.config("component: {lissten: x}\n"
                           "tls:\n  ca: nope.crt\n  cert: nope.crt\n  key: nope.key\n"
                           "registries: [core, nope]\n"
                           "modules:\n  - pong\n")
        ended = self.run_mpcom("--config", path, "--check")
        self.assertEqual(ended.returncode, 2)
        for text in (f"{path}:1: unknown key \"lissten\"", f"{path}:2: ", f"{path}:6: ",
                     f"{path}:8: there is no module \"pong\"; did you mean \"ping\"?"):
            self.assertIn(text, ended.stderr)

    def test_check_knows_the_modules_settings(self):
        path = self.config("component: {insecure: true}\n"
                           "modules:\n  - name: ping\n    settings:\n      wait: 1s\n"
                           "      sauce-ip4: 127.0.0.1\n")
        ended = self.run_mpcom("--config", path, "--check")
        self.assertEqual(ended.returncode, 2)
        self.assertIn(f"{path}:6: module 'ping': ", ended.stderr)

    def test_check_says_so_when_there_is_no_mistake(self):
        path = self.config("component: {insecure: true}\nmodules: [ping]\n")
        ended = self.run_mpcom("--config", path, "--check")
        self.assertEqual((ended.returncode, ended.stdout), (0, f"{path}: no mistakes found\n"))

    def test_an_address_in_use_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            path = self.config(f"component: {{insecure: true, listen: '127.0.0.1:{port}'}}\n"
                               "modules: [ping]\n")
            ended = self.run_mpcom("--config", path)
            self.assertEqual(ended.returncode, 2)
            self.assertIn(str(port), ended.stderr)


if __name__ == "__main__":
    fixture.main("mpcom", "mppki")
