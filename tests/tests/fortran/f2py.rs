//! FORTRAN 77 through numpy.f2py: an unedited project becomes a wheel that works in Pyodide. After
//! `wheel::packages`, whose NumPy it uses.

use camino::Utf8Path;
use emshim_tests::real::{Folder, run};

#[test]
fn arrays_strings_functions_common_and_a_callback_work_in_pyodide() {
    let project = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fortran/f2py");
    let out = Folder::new();
    let build = ["build", "--outdir", out.path().as_str(), project.as_str()];
    let _ = run(&build).success();
    let mut wheels = out.path().read_dir_utf8().unwrap();
    let wheel = wheels.next().expect("a wheel").unwrap().into_path();
    let check = project.join("check.py");
    let ran = run(&["run", "--with", wheel.as_str(), check.as_str()]).success();
    assert_eq!(ran.stdout.trim(), "all right");
}
