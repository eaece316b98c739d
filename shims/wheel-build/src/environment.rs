//! The environment that makes any build system use the shims: names and values.

use camino::Utf8Path;
use cmake_toolchain::SITE_FILE;

use crate::build_machine;
use crate::rust::{self, Given, Place};
use toolcall::variables::{LIBRARIES, NOTICES};

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
    /// The tool variables of a shim folder, its CMake toolchain and its Meson cross file, what Rust's
    /// tools are told, and the build machine's own tools, which are behind the shims on `path`.
    #[must_use]
    pub fn of_tools(place: &Place<'_>, path: &str) -> Self {
        let (shim_dir, config) = (place.shims, place.config);
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
        let rust = rust::variables(place, &Given::capture());
        let all = tools.chain(files).chain(libraries).chain(site);
        Self(all.chain(build).chain(rust).collect())
    }

    /// [`for_shims`](Self::for_shims), with nothing of the user's.
    #[must_use]
    pub fn for_library(place: &Place<'_>, path: &str) -> Self {
        let mut all = Self::for_shims(place, path);
        all.0.retain(|(name, _)| name != USERS_SITE);
        all
    }

    /// [`of_tools`](Self::of_tools), and the shims first in `path`, then cargo and rustc.
    #[must_use]
    pub fn for_shims(place: &Place<'_>, path: &str) -> Self {
        let mut all = Self::of_tools(place, path);
        let path = match &place.settings.rust {
            Some(rust) => prepend_path(&rust.bin, path),
            None => path.to_owned(),
        };
        all.0
            .push(("PATH".into(), prepend_path(place.shims, &path)));
        all
    }
}

/// By this, what is run tells whoever runs it what a program between them keeps to itself.
#[must_use]
pub fn notices() -> (String, String) {
    let own = || format!("/proc/{}/fd/2", std::process::id());
    let place = std::env::var(NOTICES)
        .ok()
        .filter(|place| !place.is_empty());
    (NOTICES.to_owned(), place.unwrap_or_else(own))
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
pub(crate) mod tests {
    use super::*;
    use toolcall::config::{EmscriptenConfig, FortranConfig, SCHEMA, ShimConfig};

    /// A configuration of nothing that is there.
    pub(crate) fn config() -> ShimConfig {
        let path = |name: &str| camino::Utf8PathBuf::from("/target").join(name);
        ShimConfig {
            schema: SCHEMA,
            target: "pyodide@314.0.7".into(),
            abi: "2026_0".into(),
            python: "3.14".into(),
            emscripten: EmscriptenConfig {
                version: "6.0.5".into(),
                root: path("emscripten"),
                llvm_bin: path("llvm"),
                cache: path("cache"),
                env: Vec::new(),
            },
            fortran: FortranConfig {
                f2c: path("f2c"),
                runtime: path("fortran"),
                missing: None,
            },
            node: path("node"),
            host_python: path("python"),
            python_include: path("include"),
            cross_env: vec![(
                "PYTHONPATH".into(),
                "/s/python:/target/sysconfigdata".into(),
            )],
            cflags: Vec::new(),
            cxxflags: Vec::new(),
            ldflags: Vec::new(),
            defaults: Vec::new(),
            exports: "requested".into(),
            cmake_toolchain: path("toolchain.cmake"),
            meson_cross: path("cross.ini"),
            meson_native: path("native.ini"),
            pkg_config_libdir: path("pkgconfig"),
            libraries: None,
            launcher: Vec::new(),
            log: path("log"),
        }
    }

    #[test]
    fn path_has_the_shims_once_and_first() {
        assert_eq!(prepend_path("/s".into(), "/a:/s:/b"), "/s:/a:/b");
        assert_eq!(prepend_path("/s".into(), ""), "/s");
    }
}
