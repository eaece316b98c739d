//! The environment variables that a record may have.

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

#[cfg(test)]
mod tests {
    use super::*;

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
