"""How emshim's scripts are called.

Stdin is one end of a socket pair: it brings the request, a line of JSON, takes the answer back, and
breaks when emshim ends, however that comes about. Everything a script starts ends then as well.
"""

import atexit
import json
import os
import select
import signal
import sys
import threading
import time

# Seconds that tools get to clean up before they are killed.
GRACE = 1

# A session of its own is a process group that can be ended as a whole. It has no terminal: a tool
# that asks a question there fails, where one in a background group would be stopped for good.
os.setsid()

# Not inherited by the tools, which read nothing.
CHANNEL = os.dup(0)
with open(os.devnull, "rb") as nothing:
    os.dup2(nothing.fileno(), 0)

with open(CHANNEL, "rb", closefd=False) as requests:
    REQUEST = json.loads(requests.readline())


def caller_gone(timeout):
    """Waits for emshim to end. After the request, the channel is readable only for its end."""
    return bool(select.select([CHANNEL], [], [], timeout)[0])


def end_with_caller():
    caller_gone(None)
    os.killpg(0, signal.SIGINT)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


def outlive_tools():
    """Keeps this process, which holds emshim's locks, from ending before its tools."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if caller_gone(0):
        WATCHER.join()


WATCHER = threading.Thread(target=end_with_caller, daemon=True)
WATCHER.start()
atexit.register(outlive_tools)


class Refusal(Exception):
    """A failure the user is told of in one message."""

    def __init__(self, kind, **facts):
        super().__init__(kind)
        self.answer = {"error": {"kind": kind, **facts}}


def serve(main):
    """Runs `main` on the request and sends its answer, or the refusal it raised."""
    try:
        answer = {"ok": main(REQUEST)}
    except Refusal as refusal:
        answer = refusal.answer
    with open(CHANNEL, "wb", closefd=False) as answers:
        answers.write(json.dumps(answer).encode() + b"\n")
