//! A private apt: its own lists, cache and empty package status, so that a whole dependency
//! closure of another suite can be fetched without root rights and without changing the system.
//!
//! The system lends its mirror, its archive keyring and its network settings (`Acquire::*`:
//! proxies, certificates, timeouts). Its other configuration is not read, because hooks such as
//! `APT::Update::Post-Invoke` act on the system. apt checks the archive's signatures.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Command, Log};
use crate::error::megabytes;
use crate::machine::Env;
use crate::store::disk_usage;
use crate::suites::{ARCHITECTURES, Architecture};
use crate::{Error, Progress};

/// Names the Debian mirror to use instead of the system's own.
pub(crate) const MIRROR_VARIABLE: &str = "EMSHIM_DEBIAN_MIRROR";

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

const NOT_DEBIAN: &str = "emshim gets its own toolchain on Debian and its derivatives only: \
     elsewhere install Emscripten yourself and put `emcc` on PATH (or set EMSHIM_EMCC), and \
     install a host Python of the target's minor version with headers";

const UNREACHABLE: &str = "check the network and the proxy settings of apt; what was downloaded is kept, so run the same \
     command again";

const GONE_ON: &str = "the suite may have gone on to other versions: choose another target, or \
     install Emscripten and Python yourself";

/// The system's apt and dpkg programs.
#[derive(Debug)]
pub(crate) struct Programs {
    apt_get: Utf8PathBuf,
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
        let architecture = ARCHITECTURES
            .iter()
            .find(|a| a.debian == name.trim())
            .ok_or_else(|| Error::Missing {
                what: format!("a toolchain for the architecture `{}`", name.trim()),
                why: "is not known to emshim".to_owned(),
                remedy: "install Emscripten and a host Python yourself and put `emcc` on PATH"
                    .to_owned(),
            })?;
        Ok(Self {
            apt_get: env.require("apt-get", NOT_DEBIAN)?,
            apt_config: env.require("apt-config", NOT_DEBIAN)?,
            dpkg_deb: env.require("dpkg-deb", NOT_DEBIAN)?,
            architecture: *architecture,
        })
    }
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
    /// No mirror is known, the archive keyring is missing, or no mirror answers with a properly
    /// signed suite.
    pub(crate) fn open(
        env: &Env,
        programs: &'a Programs,
        folder: Utf8PathBuf,
        (suite, kind, check_valid_until): (&str, Kind, bool),
        log: &'a Log,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        require_keyring()?;
        for below in ["lists/partial", "cache/archives/partial", "none/partial"] {
            let path = folder.join(below);
            fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        }
        let apt = Self {
            programs,
            folder,
            log,
        };
        let write = |name: &str, text: &str| {
            let path = apt.folder.join(name);
            fs::write(&path, text).map_err(Error::io("write", path))
        };
        // Empty: nothing counts as installed, so the whole closure is fetched, libc included.
        write("status", "")?;
        let system = Command::new(
            &programs.apt_config,
            "reading apt's configuration",
            NOT_DEBIAN,
        )
        .args(["dump"])
        .output(log)?;
        let config = configuration(
            &apt.folder,
            programs.architecture.debian,
            check_valid_until,
            &system,
        )?;
        write("apt.conf", &config)?;

        let mut last = None;
        for mirror in mirrors(env, programs)? {
            progress.detail(&format!("package lists of {suite} from {mirror}"));
            let word = kind.word();
            write(
                "sources.list",
                &format!("{word} [signed-by={KEYRING}] {mirror} {suite} main\n"),
            )?;
            let update = apt
                .get(
                    &format!("fetching Debian's package lists from {mirror}"),
                    UNREACHABLE,
                )
                .args(["update", "-o", "APT::Update::Error-Mode=any"])
                .output(log);
            match update {
                Ok(_) => return Ok(apt),
                Err(e) => last = Some(e),
            }
        }
        Err(last.unwrap_or_else(no_mirror))
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

/// Debian mirrors, the likeliest first.
///
/// # Errors
/// None is known.
pub(crate) fn mirrors(env: &Env, programs: &Programs) -> Result<Vec<String>, Error> {
    if let Some(mirror) = env.path(MIRROR_VARIABLE) {
        return Ok(vec![mirror.into_string()]);
    }
    let system = |args: &[&str]| {
        Command::new(&programs.apt_get, "", "")
            .args(args)
            .query()
            .unwrap_or_default()
    };
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let mut mirrors = mirrors_from_targets(
        &system(&["indextargets", "--format", TARGET_FORMAT]),
        os_field(&os_release, "VERSION_CODENAME"),
    );
    if mirrors.is_empty() && os_field(&os_release, "ID") == Some("debian") {
        // No lists on this machine (as in a fresh container), so no origins either.
        mirrors = mirrors_from_sources(
            &system(&["update", "--print-uris"]),
            os_field(&os_release, "VERSION_CODENAME"),
        );
    }
    if mirrors.is_empty() {
        return Err(no_mirror());
    }
    Ok(mirrors)
}

/// # Errors
/// The archive's keys are not on this machine.
pub(crate) fn require_keyring() -> Result<(), Error> {
    if Utf8Path::new(KEYRING).exists() {
        return Ok(());
    }
    Err(Error::Missing {
        what: KEYRING.to_owned(),
        why: "is not there, so packages cannot be verified".to_owned(),
        remedy: "install the package debian-archive-keyring".to_owned(),
    })
}

fn no_mirror() -> Error {
    Error::Missing {
        what: "a Debian mirror".to_owned(),
        why: "is not among this system's apt sources".to_owned(),
        remedy: format!(
            "set {MIRROR_VARIABLE} to the address of one (and install the package \
             debian-archive-keyring)"
        ),
    }
}

/// What the system's `apt-get indextargets` is asked for, one line a target.
const TARGET_FORMAT: &str = "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)";

/// Mirrors of Debian's main archive among the system's index targets: origin and label say which
/// repositories are Debian's own; the system's own release comes first, then other whole releases,
/// then partial ones (`-updates`, `-backports`).
fn mirrors_from_targets(targets: &str, codename: Option<&str>) -> Vec<String> {
    let mut found: Vec<(u8, String)> = Vec::new();
    for line in targets.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let ["Packages", "Debian", "Debian", release, "main", uri] = fields[..] else {
            continue;
        };
        let rank = match release {
            _ if Some(release) == codename => 0,
            _ if !release.contains('-') => 1,
            _ => 2,
        };
        found.push((rank, uri.trim_end_matches('/').to_owned()));
    }
    found.sort_by_key(|(rank, _)| *rank);
    distinct(found.into_iter().map(|(_, uri)| uri))
}

/// Mirrors among what `apt-get update --print-uris` would fetch: those asked for the system's own
/// release. A third party's repository may use the same release name; the signature then decides.
fn mirrors_from_sources(uris: &str, codename: Option<&str>) -> Vec<String> {
    let releases = ["stable", "oldstable", "testing", "unstable", "sid"];
    let mirrors = uris.lines().filter_map(|line| {
        let uri = line.strip_prefix('\'')?.split('\'').next()?;
        let (mirror, below) = uri.split_once("/dists/")?;
        let release = below.strip_suffix("/InRelease")?;
        (Some(release) == codename || releases.contains(&release)).then(|| mirror.to_owned())
    });
    distinct(mirrors)
}

fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for item in items {
        if !list.contains(&item) {
            list.push(item);
        }
    }
    list
}

/// A field of os-release(5).
fn os_field<'a>(os_release: &'a str, name: &str) -> Option<&'a str> {
    os_release
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .map(|value| value.trim_matches('"'))
}

/// `Acquire::` settings that say what to fetch rather than how; ours are in [`configuration`].
const NOT_NETWORK: &[&str] = &[
    "Acquire::IndexTargets",
    "Acquire::Languages",
    "Acquire::Changelogs",
    "Acquire::cdrom",
    "Acquire::PDiffs",
    "Acquire::CompressionTypes",
    "Acquire::AllowInsecureRepositories",
    "Acquire::AllowWeakRepositories",
    "Acquire::AllowDowngradeToInsecureRepositories",
];

/// The private apt.conf(5). `system` is the output of `apt-config dump`.
fn configuration(
    folder: &Utf8Path,
    architecture: &str,
    check_valid_until: bool,
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
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
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
    for line in system.lines().filter(|line| line.starts_with("Acquire::")) {
        let plain = line.matches('"').count() == 2;
        if plain && !NOT_NETWORK.iter().any(|name| line.starts_with(name)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    if !check_valid_until {
        text.push_str("Acquire::Check-Valid-Until \"false\";\n");
    }
    Ok(text)
}

/// Lines `'URI' name size SHA256:hash`; all other lines are talk.
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

    const TARGETS: &str = "\
Packages|Google|Some SDK|sdk-bookworm|main|https://sdk.example/apt/
Packages|Debian|Debian|bookworm-updates|main|http://updates.example/debian/
Packages|Debian|Debian|bookworm|contrib|http://contrib.example/debian/
DEP-11|Debian|Debian|bookworm|main|http://icons.example/debian/
Packages|Debian|Debian-Security|bookworm-security|main|http://security.example/
Packages|Debian|Debian|bookworm|main|http://mirror.example/debian/
Packages|Debian|Debian|trixie|main|http://newer.example/debian/
Packages|. bookworm|. bookworm|bookworm|main|https://third.example/
";

    #[test]
    fn debians_own_main_archive_of_the_systems_release_comes_first() {
        assert_eq!(
            mirrors_from_targets(TARGETS, Some("bookworm")),
            [
                "http://mirror.example/debian",
                "http://newer.example/debian",
                "http://updates.example/debian"
            ]
        );
        assert!(
            mirrors_from_targets("Packages|Ubuntu|Ubuntu|noble|main|http://u/", None).is_empty()
        );
    }

    #[test]
    fn without_lists_the_sources_of_the_systems_release_count() {
        let uris = "\
'http://m.example/debian/dists/bookworm/InRelease' m_InRelease 0 
'http://m.example/debian/dists/bookworm-updates/InRelease' m_u_InRelease 0 
'https://node.example/node/dists/nodistro/InRelease' n_InRelease 0 
'http://m.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' p 0 
'mirror+file:/etc/apt/mirrors/debian.list/dists/stable/InRelease' x 0 
";
        assert_eq!(
            mirrors_from_sources(uris, Some("bookworm")),
            [
                "http://m.example/debian",
                "mirror+file:/etc/apt/mirrors/debian.list"
            ]
        );
    }

    #[test]
    fn os_release_fields() {
        let text = "NAME=\"Debian GNU/Linux\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        assert_eq!(os_field(text, "ID"), Some("debian"));
        assert_eq!(os_field(text, "NAME"), Some("Debian GNU/Linux"));
        assert_eq!(os_field(text, "VERSION"), None);
    }

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
        let text = configuration("/s/.apt".into(), "arm64", false, system).unwrap();
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
        let checked = configuration("/s".into(), "amd64", true, "").unwrap();
        assert!(!checked.contains("Valid-Until"));
        assert!(configuration("/a\"b".into(), "amd64", true, "").is_err());
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
