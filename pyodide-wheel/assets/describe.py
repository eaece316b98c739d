"""Says what wheels are called, and which of the others each needs in the target.

An extra counts when a requirement of the user's or a wheel that is installed asks for it.
"""

from email import message_from_string

from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import canonicalize_name


class Wheel:
    """A wheel's metadata."""

    def __init__(self, file, text):
        self.file = file
        message = message_from_string(text)
        self.name, self.version = self.field(message, "Name"), self.field(message, "Version")
        self.requires_python = message.get("Requires-Python")
        try:
            self.requires = [Requirement(r) for r in message.get_all("Requires-Dist", [])]
        except InvalidRequirement as error:
            raise Refusal("metadata", file=file, why=str(error)) from error

    def field(self, message, key):
        value = message.get(key, "").strip()
        if not value:
            raise Refusal("metadata", file=self.file, why=f"it has no {key}")
        return value

    def needs(self, markers, extras):
        """The requirements that hold, with these extras or with none."""
        for requirement in self.requires:
            marker = requirement.marker
            if marker is None or any(
                marker.evaluate({**markers, "extra": extra}) for extra in ["", *extras]
            ):
                yield requirement


def asked(requirements):
    """The extras that the user asks for, by project."""
    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            # A wheel's path.
            continue
        yield canonicalize_name(requirement.name), requirement.extras


def main(request):
    wheels = [Wheel(one["file"], one["metadata"]) for one in request["wheels"]]
    extras = {canonicalize_name(wheel.name): set() for wheel in wheels}
    for name, wanted in asked(request["requirements"]):
        extras.setdefault(name, set()).update(wanted)
    depends = {}
    # Until no wheel asks for an extra that was not known.
    while True:
        before = sum(map(len, extras.values()))
        for wheel in wheels:
            name = canonicalize_name(wheel.name)
            needs = list(wheel.needs(request["markers"], sorted(extras[name])))
            for need in needs:
                extras.setdefault(canonicalize_name(need.name), set()).update(need.extras)
            depends[name] = sorted({canonicalize_name(need.name) for need in needs} - {name})
        if sum(map(len, extras.values())) == before:
            break
    return [
        {
            "file": wheel.file,
            "name": canonicalize_name(wheel.name),
            "version": wheel.version,
            "requires_python": wheel.requires_python,
            "depends": depends[canonicalize_name(wheel.name)],
        }
        for wheel in wheels
    ]


serve(main)
