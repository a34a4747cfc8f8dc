//! What keeps the appliance from using a domain, and the next step.

use model::domain::failure::DomainFailure;

pub(crate) mod english;
pub(crate) mod japanese;

/// A failure in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailureText {
    /// What has happened, as a sentence.
    pub(crate) headline: String,
    /// What to do, as one or more sentences.
    pub(crate) next_step: String,
}

/// Texts of the failures.
#[derive(Debug)]
pub(crate) struct DomainFailureTexts {
    /// A failure in words.
    pub(crate) text: fn(&DomainFailure) -> FailureText,
}

fn text(headline: String, next_step: impl Into<String>) -> FailureText {
    FailureText { headline, next_step: next_step.into() }
}

/// Values one after the other.
fn list<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
