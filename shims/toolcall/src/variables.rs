//! Environment variables that emshim's processes pass to each other.

/// Names the build which calls are part of.
pub const BUILD: &str = "EMSHIM_BUILD";

/// By this a call tells those that come from it its name in the log.
pub const CALLER: &str = "EMSHIM_CALLER";

/// Says what goes in front of clang, with its arguments.
pub const LAUNCHER: &str = "EMSHIM_LAUNCHER";

/// Names the folder of the log.
pub const LOG: &str = "EMSHIM_LOG";

/// Names the stderr of whoever began a build, for what its parts keep to themselves.
pub const NOTICES: &str = "EMSHIM_NOTICES";

/// Names prefixes of the user's for the target, which come before emshim's own.
pub const PREFIX: &str = "EMSHIM_PREFIX";

/// Names the prefix of emshim's own libraries, in the place of the configuration's.
pub const LIBRARIES: &str = "EMSHIM_LIBRARIES";
