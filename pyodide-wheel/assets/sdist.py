"""Finds a project's sdist through pip, as pip is configured, and downloads it.

`pip download --no-binary` would build the project's metadata, for the host, before it is asked
to. This uses what pip itself asks the index with, and so follows its configuration, its proxies,
its credentials and its find-links.
"""

import hashlib
import logging
import time

from pip._internal.commands import create_command
from pip._internal.index.collector import logger as collector_logger
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.utils import HEADERS
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.requests.exceptions import RequestException

CHUNK = 256 * 1024
TRIES = 3


class Failures(logging.Handler):
    """What pip could not fetch. It logs that and goes on as if the index had said nothing."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.unanswered = []

    def emit(self, record):
        if not record.msg.startswith("Could not fetch URL"):
            return
        link, reason = record.args[:2]
        response = getattr(reason, "response", None)
        status = getattr(response, "status_code", None)
        # 404 is an answer: there is no such project.
        if status != 404 and not str(reason).startswith("404"):
            self.unanswered.append(f"{link.netloc}: {reason}")


def parse(text):
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise Refusal("syntax", why=str(error)) from None
    for what in ("extras", "url", "marker"):
        if getattr(requirement, what):
            raise Refusal("unsupported", what=what)
    return requirement


def candidates(finder, requirement, failures):
    """All candidates of the project and those of them that are sdists."""
    found = finder.find_all_candidates(requirement.name)
    if not found and failures.unanswered:
        raise Refusal("unanswered", why="; ".join(sorted(set(failures.unanswered))))
    if not found:
        raise Refusal("no_project")
    sdists = [candidate for candidate in found if not candidate.link.is_wheel]
    if not sdists:
        raise Refusal("no_sdist", versions=versions(found))
    return found, sdists


def versions(found):
    """Newest first, each once."""
    return [str(version) for version in sorted({c.version for c in found}, reverse=True)]


def choose(finder, requirement, found, sdists):
    evaluator = finder.make_candidate_evaluator(requirement.name, requirement.specifier)
    best = evaluator.compute_best_candidate(sdists).best_candidate
    if best is not None:
        return best
    if evaluator.get_applicable_candidates(found):
        raise Refusal("no_sdist", versions=versions(sdists))
    raise Refusal("no_version", versions=versions(sdists))


def download(session, link, folder):
    """Downloads into `folder`; the file appears under its own name when it is whole."""
    name = link.filename
    temporary = os.path.join(folder, f".{name}.{os.getpid()}")
    for left in reversed(range(TRIES)):
        try:
            digest = fetch(session, link, temporary)
            break
        except (RequestException, OSError) as error:
            if os.path.exists(temporary):
                os.unlink(temporary)
            if not isinstance(error, RequestException) and error.errno:
                raise Refusal("disk", why=str(error)) from None
            if not left:
                raise Refusal("unanswered", why=f"{link.netloc or link.scheme}: {error}") from None
            time.sleep(1)
    name_of_hash, expected = link.hash_name, link.hash
    actual = digest.get(name_of_hash, lambda: None)() if name_of_hash else None
    if expected and actual != expected:
        os.unlink(temporary)
        raise Refusal("checksum", file=name, expected=expected, actual=actual)
    os.replace(temporary, os.path.join(folder, name))
    return {"file": name, "sha256": digest["sha256"](), "verified": bool(expected)}


def fetch(session, link, path):
    hashes = {name: hashlib.new(name) for name in {"sha256", link.hash_name or "sha256"}}
    response = session.get(link.url_without_fragment, headers=HEADERS, stream=True)
    response.raise_for_status()
    with open(path, "wb") as file:
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            for digest in hashes.values():
                digest.update(chunk)
    return {name: digest.hexdigest for name, digest in hashes.items()}


def main(request):
    requirement = parse(request["requirement"])
    failures = Failures()
    collector_logger.setLevel(logging.DEBUG)
    collector_logger.addHandler(failures)
    command = create_command("download")
    options, _ = command.parse_args(["--no-input"])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        found, sdists = candidates(finder, requirement, failures)
        best = choose(finder, requirement, found, sdists)
        answer = download(session, best.link, request["folder"])
    return {"name": best.name, "version": str(best.version), **answer}


serve(main)
