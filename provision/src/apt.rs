//! A private apt: its own lists, cache and empty package status, so that a whole dependency
//! closure of another suite can be fetched without root rights and without changing the system.
//!
//! The system lends its network settings (`Acquire::*`: proxies, certificates, timeouts). Its other
//! configuration is not read, because hooks such as `APT::Update::Post-Invoke` act on the system.
//! apt checks the archive's signatures.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;

use crate::command::{Command, Log};
use crate::error::megabytes;
use crate::machine::Env;
use crate::store::disk_usage;
use crate::suites::{ARCHITECTURES, Architecture};
use crate::{Error, Progress};

/// Names the Debian mirror to use instead of any other.
pub(crate) const MIRROR_VARIABLE: &str = "EMSHIM_DEBIAN_MIRROR";

const NOT_DEBIAN: &str = "emshim gets its own toolchain on Debian and its derivatives only: \
     elsewhere install Emscripten yourself and put `emcc` on PATH (or set EMSDK or EMSHIM_EMCC), \
     and install a host Python of the target's minor version with headers";

const UNREACHABLE: &str = "check the network and the proxy settings of apt; what was downloaded is kept, so run the same \
     command again";

const GONE_ON: &str = "the suite may have gone on to other versions: choose another target, or \
     install Emscripten and Python yourself";

/// The system's apt and dpkg programs.
#[derive(Debug)]
pub(crate) struct Programs {
    pub apt_get: Utf8PathBuf,
    apt_config: Utf8PathBuf,
    pub dpkg_deb: Utf8PathBuf,
    pub architecture: Architecture,
}

impl Programs {
    /// # Errors
    /// This is not a Debian machine, or its architecture is none of [`ARCHITECTURES`].
    pub(crate) fn find(env: &Env) -> Result<Self, Error> {
        let dpkg = env.require("dpkg", NOT_DEBIAN)?;
        let name = Command::new(&dpkg, "", "")
            .args(["--print-architecture"])
            .query()
            .unwrap_or_default();
        Ok(Self {
            apt_get: env.require("apt-get", NOT_DEBIAN)?,
            apt_config: env.require("apt-config", NOT_DEBIAN)?,
            dpkg_deb: env.require("dpkg-deb", NOT_DEBIAN)?,
            architecture: known_architecture(name.trim())?,
        })
    }

    /// The same programs, for another architecture than this machine's.
    ///
    /// # Errors
    /// It is none of [`ARCHITECTURES`].
    pub(crate) fn of_architecture(self, name: &str) -> Result<Self, Error> {
        let architecture = known_architecture(name)?;
        Ok(Self {
            architecture,
            ..self
        })
    }

    /// Downloads a package of the system's own archive into `folder`, by the lists that the system
    /// has. Its apt verifies it.
    ///
    /// # Errors
    /// The lists are not there, lack the package or are too old; or the mirror does not answer.
    pub(crate) fn download_package(
        &self,
        package: &str,
        folder: &Utf8Path,
        log: &Log,
    ) -> Result<(), Error> {
        let step = format!("downloading this system's package {package}");
        Command::new(&self.apt_get, &step, UNREACHABLE)
            .args(["download", package])
            .args(VERIFIED)
            .dir(folder)
            .output(log)
            .map(drop)
    }

    /// What the system's apt is set to, as `apt-config dump` prints it.
    pub(crate) fn configuration(&self, log: &Log) -> Result<String, Error> {
        Command::new(&self.apt_config, "reading apt's configuration", NOT_DEBIAN)
            .args(["dump"])
            .output(log)
    }
}

fn known_architecture(name: &str) -> Result<Architecture, Error> {
    let known = ARCHITECTURES.iter().find(|of| of.debian == name);
    known.copied().ok_or_else(|| Error::Missing {
        what: format!("a toolchain for the architecture `{name}`"),
        why: "is not known to emshim".to_owned(),
        remedy: "install Emscripten and a host Python yourself and put `emcc` on PATH".to_owned(),
    })
}

/// A file of the archive, as `apt-get --print-uris` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Download {
    /// File name in the cache. apt escapes some characters of the version (`:` is `%3a`).
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hexadecimal, from the signed lists.
    pub sha256: String,
}

/// Which lists to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Binary packages.
    Binary,
    /// Source packages.
    Source,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Binary => "deb",
            Self::Source => "deb-src",
        }
    }
}

/// A part of an archive: what a line of sources.list(5) says, and the keys that must have signed it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repository<'a> {
    /// The archive's keys.
    pub keyring: &'a Utf8Path,
    /// Addresses of the archive, the likeliest first.
    pub mirrors: &'a [String],
    /// The suite.
    pub suite: &'a str,
    /// Which lists.
    pub kind: Kind,
    /// Whether a Release file past its date is refused.
    pub check_valid_until: bool,
}

/// A private apt in a folder of its own. The folder survives a killed run, and with it apt's
/// partial downloads.
#[derive(Debug)]
pub(crate) struct Apt<'a> {
    programs: &'a Programs,
    folder: Utf8PathBuf,
    log: &'a Log,
}

impl<'a> Apt<'a> {
    /// Writes the private configuration for one suite and fetches its lists from the first
    /// mirror that has them, signed.
    ///
    /// # Errors
    /// No mirror answers with a properly signed suite.
    pub(crate) fn open(
        programs: &'a Programs,
        folder: Utf8PathBuf,
        repository: Repository<'_>,
        log: &'a Log,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let settings = Settings {
            etc: Etc::Own,
            check_valid_until: repository.check_valid_until,
        };
        let apt = Self::configured(programs, folder, settings, log)?;
        // Nothing else lies among the keys that this apt trusts.
        let keys = apt.folder.join(KEYS);
        fs::create_dir_all(&keys).map_err(Error::io("create", &keys))?;
        let keys = keys.join("debian.gpg");
        fs::copy(repository.keyring, &keys).map_err(Error::io("write", &keys))?;
        let (word, suite) = (repository.kind.word(), repository.suite);
        let mut last = None;
        for mirror in repository.mirrors {
            progress.detail(&format!("package lists of {suite} from {mirror}"));
            let sources = apt.folder.join(SOURCES);
            let line = format!("{word} {mirror} {suite} main\n");
            // The mirror's address may have a password in it.
            whole::replace(sources.as_std_path(), whole::FOR_OWNER, line.as_bytes())
                .map_err(Error::io("write", sources))?;
            let update = apt
                .get(
                    &format!("fetching Debian's package lists from {mirror}"),
                    UNREACHABLE,
                )
                .args(["update", "-o", "APT::Update::Error-Mode=any"])
                .output(log);
            match update {
                Ok(_) => return Ok(apt),
                // Another mirror has the same signatures.
                Err(e) if e.is_unknown_key() => return Err(e),
                Err(e) => last = Some(e),
            }
        }
        Err(last.unwrap_or_else(|| Error::Missing {
            what: "a Debian mirror".to_owned(),
            why: "is not known".to_owned(),
            remedy: format!("set {MIRROR_VARIABLE} to the address of one"),
        }))
    }

    /// An apt of our own on the system's own archive, with the system's sources and keys, and lists
    /// as fresh as they can be had. A source that does not answer is no error; a package
    /// that is missing afterwards is.
    ///
    /// # Errors
    /// The system's apt cannot be asked, or the folder cannot be written.
    pub(crate) fn of_system(
        programs: &'a Programs,
        folder: Utf8PathBuf,
        log: &'a Log,
    ) -> Result<Self, Error> {
        let settings = Settings {
            etc: Etc::System,
            check_valid_until: true,
        };
        let apt = Self::configured(programs, folder, settings, log)?;
        let step = "fetching the system's package lists";
        if let Err(error) = apt.get(step, UNREACHABLE).args(["update"]).output(log) {
            log.line(&error.to_string());
        }
        Ok(apt)
    }

    /// The folder with its configuration; no lists are fetched.
    fn configured(
        programs: &'a Programs,
        folder: Utf8PathBuf,
        settings: Settings,
        log: &'a Log,
    ) -> Result<Self, Error> {
        for below in ["lists/partial", "cache/archives/partial", "none/partial"] {
            let path = folder.join(below);
            fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        }
        let system = programs.configuration(log)?;
        let config = configuration(&folder, programs.architecture.debian, settings, &system)?;
        // No package has a status: nothing counts as installed, so the whole closure is fetched,
        // libc included.
        for (name, text) in [("status", ""), ("apt.conf", &config)] {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::io("write", path))?;
        }
        Ok(Self {
            programs,
            folder,
            log,
        })
    }

    fn get<'s>(&self, step: &'s str, remedy: &'s str) -> Command<'s> {
        Command::new(&self.programs.apt_get, step, remedy)
            .env("APT_CONFIG", self.folder.join("apt.conf"))
            .env("DEBIAN_FRONTEND", "noninteractive")
            .dir(&self.folder)
    }

    /// Folder of complete downloads.
    pub(crate) fn archives(&self) -> Utf8PathBuf {
        self.folder.join("cache/archives")
    }

    /// The whole closure of some packages, whether downloaded already or not.
    ///
    /// # Errors
    /// The suite lacks one of the packages.
    pub(crate) fn closure(&self, packages: &[&str]) -> Result<Vec<Download>, Error> {
        // Files in the cache would not be listed.
        let nowhere = format!("Dir::Cache::archives={}", self.folder.join("none"));
        let text = self
            .get("choosing Debian packages", GONE_ON)
            .args(["install", "--yes", "--print-uris"])
            .args(["-o", &nowhere, "-o", "Acquire::ForceHash=SHA256"])
            .args(packages)
            .output(self.log)?;
        Ok(parse_uris(&text))
    }

    /// Downloads the closure of some packages into [`archives`](Self::archives), going on where a
    /// killed run stopped.
    ///
    /// # Errors
    /// The mirror does not answer, a file is not what the signed lists say, or the disk is full.
    pub(crate) fn download(
        &self,
        packages: &[&str],
        total: u64,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let archives = self.archives();
        self.get("downloading Debian packages", UNREACHABLE)
            .args(["install", "--yes", "--download-only"])
            .args(packages)
            .watched(self.log, &mut || {
                let done = megabytes(disk_usage(&archives)).min(megabytes(total));
                progress.detail(&format!("{done} of {} MB", megabytes(total)));
            })
            .map(drop)
    }

    /// Downloads one package, without what it depends on, into `folder`.
    ///
    /// # Errors
    /// No suite of this apt has it, or the mirror does not answer.
    pub(crate) fn download_package(&self, package: &str, folder: &Utf8Path) -> Result<(), Error> {
        let step = format!("downloading the package {package}");
        self.get(&step, UNREACHABLE)
            .args(["download", package])
            .args(VERIFIED)
            .dir(folder)
            .output(self.log)
            .map(drop)
    }

    /// Downloads the upstream archives of source packages into `folder`. Needs [`Kind::Source`].
    ///
    /// The archives alone: a mirror may lack the rest of a source package.
    ///
    /// # Errors
    /// The suite lacks one of the packages, or the mirror does not answer.
    pub(crate) fn download_sources(
        &self,
        packages: &[&str],
        folder: &Utf8Path,
    ) -> Result<(), Error> {
        self.get("downloading Debian source archives", UNREACHABLE)
            .args(["source", "--download-only", "--tar-only"])
            .args(packages)
            .dir(folder)
            .output(self.log)
            .map(drop)
    }
}

/// Settings of ours that no file of the system overrides: what is not signed is not taken.
pub(crate) const VERIFIED: [&str; 6] = [
    "-o",
    "APT::Get::AllowUnauthenticated=false",
    "-o",
    "Acquire::AllowInsecureRepositories=false",
    "-o",
    "APT::Sandbox::User=",
];

/// Settings that say what to fetch rather than how, or lead back to the system's configuration; ours
/// are in [`configuration`].
const NOT_LENT: &[&str] = &[
    "Acquire::IndexTargets",
    "Acquire::Languages",
    "Acquire::Changelogs",
    "Acquire::cdrom",
    "Acquire::PDiffs",
    "Acquire::CompressionTypes",
    "Acquire::AllowInsecureRepositories",
    "Acquire::AllowWeakRepositories",
    "Acquire::AllowDowngradeToInsecureRepositories",
    "Dir::Etc::main",
    "Dir::Etc::parts",
];

/// The one line of our own sources, in the folder.
const SOURCES: &str = "sources.list";

/// The keys that sign them, in the folder.
const KEYS: &str = "keys";

/// Whose sources, keys and pins apt goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Etc {
    /// Those of our folder: [`SOURCES`] and [`KEYS`].
    Own,
    /// The system's.
    System,
}

/// How private configurations differ.
#[derive(Debug, Clone, Copy)]
struct Settings {
    etc: Etc,
    check_valid_until: bool,
}

/// The private apt.conf(5). `system` is the output of `apt-config dump`.
fn configuration(
    folder: &Utf8Path,
    architecture: &str,
    settings: Settings,
    system: &str,
) -> Result<String, Error> {
    if folder.as_str().contains(['"', '\n', '\\']) {
        return Err(Error::Invalid {
            path: folder.to_string(),
            why: "apt cannot use a folder with quotes, backslashes or line breaks in its name"
                .to_owned(),
            remedy: "set EMSHIM_HOME to a folder with a plain name".to_owned(),
        });
    }
    let mut text = format!(
        r#"Dir::State "{folder}";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Cache::archives "{folder}/cache/archives";
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
APT::Architecture "{architecture}";
APT::Architectures:: "{architecture}";
APT::Install-Recommends "false";
APT::Sandbox::User "";
APT::Color "0";
Debug::NoLocking "true";
Acquire::Languages "none";
Acquire::Retries "2";
"#
    );
    let lent: &[&str] = match settings.etc {
        Etc::Own => &["Acquire::"],
        Etc::System => &["Acquire::", "Dir::Etc::"],
    };
    for line in system.lines() {
        let plain = line.matches('"').count() == 2;
        if plain
            && lent.iter().any(|prefix| line.starts_with(prefix))
            && !NOT_LENT.iter().any(|name| line.starts_with(name))
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    if let Etc::Own = settings.etc {
        text.push_str(&format!(
            r#"Dir::Etc::sourcelist "{folder}/{SOURCES}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "{folder}/{KEYS}";
"#
        ));
    }
    if !settings.check_valid_until {
        text.push_str("Acquire::Check-Valid-Until \"false\";\n");
    }
    Ok(text)
}

/// Lines `'URI' name size SHA256:hash`; all other lines are messages.
fn parse_uris(text: &str) -> Vec<Download> {
    text.lines()
        .filter_map(|line| {
            let (_, rest) = line.strip_prefix('\'')?.split_once("' ")?;
            let mut fields = rest.split(' ');
            Some(Download {
                name: fields.next()?.to_owned(),
                size: fields.next()?.parse().ok()?,
                sha256: fields.next()?.strip_prefix("SHA256:")?.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Settings = Settings {
        etc: Etc::Own,
        check_valid_until: false,
    };

    #[test]
    fn the_private_configuration_takes_over_the_network_and_no_hooks() {
        let system = "\
APT::Update::Post-Invoke:: \"rm -f /var/cache/apt/archives/*.deb || true\";
Acquire::http::Proxy \"http://proxy.example:3128\";
Acquire::https::CAInfo \"/etc/ssl/corp.pem\";
Acquire::Languages:: \"de\";
Acquire::AllowInsecureRepositories \"1\";
Acquire::IndexTargets::deb::DEP-11::MetaKey \"x\";
Acquire::odd \"say \"hi\"\";
";
        let text = configuration("/s/.apt".into(), "arm64", OWN, system).unwrap();
        for line in [
            "Dir::State::status \"/s/.apt/status\";",
            "Dir::Etc::parts \"/dev/null\";",
            "APT::Architectures:: \"arm64\";",
            "Acquire::http::Proxy \"http://proxy.example:3128\";",
            "Acquire::https::CAInfo \"/etc/ssl/corp.pem\";",
            "Acquire::Check-Valid-Until \"false\";",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}");
        }
        for word in ["Post-Invoke", "DEP-11", "\"de\"", "Insecure", "odd"] {
            assert!(!text.contains(word), "{word}");
        }
        let checked = Settings {
            check_valid_until: true,
            ..OWN
        };
        let checked = configuration("/s".into(), "amd64", checked, "").unwrap();
        assert!(!checked.contains("Valid-Until"));
        assert!(configuration("/a\"b".into(), "amd64", OWN, "").is_err());
    }

    #[test]
    fn an_apt_on_the_systems_archive_goes_by_the_systems_sources_and_keys() {
        let system = "\
Dir::Etc \"etc/apt\";
Dir::Etc::sourcelist \"other.list\";
Dir::Etc::trustedparts \"trusted.gpg.d\";
Dir::Etc::parts \"apt.conf.d\";
Dir::Etc::main \"apt.conf\";
Dir::State::lists \"lists/\";
Acquire::http::Proxy \"http://proxy.example:3128\";
";
        let settings = Settings {
            etc: Etc::System,
            check_valid_until: true,
        };
        let text = configuration("/s/.apt".into(), "amd64", settings, system).unwrap();
        for line in [
            "Dir::Etc::sourcelist \"other.list\";",
            "Dir::Etc::trustedparts \"trusted.gpg.d\";",
            "Dir::State::lists \"/s/.apt/lists\";",
            "Acquire::http::Proxy \"http://proxy.example:3128\";",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}");
        }
        for word in [
            "apt.conf\"",
            "apt.conf.d",
            "\"lists/\"",
            "/dev/null\";\nDir::Etc::pref",
        ] {
            assert!(!text.contains(word), "{word}");
        }
        let own = configuration("/s/.apt".into(), "amd64", OWN, system).unwrap();
        assert!(
            !own.contains("other.list") && own.contains("\"/s/.apt/keys\""),
            "{own}"
        );
    }

    #[test]
    fn uris_are_told_from_talk() {
        let text = "\
Reading package lists...
'http://m/pool/a/a_1%2b2_amd64.deb' a_1%3a1+2_amd64.deb 4096 SHA256:00ff
'http://m/pool/b/b.deb' b.deb 12 MD5Sum:aa
Need to get 404 MB of archives.
";
        assert_eq!(
            parse_uris(text),
            [Download {
                name: "a_1%3a1+2_amd64.deb".to_owned(),
                size: 4096,
                sha256: "00ff".to_owned(),
            }]
        );
    }
}
