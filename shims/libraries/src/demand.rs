//! What a source tree asks for, by what its build scripts say. Read, never run: a name that is put
//! together as they run is not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use regex::Regex;

use crate::recipe::Recipe;

mod manifests;

/// How a build script asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// A name of pkg-config, which Meson's `dependency` asks for too.
    PkgConfig,
    /// CMake's `find_package`.
    Cmake,
    /// What `-l` calls it.
    Library,
    /// A header, or a program such as `xml2-config`.
    File,
    /// A crate that stands for the library.
    Crate,
}

/// A name that a source tree asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Demand {
    /// The name.
    pub name: String,
    /// How it is asked for.
    pub by: By,
    /// Whether the script says that it does without.
    pub optional: bool,
    /// The file, below the tree.
    pub file: Utf8PathBuf,
}

impl Recipe {
    /// Whether it answers to a name of its own.
    #[must_use]
    pub fn is_called(&self, name: &str, by: By) -> bool {
        let own = &self.provides;
        match by {
            By::PkgConfig => has(&own.pkg_config, name),
            By::Cmake => own.cmake.iter().any(|own| own == name),
            By::Library => own.libraries.iter().any(|own| own == name),
            By::Crate => own.crates.iter().any(|own| own == name),
            By::File => own
                .headers
                .iter()
                .chain(&own.programs)
                .any(|own| own == name),
        }
    }

    /// Whether it answers to a name, its own or another's.
    #[must_use]
    pub fn answers(&self, name: &str, by: By) -> bool {
        let alias = || {
            self.provides
                .aliases
                .keys()
                .any(|own| own.eq_ignore_ascii_case(name))
        };
        self.is_called(name, by) || by == By::PkgConfig && alias()
    }
}

/// Meson asks pkg-config for the name as it is written; packages write `OpenBLAS` for `openblas`.
fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// What the build scripts of a tree ask for, each name once.
#[must_use]
pub fn of_tree(tree: &Utf8Path) -> Vec<Demand> {
    let mut found = Vec::new();
    let mut scripts = Scripts {
        tree,
        seen: BTreeSet::new(),
        found: &mut found,
    };
    scripts.meson(Utf8Path::new(""), &options(tree));
    scripts.cmake("CMakeLists.txt".into());
    scripts.python();
    for one in manifests::dependencies(tree) {
        scripts.add(&one.name, By::Crate, one.optional, &one.file);
    }
    // What is needed somewhere is no option elsewhere.
    found.sort_by_key(|demand| demand.optional);
    let mut names = BTreeSet::new();
    found.retain(|demand| names.insert((demand.name.clone(), demand.by)));
    found
}

struct Scripts<'a> {
    tree: &'a Utf8Path,
    seen: BTreeSet<Utf8PathBuf>,
    found: &'a mut Vec<Demand>,
}

impl Scripts<'_> {
    fn add(&mut self, name: &str, by: By, optional: bool, file: &Utf8Path) {
        self.found.push(Demand {
            name: name.to_owned(),
            by,
            optional,
            file: file.to_owned(),
        });
    }

    /// A script's text without its comments; nothing for one that was read before, lies elsewhere or is
    /// no text.
    fn read(&mut self, file: &Utf8Path) -> Option<String> {
        if !self.seen.insert(file.to_owned()) {
            return None;
        }
        let text = fs::read(self.tree.join(file)).ok()?;
        Some(without_comments(&String::from_utf8_lossy(&text)))
    }

    /// `dependency('x')` and `find_library('x')` of a `meson.build` and those of its subdirectories.
    /// A variable that holds an option's value stands for the option's default.
    fn meson(&mut self, folder: &Utf8Path, options: &BTreeMap<String, String>) {
        let file = folder.join("meson.build");
        let Some(text) = self.read(&file) else {
            return;
        };
        let variables: BTreeMap<&str, &str> = GET_OPTION
            .captures_iter(&text)
            .filter_map(|found| {
                let (_, [variable, option]) = found.extract();
                Some((variable, options.get(option)?.as_str()))
            })
            .collect();
        for found in MESON_CALL.captures_iter(&text) {
            let by = match &found[1] {
                "dependency" => By::PkgConfig,
                _ => By::Library,
            };
            let (argument, rest) = (&found[2], &found[3]);
            let optional = REQUIRED
                .captures(rest)
                .is_some_and(|required| &required[1] != "true");
            if let Some(value) = variables.get(argument) {
                self.add(value, by, optional, &file);
            }
            for name in STRING.captures_iter(argument) {
                self.add(&name[1], by, optional, &file);
            }
        }
        for found in SUBDIR.captures_iter(&text) {
            self.meson(&folder.join(&found[1]), options);
        }
    }

    /// `find_package`, `pkg_check_modules`, `find_library` and `find_path` of a CMake script, of those it
    /// includes by name and of its subdirectories.
    fn cmake(&mut self, file: Utf8PathBuf) {
        let Some(text) = self.read(&file) else {
            return;
        };
        let folder = file.parent().unwrap_or(Utf8Path::new("")).to_owned();
        for found in CMAKE_CALL.captures_iter(&text) {
            let needed = found[2].contains("REQUIRED");
            let mut words = found[2]
                .split_whitespace()
                .map(|word| word.trim_matches('"'));
            match found[1].to_lowercase().as_str() {
                "find_package" => {
                    if let Some(name) = words.next() {
                        self.add(name, By::Cmake, !needed, &file);
                    }
                }
                "pkg_check_modules" | "pkg_search_module" => {
                    for word in words.skip(1) {
                        let name = word.split(['<', '>', '=']).next().unwrap_or_default();
                        self.add(name, By::PkgConfig, !needed, &file);
                    }
                }
                "find_library" => words
                    .skip(1)
                    .for_each(|word| self.add(word, By::Library, !needed, &file)),
                "find_path" => words
                    .skip(1)
                    .for_each(|word| self.add(word, By::File, !needed, &file)),
                "add_subdirectory" => {
                    if let Some(below) = words.next() {
                        self.cmake(folder.join(below).join("CMakeLists.txt"));
                    }
                }
                _ => {
                    if let Some(name) = words.next().filter(|name| name.ends_with(".cmake")) {
                        let name = name.replace("${CMAKE_CURRENT_SOURCE_DIR}/", "");
                        self.cmake(folder.join(name));
                    }
                }
            }
        }
    }

    /// Strings of `setup.py` and of the modules beside it whose names begin so, but for what tells readers
    /// about the package.
    fn python(&mut self) {
        let entries = self.tree.read_dir_utf8().into_iter().flatten().flatten();
        let mut files: Vec<Utf8PathBuf> = entries
            .map(|entry| Utf8PathBuf::from(entry.file_name()))
            .filter(|name| name.as_str().starts_with("setup") && name.extension() == Some("py"))
            .collect();
        files.sort();
        for file in files {
            let Some(text) = self.read(&file) else {
                continue;
            };
            let text = METADATA.replace_all(&text, "");
            let ways: Vec<By> = PYTHON_WAYS
                .iter()
                .filter(|(_, words)| words.is_empty() || words.iter().any(|w| text.contains(w)))
                .map(|(by, _)| *by)
                .collect();
            for found in STRING.captures_iter(&text) {
                for by in &ways {
                    self.add(&found[1], *by, false, &file);
                }
            }
        }
    }
}

/// How a string of a setup script may ask, and the words of which one is in a script that asks so; none,
/// where such names mean nothing else.
const PYTHON_WAYS: &[(By, &[&str])] = &[
    (By::PkgConfig, &["pkg-config", "pkgconfig", "pkg_config"]),
    (By::Library, &["librar"]),
    (By::File, &[]),
];

/// The default values of a Meson project's options.
fn options(tree: &Utf8Path) -> BTreeMap<String, String> {
    let files = ["meson.options", "meson_options.txt"];
    let text = files
        .iter()
        .find_map(|file| fs::read_to_string(tree.join(file)).ok());
    let text = without_comments(&text.unwrap_or_default());
    let calls = OPTION.captures_iter(&text);
    calls
        .filter_map(|call| {
            let value = VALUE.captures(&call[2])?;
            Some((call[1].to_owned(), value[1].to_owned()))
        })
        .collect()
}

/// Without what follows a `#`, which begins a comment in all of these languages, outside of strings.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quote = None;
        let end = line.char_indices().find(|(_, c)| match (quote, *c) {
            (None, '#') => true,
            (None, '\'' | '"') => {
                quote = Some(*c);
                false
            }
            (Some(open), c) if open == c => {
                quote = None;
                false
            }
            _ => false,
        });
        kept.push_str(&line[..end.map_or(line.len(), |(at, _)| at)]);
        kept.push('\n');
    }
    kept
}

macro_rules! pattern {
    ($($name:ident = $pattern:literal;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new($pattern).unwrap_or_else(|error| panic!("{error}"))
        });)*
    };
}

pattern! {
    STRING = r#"['"]([^'"\n]+)['"]"#;
    // Arguments of setup() that say what the package is.
    METADATA = r#"\b(?:name|keywords|classifiers|description|platforms|packages|py_modules|provides|extras_require)\s*=\s*(?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|['"][^'"\n]*['"])"#;
    // The first argument, a string, a list of them, or a variable; and the others.
    MESON_CALL = r"\b(dependency|find_library)\s*\(\s*(\[[^\]]*\]|'[^'\n]*'|\w+)((?:[^()]|\([^()]*\))*)\)";
    REQUIRED = r"\brequired\s*:\s*(\w+)";
    GET_OPTION = r"(\w+)\s*=\s*get_option\(\s*'([^']+)'\s*\)";
    SUBDIR = r"\bsubdir\(\s*'([^']+)'";
    OPTION = r"(?s)\boption\(\s*'([^']+)'(.*?)\)\s*(?:\n|$)";
    VALUE = r"value\s*:\s*'([^']*)'";
    CMAKE_CALL = r"(?i)\b(find_package|pkg_check_modules|pkg_search_module|find_library|find_path|add_subdirectory|include)\s*\(([^)]*)\)";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Vec<(String, By)> {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = of_tree(root);
        let shown = |one: Demand| {
            let optional = if one.optional { "?" } else { "" };
            (format!("{}{optional}", one.name), one.by)
        };
        found.into_iter().map(shown).collect()
    }

    #[test]
    fn a_crate_of_a_library_asks_for_it() {
        let found = tree(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = ['a/b']\n[workspace.dependencies]\nunseen = '1'\n",
            ),
            (
                "a/b/Cargo.toml",
                "[dependencies]\nopenssl-sys.workspace = true\nssl = { package = 'openssl', version = '1', \
                 optional = true }\nzlib = { version = '1', features = ['vendored'] }\n\
                 [target.'cfg(unix)'.dependencies]\nlibc = '1'\n[dev-dependencies]\nnot = '1'\n",
            ),
            ("a/tests/Cargo.toml", "[dependencies]\nnot = '1'\n"),
            ("broken/Cargo.toml", "[dependencies\n"),
        ]);
        let asks = |name: &str| (name.to_owned(), By::Crate);
        assert_eq!(found, [asks("openssl-sys"), asks("libc"), asks("openssl?")]);
    }

    #[test]
    fn meson_asks_by_name_list_and_option() {
        let found = tree(&[
            (
                "meson.build",
                "blas_name = get_option('blas')\nblas = dependency(blas_name, method: 'x')\n\
                 # dependency('not')\nd = dependency(['a', 'b'], required: false)\n\
                 m = cc.find_library('m')\nsubdir('sub')\n",
            ),
            (
                "meson.options",
                "option('blas', type: 'string', value: 'openblas',\n  description: 'x')\n",
            ),
            ("sub/meson.build", "dependency( 'zlib')\n"),
            ("other/meson.build", "dependency('unseen')\n"),
        ]);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["openblas", "m", "zlib", "a?", "b?"]);
        assert_eq!(found[1].1, By::Library);
    }

    #[test]
    fn cmake_asks_by_package_module_and_file() {
        let found = tree(&[
            (
                "CMakeLists.txt",
                "find_package(ZLIB 1.2 REQUIRED)\nPKG_CHECK_MODULES(X REQUIRED libxml-2.0>=2.9)\n\
                 find_library(Z NAMES z)\nadd_subdirectory(src)\ninclude(cmake/more.cmake)\n",
            ),
            ("src/CMakeLists.txt", "find_path(P yaml.h)\n"),
            ("cmake/more.cmake", "find_package(BLAS)\n"),
        ]);
        let has = |name: &str, by| found.contains(&(name.to_owned(), by));
        assert!(has("ZLIB", By::Cmake) && has("BLAS?", By::Cmake));
        assert!(has("libxml-2.0", By::PkgConfig) && has("z?", By::Library));
        assert!(has("yaml.h?", By::File));
    }

    #[test]
    fn python_asks_in_strings_of_its_setup_scripts() {
        let found = tree(&[
            ("setup.py", "Extension('a', libraries=['yaml'])  # 'not'\n"),
            ("setupinfo.py", "run('xslt-config')\n"),
            ("tool.py", "'unseen'\n"),
        ]);
        let names: BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            names.contains("yaml") && names.contains("xslt-config"),
            "{names:?}"
        );
        assert!(!names.contains("not") && !names.contains("unseen"));
    }

    #[test]
    fn what_python_says_of_a_package_asks_for_nothing() {
        let found = tree(&[(
            "setup.py",
            "setup(name='lapack', keywords=['blas', 'z'],\n  extras_require={'yaml': ['x']},\n\
             ext_modules=[Extension('a', ['a.c'], libraries=['gmp'])])\n",
        )]);
        let names: BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["a", "a.c", "gmp"]));
        // A script that links nothing has words of other meanings.
        let found = tree(&[("setup.py", "mode = 'z'\nheader = 'zlib.h'\n")]);
        assert!(found.iter().all(|(_, by)| *by == By::File), "{found:?}");
    }
}
