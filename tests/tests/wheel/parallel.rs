//! Files that setuptools compiles at once, and those that it must not.

use emshim_tests::real::{Folder, run};

#[test]
fn setuptools_compiles_at_once_what_no_order_changes() {
    let processors = std::thread::available_parallelism().expect("a machine with processors");
    assert!(processors.get() > 1, "needs two processors");
    let folder = Folder::new();
    folder.file(
        "pyproject.toml",
        "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'backend'\nbackend-path = ['.']\n\
         [project]\nname = 'parallel'\nversion = '1.0'\n[tool.setuptools]\npy-modules = ['parallel']\n",
    );
    folder.file("parallel.py", "");
    folder.file("backend.py", include_str!("parallel/backend.py"));
    let out = folder.path().join("out");
    let _ = run(&["build", folder.path().as_str(), "-o", out.as_str()]).success();
}
