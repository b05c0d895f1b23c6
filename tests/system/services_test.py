#!/usr/bin/env python3
"""mpcom with policies for its services: what the operator set is what clients meet.

    services_test.py MPCOM MPPKI [TEST …]
"""

import subprocess
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS, ping, post

OPEN = "component: {insecure: true}\naccess: {open: true}\nmodules: [ping]\n"


class Services(unittest.TestCase):
    def setUp(self):
        self.site = fixture.Site()
        self.addCleanup(self.site.stop)

    def check(self, text):
        """What --check says of a configuration."""
        path = self.site.path("c.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        ended = subprocess.run([PROGRAMS["mpcom"], "--config", path, "--check"], check=False,
                               capture_output=True, text=True, timeout=PATIENCE)
        return ended.returncode, ended.stderr.replace(path, "c.yaml")

    def test_a_limit_of_a_service_refuses_by_its_name(self):
        self.site.write_config("0s", more="services: [{label: 'ping-*', max-jobs: 1}]")
        self.site.launch()
        connection = self.site.connect()
        self.assertEqual(post(connection, ping("first"))[0], 200)
        status, exception = post(connection, ping("second"))
        self.assertEqual(status, 429)
        self.assertIn("limits/max-jobs", exception["message"])
        self.assertIn("ping-average-ip4", exception["message"])

    def test_mistakes_in_policies_are_told_with_their_keys_and_lines(self):
        code, said = self.check(OPEN + "services:\n"
                                "  - label: ping-average-ip4\n"
                                "    overlap: both\n"
                                "    max-runing: 3\n")
        self.assertEqual(code, 2)
        self.assertIn("c.yaml:6: 'overlap': \"both\" is not", said)
        self.assertIn("c.yaml:7: unknown key \"max-runing\"", said)
        self.assertIn("max-running", said)

    def test_a_policy_for_no_service_is_a_mistake(self):
        code, said = self.check(OPEN + "services:\n  - {label: ping-averag-ip4, slip: 3s}\n")
        self.assertEqual(code, 2)
        self.assertIn("c.yaml:5: no module offers a service called \"ping-averag-ip4\"", said)
        self.assertIn("\"ping-average-ip4\"", said)


if __name__ == "__main__":
    fixture.main("mpcom", "mppki")
