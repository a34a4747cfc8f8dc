//! A run of the prechecks: each check with its result, and what to do about it.

use model::precheck::{CheckCause, CheckReport, CheckResult, PrecheckRun};
use page::FailureText;

use crate::texts::Texts;
use crate::tone::Tone;
use crate::{amount, time};

/// A run.
#[derive(Debug)]
pub(crate) struct RunView {
    pub(crate) tone: Tone,
    pub(crate) headline: String,
    pub(crate) caption: String,
    pub(crate) checks: Vec<CheckView>,
}

/// A check.
#[derive(Debug)]
pub(crate) struct CheckView {
    pub(crate) tone: Tone,
    pub(crate) name: String,
    pub(crate) result: &'static str,
    /// What was found, or why it was left out.
    pub(crate) found: Option<String>,
    pub(crate) advice: Option<FailureText>,
    /// How long it took; empty = it was left out.
    pub(crate) took: String,
}

impl RunView {
    pub(crate) fn new(texts: &Texts, run: &PrecheckRun) -> Self {
        let text = &texts.check;
        let at = time::date_time(run.started);
        Self {
            tone: run.severity().into(),
            headline: text.verdict(run),
            caption: match run.took_us {
                Some(took) => (text.caption)(&at, &amount::milliseconds(took)),
                None => at,
            },
            checks: run.checks.iter().map(|report| CheckView::new(texts, report)).collect(),
        }
    }
}

impl CheckView {
    fn new(texts: &Texts, report: &CheckReport) -> Self {
        let text = &texts.check;
        let (tone, found, cause) = match &report.outcome {
            CheckResult::Waiting => (Tone::Waiting, None, None),
            CheckResult::Running => (Tone::Busy, None, None),
            CheckResult::Good { found } => (Tone::Good, found.as_ref().map(text.found), None),
            CheckResult::Attention { problem } => (Tone::Attention, None, Some(problem)),
            CheckResult::Failing { problem } => (Tone::Failing, None, Some(problem)),
            CheckResult::Skipped { reason } => {
                (Tone::Off, Some((text.skipped)(*reason).to_owned()), None)
            }
        };
        Self {
            tone,
            name: (text.check)(&report.check),
            result: (text.result)(&report.outcome),
            found,
            advice: cause.map(|cause| advice(texts, cause)),
            took: report.took_us.map(amount::milliseconds).unwrap_or_default(),
        }
    }
}

/// What is wrong and what to do about it.
fn advice(texts: &Texts, cause: &CheckCause) -> FailureText {
    let bare =
        || FailureText { headline: cause.id().to_owned(), remedy: String::new(), words: None };
    match ((texts.check.cause)(cause), cause) {
        (Some(text), _) => text,
        (None, CheckCause::Connection { cause }) => {
            let text = (texts.outbound.text)(cause);
            FailureText { headline: text.headline, remedy: text.next_step, words: None }
        }
        (None, _) => bare(),
    }
}
