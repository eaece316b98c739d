"""Notices when an index does not answer."""

import logging

from pip._internal.index import collector


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
