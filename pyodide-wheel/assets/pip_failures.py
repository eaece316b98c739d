"""Notices when an index does not answer, and stops when its answer has no end."""

import logging

from pip._internal.index import collector
from pip._internal.network.session import PipSession
from pip._vendor.requests.exceptions import ConnectionError

# Bytes of the largest page that is read: the largest there are have some ten million.
LARGEST_PAGE = 256 << 20


def is_cut(response):
    """Whether a connection broke before all was there: pip's requests takes that for the end."""
    length = str(response.headers.get("Content-Length", ""))
    return length.isdigit() and response.raw.tell() < int(length)


def bound(response, *_, stream=False, **__):
    """Reads a page, where requests would read it to its end, whatever that is."""
    # A folder's answer has no request.
    if stream or getattr(response.request, "method", "GET") != "GET":
        return
    parts, left = [], LARGEST_PAGE
    for part in response.iter_content(1 << 16):
        parts.append(part)
        left -= len(part)
        if left < 0:
            response.close()
            raise ConnectionError(f"the page has more than {LARGEST_PAGE >> 20} MiB")
    if is_cut(response):
        raise ConnectionError("the connection broke before the page's end")
    response._content = b"".join(parts)


def bounded(begin):
    """Gives every session of pip's the bound."""

    def __init__(self, *args, **kwargs):
        begin(self, *args, **kwargs)
        self.hooks["response"].append(bound)

    return __init__


PipSession.__init__ = bounded(PipSession.__init__)


def host(link):
    """Where a link leads, without the user and password it may have."""
    return link.netloc.rpartition("@")[2] or link.scheme


class Failures(logging.Handler):
    """What pip could not fetch. It logs that and goes on as if the index had said nothing."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.unanswered = set()
        collector.logger.setLevel(logging.DEBUG)
        collector.logger.addHandler(self)

    def emit(self, record):
        if not record.msg.startswith("Could not fetch URL"):
            return
        link, reason = record.args[:2]
        # 404 is an answer: there is no such project.
        if not str(reason).startswith("404"):
            self.unanswered.add(f"{host(link)}: {reason}")

    def check(self):
        if self.unanswered:
            raise Refusal("unanswered", why="; ".join(sorted(self.unanswered)))
