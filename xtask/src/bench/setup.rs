//! Where benches work, and with what.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::call::Call;
use crate::task::{Result, build_emshim, target};

/// Where a bench works.
pub fn folder(name: &str) -> Utf8PathBuf {
    target().join(format!("tmp/bench-{name}"))
}

/// emshim as it is now, with a shim folder of its own below `work`: the two, in this order.
pub fn install(work: &Utf8Path) -> Result<(Utf8PathBuf, Utf8PathBuf)> {
    fs::create_dir_all(work)?;
    let (emshim, shims) = (build_emshim()?, work.join("shims"));
    Call::new([emshim.as_str(), "install", shims.as_str()]).time(work)?;
    Ok((emshim, shims))
}

/// The middle one, or the mean of the two in the middle.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() % 2 {
        0 => (numbers[middle - 1] + numbers[middle]) / 2.0,
        _ => numbers[middle],
    }
}
