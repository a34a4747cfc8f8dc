//! What one connector can be asked about itself: its health, its prechecks, its diagnostic report.

use axum::http::Method;
use model::health::Severity;
use model::precheck::{Check, CheckReport, CheckResult, PrecheckRun};
use protocol::request::Operation;
use registry::Right;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ask::{self, FAILED, LATE, NOBODY, TIMEOUT, TOO_MANY, UNSUPPORTED, WRONG_TIMEOUT};
use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::inspection::{self, PRECHECKS_SECONDS, REPORT_SECONDS};
use crate::moment;
use crate::route::{Needs, Route};
use crate::schema::{FILE, Schema, full, list, moment as moment_schema, text_or_null};

/// Seconds that it may take when the client names none.
const HEALTH_SECONDS: u32 = 15;
const NEEDS: Needs = Needs::Right(Right::ResourceLocations);
const HEALTH: Schema = Schema { name: "ConnectorHealth", value: health_schema };
const PRECHECKS: Schema = Schema { name: "ConnectorPrechecks", value: prechecks_schema };
const ERRORS: &[(u16, &str)] = &[WRONG_TIMEOUT, TOO_MANY, UNSUPPORTED, FAILED, NOBODY, LATE];

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/connectors/{id}/health",
        older_path: None,
        needs: NEEDS,
        id: "getConnectorHealth",
        summary: "Ask a connector for its findings",
        description: "The findings of the appliance's own page and console, as they are now. 15 seconds \
                      if `Timeout` is missing.",
        query: &[TIMEOUT],
        request: None,
        success: (200, "The findings.", Some(HEALTH)),
        errors: ERRORS,
        handler: |call| Box::pin(health(call)),
    },
    Route {
        method: Method::POST,
        path: "/connectors/{id}/prechecks/$run",
        older_path: None,
        needs: NEEDS,
        id: "runConnectorPrechecks",
        summary: "Have a connector look at everything that it needs from its surroundings",
        description: "Link, address, gateway, DNS, time, each proxy, each address of the cloud; answered \
                      when they are done. Those that run already are waited for. The system log tells \
                      of it. 90 seconds if `Timeout` is missing.",
        query: &[TIMEOUT],
        request: None,
        success: (200, "The checks.", Some(PRECHECKS)),
        errors: ERRORS,
        handler: |call| Box::pin(prechecks(call)),
    },
    Route {
        method: Method::GET,
        path: "/connectors/{id}/report",
        older_path: None,
        needs: NEEDS,
        id: "getConnectorReport",
        summary: "Have a connector make its diagnostic report, and download it",
        description: "A zip file with settings, states, prechecks and logs, without secrets, and with \
                      pseudonyms in place of addresses and names. `Content-Length` says how long it \
                      is; a shorter one was cut off. The system log tells of it. 90 seconds if \
                      `Timeout` is missing.",
        query: &[TIMEOUT],
        request: None,
        success: (200, "The file.", Some(FILE)),
        errors: ERRORS,
        handler: |call| Box::pin(report(call)),
    },
];

/// What an appliance says of its health.
#[derive(Deserialize)]
struct Health {
    severity: Grade,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    id: String,
    severity: Grade,
    finding: serde_json::Map<String, Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Grade {
    Good,
    Attention,
    Failing,
}

impl Grade {
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Attention => "attention",
            Self::Failing => "failing",
        }
    }
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Good => Self::Good,
            Severity::Attention => Self::Attention,
            Severity::Failing => Self::Failing,
        }
    }
}

async fn health(call: &Call<'_>) -> Result<Reply, ApiError> {
    let within = ask::within(call, HEALTH_SECONDS)?;
    let connector = call.tenant()?.connector(call.id()).await?;
    let (answered, _place) =
        ask::connector(call.site, &connector, Operation::Health, within).await?;
    let health: Health = inspection::read(answered.body)?;
    let findings: Vec<_> = health
        .findings
        .into_iter()
        .map(|one| json!({"id": one.id, "severity": one.severity.name(), "finding": one.finding}))
        .collect();
    Ok(Reply::ok(json!({"severity": health.severity.name(), "findings": findings})))
}

async fn prechecks(call: &Call<'_>) -> Result<Reply, ApiError> {
    let within = ask::within(call, PRECHECKS_SECONDS)?;
    let (tenant, change) = (call.tenant()?, call.change()?);
    let connector = tenant.connector(call.id()).await?;
    let run = inspection::prechecks(call.site, &tenant, &connector, within, &change).await?;
    Ok(Reply::ok(view(&run)?))
}

async fn report(call: &Call<'_>) -> Result<Reply, ApiError> {
    let within = ask::within(call, REPORT_SECONDS)?;
    let (tenant, change) = (call.tenant()?, call.change()?);
    let connector = tenant.connector(call.id()).await?;
    Ok(Reply::file(inspection::report(call.site, &tenant, &connector, within, &change).await?))
}

fn view(run: &PrecheckRun) -> Result<Value, ApiError> {
    let checks: Result<Vec<_>, _> = run.checks.iter().map(check_view).collect();
    Ok(json!({
        "startedDate": moment::text(run.started),
        "tookMicroseconds": run.took_us,
        "severity": Grade::from(run.severity()).name(),
        "checks": checks?,
    }))
}

fn check_view(report: &CheckReport) -> Result<Value, ApiError> {
    let subject = match &report.check {
        Check::Dns { server } => server.map(|server| server.to_string()),
        Check::TimeServer { server } => Some(server.clone()),
        Check::Proxy { location, .. } => Some(location.to_string()),
        Check::Cloud { address } => Some(address.clone()),
        Check::Link | Check::Address | Check::Gateway | Check::Clock => None,
    };
    let plain = |value| serde_json::to_value(value).map_err(|_| ApiError::internal());
    let (found, cause) = match &report.outcome {
        CheckResult::Good { found } => (found.as_ref(), None),
        CheckResult::Attention { problem } | CheckResult::Failing { problem } => {
            (None, Some(problem))
        }
        CheckResult::Waiting | CheckResult::Running | CheckResult::Skipped { .. } => (None, None),
    };
    let values = cause.map(serde_json::to_value).transpose();
    Ok(json!({
        "check": report.check.id(),
        "subject": subject,
        "result": report.outcome.id(),
        "tookMicroseconds": report.took_us,
        "found": found.map(plain).transpose()?,
        "cause": cause.map(|cause| cause.id()),
        "problem": values.map_err(|_| ApiError::internal())?,
    }))
}

fn grades() -> Value {
    let all = [Grade::Good, Grade::Attention, Grade::Failing].map(Grade::name);
    json!({"enum": all})
}

fn health_schema() -> Value {
    let finding = full(&json!({
        "id": {"type": "string", "description": "The language-neutral name, such as `network.no-link`."},
        "severity": grades(),
        "finding": {"type": "object", "description": "Subject, cause and the values of the cause."},
    }));
    full(&json!({"severity": grades(), "findings": list(&finding)}))
}

fn prechecks_schema() -> Value {
    let count = json!({"type": ["integer", "null"], "minimum": 0});
    let check = full(&json!({
        "check": {
            "enum": ["link", "address", "gateway", "dns", "timeServer", "clock", "proxy", "cloud"],
        },
        "subject": text_or_null(),
        "result": {"enum": ["waiting", "running", "good", "attention", "failing", "skipped"]},
        "tookMicroseconds": count,
        "found": {"type": ["object", "null"]},
        "cause": {
            "type": ["string", "null"],
            "description": "The language-neutral name, such as `precheck.no-gateway`.",
        },
        "problem": {"type": ["object", "null"], "description": "The values of the cause."},
    }));
    full(&json!({
        "startedDate": moment_schema(),
        "tookMicroseconds": count,
        "severity": grades(),
        "checks": list(&check),
    }))
}
