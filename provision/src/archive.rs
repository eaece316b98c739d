//! How this machine reaches Debian's archive: with which keys, and at which mirrors.
//!
//! A Debian machine has both. A system that works like Debian under another name (Ubuntu, Mint) has
//! neither, but packages of its own archive carry them: the system's own apt gets those, verified
//! by the system's own keys, and they are unpacked into the store. Nothing is installed.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::apt::{Apt, Kind, MIRROR_VARIABLE, Programs, Repository};
use crate::command::Log;
use crate::machine::Env;
use crate::mirrors;
use crate::store::{Slot, State, remove_tree};
use crate::unpack::unpack_in_place;
use crate::{Error, Progress, Store};

/// A package that carries a fact about Debian's archive, in Debian and in Ubuntu.
#[derive(Debug, Clone, Copy)]
struct Carrier {
    package: &'static str,
    /// Where the fact is, below `/` where the package is installed: the first file that is there.
    files: &'static [&'static str],
}

impl Carrier {
    /// Its file, where the package is installed in or unpacked into `root`.
    fn find_in(&self, root: &Utf8Path) -> Option<Utf8PathBuf> {
        let files = self.files.iter().map(|file| root.join(file));
        files.into_iter().find(|file| file.is_file())
    }
}

/// The keys that sign Debian's archive.
const KEYS: Carrier = Carrier {
    package: "debian-archive-keyring",
    files: &[
        "usr/share/keyrings/debian-archive-keyring.gpg",
        "usr/share/keyrings/debian-archive-keyring.pgp",
    ],
};

/// Finds addresses in a file's text.
type Read = fn(&str) -> Vec<String>;

/// Addresses of Debian's mirrors, and how they are read: what a system's software sources are set
/// to, and what a new system is installed from. The latter needs no certificates.
const MIRRORS: &[(Carrier, Read)] = &[
    (
        Carrier {
            package: "python-apt-common",
            files: &["usr/share/python-apt/templates/Debian.info"],
        },
        mirrors::of_template,
    ),
    (
        Carrier {
            package: "debootstrap",
            files: &["usr/sbin/debootstrap"],
        },
        mirrors::of_debootstrap,
    ),
];

/// Releases of Debian that may be signed with keys a machine has, and carry newer ones, the newest
/// release first: a release gets the next one's keys in its life. (Ubuntu 22.04 has the keys of
/// Debian 11.)
const OLDER: &[&str] = &["oldstable", "oldoldstable"];

/// What this machine knows of Debian's archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archive {
    /// The keys.
    pub keyring: Utf8PathBuf,
    /// Addresses, the likeliest first; at least one.
    pub mirrors: Vec<String>,
}

impl Archive {
    /// What the system and the store have; nothing is got.
    ///
    /// # Errors
    /// The keys or a mirror's address are missing.
    pub(crate) fn look(env: &Env, store: &Store, programs: &Programs) -> Result<Self, Error> {
        let missing = "are not on this system";
        let keyring = keyring(store).ok_or_else(|| no_keys(missing.to_owned()))?;
        let mirrors = mirrors(env, store, programs);
        if mirrors.is_empty() {
            return Err(no_mirror(missing.to_owned()));
        }
        Ok(Self { keyring, mirrors })
    }

    /// What the system and the store have; the rest comes from the system's own archive.
    ///
    /// # Errors
    /// The keys or a mirror's address cannot be had.
    pub(crate) fn provide(
        env: &Env,
        store: &Store,
        programs: &Programs,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        if let Ok(there) = Self::look(env, store, programs) {
            return Ok(there);
        }
        // One process at a time, because the package lists serve both facts.
        let what = "this system's package lists";
        let system = Slot::new(&store.archive(), "system", what, []);
        let _turn = system.lock(progress)?;
        let lists = system.sibling("apt");
        let got = Self::get(env, store, programs, &lists, progress);
        remove_tree(&lists)?;
        got?;
        Self::look(env, store, programs)
    }

    /// Gets what is missing from the system's own archive; `lists` is a folder for package lists.
    fn get(
        env: &Env,
        store: &Store,
        programs: &Programs,
        lists: &Utf8Path,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let nowhere = |error: Error| {
            let why = error.brief();
            format!("are neither on this system nor to be had from its own archive ({why})")
        };
        if keyring(store).is_none() {
            let kept = StoredFiles::keys(store);
            kept.get_from_system(programs, lists, progress)
                .map_err(|e| no_keys(nowhere(e)))?;
        }
        if mirrors(env, store, programs).is_empty() {
            let kept = StoredFiles::mirrors(store);
            kept.get_from_system(programs, lists, progress)
                .map_err(|e| no_mirror(nowhere(e)))?;
        }
        Ok(())
    }

    /// Opens a private apt in `folder` on a suite.
    ///
    /// # Errors
    /// No mirror answers with a suite signed by a key that is known, or that a known one vouches for.
    pub(crate) fn open<'a>(
        &self,
        store: &Store,
        programs: &'a Programs,
        folder: &Utf8Path,
        suite: (&str, Kind, bool),
        log: &'a Log,
        progress: &dyn Progress,
    ) -> Result<Apt<'a>, Error> {
        let open = |archive: &Self| {
            let repository = archive.repository(suite);
            Apt::open(programs, folder.to_owned(), repository, log, progress)
        };
        let too_old = |error| too_old(&self.keyring, suite.0, &error);
        match open(self) {
            Err(error) if error.is_unknown_key() => {
                log.line(&error.to_string());
                let newer = StoredFiles::newer_keys(store);
                if !newer.is_there() {
                    newer
                        .get_from_older_releases(self, programs, progress)
                        .map_err(too_old)?;
                }
                let newer = Self {
                    keyring: newer.file(&KEYS),
                    mirrors: self.mirrors.clone(),
                };
                open(&newer).map_err(|error| match error.is_unknown_key() {
                    true => too_old(error),
                    false => error,
                })
            }
            done => done,
        }
    }

    fn repository<'a>(&'a self, (suite, kind, check): (&'a str, Kind, bool)) -> Repository<'a> {
        Repository {
            keyring: &self.keyring,
            mirrors: &self.mirrors,
            suite,
            kind,
            check_valid_until: check,
        }
    }
}

/// Debian's keys: the system's, or those in the store.
fn keyring(store: &Store) -> Option<Utf8PathBuf> {
    KEYS.find_in("/".into()).or_else(|| {
        let kept = StoredFiles::keys(store);
        kept.is_there().then(|| kept.file(&KEYS))
    })
}

/// Debian's mirrors: the user's choice; those of the system's sources; or what packages say that
/// the system or the store has.
fn mirrors(env: &Env, store: &Store, programs: &Programs) -> Vec<String> {
    if let Some(mirror) = env.path(MIRROR_VARIABLE) {
        return vec![mirror.into_string()];
    }
    let sources = mirrors::of_system(programs);
    if !sources.is_empty() {
        return sources;
    }
    let kept = StoredFiles::mirrors(store);
    let read = |place: &dyn Fn(&Carrier) -> Option<Utf8PathBuf>| {
        mirrors::distinct(MIRRORS.iter().flat_map(|(carrier, addresses)| {
            let text = place(carrier).and_then(|file| fs::read_to_string(file).ok());
            addresses(&text.unwrap_or_default())
        }))
    };
    let installed = read(&|carrier| carrier.find_in("/".into()));
    if installed.is_empty() && kept.is_there() {
        return read(&|carrier| Some(kept.file(carrier)));
    }
    installed
}

/// Files of carriers in the store, each under its package's name.
struct StoredFiles<'a> {
    store: &'a Store,
    name: &'static str,
    what: &'static str,
    carriers: Vec<Carrier>,
    slot: Slot,
}

/// The folders of all that is kept.
pub(crate) fn slots(store: &Store) -> [Slot; 3] {
    [
        StoredFiles::keys,
        StoredFiles::newer_keys,
        StoredFiles::mirrors,
    ]
    .map(|kept| kept(store).slot)
}

/// Gets a package into a folder.
type Download<'a> = &'a dyn Fn(&str, &Utf8Path) -> Result<(), Error>;

impl<'a> StoredFiles<'a> {
    fn keys(store: &'a Store) -> Self {
        let what = "the keys of Debian's archive";
        Self::new(store, "keys", what, vec![KEYS])
    }

    fn newer_keys(store: &'a Store) -> Self {
        let what = "newer keys of Debian's archive";
        Self::new(store, "newer-keys", what, vec![KEYS])
    }

    fn mirrors(store: &'a Store) -> Self {
        let what = "the addresses of Debian's mirrors";
        let carriers = MIRRORS.iter().map(|(carrier, _)| *carrier);
        Self::new(store, "mirrors", what, carriers.collect())
    }

    fn new(
        store: &'a Store,
        name: &'static str,
        what: &'static str,
        carriers: Vec<Carrier>,
    ) -> Self {
        let packages = carriers.iter().map(|carrier| carrier.package);
        let files = carriers.iter().flat_map(|carrier| carrier.files);
        let parts = packages.chain(files.copied());
        let slot = Slot::new(&store.archive(), name, what, parts);
        Self {
            store,
            name,
            what,
            carriers,
            slot,
        }
    }

    fn is_there(&self) -> bool {
        // The files do not know their own place, so moved ones are as good.
        self.slot.state() != State::Absent
    }

    /// Where a carrier's file is, or would be.
    fn file(&self, carrier: &Carrier) -> Utf8PathBuf {
        self.slot.folder().join(carrier.package)
    }

    /// Gets what the system's own archive has of the carriers, by the lists that the system has,
    /// else by lists of our own in the folder `lists`.
    ///
    /// # Errors
    /// It has none of them.
    fn get_from_system(
        &self,
        programs: &Programs,
        lists: &Utf8Path,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        self.make(progress, |staging, log| {
            let by_lists_there = self.carry(staging, programs, log, &|package, to| {
                programs.download_package(package, to, log)
            });
            by_lists_there.or_else(|error| {
                log.line(&error.to_string());
                progress.detail("the system's package lists");
                let apt = Apt::of_system(programs, lists.to_owned(), log)?;
                self.carry(staging, programs, log, &|package, to| {
                    apt.download_package(package, to)
                })
            })
        })
    }

    /// Gets the carriers from a release of [`OLDER`] that the archive's keys verify.
    ///
    /// # Errors
    /// They verify none.
    fn get_from_older_releases(
        &self,
        archive: &Archive,
        programs: &Programs,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let lists = self.slot.sibling("apt");
        self.make(progress, |staging, log| {
            first_success(OLDER, |suite| {
                // A release that is supported no more is not signed anew.
                let repository = archive.repository((suite, Kind::Binary, false));
                let apt = Apt::open(programs, lists.clone(), repository, log, progress)?;
                self.carry(staging, programs, log, &|package, to| {
                    apt.download_package(package, to)
                })
            })
        })?;
        remove_tree(&lists)
    }

    /// Makes the folder, unless another process just has. `fill` gets the folder to fill and the
    /// log.
    fn make(
        &self,
        progress: &dyn Progress,
        fill: impl Fn(&Utf8Path, &Log) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let work = self.slot.lock(progress)?;
        if self.is_there() {
            return Ok(());
        }
        let staging = work.staging()?;
        let log = Log::create(&self.store.log(), self.name)?;
        progress.step(&format!("getting {}", self.what), || fill(staging, &log))?;
        work.place()?;
        work.finish(BTreeMap::new()).map(drop)
    }

    /// Downloads and unpacks the carriers, and keeps their files in `to`.
    ///
    /// # Errors
    /// None is to be had.
    fn carry(
        &self,
        to: &Utf8Path,
        programs: &Programs,
        log: &Log,
        download: Download<'_>,
    ) -> Result<(), Error> {
        let one = |carrier: &Carrier| {
            let folder = to.join("unpacking");
            remove_tree(&folder)?;
            fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
            download(carrier.package, &folder)?;
            unpack_in_place(&programs.dpkg_deb, &folder, log)?;
            let unpacked = carrier.find_in(&folder).ok_or_else(|| Error::Missing {
                what: format!("the package {}", carrier.package),
                why: format!("does not hold {}", carrier.files.join(" or ")),
                remedy: "report it as a defect of emshim".to_owned(),
            })?;
            let place = to.join(carrier.package);
            fs::copy(&unpacked, &place).map_err(Error::io("write", &place))?;
            remove_tree(&folder)
        };
        let results: Vec<_> = self.carriers.iter().map(one).collect();
        // One that is there is enough, but each is tried: the first may prove useless.
        if results.iter().any(Result::is_ok) {
            return Ok(());
        }
        first_success(results, |result| result)
    }
}

/// The first success among attempts, or the last one's error.
fn first_success<T>(
    attempts: impl IntoIterator<Item = T>,
    mut attempt: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut result = Ok(());
    for one in attempts {
        result = attempt(one);
        if result.is_ok() {
            break;
        }
    }
    result
}

fn no_keys(why: String) -> Error {
    Error::Missing {
        what: "the keys of Debian's archive".to_owned(),
        why,
        remedy: format!(
            "install the package {} (Ubuntu has it in its component universe), or an Emscripten \
             and a Python of your own",
            KEYS.package
        ),
    }
}

fn no_mirror(why: String) -> Error {
    Error::Missing {
        what: "the addresses of Debian's mirrors".to_owned(),
        why,
        remedy: format!(
            "set {MIRROR_VARIABLE} to one, or install an Emscripten and a Python of your own"
        ),
    }
}

fn too_old(keyring: &Utf8Path, suite: &str, error: &Error) -> Error {
    let why = error.brief();
    Error::Missing {
        what: keyring.to_string(),
        why: format!(
            "has none of the keys that sign Debian {suite}, nor of those that vouch for them ({why})"
        ),
        remedy: format!("install a newer {}", KEYS.package),
    }
}
