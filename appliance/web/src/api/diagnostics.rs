//! Answers of the operations on capture, probe, prechecks and report.

mod capture;
mod error;
mod prechecks;
mod probe;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use tracing::warn;

use crate::api::answer::{json_response, no_content};
use crate::api::body::diagnostics::{ProbeStart, TraceStart};
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::api::operation::diagnostics::Action;
use crate::diagnosis::{REPORT_TYPE, TRACE_TYPE, file_name};
use crate::download::attachment;
use crate::pages::form::Form;
use crate::state::{Shared, now};

/// Does what the action says.
pub(crate) async fn answer(
    action: Action,
    state: &Shared,
    request: Request,
) -> Result<Response, ApiError> {
    match action {
        Action::ReadCapture => read_capture(state, StatusCode::OK),
        Action::StartCapture => start_capture(state, request).await,
        Action::StopCapture => {
            let id = state.trace_id().ok_or_else(ApiError::no_trace_runs)?;
            state.stop_trace(id).await?;
            read_capture(state, StatusCode::OK)
        }
        Action::DeleteCapture => {
            let id = state.trace_id().ok_or_else(ApiError::no_trace)?;
            state.delete_trace(id).await?;
            Ok(no_content())
        }
        Action::ReadTrace => read_trace(state).await,
        Action::ReadProbe => read_probe(state, StatusCode::OK),
        Action::StartProbe => start_probe(state, request).await,
        Action::StopProbe => {
            state.stop_probe().await.map_err(ApiError::probe_not_stopped)?;
            read_probe(state, StatusCode::OK)
        }
        Action::ReadPrechecks => read_prechecks(state, StatusCode::OK),
        Action::RunPrechecks => {
            state.run_prechecks().await.map_err(ApiError::prechecks_refused)?;
            read_prechecks(state, StatusCode::ACCEPTED)
        }
        Action::ReadReport => read_report(state, request).await,
    }
}

fn read_capture(state: &Shared, status: StatusCode) -> Result<Response, ApiError> {
    let capture = state.capture.borrow().clone().ok_or_else(ApiError::unavailable)?;
    Ok(json_response(status, &capture::view(&capture)))
}

async fn start_capture(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let TraceStart(form) = TraceStart::parse(&body)?;
    let order = form.check().map_err(|problems| ApiError::trace_refused(&problems))?;
    state.start_trace(order).await?;
    read_capture(state, StatusCode::ACCEPTED)
}

async fn read_trace(state: &Shared) -> Result<Response, ApiError> {
    let id = state.trace_id().ok_or_else(ApiError::no_trace)?;
    let trace = state.trace_file(&id).await?;
    let name = file_name("trace", &state.host_name(), trace.started, "pcap");
    attachment(trace.file, TRACE_TYPE, &name).map_err(|error| {
        warn!(%error, "The file of a trace cannot be read");
        ApiError::internal()
    })
}

fn read_probe(state: &Shared, status: StatusCode) -> Result<Response, ApiError> {
    let diagnostics = state.diagnostics.borrow();
    let diagnostics = diagnostics.as_ref().ok_or_else(ApiError::unavailable)?;
    Ok(json_response(status, &probe::view(diagnostics.probe.as_ref())))
}

async fn start_probe(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let ProbeStart(form) = ProbeStart::parse(&body)?;
    let probe = form.check().map_err(|problems| ApiError::probe_refused(&problems))?;
    state.start_probe(probe).await?;
    read_probe(state, StatusCode::ACCEPTED)
}

fn read_prechecks(state: &Shared, status: StatusCode) -> Result<Response, ApiError> {
    let diagnostics = state.diagnostics.borrow();
    let diagnostics = diagnostics.as_ref().ok_or_else(ApiError::unavailable)?;
    Ok(json_response(status, &prechecks::view(diagnostics.prechecks.as_ref())))
}

async fn read_report(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let masks = masks(request.uri().query().unwrap_or_default())?;
    let file = state.report(masks).await?;
    let name = file_name("report", &state.host_name(), now(), "zip");
    attachment(file, REPORT_TYPE, &name).map_err(|error| {
        warn!(%error, "The diagnostic report cannot be read");
        ApiError::internal()
    })
}

/// Whether the query asks for a masked report.
fn masks(query: &str) -> Result<bool, ApiError> {
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    if let Some(name) = names.into_iter().find(|name| !matches!(*name, "" | "mask")) {
        let name: String = name.chars().take(64).collect();
        return Err(ApiError::unknown_property(&name));
    }
    match Form::parse(query.as_bytes()).as_ref().map(|form| form.text("mask")) {
        Some(None | Some("false")) => Ok(false),
        Some(Some("true")) => Ok(true),
        _ => Err(ApiError::no_boolean("mask")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_masked_on_request_only() {
        for (query, expected) in [
            ("", Ok(false)),
            ("mask=true", Ok(true)),
            ("mask=false", Ok(false)),
            ("mask=1", Err("connapp/invalidBoolean")),
            ("mask", Err("connapp/invalidBoolean")),
            ("mask=true&mask=true", Err("connapp/invalidBoolean")),
            ("masks=true", Err("connapp/unknownProperty")),
        ] {
            assert_eq!(masks(query).map_err(|error| error.kind()), expected, "{query}");
        }
    }
}
