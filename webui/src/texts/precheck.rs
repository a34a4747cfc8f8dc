//! Texts of *Prechecks*; those of the checks stand in [`page::precheck`].

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the section. `at` is a time.
#[derive(Debug)]
pub(crate) struct PrecheckTexts {
    pub(crate) heading: &'static str,
    pub(crate) intro: &'static str,
    pub(crate) run: &'static str,
    pub(crate) run_again: &'static str,
    /// Before the first run.
    pub(crate) none: &'static str,
    /// They are under way: what has happened, and what to do.
    pub(crate) busy: (&'static str, &'static str),
    pub(crate) running: fn(done: usize, checks: usize) -> String,
    pub(crate) progress: &'static str,
    pub(crate) caption_running: fn(at: &str) -> String,
}
