//! Every library of FORTRAN 77 in SciPy gives the numbers that it gives with gfortran.

use camino::Utf8Path;
use emshim_tests::progress::Lines;
use emshim_tests::real::emshim;
use emshim_tests::scipy::{LIBRARIES, Report, run, table};

#[test]
fn scipys_libraries_give_gfortrans_numbers() {
    let work = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("scipy");
    let libraries: Vec<_> = LIBRARIES.iter().collect();
    let reports = run(&libraries, &emshim(), &work, &Lines).expect("both compilers");
    println!("{}", table(&reports));
    let problems: Vec<String> = reports.iter().flat_map(Report::problems).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}
