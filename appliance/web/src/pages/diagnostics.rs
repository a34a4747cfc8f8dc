//! *Network diagnostics*: TCP Capture, Network probe, Prechecks.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::capture::TraceForm;
use model::capture_status::TraceState;
use model::outbound::Route;
use model::probe::{
    ProbeField, ProbeFieldProblem, ProbeForm, ProbeKind, ProbeProblem, ProbeState, RouteChoice,
};
use tokio::time::Instant;
use tracing::warn;
use webui::{
    CaptureRefusal, DeleteTrace, DiagnosticsProblem, DiagnosticsState, NetworkDiagnostics,
    ProxyChoice, TaskRefusal,
};

use crate::diagnosis::{ProbeRefusal, TRACE_TYPE, file_name};
use crate::download::attachment;
use crate::pages::answer::{html, see_other};
use crate::pages::cookie;
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::{Visit, known_language, query_value};
use crate::state::{Shared, State as Everything, now};

const PATH: &str = "/network-diagnostics";
const DELETE_TRACE: &str = "/network-diagnostics/capture/delete";
const AT_CAPTURE: &str = "/network-diagnostics#capture";
const AT_PROBE: &str = "/network-diagnostics#probe";
const AT_PRECHECKS: &str = "/network-diagnostics#prechecks";
/// Longest value of a field that is kept, in characters: longer than any that is right.
const MAX_VALUE_CHARACTERS: usize = 1100;

/// What stands in the forms, and what is wrong with it.
#[derive(Default)]
struct Draft {
    trace: TraceForm,
    offers_new_trace: bool,
    /// `None` = the last probe again, or an empty form.
    probe: Option<ProbeForm>,
    problem: Option<DiagnosticsProblem>,
}

/// `GET /network-diagnostics`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let offers_new_trace = query_value(&request, "new").is_some();
    let trace = if offers_new_trace { last_trace(&state) } else { TraceForm::default() };
    let draft = Draft { trace, offers_new_trace, ..Draft::default() };
    page(&visit, &state, StatusCode::OK, draft)
}

/// `GET /network-diagnostics/live`: what the script refreshes. Does not keep the session alive.
pub(crate) async fn live(State(state): State<Shared>, request: Request) -> Response {
    let cookie = cookie::read(request.headers(), cookie::SESSION).unwrap_or_default();
    let is_signed_in = state.administrator.sessions().has_page(cookie, Instant::now());
    let mut response = Response::new(Body::empty());
    if !is_signed_in {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return response;
    }
    let language = known_language(request.headers());
    let offers_new_trace = query_value(&request, "new").is_some();
    let shown = webui::network_diagnostics_live(language, &seen(&state), offers_new_trace);
    *response.body_mut() = Body::from(shown);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// `POST /network-diagnostics/capture`: starts a trace.
pub(crate) async fn start_trace(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let problem = DiagnosticsProblem::TraceFormExpired;
        page(visit, &state, StatusCode::FORBIDDEN, trace_draft(form, problem))
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    // What is wrong with the form does not matter while there can be no trace anyway.
    if let Some(since) = state.trace_runs_since() {
        let problem = DiagnosticsProblem::Trace(CaptureRefusal::Running { since });
        return page(&visit, &state, StatusCode::CONFLICT, trace_draft(&form, problem));
    }
    let order = match read_trace(&form).check() {
        Ok(order) => order,
        Err(problems) => {
            let draft = trace_draft(&form, DiagnosticsProblem::TraceFields(problems));
            return page(&visit, &state, StatusCode::UNPROCESSABLE_ENTITY, draft);
        }
    };
    match state.start_trace(order).await {
        Ok(()) => see_other(&visit, AT_CAPTURE),
        Err(refusal) => {
            let status = capture_status(&refusal);
            let draft = trace_draft(&form, DiagnosticsProblem::Trace(refusal));
            page(&visit, &state, status, draft)
        }
    }
}

/// `POST /network-diagnostics/capture/stop`.
pub(crate) async fn stop_trace(State(state): State<Shared>, request: Request) -> Response {
    let (visit, id) = match trace_named(&state, request).await {
        Ok(named) => named,
        Err(response) => return response,
    };
    let stopped = state.stop_trace(id).await;
    done_with_trace(&visit, &state, stopped)
}

/// `GET /network-diagnostics/capture/delete?id=`: the question.
pub(crate) async fn show_delete_trace(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let id = query_value(&request, "id").unwrap_or_default();
    let started_ms = match state.capture.borrow().as_ref().map(|status| &status.state) {
        Some(TraceState::Ended(ended)) if ended.trace.id == id => Some(ended.trace.started_ms),
        _ => None,
    };
    let Some(started_ms) = started_ms else {
        return see_other(&visit, AT_CAPTURE);
    };
    let frame = visit.frame(&format!("{DELETE_TRACE}?id={id}"));
    let question = DeleteTrace { frame, id, started: started_ms.div_euclid(1000) };
    html(&visit, StatusCode::OK, webui::delete_trace(&question))
}

/// `POST /network-diagnostics/capture/delete`.
pub(crate) async fn delete_trace(State(state): State<Shared>, request: Request) -> Response {
    let (visit, id) = match trace_named(&state, request).await {
        Ok(named) => named,
        Err(response) => return response,
    };
    let deleted = state.delete_trace(id).await;
    done_with_trace(&visit, &state, deleted)
}

/// `GET /network-diagnostics/trace`: the file.
pub(crate) async fn trace(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let id = query_value(&request, "id").unwrap_or_default();
    let refusal = match state.trace_file(&id).await {
        Ok(trace) => {
            let name = file_name("trace", &state.host_name(), trace.started, "pcap");
            match attachment(trace.file, TRACE_TYPE, &name) {
                Ok(response) => return response,
                Err(error) => {
                    warn!(%error, "The file of a trace cannot be read");
                    CaptureRefusal::Failed { reason: error.to_string() }
                }
            }
        }
        Err(refusal) => refusal,
    };
    done_with_trace(&visit, &state, Err(refusal))
}

/// `POST /network-diagnostics/probe`.
pub(crate) async fn start_probe(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let problem = DiagnosticsProblem::ProbeFormExpired;
        page(visit, &state, StatusCode::FORBIDDEN, probe_draft(form, problem))
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, problem) = match read_probe(&form).check() {
        Err(problems) => (wrong, DiagnosticsProblem::ProbeFields(problems)),
        Ok(probe) => match state.start_probe(probe).await {
            Ok(()) => return see_other(&visit, AT_PROBE),
            Err(ProbeRefusal::UnknownProxy) => {
                let (field, problem) = (ProbeField::Route, ProbeProblem::UnknownProxy);
                let problems = vec![ProbeFieldProblem { field, problem }];
                (wrong, DiagnosticsProblem::ProbeFields(problems))
            }
            Err(ProbeRefusal::Task(refusal)) => {
                (task_status(&refusal), DiagnosticsProblem::Probe(refusal))
            }
        },
    };
    page(&visit, &state, status, probe_draft(&form, problem))
}

/// `POST /network-diagnostics/probe/stop`.
pub(crate) async fn stop_probe(State(state): State<Shared>, request: Request) -> Response {
    let visit = match Submission::of_session(&state, request).await {
        Ok(submission) => match submission.genuine_or_forbidden() {
            Ok((visit, _)) => visit,
            Err(response) => return response,
        },
        Err(response) => return response,
    };
    match state.stop_probe().await {
        Ok(()) => see_other(&visit, AT_PROBE),
        Err(refusal) => {
            let status = task_status(&refusal);
            let problem = Some(DiagnosticsProblem::Probe(refusal));
            page(&visit, &state, status, Draft { problem, ..Draft::default() })
        }
    }
}

/// `POST /network-diagnostics/prechecks`.
pub(crate) async fn run_prechecks(State(state): State<Shared>, request: Request) -> Response {
    let visit = match Submission::of_session(&state, request).await {
        Ok(submission) => match submission.genuine_or_forbidden() {
            Ok((visit, _)) => visit,
            Err(response) => return response,
        },
        Err(response) => return response,
    };
    match state.run_prechecks().await {
        Ok(()) => see_other(&visit, AT_PRECHECKS),
        Err(refusal) => {
            let status = task_status(&refusal);
            let problem = Some(DiagnosticsProblem::Prechecks(refusal));
            page(&visit, &state, status, Draft { problem, ..Draft::default() })
        }
    }
}

/// The trace that a form without anything to type names.
async fn trace_named(state: &Shared, request: Request) -> Result<(Visit, String), Response> {
    let submission = Submission::of_session(state, request).await?;
    let (visit, form) = submission.genuine_or_forbidden()?;
    let id = form.text("id").unwrap_or_default().to_owned();
    Ok((visit, id))
}

fn done_with_trace(
    visit: &Visit,
    state: &Everything,
    done: Result<(), CaptureRefusal>,
) -> Response {
    match done {
        Ok(()) => see_other(visit, AT_CAPTURE),
        Err(refusal) => {
            let status = capture_status(&refusal);
            let problem = Some(DiagnosticsProblem::Trace(refusal));
            page(visit, state, status, Draft { problem, ..Draft::default() })
        }
    }
}

const fn capture_status(refusal: &CaptureRefusal) -> StatusCode {
    match refusal {
        CaptureRefusal::Running { .. }
        | CaptureRefusal::Starting
        | CaptureRefusal::NothingRuns
        | CaptureRefusal::StillRunning => StatusCode::CONFLICT,
        CaptureRefusal::UnknownHost { .. } | CaptureRefusal::NotResolved { .. } => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        CaptureRefusal::NoSpace { .. } => StatusCode::INSUFFICIENT_STORAGE,
        CaptureRefusal::Gone => StatusCode::NOT_FOUND,
        CaptureRefusal::Failed { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        CaptureRefusal::Silent => StatusCode::SERVICE_UNAVAILABLE,
    }
}

const fn task_status(refusal: &TaskRefusal) -> StatusCode {
    match refusal {
        TaskRefusal::Busy | TaskRefusal::NothingRuns => StatusCode::CONFLICT,
        TaskRefusal::Failed { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        TaskRefusal::Silent => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What the roles say now.
fn seen(state: &Everything) -> DiagnosticsState {
    let diagnostics = state.diagnostics.borrow().clone();
    let answers = diagnostics.is_some();
    let (probe, prechecks) =
        diagnostics.map(|status| (status.probe, status.prechecks)).unwrap_or_default();
    DiagnosticsState {
        capture: state.capture.borrow().clone(),
        answers,
        probe,
        prechecks,
        now: now(),
    }
}

fn page(visit: &Visit, state: &Everything, status: StatusCode, draft: Draft) -> Response {
    let seen = seen(state);
    let probe_form = draft.probe.unwrap_or_else(|| last_probe(seen.probe.as_ref()));
    let settings = state.settings.borrow();
    let proxies = settings.as_ref().map(|status| status.settings.proxies.as_slice());
    let proxies = proxies
        .unwrap_or_default()
        .iter()
        .map(|proxy| ProxyChoice { id: proxy.id.clone(), location: proxy.location.to_string() })
        .collect();
    let page = NetworkDiagnostics {
        frame: visit.frame(PATH),
        state: seen,
        trace_form: draft.trace,
        offers_new_trace: draft.offers_new_trace,
        probe_form,
        proxies,
        problem: draft.problem,
    };
    html(visit, status, webui::network_diagnostics(&page))
}

/// The form that asks for the last trace again.
fn last_trace(state: &Everything) -> TraceForm {
    let capture = state.capture.borrow();
    let trace = match capture.as_ref().map(|status| &status.state) {
        Some(TraceState::Ended(ended)) => &ended.trace,
        _ => return TraceForm::default(),
    };
    let filter = &trace.order.filter;
    TraceForm {
        target: filter.target.as_ref().map(ToString::to_string).unwrap_or_default(),
        port: filter.port.map(|port| port.to_string()).unwrap_or_default(),
        duration: trace.order.duration.seconds().to_string(),
        // Whole packets are chosen anew each time.
        packet_tracing: false,
    }
}

/// The form that asks for the last probe again.
fn last_probe(last: Option<&ProbeState>) -> ProbeForm {
    let Some(request) = last.map(|last| &last.report().request) else {
        return ProbeForm { kind: ProbeKind::Https, ..ProbeForm::default() };
    };
    let port = request.port.filter(|port| Some(*port) != request.kind.default_port());
    ProbeForm {
        kind: request.kind,
        target: request.target.to_string(),
        port: port.map(|port| port.to_string()).unwrap_or_default(),
        path: if request.path == "/" { String::new() } else { request.path.clone() },
        route: match &request.route {
            Route::Direct => RouteChoice::Direct,
            Route::Automatic => RouteChoice::Automatic,
            Route::Through { id } => RouteChoice::Proxy(id.clone()),
        },
        with_capture: request.with_capture,
    }
}

fn value(form: &Form, name: &str) -> String {
    form.text(name).unwrap_or_default().chars().take(MAX_VALUE_CHARACTERS).collect()
}

fn read_trace(form: &Form) -> TraceForm {
    TraceForm {
        target: value(form, "target"),
        port: value(form, "port"),
        duration: value(form, "duration"),
        packet_tracing: form.text("packetTracing").is_some(),
    }
}

fn trace_draft(form: &Form, problem: DiagnosticsProblem) -> Draft {
    Draft {
        trace: read_trace(form),
        // The form that was sent is shown again, whatever trace is there.
        offers_new_trace: true,
        problem: Some(problem),
        ..Draft::default()
    }
}

fn read_probe(form: &Form) -> ProbeForm {
    ProbeForm {
        kind: form.text("kind").and_then(ProbeKind::from_id).unwrap_or_default(),
        target: value(form, "target"),
        port: value(form, "port"),
        path: value(form, "path"),
        route: route(form.text("route").unwrap_or_default()),
        with_capture: form.text("capture").is_some(),
    }
}

/// The way that a form or a body names: `direct`, `automatic`, or the id of a proxy.
pub(crate) fn route(text: &str) -> RouteChoice {
    match text {
        "" | "direct" => RouteChoice::Direct,
        "automatic" => RouteChoice::Automatic,
        id => RouteChoice::Proxy(id.chars().take(MAX_VALUE_CHARACTERS).collect()),
    }
}

fn probe_draft(form: &Form, problem: DiagnosticsProblem) -> Draft {
    Draft { probe: Some(read_probe(form)), problem: Some(problem), ..Draft::default() }
}
