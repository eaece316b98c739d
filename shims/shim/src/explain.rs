//! What would run, and why, without running it.

use crate::flow::{ShimError, prepare};
use toolcall::config::ShimConfig;
pub use toolcall::explanation::{Explanation, line};
use toolcall::invocation::Invocation;
pub use toolcall::job::name;

/// Explains a call without running it.
///
/// # Errors
/// As [`crate::flow::prepare`].
pub fn explain(config: &ShimConfig, invocation: &Invocation) -> Result<Explanation, ShimError> {
    prepare(config, invocation).map(|prepared| Explanation::of(prepared.plan))
}
