//! Every command line in `goldens/plan` is planned as its file says.

use emshim_tests::golden::{self, Case};
use std::collections::BTreeSet;

fn files() -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(golden::folder()).expect("the goldens' folder");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    files
}

fn cases(file: &std::path::Path) -> Vec<Case> {
    golden::parse(&std::fs::read_to_string(file).expect("a golden file"))
}

#[test]
fn every_command_line_is_planned_as_written() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = String::new();
    for file in files() {
        let mut cases = cases(&file);
        for case in &mut cases {
            let answer = golden::answer(case);
            if answer != case.answer && !bless {
                let name = file.file_name().unwrap().to_string_lossy();
                wrong += &format!("{name}: $ {}\n", case.command);
                wrong += &format!("--- written\n{}--- planned\n{answer}\n", case.answer);
            }
            case.answer = answer;
        }
        if bless {
            std::fs::write(&file, golden::render(&cases)).expect("a golden file to write");
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}BLESS=1 writes the answers anew; review the difference"
    );
}

#[test]
fn files_are_in_the_form_that_blessing_writes() {
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("a golden file");
        assert_eq!(
            golden::render(&golden::parse(&text)),
            text,
            "{}",
            file.display()
        );
    }
}

#[test]
fn no_case_stands_twice_in_a_file_and_there_are_enough() {
    let mut all = BTreeSet::new();
    for file in files() {
        let mut seen = BTreeSet::new();
        for case in cases(&file) {
            let key = (case.command, case.state);
            assert!(
                seen.insert(key.clone()),
                "`{}` twice in {}",
                key.0,
                file.display()
            );
            all.insert(key);
        }
    }
    assert!(all.len() >= 150, "only {} different cases", all.len());
}
