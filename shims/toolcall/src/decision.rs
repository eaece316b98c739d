//! What was decided about an argument, and why.

use crate::display;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ffi::OsString;

/// What was done with an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Passed on as given.
    Keep,
    /// Left out.
    Drop,
    /// Carried out by the translation to C, and left out of what follows.
    Translate,
    /// Something else stands in its place.
    Replace,
    /// Nobody asked for it; the target needs it.
    Add,
    /// The call fails because of it.
    Refuse,
    /// No rule knows it; passed on as given.
    Unknown,
}

/// One decision, for people and for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The argument as given, quoted for a shell; absent for an addition.
    pub argument: Option<String>,
    /// What was done.
    pub action: Action,
    /// What stands in the command now, quoted for a shell; absent for a drop or refusal.
    pub result: Option<String>,
    /// The rule: a flag's name in the tables, or a topic such as `target/abi`.
    pub rule: Cow<'static, str>,
    /// Why, in one line; absent where the argument was kept.
    pub reason: Option<Cow<'static, str>>,
}

impl Decision {
    /// An addition of ours.
    #[must_use]
    pub fn add(words: &[OsString], rule: &'static str, reason: &'static str) -> Self {
        Self {
            argument: None,
            action: Action::Add,
            result: Some(display::shell(words)),
            rule: rule.into(),
            reason: Some(reason.into()),
        }
    }

    /// Arguments left out of one step of several.
    #[must_use]
    pub fn left_out(words: &[OsString], rule: &'static str, reason: &'static str) -> Self {
        Self::about(words, rule, &Ruling::Drop(reason.into()))
    }

    /// Whether it says more than that an argument is passed on as given.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.action != Action::Keep || self.reason.is_some()
    }

    /// A decision about `words`.
    #[must_use]
    pub fn about(words: &[OsString], rule: &'static str, ruling: &Ruling) -> Self {
        let (action, result, reason) = match ruling {
            Ruling::Keep => (Action::Keep, Some(display::shell(words)), None),
            Ruling::Unknown => {
                let why = "no rule knows it; passed on as given";
                (
                    Action::Unknown,
                    Some(display::shell(words)),
                    Some(why.into()),
                )
            }
            Ruling::Drop(why) => (Action::Drop, None, Some(why.clone())),
            Ruling::Translate(why) => (Action::Translate, None, Some(why.clone())),
            Ruling::Refuse(why) => (Action::Refuse, None, Some(why.clone())),
            Ruling::Replace(new, why) => (
                Action::Replace,
                Some(display::shell(new)),
                Some(why.clone()),
            ),
        };
        Self {
            argument: Some(display::shell(words)),
            action,
            result,
            rule: rule.into(),
            reason,
        }
    }
}

/// What a policy comes to for one argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// As given.
    Keep,
    /// As given, though no rule knows it.
    Unknown,
    /// Left out, and why.
    Drop(Cow<'static, str>),
    /// Left to the translation to C, and why.
    Translate(Cow<'static, str>),
    /// Other words, and why.
    Replace(Vec<OsString>, Cow<'static, str>),
    /// The call fails, and why.
    Refuse(Cow<'static, str>),
}

impl Ruling {
    /// Left out.
    #[must_use]
    pub fn drop(why: &'static str) -> Self {
        Self::Drop(why.into())
    }

    /// The call fails.
    #[must_use]
    pub fn refuse(why: &'static str) -> Self {
        Self::Refuse(why.into())
    }

    /// The words that stay.
    #[must_use]
    pub fn words(&self, given: &[OsString]) -> Vec<OsString> {
        match self {
            Self::Keep | Self::Unknown => given.to_vec(),
            Self::Replace(new, _) => new.clone(),
            Self::Drop(_) | Self::Translate(_) | Self::Refuse(_) => Vec::new(),
        }
    }
}
