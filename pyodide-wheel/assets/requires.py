"""Says what a source is called, and which projects it names that it needs in the target or to be built.

What a source says before it is built: PKG-INFO of an sdist, `[project]` and `[build-system]` of
pyproject.toml. What `setup.py` would say is not known.
"""

import tomllib
from email import message_from_string

from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import canonicalize_name


def table(value):
    return value if isinstance(value, dict) else {}


def names(source, texts, markers):
    """The projects of the requirements that hold when nobody asks for an extra."""
    for text in texts:
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, TypeError) as error:
            raise Refusal("source", source=source, why=f"{text!r}: {error}") from error
        if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""}):
            yield canonicalize_name(requirement.name)


def one(source, markers):
    path = source["path"]
    try:
        pyproject = tomllib.loads(source["pyproject"] or "")
    except tomllib.TOMLDecodeError as error:
        raise Refusal("source", source=path, why=f"pyproject.toml: {error}") from error
    project, build = table(pyproject.get("project")), table(pyproject.get("build-system"))
    info = message_from_string(source["pkg_info"] or "")
    name = info.get("Name") or project.get("name")
    texts = [*info.get_all("Requires-Dist", []), *project.get("dependencies", [])]
    texts += build.get("requires", [])
    needs = sorted(set(names(path, texts, markers)))
    return {
        "name": canonicalize_name(name) if name else None,
        "version": info.get("Version") or project.get("version"),
        "needs": needs,
    }


def main(request):
    return one(request["source"], request["markers"])


serve(main)
