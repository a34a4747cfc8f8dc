//! The logs and where they are sent.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use model::journal::{JournalDisk, Page, Record, Severity, Source, SyslogState};
use model::syslog::{SyslogField, SyslogForm, SyslogProblem, SyslogSetting};
use serde_json::{Value, json};
use tracing::info;

use crate::api::answer::{json_response, no_content};
use crate::api::body::syslog::SyslogChange;
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::log_query::{LogQuery, LogQueryError};
use crate::state::Shared;

/// `GET /logs`.
pub(crate) async fn read(state: &Shared, query: Option<&str>) -> Result<Response, ApiError> {
    let LogQuery { query, page, limit } = LogQuery::strict(query).map_err(ApiError::from)?;
    let records = state.read_journal(query, page, limit).await.ok_or_else(ApiError::unavailable)?;
    let items: Vec<_> = records.records.iter().map(record_view).collect();
    let next = records.next.map(|next| match next {
        Page::Before(id) => json!({"before": id}),
        Page::After(id) => json!({"after": id}),
        Page::Newest => json!({}),
    });
    Ok(json_response(StatusCode::OK, &json!({"items": items, "next": next})))
}

fn record_view(record: &Record) -> Value {
    let fields: serde_json::Map<_, _> =
        record.fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({
        "id": record.id,
        "timeMilliseconds": record.time_ms,
        "boot": record.boot,
        "severity": record.severity.name(),
        "source": record.source.name(),
        "message": record.message,
        "fields": fields,
    })
}

/// `GET /syslog`.
pub(crate) fn syslog_view(state: &Shared) -> Value {
    let setting = state.syslog().map(|setting| setting_view(&setting));
    let journal = state.journal.borrow();
    let status = journal.as_ref().map(|journal| state_view(&journal.syslog));
    let storage = journal.as_ref().map(|journal| match &journal.disk {
        JournalDisk::Good { bytes, .. } => json!({"state": "good", "bytes": bytes}),
        JournalDisk::Trouble { reason } => json!({"state": "trouble", "reason": reason}),
    });
    json!({"setting": setting, "status": status, "storage": storage})
}

fn setting_view(setting: &SyslogSetting) -> Value {
    json!({
        "server": setting.server,
        "port": setting.port,
        "transport": setting.transport.name(),
        "severity": setting.severity.name(),
    })
}

fn state_view(state: &SyslogState) -> Value {
    match state {
        SyslogState::Off => json!({"state": "off"}),
        SyslogState::Connecting => json!({"state": "connecting"}),
        SyslogState::Connected { since, sent, dropped } => {
            json!({"state": "connected", "since": since, "sent": sent, "dropped": dropped})
        }
        SyslogState::Failing { since, reason, cause, sent, dropped } => json!({
            "state": "failing",
            "since": since,
            "reason": reason,
            "cause": cause,
            "sent": sent,
            "dropped": dropped,
        }),
    }
}

/// `PUT /syslog`.
pub(crate) async fn set_syslog(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let SyslogChange(form) = SyslogChange::parse(&body)?;
    let setting = checked(&form)?;
    let server = setting.server.clone();
    state.set_syslog(Some(setting)).await?;
    info!(server, "A script has set where the logs are sent");
    Ok(json_response(StatusCode::OK, &syslog_view(state)))
}

fn checked(form: &SyslogForm) -> Result<SyslogSetting, ApiError> {
    match form.parse() {
        Ok(Some(setting)) => Ok(setting),
        Ok(None) => Err(ApiError::missing("server")),
        Err(problems) => Err(ApiError::syslog_refused(&problems)),
    }
}

/// `DELETE /syslog`.
pub(crate) async fn delete_syslog(state: &Shared) -> Result<Response, ApiError> {
    state.set_syslog(None).await?;
    info!("A script has removed the server that the logs were sent to");
    Ok(no_content())
}

impl ApiError {
    /// Every property to correct with its reason.
    fn syslog_refused(problems: &[(SyslogField, SyslogProblem)]) -> Self {
        let name = |field: &SyslogField| match field {
            SyslogField::Server => "server",
            SyslogField::Port => "port",
            SyslogField::Transport => "transport",
            SyslogField::Severity => "severity",
        };
        let sentences: Vec<_> =
            problems.iter().map(|(field, problem)| format!("{} {problem}.", name(field))).collect();
        let error = Self::bad_request("connapp/syslogRefused", sentences.join(" "));
        problems.iter().fold(error, |error, (field, problem)| {
            let reason = match problem {
                SyslogProblem::NotAServer => "notAServer",
                SyslogProblem::Ipv6 => "ipv6",
                SyslogProblem::Unusable(_) => "unusable",
                SyslogProblem::NotAPort => "notAPort",
                SyslogProblem::NotATransport => "notATransport",
                SyslogProblem::NotASeverity => "notASeverity",
            };
            error.with("property", name(field)).with("reason", reason)
        })
    }
}

impl From<LogQueryError> for ApiError {
    fn from(error: LogQueryError) -> Self {
        let (kind, detail) = match &error {
            LogQueryError::Malformed => ("common/invalidString", None),
            LogQueryError::Unknown(_) => ("connapp/unknownProperty", None),
            LogQueryError::Source => {
                ("common/invalidEnum", Some(names(Source::all().map(Source::name))))
            }
            LogQueryError::Severity => {
                ("common/invalidEnum", Some(names(Severity::ALL.into_iter().map(Severity::name))))
            }
            LogQueryError::Number(_) => ("common/outOfRange", None),
            LogQueryError::TooLong => ("common/tooLong", None),
            LogQueryError::BothDirections => ("connapp/unknownProperty", None),
        };
        let mut sentence = format!("The query is refused: {error}.");
        if let Some(names) = detail {
            sentence.push_str(&format!(" It is one of: {names}."));
        }
        let api = Self::bad_request(kind, sentence);
        match error.parameter() {
            Some(parameter) => api.with("property", parameter),
            None => api,
        }
    }
}

fn names(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
