//! Logs that emshims of the past have written. `tests/samples/schema-N` or `schema-N-WHEN` is one of a
//! compile with a response file and of a call that was refused, in a build; the newest have a link too.
//!
//! A sample is never changed. When a record gets a field, or [`SCHEMA`] a new number, a sample of the
//! emshim before stays and one of the new is added.

use call_log::format::schema::SCHEMA;
use call_log::read::log::Log;
use call_log::read::reader::{Item, Why};
use call_log::read::view::{Brief, Full};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use toolcall::outcome::{Exit, LinkRan};
use toolcall::plan::StepKind;

/// The samples, and the schema that each is of.
fn samples() -> Vec<(u32, Utf8PathBuf)> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let entries = folder.read_dir_utf8().expect("samples");
    let mut samples: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("a sample").into_path();
            let name = path.file_name().unwrap_or_default();
            let schema = name.strip_prefix("schema-").expect("schema-N");
            let schema = schema.split('-').next().unwrap_or_default();
            (schema.parse().expect("a number"), path)
        })
        .collect();
    samples.sort();
    samples
}

#[test]
fn there_is_a_sample_of_every_schema() {
    let there: BTreeSet<u32> = samples().into_iter().map(|sample| sample.0).collect();
    assert_eq!(there, (1..=SCHEMA).collect());
}

#[test]
fn logs_of_this_schema_are_read_whole() {
    for (_, folder) in samples().iter().filter(|sample| sample.0 == SCHEMA) {
        let log = Log::new(folder.clone());
        let calls: Vec<_> = log
            .calls::<Full>()
            .expect("a log")
            .map(|item| match item.expect("a readable file") {
                Item::Call(call) => call,
                Item::Problem(problem) => panic!("{folder}: {problem}"),
            })
            .collect();
        let [compile, refused, links @ ..] = calls.as_slice() else {
            panic!("{folder}: {} calls", calls.len());
        };
        assert_eq!(compile.begin.tool, "gcc", "{folder}");
        let end = compile.end.as_ref().expect("an end");
        assert_eq!(end.exit, Exit::Exit(0), "{folder}");
        let files = [&end.inputs[0].path, &end.outputs[0].path];
        assert_eq!(files, ["a.c", "a.o"], "{folder}");
        let words = log.blob(&compile.begin.response_files[0].contents);
        assert_eq!(words.expect("contents"), b"-O3\n", "{folder}");
        let explanation = log.explain(&compile.begin).expect("decisions and steps");
        assert!(explanation.to_string().contains("[target/abi]"), "{folder}");
        let env = log.env(&compile.begin).expect("an environment");
        assert_eq!(env["PATH"], "/usr/bin:/bin", "{folder}");
        let tools = log.toolchain(&compile.begin).expect("its tools");
        let emscripten = tools.config.emscripten;
        assert_eq!(emscripten.version, "3.1.69", "{folder}");
        assert_eq!(emscripten.cache, "/build/em/cache", "{folder}");
        assert_eq!(refused.begin.build.as_deref(), Some("build-1"), "{folder}");
        let why = refused.begin.refusal.as_deref().unwrap_or_default();
        assert!(why.starts_with("-fopenmp: "), "{folder}: {why}");
        let brief = log.calls::<Brief>().expect("a log");
        let ids: Vec<_> = brief
            .filter_map(|item| match item.expect("a readable file") {
                Item::Call(call) => Some(call.begin.id),
                Item::Problem(_) => None,
            })
            .collect();
        let all: Vec<_> = calls.iter().map(|call| call.begin.id.clone()).collect();
        assert_eq!(ids, all, "{folder}");
        for link in links {
            assert_eq!(link.begin.steps[0].kind, StepKind::Link, "{folder}");
            let end = link.end.as_ref().expect("an end");
            let Some(LinkRan::Commands(commands)) = &end.steps[0].link else {
                panic!("{folder}: no commands");
            };
            assert_eq!(commands[0].0[0], "/build/llvm/wasm-ld", "{folder}");
        }
    }
}

#[test]
fn lines_of_other_schemas_are_named_and_passed_over() {
    for (schema, folder) in samples().iter().filter(|sample| sample.0 != SCHEMA) {
        let log = Log::new(folder.clone());
        let mut lines = 0;
        for item in log.calls::<Full>().expect("a log") {
            match item.expect("a readable file") {
                Item::Problem(problem) => assert_eq!(problem.why, Why::Schema(*schema)),
                Item::Call(call) => panic!("{folder}: {} was read", call.begin.id),
            }
            lines += 1;
        }
        assert_eq!(lines, 4, "{folder}");
    }
}
