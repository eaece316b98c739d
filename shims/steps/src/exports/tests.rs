//! Objects and archives are made here byte by byte, so that no compiler is needed.

use crate::exports::*;
use std::ffi::OsString;
use std::fs;

/// Flags of a symbol, as the tool conventions number them.
const WEAK: u8 = 1;
const LOCAL: u8 = 2;
const HIDDEN: u8 = 4;
const UNDEFINED: u8 = 0x10;

fn string(text: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(text.len()).unwrap()];
    bytes.extend(text.as_bytes());
    bytes
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    let (low, high) = (body.len() % 128, body.len() / 128);
    let mut bytes = vec![
        id,
        0x80 | u8::try_from(low).unwrap(),
        u8::try_from(high).unwrap(),
    ];
    bytes.extend(body);
    bytes
}

/// An object with these function symbols; undefined ones are imports that lend their name.
fn object(symbols: &[(&str, u8)]) -> Vec<u8> {
    let (imports, defined): (Vec<_>, Vec<_>) = symbols
        .iter()
        .partition(|(_, flags)| flags & UNDEFINED != 0);
    let mut import_section = vec![u8::try_from(imports.len()).unwrap()];
    for (name, _) in &imports {
        import_section.extend([string("env"), string(name), vec![0, 0]].concat());
    }
    let mut table = vec![u8::try_from(symbols.len()).unwrap()];
    for (index, (_, flags)) in imports.iter().enumerate() {
        table.extend([0, *flags, u8::try_from(index).unwrap()]);
    }
    for (index, (name, flags)) in defined.iter().enumerate() {
        table.extend([0, *flags, u8::try_from(imports.len() + index).unwrap()]);
        table.extend(string(name));
    }
    let mut linking = string("linking");
    linking.push(2);
    linking.extend(section(8, &table));
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.extend(section(2, &import_section));
    bytes.extend(section(0, &linking));
    bytes
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (number, member) in members.iter().enumerate() {
        let name = format!("m{number}.o/");
        bytes.extend(
            format!(
                "{name:<16}0           0     0     644     {:<10}`\n",
                member.len()
            )
            .bytes(),
        );
        bytes.extend(member);
        bytes.extend(vec![b'\n'; member.len() % 2]);
    }
    bytes
}

struct Trial(tempfile::TempDir);

impl Trial {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self(dir)
    }

    fn run(&self, policy: Exports, words: &[&str]) -> Result<Vec<String>, ExportsError> {
        let step = ListExports {
            scripts: Vec::new(),
            exclude: Vec::new(),
            policy,
            module: "mod".into(),
            nm: "/no/llvm-nm".into(),
            list: "list".into(),
            words: words.iter().map(OsString::from).collect(),
        };
        run(&step, self.0.path())?;
        let list = fs::read(self.0.path().join("list")).unwrap();
        Ok(serde_json::from_slice(&list).unwrap())
    }

    fn pyinit(&self, words: &[&str]) -> Vec<String> {
        self.run(Exports::PyInit, words).unwrap()
    }
}

#[test]
fn a_modules_init_functions_alone() {
    let a = object(&[
        ("PyInit_mod", 0),
        ("PyInitU_x", 0),
        ("helper", 0),
        ("PyInit_local", LOCAL),
    ]);
    let trial = Trial::new(&[("a.o", a)]);
    assert_eq!(trial.pyinit(&["a.o"]), ["_PyInitU_x", "_PyInit_mod"]);
}

#[test]
fn all_that_is_visible_where_there_is_no_init_function() {
    let a = object(&[
        ("f", 0),
        ("w", WEAK),
        ("h", HIDDEN),
        ("l", LOCAL),
        ("u", UNDEFINED),
    ]);
    let trial = Trial::new(&[("a.o", a)]);
    assert_eq!(trial.pyinit(&["a.o"]), ["_f", "_w"]);
    assert_eq!(trial.pyinit(&[]), Vec::<String>::new());
}

#[test]
fn a_hidden_init_function_is_none() {
    let trial = Trial::new(&[("a.o", object(&[("PyInit_mod", HIDDEN), ("f", 0)]))]);
    assert_eq!(trial.pyinit(&["a.o"]), ["_f"]);
}

#[test]
fn archive_members_count_when_they_are_linked() {
    let members = [
        object(&[("other", 0)]),
        object(&[("g", 0), ("PyInit_g", 0), ("h", UNDEFINED)]),
        object(&[("h", 0), ("PyInit_h", 0)]),
        object(&[("PyInit_mod", 0), ("PyInit_unused", 0)]),
    ];
    let a = object(&[("f", 0), ("g", UNDEFINED)]);
    let trial = Trial::new(&[("a.o", a), ("lib/libx.a", archive(&members))]);
    for words in [
        &["a.o", "lib/libx.a"][..],
        &["lib/libx.a", "a.o"],
        &["a.o", "-Llib", "-lx"],
        &["-lx", "-L", "lib", "a.o"],
        &["-l:libx.a", "-Llib", "a.o"],
    ] {
        assert_eq!(trial.pyinit(words), ["_PyInit_g", "_PyInit_h"], "{words:?}");
    }
    let visible = trial
        .run(Exports::Requested, &["a.o", "lib/libx.a"])
        .unwrap();
    assert_eq!(visible, ["_PyInit_g", "_PyInit_h", "_f", "_g", "_h"]);
}

#[test]
fn an_init_function_that_waits_in_an_archive_is_taken_by_its_name() {
    let mine = archive(&[object(&[("PyInit_mod", 0)]), object(&[("PyInit_posix", 0)])]);
    let theirs = archive(&[object(&[("PyInit_a", 0)]), object(&[("PyInit_b", 0)])]);
    let trial = Trial::new(&[
        ("mine.a", mine),
        ("theirs.a", theirs),
        ("f.o", object(&[("f", 0)])),
    ]);
    assert_eq!(trial.pyinit(&["f.o", "mine.a"]), ["_PyInit_mod"]);
    assert_eq!(
        trial.pyinit(&["f.o", "theirs.a"]),
        ["_PyInit_a", "_PyInit_b"]
    );
}

#[test]
fn whole_archives_are_linked_whole() {
    let all = archive(&[object(&[("PyInit_a", 0)]), object(&[("PyInit_b", 0)])]);
    let trial = Trial::new(&[("x.a", all), ("y.o", object(&[("PyInit_y", 0)]))]);
    let whole = ["--whole-archive", "x.a", "--no-whole-archive", "y.o"];
    assert_eq!(
        trial.pyinit(&whole),
        ["_PyInit_a", "_PyInit_b", "_PyInit_y"]
    );
    assert_eq!(trial.pyinit(&["x.a", "y.o"]), ["_PyInit_y"]);
}

#[test]
fn a_list_is_what_of_it_is_there() {
    let trial = Trial::new(&[("a.o", object(&[("f", 0), ("h", HIDDEN), ("PyInit_mod", 0)]))]);
    let list = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        trial.run(Exports::List(names), &["a.o"])
    };
    assert_eq!(
        list(&["PyInit_mod", "h", "PyInit_elsewhere"]).unwrap(),
        ["_PyInit_mod", "_h"]
    );
    let error = list(&["typo"]).unwrap_err().to_string();
    for said in ["typo", "--exports", "EMSHIM_EXPORTS"] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn foreign_files_are_left_to_the_linker_and_damaged_ones_named() {
    let elf = b"\x7fELF\x02\x01".to_vec();
    let cut = object(&[("PyInit_mod", 0)]);
    let files = [
        ("elf.o", elf),
        ("empty.o", Vec::new()),
        ("text.o", b"int x;".to_vec()),
        ("cut.o", cut[..cut.len() - 3].to_vec()),
        ("cut.a", b"!<arch>\nm0.o/           0 ".to_vec()),
        ("bitcode.o", b"BC\xc0\xde".to_vec()),
    ];
    let trial = Trial::new(&files);
    assert!(
        trial
            .pyinit(&["elf.o", "empty.o", "text.o", "missing.o", "-lmissing"])
            .is_empty()
    );
    for (file, says) in [
        ("cut.o", "cut.o"),
        ("cut.a", "cut.a"),
        ("bitcode.o", "/no/llvm-nm"),
    ] {
        let error = trial.run(Exports::PyInit, &[file]).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn main_has_its_name_in_c() {
    for symbol in ["main", "__main_argc_argv", "__main_void"] {
        let a = object(&[(symbol, 0), ("f", 0)]);
        let trial = Trial::new(&[("a.o", a)]);
        assert_eq!(trial.pyinit(&["a.o"]), ["_f", "_main"]);
        let list = Exports::List(vec!["main".into()]);
        assert_eq!(trial.run(list, &["a.o"]).unwrap(), ["_main"]);
    }
}
