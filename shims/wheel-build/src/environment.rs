//! The environment that makes any build system use the shims: names and values.

use camino::Utf8Path;

use crate::build_machine;
use toolcall::config::ShimConfig;

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
        let build = build_machine::variables(shim_dir, path, |name| std::env::var(name).ok());
        Self(tools.chain(files).chain(build).collect())
    }

    /// [`of_tools`](Self::of_tools), and the shims first in `path`.
    #[must_use]
    pub fn for_shims(shim_dir: &Utf8Path, config: &ShimConfig, path: &str) -> Self {
        let mut all = Self::of_tools(shim_dir, config, path);
        all.0.push(("PATH".into(), prepend_path(shim_dir, path)));
        all
    }
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
