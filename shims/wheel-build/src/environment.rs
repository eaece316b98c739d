//! The environment that makes any build system use the shims: names and values.

use camino::Utf8Path;
use cmake_toolchain::SITE_FILE;

use crate::build_machine;
use toolcall::config::ShimConfig;
use toolcall::variables::LIBRARIES;

/// Environment variables that name a tool, with the shim each gets. `LDSHARED` and `LDCXXSHARED`
/// are setuptools' (Pyodide's sysconfig has them without `-shared`).
const TOOL_VARIABLES: &[(&str, &str, &str)] = &[
    ("AR", "ar", ""),
    ("CC", "cc", ""),
    ("CXX", "c++", ""),
    ("F77", "gfortran", ""),
    ("FC", "gfortran", ""),
    ("LD", "ld", ""),
    ("LDCXXSHARED", "c++", " -shared"),
    ("LDSHARED", "cc", " -shared"),
    ("NM", "nm", ""),
    ("OBJCOPY", "objcopy", ""),
    ("OBJDUMP", "objdump", ""),
    ("PKG_CONFIG", "pkg-config", ""),
    ("RANLIB", "ranlib", ""),
    ("READELF", "readelf", ""),
    ("STRIP", "strip", ""),
];

/// A list of variables to set, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(pub Vec<(String, String)>);

impl Environment {
    /// The tool variables of a shim folder, its CMake toolchain and its Meson cross file, and the
    /// build machine's own tools, which are behind the shims on `path`.
    #[must_use]
    pub fn of_tools(shim_dir: &Utf8Path, config: &ShimConfig, path: &str) -> Self {
        let tools = TOOL_VARIABLES.iter().map(|(name, tool, args)| {
            // Build systems split these as a shell would.
            let tool = shim_dir.join(tool);
            (
                (*name).into(),
                format!("{}{args}", shell_words::quote(tool.as_str())),
            )
        });
        let files = [
            (
                "CMAKE_TOOLCHAIN_FILE".into(),
                config.cmake_toolchain.to_string(),
            ),
            ("MESON_CROSS_FILE".into(), config.meson_cross.to_string()),
        ];
        let libraries = config.libraries.as_deref().map_or("", Utf8Path::as_str);
        // Said also where there are none: a shim folder elsewhere may be older.
        let libraries = [(LIBRARIES.to_owned(), libraries.to_owned())];
        let site = site_files(&shim_dir.join(SITE_FILE), std::env::var(SITE).ok());
        let build = build_machine::variables(shim_dir, path, |name| std::env::var(name).ok());
        let all = tools.chain(files).chain(libraries).chain(site);
        Self(all.chain(build).collect())
    }

    /// [`for_shims`](Self::for_shims), with nothing of the user's.
    #[must_use]
    pub fn for_library(shim_dir: &Utf8Path, config: &ShimConfig, path: &str) -> Self {
        let mut all = Self::for_shims(shim_dir, config, path);
        all.0.retain(|(name, _)| name != USERS_SITE);
        all
    }

    /// [`of_tools`](Self::of_tools), and the shims first in `path`.
    #[must_use]
    pub fn for_shims(shim_dir: &Utf8Path, config: &ShimConfig, path: &str) -> Self {
        let mut all = Self::of_tools(shim_dir, config, path);
        all.0.push(("PATH".into(), prepend_path(shim_dir, path)));
        all
    }
}

/// autoconf's variable for its site file, and the one by which ours knows the user's.
const SITE: &str = "CONFIG_SITE";
const USERS_SITE: &str = "EMSHIM_CONFIG_SITE";

/// The site file of ours, with the user's own behind it. One of ours that is set already, by an
/// environment around this one, has the user's with it.
fn site_files(ours: &Utf8Path, given: Option<String>) -> Vec<(String, String)> {
    let mut variables = vec![(SITE.to_owned(), ours.to_string())];
    let users = given.filter(|file| !file.is_empty() && !file.ends_with(SITE_FILE));
    variables.extend(users.map(|file| (USERS_SITE.to_owned(), file)));
    variables
}

/// `dir` before `path`, once: an environment made inside another one does not grow.
fn prepend_path(dir: &Utf8Path, path: &str) -> String {
    let rest = path.split(':').filter(|p| !p.is_empty() && *p != dir);
    std::iter::once(dir.as_str())
        .chain(rest)
        .collect::<Vec<_>>()
        .join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_has_the_shims_once_and_first() {
        assert_eq!(prepend_path("/s".into(), "/a:/s:/b"), "/s:/a:/b");
        assert_eq!(prepend_path("/s".into(), ""), "/s");
    }
}
