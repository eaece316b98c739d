"""How emshim's scripts are called: the request is JSON on stdin, the answer a JSON file."""

import json
import os
import sys

REQUEST = json.load(sys.stdin)


class Refusal(Exception):
    """A failure the user is told of in one message."""

    def __init__(self, kind, **facts):
        super().__init__(kind)
        self.answer = {"error": {"kind": kind, **facts}}


def serve(main):
    """Runs `main` on the request and writes its answer, or the refusal it raised."""
    try:
        answer = {"ok": main(REQUEST)}
    except Refusal as refusal:
        answer = refusal.answer
    temporary = sys.argv[1] + ".new"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    os.replace(temporary, sys.argv[1])
