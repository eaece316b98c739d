//! A wheel's metadata folder, held to what installers ask of it: a wheel that is placed can be installed.
//! Source: the specification "Binary distribution format", and pip's `utils/wheel.py`.

use std::collections::BTreeSet;

use super::archive::{Entries, is_dist_info};
use super::name::{WheelName, normalise};

/// The metadata folder.
///
/// # Errors
/// Why installers refuse the wheel.
pub(crate) fn folder(wheel: &WheelName, entries: &Entries) -> Result<String, String> {
    let tops = entries
        .keys()
        .filter(|path| is_dist_info(path))
        .filter_map(|path| Some(path.split_once('/')?.0));
    let folders: BTreeSet<&str> = tops.collect();
    let wanted = format!("{}-{}.dist-info", wheel.name, wheel.version);
    let folder = match folders.iter().collect::<Vec<_>>()[..] {
        [] => return Err(format!("it has no folder {wanted}")),
        [only] => (*only).to_owned(),
        [..] => {
            let all: Vec<&str> = folders.into_iter().collect();
            return Err(format!(
                "it has several metadata folders: {}",
                all.join(", ")
            ));
        }
    };
    let project = folder.split('-').next().unwrap_or_default();
    if normalise(project) != wheel.project() {
        return Err(format!("its metadata folder is {folder}, not {wanted}"));
    }
    let name = field(entries, &folder, "METADATA", "Name")?;
    if normalise(name) != wheel.project() {
        return Err(format!("{folder}/METADATA calls it {name:?}"));
    }
    field(entries, &folder, "METADATA", "Version")?;
    let version = field(entries, &folder, "WHEEL", "Wheel-Version")?;
    if version.split('.').next() != Some("1") {
        return Err(format!(
            "{folder}/WHEEL has Wheel-Version {version:?}, and installers know 1"
        ));
    }
    Ok(folder)
}

/// A field of a file's head, which ends at an empty line.
fn field<'e>(
    entries: &'e Entries,
    folder: &str,
    file: &str,
    name: &str,
) -> Result<&'e str, String> {
    let path = format!("{folder}/{file}");
    let entry = entries.get(&path).ok_or(format!("it has no {path}"))?;
    let text = std::str::from_utf8(&entry.bytes).map_err(|_| format!("{path} is not UTF-8"))?;
    let head = text.lines().take_while(|line| !line.trim_end().is_empty());
    let pair = |line: &'e str| line.split_once(':');
    let mut pairs = head.filter_map(pair);
    pairs
        .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value.trim()))
        .filter(|value| !value.is_empty())
        .ok_or(format!("{path} has no {name}"))
}

#[cfg(test)]
mod tests {
    use super::super::archive::Entry;
    use super::*;

    const GOOD: &[(&str, &str)] = &[
        (
            "p_q-1.dist-info/METADATA",
            "Metadata-Version: 2.1\r\nname: P.Q\r\nVersion: 1\r\n\r\nName: text\r\n",
        ),
        ("p_q-1.dist-info/WHEEL", "Wheel-Version: 1.9\n"),
        ("a/vendored-2.dist-info/WHEEL", "Wheel-Version: 1.0\n"),
    ];

    fn told(changes: &[(&str, Option<&str>)]) -> Result<String, String> {
        let entry = |text: &str| Entry {
            bytes: text.into(),
            executable: false,
        };
        let mut entries: Entries = GOOD
            .iter()
            .map(|(path, text)| ((*path).to_owned(), entry(text)))
            .collect();
        for (path, text) in changes {
            match text {
                Some(text) => drop(entries.insert((*path).to_owned(), entry(text))),
                None => drop(entries.remove(*path)),
            }
        }
        folder(
            &WheelName::parse("p_q-1-py3-none-any.whl").unwrap(),
            &entries,
        )
    }

    #[test]
    fn the_wheels_own_folder_is_found() {
        assert_eq!(told(&[]).unwrap(), "p_q-1.dist-info");
    }

    #[test]
    fn what_installers_refuse_is_refused() {
        let (metadata, wheel) = (GOOD[0].0, GOOD[1].0);
        for (changes, why) in [
            (
                &[(metadata, None)][..],
                "it has no p_q-1.dist-info/METADATA",
            ),
            (&[(wheel, None)], "it has no p_q-1.dist-info/WHEEL"),
            (
                &[(metadata, None), (wheel, None)],
                "it has no folder p_q-1.dist-info",
            ),
            (
                &[(metadata, Some("Name: other\nVersion: 1\n"))],
                "calls it \"other\"",
            ),
            (&[(metadata, Some("Name: p-q\n"))], "has no Version"),
            (&[(metadata, Some("\nName: p-q\n"))], "has no Name"),
            (
                &[(wheel, Some("Wheel-Version: 2.0\n"))],
                "installers know 1",
            ),
            (
                &[("r-1.dist-info/METADATA", Some(""))],
                "p_q-1.dist-info, r-1.dist-info",
            ),
            (
                &[
                    (metadata, None),
                    (wheel, None),
                    ("r-1.dist-info/WHEEL", Some("")),
                ],
                "r-1.dist-info, not p_q-1.dist-info",
            ),
        ] {
            let told = told(changes).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
