//! The page *Network diagnostics*: TCP Capture, Network probe, Prechecks.

mod capture;
mod delete_trace;
mod field;
mod plot;
mod prechecks;
mod probe;

use askama::Template;
use model::capture::{TraceFieldProblem, TraceForm};
use model::capture_status::CaptureStatus;
use model::precheck::{CheckCause, PrecheckRun};
use model::probe::{ProbeFailure, ProbeFieldProblem, ProbeForm, ProbeState};

use self::capture::CaptureView;
pub use self::delete_trace::{DeleteTrace, delete_trace};
use self::prechecks::PrechecksView;
use self::probe::{AdviceView, ProbeFormView, ProbeView, TraceLinkView};
use crate::Language;
use crate::frame::{Frame, FrameView};
use crate::password::PasswordProblem;
use crate::texts::Texts;

/// The page. Its forms post to
///
/// | path | fields |
/// |---|---|
/// | `/network-diagnostics/capture` | `target`, `port`, `duration` (seconds), `packetTracing` |
/// | `/network-diagnostics/capture/stop` | `id` of the trace |
/// | `/network-diagnostics/probe` | `kind`, `target`, `port`, `path`, `route` (`direct`, `automatic` or the id of a proxy), `capture` |
/// | `/network-diagnostics/probe/stop`, `/network-diagnostics/prechecks` | |
///
/// and each with `csrf`. `/network-diagnostics/trace?id=` is the file of a trace,
/// `/network-diagnostics/capture/delete?id=` the question before it is deleted.
#[derive(Clone, Debug)]
pub struct NetworkDiagnostics {
    /// Common to all pages.
    pub frame: Frame,
    /// What the roles say.
    pub state: DiagnosticsState,
    /// What stands in the form of a trace.
    pub trace_form: TraceForm,
    /// Whether that form is shown although a trace is there.
    pub offers_new_trace: bool,
    /// What stands in the form of the probe.
    pub probe_form: ProbeForm,
    /// Proxies that a probe can go through.
    pub proxies: Vec<ProxyChoice>,
    /// What is wrong with what was sent.
    pub problem: Option<DiagnosticsProblem>,
}

/// What the roles say at one moment.
#[derive(Clone, Debug)]
pub struct DiagnosticsState {
    /// What the capture role says; `None` = it does not answer.
    pub capture: Option<CaptureStatus>,
    /// Whether the diagnostics role answers.
    pub answers: bool,
    /// The last probe.
    pub probe: Option<ProbeState>,
    /// The last prechecks.
    pub prechecks: Option<PrecheckRun>,
    /// The time of this answer, in seconds since 1970.
    pub now: i64,
}

impl DiagnosticsState {
    /// Whether something is under way that ends by itself soon.
    fn is_busy(&self) -> bool {
        self.probe.as_ref().is_some_and(ProbeState::is_running)
            || self.prechecks.as_ref().is_some_and(PrecheckRun::is_running)
    }
}

/// A proxy that a probe can go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyChoice {
    /// Its id.
    pub id: String,
    /// `host:port`.
    pub location: String,
}

/// What is wrong with what was sent from the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiagnosticsProblem {
    /// Fields of the form of a trace.
    TraceFields(Vec<TraceFieldProblem>),
    /// The trace was not started, stopped, deleted or found.
    Trace(CaptureRefusal),
    /// Fields of the form of the probe.
    ProbeFields(Vec<ProbeFieldProblem>),
    /// The probe was not started or stopped.
    Probe(TaskRefusal),
    /// The prechecks were not started.
    Prechecks(TaskRefusal),
    /// The form of a trace is too old to be taken.
    TraceFormExpired,
    /// The form of the probe is.
    ProbeFormExpired,
}

/// Why nothing was done about a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureRefusal {
    /// One is running: there is one at a time.
    Running {
        /// Since when, in seconds since 1970.
        since: i64,
    },
    /// Somebody else starts one at this moment.
    Starting,
    /// The name does not exist.
    UnknownHost {
        /// The name.
        host: String,
    },
    /// The name could not be looked up.
    NotResolved {
        /// The name.
        host: String,
        /// Why, in English.
        reason: String,
    },
    /// The data disk has no room.
    NoSpace {
        /// Bytes that a trace could use.
        free_bytes: u64,
        /// Bytes that it needs at least.
        needed_bytes: u64,
    },
    /// There is nothing to stop.
    NothingRuns,
    /// It has to end first.
    StillRunning,
    /// It is not there any more.
    Gone,
    /// Something else went wrong.
    Failed {
        /// What, in English.
        reason: String,
    },
    /// The capture role does not answer.
    Silent,
}

/// Why a probe was not started or stopped, or the prechecks were not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskRefusal {
    /// One is under way.
    Busy,
    /// There is nothing to stop.
    NothingRuns,
    /// Something went wrong.
    Failed {
        /// What, in English.
        reason: String,
    },
    /// The diagnostics role does not answer.
    Silent,
}

impl CaptureRefusal {
    /// A sentence for a person: what has happened.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        (Texts::of(language).capture.refusal)(self, &self.at()).0
    }

    /// The time that it names.
    fn at(&self) -> String {
        match self {
            Self::Running { since } => crate::time::date_time(*since),
            _ => String::new(),
        }
    }
}

/// A problem as the templates see it: what has happened, and where or what to do.
#[derive(Debug)]
pub(crate) struct ProblemView {
    pub(crate) heading: String,
    /// The field and what is wrong with it.
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) remedy: Option<String>,
}

#[derive(Template)]
#[template(path = "network_diagnostics.html")]
struct PageView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    live: LiveView,
    /// The form of a trace, where the page shows it.
    trace_form: Option<capture::TraceFormView<'a>>,
    probe_form: ProbeFormView<'a>,
    trace_problem: Option<ProblemView>,
    probe_problem: Option<ProblemView>,
    prechecks_problem: Option<ProblemView>,
    live_path: &'static str,
    /// Whether the page loads itself again without script.
    reloads: bool,
}

/// The parts that the script refreshes.
#[derive(Debug)]
struct LiveView {
    capture: CaptureView,
    probe: Option<ProbeView>,
    probe_is_silent: bool,
    prechecks: PrechecksView,
}

#[derive(Template)]
#[template(path = "network_diagnostics_fragment.html")]
struct FragmentView {
    texts: &'static Texts,
    live: LiveView,
}

impl LiveView {
    fn new(texts: &'static Texts, state: &DiagnosticsState, offers_new_trace: bool) -> Self {
        Self {
            capture: CaptureView::new(texts, state, offers_new_trace),
            probe: state.probe.as_ref().map(|probe| ProbeView::new(texts, state, probe)),
            probe_is_silent: !state.answers,
            prechecks: PrechecksView::new(texts, state),
        }
    }
}

/// Why a probe ended and what to do about it, as on the page.
#[must_use]
pub fn probe_failure(language: Language, failure: &ProbeFailure) -> (String, String) {
    let AdviceView { headline, remedy, .. } = probe::failure(Texts::of(language), failure);
    (headline, remedy)
}

/// Why a check is not good and what to do about it, as on the page.
#[must_use]
pub fn precheck_cause(language: Language, cause: &CheckCause) -> (String, String) {
    let AdviceView { headline, remedy, .. } = prechecks::advice(Texts::of(language), cause);
    (headline, remedy)
}

/// Renders the page.
#[must_use]
pub fn network_diagnostics(page: &NetworkDiagnostics) -> String {
    let texts = Texts::of(page.frame.language);
    let frame = FrameView::new(&page.frame, texts.capture.page);
    let problem = page.problem.as_ref();
    let expired = || ProblemView {
        heading: (texts.password.problem)(&PasswordProblem::FormExpired, ""),
        fields: Vec::new(),
        remedy: None,
    };
    let trace_problem = match problem {
        Some(DiagnosticsProblem::TraceFields(fields)) => {
            Some(capture::field_problem(texts, fields))
        }
        Some(DiagnosticsProblem::Trace(refusal)) => Some(capture::problem(texts, refusal)),
        Some(DiagnosticsProblem::TraceFormExpired) => Some(expired()),
        _ => None,
    };
    let probe_problem = match problem {
        Some(DiagnosticsProblem::ProbeFields(fields)) => Some(probe::field_problem(texts, fields)),
        Some(DiagnosticsProblem::Probe(refusal)) => Some(probe::problem(texts, refusal)),
        Some(DiagnosticsProblem::ProbeFormExpired) => Some(expired()),
        _ => None,
    };
    let prechecks_problem = match problem {
        Some(DiagnosticsProblem::Prechecks(refusal)) => Some(prechecks::problem(texts, refusal)),
        _ => None,
    };
    let offers_new_trace = page.offers_new_trace;
    let live = LiveView::new(texts, &page.state, offers_new_trace);
    let trace_form = matches!(live.capture, CaptureView::Form).then(|| capture::form(texts, page));
    crate::render(&PageView {
        frame: if problem.is_some() { frame.with_error() } else { frame },
        texts,
        trace_form,
        live,
        probe_form: probe::form(texts, page),
        trace_problem,
        probe_problem,
        prechecks_problem,
        live_path: match offers_new_trace {
            true => "/network-diagnostics/live?new=1",
            false => "/network-diagnostics/live",
        },
        // The answer to a form would be sent again.
        reloads: problem.is_none() && page.state.is_busy(),
    })
}

/// Renders the parts of the page that the script refreshes: elements, each with the id of the one
/// that it replaces. Served at `/network-diagnostics/live`, with `new=1` for a page that offers a new
/// trace. Holds no form: the script keeps the one that is there.
#[must_use]
pub fn network_diagnostics_live(
    language: Language,
    state: &DiagnosticsState,
    offers_new_trace: bool,
) -> String {
    let texts = Texts::of(language);
    crate::render(&FragmentView { texts, live: LiveView::new(texts, state, offers_new_trace) })
}
