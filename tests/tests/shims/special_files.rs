//! Inputs that are no files: pipes and devices, which may have no end.

use emshim_tests::shim_folder::{ShimFolder, ended};
use std::process::{Command, Output, Stdio};

/// Runs a call that may wait for what never comes, which is a failure of its own.
fn in_time(command: &mut Command, what: &str) -> Output {
    println!("{what}");
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("a shim");
    let _ = ended(&mut child);
    child.wait_with_output().expect("a shim")
}

#[test]
fn what_has_no_end_is_not_looked_into() {
    let folder = ShimFolder::new();
    let made = Command::new("mkfifo")
        .arg(folder.path("work/pipe"))
        .status();
    assert!(made.expect("mkfifo").success());
    std::fs::write(folder.path("work/a.o"), "\0asm\u{1}\0\0\0").expect("an object");
    std::fs::write(folder.path("work/a.c"), "").expect("a source");
    let run = |words: &str| {
        let mut words = words.split(' ');
        let mut command = folder.command(words.next().expect("a tool"), "");
        in_time(
            command.args(words.clone()),
            &words.collect::<Vec<_>>().join(" "),
        )
    };
    for words in [
        "ar rcs lib.a pipe",
        "ar rcs lib.a /dev/zero",
        "ar t pipe",
        "ranlib pipe",
        "nm /dev/zero",
        "nm -g a.o pipe",
        "size pipe",
        "objdump -d pipe",
        "strip pipe",
        "strip -o out pipe",
        "objcopy pipe out",
        "gcc -shared pipe -o m.so",
        "gcc -shared a.o /dev/zero -o m.so",
        "gcc -shared a.o -Wl,/dev/zero -o m.so",
        "gcc a.c pipe -o prog",
        "ld -r a.o /dev/urandom -o all.o",
    ] {
        let output = run(words);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}: {text}");
        assert!(text.contains("not an ordinary file"), "{words}: {text}");
        let file = if words.contains("pipe") {
            "pipe"
        } else {
            "/dev/"
        };
        assert!(text.contains(file), "{words}: {text}");
        assert!(folder.calls().is_empty(), "{words}: a tool ran");
    }
    // What is read to its end, or written, may be anything.
    for words in [
        "gcc -c -xc /dev/null -o a.o",
        "gcc -xc - -E -include /dev/null",
        "gcc -c a.c -o /dev/null",
        "nm /dev/null",
        "strip a.o -o /dev/stdout",
        "ar t a.o",
        "gcc a.o -o prog",
    ] {
        let output = run(words);
        assert!(output.status.success(), "{words}: {output:?}");
    }
    // A shell's `@<(command)` is a pipe, which is there to be read once.
    let writer = std::thread::spawn({
        let pipe = folder.path("work/pipe");
        move || std::fs::write(pipe, "-c a.c -DFROM_A_PIPE")
    });
    let output = run("gcc @pipe");
    assert!(output.status.success(), "{output:?}");
    writer.join().expect("a thread").expect("a reader");
    let calls = folder.calls();
    let last = calls.last().expect("a call").line();
    assert!(last.contains("-DFROM_A_PIPE"), "{last}");
}

/// An input with holes is larger than what any disk has left, as on a disk that is nearly full.
#[test]
fn a_tool_that_fails_where_there_is_no_room_is_explained() {
    let folder = ShimFolder::new();
    let said = |tool: &str| {
        let mut command = folder.command("gcc", tool);
        command.args(["-c", "x.c"]).env("EMSHIM_RECORD", "off");
        String::from_utf8_lossy(&in_time(&mut command, tool).stderr).into_owned()
    };
    let source = std::fs::File::create(folder.path("work/x.c")).expect("a source");
    assert!(!said("exit 1").contains("no room"));
    source.set_len(1 << 43).expect("a file with a hole");
    let text = said("exit 1");
    let disk = format!("the disk of {} has no room: ", folder.path("work"));
    assert!(
        text.contains(&disk) && text.contains(" kB are left"),
        "{text}"
    );
    assert!(!said("exit 0").contains("no room"));
}
