#!/usr/bin/env python3
"""A peer that means harm, until its standard input ends.

    hostile.py ATTACK PORT CERTIFICATE KEY AUTHORITY

Says "ready" on standard output when the attack is under way. It has a certificate that is believed,
but no rights. What the component answers is of no interest here, only that others are served.
"""

import os
import select
import socket
import ssl
import sys
import threading
import time

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-mplane+json\r\n"


class Hostile:
    def __init__(self, port, certificate, key, authority):
        self.port = port
        self.context = ssl.create_default_context(cafile=authority)
        self.context.check_hostname = False
        self.context.load_cert_chain(certificate, key)
        self.ended = threading.Event()

    def plain(self):
        peer = socket.create_connection(("127.0.0.1", self.port), 10)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return peer

    def known(self):
        return self.context.wrap_socket(self.plain())

    def again_and_again(self, attack, a_second=50):
        """Attacks so often; what the other side does to the connection is its right."""
        first = True
        while not self.ended.is_set():
            try:
                attack()
            except OSError:
                pass
            if first:
                ready()
                first = False
            self.ended.wait(1 / a_second)

    def drip(self, peers, text):
        """Sends to each a byte now and then, and replaces those that are closed."""
        sent = [0] * len(peers)
        ready()
        while not self.ended.wait(0.2):
            for i, (peer, make) in enumerate(peers):
                try:
                    if sent[i] == len(text) or select.select([peer], [], [], 0)[0]:
                        raise OSError("it has an answer: time to begin again")
                    peer.send(text[sent[i]:sent[i] + 1])
                    sent[i] += 1
                except OSError:
                    peer.close()
                    try:
                        peers[i] = (make(), make)
                        sent[i] = 0
                    except OSError:
                        pass

    def slow_senders(self):
        makers = [self.known] * 100 + [self.plain] * 100
        self.drip([(make(), make) for make in makers], HEAD + b"X: " + b"x" * 1000)

    def half_open_connections(self):
        peers = [self.plain() for _ in range(700)]  # more than may be in their handshake
        ready()
        while not self.ended.wait(0.02):
            peers.pop(0).close()
            peers.append(self.plain())

    def tls_garbage(self):
        def attack():
            for start in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x40\x00\x01", b"\x80\x2e\x01",
                          b"\x17\x03\x03\x00\x10", b"GET / HTTP/1.1\r\n\r\n"):
                with self.plain() as peer:
                    peer.sendall(start + os.urandom(1000))
        self.again_and_again(attack, 10)

    def pipelining(self):
        def attack():
            with self.known() as peer:
                peer.settimeout(1)
                peer.sendall(b"GET /capabilities HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        self.again_and_again(attack, 5)

    def chunk_bombs(self):
        chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        bombs = [chunked + b"ffffffffffffffff\r\n" + b"x" * 1000,
                 chunked + b"1\r\nx\r\n" * 20000,
                 chunked + (b"1;" + b"e" * 5000 + b"\r\nx\r\n") * 100,
                 chunked + b"0" * 100000,
                 chunked + b"-1\r\nx\r\n",
                 chunked + b"100000\r\n" + b"x" * 1000]

        def attack():
            for bomb in bombs:
                with self.known() as peer:
                    peer.sendall(bomb)
        self.again_and_again(attack, 3)

    def a_million_headers(self):
        headers = b"".join(b"X-%d: a\r\n" % i for i in range(10000))

        def attack():
            with self.known() as peer:
                peer.sendall(HEAD)
                for _ in range(100):
                    peer.sendall(headers)
        self.again_and_again(attack, 10)

    def wrong_methods(self):
        methods = [b"DELETE", b"TRACE", b"CONNECT", b"PRI", b"get", b"G" * 5000, b"G\0T", b"\xff",
                   b"PUT /x HTTP/1.1\r\nGET", b"OPTIONS", b""]

        def attack():
            for method in methods:
                with self.known() as peer:
                    peer.sendall(method + b" / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.again_and_again(attack, 3)

    def path_tricks(self):
        def attack():
            with self.known() as peer:
                for path in TRICKS:
                    peer.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.again_and_again(attack, 10)

    def everything_at_once(self):
        attacks = [self.slow_senders, self.half_open_connections, self.tls_garbage, self.pipelining,
                   self.chunk_bombs, self.a_million_headers, self.wrong_methods, self.path_tricks]
        threads = [threading.Thread(target=attack) for attack in attacks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


TRICKS = [b"/../../../etc/passwd", b"/capability/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd",
          b"/capability/%00", b"//etc/passwd", b"/capability//", b"/capability/" + b"a" * 5000,
          b"/\\..\\etc", b"http://elsewhere/capability", b"/?" + b"&" * 5000, b"/capability/*",
          b"/.", b"/capability/%zz", b"/;x=y", b"/specification/../"]


def ready():
    os.write(1, b"ready\n")  # whole, whichever thread is first


def main():
    os.nice(19)  # elsewhere it would have a processor of its own
    attack, port, *files = sys.argv[1:]
    hostile = Hostile(int(port), *files)
    worker = threading.Thread(target=getattr(hostile, attack))
    worker.start()
    sys.stdin.read()
    hostile.ended.set()
    worker.join()


if __name__ == "__main__":
    main()
