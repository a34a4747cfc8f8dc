//! The network settings: reading them, changing them on trial, ending the trial; and the clock.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use model::network::NetworkStatus;
use model::network_form::{FieldProblem, NetworkField};
use model::settings::{NetworkChoice, RevertReason, SettingsStatus, TrialPhase};
use serde_json::{Value, json};
use tracing::info;

use crate::api::answer::{accepted, json_response, no_content};
use crate::api::body::NetworkChange;
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::api::status::{clock_view, configured, network_view, sourced};
use crate::changes::{SilentServers, check_network};
use crate::state::{Shared, seconds_until};

/// `GET /network`.
pub(crate) fn read(state: &Shared) -> Result<Response, ApiError> {
    let settings = state.settings.borrow().clone().ok_or_else(ApiError::unavailable)?;
    let network = state.network.borrow().clone().ok_or_else(ApiError::unavailable)?;
    Ok(json_response(StatusCode::OK, &view(&network, &settings)))
}

/// `GET /clock`.
pub(crate) fn read_clock(state: &Shared) -> Result<Response, ApiError> {
    let clock = state.clock.borrow().clone().ok_or_else(ApiError::unavailable)?;
    Ok(json_response(StatusCode::OK, &clock_view(&clock)))
}

/// `PUT /network`.
pub(crate) async fn change(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let NetworkChange { form, ignores_silent_servers } = NetworkChange::parse(&body)?;
    let silent = match ignores_silent_servers {
        true => SilentServers::Stored,
        false => SilentServers::Refused,
    };
    let choice = check_network(state, &form, silent)
        .await
        .map_err(|problems| ApiError::network_refused(&problems, property))?;
    state.changers.try_network(choice).await.map_err(ApiError::from)?;
    info!("A script tries other network settings");
    Ok(accepted())
}

/// `POST /network/$confirm`.
pub(crate) async fn confirm(state: &Shared) -> Result<Response, ApiError> {
    state.changers.confirm_network().await.map_err(ApiError::from)?;
    state.see_settings(|status| status.network_trial.is_none()).await;
    info!("A script keeps the new network settings");
    Ok(no_content())
}

/// `POST /network/$revert`.
pub(crate) async fn revert(state: &Shared) -> Result<Response, ApiError> {
    state.changers.revert_network().await.map_err(ApiError::from)?;
    state.see_settings(|status| status.network_trial.is_none()).await;
    info!("A script takes the new network settings back");
    Ok(no_content())
}

/// Name of a field in the body.
fn property(field: NetworkField) -> String {
    match field {
        NetworkField::Address => "address".to_owned(),
        NetworkField::Mask => "netmask".to_owned(),
        NetworkField::Gateway => "gateway".to_owned(),
        NetworkField::Dns(row) => format!("dns[{row}]"),
        NetworkField::Ntp(row) => format!("ntp[{row}]"),
        NetworkField::HostName => "hostName".to_owned(),
    }
}

fn view(network: &NetworkStatus, status: &SettingsStatus) -> Value {
    let settings = &status.settings;
    let chosen =
        NetworkChoice { network: settings.network.clone(), host_name: settings.host_name.clone() };
    let trial = settings.network_trial.as_ref().zip(status.network_trial.as_ref());
    let interfaces: Vec<_> = network
        .interfaces
        .iter()
        .map(|interface| {
            json!({
                "name": interface.name,
                "hardwareAddress": interface.hardware_address,
                "hasLink": interface.has_link,
                "isInUse": interface.is_in_use,
            })
        })
        .collect();
    let mut view = network_view(network);
    view["interfaces"] = json!(interfaces);
    view["settings"] = choice_view(&chosen);
    view["trial"] = json!(trial.map(|(trial, phase)| {
        let (phase, seconds_left) = match phase {
            TrialPhase::AwaitsRestart => ("awaitsRestart", None),
            TrialPhase::Starting => ("starting", None),
            TrialPhase::Running { ends_at_uptime_ms } => {
                ("running", Some(seconds_until(*ends_at_uptime_ms)))
            }
        };
        json!({
            "phase": phase,
            "secondsLeft": seconds_left,
            "tried": choice_view(&trial.tried),
            "previous": choice_view(&trial.previous),
        })
    }));
    view["reverted"] = json!(settings.network_reverted.as_ref().map(|reverted| {
        let reason = match reverted.reason {
            RevertReason::NotConfirmed => "notConfirmed",
            RevertReason::Operator => "operator",
            RevertReason::Restarted => "restarted",
        };
        json!({"reason": reason, "at": reverted.at, "tried": choice_view(&reverted.tried)})
    }));
    view
}

fn choice_view(choice: &NetworkChoice) -> Value {
    json!({
        "network": sourced(&configured(&choice.network.value), choice.network.origin),
        "hostName": choice.host_name.as_ref().map(|name| sourced(&name.value, name.origin)),
    })
}

impl ApiError {
    /// Every property to correct with its reason, in the order of the form.
    fn network_refused(problems: &[FieldProblem], name: fn(NetworkField) -> String) -> Self {
        let sentences: Vec<_> = problems
            .iter()
            .map(|FieldProblem { field, problem }| format!("{} {problem}.", name(*field)))
            .collect();
        let error = Self::bad_request("connapp/networkSettingsRefused", sentences.join(" "));
        problems.iter().fold(error, |error, FieldProblem { field, problem }| {
            error.with("property", name(*field)).with("reason", problem.id())
        })
    }
}
