//! The section *Prechecks*.

use model::precheck::{CheckCause, CheckReport, CheckResult, PrecheckRun};

use super::probe::AdviceView;
use super::{DiagnosticsState, ProblemView, TaskRefusal};
use crate::summary::Tone;
use crate::texts::Texts;
use crate::{amount, time};

/// The section below its heading.
#[derive(Debug)]
pub(crate) struct PrechecksView {
    /// Whether the diagnostics role does not answer.
    pub(crate) is_silent: bool,
    pub(crate) run: Option<RunView>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct RunView {
    pub(crate) tone: Tone,
    pub(crate) headline: String,
    pub(crate) caption: String,
    /// How many checks are done, while they run.
    pub(crate) progress: Option<(usize, usize)>,
    pub(crate) checks: Vec<CheckView>,
}

#[derive(Debug)]
pub(crate) struct CheckView {
    pub(crate) tone: Tone,
    pub(crate) name: String,
    pub(crate) result: &'static str,
    /// What was found, or why it was left out.
    pub(crate) found: Option<String>,
    pub(crate) advice: Option<AdviceView>,
    pub(crate) took: Option<String>,
}

impl PrechecksView {
    pub(crate) fn new(texts: &'static Texts, state: &DiagnosticsState) -> Self {
        let run = state.prechecks.as_ref();
        Self { is_silent: !state.answers, run: run.map(|run| RunView::new(texts, run)) }
    }
}

impl RunView {
    fn new(texts: &'static Texts, run: &PrecheckRun) -> Self {
        let (text, check) = (&texts.precheck, &texts.check);
        let checks = run.checks.len();
        let (tone, headline) = match run.severity() {
            _ if run.is_running() => (Tone::Busy, (text.running)(run.done(), checks)),
            severity => (severity.into(), check.verdict(run)),
        };
        let at = time::date_time(run.started);
        Self {
            tone,
            headline,
            caption: match run.took_us {
                Some(took) => (check.caption)(&at, &amount::milliseconds(took)),
                None => (text.caption_running)(&at),
            },
            progress: run.is_running().then(|| (run.done(), checks.max(1))),
            checks: run.checks.iter().map(|report| CheckView::new(texts, report)).collect(),
        }
    }
}

impl CheckView {
    fn new(texts: &'static Texts, report: &CheckReport) -> Self {
        let text = &texts.check;
        let (tone, found, cause) = match &report.outcome {
            CheckResult::Waiting => (Tone::Waiting, None, None),
            CheckResult::Running => (Tone::Busy, None, None),
            CheckResult::Good { found } => (Tone::Good, found.as_ref().map(text.found), None),
            CheckResult::Attention { problem } => (Tone::Attention, None, Some(problem)),
            CheckResult::Failing { problem } => (Tone::Failing, None, Some(problem)),
            CheckResult::Skipped { reason } => {
                (Tone::Waiting, Some((text.skipped)(*reason).to_owned()), None)
            }
        };
        let took = report.took_us.filter(|_| report.outcome.is_final());
        Self {
            tone,
            name: (text.check)(&report.check),
            result: (text.result)(&report.outcome),
            found,
            advice: cause.map(|cause| advice(texts, cause)),
            took: took.map(amount::milliseconds),
        }
    }
}

/// What is wrong and what to do about it.
pub(super) fn advice(texts: &Texts, cause: &CheckCause) -> AdviceView {
    match ((texts.check.cause)(cause), cause) {
        (None, CheckCause::Connection { cause }) => AdviceView::of_connection(texts, cause),
        (text, _) => AdviceView::new(text, cause.id()),
    }
}

/// Why nothing was started.
pub(super) fn problem(texts: &Texts, refusal: &TaskRefusal) -> ProblemView {
    super::probe::refused(texts, refusal, texts.precheck.busy)
}
