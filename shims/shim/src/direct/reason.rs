//! Why a step goes through emcc.

use std::borrow::Cow;

/// In a few words, for people.
pub type Reason = Cow<'static, str>;
