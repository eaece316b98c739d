"""Runs a package's tests in Pyodide so that nothing is lost when one of them traps.

A trap ends the interpreter. What each test comes to is written at once, as a line of JSON, into the
file named first; a second run leaves out what an earlier one began. Further arguments are pytest's.
"""

import json
import os
import sys

import pytest


class Tell:
    """Writes what happens; leaves out what has happened."""

    def __init__(self, path):
        self.begun = set()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as lines:
                self.begun = {json.loads(line).get("test") for line in lines}
        self.file = open(path, "a", encoding="utf-8")

    def write(self, **what):
        self.file.write(json.dumps(what) + "\n")
        self.file.flush()

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if item.nodeid not in self.begun]

    def pytest_collectreport(self, report):
        if report.failed and report.nodeid not in self.begun:
            self.write(test=report.nodeid, outcome="failed", why=why(report))

    def pytest_runtest_logstart(self, nodeid):
        self.write(test=nodeid, outcome="begun")

    def pytest_runtest_logreport(self, report):
        expected = hasattr(report, "wasxfail")
        if report.skipped:
            outcome = "xfailed" if expected else "skipped"
        elif report.failed:
            outcome = "failed"
        elif report.when == "call":
            outcome = "passed"
        else:
            return
        self.write(test=report.nodeid, outcome=outcome, why=why(report))


def why(report):
    """The first line of what went wrong, or nothing."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr or "")
    lines = [line for line in text.splitlines() if line.strip()]
    return (lines[0] if crash else lines[-1])[:300] if lines else ""


path, *words = sys.argv[1:]
tell = Tell(path)
status = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", "--continue-on-collection-errors", *words], plugins=[tell])
# 5: nothing was left to run.
tell.write(end=int(status) if status != 5 else 0)
sys.stdout.flush()
# Clean-up of what failing tests left behind is no test.
os._exit(0)
