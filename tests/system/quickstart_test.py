#!/usr/bin/env python3
"""scripts/quickstart with programs that are built already.

    quickstart_test.py QUICKSTART MPCOM [TEST …]
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().split()[2] not in "ZX"
    except FileNotFoundError:
        return False


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mplane test ")
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "demo")

    def quickstart(self, *arguments, inside=(), programs=None):
        programs = programs or os.path.dirname(PROGRAMS["mpcom"])
        return subprocess.run([*inside, PROGRAMS["quickstart"], *arguments], text=True,
                              check=False, capture_output=True, timeout=PATIENCE, cwd="/",
                              env=os.environ | {"MPLANE_BIN": programs})

    def environment(self):
        """What DIR/env says, as a shell understands it."""
        said = subprocess.run(["bash", "-c", 'set -a; . "$0"; env -0', self.folder + "/env"],
                              capture_output=True, text=True, check=True).stdout
        return dict(x.split("=", 1) for x in said.split("\0") if x.startswith("MPLANE_"))

    def test_quickstart_shows_a_measurement_and_leaves_nothing_running(self):
        ended = self.quickstart()
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("ping-average-ip4 at org.example.component.demo", ended.stdout)
        self.assertIn("delay.twoway.icmp.us.mean", ended.stdout)
        chain = ended.stdout[ended.stdout.index("run ping-mesh-ip4"):]
        for probe in ("probe-a", "probe-b"):
            self.assertIn(f"org.example.component.{probe}", chain)

    @unittest.skipIf(os.geteuid() != 0, "only root can hide a part of /proc")
    def test_quickstart_as_root_needs_no_range_of_groups_that_may_ping(self):
        hide = ("unshare", "--mount", "sh", "-c",
                'mount -t tmpfs mplane-test /proc/sys/net && exec "$0" "$@"')
        fixture.require_right(self, "mount", *hide, "true")
        ended = self.quickstart(inside=hide)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_quickstart_keeps_what_others_can_use_until_it_stops_it(self):
        kept = self.quickstart("--keep", self.folder)
        self.addCleanup(self.quickstart, "--stop", self.folder)
        self.assertEqual((kept.returncode, kept.stderr), (0, ""))
        first = self.environment()
        for name in ("MPLANE_TLS_CA", "MPLANE_TLS_CERT", "MPLANE_TLS_KEY"):
            self.assertTrue(os.path.isfile(first[name]), first)
        asked = subprocess.run(
            [os.path.join(os.path.dirname(PROGRAMS["mpcom"]), "mpcli"), "run", "test-loopback",
             "test.input=hello", "--format", "csv"],
            env=os.environ | first, capture_output=True, text=True, check=False, timeout=PATIENCE)
        self.assertEqual((asked.returncode, asked.stdout), (0, "test.output\nhello\n"))

        again = self.quickstart("--keep", self.folder)
        self.assertIn("it runs already", again.stdout)
        self.assertEqual(self.environment(), first)

        pids = first["MPLANE_PIDS"].split()
        os.kill(int(pids[-1]), signal.SIGKILL)
        self.assertEqual(self.quickstart("--keep", self.folder).returncode, 0)
        self.assertFalse(any(map(is_running, pids)))

        pids = self.environment()["MPLANE_PIDS"].split()
        self.assertTrue(all(map(is_running, pids)))
        self.assertEqual(self.quickstart("--stop", self.folder).returncode, 0)
        self.assertFalse(any(map(is_running, pids)))
        self.assertFalse(os.path.exists(self.folder + "/env"))
        stopped = self.quickstart("--stop", self.folder)
        self.assertEqual(stopped.returncode, 0)
        self.assertIn("nothing runs in", stopped.stdout)

    def test_quickstart_stops_no_component_but_its_own(self):
        other = os.path.join(os.path.dirname(self.folder), "other")
        self.assertEqual(self.quickstart("--keep", other).returncode, 0)
        self.addCleanup(self.quickstart, "--stop", other)
        os.mkdir(self.folder)
        shutil.copy(other + "/env", self.folder)  # its number is another component's now
        pids = self.environment()["MPLANE_PIDS"].split()
        self.assertEqual(self.quickstart("--stop", self.folder).returncode, 0)
        self.assertTrue(all(map(is_running, pids)))
        self.assertFalse(os.path.exists(self.folder + "/env"))

    def test_quickstart_leaves_nothing_of_a_component_that_does_not_start(self):
        programs = os.path.join(os.path.dirname(self.folder), "programs")
        os.mkdir(programs)
        for name in ("mppki", "mpcli"):
            os.symlink(os.path.join(os.path.dirname(PROGRAMS["mpcom"]), name),
                       os.path.join(programs, name))
        hang = os.path.join(programs, "mpcom")  # a component that never gets ready
        with open(hang, "w", encoding="utf-8") as file:
            file.write(f"#!{sys.executable}\nimport signal\nsignal.pause()\n")
        os.chmod(hang, 0o755)
        kept = self.quickstart("--keep", self.folder, programs=programs)
        self.assertEqual(kept.returncode, 1)
        self.assertIn("did not start", kept.stderr)
        self.assertFalse(os.path.exists(self.folder + "/env"))
        left = subprocess.run(["pgrep", "-f", self.folder + "/component.yaml"], check=False,
                              capture_output=True, text=True)
        self.assertEqual(left.stdout, "")

    def test_quickstart_says_what_went_wrong(self):
        wrong = self.quickstart("--nonsense")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("scripts/quickstart --keep DIR", wrong.stderr)
        nowhere = self.quickstart("--keep", "/proc/nowhere")
        self.assertEqual(nowhere.returncode, 1)
        self.assertIn("/proc/nowhere", nowhere.stderr)


if __name__ == "__main__":
    fixture.main("quickstart", "mpcom")
