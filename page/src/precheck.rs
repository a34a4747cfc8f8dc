//! What each check of the prechecks is called, what came of it, and what to do. What a remedy names
//! in quotation marks or by its heading are sections of the appliance's own page.

use model::health::Severity;
use model::precheck::{Check, CheckCause, CheckDetail, CheckResult, PrecheckRun, SkipReason};

use crate::FailureText;

mod english;
mod japanese;

/// Texts of a run and its checks. `took` is a duration, `at` a time.
#[derive(Debug)]
pub struct CheckTexts {
    /// Every check is good.
    pub good: fn(checks: usize) -> String,
    /// Some need attention.
    pub attention: fn(checks: usize) -> String,
    /// Some failed.
    pub failing: fn(checks: usize) -> String,
    /// When it was, and how long it took.
    pub caption: fn(at: &str, took: &str) -> String,
    /// Heading of the column of checks.
    pub column_check: &'static str,
    /// Heading of the column of results.
    pub column_result: &'static str,
    /// Heading of the column of durations.
    pub column_took: &'static str,
    /// Name of a check.
    pub check: fn(&Check) -> String,
    /// Its result in one or two words.
    pub result: fn(&CheckResult) -> &'static str,
    /// What was found beside a good result.
    pub found: fn(&CheckDetail) -> String,
    /// Why it is not good; `None` = one of the nine causes of [`crate::outbound`].
    pub cause: fn(&CheckCause) -> Option<FailureText>,
    /// Why it was left out.
    pub skipped: fn(SkipReason) -> &'static str,
}

impl CheckTexts {
    /// What came of a run: how many checks are as bad as the worst of them.
    #[must_use]
    pub fn verdict(&self, run: &PrecheckRun) -> String {
        let text = match run.severity() {
            Severity::Failing => self.failing,
            Severity::Attention => self.attention,
            Severity::Good => self.good,
        };
        text(run.worst())
    }
}

/// The texts in English.
pub const ENGLISH: CheckTexts = english::TEXTS;
/// The texts in Japanese.
pub const JAPANESE: CheckTexts = japanese::TEXTS;
