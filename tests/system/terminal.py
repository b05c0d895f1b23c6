"""A program at a terminal: what a user types, and what he sees."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

from fixture import PATIENCE

CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z@])|\x1b[=>]|\x0f|\x07")


class Line:
    """The line that the cursor is in, as it looks."""

    def __init__(self):
        self.text = ""
        self.at = 0
        self.rest = ""

    def write(self, data):
        data = self.rest + data
        self.rest = ""
        while data:
            control = CONTROL.match(data)
            if control:
                self.move(control[2], int(control[1] or 1) if (control[1] or "1").isdigit() else 1)
                data = data[control.end():]
            elif data[0] == "\x1b":
                self.rest = data
                return
            else:
                self.put(data[0])
                data = data[1:]

    def put(self, character):
        if character == "\n":
            self.text, self.at = "", 0
        elif character == "\r":
            self.at = 0
        elif character == "\b":
            self.at = max(self.at - 1, 0)
        else:
            self.text = self.text.ljust(self.at)
            self.text = self.text[:self.at] + character + self.text[self.at + 1:]
            self.at += 1

    def move(self, command, count):
        if command == "C":
            self.at += count
        elif command == "D":
            self.at = max(self.at - count, 0)
        elif command == "G":
            self.at = count - 1
        elif command == "K":
            self.text = self.text[:self.at]
        elif command == "P":
            self.text = self.text[:self.at] + self.text[self.at + count:]
        elif command == "@":
            self.text = self.text[:self.at] + " " * count + self.text[self.at:]


class Terminal:
    """Runs a command at a pseudo-terminal of its own."""

    def __init__(self, command, environment, columns=100, rows=40):
        self.seen = ""
        self.mark = 0
        self.line = Line()
        self.pid, self.leader = pty.fork()
        if self.pid == 0:
            self.resize(columns, rows, 0)
            os.execve(command[0], command, environment)

    def resize(self, columns, rows=40, terminal=None):
        fcntl.ioctl(self.leader if terminal is None else terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def reads_lines(self):
        """Whether it is in the mode in which shells leave and want it."""
        mode = termios.tcgetattr(self.leader)[3]
        return mode & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO

    def type(self, text):
        """What is seen from now on is what `wait_for` looks at."""
        self.mark = len(self.seen)
        os.write(self.leader, text.encode())

    def read(self, deadline):
        """@return False at the end."""
        ready, _, _ = select.select([self.leader], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError("this is all that came: " + repr(self.seen[self.mark:]))
        try:
            data = os.read(self.leader, 65536)
        except OSError:  # so a terminal says that nobody writes to it any more
            return False
        text = data.decode(errors="replace")
        self.line.write(text)
        self.seen += CONTROL.sub("", text)
        return bool(data)

    def wait_for(self, *texts):
        """Waits until all of them have come. @return what has come since something was typed."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in self.seen[self.mark:] for text in texts):
            if not self.read(deadline):
                raise EOFError("it has ended: " + repr(self.seen[self.mark:]))
        return self.seen[self.mark:]

    def wait_for_line(self, text):
        """Waits until the cursor's line begins so."""
        deadline = time.monotonic() + PATIENCE
        while not self.line.text.startswith(text):
            if not self.read(deadline):
                raise EOFError("it has ended: " + repr(self.line.text))

    def end(self):
        """Waits for its end. @return the exit code, or minus the signal."""
        deadline = time.monotonic() + PATIENCE
        while self.read(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.leader)
