//! Arguments of intrinsic procedures: each place with each type and kind. What gfortran refuses is
//! refused here. The calls are made from the table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use camino::Utf8Path;
use emshim_tests::native_fortran::native;
use emshim_tests::real::Folder;
use f2c_driver::{Error, Form, KnownIntrinsic, Options, known_intrinsics, lowered_text};

/// Variables by their kinds.
const VARIABLES: &[(&str, &str)] = &[
    ("i1", "integer(1)"),
    ("i2", "integer(2)"),
    ("i4", "integer(4)"),
    ("i8", "integer(8)"),
    ("r4", "real(4)"),
    ("r8", "real(8)"),
    ("c4", "complex(4)"),
    ("c8", "complex(8)"),
    ("l4", "logical(4)"),
    ("a1", "character(1)"),
];

/// Procedures of which gfortran refuses something else too: that an argument is no array, an allocatable
/// one, a variable or of another length; or that its module is not used.
const APART: &[&str] = &[
    "allocated",
    "c_sizeof",
    "ieee_is_nan",
    "all",
    "any",
    "atan",
    "cmplx",
    "count",
    "cshift",
    "date_and_time",
    "dcmplx",
    "dot_product",
    "dtime",
    "eoshift",
    "etime",
    "findloc",
    "ftell",
    "get_environment_variable",
    "getarg",
    "gmtime",
    "iall",
    "iany",
    "idate",
    "iparity",
    "itime",
    "lbound",
    "ltime",
    "matmul",
    "maxloc",
    "maxval",
    "minloc",
    "minval",
    "norm2",
    "pack",
    "parity",
    "product",
    "random_seed",
    "reshape",
    "second",
    "shape",
    "size",
    "spread",
    "sum",
    "system",
    "transpose",
    "ubound",
    "unpack",
];

/// A kind that a word of the table takes.
fn taken(word: &str, first: &'static str) -> Option<&'static str> {
    Some(match word.trim_end_matches(['?', '.']) {
        "=" | "~" => first,
        "i" | "i4" | "d" | "b" => "i4",
        "c" | "c4" => "c4",
        "c8" => "c8",
        "r8" => "r8",
        "l" => "l4",
        "a" => "a1",
        "kind" => return None,
        _ => "r4",
    })
}

/// Calls with one argument after the other of each kind.
fn calls(row: &KnownIntrinsic) -> BTreeSet<Vec<&'static str>> {
    let mut out = BTreeSet::new();
    let mut right: Vec<&'static str> = Vec::new();
    for word in row.takes.split_whitespace() {
        let Some(kind) = taken(word, right.first().copied().unwrap_or("r4")) else {
            break;
        };
        right.push(kind);
    }
    let needed = row.takes.split_whitespace();
    let needed = needed.filter(|word| !word.ends_with(['?', '.'])).count();
    for count in needed..=right.len() {
        for place in 0..count {
            for (kind, _) in VARIABLES {
                let mut call = right[..count].to_vec();
                call[place] = kind;
                out.insert(call);
            }
        }
    }
    out
}

/// The lines of a message about a file.
fn lines(text: &str, file: &str) -> BTreeSet<usize> {
    let places = text
        .lines()
        .filter_map(|line| line.strip_prefix(file)?.strip_prefix(':'));
    places
        .filter_map(|place| place.split(':').next()?.parse().ok())
        .collect()
}

#[test]
fn a_type_that_gfortran_refuses_is_refused() {
    let rows = known_intrinsics().filter(|row| !row.refused && !APART.contains(&row.name));
    let mut source = String::new();
    let mut calls_of_lines = Vec::new();
    let mut line = 1;
    for row in rows {
        for call in calls(&row) {
            let args = call.join(", ");
            let number = calls_of_lines.len();
            let _ = writeln!(source, "subroutine s{number}");
            for (name, ty) in VARIABLES {
                let _ = writeln!(source, "{ty} {name}");
            }
            match row.subroutine {
                true => source.push_str(&format!("call {}({args})\n", row.name)),
                false => source.push_str(&format!("call z{number}({}({args}))\n", row.name)),
            }
            source.push_str("end subroutine\n");
            calls_of_lines.push((line, format!("{}({args})", row.name)));
            line += VARIABLES.len() + 3;
        }
    }
    let folder = Folder::new();
    let path = folder.path().join("calls.f90");
    std::fs::write(&path, &source).expect("writable");
    let said = native("gfortran")
        .args(["-w", "-fsyntax-only", "-fmax-errors=0", "calls.f90"])
        .current_dir(folder.path())
        .output()
        .expect("gfortran");
    let theirs = lines(&String::from_utf8_lossy(&said.stderr), "calls.f90");
    assert!(theirs.len() > 2000, "{}", theirs.len());
    let options = Options {
        form: Form::Free,
        ..Options::default()
    };
    let error = lowered_text(source.as_bytes(), Utf8Path::new("calls.f90"), &options);
    let Err(error @ Error::Source(_)) = error else {
        panic!("nothing is refused");
    };
    let ours = lines(&error.to_string(), "calls.f90");
    let within = |found: &BTreeSet<usize>, start: usize| {
        found
            .range(start..start + VARIABLES.len() + 3)
            .next()
            .is_some()
    };
    let accepted: Vec<&String> = calls_of_lines
        .iter()
        .filter(|(start, _)| within(&theirs, *start) && !within(&ours, *start))
        .map(|(_, call)| call)
        .collect();
    assert!(
        accepted.is_empty(),
        "accepted, and refused by gfortran: {accepted:#?}"
    );
}
