//! Machines that the one at hand is not: files taken away, or others laid over them, in a mount
//! namespace of its own. The programs that are left are real.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use duct::Expression;
use provision::Env;

use crate::real::{Completed, Folder, command, run};

/// Programs of a system with Debian's packages.
const DEBIAN: &[&str] = &[
    "apt",
    "apt-cache",
    "apt-config",
    "apt-get",
    "dpkg",
    "dpkg-deb",
    "dpkg-query",
];

/// Folders in which such a system keeps what apt works by.
const APT: &[&str] = &["/etc/apt", "/var/lib/apt/lists"];

/// Files that know Debian's archive.
const KNOWLEDGE: &[&str] = &[
    "/usr/sbin/debootstrap",
    "/usr/share/keyrings",
    "/usr/share/python-apt",
];

/// A machine made of this one.
#[derive(Debug)]
pub struct Machine {
    folder: Folder,
    /// What is mounted: the file or folder, and where.
    mounts: Vec<(Utf8PathBuf, Utf8PathBuf)>,
}

impl Machine {
    /// A machine that says of itself what `os_release` says.
    #[must_use]
    pub fn named(os_release: &str) -> Self {
        let folder = Folder::new();
        let file = folder.file("os-release", os_release);
        let mut machine = Self {
            folder,
            mounts: Vec::new(),
        };
        machine.mount(file, "/etc/os-release");
        machine
    }

    /// One without apt, dpkg and all they keep.
    #[must_use]
    pub fn without_apt() -> Self {
        let mut machine = Self::named("ID=another\nVERSION_ID=1\n");
        machine.hide(DEBIAN);
        machine.cover(APT);
        machine.cover(KNOWLEDGE);
        machine
    }

    /// One with apt that does not know Debian's archive. Its own archive is `mirror` with `suite`,
    /// signed by the keys in `keyring`; its package lists were never fetched.
    #[must_use]
    pub fn like_debian(archive: Option<&SystemArchive>) -> Self {
        let name = "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n";
        let mut machine = Self::named(name);
        let apt = machine.folder.path().join("apt");
        for below in ["apt.conf.d", "preferences.d"] {
            fs::create_dir_all(apt.join(below)).expect("a folder");
        }
        if let Some(archive) = archive {
            // How to reach an archive is the machine's own affair.
            for below in ["apt.conf.d", "auth.conf.d"] {
                copy_files(&Utf8Path::new("/etc/apt").join(below), &apt.join(below));
            }
            fs::write(apt.join("own.gpg"), &archive.keys).expect("a keyring");
            let SystemArchive { mirror, suite, .. } = archive;
            let line = format!("deb [signed-by=/etc/apt/own.gpg] {mirror} {suite} main\n");
            fs::write(apt.join("sources.list"), line).expect("a list of sources");
        }
        machine.mount(apt, "/etc/apt");
        machine.cover(&["/var/lib/apt/lists"]);
        machine.cover(KNOWLEDGE);
        machine
    }

    /// Lays a file or folder over another one, where that is.
    pub fn mount(&mut self, from: Utf8PathBuf, over: &str) {
        if let Ok(over) = Utf8Path::new(over).canonicalize_utf8() {
            self.mounts.push((from, over));
        }
    }

    /// Takes away programs, wherever PATH finds them.
    pub fn hide(&mut self, programs: &[&str]) {
        let nothing = self.folder.file("nothing", "");
        for path in programs
            .iter()
            .flat_map(|name| Env::capture().programs(name))
        {
            self.mount(nothing.clone(), path.as_str());
        }
    }

    /// Takes away files and what is in folders.
    fn cover(&mut self, paths: &[&str]) {
        for path in paths {
            let empty = if Utf8Path::new(path).is_dir() {
                let empty = self.folder.path().join("empty").join(&path[1..]);
                fs::create_dir_all(&empty).expect("a folder");
                empty
            } else {
                self.folder.file("nothing", "")
            };
            self.mount(empty, path);
        }
    }

    /// The command that runs another one on this machine.
    ///
    /// # Panics
    /// This user may not make mount namespaces.
    pub fn command(&self, words: &[&str]) -> Expression {
        let mut script = String::from("set -e\n");
        for (from, over) in &self.mounts {
            script += &format!("mount --bind '{from}' '{over}'\n");
        }
        script += "exec \"$@\"\n";
        let script = self.folder.file("enter", &script);
        let enter = [namespace(), "sh", script.as_str()];
        command("unshare", &[&enter, words].concat())
    }

    /// Runs a command on this machine.
    #[must_use]
    pub fn run(&self, words: &[&str], env: &[(&str, &str)]) -> Completed {
        let start = self.command(words);
        Completed::of(
            &env.iter()
                .fold(start, |e, (name, value)| e.env(name, value)),
        )
    }
}

/// The option of unshare(1) that this user may have: root needs no user namespace.
///
/// # Panics
/// This user may not make mount namespaces.
#[must_use]
pub fn namespace() -> &'static str {
    let may = |option: &&str| {
        let trial = command("unshare", &[option, "mount", "--bind", "/etc", "/etc"]);
        let done = trial.stdout_null().stderr_null().unchecked().run();
        done.is_ok_and(|done| done.status.success())
    };
    ["-m", "-rm"].into_iter().find(may).expect(
        "this user may not make mount namespaces, by which machines without some files are \
         tested; run the suite as root or allow user namespaces",
    )
}

/// An archive of a system, and the keys that sign it.
#[derive(Debug)]
pub struct SystemArchive {
    mirror: String,
    suite: &'static str,
    keys: Vec<u8>,
}

impl SystemArchive {
    /// Debian's own, as this machine reaches it. It stands in for the archive of a system such as
    /// Ubuntu, which has the packages in question under the same names.
    ///
    /// # Panics
    /// This machine does not reach it, or has no keys of it.
    #[must_use]
    pub fn debian() -> Self {
        let done = run(&["doctor", "--json"]).stdout;
        let findings: serde_json::Value = serde_json::from_str(&done).expect("JSON");
        let mut findings = findings.as_array().into_iter().flatten();
        let apt = findings.find(|finding| finding["what"] == "apt");
        let mirror = apt.and_then(|apt| apt["origin"].as_str());
        Self {
            mirror: mirror
                .unwrap_or_else(|| panic!("no mirror in {done}"))
                .to_owned(),
            suite: "stable",
            keys: keys("keyring"),
        }
    }
}

/// Keys of Debian's archive on this machine: all of them (`keyring`), or some.
///
/// # Panics
/// They are not there.
#[must_use]
pub fn keys(name: &str) -> Vec<u8> {
    let file = format!("/usr/share/keyrings/debian-archive-{name}.gpg");
    fs::read(&file).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Copies the files of a folder that this user may read.
fn copy_files(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in from.read_dir_utf8().into_iter().flatten().flatten() {
        let _ = fs::copy(entry.path(), to.join(entry.file_name()));
    }
}

/// An emsdk as its installer leaves it, made of an Emscripten in Debian's layout.
///
/// # Panics
/// Something of it is not there, or the folder cannot be written.
#[must_use]
pub fn emsdk(
    folder: &Folder,
    root: &Utf8Path,
    llvm_bin: &Utf8Path,
    node: &Utf8Path,
) -> Utf8PathBuf {
    let sdk = folder.path().join("emsdk");
    let (bin, emscripten) = (sdk.join("upstream/bin"), sdk.join("upstream/emscripten"));
    let node_bin = sdk.join("node/1.0.0_64bit/bin");
    for folder in [&bin, &node_bin, &emscripten] {
        fs::create_dir_all(folder).expect("a folder");
    }
    let link = |from: &Utf8Path, to: &Utf8Path| {
        std::os::unix::fs::symlink(from, to).expect("a link");
    };
    // Python finds its modules beside the script's real file, and a cache belongs to one
    // configuration: another one clears it. So all are copies.
    for entry in root.read_dir_utf8().expect("Emscripten's folder") {
        let entry = entry.expect("an entry");
        match entry.file_name() {
            ".emscripten" => {}
            _ => {
                let copy = ["-a", entry.path().as_str(), emscripten.as_str()];
                let _ = Completed::of(&command("cp", &copy)).success();
            }
        }
    }
    let usr = root.join("../..").canonicalize_utf8().expect("a folder");
    let modules = emscripten.join("node_modules");
    if !modules.exists() {
        link(&usr.join("share/nodejs"), &modules);
    }
    for folder in [llvm_bin, &usr.join("bin")] {
        for entry in folder.read_dir_utf8().expect("a folder of programs") {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            let place = bin.join(name);
            let wanted = folder == llvm_bin || name.starts_with("wasm");
            if wanted && fs::symlink_metadata(&place).is_err() {
                link(entry.path(), &place);
            }
        }
    }
    link(node, &node_bin.join("node"));
    fs::write(sdk.join(".emscripten"), CONFIGURATION).expect("a configuration");
    sdk
}

/// What `emsdk activate` writes, but for the cache: Debian's Emscripten would take one in the
/// user's home.
const CONFIGURATION: &str = "\
import os
emsdk_path = os.path.dirname(os.getenv('EM_CONFIG')).replace('\\\\', '/')
NODE_JS = emsdk_path + '/node/1.0.0_64bit/bin/node'
LLVM_ROOT = emsdk_path + '/upstream/bin'
BINARYEN_ROOT = emsdk_path + '/upstream'
EMSCRIPTEN_ROOT = emsdk_path + '/upstream/emscripten'
CACHE = EMSCRIPTEN_ROOT + '/cache'
";
