#!/usr/bin/env python3
"""mpcli at a terminal: its shell, and what ^C does.

    shell_test.py MPCOM MPPKI MPCLI [TEST …]
"""

import os
import signal
import tempfile

import fixture
from fixture import PROGRAMS, WithComponent
from terminal import Terminal

PROMPT = "|mplane| "


class AtTheTerminal(WithComponent):
    immediate = "0s"

    def setUp(self):
        super().setUp()
        self.home = tempfile.TemporaryDirectory(prefix="mplane-test-")
        self.addCleanup(self.home.cleanup)

    def environment(self, url=None):
        of_sanitizers = {x: y for x, y in os.environ.items() if x.endswith("SAN_OPTIONS")}
        return of_sanitizers | {"PATH": os.environ["PATH"], "HOME": self.home.name, "TERM": "xterm",
                "LANG": "C.UTF-8", "NO_COLOR": "1",
                "MPLANE_URL": url or f"https://127.0.0.1:{self.site.port}/capability",
                "MPLANE_TLS_CA": self.site.path("pki/ca.crt"),
                "MPLANE_TLS_CERT": self.site.path("pki/client-alice.crt"),
                "MPLANE_TLS_KEY": self.site.path("pki/client-alice.key")}

    def open(self, *arguments, columns=100, url=None):
        terminal = Terminal([PROGRAMS["mpcli"], *arguments], self.environment(url), columns)
        self.addCleanup(terminal.close)
        return terminal

    def shell(self, **how):
        terminal = self.open(**how)
        terminal.wait_for("ok, 2 capabilities", PROMPT)
        return terminal

    def start_long_ping(self, terminal):
        """@return once it is measured."""
        for line in ("when now + 1h / 1s", "set destination.ip4 127.0.0.1"):
            terminal.type(line + "\r")
            terminal.wait_for(PROMPT)
        terminal.type("runcap ping-average-ip4\r")
        terminal.wait_for("ok, ping-average-ip4-0 is measured", PROMPT)

    def test_the_shell_completes_commands_labels_elements_and_values(self):
        terminal = self.shell()
        line = PROMPT
        for typed, becomes in (("runc\t", "runcap "), ("pi\t", "ping-average-ip4 "),
                               ("dest\t", "destination.ip4=")):
            terminal.type(typed)
            line += becomes
            terminal.wait_for_line(line)
        terminal.type("\x03")
        terminal.wait_for("^C", PROMPT)
        terminal.type("set source\t")
        terminal.wait_for_line(PROMPT + "set source.ip4 ")
        terminal.type("\t")
        terminal.wait_for_line(PROMPT + "set source.ip4 127.0.0.1 ")
        terminal.type("\r")
        terminal.wait_for(PROMPT)
        terminal.type("show so\t\r")
        terminal.wait_for("source.ip4  127.0.0.1", PROMPT)

    def test_what_can_go_on_in_several_ways_is_listed(self):
        terminal = self.shell()
        terminal.type("se\t")
        terminal.wait_for_line(PROMPT + "set")
        terminal.type("\t")
        self.assertRegex(terminal.wait_for("seturl", PROMPT + "set"), r"set +seturl")
        terminal.type("\x03")
        terminal.wait_for(PROMPT)
        terminal.type("showcap \t")
        self.assertRegex(terminal.wait_for("test-loopback", PROMPT + "showcap "),
                         r"ping-average-ip4 +test-loopback")

    def test_what_a_question_may_be_answered_with_is_completed(self):
        terminal = self.shell()
        url = f"https://127.0.0.1:{self.site.port}/"
        for command, prompt, typed, becomes in (
                ("seturl", "url = ", "h", url + "capability "),
                ("showcap", "capability = ", "tes", "test-loopback "),
                ("when", "when = ", "rep", "repeat now + 1h / 5m { now + 5s / 1s } "),
                ("set", "element = ", "dest", "destination.ip4 "),
                ("unset", "element = ", "wh", "when "),
                ("format", "format = ", "ndj", "ndjson ")):
            terminal.type(command + "\r")
            terminal.wait_for(prompt)
            terminal.type(typed + "\t")
            terminal.wait_for_line(prompt + becomes)
            terminal.type("\x03")
            terminal.wait_for("^C", PROMPT)

    def test_the_shell_asks_for_what_is_missing_and_refuses_what_does_not_fit(self):
        terminal = self.shell()
        terminal.type("runcap ping-average-ip4\r")
        terminal.wait_for("when = ")
        terminal.type("soon\r")
        terminal.wait_for("mpcli: ", "soon", "when = ")
        terminal.type("now + 3s / 1s\r")  # longer than its answer may take
        terminal.wait_for("destination.ip4 = ")
        terminal.type("nowhere\r")
        terminal.wait_for("mpcli: destination.ip4", "nowhere", "destination.ip4 = ")
        terminal.type("127.0.0.1\r")
        terminal.wait_for("ok, ping-average-ip4-0 is measured", PROMPT)
        terminal.type("watch \t\r")
        terminal.wait_for("delay.twoway.icmp.us.mean", PROMPT)
        terminal.type("runcap ping-average-ip4\r")
        terminal.wait_for("when = ")
        terminal.type("\x03")
        terminal.wait_for("nothing was sent", PROMPT)

    def test_lines_are_remembered_from_one_shell_to_the_next(self):
        terminal = self.shell()
        terminal.type("set destination.ip4 127.0.0.1\r")
        terminal.wait_for(PROMPT)
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 0)
        again = self.shell()
        again.type("\x1b[A")
        again.wait_for_line(PROMPT + "set destination.ip4 127.0.0.1")
        again.type("\r")
        again.wait_for(PROMPT)
        again.type("show destination.ip4\r")
        again.wait_for("destination.ip4  127.0.0.1")

    def test_whoever_sees_the_prompt_types_keys(self):
        terminal = self.shell()
        for _ in range(20):  # a ^D typed a moment before would be the end of a line, not a key
            self.assertFalse(terminal.reads_lines())
            terminal.type("tbenable\r")
            terminal.wait_for(PROMPT)

    def check_ended_by(self, signal_, terminal):
        os.kill(terminal.pid, signal_)
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.reads_lines())
        again = self.shell()
        again.type("\x1b[A")
        again.wait_for_line(PROMPT + f"set cpuload {int(signal_)}")

    def test_told_to_end_it_keeps_its_lines_and_gives_the_terminal_back(self):
        for signal_ in (signal.SIGTERM, signal.SIGHUP):
            terminal = self.shell()
            terminal.type(f"set cpuload {int(signal_)}\r")
            terminal.wait_for(PROMPT)
            terminal.type("runcap in the middle")
            terminal.wait_for_line(PROMPT + "runcap in the middle")
            self.assertFalse(terminal.reads_lines())
            self.check_ended_by(signal_, terminal)

    def test_told_to_end_while_it_waits_it_ends_too(self):
        terminal = self.shell()
        self.start_long_ping(terminal)
        terminal.type(f"set cpuload {int(signal.SIGTERM)}\r")
        terminal.wait_for(PROMPT)
        terminal.type("watch 1\r")
        terminal.wait_for("ping-average-ip4-0: ")
        os.kill(terminal.pid, signal.SIGTERM)
        self.assertEqual(terminal.end(), 0)
        self.assertIn("ping-average-ip4-0 goes on", terminal.seen)
        self.assertTrue(terminal.reads_lines())

    def test_a_stopped_shell_gives_the_terminal_back_and_takes_up_its_line_again(self):
        job_control = Terminal(["/bin/sh", "-i"], self.environment() | {"PS1": "$ ", "ENV": ""})
        self.addCleanup(job_control.close)
        job_control.wait_for("$ ")
        job_control.type(PROGRAMS["mpcli"] + "\r")
        job_control.wait_for("ok, 2 capabilities", PROMPT)
        typed = ""
        for word in ("set", "source.ip4"):  # twice: the second stop is as good as the first
            job_control.type(word + " ")
            typed = (typed + " " + word).strip()
            job_control.wait_for_line(PROMPT + typed + " ")  # ^Z drops what is not read yet
            job_control.type("\x1a")
            job_control.wait_for("$ ")
            self.assertTrue(job_control.reads_lines())
            job_control.type("fg\r")
            job_control.wait_for_line(PROMPT + typed)
        job_control.type("127.0.0.1\r")
        job_control.wait_for(PROMPT)
        job_control.type("show source.ip4\r")
        job_control.wait_for("source.ip4  127.0.0.1", PROMPT)
        job_control.type("quit\r")
        job_control.wait_for("$ ")

    def test_a_window_may_change_while_a_line_is_typed(self):
        terminal = self.shell()
        terminal.type("set test.input " + "wide " * 8)
        terminal.wait_for_line(PROMPT + "set test.input " + "wide " * 8)
        terminal.type("")
        terminal.resize(40)
        terminal.wait_for(PROMPT + "set test.input wide", "wide " * 3)
        terminal.type("enough\r")
        terminal.wait_for(PROMPT)
        terminal.type("show test.input\r")
        terminal.wait_for("wide " * 8 + "enough", PROMPT)

    def test_ctrl_c_leaves_a_line_and_ctrl_d_the_shell(self):
        terminal = self.shell()
        terminal.type("runcap nonsense\x03")
        self.assertNotIn("no capability", terminal.wait_for("^C", PROMPT))
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 0)

    def test_ctrl_c_in_the_shell_asks_whether_to_interrupt_or_to_stop_waiting(self):
        terminal = self.shell()
        self.start_long_ping(terminal)
        terminal.type("watch 1\r")
        terminal.wait_for("ping-average-ip4-0: ")
        terminal.type("\x03")
        terminal.wait_for("interrupt it (i), only stop waiting (s), or go on (g)?")
        terminal.type("g\n")
        terminal.wait_for("ping-average-ip4-0: ")
        terminal.type("\x03")
        terminal.wait_for("or go on (g)?")
        terminal.type("s\n")
        terminal.wait_for("ping-average-ip4-0 goes on", PROMPT)
        terminal.type("listmeas\r")
        terminal.wait_for("under way", PROMPT)
        terminal.type("watch 1\r")
        terminal.wait_for("ping-average-ip4-0: ")
        terminal.type("\x03")
        terminal.wait_for("or go on (g)?")
        terminal.type("i\n")
        terminal.wait_for("delay.twoway.icmp.count", PROMPT)
        terminal.type("listmeas\r")
        terminal.wait_for("done", PROMPT)

    def test_ctrl_c_during_a_command_asks_too(self):
        ask = ("run", "ping-average-ip4", "destination.ip4=127.0.0.1", "--when", "now + 1h / 1s")
        terminal = self.open(*ask)
        terminal.wait_for("ping-average-ip4: ")
        terminal.type("\x03")
        terminal.wait_for("or go on (g)?")
        terminal.type("i\n")
        terminal.wait_for("delay.twoway.icmp.count")
        self.assertEqual(terminal.end(), 0)
        leaving = self.open(*ask)
        leaving.wait_for("ping-average-ip4: ")
        leaving.type("\x03")
        leaving.wait_for("or go on (g)?")
        leaving.type("s\n")
        leaving.wait_for("goes on; fetch its result with")
        self.assertEqual(leaving.end(), 4)

    def test_a_second_ctrl_c_leaves_at_once(self):
        terminal = self.open("run", "ping-average-ip4", "destination.ip4=127.0.0.1", "--when",
                             "now + 1h / 1s")
        terminal.wait_for("ping-average-ip4: ")
        terminal.type("\x03")
        terminal.wait_for("or go on (g)?")
        terminal.type("\x03")
        terminal.wait_for("goes on; fetch its result with")
        self.assertEqual(terminal.end(), 4)

    def test_a_window_of_40_columns_is_enough(self):
        terminal = self.shell(columns=40)
        terminal.type("help\r")
        lines = terminal.wait_for("ends, as ^D does", PROMPT).split("\n")
        self.assertIn("listcap \r", lines)
        terminal.type("runcap test-loopback\r")
        terminal.wait_for("when = ")
        terminal.type("now\r")
        terminal.wait_for("test.input = ")
        terminal.type("a text that is longer than the window is wide\r")
        terminal.wait_for(PROMPT)
        terminal.type("watch 1\r")
        shown = terminal.wait_for("test.output", PROMPT)
        self.assertIn("a text that is longer than the window is wide", shown)
        self.start_wide(terminal)

    def start_wide(self, terminal):
        terminal.type("when now + 3s / 1s\r")
        terminal.wait_for(PROMPT)
        terminal.type("runcap ping-average-ip4\r")
        terminal.wait_for("destination.ip4 = ")
        terminal.type("127.0.0.1\r")
        terminal.wait_for("is measured", PROMPT)
        terminal.type("watch ping-average-ip4-0\r")
        table = terminal.wait_for("delay.twoway.icmp.count", PROMPT)
        self.assertRegex(table, r"delay\.twoway\.icmp\.us\.min +\d+\r\n")

    def test_what_is_typed_may_have_letters_of_several_bytes(self):
        terminal = self.shell()
        terminal.type("set test.input grüße\r")
        terminal.wait_for(PROMPT)
        terminal.type("show test.input\r")
        terminal.wait_for("test.input  grüße", PROMPT)

    def test_a_component_that_is_away_does_not_end_the_shell(self):
        terminal = self.open(url="https://127.0.0.1:9/")
        terminal.wait_for("mpcli: https://127.0.0.1:9/", PROMPT)
        terminal.type(f"getcap https://127.0.0.1:{self.site.port}/\r")
        terminal.wait_for("ok, 2 capabilities", PROMPT)
        terminal.type("quit\r")
        self.assertEqual(terminal.end(), 0)


if __name__ == "__main__":
    fixture.main("mpcom", "mppki", "mpcli")
