//! Calls side by side: which of them ran at the same time.

use crate::read::error::LogError;
use crate::read::log::Log;
use crate::read::reader::Problem;
use crate::read::select::Filter;
use crate::read::view::{Brief, status};
use std::cmp::Reverse;
use std::path::Path;
use toolcall::display;
use toolcall::job;

/// Longest command that is kept, in characters: a timeline is looked at as a whole.
const LONGEST: usize = 400;

/// One call in its lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// When it began, in microseconds since 1970.
    pub start_us: u64,
    /// How long it took; of one that did not end, up to the end of the log.
    pub duration_us: u64,
    /// Which lane: calls of one lane do not overlap.
    pub lane: usize,
    /// The name called by.
    pub tool: String,
    /// What it was for.
    pub job: String,
    /// How it ended.
    pub status: String,
    /// Whether it ended well.
    pub ok: bool,
    /// Whether a build system only tried something out.
    pub probe: bool,
    /// Its id.
    pub id: String,
    /// Number of its process.
    pub pid: u32,
    /// The command as given, its middle cut out where it is long.
    pub command: String,
    /// The file it makes or reads, for a label.
    pub file: String,
}

fn cut(command: String) -> String {
    let length = command.chars().count();
    if length <= LONGEST {
        return command;
    }
    let start: String = command.chars().take(LONGEST / 2).collect();
    let end: String = command.chars().skip(length - LONGEST / 2).collect();
    format!("{start} … {end}")
}

/// Puts the calls that fit into as few lanes as they need, in order of their beginning.
///
/// # Errors
/// The log cannot be read.
pub fn lanes(log: &Log, filter: &Filter) -> Result<(Vec<Bar>, Vec<Problem>), LogError> {
    let mut bars = Vec::new();
    let mut problems = Vec::new();
    let mut open = Vec::new();
    for call in log.calls::<Brief>()?.apart(&mut problems) {
        let call = call?;
        if !filter.fits(&call) {
            continue;
        }
        let (head, end) = (call.begin, call.end);
        let exit = end.as_ref().map(super::view::Tail::ended);
        if end.is_none() {
            open.push(bars.len());
        }
        let command = display::shell(&head.words());
        let facts = end
            .iter()
            .flat_map(|end| end.outputs.iter().rev().chain(&end.inputs));
        let file = facts.into_iter().next().map(|fact| Path::new(&fact.path));
        let file = file.and_then(Path::file_name).unwrap_or_default();
        let file = file.to_string_lossy().into_owned();
        bars.push(Bar {
            start_us: head.time_us,
            duration_us: end.map_or(0, |end| end.duration_us),
            lane: 0,
            job: job::name(head.job),
            status: status(exit),
            ok: exit.is_some_and(toolcall::outcome::Exit::is_success),
            probe: head.probe,
            pid: head.pid,
            command: cut(command),
            file,
            tool: head.tool,
            id: head.id,
        });
    }
    let last = bars.iter().map(|bar| bar.start_us + bar.duration_us).max();
    for at in open {
        bars[at].duration_us = last.unwrap_or_default().saturating_sub(bars[at].start_us);
    }
    // A call that others came from began before them and is longer: it gets its lane first.
    bars.sort_by_key(|bar| (bar.start_us, Reverse(bar.duration_us)));
    let mut free: Vec<u64> = Vec::new();
    for bar in &mut bars {
        let lane = free.iter().position(|end| *end <= bar.start_us);
        bar.lane = lane.unwrap_or_else(|| {
            free.push(0);
            free.len() - 1
        });
        free[bar.lane] = bar.start_us + bar.duration_us;
    }
    Ok((bars, problems))
}
