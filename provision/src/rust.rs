//! Rust for the target: rustc and cargo of a Debian suite, and a standard library for WebAssembly
//! built from the source that goes with them.
//!
//! No release of Rust has that library as Pyodide needs it: position-independent, with WebAssembly's
//! exceptions, and for a processor without what older tools of Emscripten refuse. It holds
//! nothing of Emscripten's, so one serves every target.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use camino::{Utf8Path, Utf8PathBuf};

use crate::apt::Programs;
use crate::command::{Command, Log};
use crate::doctor::{Finding, Verdict};
use crate::machine::Env;
use crate::packages::Packages;
use crate::store::{Slot, State, Work, disk_usage, remove_tree};
use crate::suites::{RUST_LEFT_OUT, RUST_PACKAGES, RUST_SUITE};
use crate::{Error, Origin, Progress, Store, elf, tools};

/// Rust's name of the target.
pub const RUST_TARGET: &str = "wasm32-unknown-emscripten";

/// A Rust that compiles for the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rust {
    /// Folder with `cargo` and `rustc`, and no compiler of another language.
    pub bin: Utf8PathBuf,
    /// rustc's version, such as `1.97.1`.
    pub version: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl Rust {
    /// Whether emshim has got it, and not the user.
    #[must_use]
    pub fn is_own(&self) -> bool {
        matches!(self.origin, Origin::Debian { .. })
    }
}

/// What code for the target is compiled with, the standard library and packages alike.
///
/// The features are those of clang's flags for Pyodide. rustc's own choice of a processor has more,
/// among them `bulk-memory-opt`, which the Binaryen of Emscripten 3.1 does not know.
pub const RUST_CODE: &[&str] = &[
    "-Crelocation-model=pic",
    "-Ctarget-cpu=mvp",
    "-Ctarget-feature=+mutable-globals,+sign-ext,+nontrapping-fptoint,+multivalue",
];

/// What the standard library is compiled with besides: bitcode for `lto = "fat"`, and WebAssembly's
/// exceptions, which are the target's own since Rust 1.93 and a switch before.
const STANDARD_LIBRARY: &[&str] = &["-Cembed-bitcode=yes", "-Zemscripten-wasm-eh=yes"];

/// The crates of cargo's `-Zbuild-std`; what they need comes with them.
const CRATES: &str = "-Zbuild-std=std,panic_unwind,panic_abort";

/// Compiles `panic_abort` as a program that aborts needs it, which cargo cannot be told for one crate.
const WRAPPER: &str = "#!/bin/sh\ncase \" $* \" in\n*' --crate-name panic_abort '*) \
    exec \"$@\" -Cpanic=abort ;;\nesac\nexec \"$@\"\n";

/// Where rustc sees its source: a link of the packages to its place in `usr/src`.
const SOURCE: &str = "usr/lib/rustlib/src/rust";

/// A package without anything, for which cargo builds the library. Its own workspace, whatever lies
/// above it.
const MANIFEST: &str = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
    [lib]\npath = \"lib.rs\"\n[workspace]\n\
    [profile.release]\nopt-level = 3\ndebug = false\nlto = false\npanic = \"unwind\"\n";

/// Bytes of disk needed while unpacking and building.
const DISK: u64 = 1_500_000_000;

const BROKEN: &str = "remove this folder of the store and run the same command again";

fn what() -> String {
    format!("Rust for {RUST_TARGET} (Debian {})", RUST_SUITE.name)
}

/// Its folder in the store.
pub(crate) fn slot(store: &Store) -> Slot {
    let rows = RUST_LEFT_OUT.iter().map(|row| row.pattern);
    let name = format!("{}-rust", RUST_SUITE.name);
    let parts = RUST_PACKAGES
        .iter()
        .chain(RUST_CODE)
        .chain(STANDARD_LIBRARY)
        .copied()
        .chain(rows)
        .chain([RUST_TARGET, CRATES, WRAPPER, MANIFEST, SOURCE]);
    Slot::new(&store.debian(), &name, what(), parts)
}

/// emshim's own Rust, if it is in the store; nothing is provisioned.
#[must_use]
pub fn look_for_rust(store: &Store) -> Option<Rust> {
    let slot = slot(store);
    match slot.state() {
        State::Ready(stamp) => Some(Rust {
            bin: slot.folder().join(BIN),
            version: stamp.versions.get(VERSION)?.clone(),
            origin: Origin::Debian {
                suite: RUST_SUITE.name.to_owned(),
            },
        }),
        State::Moved(_) | State::Absent => None,
    }
}

/// How emshim's own Rust stands.
#[must_use]
pub fn examine_rust(env: &Env, store: &Store) -> Finding {
    let finding = |verdict| Finding {
        what: "rust".to_owned(),
        verdict,
        version: None,
        place: None,
        origin: None,
        remedy: None,
    };
    match look_for_rust(store) {
        Some(rust) => Finding {
            version: Some(rust.version),
            place: Some(rust.bin.into_string()),
            origin: Some(rust.origin.to_string()),
            ..finding(Verdict::Ready)
        },
        None => match Programs::find(env) {
            Ok(_) => Finding {
                origin: Some(format!("Debian {}", RUST_SUITE.name)),
                remedy: Some(
                    "emshim gets it for packages with Rust, or now with `emshim setup --rust`"
                        .to_owned(),
                ),
                ..finding(Verdict::OnDemand)
            },
            Err(error) => Finding {
                remedy: Some(format!("for packages with Rust alone: {error}")),
                ..finding(Verdict::Optional)
            },
        },
    }
}

/// Folder of the programs, below the slot's.
const BIN: &str = "bin";

/// rustc's version in the stamp.
const VERSION: &str = "rustc";

/// emshim's own Rust, got and built unless it is there already.
///
/// # Errors
/// This is not a Debian machine, the mirror does not answer, the disk is full, or the standard
/// library cannot be built.
pub fn provision_rust(env: &Env, store: &Store, progress: &dyn Progress) -> Result<Rust, Error> {
    let slot = slot(store);
    if !matches!(slot.state(), State::Ready(_)) {
        let work = slot.lock(progress)?;
        // Another process may have made it while this one waited for the lock.
        if !matches!(slot.state(), State::Ready(_)) {
            make(env, store, &slot, &work, progress)
                .map_err(|e| e.or_disk_full(slot.folder(), &what(), DISK))?;
        }
    }
    look_for_rust(store).ok_or_else(|| Error::Invalid {
        path: slot.folder().to_string(),
        why: "does not tell its version".to_owned(),
        remedy: BROKEN.to_owned(),
    })
}

fn make(
    env: &Env,
    store: &Store,
    slot: &Slot,
    work: &Work<'_>,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let what = what();
    let packages = Packages {
        store,
        suite: RUST_SUITE,
        names: RUST_PACKAGES,
        optional: &[],
        what: &what,
        disk: DISK,
        left_out: RUST_LEFT_OUT,
    };
    let log = Log::create(&store.log(), &format!("{}-rust", RUST_SUITE.name))?;
    let programs = Programs::find(env).map_err(|error| error.explaining(&what))?;
    let patchelf = tools::provision_patchelf(env, store, progress)?;
    let downloads = slot.sibling("apt");
    packages.require_space(slot.folder(), disk_usage(&downloads))?;
    let staging = work.staging()?;
    packages.unpack(env, &programs, &downloads, staging, &log, progress)?;
    let layout = elf::Layout {
        root: staging,
        place: slot.folder(),
        programs: &["usr/bin".into()],
        libraries: &[Utf8Path::new("usr/lib").join(programs.architecture.triplet)],
        architecture: programs.architecture,
    };
    progress.step("adjusting the unpacked programs", || {
        elf::patch(&layout, &patchelf, &log, progress)
    })?;
    let bin = staging.join(BIN);
    fs::create_dir(&bin).map_err(Error::io("create", &bin))?;
    for name in ["cargo", "rustc"] {
        let link = bin.join(name);
        symlink(format!("../usr/bin/{name}"), &link).map_err(Error::io("link", &link))?;
    }
    // The programs run at their own place alone; without a stamp nobody else does.
    work.place()?;
    let toolchain = Toolchain {
        root: slot.folder(),
        env,
        log: &log,
    };
    let version = toolchain.version()?;
    progress.step(
        &format!("building Rust {version}'s standard library for {RUST_TARGET}"),
        || toolchain.build_library(&version),
    )?;
    remove_tree(&slot.folder().join("usr/src"))?;
    remove_tree(&downloads)?;
    let versions = BTreeMap::from([(VERSION.to_owned(), version)]);
    work.finish(versions).map(drop)
}

/// An unpacked suite in its place.
struct Toolchain<'a> {
    root: &'a Utf8Path,
    env: &'a Env,
    log: &'a Log,
}

impl Toolchain<'_> {
    fn program(&self, name: &str) -> Utf8PathBuf {
        self.root.join(BIN).join(name)
    }

    fn version(&self) -> Result<String, Error> {
        let rustc = self.program("rustc");
        let answer = Command::new(&rustc, "trying the unpacked programs", BROKEN)
            .args(["--version"])
            .output(self.log)?;
        // "rustc 1.97.1 (8bab26f4f 2026-07-14) ..."
        let version = answer.split_whitespace().nth(1);
        version.map(str::to_owned).ok_or_else(|| Error::Invalid {
            path: rustc.to_string(),
            why: "does not tell its version".to_owned(),
            remedy: BROKEN.to_owned(),
        })
    }

    /// The folder with `library/`, below `usr/src`.
    fn source(&self) -> Result<Utf8PathBuf, Error> {
        let folder = self.root.join("usr/src");
        let entries = folder.read_dir_utf8().map_err(Error::io("read", &folder))?;
        let mut entries = entries.flatten().map(camino::Utf8DirEntry::into_path);
        entries
            .find(|path| path.join("library/std").is_dir())
            .ok_or_else(|| Error::Invalid {
                path: folder.to_string(),
                why: "holds no source of Rust's standard library".to_owned(),
                remedy: BROKEN.to_owned(),
            })
    }

    fn build_library(&self, version: &str) -> Result<(), Error> {
        let source = self.source()?;
        let folder = self.root.join("std");
        let target = folder.join("target");
        let write = |name: &str, text: &str, mode: u32| {
            let path = folder.join(name);
            fs::write(&path, text)
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(mode)))
                .map_err(Error::io("write", path))
        };
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        write("Cargo.toml", MANIFEST, 0o644)?;
        write("lib.rs", "#![no_std]\n", 0o644)?;
        write("wrapper", WRAPPER, 0o755)?;
        let remap = |folder: &Utf8Path| format!("--remap-path-prefix={folder}=/rustc/{version}");
        let (real, linked) = (remap(&source), remap(&self.root.join(SOURCE)));
        let flags = [RUST_CODE, STANDARD_LIBRARY, &[&real, &linked]].concat();
        let vendor = serde_json::Value::from(source.join("library/vendor").as_str());
        let step = "building Rust's standard library";
        Command::new(&self.program("cargo"), step, BROKEN)
            // What the user has set for other builds is not for this one.
            .without(self.env.names_that(|name| {
                ["CARGO", "RUST"]
                    .iter()
                    .any(|start| name.starts_with(start))
            }))
            .args([
                "build",
                "--offline",
                "--release",
                "--target",
                RUST_TARGET,
                CRATES,
            ])
            .args(["--config", "source.crates-io.replace-with='unpacked'"])
            .args(["--config", &format!("source.unpacked.directory={vendor}")])
            // The library's own lock file counts, not one of this package.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", self.program("rustc"))
            .env("RUSTC_WRAPPER", folder.join("wrapper"))
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .env("CARGO_HOME", folder.join("home"))
            .env("CARGO_TARGET_DIR", target.as_str())
            .dir(&folder)
            .output(self.log)?;
        let built = target.join(RUST_TARGET).join("release/deps");
        let place = self.root.join(format!("usr/lib/rustlib/{RUST_TARGET}/lib"));
        fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
        for entry in built.read_dir_utf8().map_err(Error::io("read", &built))? {
            let entry = entry.map_err(Error::io("read", &built))?;
            let name = entry.file_name();
            if name.ends_with(".rlib") && !name.starts_with("libnothing-") {
                let to = place.join(name);
                fs::rename(entry.path(), &to).map_err(Error::io("write", to))?;
            }
        }
        remove_tree(&folder)
    }
}
