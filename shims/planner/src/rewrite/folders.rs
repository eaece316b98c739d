//! Whose headers and libraries a folder holds: the target's, the host's, or the project's.

use flags::rules::Rule;
use flags::tables::hosts;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use toolcall::config::ShimConfig;
use toolcall::decision::Ruling;

/// `-I` and its like: the host's folders go, a Python's become the target's.
pub(super) fn headers(config: &ShimConfig, rule: &Rule, folder: &OsStr) -> Ruling {
    let Some(path) = folder.to_str().map(normalise) else {
        return Ruling::Keep;
    };
    let target = config.python_include.as_str();
    if hosts::is_below(&path, &[target, config.emscripten.root.as_str()]) {
        return Ruling::Keep;
    }
    if let Some(rest) = below_python_include(&path) {
        let folder = format!("{target}{rest}");
        let words: Vec<OsString> = match rule.name {
            "-I" => vec![format!("-I{folder}").into()],
            name => vec![name.into(), folder.into()],
        };
        return Ruling::Replace(words, "the target's Python headers, not the host's".into());
    }
    // glib and D-Bus keep headers beside their libraries.
    let host = [hosts::INCLUDE_DIRS, hosts::LIBRARY_DIRS];
    if host.iter().any(|dirs| hosts::is_below(&path, dirs)) && !in_package(&path) {
        return Ruling::drop("a folder of the host's headers");
    }
    Ruling::Keep
}

/// The part of a folder's path below one of the host's folders of headers, if it has one.
pub(crate) fn below_host_headers(folder: &OsStr) -> Option<String> {
    let path = normalise(folder.to_str()?);
    let mut below = hosts::INCLUDE_DIRS
        .iter()
        .filter_map(|dir| path.strip_prefix(dir)?.strip_prefix('/'));
    below.next().map(str::to_owned)
}

/// `-L`: the host's folders go.
pub(super) fn libraries(config: &ShimConfig, folder: &OsStr) -> Ruling {
    let host = folder.to_str().map(normalise).is_some_and(|path| {
        hosts::is_below(&path, hosts::LIBRARY_DIRS)
            && !hosts::is_below(&path, &[config.emscripten.root.as_str()])
            && !in_package(&path)
    });
    if host {
        return Ruling::drop("a folder of the host's libraries");
    }
    Ruling::Keep
}

/// An absolute path without `.`, `..` and doubled slashes, by its text alone; others unchanged.
fn normalise(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What follows a Python's header folder, such as `/include/python3.11t`, in a path.
fn below_python_include(path: &str) -> Option<&str> {
    let is_python = |part: &str| {
        let version = part.strip_prefix("python3.");
        version.is_some_and(|version| {
            let digits = version.trim_end_matches(['d', 't']);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().rposition(|part| is_python(part))?;
    let in_headers = parts[..at].contains(&"include") && path.starts_with('/');
    let end: usize = parts[..=at].iter().map(|part| part.len() + 1).sum();
    in_headers.then(|| path.get(end - 1..).unwrap_or_default())
}

/// Whether a path lies where Python packages are installed.
fn in_package(path: &str) -> bool {
    Path::new(path).components().any(|part| {
        hosts::PACKAGE_DIRS
            .iter()
            .any(|dir| part.as_os_str() == *dir)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_folders_of_any_python_are_seen() {
        assert_eq!(below_python_include("/usr/include/python3.11"), Some(""));
        assert_eq!(
            below_python_include("/v/include/python3.13t/internal"),
            Some("/internal")
        );
        assert_eq!(
            below_python_include("/usr/include/x86_64-linux-gnu/python3.11"),
            Some("")
        );
        assert_eq!(below_python_include("/v/lib/python3.13/x"), None);
        assert_eq!(below_python_include("/v/include/python3"), None);
        assert_eq!(below_python_include("include/python3.11"), None);
    }

    #[test]
    fn paths_are_compared_without_detours() {
        assert_eq!(normalise("/usr//lib/./../include/"), "/usr/include");
        assert_eq!(normalise("/.."), "/");
        assert_eq!(normalise("../usr"), "../usr");
    }
}
