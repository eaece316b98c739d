//! llvm-objcopy's part of a link as a step of ours: it only removes sections, and takes as long to start as
//! a compiler.
//!
//! When the settings are asked about, the program itself and the step remove sections of two modules that
//! have all kinds of them. The step takes the program's place only where both made the same bytes.

use super::answer::{Word, Work};
use std::path::Path;
use std::process::{Command, Stdio};
use steps::sections;
use toolcall::builtin::RemoveSections;

const PROGRAM: &str = "/llvm-objcopy";
const REMOVE: &str = "--remove-section=";
/// The module while it is looked at what the program makes of it.
const SPECIMEN: &str = "emshim-specimen.wasm";

/// How many bytes a section's size takes: as few as it can, as some tools write it; and as LLVM's do.
const SIZES: [usize; 2] = [1, 5];

/// Makes a step of ours of llvm-objcopy's command where both do the same.
pub(super) fn own(work: &mut Work<Word>, folder: &Path) {
    let Work::Program(words) = &*work else {
        return;
    };
    let Some((program, names)) = read(words) else {
        return;
    };
    if !SIZES
        .iter()
        .all(|size| agree(program, &names, *size, folder))
    {
        return;
    }
    let plain = |word: &str| Word::Plain(word.to_owned());
    let mut own = vec![
        plain("emshim"),
        plain(RemoveSections::NAME),
        plain("-o"),
        Word::Output,
        plain("--"),
    ];
    own.extend(names.iter().map(|name| plain(name)));
    *work = Work::Own(own);
}

/// The program, and the names of the sections that it removes from the module, if that is all it does.
fn read(words: &[Word]) -> Option<(&str, Vec<&str>)> {
    let [
        Word::Plain(program),
        Word::Output,
        Word::Output,
        options @ ..,
    ] = words
    else {
        return None;
    };
    let names = options.iter().map(|word| match word {
        Word::Plain(word) => word.strip_prefix(REMOVE).filter(|name| is_plain(name)),
        _ => None,
    });
    let names: Vec<&str> = names.collect::<Option<_>>()?;
    program.ends_with(PROGRAM).then_some((program, names))
}

/// Whether a pattern is a name, or the beginning of one and `*`. LLVM calls sections that have no name by
/// words in capitals.
fn is_plain(pattern: &str) -> bool {
    let name = pattern.strip_suffix('*').unwrap_or(pattern);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    !name.is_empty() && name.chars().all(plain)
}

/// Whether the program makes of a specimen what the step makes of it.
fn agree(program: &str, names: &[&str], size: usize, folder: &Path) -> bool {
    let module = specimen(names, size);
    let file = folder.join(SPECIMEN);
    if std::fs::write(&file, &module).is_err() {
        return false;
    }
    let mut command = Command::new(program);
    command.args([&file, &file]);
    command.args(names.iter().map(|name| format!("{REMOVE}{name}")));
    let output = command.stdin(Stdio::null()).output();
    let silent = output.is_ok_and(|output| {
        output.status.success() && output.stderr.is_empty() && output.stdout.is_empty()
    });
    let names: Vec<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
    let own = sections::without(&module, &names);
    silent && own.is_ok() && own.ok() == std::fs::read(file).ok()
}

/// Sections that tools know, in the order that they have; their content is empty, for each by its own rules.
const LAST: [(&str, &[u8]); 3] = [
    ("name", b""),
    ("producers", b"\0"),
    ("target_features", b"\0"),
];

/// A module with one function, sections of these names and of names like them, and those that tools know.
fn specimen(names: &[&str], size: usize) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut add = |kind: u8, content: &[u8]| {
        module.push(kind);
        module.extend(number(content.len(), size));
        module.extend_from_slice(content);
    };
    let custom = |name: &str, content: &[u8]| {
        let length = number(name.len(), 1);
        [&length, name.as_bytes(), content].concat()
    };
    add(0, &custom("dylink.0", b"\x01\x04\0\0\0\0"));
    add(1, b"\x01\x60\0\0");
    add(3, b"\x01\0");
    add(10, b"\x01\x02\0\x0b");
    for name in names {
        let name = name.trim_end_matches('*');
        let near = [
            name.to_owned(),
            format!("{name}x"),
            format!("x{name}"),
            name[1..].to_owned(),
            name.repeat(40),
        ];
        for name in near
            .iter()
            .filter(|name| LAST.iter().all(|known| known.0 != **name))
        {
            add(0, &custom(name, name.repeat(50).as_bytes()));
        }
    }
    for (name, content) in LAST {
        add(0, &custom(name, content));
    }
    module
}

/// A number as LEB128, in this many bytes at least.
fn number(mut value: usize, least: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        let last = value == 0 && bytes.len() + 1 >= least;
        bytes.push(if last { low } else { low | 0x80 });
        if last {
            return bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn command(program: &str, options: &[&str]) -> Work<Word> {
        let plain = |word: &str| Word::Plain(word.to_owned());
        let mut words = vec![plain(program), Word::Output, Word::Output];
        words.extend(options.iter().map(|option| plain(option)));
        Work::Program(words)
    }

    /// A program of llvm-objcopy's name that makes `script` of the module `$1`.
    fn program(folder: &Path, script: &str) -> String {
        let path = folder.join("llvm-objcopy");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_program_that_makes_something_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let removes = ["--remove-section=.debug*", "--remove-section=name"];
        for (script, options) in [
            (":", &removes[..]),
            ("exit 1", &removes),
            (": > \"$1\"", &removes),
            ("echo said", &["--remove-section=nowhere"]),
        ] {
            let program = program(folder.path(), script);
            let mut work = command(&program, options);
            own(&mut work, folder.path());
            assert_eq!(work, command(&program, options), "{script}");
        }
        let program = program(folder.path(), ":");
        for option in [
            "--strip-all",
            "--remove-section=[a]",
            "--remove-section=*",
            "-R",
        ] {
            let mut work = command(&program, &[option]);
            own(&mut work, folder.path());
            assert_eq!(work, command(&program, &[option]));
        }
        let mut work = command(&program, &[]);
        own(&mut work, folder.path());
        assert!(matches!(work, Work::Own(_)), "nothing to remove");
    }

    #[test]
    fn specimens_are_modules() {
        for size in SIZES {
            let module = specimen(&["name", ".debug*"], size);
            assert!(
                wasmparser::Parser::new(0)
                    .parse_all(&module)
                    .all(|part| part.is_ok())
            );
        }
        assert_eq!(number(300, 1), [0xac, 2]);
        assert_eq!(number(3, 5), [0x83, 0x80, 0x80, 0x80, 0]);
    }
}
