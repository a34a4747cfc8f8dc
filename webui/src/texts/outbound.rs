//! What each cause of a failed connection means, and the next step.

use model::outbound::FailureCause;

pub(crate) mod english;
pub(crate) mod japanese;

/// A cause in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutboundText {
    /// What has happened, as a sentence.
    pub(crate) headline: String,
    /// What to do, as one or more sentences.
    pub(crate) next_step: String,
}

/// Texts of the nine causes.
#[derive(Debug)]
pub(crate) struct OutboundTexts {
    /// A cause in words.
    pub(crate) text: fn(&FailureCause) -> OutboundText,
}

fn text(headline: String, next_step: impl Into<String>) -> OutboundText {
    OutboundText { headline, next_step: next_step.into() }
}
