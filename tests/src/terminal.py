"""Runs a command on a terminal of its own: terminal.py COLUMNS PROMPT INPUT COMMAND...

Types INPUT when PROMPT is seen, copies what the command writes to stdout, and ends as it ends.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

columns, prompt, typed, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    # Before the command starts, which asks for it once.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    os.environ["TERM"] = "xterm"
    os.execvp(command[0], command)
seen = b""
while True:
    try:
        text = os.read(terminal, 65536)
    except OSError:
        break
    if not text:
        break
    seen += text
    sys.stdout.buffer.write(text)
    if typed and prompt.encode() in seen:
        os.write(terminal, typed.encode())
        typed = ""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
