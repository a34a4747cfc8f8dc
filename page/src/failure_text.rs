//! A failure in words.

/// Why something failed, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureText {
    /// What has happened, as a sentence.
    pub headline: String,
    /// What to do, as one or more sentences.
    pub remedy: String,
    /// What a machine said, in its own English words.
    pub words: Option<String>,
}
