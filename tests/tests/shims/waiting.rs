//! What is said while Emscripten builds libraries of its own.

use emshim_tests::shim_folder::ShimFolder;
use std::process::Stdio;

/// What a link says of Emscripten's libraries, and its stderr, where emcc runs by itself or is asked.
fn said_of_libraries(direct: &str) -> (String, String) {
    let folder = ShimFolder::new();
    let mut listener = std::process::Command::new("cat");
    let mut listener = listener
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cat");
    let begins = "for n in libc-debug.a libdlmalloc.a; do echo \"cache:INFO: generating system library: \
                  sysroot/lib/wasm32-emscripten/$n... (this will be cached)\" >&2; done; echo odd >&2";
    let output = folder
        .command("gcc", begins)
        .args(["x.o", "-o", "x"])
        .env("EMSHIM_NOTICES", format!("/proc/{}/fd/0", listener.id()))
        .env("EMSHIM_DIRECT", direct)
        .output()
        .expect("a shim");
    drop(listener.stdin.take());
    let said = listener.wait_with_output().expect("cat");
    (
        String::from_utf8_lossy(&said.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_link_that_waits_for_libraries_of_emscriptens_says_so_to_who_began_it() {
    let line = "emshim: gcc waits for Emscripten, which builds its libraries for links of this kind, \
                libc-debug.a first: this takes minutes, once\n";
    let (said, stderr) = said_of_libraries("0");
    assert_eq!(said, line);
    // emcc's own words are where they were.
    assert!(stderr.starts_with("cache:INFO: generating system library: sysroot/"));
    assert!(stderr.ends_with("libdlmalloc.a... (this will be cached)\nodd\n"));
    // It is asked for its commands twice, as it says what is no command, and then runs.
    assert_eq!(said_of_libraries("1").0, line.repeat(3));
}
