//! When the C of a Fortran source is kept, and when what was kept counts. The tools are fakes.

use camino::Utf8PathBuf;
use emshim_tests::shim_folder::ShimFolder;

/// f2c's stand-in gives C that names no source.
const TOOLS: &str = "case $0 in *f2c) cat > /dev/null; echo 'int f_(void) { return 0; }';; esac";

const SOURCE: &str = "      SUBROUTINE F\n      INCLUDE 'p.inc'\n      END\n";

struct Trees {
    folder: ShimFolder,
}

impl Trees {
    /// Two trees with a source, which includes a file from a folder beside it.
    fn new() -> Self {
        let trees = Self {
            folder: ShimFolder::new(),
        };
        trees.folder.fake("bin/f2c");
        let json = trees.folder.path("shims/emshim.json");
        let text = std::fs::read_to_string(&json).expect("a configuration");
        let f2c = trees.folder.path("bin/f2c");
        std::fs::write(&json, text.replace("/host/f2c", f2c.as_str())).expect("a file");
        for tree in ["a", "b"] {
            trees.write(tree, "src/f.f", SOURCE);
            trees.write(tree, "inc/p.inc", "      PARAMETER (N=1)\n");
            trees.write(tree, "early/other.inc", "");
        }
        trees
    }

    fn write(&self, tree: &str, name: &str, text: &str) {
        let path = self.path(tree, name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn path(&self, tree: &str, name: &str) -> Utf8PathBuf {
        self.folder.path("work").join(tree).join(name)
    }

    /// Compiles the source of a tree; whether f2c ran, and what the record says.
    fn compile(&self, tree: &str, more: &[&str]) -> (bool, bool) {
        let runs = || {
            let calls = self.folder.calls();
            let f2c = |call: &&emshim_tests::shim_folder::Call| call.line().contains("bin/f2c ");
            calls.iter().filter(f2c).count()
        };
        let before = runs();
        let [source, early, include] = ["src/f.f", "early", "inc"].map(|n| self.path(tree, n));
        let output = self
            .folder
            .command("gfortran", TOOLS)
            .env("EMSHIM_LAUNCHER", "env")
            .args(["-c", source.as_str(), "-o", "f.o"])
            .args([format!("-I{early}"), format!("-I{include}")])
            .args(more)
            .output()
            .expect("a shim that starts");
        assert!(output.status.success(), "{output:?}");
        let records = self.folder.records();
        let end = records.last().expect("a record");
        let said = end["steps"][0]["from_cache"] == true;
        (runs() > before, said)
    }
}

const ANEW: (bool, bool) = (true, false);
const KEPT: (bool, bool) = (false, true);

#[test]
fn another_tree_with_the_same_files_needs_no_f2c() {
    let trees = Trees::new();
    assert_eq!(trees.compile("a", &[]), ANEW);
    assert_eq!(trees.compile("a", &[]), KEPT);
    assert_eq!(trees.compile("b", &[]), KEPT);
    assert_eq!(trees.compile("b", &["-MMD", "-MF", "f.d"]), KEPT);
    let rule = std::fs::read_to_string(trees.path("", "f.d")).expect("a rule");
    let [source, include] = ["src/f.f", "inc/p.inc"].map(|name| trees.path("b", name));
    assert_eq!(rule, format!("f.o: \\\n {source} \\\n {include}\n"));
}

#[test]
fn what_the_c_follows_from_must_be_the_same() {
    let trees = Trees::new();
    assert_eq!(trees.compile("a", &[]), ANEW);
    assert_eq!(trees.compile("a", &["-fdefault-integer-8"]), ANEW);
    let kinds = ["-fdefault-real-8", "-fdefault-double-8"];
    assert_eq!(trees.compile("a", &kinds[..1]), ANEW);
    assert_eq!(trees.compile("a", &kinds), ANEW);
    // With line numbers the C names the source's path.
    assert_eq!(trees.compile("a", &["-g"]), ANEW);
    assert_eq!(trees.compile("b", &["-g"]), ANEW);
    assert_eq!(trees.compile("b", &["-g"]), KEPT);
    // An included file that changed, and one that is found before it.
    trees.write("b", "inc/p.inc", "      PARAMETER (N=2)\n");
    assert_eq!(trees.compile("b", &[]), ANEW);
    assert_eq!(trees.compile("b", &[]), KEPT);
    trees.write("b", "early/p.inc", "      PARAMETER (N=3)\n");
    assert_eq!(trees.compile("b", &[]), ANEW);
    // Another source, and another f2c.
    trees.write("a", "src/f.f", "      SUBROUTINE F\n      END\n");
    assert_eq!(trees.compile("a", &[]), ANEW);
    assert_eq!(trees.compile("a", &[]), KEPT);
    let f2c = trees.folder.path("bin/f2c");
    let script = std::fs::read(&f2c).expect("the fake");
    std::fs::remove_file(&f2c).expect("a link");
    let other = trees.folder.path("bin/other");
    std::fs::write(&other, script).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&other, mode).expect("a program");
    std::fs::rename(&other, &f2c).expect("a rename");
    assert_eq!(trees.compile("a", &[]), ANEW);
}

#[test]
fn a_translation_that_changed_on_the_disk_is_made_anew() {
    let trees = Trees::new();
    assert_eq!(trees.compile("a", &[]), ANEW);
    let folder = trees.folder.path("shims/translations");
    let part = &trees.folder.list("shims/translations")[0];
    let name = &trees.folder.list(&format!("shims/translations/{part}"))[0];
    let path = folder.join(part).join(name);
    let mut bytes = std::fs::read(&path).expect("a translation");
    let at = bytes
        .windows(8)
        .position(|w| w == b"return 0")
        .expect("the C");
    bytes[at + 7] = b'1';
    std::fs::write(&path, bytes).expect("a file");
    assert_eq!(trees.compile("a", &[]), ANEW);
    assert_eq!(trees.compile("a", &[]), KEPT);
}

#[test]
fn what_cmake_preprocessed_may_name_its_tree() {
    let trees = Trees::new();
    let write = |tree: &str, rest: &str| {
        let marker = format!("# 1 \"{}\"\n", trees.path(tree, "src/f.F"));
        trees.write(tree, "src/f.f", &format!("{marker}{rest}"));
    };
    for tree in ["a", "b"] {
        write(tree, SOURCE);
    }
    assert_eq!(trees.compile("a", &[]), ANEW);
    assert_eq!(trees.compile("b", &[]), KEPT);
    assert_eq!(trees.compile("b", &["-g"]), ANEW);
    write("b", &SOURCE.replace('F', "G"));
    assert_eq!(trees.compile("b", &[]), ANEW);
    let named = "      PRINT *, __FILE__\n      END\n";
    for tree in ["a", "b"] {
        write(tree, named);
        let words = ["-cpp", "-ffixed-line-length-none"];
        assert_eq!(trees.compile(tree, &words), ANEW);
    }
}

#[test]
fn c_that_names_its_tree_is_not_kept() {
    let trees = Trees::new();
    let source = "      PRINT *, __FILE__\n      END\n";
    let words = ["-cpp", "-ffixed-line-length-none"];
    for tree in ["a", "b"] {
        trees.write(tree, "src/f.f", source);
        assert_eq!(trees.compile(tree, &words), ANEW);
    }
    assert_eq!(trees.compile("a", &words), ANEW);
}

#[test]
fn modules_come_from_the_cache_too() {
    let trees = Trees::new();
    let source = "      MODULE M\n      INTEGER, PARAMETER :: N = 1\n      END\n";
    let compile = |tree| {
        trees.write(tree, "src/f.f", source);
        let modules = trees.path(tree, "mods");
        std::fs::create_dir_all(&modules).expect("a folder");
        let ran = trees.compile(tree, &[&format!("-J{modules}")]);
        let text = std::fs::read_to_string(modules.join("m.mod")).expect("a module");
        (ran, text)
    };
    let (anew, text) = compile("a");
    assert_eq!(anew, ANEW);
    assert_eq!(compile("b"), (KEPT, text));
}

#[test]
fn without_a_launcher_nothing_is_kept() {
    let trees = Trees::new();
    let source = trees.path("a", "inc/../src/f.f");
    let include = format!("-I{}", trees.path("a", "inc"));
    for _ in 0..2 {
        let words = ["-c", source.as_str(), &include];
        let output = trees.folder.run("gfortran", &words, TOOLS);
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(trees.folder.calls().len(), 4);
    assert!(!trees.folder.path("shims/translations").exists());
}
