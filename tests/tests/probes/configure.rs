//! CMake's and Meson's configuring with the probe cache: the second time, in another build folder, the
//! compiler hardly runs, and the results are the same.

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, command, shims};
use emshim_tests::tools::NEWEST;

const CMAKE: &str = "cmake_minimum_required(VERSION 3.20)\nproject(p C)\n\
    include(CheckIncludeFile)\ninclude(CheckFunctionExists)\ninclude(CheckTypeSize)\n\
    check_include_file(unistd.h HAVE_UNISTD_H)\ncheck_include_file(no_such.h HAVE_NO_SUCH_H)\n\
    check_function_exists(strdup HAVE_STRDUP)\ncheck_function_exists(no_such HAVE_NO_SUCH)\n\
    check_type_size(long SIZEOF_LONG)\n";

const MESON: &str = "project('p', 'c')\ncc = meson.get_compiler('c')\n\
    foreach h : ['unistd.h', 'no_such.h']\n  cc.has_header(h)\nendforeach\n\
    foreach f : ['strdup', 'no_such']\n  cc.has_function(f)\nendforeach\n\
    cc.sizeof('long')\ncc.has_argument('-Wno-such-flag')\n";

/// Configures into a folder, and gives what was said and which steps were answered from the cache
/// and which ran, questions left out.
fn configure(dir: &Utf8Path, tool: &str, words: &[&str], build: &str) -> (String, [usize; 2]) {
    let path = std::env::var("PATH").expect("PATH");
    let log = dir.join(format!("log-{build}"));
    let call = command(shims().join(tool), &[words, &[build]].concat())
        .dir(dir.as_str())
        .env("PATH", format!("{}:{}:{path}", shims(), NEWEST.bin()))
        .env("EMSHIM_PROBE_CACHE", "1")
        .env("EMSHIM_LOG", log.as_str());
    let said = Completed::of(&call).success().stdout;
    let text = std::fs::read_to_string(log.join("records.jsonl")).expect("records");
    let records: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let compiles = |record: &&serde_json::Value| {
        let job = record["job"].as_str().unwrap_or_default();
        job == "compile" || job.ends_with("link-program") || job == "preprocess"
    };
    let ids = records.iter().filter(compiles).map(|record| &record["id"]);
    let ids: Vec<_> = ids.collect();
    let ends = records
        .iter()
        .filter(|r| r["record"] == "end" && ids.contains(&&r["id"]));
    let (kept, ran): (Vec<_>, Vec<_>) = ends.partition(|end| end["steps"][0]["from_cache"] == true);
    (
        without_times(&said.replace(build, "BUILD")),
        [kept.len(), ran.len()],
    )
}

/// Lines that tell no time.
fn without_times(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains(" done ("));
    lines.collect::<Vec<_>>().join("\n")
}

fn twice(tool: &str, words: &[&str]) {
    let dir = Folder::new();
    dir.file("CMakeLists.txt", CMAKE);
    dir.file("meson.build", MESON);
    let (first, _) = configure(dir.path(), tool, words, "build-1");
    let (second, [kept, ran]) = configure(dir.path(), tool, words, "build-2");
    assert_eq!(first, second);
    assert!(kept > ran, "{kept} answered, {ran} ran");
}

#[test]
fn cmake_configures_again_from_the_cache() {
    twice("cmake", &["-G", "Ninja", "-S", ".", "-B"]);
}

#[test]
fn meson_configures_again_from_the_cache() {
    twice("meson", &["setup"]);
}
