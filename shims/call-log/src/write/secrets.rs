//! What of a call may be stored: a list of environment variables, and no passwords in URLs.

use std::ffi::{OsStr, OsString};

/// Environment variables that explain what a tool did, sorted. A name that ends in `*` stands for
/// all that begin so.
#[rustfmt::skip]
pub const ALLOWED: &[&str] = &[
    "AR", "ARCHFLAGS", "ARFLAGS", "AS", "CC", "CCACHE_DIR", "CFLAGS", "CMAKE_BUILD_TYPE",
    "CMAKE_GENERATOR", "CMAKE_PREFIX_PATH", "CMAKE_TOOLCHAIN_FILE", "CPATH", "CPLUS_INCLUDE_PATH",
    "CPP", "CPPFLAGS", "CXX", "CXXFLAGS", "C_INCLUDE_PATH", "EMCC_*", "EMMAKEN_*", "EMSDK",
    "EMSDK_PYTHON", "EMSHIM_*", "EM_CACHE", "EM_COMPILER_WRAPPER", "EM_CONFIG",
    "EM_PKG_CONFIG_PATH", "F77", "F90", "FC", "FFLAGS", "HOME", "LANG", "LC_ALL", "LC_CTYPE",
    "LC_MESSAGES", "LD", "LDFLAGS", "LDSHARED", "LIBRARY_PATH", "LIBS", "MAKEFLAGS", "MAKELEVEL",
    "NM", "OBJC_INCLUDE_PATH", "PATH", "PKG_CONFIG", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_PATH",
    "PKG_CONFIG_SYSROOT_DIR", "PYODIDE", "PYODIDE_*", "PYTHON", "PYTHONHASHSEED", "PYTHONHOME",
    "PYTHONPATH", "RANLIB", "SETUPTOOLS_SCM_PRETEND_VERSION", "SHELL", "SOURCE_DATE_EPOCH", "STRIP",
    "TMPDIR", "TZ", "_PYTHON_HOST_PLATFORM", "_PYTHON_SYSCONFIGDATA_NAME",
];

/// Whether a variable may be stored.
pub(super) fn allowed(name: &str) -> bool {
    // `*` sorts before all that names are made of, so one rule alone can be for a name: the last
    // that is not behind it.
    let behind = ALLOWED.partition_point(|rule| *rule <= name);
    let rule = behind.checked_sub(1).map(|at| ALLOWED[at]);
    rule.is_some_and(|rule| match rule.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == rule,
    })
}

/// `text` with the user-info of every URL in it (`https://user:token@host`) replaced by `***`.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        masked.push_str(before);
        masked.push_str("://");
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>');
        let authority = &after[..after.find(ends).unwrap_or(after.len())];
        rest = match authority.rfind('@') {
            Some(at) => {
                masked.push_str("***");
                &after[at..]
            }
            None => after,
        };
    }
    masked.push_str(rest);
    masked
}

/// The same for a word, which is left alone where it is not UTF-8.
pub(super) fn mask_os(word: &OsStr) -> OsString {
    word.to_str()
        .map_or_else(|| word.to_owned(), |text| mask(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_of_urls_is_masked_and_nothing_else() {
        for (text, masked) in [
            ("https://u:tok@host/x", "https://***@host/x"),
            (
                "-DA=https://tok@h -DB=git+ssh://git@h/p",
                "-DA=https://***@h -DB=git+ssh://***@h/p",
            ),
            ("https://u:p@ss@h/x", "https://***@h/x"),
            ("https://host/a@b", "https://host/a@b"),
            ("a@b://c", "a@b://c"),
            ("no url @ all", "no url @ all"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn only_listed_variables_are_allowed() {
        assert!(ALLOWED.is_sorted());
        for name in ["PATH", "EMCC_DEBUG", "EMSHIM_EXPORTS", "CFLAGS"] {
            assert!(allowed(name), "{name}");
        }
        for name in [
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "PIP_INDEX_URL",
            "PATHX",
            "EMCC",
        ] {
            assert!(!allowed(name), "{name}");
        }
    }
}
