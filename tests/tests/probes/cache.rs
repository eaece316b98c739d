//! Which probes are answered as before. The tools are fakes: they make an output that tells its call,
//! and say something about the folder.

use std::process::Output;

use camino::Utf8PathBuf;
use emshim_tests::shim_folder::ShimFolder;

/// Writes a new output each time, and names the source by its whole path.
const TOOLS: &str = "for word; do case $last in -o) echo \"$$\" > \"$word\";; esac; last=$word; done; \
    echo \"$PWD/conftest.c:1:1: warning: odd\" >&2; echo said";

const SOURCE: &str = "#include <stdio.h>\nint main(void) { return 0; }\n";

struct Probes {
    folder: ShimFolder,
}

impl Probes {
    fn new() -> Self {
        Self {
            folder: ShimFolder::new(),
        }
    }

    fn dir(&self, name: &str) -> Utf8PathBuf {
        let dir = self.folder.path("work").join(name);
        std::fs::create_dir_all(&dir).expect("a folder");
        dir
    }

    fn call(&self, dir: &str, source: (&str, &str), args: &[&str], behaviour: &str) -> Output {
        let dir = self.dir(dir);
        std::fs::write(dir.join(source.0), source.1).expect("a source");
        let mut command = self.folder.command("gcc", behaviour);
        command
            .env("EMSHIM_PROBE_CACHE", "1")
            .current_dir(dir)
            .args(args);
        command.output().expect("a shim that starts")
    }

    /// Compiles `conftest.c`; whether a tool ran, what was made and what was said.
    fn compile(&self, dir: &str, source: &str, more: &[&str]) -> (bool, String, String) {
        let before = self.folder.calls().len();
        let words = [&["-c", "conftest.c", "-o", "conftest.o"], more].concat();
        let output = self.call(dir, ("conftest.c", source), &words, TOOLS);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, b"said\n");
        let made = std::fs::read_to_string(self.dir(dir).join("conftest.o")).expect("an object");
        let ran = self.folder.calls().len() > before;
        (ran, made, String::from_utf8(output.stderr).expect("text"))
    }

    fn runs(&self, dir: &str, source: &str, more: &[&str]) -> bool {
        self.compile(dir, source, more).0
    }
}

#[test]
fn the_same_probe_in_another_folder_is_answered_with_its_own_paths() {
    let probes = Probes::new();
    let (ran, made, said) = probes.compile("a", SOURCE, &[]);
    assert!(
        ran && said.contains("work/a/conftest.c:1:1: warning: odd"),
        "{said}"
    );
    let (ran, again, said) = probes.compile("deeper/b", SOURCE, &[]);
    assert!(!ran && again == made);
    assert!(
        said.contains("work/deeper/b/conftest.c:1:1: warning: odd"),
        "{said}"
    );
    let records = probes.folder.records();
    let end = records.last().expect("a record");
    assert_eq!(end["steps"][0]["from_cache"], true);
    assert_eq!(end["outputs"][0]["path"], "conftest.o");
}

#[test]
fn what_decides_a_probe_must_be_the_same() {
    let probes = Probes::new();
    assert!(probes.runs("a", SOURCE, &[]));
    assert!(probes.runs("a", SOURCE, &["-DX"]));
    assert!(probes.runs("a", &SOURCE.replace("0", "1"), &[]));
    assert!(!probes.runs("a", SOURCE, &[]));
    let header = "em/cache/sysroot/include/below/deep/x.h";
    for (file, text) in [
        ("em/emcc.py", ""),
        ("em/cache/sysroot/lib/libz.a", ""),
        (header, "1"),
        (header, "2"),
        ("em/src/library.js", ""),
        ("lib/clang/19/include/stddef.h", ""),
    ] {
        let file = probes.folder.path(file);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file of the toolchain");
        assert!(probes.runs("a", SOURCE, &[]), "{file}");
        assert!(!probes.runs("a", SOURCE, &[]), "{file}");
    }
}

#[test]
fn what_may_read_other_files_runs() {
    let probes = Probes::new();
    for (source, more) in [
        (SOURCE, &["-I", "include"][..]),
        (SOURCE, &["-Iinclude"]),
        (SOURCE, &["-L."]),
        (SOURCE, &["-include", "x.h"]),
        (SOURCE, &["-Wl,-T,script"]),
        (SOURCE, &["-fprofile-use=x"]),
        (SOURCE, &["--no-such-flag"]),
        ("char *f = __FILE__;\n", &[]),
        ("char *t = __TIME__;\n", &[]),
    ] {
        for _ in 0..2 {
            assert!(probes.runs("a", source, more), "{source} {more:?}");
        }
    }
}

#[test]
fn a_header_beside_the_source_counts() {
    let probes = Probes::new();
    let source = "#include \"conf.h\"\nint main(void) { return 0; }\n";
    let header = probes.dir("a").join("conf.h");
    assert!(probes.runs("a", source, &[]) && !probes.runs("a", source, &[]));
    for text in ["#define X 1\n", "#define X 2\n"] {
        std::fs::write(&header, text).expect("a header");
        assert!(probes.runs("a", source, &[]) && !probes.runs("a", source, &[]));
    }
    std::fs::write(&header, "#include \"other.h\"\nchar *t = __TIME__;\n").expect("a header");
    assert!(probes.runs("a", source, &[]) && probes.runs("a", source, &[]));
}

#[test]
fn an_output_that_holds_its_folder_is_not_kept() {
    let probes = Probes::new();
    let tools = "for word; do case $last in -o) echo $PWD > \"$word\";; esac; last=$word; done";
    for number in 1..=2 {
        let words = ["-c", "conftest.c", "-o", "conftest.o"];
        let output = probes.call("a", ("conftest.c", SOURCE), &words, tools);
        assert!(output.status.success());
        assert_eq!(probes.folder.calls().len(), number);
    }
}

#[test]
fn names_at_random_are_the_calls_own() {
    let probes = Probes::new();
    let tools = "for word; do case $last in -o) echo ${word%.*} $$ > \"$word\";; esac; \
                 last=$word; done";
    let made = |random: &str| {
        let (source, object) = (format!("{random}.c"), format!("{random}.o"));
        let words = ["-c", source.as_str(), "-o", object.as_str()];
        let output = probes.call("a", (&source, SOURCE), &words, tools);
        assert!(output.status.success(), "{output:?}");
        std::fs::read_to_string(probes.dir("a").join(object)).expect("an object")
    };
    let first = made("tmp0123abcd");
    assert_eq!(
        made("tmpabcd0123"),
        first.replace("tmp0123abcd", "tmpabcd0123")
    );
    assert_eq!(probes.folder.calls().len(), 1);
}

#[test]
fn a_failure_counts_where_it_says_why() {
    let probes = Probes::new();
    let fail = |why: &str| {
        let tools = format!("echo \"{why}\" >&2; exit 1");
        let words = ["-c", "conftest.c", "-o", "conftest.o"];
        let output = probes.call("a", ("conftest.c", SOURCE), &words, &tools);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    let _ = fail("error: No space left on device");
    let said = fail("$PWD/conftest.c:1:1: error: no such thing");
    assert_eq!(probes.folder.calls().len(), 2);
    assert_eq!(fail("never said"), said);
    assert_eq!(probes.folder.calls().len(), 2);
}

#[test]
fn nothing_is_kept_unless_asked_for_or_for_other_files_than_probes() {
    let probes = Probes::new();
    for number in 1..=2 {
        let words = ["-c", "module.c", "-o", "module.o"];
        let output = probes.call("a", ("module.c", SOURCE), &words, TOOLS);
        assert!(output.status.success());
        assert_eq!(probes.folder.calls().len(), number);
    }
    let dir = probes.dir("a");
    std::fs::write(dir.join("conftest.c"), SOURCE).expect("a source");
    for number in 3..=4 {
        let mut command = probes.folder.command("gcc", TOOLS);
        command.current_dir(&dir).args(["-c", "conftest.c"]);
        assert!(command.status().expect("a shim that starts").success());
        assert_eq!(probes.folder.calls().len(), number);
    }
    assert!(!probes.folder.path("shims/probes").exists());
}

#[test]
fn calls_at_once_may_all_ask() {
    let probes = Probes::new();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let probes = &probes;
            scope.spawn(move || probes.runs(&number.to_string(), SOURCE, &[]));
        }
    });
    assert!(!probes.runs("last", SOURCE, &[]));
}
