//! The build machine's own tools, for programs that a build runs itself: by what names the shim
//! folder has them, and by what variables build systems ask for them.

/// A tool of the build machine.
#[derive(Debug, PartialEq, Eq)]
pub struct BuildTool {
    /// Its name in the shim folder.
    pub name: &'static str,
    /// The programs it may be, the first that is there past the shims.
    pub programs: &'static [&'static str],
    /// The variables by which build systems look for it. Cargo's and cc-rs' names of the build
    /// machine itself stand as [`CARGO`] and [`TRIPLE`].
    pub variables: &'static [&'static str],
    /// The variable whose flags are for the target's compiler of its kind.
    pub flags: Option<&'static str>,
}

/// Stands for Rust's triple of the build machine in capitals, as in cargo's variables.
pub const CARGO: &str = "{CARGO}";
/// Stands for the same triple with underscores, as in cc-rs' variables.
pub const TRIPLE: &str = "{TRIPLE}";

/// Every such tool. Who asks: `*_FOR_BUILD` is of autoconf-archive, config.guess, GMP and Meson;
/// `BUILD_*` of ncurses and Mozilla's; `HOSTCC` of kbuild and OpenBLAS; `HOST_CC` of cc-rs.
#[rustfmt::skip]
pub static TOOLS: &[BuildTool] = &[
    BuildTool {
        name: "build-ar",
        programs: &["ar", "llvm-ar"],
        variables: &["AR_FOR_BUILD", "BUILD_AR", "HOSTAR", "HOST_AR", "AR_{TRIPLE}"],
        flags: None,
    },
    BuildTool {
        name: "build-c++",
        programs: &["c++", "g++", "clang++"],
        variables: &["CXX_FOR_BUILD", "BUILD_CXX", "HOSTCXX", "HOST_CXX", "CXX_{TRIPLE}"],
        flags: Some("CXXFLAGS"),
    },
    BuildTool {
        name: "build-cc",
        programs: &["cc", "gcc", "clang"],
        variables: &[
            "CC_FOR_BUILD", "BUILD_CC", "HOSTCC", "HOST_CC", "CC_{TRIPLE}", "CARGO_TARGET_{CARGO}_LINKER",
        ],
        flags: Some("CFLAGS"),
    },
    BuildTool {
        name: "build-ld",
        programs: &["ld", "ld.bfd", "ld.lld"],
        variables: &["LD_FOR_BUILD", "BUILD_LD", "HOSTLD", "HOST_LD"],
        flags: None,
    },
    BuildTool {
        name: "build-nm",
        programs: &["nm", "llvm-nm"],
        variables: &["NM_FOR_BUILD", "BUILD_NM", "HOST_NM"],
        flags: None,
    },
    BuildTool {
        name: "build-pkg-config",
        programs: &["pkg-config", "pkgconf"],
        variables: &["PKG_CONFIG_FOR_BUILD", "BUILD_PKG_CONFIG", "HOST_PKG_CONFIG", "PKG_CONFIG_{TRIPLE}"],
        flags: None,
    },
    BuildTool {
        name: "build-ranlib",
        programs: &["ranlib", "llvm-ranlib"],
        variables: &["RANLIB_FOR_BUILD", "BUILD_RANLIB", "HOST_RANLIB", "RANLIB_{TRIPLE}"],
        flags: None,
    },
    BuildTool {
        name: "build-strip",
        programs: &["strip", "llvm-strip"],
        variables: &["STRIP_FOR_BUILD", "BUILD_STRIP", "HOST_STRIP"],
        flags: None,
    },
];

/// The tool of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static BuildTool> {
    let at = TOOLS.binary_search_by_key(&name, |tool| tool.name).ok()?;
    Some(&TOOLS[at])
}

impl BuildTool {
    /// The variables, for a build machine of Rust's triple `triple`, such as
    /// `x86_64-unknown-linux-gnu`.
    pub fn variables_on(&self, triple: &str) -> impl Iterator<Item = String> {
        let lower = triple.replace(['-', '.'], "_");
        let upper = lower.to_uppercase();
        self.variables
            .iter()
            .map(move |name| name.replace(TRIPLE, &lower).replace(CARGO, &upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_no_variable_means_two_tools() {
        assert!(TOOLS.is_sorted_by(|a, b| a.name < b.name));
        let all: Vec<_> = TOOLS.iter().flat_map(|tool| tool.variables).collect();
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
    }

    #[test]
    fn cargo_and_cc_rs_name_the_build_machine() {
        let cc = named("build-cc").expect("a compiler");
        let names: Vec<_> = cc.variables_on("x86_64-unknown-linux-gnu").collect();
        for name in [
            "CC_x86_64_unknown_linux_gnu",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
        ] {
            assert!(names.iter().any(|known| known == name), "{names:?}");
        }
    }
}
