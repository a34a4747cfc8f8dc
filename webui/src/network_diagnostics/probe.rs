//! The section *Network probe*.

use model::capture_status::TraceState;
use model::outbound::{FailureCause, Route, RouteTaken};
use model::probe::{
    ChainCertificate, ProbeFailure, ProbeField, ProbeFieldProblem, ProbeKind, ProbeOutcome,
    ProbeReport, ProbeState, ProbeStep, RouteChoice, StepState,
};
use page::FailureText;
use page::outbound::OutboundText;

use super::field::{FieldView, OptionView};
use super::{DiagnosticsProblem, DiagnosticsState, NetworkDiagnostics, ProblemView, TaskRefusal};
use crate::summary::Tone;
use crate::texts::Texts;
use crate::{amount, time};

/// Width of the drawing of the steps in its own units.
const BAR_WIDTH: u64 = 1000;
/// Least width of a bar in the same, so that it can be seen.
const LEAST_BAR: u64 = 8;

/// What is wrong and what to do about it.
#[derive(Debug)]
pub(crate) struct AdviceView {
    pub(crate) headline: String,
    pub(crate) remedy: String,
    /// What a machine said, in English.
    pub(crate) words: Option<String>,
    /// The language-neutral name of the cause.
    pub(crate) id: &'static str,
}

/// The last probe.
#[derive(Debug)]
pub(crate) struct ProbeView {
    pub(crate) tone: Tone,
    pub(crate) headline: String,
    pub(crate) is_running: bool,
    pub(crate) caption: String,
    pub(crate) advice: Option<AdviceView>,
    pub(crate) steps: Vec<StepView>,
    pub(crate) trust: Option<String>,
    pub(crate) chain: Vec<CertificateView>,
    pub(crate) trace: Option<TraceLinkView>,
}

/// The packets of a probe.
#[derive(Debug)]
pub(crate) enum TraceLinkView {
    /// They can be had, under this id.
    There(String),
    /// They were deleted.
    Gone,
    /// They were not recorded; why, in English.
    Trouble(String),
}

#[derive(Debug)]
pub(crate) struct StepView {
    pub(crate) number: usize,
    pub(crate) tone: Tone,
    pub(crate) name: &'static str,
    pub(crate) result: String,
    pub(crate) more: Option<String>,
    /// Begin and width of its bar, of [`BAR_WIDTH`].
    pub(crate) bar: Option<(u64, u64)>,
    pub(crate) took: Option<String>,
}

#[derive(Debug)]
pub(crate) struct CertificateView {
    pub(crate) place: &'static str,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) names: String,
    pub(crate) valid: String,
    pub(crate) is_outdated: bool,
    pub(crate) fingerprint: Vec<String>,
}

/// The form of the probe.
#[derive(Debug)]
pub(crate) struct ProbeFormView<'a> {
    pub(crate) kinds: Vec<OptionView>,
    pub(crate) routes: Vec<OptionView>,
    pub(crate) route_label: &'static str,
    pub(crate) route_error: Option<String>,
    pub(crate) fields: [FieldView<'a>; 3],
    pub(crate) with_capture: bool,
}

impl AdviceView {
    /// The text of a cause; its name alone where there is none.
    pub(super) fn new(text: Option<FailureText>, id: &'static str) -> Self {
        let text = text.unwrap_or_else(|| FailureText {
            headline: id.to_owned(),
            remedy: String::new(),
            words: None,
        });
        let FailureText { headline, remedy, words } = text;
        Self { headline, remedy, words, id }
    }

    /// The text of one of the nine causes.
    pub(super) fn of_connection(texts: &Texts, cause: &FailureCause) -> Self {
        let OutboundText { headline, next_step } = (texts.outbound.text)(cause);
        Self { headline, remedy: next_step, words: None, id: cause.id() }
    }
}

impl ProbeView {
    pub(crate) fn new(texts: &'static Texts, state: &DiagnosticsState, probe: &ProbeState) -> Self {
        let text = &texts.probe;
        let report = probe.report();
        let target = report.request.to_string();
        let is_proxied = match &report.way {
            Some(way) => matches!(way, RouteTaken::Proxy { .. }),
            None => matches!(report.request.route, Route::Through { .. }),
        };
        let mut advice = None;
        let (tone, headline) = match (probe, report.outcome()) {
            (ProbeState::Running(_), _) => (Tone::Busy, (text.running)(&target)),
            (_, ProbeOutcome::Failed(step, failure)) => {
                advice = Some(match failure {
                    ProbeFailure::Connection { cause } => AdviceView::of_connection(texts, cause),
                    _ => AdviceView::new((text.failure)(failure), failure.id()),
                });
                let number = report.steps.iter().position(|it| it == step).unwrap_or_default() + 1;
                let name = (text.step)(step.kind, is_proxied);
                (Tone::Failing, (text.failed)(number, report.steps.len(), name))
            }
            (_, ProbeOutcome::Unfinished) => (Tone::Attention, text.unfinished.to_owned()),
            (ProbeState::Finished { took_us, .. }, ProbeOutcome::Good) => {
                (Tone::Good, (text.good)(&amount::milliseconds(*took_us)))
            }
        };
        let way = match (&report.way, &report.request.route) {
            (Some(RouteTaken::Proxy { location, .. }), _) => {
                (text.way_proxy)(&location.to_string())
            }
            (Some(RouteTaken::Direct { .. }), _) | (None, Route::Direct) => {
                text.way_direct.to_owned()
            }
            (None, Route::Automatic | Route::Through { .. }) => text.way_unknown.to_owned(),
        };
        let tls = report.tls();
        let chain = tls.map_or(&[][..], |facts| &facts.chain);
        Self {
            tone,
            headline,
            is_running: probe.is_running(),
            caption: (text.caption)(&target, &way, &time::date_time(report.started)),
            advice,
            steps: steps(texts, probe, is_proxied),
            trust: tls.filter(|facts| !facts.chain.is_empty()).map(|facts| (text.trust)(facts)),
            chain: chain
                .iter()
                .enumerate()
                .map(|(index, it)| CertificateView::new(texts, it, index, chain.len(), state.now))
                .collect(),
            trace: trace(state, report),
        }
    }
}

/// Why a probe ended and what to do about it.
pub(super) fn failure(texts: &Texts, failure: &ProbeFailure) -> AdviceView {
    match failure {
        ProbeFailure::Connection { cause } => AdviceView::of_connection(texts, cause),
        _ => AdviceView::new((texts.probe.failure)(failure), failure.id()),
    }
}

fn trace(state: &DiagnosticsState, report: &ProbeReport) -> Option<TraceLinkView> {
    if let Some(trouble) = &report.trace_trouble {
        return Some(TraceLinkView::Trouble(trouble.clone()));
    }
    let id = report.trace.as_ref()?;
    let status = state.capture.as_ref()?;
    match &status.state {
        TraceState::Ended(ended) if ended.trace.id == *id => Some(TraceLinkView::There(id.clone())),
        // Still being recorded: the section above shows it.
        TraceState::Running(running) if running.trace.id == *id => None,
        _ => Some(TraceLinkView::Gone),
    }
}

fn steps(texts: &'static Texts, probe: &ProbeState, is_proxied: bool) -> Vec<StepView> {
    let text = &texts.probe;
    let took = |step: &ProbeStep| match step.state {
        StepState::Done { took_us, .. } | StepState::Failed { took_us, .. } => Some(took_us),
        StepState::Waiting | StepState::Running => None,
    };
    let steps = &probe.report().steps;
    let total = steps.iter().filter_map(took).fold(0, u64::saturating_add).max(1);
    let mut begin = 0_u64;
    let mut views = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let found = |detail| {
            let found = (text.found)(detail);
            (found.headline, found.more)
        };
        let (tone, (result, more)) = match &step.state {
            StepState::Waiting if probe.is_running() => {
                (Tone::Waiting, (text.waiting.to_owned(), None))
            }
            StepState::Waiting => (Tone::Waiting, (text.not_reached.to_owned(), None)),
            StepState::Running if probe.is_running() => {
                (Tone::Busy, (text.under_way.to_owned(), None))
            }
            StepState::Running => (Tone::Attention, (text.not_reached.to_owned(), None)),
            StepState::Done { detail, .. } => (Tone::Good, found(detail)),
            StepState::Failed { failure, detail, .. } => {
                let headline = match failure {
                    ProbeFailure::Connection { cause } => (texts.outbound.text)(cause).headline,
                    _ => AdviceView::new((text.failure)(failure), failure.id()).headline,
                };
                let more = detail.as_ref().map(|detail| found(detail).0);
                (Tone::Failing, (headline, more))
            }
        };
        let took = took(step);
        let bar = took.map(|took| {
            let width = scaled(took, total).clamp(LEAST_BAR, BAR_WIDTH);
            (scaled(begin, total).min(BAR_WIDTH - width), width)
        });
        begin = begin.saturating_add(took.unwrap_or_default());
        views.push(StepView {
            number: index + 1,
            tone,
            name: (text.step)(step.kind, is_proxied),
            result,
            more,
            bar,
            took: took.map(amount::milliseconds),
        });
    }
    views
}

/// A part of the total in units of the drawing.
fn scaled(part: u64, total: u64) -> u64 {
    let scaled = u128::from(part) * u128::from(BAR_WIDTH) / u128::from(total.max(1));
    u64::try_from(scaled).unwrap_or(BAR_WIDTH)
}

impl CertificateView {
    fn new(
        texts: &Texts,
        certificate: &ChainCertificate,
        index: usize,
        count: usize,
        now: i64,
    ) -> Self {
        let ChainCertificate { subject, issuer, names, not_before, not_after, sha256 } =
            certificate;
        let text = &texts.probe;
        Self {
            place: (text.chain_place)(index, count),
            subject: subject.clone(),
            issuer: issuer.clone(),
            names: names.join(", "),
            valid: (text.valid_from_to)(&time::date(*not_before), &time::date(*not_after)),
            is_outdated: !(*not_before..*not_after).contains(&now),
            fingerprint: sha256.to_string().split_inclusive(':').map(str::to_owned).collect(),
        }
    }
}

/// Id of a field on the page.
const fn field_id(field: ProbeField) -> &'static str {
    match field {
        ProbeField::Target => "probe-target",
        ProbeField::Port => "probe-port",
        ProbeField::Path => "probe-path",
        ProbeField::Route => "probe-route",
    }
}

/// What the form and the REST interface call a way: `direct`, `automatic`, or the id of a proxy.
fn route_value(route: &RouteChoice) -> &str {
    match route {
        RouteChoice::Direct => "direct",
        RouteChoice::Automatic => "automatic",
        RouteChoice::Proxy(id) => id,
    }
}

/// The form of the probe.
pub(super) fn form<'a>(texts: &'static Texts, page: &'a NetworkDiagnostics) -> ProbeFormView<'a> {
    let text = &texts.probe;
    let form = &page.probe_form;
    let problems = match &page.problem {
        Some(DiagnosticsProblem::ProbeFields(problems)) => problems.as_slice(),
        _ => &[],
    };
    let error = |field| {
        let problem = problems.iter().find(|problem| problem.field == field);
        problem.map(|problem| (text.problem)(&problem.problem))
    };
    let field = |field, name, value, hint, is_optional: bool| FieldView {
        id: field_id(field),
        name,
        label: (text.label)(field),
        optional: is_optional.then_some(texts.capture.optional),
        value,
        hint,
        error: error(field),
        is_number: field == ProbeField::Port,
    };
    let route = |choice: RouteChoice, words: String| OptionView {
        value: route_value(&choice).to_owned(),
        words,
        is_chosen: form.route == choice,
    };
    let mut routes = vec![
        route(RouteChoice::Direct, text.direct.to_owned()),
        route(RouteChoice::Automatic, text.automatic.to_owned()),
    ];
    routes.extend(
        page.proxies.iter().map(|proxy| {
            route(RouteChoice::Proxy(proxy.id.clone()), (text.through)(&proxy.location))
        }),
    );
    ProbeFormView {
        kinds: ProbeKind::ALL
            .into_iter()
            .map(|kind| OptionView {
                value: kind.id().to_owned(),
                words: (text.kind)(kind).to_owned(),
                is_chosen: kind == form.kind,
            })
            .collect(),
        routes,
        route_label: (text.label)(ProbeField::Route),
        route_error: error(ProbeField::Route),
        fields: [
            field(ProbeField::Target, "target", &form.target, text.target_hint, false),
            field(ProbeField::Port, "port", &form.port, text.port_hint, true),
            field(ProbeField::Path, "path", &form.path, text.path_hint, true),
        ],
        with_capture: form.with_capture,
    }
}

/// What is wrong with fields of the form.
pub(super) fn field_problem(texts: &Texts, problems: &[ProbeFieldProblem]) -> ProblemView {
    let text = &texts.probe;
    let words = |problem: &ProbeFieldProblem| {
        let label = (text.label)(problem.field);
        (texts.network_settings.problem_of)(label, &(text.problem)(&problem.problem))
    };
    ProblemView {
        heading: (text.not_started)(problems.len()),
        fields: problems.iter().map(|it| (field_id(it.field), words(it))).collect(),
        remedy: None,
    }
}

/// Why the probe was not started or stopped.
pub(super) fn problem(texts: &Texts, refusal: &TaskRefusal) -> ProblemView {
    refused(texts, refusal, texts.probe.busy)
}

/// Why nothing was started; `busy` are the words for one that is under way.
pub(super) fn refused(
    texts: &Texts,
    refusal: &TaskRefusal,
    busy: (&'static str, &'static str),
) -> ProblemView {
    let text = &texts.probe;
    let (heading, remedy) = match refusal {
        TaskRefusal::Busy => (busy.0.to_owned(), Some(busy.1)),
        TaskRefusal::NothingRuns => (text.nothing_runs.0.to_owned(), Some(text.nothing_runs.1)),
        TaskRefusal::Silent => (text.silent.to_owned(), None),
        TaskRefusal::Failed { reason } => ((text.task_failed)(reason), Some(text.task_remedy)),
    };
    ProblemView { heading, fields: Vec::new(), remedy: remedy.map(str::to_owned) }
}
