//! The programs among the cases of `f2c-driver/tests/native`, made by the shim and run as WebAssembly: they
//! print into a file what gfortran's print. The other suites run the same C on the build machine, whose
//! system is another one.

use std::fs::{self, File};
use std::process::Command;

use emshim_tests::fortran_cases::flags;
use emshim_tests::native_fortran::{Tools, run};
use emshim_tests::real::{Completed, Folder, command, shim};
use emshim_tests::tidy::{files, root};

/// Cases that print the system's number for a file that is not there, as a list of output has it, and this number
/// there and here.
const PRINT_ENOENT: [&str; 2] = ["messages.f90", "opened.f90"];
const ENOENT: [&str; 2] = ["           2", "          44"];

#[test]
fn programs_print_what_gfortrans_print() {
    let tools = Tools::new();
    let sources = files(&root().join("f2c-driver/tests/native"), ".f90");
    assert!(sources.len() > 40, "{sources:?}");
    for source in sources {
        let flags = flags(&source).concat();
        let mut words: Vec<&str> = flags.iter().map(String::as_str).collect();
        let theirs = tools.theirs(&source, &words);
        let theirs = tools.link("theirs", &[theirs.as_str(), "-lgfortran"]);
        let theirs = run(Command::new(theirs).current_dir(&tools.folder));
        let folder = Folder::new();
        words.extend(["-w", source.as_str(), "-o", "ours"]);
        let _ = shim("gfortran", &words, folder.path()).success();
        let program = folder.path().join("ours");
        let out = folder.path().join("printed");
        let printed = File::create(&out).expect("a file");
        let ours = command(&program, &[]).dir(folder.path());
        let _ = Completed::of(&ours.stdout_file(printed)).success();
        let mut ours = String::from_utf8_lossy(&fs::read(&out).expect("the output")).into_owned();
        if PRINT_ENOENT.map(Some).contains(&source.file_name()) {
            ours = ours.replace(ENOENT[1], ENOENT[0]);
        }
        for (line, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
            assert_eq!(ours, theirs, "{source}, line {} of the output", line + 1);
        }
        assert_eq!(ours, theirs, "{source}");
    }
}
