//! What the log survives, in numbers: many writers, `kill -9`, a disk that fills up.

use call_log::read::log::Log;
use call_log::read::reader::{Problem, Why};
use call_log::read::view::{Brief, BriefCall};
use emshim_tests::shim_folder::{LIMIT, ShimFolder, ended};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A shell script in the environment of the folder's shims.
fn script(folder: &ShimFolder, text: &str, words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", text, "sh"])
        .args(words)
        .current_dir(folder.path("work"))
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path("shims")))
        .env("TMPDIR", folder.path("tmp"))
        .stdin(Stdio::null());
    command
}

fn read(folder: &ShimFolder) -> (Vec<BriefCall>, Vec<Problem>) {
    let mut problems = Vec::new();
    let log = Log::new(folder.path("log"));
    let calls = log.calls::<Brief>().expect("a log").apart(&mut problems);
    let calls = calls.map(|call| call.expect("a readable file")).collect();
    (calls, problems)
}

/// The value of a call's `-DCALL=`.
fn mark(call: &BriefCall) -> String {
    let words = call.begin.words();
    let mut marks = words
        .iter()
        .filter_map(|word| word.to_str()?.strip_prefix("-DCALL="));
    marks.next().expect("a mark").to_owned()
}

#[test]
fn ten_thousand_calls_of_sixty_four_processes_are_all_there_once() {
    const CALLS: usize = 10_000;
    const PROCESSES: usize = 64;
    const LOOP: &str = "i=0; while [ $i -lt $2 ]; do \
        gcc -print-multiarch -DCALL=$1_$i > /dev/null || exit 1; i=$((i + 1)); done";
    let folder = ShimFolder::new();
    let share = |process: usize| CALLS / PROCESSES + usize::from(process < CALLS % PROCESSES);
    let mut children: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let words = [process.to_string(), share(process).to_string()];
            let words = words.each_ref().map(String::as_str);
            script(&folder, LOOP, &words).spawn().expect("a shell")
        })
        .collect();
    for child in &mut children {
        assert!(ended(child).success());
    }
    let (calls, problems) = read(&folder);
    assert_eq!(problems, []);
    assert_eq!(calls.len(), CALLS);
    assert!(calls.iter().all(|call| call.end.is_some()));
    let ids: BTreeSet<_> = calls.iter().map(|call| &call.begin.id).collect();
    assert_eq!(ids.len(), CALLS);
    let marks: BTreeSet<String> = calls.iter().map(mark).collect();
    let wanted = (0..PROCESSES).flat_map(|p| (0..share(p)).map(move |call| format!("{p}_{call}")));
    assert_eq!(marks, wanted.collect());
}

#[test]
fn two_hundred_kills_in_parallel_builds_lose_no_call_that_had_ended() {
    const KILLS: u32 = 200;
    // A shell notes a call once it has ended; so do the log's lines.
    const BUILD: &str = "for worker in 1 2 3 4; do (i=0; while :; do mark=$1_${worker}_$i; \
        gcc -c x.c -o $mark.o -DCALL=$mark && echo $mark >> ../ended; i=$((i + 1)); done) & done; wait";
    let folder = ShimFolder::new();
    folder.copying_tools();
    std::fs::write(folder.path("work/x.c"), "x\n").expect("a source");
    let notes = folder.path("ended");
    let noted = || std::fs::read(&notes).map_or(0, |notes| notes.split(|&b| b == b'\n').count());
    let mut random: u32 = 1;
    for number in 0..KILLS {
        let mut build = script(&folder, BUILD, &[&number.to_string()]);
        let mut build = build.process_group(0).spawn().expect("a shell");
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // After some more calls have ended, and then at any moment of those that follow.
        let wanted = noted() + (random >> 16) as usize % 5;
        let began = Instant::now();
        while noted() < wanted {
            assert!(began.elapsed() < LIMIT, "no call ends");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(u64::from(random >> 8) % 10_000));
        let group = Pid::from_child(&build);
        kill_process_group(group, Signal::KILL).expect("killed");
        ended(&mut build);
    }
    // What is killed may take a moment to be gone; its lines are in the log before that.
    let noted = std::fs::read_to_string(&notes).expect("notes");
    let noted: BTreeSet<&str> = noted.lines().collect();
    let (calls, problems) = read(&folder);
    let mut states: BTreeMap<String, bool> = BTreeMap::new();
    for call in &calls {
        let twice = states.insert(mark(call), call.end.is_some());
        assert_eq!(twice, None, "{}", mark(call));
    }
    let lost: Vec<_> = noted
        .iter()
        .filter(|mark| states.get(**mark) != Some(&true))
        .collect();
    assert_eq!(lost, Vec::<&&str>::new());
    let unfinished = states.values().filter(|finished| !**finished).count();
    println!(
        "{KILLS} kills: {} calls noted, {} in the log, {unfinished} unfinished, {} torn lines",
        noted.len(),
        calls.len(),
        problems.len()
    );
    assert!(noted.len() > KILLS as usize && unfinished > 0);
    assert!(
        problems.iter().all(|problem| problem.why == Why::Damaged),
        "{problems:?}"
    );
}

#[test]
fn a_disk_that_fills_up_stops_no_build_and_spoils_no_record() {
    // Files may have 16 blocks, of 512 bytes or 1 KiB by the shell; what would be larger fails as
    // on a full disk.
    const BUILD: &str = "trap '' XFSZ; ulimit -f 16; i=0; while [ $i -lt 30 ]; do \
        gcc -c x.c -o $i.o -DCALL=$i || exit 1; i=$((i + 1)); done";
    let folder = ShimFolder::new();
    folder.copying_tools();
    std::fs::write(folder.path("work/x.c"), "x\n").expect("a source");
    let output = script(&folder, BUILD, &[]).output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("gcc: warning: no record in "), "{said}");
    let (calls, problems) = read(&folder);
    assert_eq!(problems, []);
    let finished = calls.iter().filter(|call| call.end.is_some()).count();
    assert!((1..30).contains(&finished), "{finished}");
    for number in 0..30 {
        assert!(folder.path(&format!("work/{number}.o")).exists());
    }
    // With room again, the log goes on.
    assert!(
        folder
            .run("gcc", &["-c", "x.c", "-DCALL=after"], "")
            .status
            .success()
    );
    let (calls, problems) = read(&folder);
    assert_eq!(problems, []);
    assert!(
        calls
            .iter()
            .any(|call| mark(call) == "after" && call.end.is_some())
    );
}
