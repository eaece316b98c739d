//! The part of LAPACK's own test suite that CI has the time for; `cargo xtask lapack` runs all.

use camino::Utf8Path;
use emshim_tests::lapack::{part, run};
use emshim_tests::progress::Lines;
use emshim_tests::real::{emshim, host_tools_in};

fn compare(name: &str) {
    let work = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("lapack");
    let tools = host_tools_in(&work.join("tools"));
    let part = part(name).expect("a part");
    let compared = run(part, &emshim(), &work, &tools, false, &Lines).expect("both builds");
    println!("{}", compared.table());
    assert!(compared.problems.is_empty(), "{:#?}", compared.problems);
}

#[test]
fn blas_gives_gfortrans_results() {
    compare("blas");
}

#[test]
fn lapack_in_double_precision_gives_gfortrans_results() {
    compare("double");
}
