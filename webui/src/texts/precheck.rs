//! Texts of *Prechecks*.

use model::precheck::{Check, CheckCause, CheckDetail, CheckResult, SkipReason};

use crate::texts::probe::FailureText;

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the section. `took` is a duration, `at` a time.
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
    pub(crate) good: fn(checks: usize) -> String,
    pub(crate) attention: fn(checks: usize) -> String,
    pub(crate) failing: fn(checks: usize) -> String,
    pub(crate) caption: fn(at: &str, took: &str) -> String,
    pub(crate) caption_running: fn(at: &str) -> String,
    pub(crate) column_check: &'static str,
    pub(crate) column_result: &'static str,
    pub(crate) column_took: &'static str,
    pub(crate) check: fn(&Check) -> String,
    pub(crate) result: fn(&CheckResult) -> &'static str,
    pub(crate) found: fn(&CheckDetail) -> String,
    /// `None` = one of the nine causes, whose texts stand elsewhere.
    pub(crate) cause: fn(&CheckCause) -> Option<FailureText>,
    pub(crate) skipped: fn(SkipReason) -> &'static str,
}
