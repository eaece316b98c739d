//! Golden cases: a source of `tests/lower` and the FORTRAN 77 that f2c gets for it.
//!
//! `BLESS=1 cargo test -p emshim-f2c-driver --test lower` writes the results down anew.

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::{Form, Options, Preprocess, lowered_text};

/// The options of a case: those of its name, and of the comment `flags: SWITCHES` in its first line.
fn options(path: &Utf8Path, text: &[u8]) -> Options {
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    let flags = first.split_once(" flags: ").map_or("", |(_, flags)| flags);
    let extension = path.extension().unwrap_or_default();
    let mut options = Options {
        form: Form::of_extension(extension),
        preprocess: extension.starts_with('F').then(Preprocess::default),
        ..Options::default()
    };
    for flag in flags.split_whitespace() {
        match flag {
            "-finit-local-zero" => options.init_local_zero = true,
            other => panic!("{path}: cases have no switch {other} so far"),
        }
    }
    options
}

#[test]
fn lowerings_give_the_expected_text() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower");
    let mut sources: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .expect("the folder of cases")
        .map(|entry| entry.expect("a case").into_path())
        .filter(|path| path.extension() != Some("expected"))
        .collect();
    sources.sort();
    assert!(sources.len() > 10, "cases are missing");
    let mut wrong = Vec::new();
    for source in sources {
        let bytes = std::fs::read(&source).expect("a readable case");
        let options = options(&source, &bytes);
        let name = Utf8Path::new(source.file_name().unwrap_or_default());
        let found = match lowered_text(&bytes, name, &options) {
            Ok(text) => text,
            Err(error) => format!("{error}\n"),
        };
        let golden = Utf8PathBuf::from(format!("{source}.expected"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &found).expect("a writable folder");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != found {
            wrong.push(format!("{name}:\n{found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "differ from what is expected:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn double_precision_is_refused_where_it_has_sixteen_bytes() {
    let wide = Options {
        default_real_8: true,
        ..Options::default()
    };
    let both = Options {
        default_double_8: true,
        ..wide.clone()
    };
    for (text, line) in [
        (
            "      SUBROUTINE S(X)\n      DOUBLE PRECISION X\n      END\n",
            2,
        ),
        (
            "      DOUBLE PRECISION FUNCTION F(X)\n      F = X\n      END\n",
            1,
        ),
        (
            "      SUBROUTINE S(X)\n      IMPLICIT DOUBLE PRECISION (A-H, O-Z)\n      END\n",
            2,
        ),
        (
            "      SUBROUTINE S(Z)\n      IMPLICIT INTEGER (A), DOUBLE COMPLEX (Z)\n      END\n",
            2,
        ),
    ] {
        let path = Utf8Path::new("x.f");
        let error = lowered_text(text.as_bytes(), path, &wide).expect_err(text);
        let start = format!("x.f:{line}:7: error: DOUBLE PRECISION: has 16 bytes");
        assert!(error.to_string().starts_with(&start), "{error}");
        lowered_text(text.as_bytes(), path, &both).expect(text);
    }
}
