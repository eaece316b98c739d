//! Many packages, each built once with what it needs of the others.
//!
//! ```text
//! farm.toml -> list -> plan -> graph.json -> Snakemake -> job, job, ... -> report
//! ```
//!
//! When, where and how often a job runs is Snakemake's affair; a job knows itself whether there is
//! anything to do.

pub mod engine;
pub mod folder;
pub mod job;
pub mod list;
pub mod matrix;
pub mod outcome;
pub mod plan;
pub mod report;
