"""Finds a project's sdist through pip, as pip is configured, and downloads it.

`pip download --no-binary` would build the project's metadata, for the host, before it is asked
to. This uses what pip itself asks the index with, and so follows its configuration, its proxies,
its credentials and its find-links.
"""

import hashlib
import time

from pip._internal.commands import create_command
from pip._internal.network.utils import HEADERS
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import InvalidWheelFilename, parse_wheel_filename
from pip._vendor.requests.exceptions import RequestException

CHUNK = 256 * 1024
TRIES = 3
# Bytes of the largest sdist that is fetched.
LARGEST = 4 << 30


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
    left_out = watch(finder)
    try:
        found = finder.find_all_candidates(requirement.name)
    except Exception as error:  # Whatever pip's reader of pages ends with: the page is to blame.
        why = f"its page is none of a package index ({type(error).__name__}: {error})"
        raise Refusal("unanswered", why=why) from None
    if not found:
        failures.check()
        other_python(finder, requirement)
        if wheels := wheels_among(left_out):
            raise Refusal("no_sdist", versions=wheels)
        raise Refusal("no_project")
    sdists = [candidate for candidate in found if not candidate.link.is_wheel]
    if not sdists:
        other_python(finder, requirement)
        raise Refusal("no_sdist", versions=versions(found))
    return found, sdists


def other_python(finder, requirement):
    """Of all that is left out, what is for another Python is worth telling."""
    fits = requirement.specifier.contains
    reasons = finder.requires_python_skipped_reasons()
    reasons = [reason for reason in reasons if fits(reason.split()[0], prereleases=True)]
    if reasons:
        raise Refusal("other_python", why="; ".join(sorted(reasons)[-5:]))


def watch(finder):
    """The files that pip will leave out, since they are for other machines or are nothing it knows."""
    left_out = []
    log = finder._log_skipped_link

    def note(link, *reason):
        left_out.append(link)
        log(link, *reason)

    finder._log_skipped_link = note
    return left_out


def wheels_among(links):
    """Their versions, newest first."""
    found = set()
    for link in links:
        try:
            if link.is_wheel:
                found.add(parse_wheel_filename(link.filename)[1])
        except InvalidWheelFilename:
            continue
    return [str(version) for version in sorted(found, reverse=True)]


def versions(found):
    """Newest first, each once."""
    return [str(version) for version in sorted({c.version for c in found}, reverse=True)]


def choose(finder, requirement, found, sdists):
    evaluator = finder.make_candidate_evaluator(requirement.name, requirement.specifier)
    best = evaluator.compute_best_candidate(sdists).best_candidate
    if best is not None:
        return best
    other_python(finder, requirement)
    if evaluator.get_applicable_candidates(found):
        raise Refusal("no_sdist", versions=versions(sdists))
    raise Refusal("no_version", versions=versions(sdists))


def download(session, link, folder):
    """Downloads into `folder`; the file appears under its own name when it is whole."""
    path = os.path.join(folder, link.filename)
    if link.hash and os.path.exists(path) and checksums(path, link).get(link.hash_name) == link.hash:
        return {"file": link.filename, "sha256": checksums(path, link)["sha256"], "verified": True}
    temporary = os.path.join(folder, f".{link.filename}.{os.getpid()}")
    try:
        fetch(session, link, temporary)
        found = checksums(temporary, link)
        if link.hash and found[link.hash_name] != link.hash:
            facts = {"expected": link.hash, "actual": found[link.hash_name]}
            raise Refusal("checksum", file=link.filename, **facts)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return {"file": link.filename, "sha256": found["sha256"], "verified": bool(link.hash)}


def fetch(session, link, path):
    """Writes what is behind a link into a file. A broken connection is tried again."""
    for left in reversed(range(TRIES)):
        try:
            with open(path, "wb") as file:
                response = session.get(link.url_without_fragment, headers=HEADERS, stream=True)
                response.raise_for_status()
                for chunk in content(response):
                    file.write(chunk)
                    if file.tell() > LARGEST:
                        why = f"{host(link)}: {link.filename} has more than {LARGEST >> 30} GiB"
                        raise Refusal("unanswered", why=why)
            if is_cut(response):
                raise ConnectionError(f"the connection broke before the end of {link.filename}")
            return
        except RequestException as error:
            if not left:
                raise Refusal("unanswered", why=f"{host(link)}: {error}") from None
            time.sleep(1)
        except OSError as error:
            raise Refusal("disk", why=str(error)) from None


def content(response):
    """The file's own bytes. A server that says `Content-Encoding: gzip` of a .tar.gz means the file
    itself, which must not be unpacked."""
    if hasattr(response.raw, "stream"):
        return response.raw.stream(CHUNK, decode_content=False)
    return response.iter_content(CHUNK)


def checksums(path, link):
    """SHA-256, and the index's own kind of checksum where that is another."""
    found = {}
    for name in {"sha256", link.hash_name or "sha256"}:
        with open(path, "rb") as file:
            found[name] = hashlib.file_digest(file, name).hexdigest()
    return found


def main(request):
    requirement = parse(request["requirement"])
    failures = Failures()
    command = create_command("download")
    options, _ = command.parse_args(["--no-input"])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        found, sdists = candidates(finder, requirement, failures)
        best = choose(finder, requirement, found, sdists)
        answer = download(session, best.link, request["folder"])
    if best.link.is_yanked:
        why = best.link.yanked_reason or "no reason is given"
        answer["yanked"] = f"{best.name} {best.version} is yanked from the index ({why})"
    return {"version": str(best.version), **answer}


serve(main)
