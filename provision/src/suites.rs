//! Data: the Debian suites that hold a toolchain, what of their packages is left out, and the
//! processor architectures.

/// A Debian suite whose packages make a working toolchain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Name in the archive, with which its folder in the store begins.
    pub name: &'static str,
    /// Emscripten's version when the row was written; a suite that rolls may have gone on.
    pub emscripten: &'static str,
    /// Minor versions of Python, such as `3.13`. A suite that rolls may have dropped one.
    pub pythons: &'static [&'static str],
    /// Packages to install beside those of its Pythons, dependencies excepted.
    pub packages: &'static [&'static str],
    /// Whether apt shall refuse a Release file that is past its date. A suite that rolls is often
    /// served by mirrors that lag.
    pub check_valid_until: bool,
    /// Bytes of disk needed while unpacking: the downloads and the unpacked folder.
    pub disk: u64,
}

impl Suite {
    /// The packages of one of its Pythons, dependencies excepted.
    pub(crate) fn python_packages(minor: &str) -> [String; 2] {
        ["dev", "venv"].map(|part| format!("python{minor}-{part}"))
    }
}

/// The suite whose packages do not change: source archives and tools for developers come from it.
pub const STABLE: &Suite = &SUITES[0];

/// The suites, the stable one first.
///
/// Versions: Debian's package archive. Emscripten's system libraries are in the packages of
/// `trixie`; those of `testing` have none, and Emscripten builds each when a link first asks for it.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "trixie",
        emscripten: "3.1.69",
        pythons: &["3.13"],
        packages: &["emscripten", "f2c"],
        check_valid_until: true,
        disk: 1_450_000_000,
    },
    Suite {
        name: "testing",
        emscripten: "6.0.5",
        pythons: &["3.14", "3.15"],
        packages: &["emscripten", "f2c"],
        check_valid_until: false,
        disk: 1_200_000_000,
    },
];

/// The suite that Rust comes from, whatever Emscripten's: that of the stable one is too old to build
/// a standard library with WebAssembly's exceptions.
pub(crate) const RUST_SUITE: &Suite = &SUITES[1];

/// Rust's packages, dependencies excepted.
pub(crate) const RUST_PACKAGES: &[&str] = &["rustc", "cargo", "rust-src"];

/// What of Rust's packages, and those they depend on, is not unpacked. Sizes are those of `testing`.
pub(crate) const RUST_LEFT_OUT: &[LeftOut] = &[
    MANUALS,
    LeftOut {
        pattern: r"usr/bin/([^cr]|c[^a]|r[^u])[^/]*",
        why: "gcc and binutils: native code is linked by the machine's own (60 MB)",
    },
    LeftOut {
        pattern: r"usr/(include|libexec|lib/gcc|share/gdb|lib/linux)/",
        why: "native compiler's files, as above (120 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/[^/]+/(gconv/.*|bfd-plugins/.*|[^/]*\.(a|o)|lib(asan|hwasan|lsan|tsan|ubsan|gprofng)\.so[^/]*)",
        why: "native compiler's libraries, as above (60 MB)",
    },
    LeftOut {
        pattern: r"usr/src/[^/]+/(compiler|src|debian|tests)/",
        why: "Rust's compiler itself (200 MB)",
    },
];

/// A processor architecture of the machine, as Debian, the multiarch folders and the dynamic
/// linker name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Architecture {
    /// `dpkg --print-architecture`.
    pub debian: &'static str,
    /// Multiarch folder below `usr/lib` and `usr/include`.
    pub triplet: &'static str,
    /// File name of the dynamic linker, in the multiarch folder.
    pub interpreter: &'static str,
    /// Platform of wheels with programs for it, as pip's `--platform` takes it.
    pub wheels: &'static str,
}

/// The architectures known. Source: Debian's multiarch tuples and the processors' ABI supplements.
pub(crate) const ARCHITECTURES: &[Architecture] = &[
    Architecture {
        debian: "amd64",
        triplet: "x86_64-linux-gnu",
        interpreter: "ld-linux-x86-64.so.2",
        wheels: "manylinux2014_x86_64",
    },
    Architecture {
        debian: "arm64",
        triplet: "aarch64-linux-gnu",
        interpreter: "ld-linux-aarch64.so.1",
        wheels: "manylinux2014_aarch64",
    },
];

/// A mistake in an unpacked file, and its correction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correction {
    /// The file, below the suite's folder.
    pub file: &'static str,
    /// What stands there. A suite that has gone on may not have it any more.
    pub wrong: &'static str,
    /// What stands there instead.
    pub right: &'static str,
}

/// Mistakes of the suites' Emscriptens that a program meets at once.
pub(crate) const CORRECTIONS: &[Correction] = &[Correction {
    // 6.0.5: the standard streams have no node, so fstat(2) of one ends a program.
    file: "usr/share/emscripten/src/lib/libnoderawfs.js",
    wrong: "stream.node.node_ops?.getattr",
    right: "stream.node?.node_ops?.getattr",
}];

/// Files that are unpacked although a row of [`LEFT_OUT`] covers them.
pub(crate) const KEPT: &[LeftOut] = &[LeftOut {
    pattern: r"usr/share/emscripten/test/hello_world\.(c|cpp)",
    why: "`emcc --cflags` compiles it",
}];

/// Of every package.
pub(crate) const MANUALS: LeftOut = LeftOut {
    pattern: r"usr/share/(doc|man|info|locale|lintian|bug)/",
    why: "manuals and translations (39 MB)",
};

/// Files of the packages, and why they are not unpacked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeftOut {
    /// Anchored at the folder's top, without a leading slash; matches a file's whole path, or the
    /// beginning of it when the pattern ends with `/`.
    pub pattern: &'static str,
    /// Why nothing here needs it.
    pub why: &'static str,
}

/// What a target never links and no tool here reads. Sizes are those of the `trixie` suite.
///
/// `-debug` libraries stay: a link at `-O0` or with assertions uses them. So do `-except`,
/// `-noexcept` and `-wasm-sjlj` forms, and those of `lto/` and `lto-pic/`: packages probe
/// `-flto` by linking.
pub(crate) const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        pattern: r"usr/share/emscripten/cache/sysroot/lib/.*/[^/]*-mt[-.][^/]*",
        why: "built for threads, which the platform forbids (573 MB)",
    },
    LeftOut {
        pattern: r"usr/share/emscripten/cache/sysroot/lib/.*/[^/]*-ww[-.][^/]*",
        why: "built for Wasm workers, which are threads (514 MB)",
    },
    LeftOut {
        pattern: r"usr/share/emscripten/cache/sysroot/lib/.*/[^/]*-asan[-.][^/]*",
        why: "built for the address sanitizer, whose runtime a side module cannot bring (162 MB)",
    },
    LeftOut {
        pattern: r"usr/share/emscripten/cache/sysroot/lib/.*/lib(asan|lsan|ubsan|sanitizer)_[^/]*",
        why: "sanitizer runtimes; a side module cannot bring one (57 MB)",
    },
    LeftOut {
        pattern: r"usr/share/emscripten/cache/sysroot/lib/.*/lib(wasmfs|webgpu|stb_image)[^/]*",
        why: "opt-in: -sWASMFS, -sUSE_WEBGPU, -sSTB_IMAGE (95 MB)",
    },
    LeftOut {
        pattern: r"usr/share/emscripten/cache/sysroot/lib/.*/lib(dl|em)malloc-.*(tracing|memvalidate|verbose)[^/]*",
        why: "opt-in: allocators that trace (3 MB)",
    },
    LeftOut {
        pattern: r"usr/share/emscripten/(test|out)/",
        why: "Emscripten's own tests (15 MB)",
    },
    MANUALS,
    LeftOut {
        pattern: r"usr/lib/[^/]+/libnode\.so[^/]*",
        why: "Emscripten runs the machine's own node (56 MB)",
    },
    LeftOut {
        pattern: r"usr/bin/(node|nodejs|js)",
        why: "as libnode, which it needs",
    },
    LeftOut {
        pattern: r"usr/share/nodejs/(corepack|@types|undici)/",
        why: "parts of node; Emscripten reads acorn alone (8 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/llvm-[0-9]+/bin/llvm-exegesis",
        why: "measures the machine's processor (48 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/[^/]+/libclang-[0-9]+\.so[^/]*",
        why: "clang's C interface for editors; clang itself uses libclang-cpp (38 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/gcc/",
        why: "native compiler's files; native code is compiled by the machine's own (28 MB)",
    },
    LeftOut {
        pattern: r"usr/include/(c\+\+|linux|asm-generic|drm|mtd|rdma|scsi|sound|video|xen)/",
        why: "native headers, as above (20 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/linux/",
        why: "the kernel's headers (2 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/[^/]+/lib(asan|hwasan|lsan|tsan|ubsan)\.so[^/]*",
        why: "native sanitizers, as above (32 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/[^/]+/lib(c|m-[^/]*|mvec|z|expat)\.a",
        why: "native static libraries, as above (11 MB)",
    },
    LeftOut {
        pattern: r"usr/lib/python3\.[0-9]+/config-[^/]+/libpython[^/]*\.a",
        why: "static Python: an extension does not link it (26 MB)",
    },
    LeftOut {
        pattern: r"usr/share/python-wheels/",
        why: "for ensurepip, which looks for them at another place (3 MB)",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_distinct_names_and_a_python() {
        for (i, suite) in SUITES.iter().enumerate() {
            assert!(SUITES[..i].iter().all(|s| s.name != suite.name));
            assert!(!suite.pythons.is_empty(), "{}", suite.name);
            assert!(suite.packages.contains(&"emscripten"), "{}", suite.name);
        }
    }

    #[test]
    fn every_left_out_row_has_its_reason() {
        for row in LEFT_OUT.iter().chain(RUST_LEFT_OUT) {
            assert!(!row.why.is_empty(), "{}", row.pattern);
            assert!(!row.pattern.starts_with('/'), "{}", row.pattern);
        }
    }
}
