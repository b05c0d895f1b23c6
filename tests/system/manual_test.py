#!/usr/bin/env python3
"""The manual pages and the completion scripts know the same options and commands as --help.

    manual_test.py SOURCE MPLANE.YAML.5 MPCOM MPPKI MPCLI MPSUP MPSIM [TEST …]
"""

import os
import re
import subprocess
import unittest

import fixture
from fixture import PATIENCE, PROGRAMS


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE,
                          **how).stdout


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def options_in(text):
    """Those that begin a line of a help text."""
    return set(re.findall(r"^  (?:-\w,)?--([a-z][a-z-]*)", text, re.MULTILINE))


def commands_of(program):
    """The commands that its help lists."""
    if program == "mpsup":
        # Named by its manual page alone: without one it runs.
        return ["capabilities", "components", "export", "measurements", "results", "status"]
    listed = run(PROGRAMS[program], "--help").partition("\nSubcommands:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE)


def options_of(program):
    texts = [run(PROGRAMS[program], "--help")]
    texts += [run(PROGRAMS[program], command, "--help") for command in commands_of(program)]
    return set().union(*map(options_in, texts))


def page(name):
    return os.path.join(PROGRAMS["source"], "doc", "man", name)


class ManualPages(unittest.TestCase):
    def test_each_manual_page_has_the_options_and_commands_of_its_program(self):
        for program in ("mpcom", "mppki", "mpcli", "mpsup", "mpsim"):
            text = read(page(program + ".1"))
            self.assertEqual(set(re.findall(r"Fl -([a-z][a-z-]*)", text)), options_of(program))
            for command in commands_of(program):
                self.assertRegex(text, rf"\bCm {command}\b")

    def test_the_manual_page_of_mpcli_has_every_command_of_the_shell(self):
        text = read(page("mpcli.1")).partition(".Sh THE SHELL")[2].partition(".Sh ENV")[0]
        help_text = run(PROGRAMS["mpcli"], input="help\n",
                        env=os.environ | {"MPLANE_URL": "", "XDG_CONFIG_HOME": "/nowhere"})
        commands = re.findall(r"^([a-z]+) ", help_text, re.MULTILINE)
        self.assertGreater(len(commands), 15)
        for command in commands:
            self.assertRegex(text, rf"\bCm {command}\b")

    def test_the_manual_pages_have_no_mistakes(self):
        pages = [page(x + ".1") for x in ("mpcom", "mppki", "mpcli", "mpsup", "mpsim")]
        pages.append(PROGRAMS["mplane.yaml.5"])
        for name in pages:
            run("mandoc", "-T", "lint", "-W", "warning", name)

    def test_the_manual_page_of_configurations_has_every_key(self):
        documented = re.findall(r"^\| `([^`]+)` \| .* \| .* \|",
                                read(PROGRAMS["source"], "doc", "configuration.md"), re.MULTILINE)
        text = read(PROGRAMS["mplane.yaml.5"])
        self.assertGreater(len(documented), 80)
        self.assertEqual(re.findall(r"^\.It Cm (.*)$", text, re.MULTILINE), documented)
        self.assertNotRegex(text, "<(open|close|semicolon|backslash)>")

    def test_the_manual_page_of_configurations_reads_as_its_source(self):
        text = read(PROGRAMS["mplane.yaml.5"])
        self.assertIn("* stands for any text", text)
        self.assertNotRegex(text, r"(?m)^\\&[|*`]")
        self.assertNotIn("`", text)


class Completions(unittest.TestCase):
    def script(self, name):
        return os.path.join(PROGRAMS["source"], "tools", "mpcli", "completion", name)

    def test_each_completion_script_knows_the_options_and_commands(self):
        patterns = {"mpcli.bash": r"(?<![\w-])--([a-z][a-z-]*)", "_mpcli": r"--([a-z][a-z-]*)[\[}]",
                    "mpcli.fish": r"complete .* -l ([a-z][a-z-]*)"}
        for name, pattern in patterns.items():
            text = read(self.script(name))
            self.assertEqual(set(re.findall(pattern, text)), options_of("mpcli"), name)
            for command in commands_of("mpcli"):
                self.assertRegex(text, rf"\b{command}\b", name)

    def complete(self, *words, path=None):
        """What bash makes of the words, of which the last one is being typed."""
        script = ('. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mpcli; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        environment = os.environ | ({"PATH": path + ":" + os.environ["PATH"]} if path else {})
        return run("bash", "-c", script, self.script("mpcli.bash"), *words,
                   env=environment).split()

    def test_bash_completes_commands_options_and_formats(self):
        self.assertEqual(self.complete("mpcli", "re"), ["redeem", "results"])
        self.assertEqual(self.complete("mpcli", "run", "x", "--no"), ["--no-wait"])
        self.assertEqual(self.complete("mpcli", "list", "--no"), [])
        self.assertEqual(self.complete("mpcli", "--format", "n"), ["ndjson"])


class CapabilityNames(fixture.WithComponent):
    def test_bash_completes_the_labels_of_capabilities(self):
        environment = {"MPLANE_URL": f"https://127.0.0.1:{self.site.port}/",
                       "MPLANE_TLS_CA": self.site.path("pki/ca.crt"),
                       "MPLANE_TLS_CERT": self.site.path("pki/client-alice.crt"),
                       "MPLANE_TLS_KEY": self.site.path("pki/client-alice.key")}
        os.environ.update(environment)
        self.addCleanup(lambda: [os.environ.pop(name) for name in environment])
        found = Completions().complete("mpcli", "show", "test-l", path=os.path.dirname(PROGRAMS["mpcli"]))
        self.assertEqual(found, ["test-loopback"])


if __name__ == "__main__":
    fixture.main("source", "mplane.yaml.5", "mpcom", "mppki", "mpcli", "mpsup", "mpsim")
