//! The suites with the toolchain, two at a time.
//!
//! Half of a suite's time one process works alone: Node, a linker, wasm-opt. A second suite beside it
//! takes the processors that are left. What a suite prints is kept until it ends, so that no two
//! mix.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{fs, thread};

use camino::Utf8Path;
use duct::Expression;
use emshim_tests::suites::Suite;

use crate::task::{Result, root, target};

/// How many at a time. More want more memory than a small machine has: a link takes a gigabyte.
const STREAMS: usize = 2;

/// A suite that has ended.
struct Ended {
    name: String,
    passed: bool,
    seconds: u64,
}

/// Runs each suite by its command; when all have ended, those that failed are named.
pub fn run(suites: &[&Suite], command: impl Fn(&Suite) -> Expression + Sync) -> Result {
    let outputs = target().join("tmp/suites");
    fs::create_dir_all(&outputs)?;
    let next = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..STREAMS.min(suites.len()) {
            scope.spawn(|| {
                while let Some(suite) = suites.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let one = run_one(suite, command(suite), &outputs);
                    ended.lock().expect("no panic").push(one);
                }
            });
        }
    });
    let mut ended = ended.into_inner().expect("no panic");
    ended.sort_by_key(|one| one.seconds);
    eprintln!("\nseconds  suite");
    for one in &ended {
        let failed = if one.passed { "" } else { "  FAILED" };
        eprintln!("{:7}  {}{failed}", one.seconds, one.name);
    }
    let failed: Vec<_> = ended.iter().filter(|one| !one.passed).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = failed.iter().map(|one| one.name.as_str()).collect();
    Err(format!("these suites failed: {}", names.join(", ")).into())
}

/// Runs one, says so before and after, and then prints what it printed.
fn run_one(suite: &Suite, command: Expression, outputs: &Utf8Path) -> Ended {
    let name = suite.to_string();
    let output = outputs.join(name.replace("::", "-"));
    eprintln!("{name} ...");
    let begun = Instant::now();
    let command = command.dir(root()).stderr_to_stdout().stdout_path(&output);
    let status = command.unchecked().run();
    let seconds = begun.elapsed().as_secs();
    let passed = status.as_ref().is_ok_and(|done| done.status.success());
    let how = match status {
        Ok(done) if done.status.success() => "passed".to_owned(),
        Ok(done) => format!("failed ({})", done.status),
        Err(error) => format!("could not be run: {error}"),
    };
    let printed = fs::read(&output).unwrap_or_default();
    // One lock over all of it: the other stream may end at the same time.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n== {name}: {how}, {seconds} s");
    let _ = out.write_all(&printed);
    let _ = out.flush();
    Ended {
        name,
        passed,
        seconds,
    }
}
