//! What becomes of f2c's C. `BLESS=1 cargo xtask test fortran::conversion` writes the expected C anew.

use camino::Utf8Path;
use emshim_tests::native_fortran::provided;
use emshim_tests::tidy::root;
use f2c_driver::{DLines, Form, Options, Severity, translate};

fn f2c() -> &'static Utf8Path {
    &provided().f2c
}

fn options(name: &Utf8Path) -> Options {
    let form = Form::of_extension(name.extension().unwrap_or_default());
    Options {
        form,
        ..Options::default()
    }
}

#[test]
fn c_is_as_expected() {
    let folder = root().join("f2c-driver/tests/convert");
    let mut wrong = Vec::new();
    for name in ["entry.f", "functions.f", "memory.f90"] {
        let bytes = std::fs::read(folder.join(name)).expect("a readable case");
        let found = translate(f2c(), &bytes, name.into(), &options(name.into()));
        let found = String::from_utf8(found.expect("it translates").c).expect("ASCII");
        let golden = folder.join(format!("{name}.expected"));
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
fn what_f2c_finds_is_on_the_users_line() {
    let text =
        "subroutine s(x)\n  real :: x\n\n  ! comment\n  x = x &\n    + 'abc' * 2\n  goto 77\nend\n";
    let error = translate(
        f2c(),
        text.as_bytes(),
        "dir/x y.f90".into(),
        &options("x.f90".into()),
    );
    let message = error.expect_err("mistakes").to_string();
    let first = message.lines().next().unwrap_or_default();
    assert_eq!(
        first,
        "dir/x y.f90:5:3: error: nonarithmetic operand of arithmetic operator"
    );
    assert!(
        message.contains("dir/x y.f90:8:1: error: missing statement label 77"),
        "{message}"
    );
}

#[test]
fn blocks_that_disagree_are_the_sources_mistake() {
    let data = |name, block, value| {
        format!(
            "      block data {name}\n      common /b/ {block}\n      data {value}\n      end\n"
        )
    };
    let text = data("a", "i", "i /1/") + &data("c", "x(2)", "x /2*1.0/");
    let error = translate(
        f2c(),
        text.as_bytes(),
        "dir/x.f".into(),
        &options("x.f".into()),
    );
    let message = error.expect_err("a mistake").to_string();
    assert!(
        message.contains("dir/x.f: error: overlapping initializations"),
        "{message}"
    );
}

#[test]
fn names_are_told_apart() {
    let text = "      subroutine my_sub(f)\n      common /blk/ x\n      call other_one(x)\n      x = f(x)\n      write(*,*) x\n      end\n";
    let translation = translate(f2c(), text.as_bytes(), "x.f".into(), &options("x.f".into()));
    let translation = translation.expect("it translates");
    assert!(translation.defined.iter().eq(["my_sub_"]));
    assert!(translation.undefined.iter().eq(["other_one_"]));
    assert!(
        translation
            .commons
            .iter()
            .eq([(&"blk_".to_owned(), &false)])
    );
    assert!(
        translation
            .diagnostics
            .iter()
            .all(|d| d.severity == Severity::Warning)
    );
}

#[test]
fn a_missing_f2c_is_named() {
    let text = b"      end\n";
    let error = translate(
        "no/such/f2c".into(),
        text,
        "x.f".into(),
        &options("x.f".into()),
    );
    assert!(
        error
            .expect_err("no f2c")
            .to_string()
            .contains("no/such/f2c")
    );
}

/// Options that decide about names and lines.
#[test]
fn options_change_names_and_lines() {
    let text = "      subroutine my_sub(x)\n      common /a_b/ y\nd     x = 1\n      call other_one(x)\n      call plain\n      end\n";
    let translated = |change: fn(&mut Options)| {
        let mut options = options("x.f".into());
        change(&mut options);
        translate(f2c(), text.as_bytes(), "x.f".into(), &options)
    };
    let error = translated(|_| ()).expect_err("a D in column 1").to_string();
    assert!(
        error.starts_with("x.f:3:1: error: 'd' in the label field"),
        "{error}"
    );
    assert!(error.contains("-fd-lines-as-comments"), "{error}");
    let second = translated(|options| {
        options.d_lines = DLines::Comments;
        options.second_underscore = true;
    });
    let second = second.expect("it translates");
    assert!(second.defined.iter().eq(["my_sub__"]));
    assert!(second.undefined.iter().eq(["other_one__", "plain_"]));
    assert!(second.commons.keys().eq(["a_b__"]));
    assert!(!String::from_utf8_lossy(&second.c).contains("= 1.f"));
    let code = translated(|options| options.d_lines = DLines::Code);
    assert!(String::from_utf8_lossy(&code.expect("it translates").c).contains("= 1.f"));
}

#[test]
fn sixteen_bytes_are_refused() {
    let text = "      subroutine s(x)\n      double precision x\n      end\n";
    let mut options = options("x.f".into());
    options.default_real_8 = true;
    let message = translate(f2c(), text.as_bytes(), "x.f".into(), &options)
        .expect_err("no such type")
        .to_string();
    assert!(
        message.starts_with("x.f:2:7: error: DOUBLE PRECISION: "),
        "{message}"
    );
    options.default_double_8 = true;
    assert!(translate(f2c(), text.as_bytes(), "x.f".into(), &options).is_ok());
}
