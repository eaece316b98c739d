//! Who uses what of the store, so that `emshim clean` can remove the rest.
//!
//! While a session prepares it holds the store's gate, shared; then it writes a file that names what
//! it uses, and holds a lock on that as long as it or a program it has started lives, however they
//! end. What is handed to a shell, for which no process of ours stands, is leased for a day.
//! Cleaning holds the gate alone, so that nothing is begun meanwhile.
//!
//! An emshim that is older than this says nothing. It is seen, as every process that works with the
//! store is, by what the system tells of processes.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use crate::machine::SHIM_FOLDER_MARKER;
use crate::store::write_whole;
use crate::{Error, Progress, Store};

/// The file whose lock keeps sessions and cleaning apart.
const GATE: &str = ".gate";

/// Suffix of what counts for [`LEASE`], without a lock.
const LEASED: &str = "lease";

/// What a shim folder's configuration is called.
const CONFIG: &str = SHIM_FOLDER_MARKER;

/// How long what a shell was given counts as in use.
pub const LEASE: Duration = Duration::from_secs(24 * 60 * 60);

/// The right to choose folders of the store, which none removes meanwhile. Of a store that cannot be
/// written there is none, and nothing is removed from it.
#[derive(Debug)]
pub struct Gate {
    folder: Utf8PathBuf,
    lock: Option<File>,
}

/// Says that folders are in use, until it is dropped or the last program that inherited it ends.
#[derive(Debug)]
pub struct Usage {
    /// The file, and its lock, which the programs that are started inherit.
    held: Option<(Utf8PathBuf, File)>,
}

fn open(folder: &Utf8Path) -> Result<File, Error> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let path = folder.join(GATE);
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(Error::io("open", &path))
}

impl Store {
    /// Waits until no `emshim clean` is at work on the store.
    #[must_use]
    pub fn enter(&self, progress: &dyn Progress) -> Gate {
        let folder = self.sessions();
        let lock = open(&folder).ok().and_then(|lock| {
            if matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)) {
                progress.note("waiting for `emshim clean` to end");
                lock.lock_shared().ok()?;
            }
            Some(lock)
        });
        Gate { folder, lock }
    }

    /// Remembers a shim folder that lies elsewhere: as long as it is there, what it refers to is in
    /// use.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn remember(&self, shims: &Utf8Path) -> Result<(), Error> {
        let folder = self.installed();
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let name = crate::store::hex(&Sha256::digest(shims.as_str())[..8]);
        write_whole(&folder.join(name), shims.as_str().as_bytes())
    }

    /// Keeps sessions from beginning, for as long as the result lives; `None` while one is
    /// preparing.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn close(&self) -> Result<Option<File>, Error> {
        let folder = self.sessions();
        let lock = open(&folder)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(Error::io("lock", &folder)(e)),
        }
    }

    /// The folders of the store that a text names, two levels below the root.
    #[must_use]
    pub fn named(&self, text: &[u8]) -> Vec<Utf8PathBuf> {
        let mut named = self.nothing_in_use();
        named.name(text);
        let paths = named.paths.iter();
        paths.map(|path| self.root().join(path)).collect()
    }

    fn nothing_in_use(&self) -> InUse {
        let mut roots = vec![self.root().to_owned()];
        roots.extend(self.root().canonicalize_utf8());
        roots.dedup();
        InUse {
            root: self.root().to_owned(),
            roots,
            paths: Vec::new(),
            sessions: 0,
            silent: 0,
        }
    }

    /// What is in use, by all that can be known.
    #[must_use]
    pub fn in_use(&self) -> InUse {
        let mut in_use = self.nothing_in_use();
        let mut declared = Vec::new();
        for (path, live) in declarations(&self.sessions()) {
            if live {
                let name = path.file_name().unwrap_or_default();
                in_use.sessions += usize::from(path.extension() != Some(LEASED));
                declared.extend(
                    name.split('-')
                        .next()
                        .and_then(|pid| pid.parse::<u32>().ok()),
                );
                in_use.name(&fs::read(&path).unwrap_or_default());
            }
        }
        in_use.processes(&declared);
        in_use.installed();
        in_use.follow();
        in_use
    }
}

impl Gate {
    /// Says what is in use, and lets cleaning go on.
    #[must_use]
    pub fn declare(self, paths: &[&Utf8Path]) -> Usage {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if self.lock.is_none() {
            return Usage { held: None };
        }
        for (path, live) in declarations(&self.folder) {
            if !live {
                // What cannot be removed counts for nothing.
                let _ = fs::remove_file(path);
            }
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let text: String = paths.iter().map(|path| format!("{path}\n")).collect();
        let hidden = self.folder.join(format!(".{name}"));
        let path = self.folder.join(name);
        let make = || -> std::io::Result<File> {
            let mut file = File::create(&hidden)?;
            file.lock()?;
            file.write_all(text.as_bytes())?;
            rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty())?;
            fs::rename(&hidden, &path)?;
            Ok(file)
        };
        // On a full disk it is not said; the system still tells of the processes.
        let held = make().ok().map(|lock| (path, lock));
        Usage { held }
    }
}

impl Usage {
    /// Says that further paths are in use.
    pub fn add(&self, paths: &[&Utf8Path]) {
        if let Some((_, mut file)) = self.held.as_ref().map(|(path, file)| (path, file)) {
            let text: String = paths.iter().map(|path| format!("{path}\n")).collect();
            // On a full disk it is not said, as for the first.
            let _ = file.write_all(text.as_bytes());
        }
    }

    /// Leaves it to the programs that have inherited it, or to the one this process becomes.
    pub fn hand_over(self) {
        std::mem::forget(self);
    }

    /// Leaves it for a day, for a shell that goes on with what it was told.
    pub fn lease(mut self) {
        if let Some((path, _)) = self.held.take() {
            // What cannot be leased is used up to now.
            let _ = fs::rename(&path, path.with_extension(LEASED));
        }
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        if let Some((path, _)) = &self.held {
            let _ = fs::remove_file(path);
        }
    }
}

/// The files of users, and whether they count.
fn declarations(folder: &Utf8Path) -> Vec<(Utf8PathBuf, bool)> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path().to_owned();
        if entry.file_name() == GATE {
            continue;
        }
        let modified = entry.metadata().and_then(|m| m.modified());
        let age = modified.ok().and_then(|time| time.elapsed().ok());
        let recent = age.is_none_or(|age| age < LEASE);
        let held = || {
            let file = File::options().write(true).open(&path);
            file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
        };
        // A hidden one is about to be locked.
        let waits = path.extension() == Some(LEASED) || entry.file_name().starts_with('.');
        let live = if waits { recent } else { held() };
        found.push((path, live));
    }
    found
}

/// What of a store is in use.
#[derive(Debug, Clone)]
pub struct InUse {
    root: Utf8PathBuf,
    /// Spellings of the store's path.
    roots: Vec<Utf8PathBuf>,
    /// Folders two levels below the root, such as `debian/trixie-0123`.
    paths: Vec<String>,
    sessions: usize,
    silent: usize,
}

impl InUse {
    /// Whether a folder two levels below the store's root is in use.
    #[must_use]
    pub fn has(&self, path: &Utf8Path) -> bool {
        let below = path.strip_prefix(&self.root);
        below.is_ok_and(|below| self.paths.iter().any(|used| below == Utf8Path::new(used)))
    }

    /// How many sessions run that say what they use.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.sessions
    }

    /// How many emshims run that say nothing of what they use.
    #[must_use]
    pub fn silent(&self) -> usize {
        self.silent
    }

    /// Adds every folder of the store that a text names.
    pub fn name(&mut self, text: &[u8]) {
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"._+@-".contains(byte);
        for root in self.roots.clone() {
            let mut needle = root.as_str().as_bytes().to_vec();
            needle.push(b'/');
            for at in memchr::memmem::find_iter(text, &needle) {
                let rest = &text[at + needle.len()..];
                let mut parts = rest.splitn(3, |byte| *byte == b'/');
                let (Some(kind), Some(name)) = (parts.next(), parts.next()) else {
                    continue;
                };
                let end = name.iter().position(|byte| !word(byte));
                let name = &name[..end.unwrap_or(name.len())];
                let plain = kind.iter().all(word) && !name.is_empty();
                let path = [kind, b"/", name].concat();
                if let Ok(path) = String::from_utf8(path)
                    && plain
                    && !self.paths.contains(&path)
                {
                    self.paths.push(path);
                }
            }
        }
    }

    /// Adds what the processes of this machine name, as far as they may be looked at.
    fn processes(&mut self, declared: &[u32]) {
        let own = std::process::id();
        for entry in Utf8Path::new("/proc")
            .read_dir_utf8()
            .into_iter()
            .flatten()
            .flatten()
        {
            let Ok(pid) = entry.file_name().parse::<u32>() else {
                continue;
            };
            let process = entry.path();
            // The shell we were started from has given us its environment.
            let environ = fs::read(process.join("environ")).unwrap_or_default();
            self.name(&environ);
            if pid == own {
                continue;
            }
            self.name(&fs::read(process.join("cmdline")).unwrap_or_default());
            let link = |path: &Utf8Path| {
                let target = fs::read_link(path);
                target.map_or_else(|_| Vec::new(), |to| to.as_os_str().as_bytes().to_vec())
            };
            let exe = link(&process.join("exe"));
            self.name(&exe);
            self.name(&[&link(&process.join("cwd")), &b"/"[..]].concat());
            let files = process.join("fd");
            for file in files.read_dir_utf8().into_iter().flatten().flatten() {
                self.name(&link(file.path()));
            }
            let exe = String::from_utf8_lossy(&exe);
            let exe = exe.strip_suffix(" (deleted)").unwrap_or(&exe);
            let shim = self.roots.iter().any(|root| exe.starts_with(root.as_str()));
            let emshim = exe.rsplit('/').next() == Some("emshim") && !shim;
            let silent = emshim && !declared.contains(&pid) && self.is_of(&environ);
            self.silent += usize::from(silent);
        }
    }

    /// Whether an emshim with this environment works with this store.
    fn is_of(&self, environ: &[u8]) -> bool {
        let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (&pair[..at], &pair[at + 1..]);
            Some((OsStr::from_bytes(name), OsStr::from_bytes(value)))
        });
        let store = Store::from_variables(&pairs.collect());
        store.is_ok_and(|store| {
            let real = store.root().canonicalize_utf8();
            let roots = [Some(store.root().to_owned()), real.ok()];
            roots.iter().flatten().any(|root| self.roots.contains(root))
        })
    }

    /// Adds what shim folders elsewhere refer to.
    fn installed(&mut self) {
        let folder = Store::at(self.root.clone()).installed();
        for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
            let Ok(shims) = fs::read_to_string(entry.path()) else {
                continue;
            };
            match fs::read(Utf8Path::new(&shims).join(CONFIG)) {
                Ok(text) => self.name(&text),
                // It has gone, and is remembered again when it is written again.
                Err(_) => drop(fs::remove_file(entry.path())),
            }
        }
    }

    /// Adds what the folders in use refer to.
    fn follow(&mut self) {
        let mut done = 0;
        while let Some(path) = self.paths.get(done) {
            let folder = self.root.join(path);
            done += 1;
            for file in [CONFIG, "pyvenv.cfg"] {
                if let Ok(text) = fs::read(folder.join(file)) {
                    self.name(&text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(dir.path().join("store")).unwrap();
        (dir, Store::at(root))
    }

    fn declare(store: &Store, path: &str) -> Usage {
        let gate = store.enter(&Silent);
        gate.declare(&[&store.root().join(path)])
    }

    fn uses(store: &Store, path: &str) -> bool {
        store.in_use().has(&store.root().join(path))
    }

    #[test]
    fn what_a_session_uses_is_in_use_until_it_ends() {
        let (_dir, store) = store();
        let usage = declare(&store, "debian/a-1/usr/bin/python");
        assert!(uses(&store, "debian/a-1") && !uses(&store, "debian/a"));
        drop(usage);
        assert!(!uses(&store, "debian/a-1"));
        declare(&store, "debian/a-1").lease();
        assert!(uses(&store, "debian/a-1"));
    }

    #[test]
    fn a_lease_ends_and_what_killed_sessions_left_counts_for_nothing() {
        let (_dir, store) = store();
        declare(&store, "debian/a-1").lease();
        let folder = store.sessions();
        let leased = || {
            let entries = folder.read_dir_utf8().unwrap().flatten();
            let mut paths = entries.map(|e| e.path().to_owned());
            paths.find(|path| path.extension() == Some(LEASED))
        };
        let file = File::options().write(true).open(leased().unwrap()).unwrap();
        let old = std::time::SystemTime::now() - LEASE - Duration::from_secs(1);
        file.set_modified(old).unwrap();
        assert!(!uses(&store, "debian/a-1"));
        fs::write(folder.join("1-0"), format!("{}/debian/b-1\n", store.root())).unwrap();
        assert!(!uses(&store, "debian/b-1"));
        drop(declare(&store, "debian/c-1"));
        assert!(leased().is_none() && !folder.join("1-0").exists());
    }

    #[test]
    fn a_process_that_names_a_folder_uses_it_and_what_that_refers_to() {
        let (_dir, store) = store();
        let shims = store.root().join("shims/t-1");
        fs::create_dir_all(&shims).unwrap();
        let config = format!("{{\"root\": \"{}/debian/a-1/usr\"}}", store.root());
        fs::write(shims.join("emshim.json"), config).unwrap();
        assert!(!uses(&store, "debian/a-1"));
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .env("PATH", format!("{shims}:/usr/bin:/bin"))
            .spawn()
            .unwrap();
        let in_use = store.in_use();
        child.kill().unwrap();
        child.wait().unwrap();
        for path in ["shims/t-1", "debian/a-1"] {
            assert!(in_use.has(&store.root().join(path)), "{path}");
        }
    }

    #[test]
    fn a_shim_folder_elsewhere_uses_what_it_refers_to_while_it_is_there() {
        let (dir, store) = store();
        let shims = Utf8PathBuf::try_from(dir.path().join("shims")).unwrap();
        fs::create_dir_all(&shims).unwrap();
        let config = format!("{{\"root\": \"{}/debian/a-1/usr\"}}", store.root());
        fs::write(shims.join(CONFIG), config).unwrap();
        store.remember(&shims).unwrap();
        assert!(uses(&store, "debian/a-1"));
        fs::remove_dir_all(&shims).unwrap();
        assert!(!uses(&store, "debian/a-1"));
    }

    #[test]
    fn a_store_that_cannot_be_written_can_be_used() {
        let store = Store::at("/proc/no-such-folder".into());
        store.enter(&Silent).declare(&[]).lease();
        assert!(store.close().is_err());
    }

    #[test]
    fn cleaning_and_beginning_exclude_each_other() {
        let (_dir, store) = store();
        let gate = store.enter(&Silent);
        assert!(store.close().unwrap().is_none(), "a session is preparing");
        let usage = gate.declare(&[]);
        let closed = store.close().unwrap();
        assert!(closed.is_some(), "it has said what it uses");
        std::thread::scope(|scope| {
            let second = scope.spawn(|| drop(store.enter(&Silent)));
            std::thread::sleep(Duration::from_millis(50));
            assert!(!second.is_finished());
            drop(closed);
            second.join().unwrap();
        });
        drop(usage);
    }
}
