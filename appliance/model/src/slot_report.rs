//! What PID 1 says about earlier starts: which slot failed, and why.
//!
//! The reason is kept in `grubenv` ([`crate::grubenv`]), as one short line for each slot, until the slot
//! comes up healthy or another release is written to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::role::Role;
use crate::slot::Slot;

/// Most characters of a free text in a [`FailureReason`]: the variables of both slots must fit into one
/// sector.
pub const MAX_TEXT_CHARACTERS: usize = 100;

/// What is known about the slots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotReport {
    /// The slot that should have started and did not come up, so that the other one runs.
    pub fallback: Option<SlotFailure>,
    /// Why the start before this one, of the slot that runs now, failed.
    pub retried: Option<SlotFailure>,
    /// Both slots had used up their tries, and the counters began anew with this start.
    pub all_failed: bool,
}

/// A slot that did not come up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotFailure {
    /// Which slot.
    pub slot: Slot,
    /// Why.
    pub reason: FailureReason,
    /// How many starts of it failed in a row; 0 when the boot loader did not even try.
    pub tries: u8,
}

/// Why a start failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum FailureReason {
    /// Nothing is known except that it did not come up: power was cut, or it stopped without a word.
    DidNotComeUp,
    /// The kernel stopped itself.
    Panicked {
        /// What the kernel said.
        message: String,
    },
    /// Boot stage 1 or PID 1 could not start the system.
    CouldNotStart {
        /// What they said.
        message: String,
    },
    /// A role was not ready when the time for it was over.
    NotHealthy {
        /// The first role that was not.
        role: Role,
        /// How it ended last; `None` when it runs and never said that it is ready.
        last_exit: Option<String>,
    },
    /// The watchdog restarted the machine, because PID 1 did not answer it any more.
    Watchdog,
    /// The checksum of the kernel in the slot is wrong; the boot loader did not start it.
    KernelDamaged,
    /// The boot loader found no kernel in the slot.
    KernelMissing,
}

const PANICKED: &str = "panic";
const COULD_NOT_START: &str = "start";
const NOT_HEALTHY: &str = "role";
const WATCHDOG: &str = "watchdog";
/// What the boot loader writes about a kernel whose checksum is wrong.
pub const DAMAGED: &str = "damaged";
/// What the boot loader writes when there is no kernel.
pub const MISSING: &str = "missing";

impl FailureReason {
    /// The reason as the value of a variable of the boot loader: printable ASCII in one short line.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::DidNotComeUp => String::new(),
            Self::Panicked { message } => format!("{PANICKED}:{}", plain(message)),
            Self::CouldNotStart { message } => format!("{COULD_NOT_START}:{}", plain(message)),
            Self::NotHealthy { role, last_exit } => {
                let exit = last_exit.as_deref().map(plain).unwrap_or_default();
                format!("{NOT_HEALTHY}:{}:{exit}", role.name())
            }
            Self::Watchdog => WATCHDOG.to_owned(),
            Self::KernelDamaged => DAMAGED.to_owned(),
            Self::KernelMissing => MISSING.to_owned(),
        }
    }

    /// Reads what [`FailureReason::encode`] wrote; anything else says nothing.
    #[must_use]
    pub fn decode(text: &str) -> Self {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            PANICKED => Self::Panicked { message: plain(rest) },
            COULD_NOT_START => Self::CouldNotStart { message: plain(rest) },
            NOT_HEALTHY => {
                let (role, exit) = rest.split_once(':').unwrap_or((rest, ""));
                let last_exit = (!exit.is_empty()).then(|| plain(exit));
                let reason = Role::from_name(role).map(|role| Self::NotHealthy { role, last_exit });
                reason.unwrap_or(Self::DidNotComeUp)
            }
            WATCHDOG => Self::Watchdog,
            DAMAGED => Self::KernelDamaged,
            MISSING => Self::KernelMissing,
            _ => Self::DidNotComeUp,
        }
    }
}

/// In English, for the log and the console.
impl fmt::Display for FailureReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DidNotComeUp => formatter.write_str("it did not come up"),
            Self::Panicked { message } => write!(formatter, "its kernel stopped: {message}"),
            Self::CouldNotStart { message } => write!(formatter, "it could not start: {message}"),
            Self::NotHealthy { role, last_exit: Some(exit) } => {
                write!(formatter, "its process {} ended ({exit})", role.name())
            }
            Self::NotHealthy { role, last_exit: None } => {
                write!(formatter, "its process {} was not ready in time", role.name())
            }
            Self::Watchdog => formatter.write_str("it stopped answering the watchdog"),
            Self::KernelDamaged => formatter.write_str("its kernel is damaged"),
            Self::KernelMissing => formatter.write_str("it has no kernel"),
        }
    }
}

/// Printable ASCII without the backslash, with which GRUB escapes; the rest becomes a question mark.
fn plain(text: &str) -> String {
    let is_plain = |character: &char| matches!(character, ' '..='~') && *character != '\\';
    text.trim()
        .chars()
        .take(MAX_TEXT_CHARACTERS)
        .map(|character| if is_plain(&character) { character } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_reason() -> impl Strategy<Value = FailureReason> {
        let text = || "[!-Z][ -Z]{0,98}[!-Z]";
        prop_oneof![
            Just(FailureReason::DidNotComeUp),
            text().prop_map(|message| FailureReason::Panicked { message }),
            text().prop_map(|message| FailureReason::CouldNotStart { message }),
            (proptest::sample::select(&Role::ALL[..]), proptest::option::of(text()))
                .prop_map(|(role, last_exit)| FailureReason::NotHealthy { role, last_exit }),
            Just(FailureReason::Watchdog),
            Just(FailureReason::KernelDamaged),
            Just(FailureReason::KernelMissing),
        ]
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(reason in any_reason()) {
            prop_assert_eq!(FailureReason::decode(&reason.encode()), reason);
        }

        #[test]
        fn stays_one_short_plain_line(message in "\\PC{0,300}|(?s).{0,50}") {
            let text = FailureReason::Panicked { message }.encode();
            prop_assert!(text.len() <= PANICKED.len() + 1 + MAX_TEXT_CHARACTERS);
            prop_assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\'));
        }

        #[test]
        fn reads_garbage_without_panic(text in ".*") {
            let _ = FailureReason::decode(&text);
        }
    }
}
