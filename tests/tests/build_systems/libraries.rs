//! Libraries built by hand, one for each kind of build system; `cargo xtask libraries` does the others.

use camino::Utf8Path;
use emshim_tests::libraries;
use emshim_tests::real::emshim;

fn builds(name: &str) {
    let work = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("libraries");
    let reports = libraries::run(&emshim(), &work, &[name]).expect("its source");
    assert!(
        reports.len() == 1 && reports[0].problem.is_none(),
        "{}",
        libraries::table(&reports)
    );
}

#[test]
fn a_configure_script_that_is_not_autoconfs() {
    builds("zlib");
}

#[test]
fn a_project_of_cmakes() {
    builds("libyaml");
}

#[test]
fn autoconf_and_libtool() {
    builds("pcre2");
}
