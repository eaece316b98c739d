//! The reader and the lowerings end in a result on any input.

use f2c_driver::{Form, Options, Preprocess, lowered_text};
use proptest::prelude::*;

fn all_forms(bytes: &[u8]) {
    for form in [
        Form::Fixed { width: 72 },
        Form::Fixed { width: usize::MAX },
        Form::Free,
    ] {
        for preprocess in [None, Some(Preprocess::default())] {
            let options = Options {
                form,
                preprocess,
                ..Options::default()
            };
            // A translation or an error with a place: both are fine.
            if let Err(error) = lowered_text(bytes, "x.f".into(), &options) {
                assert!(
                    error.to_string().starts_with("x.f:"),
                    "no place in: {error}"
                );
            }
        }
    }
}

/// Pieces that make statements more often than bytes do.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "      ",
        "\n",
        "     &",
        "\t",
        "!",
        "'",
        "\"",
        "(",
        ")",
        "=",
        ",",
        "::",
        ":",
        ";",
        "&",
        "*",
        "**",
        "/",
        "//",
        "%",
        "[",
        "]",
        "1",
        "10",
        "1.5d0",
        ".5",
        "1_8",
        "3Hab",
        ".eq.",
        ".and.",
        ".not.",
        ".true.",
        "-",
        "a",
        "b(i)",
        "x",
        "n",
        " ",
        "subroutine s(a, n)",
        "function f(x)",
        "integer",
        "real(8)",
        "complex*16",
        "character",
        "len",
        "dimension",
        "allocatable",
        "parameter",
        "save",
        "data",
        "common",
        "do",
        "end do",
        "if",
        "then",
        "else",
        "end if",
        "select case",
        "case",
        "end select",
        "exit",
        "cycle",
        "allocate",
        "deallocate",
        "call",
        "goto",
        "continue",
        "return",
        "maxval",
        "huge",
        "real",
        "trim",
        "format",
        "entry",
        "use",
        "module",
        "contains",
        "interface",
        "end interface",
        "recursive",
        "result",
        "implicit none",
        "write",
        "end",
        "#if",
        "#endif",
        "#define",
        "include 'x.f'",
    ])
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        all_forms(&bytes);
    }

    #[test]
    fn almost_fortran(pieces in prop::collection::vec(piece(), 0..60)) {
        all_forms(pieces.concat().as_bytes());
    }

    #[test]
    fn almost_a_unit(body in prop::collection::vec(piece(), 0..40)) {
        let text = format!("      subroutine s(a, n)\n      real a(n), w(n)\n      {}\n      end\n",
            body.concat());
        all_forms(text.as_bytes());
    }
}

#[test]
fn a_long_file() {
    let mut text = String::from("      subroutine s(x)\n");
    for line in 0..10_000 {
        text += &format!("      x = x + {line}\n");
    }
    text += "      end\n";
    let options = Options::default();
    let lowered = lowered_text(text.as_bytes(), "x.f".into(), &options);
    assert!(lowered.is_ok_and(|text| text.lines().count() == 10_002));
}

#[test]
fn line_ends_and_missing_ends_make_no_difference() {
    let options = Options::default();
    let unix = "      subroutine s(x)\n      x = 1\n      end\n";
    let expected = lowered_text(unix.as_bytes(), "x.f".into(), &options).expect("it lowers");
    for text in [
        unix.replace('\n', "\r\n"),
        unix.trim_end().to_owned(),
        unix.replace("\n", "\n\x0c\n"),
    ] {
        let found = lowered_text(text.as_bytes(), "x.f".into(), &options).expect("it lowers");
        assert_eq!(found, expected);
    }
}

#[test]
fn circles_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("loop.f");
    let path = camino::Utf8Path::from_path(&path).expect("a UTF-8 folder");
    for line in ["      include 'loop.f'\n", "#include \"loop.f\"\n"] {
        std::fs::write(path, line.repeat(2)).expect("a writable folder");
        let options = Options {
            preprocess: Some(Preprocess::default()),
            ..Options::default()
        };
        let error = lowered_text(line.repeat(2).as_bytes(), path, &options);
        let message = error.expect_err("a circle").to_string();
        assert!(
            message.contains("'loop.f' is nested too deeply") || message.contains("\"loop.f\""),
            "{message}"
        );
        assert!(message.lines().count() < 3, "{message}");
    }
    let macros: String = (0..40)
        .map(|n| format!("#define A{n} A{} A{}\n", n + 1, n + 1))
        .collect();
    let options = Options {
        preprocess: Some(Preprocess::default()),
        ..Options::default()
    };
    let text = macros + "      x = A0\n      end\n";
    let error = lowered_text(text.as_bytes(), "x.F".into(), &options);
    let message = error.expect_err("a circle").to_string();
    assert!(
        message.contains("x.F:41:1: error: preprocessor: the macros"),
        "{message}"
    );
}

#[test]
fn mistakes_are_reported_where_they_are() {
    let cases = [
        (
            "      subroutine s\n      x = 'abc\n      end\n",
            "x.f:2:11: error: string: it does not end",
        ),
        (
            "      subroutine s\n      type(t) y\n      end\n",
            "x.f:2:7: error: derived type: ",
        ),
        (
            "      subroutine s\n      include 'no.h'\n      end\n",
            "x.f:2:7: error: INCLUDE: 'no.h' was not found",
        ),
        (
            "      subroutine s\n      x = 1\n",
            "x.f:1:7: error: the program unit that starts here has no END",
        ),
        (
            "#!/bin/sh\necho hello\n",
            "x.f:1: error: preprocessor directive",
        ),
        ("\0\0\0", "x.f: error: the file holds NUL bytes"),
    ];
    for (text, start) in cases {
        let error = lowered_text(text.as_bytes(), "x.f".into(), &Options::default());
        let message = error.expect_err("a mistake").to_string();
        assert!(message.starts_with(start), "{message}");
    }
}
