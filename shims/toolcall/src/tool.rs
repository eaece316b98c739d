//! The names the binary answers to, and what each is.

use crate::build_machine::{self, BuildTool};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// A C compiler driver.
    Cc,
    /// A C++ compiler driver.
    Cxx,
    /// emcc called by its own name, which has its own ideas of a program.
    Emcc,
    /// em++, likewise.
    Emxx,
    /// The C preprocessor.
    Cpp,
    /// A Fortran compiler driver.
    Fortran,
    /// A linker called directly, in GNU ld's syntax.
    Ld,
    /// A tool of LLVM's that takes the arguments as they are.
    Llvm(&'static str),
    /// `strip`, and `objcopy`, which can strip.
    Strip(&'static str),
    /// CMake.
    Cmake,
    /// Meson.
    Meson,
    /// `pkg-config`.
    PkgConfig,
    /// The target's Python as build systems run it: the host's, told to describe the target.
    Python,
    /// Apple's `install_name_tool`: nothing to do for WebAssembly.
    InstallNameTool,
    /// Apple's `otool`.
    Otool,
    /// `patchelf`.
    Patchelf,
    /// A program that a library installs to tell its flags, such as `xml2-config`.
    ConfigTool,
    /// A tool of the build machine, past the shims.
    BuildMachine(&'static BuildTool),
}

impl Tool {
    /// Whether it is a driver that takes C for C++.
    #[must_use]
    pub fn is_cxx(self) -> bool {
        matches!(self, Self::Cxx | Self::Emxx)
    }

    /// Whether its programs are what a native tool's would be: `a.out`, run by their name.
    #[must_use]
    pub fn is_native(self) -> bool {
        !matches!(self, Self::Emcc | Self::Emxx)
    }

    /// Whether the tool this stands for expands `@file` arguments.
    #[must_use]
    pub fn reads_response_files(self) -> bool {
        !matches!(
            self,
            Self::Cmake | Self::Meson | Self::PkgConfig | Self::Python | Self::BuildMachine(_)
        )
    }
}

/// Which further names a tool gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forms {
    /// The name alone.
    Plain,
    /// Also with the target's triplet in front.
    Triplet,
    /// Also with gcc's version numbers behind, and both.
    Gcc,
    /// Also with LLVM's version numbers behind, and both.
    Clang,
}

/// Every name, sorted.
#[rustfmt::skip]
static TOOLS: &[(&str, Tool, Forms)] = &[
    ("addr2line", Tool::Llvm("llvm-addr2line"), Forms::Triplet),
    ("apr-1-config", Tool::ConfigTool, Forms::Plain),
    ("apu-1-config", Tool::ConfigTool, Forms::Plain),
    ("ar", Tool::Llvm("llvm-ar"), Forms::Triplet),
    ("c++", Tool::Cxx, Forms::Triplet),
    ("c++filt", Tool::Llvm("llvm-cxxfilt"), Forms::Triplet),
    ("cc", Tool::Cc, Forms::Triplet),
    ("clang", Tool::Cc, Forms::Clang),
    ("clang++", Tool::Cxx, Forms::Clang),
    ("clang-cpp", Tool::Cpp, Forms::Triplet),
    ("cmake", Tool::Cmake, Forms::Plain),
    ("cmake3", Tool::Cmake, Forms::Plain),
    ("cpp", Tool::Cpp, Forms::Gcc),
    ("cups-config", Tool::ConfigTool, Forms::Plain),
    ("curl-config", Tool::ConfigTool, Forms::Plain),
    ("em++", Tool::Emxx, Forms::Plain),
    ("emar", Tool::Llvm("llvm-ar"), Forms::Plain),
    ("emcc", Tool::Emcc, Forms::Plain),
    ("emnm", Tool::Llvm("llvm-nm"), Forms::Plain),
    ("emranlib", Tool::Llvm("llvm-ranlib"), Forms::Plain),
    ("emshim-python", Tool::Python, Forms::Plain),
    ("emsize", Tool::Llvm("llvm-size"), Forms::Plain),
    ("emstrip", Tool::Strip("llvm-strip"), Forms::Plain),
    ("f77", Tool::Fortran, Forms::Triplet),
    ("f90", Tool::Fortran, Forms::Triplet),
    ("f95", Tool::Fortran, Forms::Triplet),
    ("flang", Tool::Fortran, Forms::Clang),
    ("freetype-config", Tool::ConfigTool, Forms::Plain),
    ("g++", Tool::Cxx, Forms::Gcc),
    ("g77", Tool::Fortran, Forms::Triplet),
    ("g95", Tool::Fortran, Forms::Triplet),
    ("gcc", Tool::Cc, Forms::Gcc),
    ("gcc-ar", Tool::Llvm("llvm-ar"), Forms::Gcc),
    ("gcc-nm", Tool::Llvm("llvm-nm"), Forms::Gcc),
    ("gcc-ranlib", Tool::Llvm("llvm-ranlib"), Forms::Gcc),
    ("gdal-config", Tool::ConfigTool, Forms::Plain),
    ("geos-config", Tool::ConfigTool, Forms::Plain),
    ("gfortran", Tool::Fortran, Forms::Gcc),
    ("gpg-error-config", Tool::ConfigTool, Forms::Plain),
    ("gsl-config", Tool::ConfigTool, Forms::Plain),
    ("icu-config", Tool::ConfigTool, Forms::Plain),
    ("install_name_tool", Tool::InstallNameTool, Forms::Plain),
    ("krb5-config", Tool::ConfigTool, Forms::Plain),
    ("ld", Tool::Ld, Forms::Triplet),
    ("ld.bfd", Tool::Ld, Forms::Triplet),
    ("ld.gold", Tool::Ld, Forms::Triplet),
    ("ld.lld", Tool::Ld, Forms::Triplet),
    ("libgcrypt-config", Tool::ConfigTool, Forms::Plain),
    ("libpng-config", Tool::ConfigTool, Forms::Plain),
    ("libpng16-config", Tool::ConfigTool, Forms::Plain),
    ("lld", Tool::Ld, Forms::Triplet),
    ("llvm-ar", Tool::Llvm("llvm-ar"), Forms::Clang),
    ("llvm-cxxfilt", Tool::Llvm("llvm-cxxfilt"), Forms::Plain),
    ("llvm-dwarfdump", Tool::Llvm("llvm-dwarfdump"), Forms::Plain),
    ("llvm-nm", Tool::Llvm("llvm-nm"), Forms::Clang),
    ("llvm-objcopy", Tool::Strip("llvm-objcopy"), Forms::Plain),
    ("llvm-objdump", Tool::Llvm("llvm-objdump"), Forms::Plain),
    ("llvm-ranlib", Tool::Llvm("llvm-ranlib"), Forms::Clang),
    ("llvm-readelf", Tool::Llvm("llvm-readelf"), Forms::Plain),
    ("llvm-readobj", Tool::Llvm("llvm-readobj"), Forms::Plain),
    ("llvm-size", Tool::Llvm("llvm-size"), Forms::Plain),
    ("llvm-strings", Tool::Llvm("llvm-strings"), Forms::Plain),
    ("llvm-strip", Tool::Strip("llvm-strip"), Forms::Plain),
    ("magick-config", Tool::ConfigTool, Forms::Plain),
    ("mariadb_config", Tool::ConfigTool, Forms::Plain),
    ("meson", Tool::Meson, Forms::Plain),
    ("mysql_config", Tool::ConfigTool, Forms::Plain),
    ("nc-config", Tool::ConfigTool, Forms::Plain),
    ("ncurses6-config", Tool::ConfigTool, Forms::Plain),
    ("ncursesw6-config", Tool::ConfigTool, Forms::Plain),
    ("neon-config", Tool::ConfigTool, Forms::Plain),
    ("nf-config", Tool::ConfigTool, Forms::Plain),
    ("nm", Tool::Llvm("llvm-nm"), Forms::Triplet),
    ("objcopy", Tool::Strip("llvm-objcopy"), Forms::Triplet),
    ("objdump", Tool::Llvm("llvm-objdump"), Forms::Triplet),
    ("otool", Tool::Otool, Forms::Plain),
    ("patchelf", Tool::Patchelf, Forms::Plain),
    ("pcap-config", Tool::ConfigTool, Forms::Plain),
    ("pcre-config", Tool::ConfigTool, Forms::Plain),
    ("pcre2-config", Tool::ConfigTool, Forms::Plain),
    ("pg_config", Tool::ConfigTool, Forms::Plain),
    ("pkg-config", Tool::PkgConfig, Forms::Triplet),
    ("pkgconf", Tool::PkgConfig, Forms::Triplet),
    ("ranlib", Tool::Llvm("llvm-ranlib"), Forms::Triplet),
    ("readelf", Tool::Llvm("llvm-readelf"), Forms::Triplet),
    ("sdl-config", Tool::ConfigTool, Forms::Plain),
    ("sdl2-config", Tool::ConfigTool, Forms::Plain),
    ("size", Tool::Llvm("llvm-size"), Forms::Triplet),
    ("strings", Tool::Llvm("llvm-strings"), Forms::Triplet),
    ("strip", Tool::Strip("llvm-strip"), Forms::Triplet),
    ("wasm-ld", Tool::Llvm("wasm-ld"), Forms::Plain),
    ("wx-config", Tool::ConfigTool, Forms::Plain),
    ("xml2-config", Tool::ConfigTool, Forms::Plain),
    ("xslt-config", Tool::ConfigTool, Forms::Plain),
];

/// The target's triplet, whose prefixed names are linked.
pub const TRIPLET: &str = "wasm32-unknown-emscripten";
/// Versions of gcc that builds name.
const GCC_VERSIONS: std::ops::RangeInclusive<u32> = 9..=16;
/// Versions of LLVM that builds name.
const CLANG_VERSIONS: std::ops::RangeInclusive<u32> = 14..=23;

/// Every name that a shim folder links to the binary.
pub fn link_names() -> impl Iterator<Item = String> {
    let targets = TOOLS.iter().flat_map(|(name, _, forms)| {
        let versions = match forms {
            Forms::Plain | Forms::Triplet => None,
            Forms::Gcc => Some(GCC_VERSIONS),
            Forms::Clang => Some(CLANG_VERSIONS),
        };
        let versioned = versions
            .into_iter()
            .flatten()
            .map(move |v| format!("{name}-{v}"));
        let prefixed = (*forms != Forms::Plain).then(|| format!("{TRIPLET}-{name}"));
        std::iter::once((*name).to_owned())
            .chain(versioned)
            .chain(prefixed)
    });
    let build = build_machine::TOOLS.iter().map(|tool| tool.name.to_owned());
    targets.chain(build)
}

/// The tool a program name stands for: `gcc`, `gcc-13`, `wasm32-unknown-emscripten-g++`,
/// `x86_64-linux-gnu-gcc-13.2`; `None` for `emshim` itself and anything unknown.
#[must_use]
pub fn recognise(name: &str) -> Option<Tool> {
    if let Some(tool) = build_machine::named(name) {
        return Some(Tool::BuildMachine(tool));
    }
    let exact = |name: &str| {
        let at = TOOLS.binary_search_by_key(&name, |row| row.0).ok()?;
        Some(TOOLS[at].1)
    };
    let unversioned = match name.rsplit_once('-') {
        Some((bare, version))
            if version.starts_with(|c: char| c.is_ascii_digit())
                && version.bytes().all(|b| b.is_ascii_digit() || b == b'.') =>
        {
            bare
        }
        _ => name,
    };
    [name, unversioned].into_iter().find_map(|name| {
        exact(name).or_else(|| {
            // A triplet is at least `arch-os`, so it holds a dash of its own.
            let dashes: Vec<usize> = name.match_indices('-').map(|(at, _)| at).collect();
            dashes
                .iter()
                .skip(1)
                .find_map(|&dash| exact(&name[dash + 1..]))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_every_link_is_recognised() {
        assert!(TOOLS.is_sorted_by(|a, b| a.0 < b.0));
        let names: Vec<String> = link_names().collect();
        for name in &names {
            assert!(recognise(name).is_some(), "{name}");
        }
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
    }

    #[test]
    fn versions_and_triplets() {
        assert_eq!(recognise("gcc-13"), Some(Tool::Cc));
        assert_eq!(recognise("gcc-13.2.0"), Some(Tool::Cc));
        assert_eq!(recognise("gcc-ar-13"), Some(Tool::Llvm("llvm-ar")));
        assert_eq!(recognise("x86_64-linux-gnu-g++-12"), Some(Tool::Cxx));
        assert_eq!(
            recognise("wasm32-unknown-emscripten-gcc-ar"),
            Some(Tool::Llvm("llvm-ar"))
        );
        assert_eq!(
            recognise("wasm32-unknown-emscripten-clang-cpp"),
            Some(Tool::Cpp)
        );
        for name in ["emshim", "my-gcc", "gcc-", "python3", "", "-gcc", "gccx"] {
            assert_eq!(recognise(name), None, "{name}");
        }
    }
}
