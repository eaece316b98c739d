//! Golden cases: a source of `tests/lower` and the FORTRAN 77 that f2c gets for it.
//!
//! `BLESS=1 cargo test -p f2c-driver --test lower` writes the results down anew.

#[expect(dead_code, reason = "compilers are for others")]
mod support;

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::{Options, lowered_text};
use support::cases;
use support::flags::flags;

#[test]
fn lowerings_give_the_expected_text() {
    let mut wrong = Vec::new();
    for source in cases::sources("tests/lower", "") {
        if source.extension() == Some("expected") {
            continue;
        }
        let options = cases::options(&source, &flags(&source)[0]);
        let bytes = std::fs::read(&source).expect("a readable case");
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
