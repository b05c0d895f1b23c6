#!/usr/bin/env python3
"""mpcom reads its configuration again while it runs, and drops nobody for it.

    reload_test.py MPCOM MPPKI [TEST …]
"""

import os
import shutil
import signal
import subprocess

import fixture
from fixture import Site, WithComponent, get, loopback, ping, post

RELOADED = "the configuration is reloaded"
REFUSED = "the configuration is not reloaded, the old one stays in force"


class Reload(WithComponent):
    immediate = "0s"

    def setUp(self):
        super().setUp()
        self.alice = self.site.connect()
        self.assertEqual(self.labels(self.alice), {"test-loopback", "ping-average-ip4"})
        self.socket = self.alice.sock

    @staticmethod
    def labels(connection):
        status, envelope = get(connection, "/capabilities")
        return {x["label"] for x in envelope["contents"]} if status == 200 else status

    def hang_up(self, says, number=signal.SIGHUP):
        """Sends the signal; gives the line of the log that tells what came of it."""
        before = len(self.site.log.lines)
        self.site.component.send_signal(number)
        line = self.site.log.wait_for(says, after=before)
        self.assertTrue(line, "\n".join(self.site.log.lines[before:]))
        return line

    def assert_alice_is_still_connected(self):
        self.assertEqual(post(self.alice, loopback("kept"))[0], 200)
        self.assertIs(self.alice.sock, self.socket)

    def serial(self):
        connection = self.site.connect()
        connection.connect()
        return connection.sock.getpeercert()["serialNumber"]

    def revoke(self, client):
        """A revocation list by the authority of mppki, made with openssl."""
        with open(self.site.path("ca.conf"), "w", encoding="utf-8") as file:
            file.write("[ca]\ndefault_ca = d\n[d]\ndatabase = index\ndefault_md = sha256\n")
        for arguments in (("-revoke", f"pki/client-{client}.crt"),
                          ("-gencrl", "-crldays", "9", "-out", "pki/ca.crl")):
            with open(self.site.path("index"), "a", encoding="utf-8"):
                pass
            subprocess.run(["openssl", "ca", "-config", "ca.conf", "-cert", "pki/ca.crt",
                            "-keyfile", "pki/ca.key", *arguments],
                           cwd=self.site.folder.name, check=True, capture_output=True)

    def test_a_new_certificate_serves_new_connections_and_old_ones_stay(self):
        before = self.serial()
        Site.run_pki("issue", "--force", "--dir", self.site.path("pki"), "component", "demo",
                     "--ip", "127.0.0.1")
        self.hang_up(RELOADED)
        self.assertNotEqual(self.serial(), before)
        self.assert_alice_is_still_connected()

    def test_new_rights_hold_at_once_also_on_open_connections(self):
        mallory = self.site.connect("mallory")
        self.assertEqual(self.labels(mallory), set())
        post(self.alice, ping("mine"))
        self.site.write_config(roles="org.example.client.mallory: user")
        self.hang_up(RELOADED)
        self.assertEqual(self.labels(mallory), {"test-loopback", "ping-average-ip4"})
        self.assertEqual(self.labels(self.alice), set())
        self.assertIs(self.alice.sock, self.socket)
        self.assertEqual(post(self.alice, loopback("no more"))[0], 403)
        self.assertTrue(self.site.log.wait_for("may not use its capability any more",
                                               "peer=org.example.client.alice", "token=mine"))

    def test_who_is_revoked_is_served_no_further_and_others_are(self):
        mallory = self.site.connect("mallory")
        self.assertEqual(self.labels(mallory), set())
        self.revoke("mallory")
        self.site.write_config(immediate="0s", tls=", crl: pki/ca.crl")
        self.hang_up(RELOADED)
        status, exception = get(mallory, "/capabilities")
        self.assertEqual(status, 403)
        self.assertIn("revoked", exception["message"])
        self.assert_refused_by_tls("mallory")
        self.assert_alice_is_still_connected()
        self.assert_still_serves()

    def test_a_bad_new_file_is_refused_by_name_and_the_old_stays_in_force(self):
        before = self.serial()
        for name, spoil in (("component-demo.crt", lambda path: os.truncate(path, 100)),
                            ("component-demo.key", lambda path: shutil.copy(
                                self.site.path("pki/client-alice.key"), path)),
                            ("ca.crt", os.remove)):
            path = self.site.path(f"pki/{name}")
            shutil.copy(path, path + ".good")
            spoil(path)
            self.assertIn(name, self.hang_up(REFUSED))
            shutil.copy(path + ".good", path)
            self.assertEqual(self.serial(), before)
        self.assert_alice_is_still_connected()

    def test_a_mistake_in_the_configuration_changes_nothing(self):
        self.site.write_config(roles="org.example.client.mallory: user", more="lgo: {level: info}")
        line = self.hang_up(REFUSED)
        self.assertIn("component.yaml:", line)
        self.assertIn("did you mean", line)
        self.assertEqual(self.labels(self.site.connect("mallory")), set())
        self.assert_alice_is_still_connected()
        os.remove(self.site.path("component.yaml"))
        self.assertIn("component.yaml", self.hang_up(REFUSED))
        self.assert_alice_is_still_connected()

    def test_what_takes_a_restart_is_said(self):
        self.site.write_config(immediate="9s", more="limits: {connections: 9}")
        self.assertIn('keys="limits, session"', self.hang_up("takes a restart"))
        self.assert_alice_is_still_connected()

    def test_the_log_tells_more_or_less_by_signal_and_by_reload(self):
        self.site.write_config(immediate="0s", level="warning")
        self.hang_up(RELOADED)
        self.hang_up("the log tells everything", signal.SIGUSR1)
        post(self.alice, ping("told"))
        self.assertTrue(self.site.log.wait_for("specification accepted", "token=told"))
        self.hang_up("the log tells what the configuration says", signal.SIGUSR2)
        os.remove(self.site.path("component.yaml"))
        self.hang_up(REFUSED)  # signals are obeyed in turn: the one before has been
        post(self.alice, ping("untold"))
        self.assertFalse([x for x in self.site.log.lines if "token=untold" in x])


if __name__ == "__main__":
    fixture.main("mpcom", "mppki")
