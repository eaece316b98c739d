//! The `emshim` command: the verbs, over the crates beside this one.
pub mod cli;

pub use replay;
pub use steps::provenance as declarations;

/// The log, by the paths that the verbs know it by.
pub mod log {
    pub use call_log::read::error::LogError;
    pub use call_log::read::log::Log;
    pub use call_log::read::{diff, lanes, producers, reader, select, stats, timeline, view};
}

/// The crates of the flow, by the paths that the verbs know them by.
pub mod shim {
    pub use ::shim::flow::{ShimError, run};
    pub use ::shim::signals;
    pub use flags::{parse, rules};
    pub use planner::prepare::plan_for;
    pub use planner::{expand, files};
    pub use steps::work as own;
    pub use toolcall::decision as rewrite;
    pub use toolcall::outcome as execute;
    pub use toolcall::tool::{Tool, link_names, recognise};
    pub use toolcall::variables as direct;
    pub use toolcall::{config, invocation as capture, job as classify, plan, text};

    /// Explanations.
    pub mod explain {
        pub use ::shim::explain::explain;
        pub use toolcall::explanation::{Explanation, line};
        pub use toolcall::job::name;
    }

    /// The record.
    pub mod record {
        pub use call_log::format::checksum::seal;
        pub use call_log::format::schema;
        pub use call_log::write::secrets::mask;
        pub use toolcall::variables::BUILD;
    }

    /// The tables of flags.
    pub mod tables {
        pub use flags::tables::*;
        pub use toolcall::{probes, sources};
    }
}
