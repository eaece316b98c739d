//! The calling convention: for each case of `f2c-driver/tests/native`, one C caller, unedited, gives the same
//! output with what gfortran makes of the Fortran source and with our C. The source says with which
//! switches.
//!
//! COMPLEX functions are not here: their result goes through a hidden pointer in our C, as
//! gfortran's would on wasm32, but not on x86-64.

use std::process::Command;

use camino::Utf8Path;
use emshim_tests::fortran_cases::{flags, options};
use emshim_tests::native_fortran::{Tools, native, run};
use emshim_tests::tidy::{files, root};
use f2c_driver::common::{Block, definitions};
use f2c_driver::{Form, Options};

/// The folder of the cases.
const CASES: &str = "f2c-driver/tests/native";

#[test]
fn callers_cannot_tell_us_from_gfortran() {
    let tools = Tools::new();
    let callers = files(&root().join(CASES), ".c");
    assert!(callers.len() > 10, "{callers:?}");
    for caller in &callers {
        let source = caller.with_extension("f");
        for flags in flags(&source) {
            let words: Vec<&str> = flags.iter().map(String::as_str).collect();
            let theirs = tools.theirs(&source, &words);
            let theirs = [caller.as_str(), theirs.as_str(), "-lgfortran"];
            let theirs = tools.link("theirs", &theirs);
            let ours = tools.ours(&source, &options(&source, &flags));
            let ours = [caller.as_str(), ours.as_str(), tools.archive.as_str()];
            let ours = tools.link("ours", &ours);
            let [ours, theirs] =
                [ours, theirs].map(|program| run(Command::new(program).current_dir(&tools.folder)));
            assert_eq!(ours, theirs, "{source} {flags:?}");
        }
    }
}

/// Programs by how they end.
const PROGRAMS: &[(&str, &str)] = &[
    ("falls off its end", "write(*,*) 'done'"),
    ("STOP", "write(*,'(a)') 'x'\nstop"),
    ("STOP with a code", "stop 3"),
    ("STOP with a large code", "stop 259"),
    ("STOP with a text", "stop 'all is well'"),
    ("ERROR STOP with a code", "error stop 7"),
    ("ERROR STOP with a text", "error stop 'no'"),
    ("EXIT", "write(*,'(a,$)') 'no line end'\ncall exit(5)"),
    (
        "a file left open",
        "open(7, file='left.txt')\nwrite(7,'(i3)') 42",
    ),
    (
        "a file left open and STOP",
        "open(7, file='left.txt')\nwrite(7,'(i3)') 43\nstop 1",
    ),
    (
        "an allocated array",
        "real, allocatable :: a(:)\nn = 3\nallocate(a(n))\na = 2\nstop 9",
    ),
    (
        "ALLOCATE of an allocated array",
        "real, allocatable :: a(:)\nn = 3\nallocate(a(n))\nprint *, n\nallocate(a(n))\nprint *, n",
    ),
    (
        "ALLOCATE without memory",
        "real, allocatable :: a(:,:)\nn = 100000000\nallocate(a(n,n))\nprint *, n",
    ),
    (
        "DEALLOCATE of an array that is not allocated",
        "real, allocatable :: a(:)\nn = 3\nallocate(a(n))\ndeallocate(a)\nprint *, n\n\
         deallocate(a)\nprint *, n",
    ),
    (
        "a missing file",
        "open(7, file='no/such/file', status='old')",
    ),
];

#[test]
fn programs_end_as_gfortrans_do() {
    let tools = Tools::new();
    let source = tools.folder.join("program.f90");
    let left = tools.folder.join("left.txt");
    let options = Options {
        form: Form::Free,
        ..Options::default()
    };
    for (name, body) in PROGRAMS {
        std::fs::write(&source, format!("program p\n{body}\nend program\n")).expect("writable");
        let theirs = tools.theirs(&source, &[]);
        let ours = tools.ours(&source, &options);
        let [theirs, ours] = [
            tools.link("theirs", &[theirs.as_str(), "-lgfortran"]),
            tools.link("ours", &[ours.as_str(), tools.archive.as_str()]),
        ]
        .map(|program| {
            let output = Command::new(program)
                .current_dir(&tools.folder)
                .output()
                .expect("it starts");
            let file = std::fs::read_to_string(&left).ok();
            let _ = std::fs::remove_file(&left);
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            // What is said of an error of the runtime is each one's own.
            let said = text(&output.stderr);
            let said = said.lines().find(|line| line.contains("STOP"));
            (
                output.status.code(),
                text(&output.stdout),
                said.map(ToOwned::to_owned),
                file,
            )
        });
        assert_eq!(ours, theirs, "a program that ends with: {name}");
    }
}

/// Two files that disagree about blocks: /AB/ is larger in the second, /IN/ in the first, where
/// it has its initial values.
const SMALL: &str = "      SUBROUTINE SMALL(N)
      COMMON /AB/ I(2)
      COMMON /IN/ J(8)
      I(2) = 5
      N = J(2) + J(7)
      END
      BLOCK DATA
      COMMON /IN/ J(8)
      DATA J /8*3/
      END
";
const LARGE: &str = "      INTEGER FUNCTION LARGE(N)
      COMMON /AB/ I(5000)
      COMMON /IN/ J(4)
      DO 10 K = 3, 5000
   10 I(K) = K
      LARGE = I(N) + J(1)
      END
";
const CALLER: &str = "#include <stdio.h>
void small_(int *);
int large_(int *);
static int guard[6000];
int main(void) {
    int n = 4000, m, r = 0;
    small_(&m);
    printf(\"%d\\n\", large_(&n));
    small_(&m);
    for (int i = 0; i < 6000; ++i) r |= guard[i];
    n = 2;
    printf(\"%d %d %d\\n\", m, large_(&n), r);
}
";

/// Name, size and kind of each symbol that an object defines.
fn symbols(object: &Utf8Path) -> Vec<(String, u64, bool)> {
    let listing = run(native("nm").args(["-S", "--defined-only", object.as_str()]));
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, size, kind, name] = words.as_slice() else {
            return None;
        };
        let bytes = u64::from_str_radix(size, 16).expect("a number");
        Some(((*name).to_owned(), bytes, *kind != "V"))
    };
    listing.lines().filter_map(line).collect()
}

#[test]
fn the_largest_declaration_of_a_block_counts() {
    let tools = Tools::new();
    let caller = tools.folder.join("caller.c");
    std::fs::write(&caller, CALLER).expect("writable");
    let objects = [("small", SMALL), ("large", LARGE)].map(|(name, text)| {
        let source = tools.folder.join(name).with_extension("f");
        std::fs::write(&source, text).expect("writable");
        let [ours, theirs] =
            ["ours", "theirs"].map(|who| tools.folder.join(format!("{who}_{name}.o")));
        std::fs::rename(tools.theirs(&source, &[]), &theirs).expect("writable");
        std::fs::rename(tools.ours(&source, &Options::default()), &ours).expect("writable");
        [ours, theirs]
    });
    let [[small, their_small], [large, their_large]] = &objects;
    let theirs = [
        caller.as_str(),
        their_small.as_str(),
        their_large.as_str(),
        "-lgfortran",
    ];
    let expected = run(&mut Command::new(tools.link("theirs", &theirs)));

    let found: Vec<_> = [small, large]
        .map(|object| (object, symbols(object)))
        .into();
    let blocks: Vec<Block> = found
        .iter()
        .flat_map(|(object, symbols)| {
            symbols.iter().map(|(symbol, bytes, initialised)| Block {
                symbol,
                bytes: *bytes,
                initialised: *initialised,
                place: object.as_str(),
            })
        })
        .filter(|block| ["ab_", "in_"].contains(&block.symbol))
        .collect();
    assert_eq!(blocks.len(), 4, "{found:?}");
    let c = definitions(&blocks).expect("one program");
    assert_eq!(c, "_Alignas(16) char ab_[20000] = {0};\n");
    let file = tools.folder.join("commons.c");
    std::fs::write(&file, c).expect("writable");
    for order in [[small, large], [large, small]] {
        let inputs = [
            caller.as_str(),
            order[0].as_str(),
            order[1].as_str(),
            file.as_str(),
        ];
        let program = tools.link("ours", &[&inputs[..], &[tools.archive.as_str()]].concat());
        assert_eq!(
            run(Command::new(program).current_dir(&tools.folder)),
            expected
        );
    }
}

#[test]
fn output_is_printed_as_gfortran_prints_it() {
    let tools = Tools::new();
    for source in files(&root().join(CASES), ".f90") {
        let flags = flags(&source).concat();
        let words: Vec<&str> = flags.iter().map(String::as_str).collect();
        let theirs = tools.theirs(&source, &words);
        let ours = tools.ours(&source, &options(&source, &flags));
        let [theirs, ours] = [
            tools.link("theirs", &[theirs.as_str(), "-lgfortran"]),
            tools.link("ours", &[ours.as_str(), tools.archive.as_str()]),
        ]
        .map(|program| run(Command::new(program).current_dir(&tools.folder)));
        assert!(theirs.lines().count() > 2, "{theirs}");
        for (line, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
            assert_eq!(ours, theirs, "{source}, line {} of the output", line + 1);
        }
        assert_eq!(ours, theirs, "{source}");
    }
}
