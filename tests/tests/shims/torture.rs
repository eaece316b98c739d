//! A sample of what `cargo xtask torture` tries in greater numbers.

use emshim_tests::torture::{Count, HEAD, calls, indexes, readers};

fn hold(counts: &[Count]) {
    println!("{HEAD}");
    for count in counts {
        println!("{count}");
        assert!(count.tried > 0);
        assert!(count.faults.is_empty(), "{}", count.faults.join("\n"));
    }
}

#[test]
fn whatever_is_read_is_taken_or_refused() {
    hold(&readers::run(150, 1));
}

#[test]
fn calls_end_well_or_say_that_they_do_not() {
    hold(&calls::run(12, 1));
}

#[test]
fn an_index_may_answer_what_it_likes() {
    hold(&[indexes::run(indexes::KINDS, 1)]);
}

/// That they compile is seen once a week, with a dependency that nothing else has.
#[test]
fn fuzz_targets_call_readers_that_there_are() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |file: &str| std::fs::read_to_string(format!("{root}/{file}")).expect("a file");
    let (manifest, readers) = (
        read("fuzz/Cargo.toml"),
        read("tests/src/torture/readers.rs"),
    );
    let mut called = std::collections::BTreeSet::new();
    let folder = std::fs::read_dir(format!("{root}/fuzz/fuzz_targets")).expect("a folder");
    for entry in folder {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("a name");
        let text = read(&format!("fuzz/fuzz_targets/{name}"));
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}\"")),
            "{name}"
        );
        for (at, path) in text.match_indices("readers::") {
            let word = text[at + path.len()..]
                .split('(')
                .next()
                .expect("a function");
            assert!(
                readers.contains(&format!("pub fn {word}(")),
                "{name}: {word}"
            );
            called.insert(word.to_owned());
        }
    }
    for name in [
        "archive",
        "arguments",
        "fortran",
        "records",
        "response_file",
        "wasm",
    ] {
        assert!(called.contains(name), "no target calls {name}");
    }
}
