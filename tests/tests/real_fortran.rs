//! Fortran's parts of a set-up toolchain: f2c built from its source, and the runtime library in a
//! program and in a side module; a native gfortran for machines without one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use camino::Utf8PathBuf;
use emshim_tests::real::{Folder, Outcome, command, exports, imports, shim, shims};
use provision::{Env, Silent, Store, provision_f2c, provision_gfortran};
use shims::shim::config::ShimConfig;

/// Writes an integer into a string with a format, by the runtime's calls for it.
const WRITES: &str = r#"
#include "f2c.h"
extern integer s_wsfi(icilist *), do_fio(integer *, char *, ftnlen), e_wsfi(void);

void answer(char *text, ftnlen length) {
    static icilist io = {0, 0, 0, "(I8,F8.3)", 16, 1};
    static integer one = 1;
    integer number = 42;
    doublereal half = .5;
    real single = (real)half;
    io.iciunit = text;
    s_wsfi(&io);
    do_fio(&one, (char *)&number, sizeof number);
    do_fio(&one, (char *)&single, sizeof single);
    e_wsfi();
}
"#;

const MAIN: &str = r#"
#include <stdio.h>
#include "f2c.h"
extern void answer(char *, ftnlen);

int main(int argc, char **argv) {
    char text[17] = {0};
    answer(text, 16);
    puts(text);
}
"#;

#[test]
fn f2c_is_built_from_its_source() {
    let folder = Folder::new();
    // The machine's compilers, and no f2c.
    let env: Env = ["PATH"]
        .into_iter()
        .map(|name| (name, "/usr/local/bin:/usr/bin:/bin"))
        .collect();
    let store = Store::at(folder.path().join("store"));
    let f2c = provision_f2c(&env, &store, None, &Silent).expect("an f2c");
    let source = folder.file(
        "half.f",
        "      REAL FUNCTION HALF(X)\n      HALF = X / 2\n      END\n",
    );
    let c = Outcome::of(&command(&f2c, &["-R"]).stdin_path(&source))
        .success()
        .stdout;
    assert!(c.contains("real half_(real *x)"), "{c}");
    let again = provision_f2c(&env, &store, None, &Silent).expect("the same f2c");
    assert_eq!(again, f2c);
}

/// A machine that has all that provisioning asks for, and no compiler.
#[test]
fn a_native_gfortran_comes_from_packages() {
    let folder = Folder::new();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("a folder");
    for name in ["apt-config", "apt-get", "dpkg", "dpkg-deb", "python3"] {
        let program = Env::capture().program(name).expect(name);
        let call = format!("#!/bin/sh\nexec {program} \"$@\"\n");
        let path = folder.file(&format!("bin/{name}"), &call);
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("a program");
    }
    let env: Env = [("PATH", bin.as_str())].into_iter().collect();
    let store = Store::from_env().expect("a store");
    let native = provision_gfortran(&env, &store, &Silent).expect("a gfortran");
    folder.file(
        "root.f",
        "      DOUBLE PRECISION X, HALF\n      X = HALF(4D0)\n      PRINT *, SQRT(X)\n      END\n",
    );
    folder.file("half.c", "double half_(double *x) { return *x / 2; }\n");
    // Not even `as` and `ld` of the machine are used.
    let bare = |program: &Utf8PathBuf, words: &[&str]| {
        let bare = command(program, words)
            .dir(folder.path())
            .full_env([("PATH", "/nowhere")]);
        Outcome::of(&bare).success().stdout
    };
    bare(&native.gcc, &["-c", "half.c"]);
    bare(&native.gfortran, &["-O2", "root.f", "half.o", "-o", "root"]);
    let said = bare(&folder.path().join("root"), &[]);
    assert!(said.trim().starts_with("1.41421356"), "{said}");
}

/// The runtime's folder.
fn runtime() -> Utf8PathBuf {
    ShimConfig::load(shims())
        .expect("a shim folder")
        .fortran
        .runtime
}

#[test]
fn the_runtime_links_into_a_program() {
    let folder = Folder::new();
    folder.file("main.c", MAIN);
    folder.file("writes.c", WRITES);
    let (include, library) = (format!("-I{}", runtime()), runtime().join("libgfortran.a"));
    let words = [
        "main.c",
        "writes.c",
        &include,
        library.as_str(),
        "-o",
        "main.js",
    ];
    let built = shim("gcc", &words, folder.path()).success();
    assert!(
        !built.stderr.contains("signature mismatch"),
        "{}",
        built.stderr
    );
    let said = Outcome::of(&command("node", &["main.js"]).dir(folder.path())).success();
    assert_eq!(said.stdout, "      42   0.500\n");
}

#[test]
fn the_runtime_links_into_a_side_module() {
    let folder = Folder::new();
    folder.file("writes.c", WRITES);
    let (include, library) = (format!("-I{}", runtime()), runtime().join("libgfortran.a"));
    let words = [
        "-shared",
        "writes.c",
        &include,
        library.as_str(),
        "-o",
        "w.so",
    ];
    let module = shim(
        "gcc",
        &[&words[..], &["-Wl,--export=answer"]].concat(),
        folder.path(),
    );
    let built = module.success();
    assert!(
        !built.stderr.contains("signature mismatch"),
        "{}",
        built.stderr
    );
    let file = folder.path().join("w.so");
    assert!(exports(file.as_std_path()).contains(&"answer".to_owned()));
    // Nothing of the runtime may be left to import: the host has none.
    let runtime = ["s_wsfi", "do_fio", "e_wsfi", "MAIN__"];
    let imported = imports(file.as_std_path());
    assert!(
        !imported.iter().any(|name| runtime.contains(&name.as_str())),
        "{imported:?}"
    );
}
