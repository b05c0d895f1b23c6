"""mpcom with a state directory: killed, started again, twice at once, and on a full disk."""

import datetime
import math
import os
import subprocess
import time
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS, REDEMPTION, ping, post, redeem


def in_seconds(seconds):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%d %H:%M:%S")


class WithState(unittest.TestCase):
    def setUp(self):
        self.site = fixture.Site()
        self.addCleanup(self.site.stop)

    def start(self, immediate="0s"):
        self.site.start(immediate, state="state")
        return self.site.connect()

    def kill(self):
        self.site.component.kill()
        self.site.component.wait()
        self.site.log.reader.join()
        self.site.component.stderr.close()


class Restart(WithState):
    def test_what_was_planned_is_measured_after_a_kill(self):
        begin = time.monotonic()
        connection = self.start()
        took = math.ceil(time.monotonic() - begin)  # it starts again before anything is due
        when = in_seconds(3 + 2 * took) + " + 1s / 1s"
        status, receipt = post(connection, ping("planned", when))
        self.assertEqual((status, receipt.get("token")), (200, "planned"))
        self.kill()
        status, result = redeem(self.start(), "planned")
        self.assertEqual(status, 200)
        self.assertIn("result", result)
        self.assertIn("specifications=1", self.site.log.wait_for("is restored"))

    def test_a_result_is_there_after_a_kill(self):
        connection = self.start()
        self.assertEqual(post(connection, ping("done", "now + 1s / 1s"))[0], 200)
        before = redeem(connection, "done")
        self.assertIn("result", before[1])
        self.kill()
        self.assertEqual(redeem(self.start(), "done"), before)

    def test_what_ran_when_it_was_killed_is_lost(self):
        connection = self.start()
        post(connection, ping("long", "now + 1h / 1s"))
        self.assertIn("receipt", post(connection, REDEMPTION | {"token": "long"})[1])
        self.assertTrue(self.site.log.wait_for("specification accepted"))
        self.kill()
        status, message = redeem(self.start(), "long")
        self.assertEqual(status, 200)
        self.assertIn("crashed", message["message"])


class StateDirectory(WithState):
    def second(self):
        return subprocess.run([PROGRAMS["mpcom"], "--config", self.site.path("component.yaml")],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    def test_a_second_component_with_the_same_state_is_refused(self):
        self.start()
        ended = self.second()
        self.assertEqual(ended.returncode, 2)
        self.assertIn("another process has it", ended.stderr)

    def test_check_names_the_line_of_a_state_directory_that_cannot_be(self):
        path = self.site.path("c.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("component:\n  insecure: true\n  state-dir: no/such/folder\n"
                       "modules: [ping]\n")
        ended = subprocess.run([PROGRAMS["mpcom"], "--config", path, "--check"], check=False,
                               capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(ended.returncode, 2)
        self.assertIn(f"{path}:3: ", ended.stderr)
        self.assertIn("cannot be made", ended.stderr)

    def test_without_one_the_log_says_so(self):
        self.site.start()
        self.assertTrue(self.site.log.wait_for("there is no state-dir"))

    @unittest.skipIf(os.geteuid() != 0, "only root can mount a small disk")
    def test_a_full_disk_refuses_until_there_is_room(self):
        fixture.require_right(self, "mount", "unshare", "--mount", "mount", "-t", "tmpfs",
                              "mplane-test", "/mnt")
        state = self.site.path("state")
        os.mkdir(state)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "mplane-test", state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", state], check=True)
        connection = self.start()
        later = in_seconds(3600) + " + 1s / 1s"
        ballast = os.path.join(state, "ballast")
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        for number in range(10_000):  # what room the journal had of its own
            status, message = post(connection, ping(f"later-{number}", later))
            if status != 200:
                break
        self.assertEqual(status, 503)
        self.assertIn("the journal cannot be written: database or disk is full",
                      message["message"])
        os.remove(ballast)
        self.assertEqual(post(connection, ping("again", later))[0], 200)
        self.assertTrue(self.site.log.wait_for("journal", "can be written again"))


if __name__ == "__main__":
    fixture.main("mpcom", "mppki")
