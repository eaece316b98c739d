//! Where Debian's mirrors are, as the system's apt and files of packages tell it.

use std::fs;

use crate::apt::Programs;
use crate::command::Command;

/// Debian mirrors among the system's sources, the likeliest first.
pub(crate) fn of_system(programs: &Programs) -> Vec<String> {
    let system = |args: &[&str]| {
        Command::new(&programs.apt_get, "", "")
            .args(args)
            .query()
            .unwrap_or_default()
    };
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = os_field(&os_release, "VERSION_CODENAME");
    let targets = system(&["indextargets", "--format", TARGET_FORMAT]);
    let mirrors = mirrors_from_targets(&targets, codename);
    if mirrors.is_empty() && os_field(&os_release, "ID") == Some("debian") {
        // No lists on this machine (as in a fresh container), so no origins either.
        return mirrors_from_sources(&system(&["update", "--print-uris"]), codename);
    }
    mirrors
}

/// The archives of `Debian.info`, a template of python-apt: the `BaseURI` of those paragraphs that
/// name a file of mirrors. (Archives without mirrors are others: security updates.)
pub(crate) fn of_template(text: &str) -> Vec<String> {
    let paragraphs = text.split("\n\n");
    let field = |paragraph: &str, name: &str| {
        let value = paragraph
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(value.trim().trim_end_matches('/').to_owned())
    };
    distinct(paragraphs.filter_map(|paragraph| {
        field(paragraph, "MirrorsFile")?;
        field(paragraph, "BaseURI")
    }))
}

/// The mirror that debootstrap, a shell script, takes when it is told none.
pub(crate) fn of_debootstrap(text: &str) -> Vec<String> {
    let values = text
        .lines()
        .filter_map(|line| line.strip_prefix("DEF_MIRROR="));
    distinct(values.map(|value| value.trim_matches('"').trim_end_matches('/').to_owned()))
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

/// The items without repetitions, in order.
pub(crate) fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
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
    fn a_template_names_the_archives_that_have_mirrors() {
        let text = "\
ChangelogURI: https://changes.example/%s

Suite: {series}
RepositoryType: deb
BaseURI: https://mirror.example/debian/
MirrorsFile: Debian.mirrors
Component: main

Suite: {series}-security
BaseURI: https://security.example/
ParentSuite: {series}

Suite: sid
BaseURI: https://mirror.example/debian/
MirrorsFile: Debian.mirrors
";
        assert_eq!(of_template(text), ["https://mirror.example/debian"]);
        assert!(of_template("").is_empty());
    }

    #[test]
    fn debootstrap_has_a_mirror_of_its_own() {
        let text = "#!/bin/sh\nDEF_MIRROR=\"http://m.example/debian\"\n\
                    DEF_HTTPS_MIRROR=\"https://m.example/debian\"\nMIRRORS=\"$DEF_MIRROR\"\n";
        assert_eq!(of_debootstrap(text), ["http://m.example/debian"]);
        assert!(of_debootstrap("").is_empty());
    }
}
