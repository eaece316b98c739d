"""Resolves requirements for the target through pip, as pip is configured, and downloads wheels.

pip has options for the target's tags but none for its environment markers.
"""

import contextlib
import io
import re

from pip._internal.cli.main import main as pip
from pip._vendor.packaging import markers

NO_MATCH = re.compile(r"No matching distribution found for (\S+)")


@contextlib.contextmanager
def target_markers(overrides):
    """Makes pip evaluate environment markers for the target."""
    host = markers.default_environment

    def default_environment():
        return {**host(), **overrides}

    markers.default_environment = default_environment
    try:
        yield
    finally:
        markers.default_environment = host


class Tee(io.TextIOBase):
    """A stream that also keeps what was written."""

    def __init__(self, stream):
        self.stream = stream
        self.text = []

    def write(self, text):
        self.text.append(text)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()

    def isatty(self):
        return False


def arguments(request):
    yield from ["download", "--no-input", "--progress-bar=off", "--dest"]
    yield request["folder"]
    yield from ["--only-binary=:all:", "--implementation=cp"]
    yield from ["--python-version", request["python_version"]]
    for tag in request["platforms"]:
        yield from ["--platform", tag]
    for tag in request["abis"]:
        yield from ["--abi", tag]
    for links in request["find_links"]:
        yield from ["--find-links", links]
    yield from request["requirements"]


def main(request):
    failures = Failures()
    errors = Tee(sys.stderr)
    with target_markers(request["markers"]), contextlib.redirect_stderr(errors):
        status = pip(list(arguments(request)))
    if status:
        failures.check()
        raise refusal("".join(errors.text).strip())
    return sorted(os.listdir(request["folder"]))


def refusal(errors):
    found = NO_MATCH.search(errors)
    if found:
        return Refusal("no_wheel", requirement=found[1], why=errors)
    return Refusal("pip", why=errors)


serve(main)
