//! Sums over a log: where the time went, what was slow, what was dropped.

use crate::read::error::LogError;
use crate::read::log::Log;
use crate::read::reader::Problem;
use crate::read::select::Filter;
use crate::read::view::{Brief, BriefCall, status};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use toolcall::decision::{Action, Decision};
use toolcall::display;
use toolcall::job;

/// How many of the slowest calls are kept.
const SLOWEST: usize = 10;

/// Calls and their time, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// How many.
    pub calls: u64,
    /// How many of them did not end well.
    pub failed: u64,
    /// From start to end.
    pub duration_us: u64,
    /// Of that, in emshim itself.
    pub own_us: u64,
}

/// One of the slowest calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slow {
    /// From start to end.
    pub duration_us: u64,
    /// Its id.
    pub id: String,
    /// How it ended.
    pub status: String,
    /// The command as given.
    pub command: String,
}

/// A flag and how often it was dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The rule, such as `-pthread`.
    pub rule: String,
    /// How many times.
    pub times: u64,
    /// Why.
    pub reason: String,
}

/// The sums.
#[derive(Debug, Default, Serialize)]
pub struct Stats {
    /// All calls.
    pub all: Sum,
    /// Calls that never ended: killed, or still running.
    pub unfinished: u64,
    /// By the name called by.
    pub tools: BTreeMap<String, Sum>,
    /// By what the call was for.
    pub jobs: BTreeMap<String, Sum>,
    /// What build systems tried out.
    pub probes: Sum,
    /// Compiles and links that were no probes.
    pub real: Sum,
    /// The slowest, slowest first.
    pub slowest: Vec<Slow>,
    /// Flags, those dropped most often first.
    pub dropped: Vec<Dropped>,
    /// Bytes of all records, contents kept in `blobs/` apart.
    pub log_bytes: u64,
}

impl Sum {
    fn add(&mut self, call: &BriefCall) {
        let Some(end) = &call.end else { return };
        let steps: u64 = end.steps.iter().map(|step| step.duration_us).sum();
        self.calls += 1;
        self.failed += u64::from(!end.ended().is_success());
        self.duration_us += end.duration_us;
        self.own_us += end.duration_us.saturating_sub(steps);
    }
}

/// Sums up the calls that are meant.
///
/// # Errors
/// The log cannot be read.
pub fn stats(log: &Log, filter: &Filter) -> Result<(Stats, Vec<Problem>), LogError> {
    let mut stats = Stats {
        log_bytes: std::fs::metadata(log.file()).map_or(0, |meta| meta.len()),
        ..Stats::default()
    };
    let mut slowest: BinaryHeap<Reverse<(u64, String, String, String)>> = BinaryHeap::new();
    let mut decisions: HashMap<String, u64> = HashMap::new();
    let mut problems = Vec::new();
    for call in log.calls::<Brief>()?.apart(&mut problems) {
        let call = call?;
        if !filter.fits(&call) {
            continue;
        }
        let head = &call.begin;
        let job = job::name(head.job);
        stats.all.add(&call);
        stats.unfinished += u64::from(call.end.is_none());
        of(&mut stats.tools, &head.tool).add(&call);
        of(&mut stats.jobs, &job).add(&call);
        if head.probe {
            stats.probes.add(&call);
        } else if head.job.compiles() || head.job.links() {
            stats.real.add(&call);
        }
        if let Some(decided) = &head.decisions {
            match decisions.get_mut(decided) {
                Some(calls) => *calls += 1,
                None => drop(decisions.insert(decided.clone(), 1)),
            }
        }
        if let Some(end) = &call.end {
            let least = slowest.peek().map_or(0, |Reverse((time, ..))| *time);
            if slowest.len() < SLOWEST || end.duration_us > least {
                let status = status(Some(end.ended()));
                let command = display::shell(&head.words());
                slowest.push(Reverse((end.duration_us, head.id.clone(), status, command)));
            }
            if slowest.len() > SLOWEST {
                slowest.pop();
            }
        }
    }
    let slow = |Reverse((duration_us, id, status, command))| Slow {
        duration_us,
        id,
        status,
        command,
    };
    stats.slowest = slowest.into_sorted_vec().into_iter().map(slow).collect();
    stats.dropped = dropped(log, &decisions);
    Ok((stats, problems))
}

fn of<'s>(sums: &'s mut BTreeMap<String, Sum>, name: &str) -> &'s mut Sum {
    if !sums.contains_key(name) {
        sums.insert(name.to_owned(), Sum::default());
    }
    sums.entry(name.to_owned()).or_default()
}

/// Looks into each list of decisions once, however many calls share it. One that is lost counts
/// for nothing.
fn dropped(log: &Log, decisions: &HashMap<String, u64>) -> Vec<Dropped> {
    let mut rules: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for (name, calls) in decisions {
        let Ok(list) = log.parsed::<Vec<Decision>>(name) else {
            continue;
        };
        for decision in list.iter().filter(|d| d.action == Action::Drop) {
            let reason = decision.reason.clone().unwrap_or_default().into_owned();
            let rule = rules.entry(decision.rule.clone().into_owned());
            rule.or_insert((0, reason)).0 += calls;
        }
    }
    let mut dropped: Vec<Dropped> = rules
        .into_iter()
        .map(|(rule, (times, reason))| Dropped {
            rule,
            times,
            reason,
        })
        .collect();
    dropped.sort_by_key(|dropped| Reverse(dropped.times));
    dropped
}
