//! Renders the CMake toolchain file with its Platform module, the Meson machine files and autoconf's site file, from a
//! description of the toolchain. Pure: text in, text out.

use camino::{Utf8Path, Utf8PathBuf};

const TOOLCHAIN: &str = include_str!("templates/toolchain.cmake.in");
/// The modules below [`MODULE_DIR`]: Platform modules, whose places CMake prescribes, and modules that
/// wrap CMake's own of the same name.
const MODULES: &[(&str, &str)] = &[
    (
        "CheckTypeSize.cmake",
        include_str!("templates/CheckTypeSize.cmake.in"),
    ),
    ("FindPython.cmake", FIND_PYTHON),
    ("FindPython3.cmake", FIND_PYTHON),
    (
        "FindPythonLibs.cmake",
        include_str!("templates/FindPythonLibs.cmake.in"),
    ),
    (
        "FortranCInterface.cmake",
        include_str!("templates/FortranCInterface.cmake.in"),
    ),
    (
        "Platform/Emscripten-Clang-CXX-wasm32.cmake",
        include_str!("templates/Platform/Emscripten-Clang-CXX-wasm32.cmake.in"),
    ),
    (
        "Platform/Emscripten.cmake",
        include_str!("templates/Platform/Emscripten.cmake.in"),
    ),
    (
        "TestBigEndian.cmake",
        include_str!("templates/TestBigEndian.cmake.in"),
    ),
];
const FIND_PYTHON: &str = include_str!("templates/FindPython.cmake.in");
/// Python modules below [`PYTHON_DIR`]: the same text for every target.
const PYTHON_MODULES: &[(&str, &str)] = &[
    (
        "emshim_library.py",
        include_str!("templates/python/emshim_library.py"),
    ),
    (
        "emshim_parallel.py",
        include_str!("templates/python/emshim_parallel.py"),
    ),
    (
        "emshim_target.pth",
        include_str!("templates/python/emshim_target.pth"),
    ),
    (
        "emshim_target.py",
        include_str!("templates/python/emshim_target.py"),
    ),
    (
        "sitecustomize.py",
        include_str!("templates/python/sitecustomize.py"),
    ),
];
const CROSS: &str = include_str!("templates/cross.ini.in");
const NATIVE: &str = include_str!("templates/native.ini.in");
const SITE: &str = include_str!("templates/config.site.in");

/// Name of the toolchain file in the shim folder.
pub const TOOLCHAIN_FILE: &str = "emshim-toolchain.cmake";
/// Folder of CMake modules in the shim folder.
pub const MODULE_DIR: &str = "cmake-modules";
/// Folder of Python modules in the shim folder by which the build machine's Python answers for the target.
pub const PYTHON_DIR: &str = "python-modules";
/// Name of the Meson cross file in the shim folder.
pub const CROSS_FILE: &str = "emshim-cross.ini";
/// Name of the Meson native file in the shim folder.
pub const NATIVE_FILE: &str = "emshim-native.ini";

/// Name of autoconf's site file in the shim folder.
pub const SITE_FILE: &str = "emshim-config.site";

/// What the files say. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// The target as the user names it, such as `pyodide@0.29.5`.
    pub target: String,
    /// The shim folder, which also holds the rendered files.
    pub shim_dir: Utf8PathBuf,
    /// Node, which runs linked programs.
    pub node: Utf8PathBuf,
    /// Folder that holds `emcc`.
    pub emscripten_root: Utf8PathBuf,
    /// Emscripten's version, such as `3.1.69`.
    pub emscripten_version: String,
    /// Emscripten's sysroot (`<cache>/sysroot`).
    pub sysroot: Utf8PathBuf,
    /// The target's Python headers.
    pub python_include: Utf8PathBuf,
    /// Minor version of the target's Python, such as `3.13`.
    pub python_version: String,
    /// `SOABI` of the target's Python, such as `cpython-313-wasm32-emscripten`.
    pub soabi: String,
    /// `EXT_SUFFIX` of the target's Python, with its leading dot.
    pub ext_suffix: String,
    /// The prefix of the libraries that emshim has built, unless the environment names another.
    pub libraries: Option<Utf8PathBuf>,
}

impl Toolchain {
    /// The rendered files, each with its path relative to the shim folder.
    #[must_use]
    pub fn files(&self) -> Vec<(Utf8PathBuf, String)> {
        let mut files = vec![
            (TOOLCHAIN_FILE.into(), self.render(TOOLCHAIN, cmake_quote)),
            (CROSS_FILE.into(), self.render(CROSS, meson_quote)),
            (NATIVE_FILE.into(), self.render(NATIVE, meson_quote)),
            (SITE_FILE.into(), self.render(SITE, shell_quote)),
        ];
        files.extend(MODULES.iter().map(|(name, template)| {
            let path = Utf8Path::new(MODULE_DIR).join(name);
            (path, self.render(template, cmake_quote))
        }));
        files.extend(PYTHON_MODULES.iter().map(|(name, text)| {
            let path = Utf8Path::new(PYTHON_DIR).join(name);
            (path, (*text).to_owned())
        }));
        files
    }

    /// Replaces each `@NAME@`, with the path that follows it (`@NAME@/cc`), by one quoted string.
    fn render(&self, template: &str, quote: fn(&str) -> String) -> String {
        let toolchain_file = self.shim_dir.join(TOOLCHAIN_FILE);
        let module_dir = self.shim_dir.join(MODULE_DIR);
        let libraries = self.libraries.as_deref().map_or("", Utf8Path::as_str);
        let values: [(&str, &str); 13] = [
            ("LIBRARIES", libraries),
            ("SHIM_DIR", self.shim_dir.as_str()),
            ("MODULE_DIR", module_dir.as_str()),
            ("TOOLCHAIN_FILE", toolchain_file.as_str()),
            ("NODE", self.node.as_str()),
            ("EMSCRIPTEN_ROOT", self.emscripten_root.as_str()),
            ("EMSCRIPTEN_VERSION", &self.emscripten_version),
            ("SYSROOT", self.sysroot.as_str()),
            ("PYTHON_INCLUDE", self.python_include.as_str()),
            ("PYTHON_VERSION", &self.python_version),
            ("SOABI", &self.soabi),
            ("EXT_SUFFIX", &self.ext_suffix),
            ("TARGET", &self.target),
        ];
        let mut out = String::with_capacity(template.len() * 2);
        for line in template.lines() {
            out.push_str(&render_line(line, &values, quote));
            out.push('\n');
        }
        out
    }
}

/// Renders one line. A comment's values stand bare: quotes in it would only be noise.
fn render_line(line: &str, values: &[(&str, &str)], quote: fn(&str) -> String) -> String {
    let comment = line.starts_with('#');
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, name, after)) = next_placeholder(rest) {
        let value = values
            .iter()
            .find_map(|(n, v)| (*n == name).then_some(*v))
            .unwrap_or_else(|| unreachable!("template names unknown value {name}"));
        out.push_str(before);
        if comment {
            // A line break would end the comment.
            out.extend(value.chars().map(|c| if c.is_control() { '?' } else { c }));
            rest = after;
        } else {
            let end = after.find([' ', ')', '\'']).unwrap_or(after.len());
            let (suffix, tail) = after.split_at(end);
            out.push_str(&quote_with_suffix(value, suffix, quote));
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

/// One quoted string of a value and the path that follows it in the template. References to
/// variables (`${...}`) in that path are the template's own and stay live.
fn quote_with_suffix(value: &str, suffix: &str, quote: fn(&str) -> String) -> String {
    let mut quoted = quote(value);
    let close = quoted.pop().unwrap_or_default();
    quoted.push_str(suffix);
    quoted.push(close);
    quoted
}

/// Splits at the first `@NAME@`: what stands before, the name, what stands after.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(start) = text[from..].find('@').map(|i| from + i) {
        let tail = &text[start + 1..];
        if let Some(len) = tail.find('@')
            && len > 0
            && tail[..len]
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b == b'_')
        {
            return Some((&text[..start], &tail[..len], &tail[len + 1..]));
        }
        from = start + 1;
    }
    None
}

/// A CMake quoted argument (cmake-language(7), "Quoted Argument").
fn cmake_quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// A Meson single-quoted string (Meson's syntax reference, "Strings").
fn meson_quote(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('\'');
    out
}

/// A shell's single-quoted string.
fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(shim_dir: &str) -> Toolchain {
        Toolchain {
            target: "pyodide@0.29.5".into(),
            shim_dir: shim_dir.into(),
            node: "/opt/node".into(),
            emscripten_root: "/opt/em".into(),
            emscripten_version: "3.1.69".into(),
            sysroot: "/opt/em/cache/sysroot".into(),
            python_include: "/opt/py/include".into(),
            python_version: "3.13".into(),
            soabi: "cpython-313-wasm32-emscripten".into(),
            ext_suffix: ".cpython-313-wasm32-emscripten.so".into(),
            libraries: Some("/store/libraries".into()),
        }
    }

    fn file(toolchain: &Toolchain, name: &str) -> String {
        let all = toolchain.files();
        let found = all.into_iter().find(|(path, _)| path == name);
        found.expect("a rendered file").1
    }

    #[test]
    fn every_placeholder_is_filled() {
        for (path, text) in toolchain("/s").files() {
            for line in text.lines() {
                assert!(next_placeholder(line).is_none(), "{path}: {line}");
            }
        }
    }

    #[test]
    fn a_path_and_what_follows_it_are_one_quoted_string() {
        let text = file(&toolchain("/s p"), TOOLCHAIN_FILE);
        assert!(text.contains("set(CMAKE_C_COMPILER \"/s p/cc\")"), "{text}");
        assert!(text.contains("set(CMAKE_${_emshim_tool} \"/s p/${_emshim_name}\" CACHE"));
        let platform = file(&toolchain("/s"), "cmake-modules/Platform/Emscripten.cmake");
        assert!(platform.contains("\"/opt/em/cache/sysroot/lib/wasm32-emscripten\")"));
        assert!(platform.contains("\"/store/libraries\")"));
    }

    #[test]
    fn special_characters_are_quoted() {
        let odd = toolchain("/it's/a \"$HOME\"\\x");
        let cmake = file(&odd, TOOLCHAIN_FILE);
        assert!(cmake.contains(r#""/it's/a \"\$HOME\"\\x/cc""#), "{cmake}");
        let cross = file(&odd, CROSS_FILE);
        assert!(
            cross.contains(r#"shims = '/it\'s/a "$HOME"\\x'"#),
            "{cross}"
        );
    }

    #[test]
    fn the_build_machines_python_answers_for_the_target() {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in PYTHON_MODULES {
            std::fs::write(dir.path().join(name), text).expect("a file");
        }
        let asks = "import ctypes, os, platform, struct, sys\n\
            print(struct.calcsize('P'), struct.calcsize('@l'), struct.calcsize('q'), struct.calcsize('Pq'))\n\
            print(sys.maxsize, platform.machine(), platform.uname().machine, os.uname().machine)\n\
            print(platform.architecture()[0], platform.processor(), 'wasm32' in platform.platform())\n\
            print(*map(ctypes.sizeof, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int), ctypes.c_int]))\n\
            import multiprocessing\n\
            print(list(multiprocessing.Array('q', [1, 1 << 40])), struct.pack('P', 1 << 40)[5])\n\
            exec('print(platform.machine())', {'__name__': 'mesonbuild.x', 'platform': platform})\n\
            print(ctypes.sizeof(ctypes.c_long))\n";
        let python = std::process::Command::new("python3")
            .args(["-c", asks])
            .env("PYTHONPATH", dir.path())
            .output()
            .expect("python3");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let machine = std::env::consts::ARCH;
        let answers = format!(
            "4 4 8 16\n2147483647 wasm32 wasm32 wasm32\n32bit  True\n4 4 4\n[1, 1099511627776] 1\n{machine}\n8\n"
        );
        assert_eq!(text(&python.stdout), answers, "{}", text(&python.stderr));
        assert!(text(&python.stderr).contains("ctypes.sizeof(c_long) is 8"));
    }

    #[test]
    fn a_value_in_a_comment_cannot_end_it() {
        let mut odd = toolchain("/s");
        odd.target = "x\nmessage(FATAL_ERROR)".into();
        assert!(file(&odd, TOOLCHAIN_FILE).starts_with("# CMake toolchain file for x?message"));
    }
}
