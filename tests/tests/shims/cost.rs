//! What a shim does besides waiting for its tools, counted in instructions: a figure that no other load
//! of the machine changes.

use emshim_tests::real::{Completed, Folder, command, shims};
use provision::{Env, Silent, Store, provision_dev_tools};

/// Calls, each after those before it, and the instructions of the shim alone when emcc's answers are known.
/// Counted on x86-64 with a release build; write the new figure here when a change is worth its cost.
const STORED: &[(&[&str], f64)] = &[
    (&["-O2", "-c", "t.c", "-o", "t.o"], 829_000.0),
    (&["-shared", "t.o", "-o", "t.so"], 1_945_000.0),
    (&["-O2", "m.c", "-o", "m"], 7_806_000.0),
];

/// How far a count may lie from the stored one: another C library or processor counts differently.
const TOLERANCE: f64 = 0.15;

#[test]
fn calls_cost_as_many_instructions_as_they_did() {
    let store = Store::from_env().expect("the store");
    let dev_tools = provision_dev_tools(&Env::capture(), &store, &Silent).expect("valgrind");
    let dir = Folder::new();
    dir.file("t.c", "int add(int a, int b) { return a + b; }\n");
    dir.file("m.c", "int main(void) { return 0; }\n");
    let gcc = shims().join("gcc");
    let alone = |call: duct::Expression| {
        // Few variables, always the same: the shim reads and records them.
        let own = [
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("HOME", dir.path().to_string()),
            ("TMPDIR", dir.path().to_string()),
            ("EMSHIM_LOG", dir.path().join("log").into_string()),
            // As builds have it: the object is held against what the build has defined.
            ("EMSHIM_BUILD", "build".to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        call.dir(dir.path().as_str())
            .full_env(own.into_iter().chain(dev_tools.env.iter().cloned()))
    };
    for (words, stored) in STORED {
        // The first run asks emcc, and leaves a program's JavaScript.
        let _ = Completed::of(&alone(command(&gcc, words))).success();
        let tool = [
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            gcc.as_str(),
        ];
        let words = [&tool[..], words].concat();
        let counted = Completed::of(&alone(command(&dev_tools.valgrind, &words))).success();
        let line = counted
            .stderr
            .lines()
            .find(|line| line.contains("Collected :"));
        let count = line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        let count = count.unwrap_or_else(|| panic!("no count:\n{}", counted.stderr));
        println!("{count} instructions");
        assert!(
            (count / stored - 1.0).abs() <= TOLERANCE,
            "{words:?}: {count} instructions, not {stored} or so"
        );
    }
}
