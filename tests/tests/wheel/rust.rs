//! Extension modules of Rust: what packages have inside, built by both back ends and run in Pyodide.
//! The first test gets Rust and builds its standard library.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::machines::Machine;
use emshim_tests::real::{Completed, Folder, assert_says, command, emshim, run, soabi, wheel_name};
use provision::RUST_TARGET;

/// A crate of `tests/rust`.
fn crate_of(name: &str) -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("rust")
        .join(name)
}

/// Builds a source into a folder.
fn build(source: &Utf8Path, to: &Folder) -> Completed {
    run(&["build", source.as_str(), "--outdir", to.path().as_str()])
}

/// The wheel in a folder, whose name has a platform tag of ours.
fn wheel(folder: &Folder) -> Utf8PathBuf {
    let files = folder.path().read_dir_utf8().expect("a folder");
    let files: Vec<_> = files
        .map(|file| file.expect("a file").into_path())
        .collect();
    let [wheel] = files.as_slice() else {
        panic!("{files:?}");
    };
    let name = wheel_name("x");
    let platform = name.rsplit('-').next().expect("a platform");
    assert!(wheel.as_str().ends_with(platform), "{wheel}");
    wheel.clone()
}

/// The modules in a wheel, whose RECORD has each file as it is and whose tags are those of its name.
fn modules(wheel: &Utf8Path) -> String {
    let code = "import base64, csv, hashlib, io, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
info, = {n.split('/')[0] for n in z.namelist() if '.dist-info/' in n}
rows = list(csv.reader(io.StringIO(z.read(info + '/RECORD').decode())))
assert sorted(r[0] for r in rows) == sorted(z.namelist()), rows
for name, digest, size in rows:
    if name != info + '/RECORD':
        data = z.read(name)
        own = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
        assert (digest, size) == ('sha256=' + own, str(len(data))), name
tags = [l[5:] for l in z.read(info + '/WHEEL').decode().splitlines() if l.startswith('Tag: ')]
assert sys.argv[1].endswith('-%s.whl' % tags[0]) and len(tags) == 1, tags
print(*[n for n in z.namelist() if n.endswith('.so')])";
    let done = Completed::of(&command("python3", &["-c", code, wheel.as_str()]));
    done.success().stdout.trim().to_owned()
}

/// The name of a wheel of the stable ABI for the default target.
fn stable_name(project: &str) -> String {
    let name = wheel_name("x");
    let platform = name.rsplit('-').next().expect("a platform");
    format!("{project}-cp310-abi3-{platform}")
}

/// Runs Python with a wheel.
fn python(wheel: &Utf8Path, code: &str) -> Completed {
    run(&["run", "--with", wheel.as_str(), "-c", code])
}

#[test]
fn panics_c_and_cxx_inside_of_a_module_by_maturin() {
    let to = Folder::new();
    // `last` is of the log, which the other tests of the store write too.
    let logs = Folder::new();
    let source = crate_of("inside");
    let words = ["build", source.as_str(), "--outdir", to.path().as_str()];
    let built = command(emshim(), &words).env("EMSHIM_LOG", logs.path());
    let built = Completed::of(&built).success();
    assert_says(&built.stderr, &["Rust 1."]);
    let wheel = wheel(&to);
    assert_eq!(wheel.file_name(), Some(wheel_name("inside-1.0").as_str()));
    assert_eq!(modules(&wheel), format!("inside/inside.{}.so", soabi()));
    let done = python(
        &wheel,
        "import inside\n\
         try: inside.element(7)\n\
         except BaseException as e: print(type(e).__name__, '7' in str(e))\n\
         print(inside.element(1), inside.caught(1), inside.caught(9))\n\
         print(inside.total([2**31 - 1] * 3), inside.length('abc'), inside.length(''))\n\
         try: inside.thread()\n\
         except OSError: print('no thread')\n\
         print(inside.widths(), inside.place())\n",
    )
    .success();
    let expected = "PanicException True\n2 (False, 3) (True, 4)\n6442450941 3 -1\nno thread\n\
                    (8, 4) src/lib.rs\n";
    assert_eq!(done.stdout, expected);

    // No folder of this machine is in the module: of the store, the crates or the work tree.
    let module = unzip(&wheel, ".so");
    let home = run(&["doctor", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&home.stdout).expect("JSON");
    let places = found.as_array().expect("a list").iter();
    let mut store = places.filter(|row| row["what"] == "store");
    let store = store
        .next()
        .and_then(|row| row["place"].as_str())
        .expect("a store");
    let text = String::from_utf8_lossy(&module);
    let parts = unzip(&wheel, ".cyclonedx.json");
    let parts = String::from_utf8_lossy(&parts);
    assert!(!text.contains(store) && !parts.contains(store), "{store}");
    assert_says(&parts, &["path+file:///source/"]);
    assert!(
        text.contains("/cargo/registry/"),
        "crates are named all the same"
    );
    assert_says(
        &String::from_utf8_lossy(&unzip(&wheel, "EMSHIM.json")),
        &["\"rust\": \"1."],
    );

    // The record has what rustc linked by.
    let list = command(emshim(), &["log", "list", "--build", "last"]);
    let list = Completed::of(&list.env("EMSHIM_LOG", logs.path())).success();
    assert_says(&list.stdout, &["emcc ", "libstd-", "build-cc"]);
}

/// The bytes of the one member of a wheel whose name ends so.
fn unzip(wheel: &Utf8Path, end: &str) -> Vec<u8> {
    let code = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]);\
                n, = [n for n in z.namelist() if n.endswith(sys.argv[2])];\
                sys.stdout.buffer.write(z.read(n))";
    let done = command("python3", &["-c", code, wheel.as_str(), end]);
    done.stdout_capture().run().expect("a member").stdout
}

#[test]
fn abort_fat_lto_and_the_stable_abi_by_setuptools_rust() {
    let to = Folder::new();
    let _ = build(&crate_of("abort"), &to).success();
    let wheel = wheel(&to);
    assert_eq!(wheel.file_name(), Some(stable_name("abort-1.0").as_str()));
    assert_eq!(modules(&wheel), "abort.abi3.so");
    let code = "import abort; print(sorted(abort.count('a b a').items()))";
    let done = python(&wheel, code).success();
    assert_eq!(done.stdout, "[('a', 2), ('b', 1)]\n");
}

#[test]
fn several_modules_by_setuptools_rust_have_their_own_suffix_and_place() {
    // A module that no crate helps, as emshim tries a Rust with.
    const MODULE: &str = include_str!("../../../shims/wheel-build/src/rust/unwinding.rs");
    let (source, to) = (Folder::new(), Folder::new());
    let mut project = "[build-system]\nrequires = ['setuptools', 'setuptools-rust']\n\
                       build-backend = 'setuptools.build_meta'\n\
                       [project]\nname = 'several'\nversion = '1.0'\n\
                       [tool.setuptools]\npackages = ['several', 'several.sub']\n"
        .to_owned();
    for (place, name) in [("several", "one"), ("several/sub", "two")] {
        source.file(&format!("{place}/__init__.py"), "");
        source.file(
            &format!("{name}/Cargo.toml"),
            &format!(
                "[package]\nname = '{name}'\nversion = '1.0.0'\nedition = '2024'\n\
                 [lib]\ncrate-type = ['cdylib']\n[workspace]\n"
            ),
        );
        let code = MODULE.replace("PyInit_trial", &format!("PyInit_{name}"));
        source.file(&format!("{name}/src/lib.rs"), &code);
        project += &format!(
            "[[tool.setuptools-rust.ext-modules]]\ntarget = '{}.{name}'\npath = '{name}/Cargo.toml'\n\
             binding = 'NoBinding'\n",
            place.replace('/', ".")
        );
    }
    source.file("pyproject.toml", &project);
    let _ = build(source.path(), &to).success();
    let wheel = wheel(&to);
    assert_eq!(wheel.file_name(), Some(wheel_name("several-1.0").as_str()));
    let soabi = soabi();
    let expected = format!("several/one.{soabi}.so several/sub/two.{soabi}.so");
    assert_eq!(modules(&wheel), expected);
    let code =
        "from several import one; from several.sub import two; print(one.__doc__, two.__doc__)";
    assert_eq!(python(&wheel, code).success().stdout, "caught caught\n");
}

/// A Rust as rustup installs it, made of emshim's own. `programs` are that one's; the target's
/// library, if there is to be any, lacks the crates that `leave_out` picks.
fn users(programs: &Utf8Path, library: bool, leave_out: fn(&str) -> bool) -> Folder {
    let folder = Folder::new();
    let rustc = folder.file(
        "bin/rustc",
        &format!(
            "#!/bin/sh\nexec '{programs}/rustc' --sysroot '{}' \"$@\"\n",
            folder.path()
        ),
    );
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).expect("a program");
    let link = |from: &Utf8Path, to: &Utf8Path| symlink(from, to).expect("a link");
    link(&programs.join("cargo"), &folder.path().join("bin/cargo"));
    let from = programs.join("../usr/lib/rustlib").canonicalize_utf8();
    let from = from.expect("libraries");
    let to = folder.path().join("lib/rustlib");
    fs::create_dir_all(&to).expect("a folder");
    for entry in from.read_dir_utf8().expect("a folder").flatten() {
        let place = to.join(entry.file_name());
        if entry.file_name() != RUST_TARGET {
            link(entry.path(), &place);
        } else if library {
            fs::create_dir_all(place.join("lib")).expect("a folder");
            let files = entry.path().join("lib").read_dir_utf8();
            for file in files.expect("a folder").flatten() {
                if !leave_out(file.file_name()) {
                    link(file.path(), &place.join("lib").join(file.file_name()));
                }
            }
        }
    }
    folder
}

/// A command with a Rust first in PATH.
fn with_rust(words: &[&str], rust: &Folder) -> Completed {
    let path = std::env::var("PATH").expect("PATH");
    let path = format!("{}:{path}", rust.path().join("bin"));
    Completed::of(&command(emshim(), words).env("PATH", path))
}

/// The folder of emshim's own programs, which are got if need be.
fn own() -> Utf8PathBuf {
    let said = run(&["setup", "--rust"]).success().stdout;
    let place = said
        .lines()
        .find_map(|line| line.split_once(" from Debian testing: "))
        .unwrap_or_else(|| panic!("no Rust of Debian's in:\n{said}"));
    place.1.into()
}

#[test]
fn a_rust_of_the_users_is_used_if_it_works_and_else_a_line_says_why_not() {
    let own = own();
    let setup = ["setup", "--rust"];
    for (library, why) in [
        (
            false,
            "has no standard library for wasm32-unknown-emscripten",
        ),
        (true, "makes no module that works in pyodide@"),
    ] {
        let unfit = users(&own, library, |file| file.starts_with("libpanic_unwind-"));
        let said = with_rust(&setup, &unfit).success();
        let line = said.stderr.lines().find(|line| line.contains(why));
        let line = line.unwrap_or_else(|| panic!("no `{why}` in:\n{}", said.stderr));
        assert_says(
            line,
            &["note: Rust 1.", "of PATH", "of Debian testing is used"],
        );
        assert_says(&said.stdout, &[own.as_str()]);
    }

    // The same compiler in another place, a source in another folder: the same bytes.
    let users = users(&own, true, |_| false);
    let said = with_rust(&setup, &users).success();
    assert_says(&said.stdout, &[&format!("from PATH: {}/bin", users.path())]);
    let wheels = [false, true].map(|theirs| {
        let (source, to) = (Folder::new(), Folder::new());
        for file in ["Cargo.toml", "pyproject.toml", "src/lib.rs"] {
            let text = fs::read_to_string(crate_of("stable").join(file)).expect("a file");
            source.file(file, &text);
        }
        let words = [
            "build",
            source.path().as_str(),
            "--outdir",
            to.path().as_str(),
        ];
        let built = if theirs {
            with_rust(&words, &users)
        } else {
            run(&words)
        };
        let whose = if theirs { "(PATH)" } else { "(Debian testing)" };
        assert_says(&built.success().stderr, &[whose]);
        let wheel = wheel(&to);
        assert_eq!(wheel.file_name(), Some(stable_name("stable-1.0").as_str()));
        assert_eq!(modules(&wheel), "stable/stable.abi3.so");
        let done = python(&wheel, "import stable; print(stable.element(2))").success();
        assert_eq!(done.stdout, "12\n");
        fs::read(wheel).expect("a wheel")
    });
    assert!(wheels[0] == wheels[1], "the two wheels differ");
}

#[test]
fn where_no_rust_can_be_had_a_line_says_what_to_do() {
    let own = own();
    let mut machine = Machine::without_apt();
    machine.hide(&["rustc", "cargo"]);
    let nothing = Folder::new();
    let folder = own.parent().expect("a folder");
    machine.mount(nothing.path().to_owned(), folder.as_str());
    let binary = emshim();
    let done = machine.run(&[binary.as_str(), "setup", "--rust"], &[]);
    assert_ne!(done.status, 0);
    let line = done.stderr.lines().find(|line| line.contains("needs Rust"));
    let line = line.unwrap_or_else(|| panic!("{}", done.stderr));
    assert_says(
        line,
        &["emshim has none", "rustup target add", "emshim doctor"],
    );
}

const PROJECT: &str = "[build-system]\nrequires = ['setuptools', 'setuptools-rust']\n\
    build-backend = 'setuptools.build_meta'\n[project]\nname = 'plain'\nversion = '1.0'\n\
    [[tool.setuptools-rust.ext-modules]]\ntarget = 'plain'\nbinding = 'NoBinding'\n";

/// A project with a module in Rust that no crate helps.
fn plain(manifest: &str, more: &str) -> Folder {
    let folder = Folder::new();
    folder.file("pyproject.toml", PROJECT);
    folder.file(
        "Cargo.toml",
        &format!(
            "[package]\nname = 'plain'\nversion = '1.0.0'\n{manifest}\n[lib]\n\
             crate-type = ['cdylib']\n[workspace]\n"
        ),
    );
    folder.file(
        "src/lib.rs",
        &format!(
            "use std::ffi::{{c_char, c_void}};\nextern \"C\" {{\n\
             fn PyErr_SetString(kind: *mut c_void, text: *const c_char);\n\
             static PyExc_ImportError: *mut c_void;\n}}\n{more}\n\
             #[no_mangle]\npub unsafe extern \"C\" fn PyInit_plain() -> *mut c_void {{\n\
             inside();\nPyErr_SetString(PyExc_ImportError, c\"as far as here\".as_ptr());\n\
             std::ptr::null_mut()\n}}\n"
        ),
    );
    folder
}

#[test]
fn what_cannot_be_built_is_one_line_with_the_remedy() {
    let to = Folder::new();
    let refused = |project: &Folder, words: &[&str]| {
        assert_says(&build(project.path(), &to).stderr, words);
    };
    let edition = plain("edition = '2099'", "fn inside() {}");
    refused(
        &edition,
        &["the edition of a crate is newer than Rust 1.", "newer Rust"],
    );
    let sockets = plain(
        "edition = '2021'",
        "fn inside() { std::os::fd::no_such_thing(); }",
    );
    refused(
        &sockets,
        &["the crate plain does not compile", "cargo tree"],
    );
    let nightly = plain(
        "edition = '2021'",
        "#![feature(never_type)]\nfn inside() {}",
    );
    nightly.file(
        "rust-toolchain.toml",
        "[toolchain]\nchannel = 'nightly-2026-01-01'\n",
    );
    refused(
        &nightly,
        &["asks for Rust nightly-2026-01-01", "not obeyed"],
    );
    let locked = plain("edition = '2021'", "fn inside() {}");
    locked.file("Cargo.lock", "version = 99\n");
    refused(
        &locked,
        &[
            "written by a newer cargo than that of Rust 1.",
            "Cargo.lock",
        ],
    );
    let member = plain(
        "edition = '2021'\n[dependencies]\ncore-of-it = { path = '../core-of-it' }",
        "fn inside() {}",
    );
    refused(&member, &["outside of its folder", "maturin sdist"]);
    let threads = plain(
        "edition = '2021'",
        "fn inside() { std::thread::spawn(|| ()).join().unwrap() }",
    );
    refused(
        &threads,
        &["failed to spawn thread", "Pyodide has none", "on first use"],
    );
    let program = Folder::new();
    program.file(
        "pyproject.toml",
        "[build-system]\nrequires = ['maturin>=1.9,<2']\nbuild-backend = 'maturin'\n\
         [project]\nname = 'program'\nversion = '1.0'\n[tool.maturin]\nbindings = 'bin'\n",
    );
    program.file(
        "Cargo.toml",
        "[package]\nname = 'program'\nversion = '1.0.0'\nedition = '2021'\n[workspace]\n",
    );
    program.file("src/main.rs", "fn main() {}\n");
    refused(
        &program,
        &[
            "scripts/program.js was linked as a module",
            "is no program",
            "exclude",
        ],
    );
    assert_eq!(fs::read_dir(to.path()).expect("a folder").count(), 0);
}

#[test]
fn a_build_script_without_a_compiler_for_this_machine_is_one_line_with_the_remedy() {
    let _ = own();
    let source = plain("edition = '2021'\nbuild = 'build.rs'", "fn inside() {}");
    source.file("build.rs", "fn main() {}\n");
    let os_release = fs::read_to_string("/etc/os-release").expect("a file");
    let mut machine = Machine::named(&os_release);
    machine.hide(&["cc", "gcc", "clang"]);
    let to = Folder::new();
    let (binary, outdir) = (emshim(), to.path().as_str());
    let words = [
        binary.as_str(),
        "build",
        source.path().as_str(),
        "--outdir",
        outdir,
    ];
    let refused = machine.run(
        &words,
        &[("CARGO_BUILD_TARGET", "x86_64-unknown-linux-gnu")],
    );
    assert_ne!(refused.status, 0);
    assert_says(
        &refused.stderr,
        &[
            "note: CARGO_BUILD_TARGET as the environment has it is not obeyed",
            "this machine, which has no C compiler: install one",
        ],
    );
    assert_eq!(fs::read_dir(to.path()).expect("a folder").count(), 0);
}

#[test]
fn a_library_that_was_left_out_is_an_error_before_the_wheel_is_placed() {
    let to = Folder::new();
    let source = plain(
        "edition = '2021'",
        "extern \"C\" { fn nobody_has_this(); }\nunsafe fn inside() { nobody_has_this() }",
    );
    let refused = build(source.path(), &to);
    assert_ne!(refused.status, 0);
    assert_says(
        &refused.stderr,
        &[
            &wheel_name("plain-1.0"),
            "nobody_has_this",
            "left out of the link",
            "vendored",
        ],
    );
    assert_eq!(fs::read_dir(to.path()).expect("a folder").count(), 0);
}

#[test]
fn cargo_under_exec_makes_a_program_for_the_target_with_the_users_flags() {
    let _ = run(&["setup", "--rust"]).success();
    let dir = Folder::new();
    dir.file(
        "a b/Cargo.toml",
        "[package]\nname = 'p'\nversion = '1.0.0'\nedition = '2021'\nbuild = 'build.rs'\n[workspace]\n",
    );
    dir.file(
        "a b/build.rs",
        "fn main() { println!(\"cargo::rustc-env=WIDTH={}\", usize::BITS); }\n",
    );
    dir.file(
        "a b/src/main.rs",
        "fn main() { println!(\"{} {} {}\", env!(\"WIDTH\"), usize::BITS, cfg!(mine)); }\n",
    );
    dir.file(
        "a b/.cargo/config.toml",
        "[target.'cfg(all(unix, target_arch = \"wasm32\"))']\n\
         rustflags = ['--cfg', 'mine', '--check-cfg', 'cfg(mine)']\n\
         [target.'cfg(windows)']\nrustflags = ['--no-such-flag']\n",
    );
    let exec = command(
        emshim(),
        &["exec", "--", "cargo", "run", "--quiet", "--offline"],
    );
    let project = dir.path().join("a b");
    let ran = Completed::of(&exec.dir(project.as_str())).success();
    assert_eq!(ran.stdout, "64 32 true\n");
}
