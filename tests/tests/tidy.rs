//! The rules that keep the repository's shape. Each says what to do about what it finds.

use emshim::variables::VARIABLES;
use emshim_tests::suites::{self, Suite};
use emshim_tests::tidy::manifest::members;
use emshim_tests::tidy::modules::{circles, uses};
use emshim_tests::tidy::source::{before_tests, code, strings};
use emshim_tests::tidy::{files, root, text};
use std::collections::{BTreeMap, BTreeSet};

/// The crates of the workspace, lower ones first, and those of them that each may use: all of its
/// `[dependencies]` that are ours. A crate uses only what stands above it here.
const LAYERS: &[(&str, &[&str])] = &[
    ("cmake-toolchain", &[]),
    ("disk", &[]),
    ("f2c-driver", &[]),
    ("configuration", &[]),
    ("provision", &["disk"]),
    ("secrets", &[]),
    ("pyodide-wheel", &["disk", "secrets"]),
    ("signatures", &[]),
    ("toolcall", &[]),
    ("flags", &["toolcall"]),
    ("libraries", &[]),
    ("planner", &["f2c-driver", "flags", "toolcall"]),
    ("call-log", &["disk", "secrets", "toolcall"]),
    (
        "steps",
        &[
            "call-log",
            "disk",
            "f2c-driver",
            "flags",
            "planner",
            "signatures",
            "toolcall",
        ],
    ),
    (
        "shim",
        &[
            "call-log",
            "disk",
            "flags",
            "libraries",
            "planner",
            "signatures",
            "steps",
            "toolcall",
        ],
    ),
    (
        "replay",
        &["call-log", "disk", "flags", "planner", "shim", "toolcall"],
    ),
    (
        "wheel-build",
        &[
            "call-log",
            "cmake-toolchain",
            "configuration",
            "disk",
            "f2c-driver",
            "libraries",
            "planner",
            "provision",
            "pyodide-wheel",
            "shim",
            "signatures",
            "steps",
            "toolcall",
        ],
    ),
    ("publish", &["disk", "pyodide-wheel", "wheel-build"]),
    (
        "farm",
        &[
            "configuration",
            "disk",
            "provision",
            "publish",
            "pyodide-wheel",
            "shim",
            "wheel-build",
        ],
    ),
    (
        "emshim",
        &[
            "call-log",
            "configuration",
            "disk",
            "farm",
            "provision",
            "publish",
            "pyodide-wheel",
            "replay",
            "shim",
            "secrets",
            "signatures",
            "steps",
            "toolcall",
            "wheel-build",
        ],
    ),
    (
        "emshim-tests",
        &[
            "call-log",
            "disk",
            "emshim",
            "f2c-driver",
            "flags",
            "planner",
            "provision",
            "pyodide-wheel",
            "signatures",
            "toolcall",
            "wheel-build",
        ],
    ),
    (
        "xtask",
        &[
            "call-log",
            "configuration",
            "emshim",
            "emshim-tests",
            "f2c-driver",
            "flags",
            "provision",
            "shim",
            "steps",
            "toolcall",
        ],
    ),
];

#[test]
fn crates_use_what_their_layer_may_and_nothing_above_it() {
    let members = members();
    let names: BTreeSet<&str> = LAYERS.iter().map(|row| row.0).collect();
    let there: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(there, names, "LAYERS names every member of the workspace");
    let mut below: BTreeSet<&str> = BTreeSet::new();
    for (name, may) in LAYERS {
        let ours = members[*name].uses.iter().map(String::as_str);
        let uses: BTreeSet<&str> = ours.filter(|used| names.contains(used)).collect();
        let may: BTreeSet<&str> = may.iter().copied().collect();
        assert_eq!(uses, may, "{name}: Cargo.toml and LAYERS");
        let above: Vec<_> = may.difference(&below).collect();
        assert!(above.is_empty(), "{name} uses {above:?}, which is above it");
        below.insert(name);
    }
}

/// Circles that are one thing in two files, with the reason.
const CIRCLES: &[(&str, &str, &str)] = &[(
    "f2c-driver",
    "consts, types",
    "the kind of an expression may be a constant, whose value may ask for the kind of an expression",
)];

#[test]
fn modules_of_a_crate_use_each_other_one_way() {
    let mut wrong = String::new();
    for (name, member) in members() {
        for circle in circles(&uses(&member.folder.join("src"))) {
            let modules: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
            let modules = modules.join(", ");
            if !CIRCLES
                .iter()
                .any(|known| known.0 == name && known.1 == modules)
            {
                wrong += &format!("{name}: {modules}\n");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these modules use each other in a circle; move what they share below them:\n{wrong}"
    );
}

#[test]
fn dependencies_are_used() {
    let mut wrong = String::new();
    for (name, member) in members() {
        let mut sources = String::new();
        for folder in ["src", "tests", "examples"] {
            let folder = member.folder.join(folder);
            for file in folder
                .exists()
                .then(|| files(&folder, ".rs"))
                .into_iter()
                .flatten()
            {
                sources += &text(&file);
            }
        }
        for used in member.uses.iter().chain(&member.tests_use) {
            let name_in_code = used.replace('-', "_");
            let word = |c: char| c.is_alphanumeric() || c == '_';
            if !sources.split(|c| !word(c)).any(|part| part == name_in_code) {
                wrong += &format!("{name}: {used}\n");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "nothing uses these dependencies:\n{wrong}"
    );
}

/// Whether an SPDX expression, of alternatives of licences together, allows one of these.
fn allows(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    let mut alternatives = plain.split(" OR ");
    alternatives.any(|all| all.split(" AND ").all(|one| allowed.contains(one.trim())))
}

#[test]
fn licences_are_those_of_the_policy() {
    let policy = text(&root().join("deny.toml"));
    let (_, list) = policy.split_once("allow = [").expect("the licences");
    let (list, _) = list.split_once(']').expect("their end");
    let allowed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let words = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform=x86_64-unknown-linux-gnu",
    ];
    let metadata = duct::cmd(env!("CARGO"), words).dir(root()).read();
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata.expect("cargo metadata")).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let mut wrong = String::new();
    for package in packages
        .iter()
        .filter(|package| package["source"].is_string())
    {
        let licence = package["license"].as_str().unwrap_or("none stated");
        if !allows(licence, &allowed) {
            wrong += &format!("{}: {licence}\n", package["name"]);
        }
    }
    assert!(wrong.is_empty(), "deny.toml does not allow:\n{wrong}");
    assert!(packages.len() > 50);
}

#[test]
fn every_file_of_a_subject_is_a_suite_of_its_main() {
    let suites = suites::all();
    let folder = root().join("tests/tests");
    let listed = suites.iter().filter_map(|suite| {
        let name = suite.name.as_ref()?;
        Some(folder.join(&suite.subject).join(name).with_extension("rs"))
    });
    let listed: BTreeSet<_> = listed.collect();
    let mut there: BTreeSet<_> = files(&folder, ".rs").into_iter().collect();
    there.retain(|file| file.file_name() != Some("main.rs") && *file != folder.join("tidy.rs"));
    assert_eq!(listed, there, "the `main.rs` of a subject names its suites");
    for suite in &suites {
        let same = |other: &&Suite| other.is_meant(suite.name.as_ref().unwrap_or(&suite.subject));
        assert_eq!(
            suites.iter().filter(same).count(),
            1,
            "a suite's name is no other's: {suite}"
        );
        // libtest's filters are parts of names.
        let Some(filter) = suite.filter() else {
            continue;
        };
        let mut others = suites.iter().filter(|other| other.subject == suite.subject);
        let hidden = others
            .find(|other| *other != suite && other.filter().is_some_and(|f| f.ends_with(&filter)));
        assert_eq!(hidden, None, "{suite} would run too");
    }
}

/// The crates of the flow of one call.
const FLOW: &[&str] = &[
    "call-log", "disk", "flags", "planner", "replay", "shim", "steps", "toolcall",
];

/// Where they may read what the process was given.
const CAPTURE: &str = "shims/shim/src/capture.rs";

#[test]
fn only_capture_reads_arguments_environment_and_working_directory() {
    let read = [
        "env::args",
        "env::current_dir",
        "env::home_dir",
        "env::temp_dir",
        "env::var",
    ];
    let mut wrong = String::new();
    let members = members();
    for name in FLOW {
        for file in files(&members[*name].folder.join("src"), ".rs") {
            let code = code(before_tests(&text(&file)));
            let found = read.iter().find(|what| code.contains(*what));
            if let Some(what) = found.filter(|_| file != root().join(CAPTURE)) {
                wrong += &format!("{file}: {what}\n");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{CAPTURE} is to read it, and pass it on:\n{wrong}"
    );
}

/// Most lines of a module before its tests.
const LINES: usize = 500;

/// Modules that are one table, a line for each thing it is about.
const TABLES: &[&str] = &[
    "f2c-driver/src/intrinsics/table.rs",
    "shims/flags/src/tables/compiler.rs",
];

#[test]
fn modules_are_short() {
    let mut wrong = String::new();
    for (_, member) in members() {
        for file in files(&member.folder.join("src"), ".rs") {
            let text = text(&file);
            let lines = before_tests(&text).lines().count();
            let name = file.strip_prefix(root()).expect("below the root");
            if lines > LINES && !TABLES.iter().any(|table| name == *table) {
                wrong += &format!("{name}: {lines} lines before its tests\n");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "more than {LINES}; take them apart:\n{wrong}"
    );
}

/// The documents that name files and commands.
const DOCUMENTS: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];

/// What documents name in code: the words between backquotes on one line.
fn named(document: &str) -> Vec<String> {
    let text = text(&root().join(document));
    let mut fenced = false;
    let mut named = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            named.push(line.to_owned());
        } else {
            named.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    named
}

#[test]
fn files_that_documents_name_are_there() {
    let top: BTreeSet<String> = root()
        .read_dir_utf8()
        .expect("the repository")
        .map(|entry| entry.expect("an entry").file_name().to_owned())
        .collect();
    let mut wrong = String::new();
    let mut checked = 0;
    for document in DOCUMENTS {
        for name in named(document) {
            let first = name.split('/').next().unwrap_or_default();
            let path = name.contains('/') && !name.contains(' ') && top.contains(first);
            let placeholder =
                name.contains(['<', '*', '$']) || name.chars().any(char::is_uppercase);
            if path && !placeholder {
                checked += 1;
                if !root().join(&name).exists() {
                    wrong += &format!("{document}: {name}\n");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not there:\n{wrong}");
    assert!(checked > 20, "only {checked} paths were found in documents");
}

/// The names of the variants of an enum, as commands spell them.
fn verbs(file: &str, definition: &str) -> BTreeSet<String> {
    let text = text(&root().join(file));
    let (_, body) = text.split_once(definition).expect("the enum");
    let (body, _) = body.split_once("\n}").expect("its end");
    let names = body.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?;
        let end = name
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(name.len());
        name.starts_with(char::is_uppercase).then(|| &name[..end])
    });
    let kebab = |name: &str| {
        let mut out = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !out.is_empty() {
                out.push('-');
            }
            out.extend(c.to_lowercase());
        }
        out
    };
    names.map(kebab).collect()
}

#[test]
fn commands_that_documents_name_exist() {
    let tools = [
        ("cargo xtask ", verbs("xtask/src/main.rs", "enum Task {")),
        ("emshim ", verbs("shims/emshim/src/lib.rs", "enum Verb {")),
    ];
    let own = [
        "fortran",
        "commons",
        "exports",
        "check-link",
        "libraries",
        "show-run-path",
        "bind",
        "share",
        "run-path",
        "remove-sections",
        "place",
        "replay-call",
    ];
    let mut wrong = String::new();
    let mut checked = 0;
    for document in DOCUMENTS {
        for name in named(document) {
            for (tool, verbs) in &tools {
                let Some(rest) = name.trim_start().strip_prefix(tool) else {
                    continue;
                };
                let verb = rest.split(' ').next().unwrap_or_default();
                if !verb.starts_with(|c: char| c.is_ascii_lowercase()) {
                    continue;
                }
                checked += 1;
                if !verbs.contains(verb) && !own.contains(&verb) {
                    wrong += &format!("{document}: {tool}{verb}\n");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "no such command:\n{wrong}");
    assert!(
        checked > 20,
        "only {checked} commands were found in documents"
    );
}

/// The table of environment variables.
const TABLE: &str = "shims/emshim/src/variables.rs";

#[test]
fn environment_variables_are_in_the_table_and_read() {
    let is_ours = |word: &str| {
        let rest = word.strip_prefix("EMSHIM_");
        rest.is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        })
    };
    let table: BTreeSet<&str> = VARIABLES.iter().map(|row| row.name).collect();
    let mut read: BTreeMap<String, String> = BTreeMap::new();
    for (name, member) in members() {
        if ["emshim-tests", "xtask"].contains(&name.as_str()) {
            continue;
        }
        for file in files(&member.folder.join("src"), ".rs") {
            if file == root().join(TABLE) {
                continue;
            }
            for word in strings(before_tests(&text(&file))) {
                if is_ours(word) || table.contains(word) {
                    read.insert(word.to_owned(), file.to_string());
                }
            }
        }
    }
    let missing: Vec<_> = read
        .iter()
        .filter(|(name, _)| !table.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in {TABLE}: {missing:?}");
    let unread: Vec<_> = table
        .iter()
        .filter(|name| !read.contains_key(**name))
        .collect();
    assert!(
        unread.is_empty(),
        "in {TABLE}, and nothing reads them: {unread:?}"
    );
}

/// Where folders of the store get their names.
const STORE: &[&str] = &["provision/src/store.rs", "provision/src/store_folders.rs"];

/// Where a folder of the store may be named by what an older version or a file says.
const STORE_BY_OTHER_NAMES: &[&str] = &["provision/src/usage.rs", "shims/emshim/src/clean.rs"];

#[test]
fn folders_of_the_store_are_methods_of_it() {
    let mut wrong = String::new();
    for (_, member) in members() {
        for file in files(&member.folder.join("src"), ".rs") {
            let name = file.strip_prefix(root()).expect("below the root");
            let mut known = STORE.iter().chain(STORE_BY_OTHER_NAMES);
            let code = code(before_tests(&text(&file))).replace(char::is_whitespace, "");
            if code.contains("root().join(") && !known.any(|known| name == *known) {
                // Other roots than the store's.
                if code.contains("store.root()") || code.contains("store().root()") {
                    wrong += &format!("{name}\n");
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "a folder of the store is a row of provision/src/store_folders.rs:\n{wrong}"
    );
}
