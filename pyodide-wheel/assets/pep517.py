"""Installs build requirements for the host, and calls a build back end for the target."""

import importlib.metadata
import pathlib
import subprocess
import sysconfig
import tomllib
import venv

import build
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


def run(command, cwd=None, extra_environ=None, path_first=None):
    """The subprocess runner hooks get. `extra_environ` wins over this process's environment."""
    environment = {**os.environ, **(extra_environ or {})}
    if path_first:
        environment["PATH"] = os.pathsep.join([*path_first, environment.get("PATH", "")])
    print("+ " + " ".join(map(str, command)), flush=True)
    subprocess.run(command, cwd=cwd, env=environment, check=True, stdin=subprocess.DEVNULL)


def builder(request, python, path_first, environment):
    """PyPA build's front end on `python`."""

    def runner(command, cwd=None, extra_environ=None):
        run(command, cwd, {**environment, **(extra_environ or {})}, path_first)

    try:
        return build.ProjectBuilder(request["source"], python_executable=python, runner=runner)
    except build.BuildException as error:
        # The tree is a copy; the user knows the file by its name in it.
        why = str(error).replace(request["source"] + os.sep, "").replace(request["source"], "it")
        raise Refusal("project", why=why) from None


def call_hook(what, hook, *arguments):
    """Calls a hook; its own output, already shown, says what went wrong."""
    try:
        return hook(*arguments)
    except build.BuildBackendException as error:
        raise Refusal("backend", hook=what, why=str(error)) from None


def site_folders(python):
    """Where the distributions of another interpreter are."""
    code = "import json, sys; print(json.dumps([p for p in sys.path if p]))"
    answer = subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)


def applies(requirement):
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def wanted(requirements, dropped):
    """The requirements without those that only make sense on the host."""
    kept = []
    for text in sorted(requirements):
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise Refusal("requirement", requirement=text, why=str(error).splitlines()[0]) from None
        if canonicalize_name(requirement.name) in dropped:
            print(f"build requirement {text} is of no use for the target: left out", flush=True)
        elif applies(requirement):
            kept.append(text)
    return kept


def install(request, python, requirements):
    """Installs for the host, as PyPA build does."""
    if not requirements:
        return
    folder = pathlib.Path(request["environment"])
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    command = [sys.executable, "-Im", "pip", "--python", python, "install", "--use-pep517"]
    command += ["--no-input", "--progress-bar=off", "--no-warn-script-location", "--no-compile"]
    command += ["-r", str(listed)]
    if request["constraints"]:
        constraints = folder / "constraints.txt"
        lines = "".join(f"{line}\n" for line in request["constraints"])
        constraints.write_text(lines, encoding="utf-8")
        command += ["-c", str(constraints)]
    try:
        run(command)
    except subprocess.CalledProcessError:
        raise Refusal("install", requirements=requirements) from None


def prepare(request):
    """Makes the environment the back end runs in and installs what the project asks for."""
    if request["shared_python"]:
        return prepare_shared(request)
    folder = request["environment"]
    venv.EnvBuilder(symlinks=True, clear=True, with_pip=False).create(folder)
    variables = {"base": folder, "platbase": folder, "installed_base": sys.base_prefix}
    scripts = sysconfig.get_path("scripts", "venv", variables)
    python = os.path.join(scripts, "python")
    site = sysconfig.get_path("purelib", "venv", variables)

    front = builder(request, python, [scripts], request["host_variables"])
    dropped = set(request["dropped"])
    requirements = wanted(front.build_system_requires, dropped)
    install(request, python, requirements)
    return answer(request, python, site, requirements)


def prepare_shared(request):
    """Uses an environment of the user's as it is."""
    python = request["shared_python"]
    dropped = set(request["dropped"])
    front = builder(request, python, [os.path.dirname(python)], request["host_variables"])
    requirements = wanted(front.build_system_requires, dropped)
    if not request["skip_dependency_check"]:
        check(requirements, python)
    return answer(request, python, None, requirements)


def check(requirements, python):
    folders = site_folders(python)
    missing = [text for text in requirements if not satisfied(Requirement(text), folders)]
    if missing:
        raise Refusal("missing", requirements=missing, python=python)


def satisfied(requirement, folders):
    found = importlib.metadata.distributions(name=requirement.name, path=folders)
    return any(requirement.specifier.contains(dist.version, prereleases=True) for dist in found)


def answer(request, python, site, requirements):
    return {
        "python": python,
        "site": site,
        "backend": backend_name(request["source"]),
        "requirements": requirements,
    }


def backend_name(source):
    """Name of the back end; PEP 517 gives the default."""
    try:
        text = pathlib.Path(source, "pyproject.toml").read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    table = tomllib.loads(text).get("build-system", {})
    return table.get("build-backend", "setuptools.build_meta:__legacy__")


def for_target(request):
    """The front end whose hooks run in the target's environment."""
    python = request["python"]
    # The shims come before the tools of the build environment: `cmake` and `meson` are both.
    path_first = [*request["path_first"], os.path.dirname(python)]
    return builder(request, python, path_first, request["variables"])


def ask(request):
    """Asks the back end what else it needs, and installs that.

    The hook may do what the build itself does, and leave it in the tree: setuptools runs all of
    `setup.py` in it. So it sees the target as `build_wheel` does.
    """
    hook = "get_requires_for_build_wheel"
    front = for_target(request)
    more = call_hook(hook, front.get_requires_for_build, "wheel", request["config_settings"])
    more = [text for text in wanted(more, request["dropped"]) if text not in request["installed"]]
    if request["shared"]:
        check(more, request["python"])
    else:
        install(request, request["python"], more)
    return more


def build_wheel(request):
    """Calls the back end's build_wheel in the target's environment."""
    hook, outdir = "build_wheel", request["outdir"]
    try:
        path = call_hook(hook, for_target(request).build, "wheel", outdir, request["config_settings"])
    except TypeError:
        # Of joining it to the folder's name.
        raise Refusal("backend", hook=hook, why="it returned what is no file name") from None
    if os.path.dirname(path) != outdir or not os.path.isfile(path):
        name = ascii(path.removeprefix(outdir + os.sep))
        why = f"it returned {name}, which is no file in the folder that it was given"
        raise Refusal("backend", hook=hook, why=why)
    return path


def main(request):
    return {"prepare": prepare, "ask": ask, "build": build_wheel}[request["operation"]](request)


serve(main)
