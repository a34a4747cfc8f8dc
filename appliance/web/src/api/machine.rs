//! The machine as a whole: its processes, its identity, and forgetting everything.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use model::process_facts::{ProcessFacts, SeccompMode, capability_names};
use model::supervision::{InitRequest, InitResponse};
use serde_json::{Value, json};
use tracing::{info, warn};

use crate::api::answer::{accepted, json_response};
use crate::api::body::ResetRequest;
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::state::Shared;

/// `GET /processes`.
pub(crate) async fn processes(state: &Shared) -> Result<Response, ApiError> {
    match state.changers.init.call(&InitRequest::Processes).await {
        Ok(InitResponse::Processes { processes }) => {
            let processes: Vec<_> = processes.iter().map(process).collect();
            Ok(json_response(StatusCode::OK, &json!({"processes": processes})))
        }
        Ok(answer) => {
            warn!(?answer, "PID 1 does not describe the processes");
            Err(ApiError::internal())
        }
        Err(error) => {
            warn!(%error, "PID 1 does not describe the processes");
            Err(ApiError::unavailable())
        }
    }
}

/// `POST /$reset`.
pub(crate) async fn reset(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let ResetRequest { confirm, keep_network } = ResetRequest::parse(&body)?;
    if confirm != state.host_name() {
        return Err(ApiError::not_confirmed());
    }
    state.changers.reset(keep_network).await?;
    info!("A script resets the appliance");
    Ok(accepted())
}

/// `POST /identity/$keep`.
pub(crate) async fn keep_identity(state: &Shared) -> Result<Response, ApiError> {
    state.changers.keep_identity().await?;
    info!("A script keeps the identity of the appliance on this machine");
    Ok(json_response(StatusCode::OK, &json!({"status": "Kept"})))
}

fn process(process: &ProcessFacts) -> Value {
    let ProcessFacts { role, pid, status, limits, mounts, group } = process;
    let seccomp = match status.seccomp {
        SeccompMode::Disabled => "disabled",
        SeccompMode::Strict => "strict",
        SeccompMode::Filter => "filter",
    };
    let limits: Vec<_> = limits
        .iter()
        .map(|limit| json!({"name": limit.name, "soft": limit.soft, "hard": limit.hard}))
        .collect();
    let mounts: Vec<_> = mounts
        .iter()
        .map(|mount| {
            json!({
                "target": mount.target,
                "fileSystem": mount.file_system,
                "options": mount.options,
            })
        })
        .collect();
    json!({
        "name": role.map_or("init", model::role::Role::name),
        "pid": pid,
        "uid": status.uid,
        "gid": status.gid,
        "groups": status.groups,
        "capabilities": {
            "effective": capability_names(status.capabilities.effective),
            "permitted": capability_names(status.capabilities.permitted),
            "inheritable": capability_names(status.capabilities.inheritable),
            "bounding": capability_names(status.capabilities.bounding),
            "ambient": capability_names(status.capabilities.ambient),
        },
        "noNewPrivileges": status.no_new_privileges,
        "seccomp": seccomp,
        "seccompFilters": status.seccomp_filters,
        "threads": status.threads,
        "residentKib": status.resident_kib,
        "limits": limits,
        "mounts": mounts,
        "group": group.map(|group| json!({
            "memoryMaxBytes": group.memory_max_bytes,
            "memoryBytes": group.memory_bytes,
            "memoryPeakBytes": group.memory_peak_bytes,
            "threadsMax": group.threads_max,
        })),
    })
}
