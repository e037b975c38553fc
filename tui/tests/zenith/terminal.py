"""Runs a program in a terminal of its own: waits for a text, sends keys, and so on.

terminal.py STEPS PROGRAM ARG…, where STEPS is a JSON list of [wait for, then send]; a third member is a command
that runs after that. Prints all that the program wrote, and ends with its exit code, or with 124 where a text did
not come.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

DEADLINE_S = 60

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
child, screen = pty.fork()
if child == 0:
    os.environ.setdefault("TERM", "xterm-256color")
    os.execv(command[0], command)
fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

written = b""


def read_until(text):
    """Reads from where the last text ended; an empty text is the program's end."""
    global written
    start, deadline = len(written), time.monotonic() + DEADLINE_S
    while not text or text.encode() not in written[start:]:
        if not select.select([screen], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            chunk = os.read(screen, 65536)
        except OSError:
            chunk = b""
        if not chunk:
            return not text
        written += chunk
    return True


came = True
for text, keys, *commands in steps:
    came = came and read_until(text)
    if came:
        keys = keys.encode()
        while keys:
            keys = keys[os.write(screen, keys) :]
        for command in commands:
            subprocess.run(command, shell=True, check=True)
came = came and read_until("")
if not came:
    os.kill(child, 9)
sys.stdout.buffer.write(written)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if came else 124)
