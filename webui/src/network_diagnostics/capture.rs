//! The section *TCP Capture*.

use model::capture::{TraceDuration, TraceField, TraceFieldProblem};
use model::capture_status::{
    CaptureStatus, Conversation, EndReason, EndedTrace, Endpoint, RunningTrace, Trace, TraceCounts,
    TraceState,
};

use super::field::{FieldView, OptionView};
use super::plot::PlotView;
use super::{
    CaptureRefusal, DiagnosticsProblem, DiagnosticsState, NetworkDiagnostics, ProblemView,
};
use crate::summary::Tone;
use crate::texts::Texts;
use crate::texts::capture::{FindingTone, purpose};
use crate::{amount, time};

/// The section below its heading.
#[derive(Debug)]
pub(crate) enum CaptureView {
    /// The capture role does not answer.
    Silent,
    /// The form, which the page has and the fragment has not.
    Form,
    Running(RunningView),
    Ended(Box<EndedView>),
}

/// A figure with its name, and what it is compared with.
#[derive(Debug)]
pub(crate) struct StatView {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) beside: Option<String>,
}

#[derive(Debug)]
pub(crate) struct RunningView {
    pub(crate) id: String,
    pub(crate) headline: String,
    pub(crate) owner: Option<&'static str>,
    pub(crate) elapsed_ms: u64,
    pub(crate) duration_ms: u64,
    pub(crate) elapsed: String,
    pub(crate) left: String,
    pub(crate) stats: Vec<StatView>,
}

#[derive(Debug)]
pub(crate) struct EndedView {
    pub(crate) id: String,
    pub(crate) tone: Tone,
    pub(crate) headline: String,
    pub(crate) what: String,
    pub(crate) owner: Option<&'static str>,
    pub(crate) remedies: Vec<&'static str>,
    pub(crate) download_hint: String,
    pub(crate) kept: String,
    pub(crate) is_full: bool,
    pub(crate) is_empty: bool,
    pub(crate) stats: Vec<StatView>,
    pub(crate) plot: Option<PlotView>,
    pub(crate) largest: String,
    pub(crate) conversations: Vec<ConversationView>,
}

#[derive(Debug)]
pub(crate) struct ConversationView {
    pub(crate) client: String,
    pub(crate) to_server: String,
    pub(crate) purpose: &'static str,
    pub(crate) packets: String,
    pub(crate) bytes: String,
    pub(crate) duration: String,
    pub(crate) tone: Tone,
    pub(crate) finding: String,
    pub(crate) finding_detail: Option<String>,
}

/// The form of a trace.
#[derive(Debug)]
pub(crate) struct TraceFormView<'a> {
    pub(crate) target: FieldView<'a>,
    pub(crate) port: FieldView<'a>,
    pub(crate) durations: Vec<OptionView>,
    pub(crate) duration_label: &'static str,
    pub(crate) duration_hint: String,
    pub(crate) duration_error: Option<String>,
    pub(crate) packet_tracing: bool,
    pub(crate) free: Option<String>,
    /// Whether starting deletes a trace.
    pub(crate) replaces: bool,
}

impl CaptureView {
    pub(crate) fn new(
        texts: &'static Texts,
        state: &DiagnosticsState,
        offers_new_trace: bool,
    ) -> Self {
        match state.capture.as_ref().map(|status| (&status.state, status)) {
            None => Self::Silent,
            Some((TraceState::Running(running), status)) => {
                Self::Running(RunningView::new(texts, status, running))
            }
            Some((TraceState::Ended(ended), _)) if !offers_new_trace => {
                Self::Ended(Box::new(EndedView::new(texts, ended, state.now)))
            }
            Some(_) => Self::Form,
        }
    }
}

fn what(texts: &Texts, trace: &Trace) -> String {
    (texts.capture.what)(&trace.order.filter, trace.order.packet_tracing)
}

fn counted(texts: &Texts, counts: &TraceCounts, max_file_bytes: Option<u64>) -> Vec<StatView> {
    let text = &texts.capture;
    let stat = |name, value, beside| StatView { name, value, beside };
    let limit = max_file_bytes.map(|limit| (text.of_size)(&amount::bytes(limit)));
    let passed = amount::count(counts.packets.saturating_add(counts.lost));
    vec![
        stat(text.packets, amount::count(counts.packets), None),
        stat(text.bytes, amount::bytes(counts.bytes), None),
        stat(text.file_size, amount::bytes(counts.file_bytes), limit),
        stat(text.lost, amount::count(counts.lost), Some((text.lost_of)(&passed))),
    ]
}

impl RunningView {
    fn new(texts: &'static Texts, status: &CaptureStatus, running: &RunningTrace) -> Self {
        let text = &texts.capture;
        let trace = &running.trace;
        let seconds = u64::from(trace.order.duration.seconds());
        let duration_ms = seconds * 1000;
        let elapsed_ms = running.elapsed_ms.min(duration_ms);
        let left = (duration_ms - elapsed_ms).div_ceil(1000);
        Self {
            id: trace.id.clone(),
            headline: (text.recording)(&what(texts, trace)),
            owner: (text.by_probe)(trace.origin),
            elapsed_ms,
            duration_ms,
            elapsed: (text.elapsed)(
                &time::duration(texts, elapsed_ms / 1000),
                &time::duration(texts, seconds),
            ),
            left: (text.ends_in)(&time::duration(texts, left)),
            stats: counted(texts, &running.counts, Some(status.max_file_bytes)),
        }
    }
}

impl EndedView {
    fn new(texts: &'static Texts, ended: &EndedTrace, now: i64) -> Self {
        let text = &texts.capture;
        let (counts, summary) = (&ended.counts, &ended.summary);
        let elapsed = time::duration(texts, (ended.elapsed_ms + 500) / 1000);
        let moment = |milliseconds: i64| time::moment(milliseconds.div_euclid(1000), now);
        let tone = match ended.end {
            EndReason::Failed { .. } => Tone::Failing,
            EndReason::SizeLimit | EndReason::DiskFull => Tone::Attention,
            EndReason::TimeUp | EndReason::Stopped if counts.lost > 0 => Tone::Attention,
            EndReason::TimeUp | EndReason::Stopped => Tone::Good,
        };
        let mut remedies: Vec<_> = (text.end_remedy)(&ended.end).into_iter().collect();
        if counts.lost > 0 {
            remedies.push(text.lost_remedy);
        }
        let mut stats = counted(texts, counts, None);
        let stat = |name, number| StatView { name, value: amount::count(number), beside: None };
        stats.extend([
            stat(text.conversations, summary.conversations),
            stat(text.retransmissions, summary.retransmissions),
            stat(text.resets, summary.resets),
            stat(text.unanswered, summary.unanswered),
        ]);
        let all = amount::count(summary.conversations);
        Self {
            id: ended.trace.id.clone(),
            tone,
            headline: (text.end)(&ended.end, &moment(ended.ended_ms), &elapsed),
            what: what(texts, &ended.trace),
            owner: (text.by_probe)(ended.trace.origin),
            remedies,
            download_hint: (text.download_hint)(&amount::bytes(counts.file_bytes)),
            kept: (text.kept_until)(&moment(ended.deleted_ms)),
            is_full: ended.trace.order.packet_tracing,
            is_empty: counts.packets == 0,
            stats,
            plot: PlotView::new(texts, summary),
            largest: (text.largest)(summary.largest.len(), &all),
            conversations: summary
                .largest
                .iter()
                .map(|conversation| ConversationView::new(texts, conversation))
                .collect(),
        }
    }
}

impl ConversationView {
    fn new(texts: &Texts, conversation: &Conversation) -> Self {
        let endpoint = |of: Endpoint| format!("{}:{}", of.address, of.port);
        let (tone, finding, finding_detail) = (texts.capture.finding)(conversation);
        Self {
            client: endpoint(conversation.client),
            to_server: (texts.capture.to)(&endpoint(conversation.server)),
            purpose: purpose(conversation.server.port).unwrap_or("-"),
            packets: amount::count(conversation.packets),
            bytes: amount::bytes(conversation.bytes),
            duration: amount::milliseconds(conversation.length_ms.saturating_mul(1000)),
            tone: match tone {
                FindingTone::Good => Tone::Good,
                FindingTone::Attention => Tone::Attention,
                FindingTone::Failing => Tone::Failing,
            },
            finding,
            finding_detail,
        }
    }
}

/// Id of a field on the page.
const fn field_id(field: TraceField) -> &'static str {
    match field {
        TraceField::Target => "trace-target",
        TraceField::Port => "trace-port",
        TraceField::Duration => "trace-duration",
    }
}

/// The form of a trace.
pub(super) fn form<'a>(texts: &'static Texts, page: &'a NetworkDiagnostics) -> TraceFormView<'a> {
    let text = &texts.capture;
    let form = &page.trace_form;
    let problems = match &page.problem {
        Some(DiagnosticsProblem::TraceFields(problems)) => problems.as_slice(),
        _ => &[],
    };
    let error = |field| {
        let problem = problems.iter().find(|problem| problem.field == field);
        problem.map(|problem| (text.problem)(problem.problem).to_owned())
    };
    let field = |field, name, value, hint, is_number| FieldView {
        id: field_id(field),
        name,
        label: (text.label)(field),
        optional: Some(text.optional),
        value,
        hint,
        error: error(field),
        is_number,
    };
    let typed = form.duration.trim().parse().ok().and_then(TraceDuration::from_seconds);
    let chosen = typed.unwrap_or_default();
    let status = page.state.capture.as_ref();
    let limit = status.map_or(0, |status| status.max_file_bytes);
    TraceFormView {
        target: field(TraceField::Target, "target", &form.target, text.target_hint, false),
        port: field(TraceField::Port, "port", &form.port, text.port_hint, true),
        durations: TraceDuration::ALL
            .into_iter()
            .map(|duration| OptionView {
                value: duration.seconds().to_string(),
                words: (text.duration)(duration),
                is_chosen: duration == chosen,
            })
            .collect(),
        duration_label: (text.label)(TraceField::Duration),
        duration_hint: (text.duration_hint)(&amount::bytes(limit)),
        duration_error: error(TraceField::Duration),
        packet_tracing: form.packet_tracing,
        free: status.and_then(|it| it.free_bytes).map(|free| (text.free)(&amount::bytes(free))),
        replaces: status.is_some_and(|it| matches!(it.state, TraceState::Ended(_))),
    }
}

/// What is wrong with fields of the form.
pub(super) fn field_problem(texts: &Texts, problems: &[TraceFieldProblem]) -> ProblemView {
    let text = &texts.capture;
    let words = |problem: &TraceFieldProblem| {
        let label = (text.label)(problem.field);
        (texts.network_settings.problem_of)(label, (text.problem)(problem.problem))
    };
    ProblemView {
        heading: (text.not_started)(problems.len()),
        fields: problems.iter().map(|it| (field_id(it.field), words(it))).collect(),
        remedy: None,
    }
}

/// Why nothing was done.
pub(super) fn problem(texts: &Texts, refusal: &CaptureRefusal) -> ProblemView {
    let (heading, remedy) = (texts.capture.refusal)(refusal, &refusal.at());
    ProblemView { heading, fields: Vec::new(), remedy: Some(remedy) }
}
