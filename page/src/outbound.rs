//! What each cause of a failed connection means, and the next step.

use model::outbound::FailureCause;

mod english;
mod japanese;

/// A cause in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundText {
    /// What has happened, as a sentence.
    pub headline: String,
    /// What to do, as one or more sentences.
    pub next_step: String,
}

/// Texts of the nine causes.
#[derive(Debug)]
pub struct OutboundTexts {
    /// A cause in words.
    pub text: fn(&FailureCause) -> OutboundText,
}

/// The texts in English.
pub const ENGLISH: OutboundTexts = english::TEXTS;
/// The texts in Japanese.
pub const JAPANESE: OutboundTexts = japanese::TEXTS;

fn text(headline: String, next_step: impl Into<String>) -> OutboundText {
    OutboundText { headline, next_step: next_step.into() }
}
