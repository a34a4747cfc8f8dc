//! The system log.

use axum::http::Method;
use registry::{LogPosition, LogQuery, LogRecord, MAX_LOG_LIMIT, Right};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::route::{Needs, Route};
use crate::schema::{Schema, full, list, moment as moment_schema, text, text_or_null};

/// Records of a page that names no limit.
const DEFAULT_LIMIT: i64 = 100;
/// Longest text that is searched for, in characters.
const MAX_SEARCH: usize = 256;
const PAGE: Schema = Schema { name: "SystemLogPage", value: page_schema };

pub(super) static ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/systemlog/records",
    older_path: None,
    needs: Needs::Right(Right::SystemLog),
    id: "getSystemLogRecords",
    summary: "Read the system log",
    description: "The newest record first, of the last 90 days. Names of the query are compared in \
                  any case.",
    query: &[
        ("StartDateTime", "string", "At this moment or later (RFC 3339; without a zone in UTC)."),
        ("EndDateTime", "string", "Before this moment."),
        ("Limit", "integer", "Records of a page: 1 to 1000, 100 if missing."),
        ("ContinuationToken", "string", "What the page before ended with."),
        ("Filter", "string", "Event, actor or target contains this text."),
    ],
    request: None,
    success: (200, "A page.", Some(PAGE)),
    errors: &[(400, "A parameter is malformed: `property` names it.")],
    handler: |call| Box::pin(read(call)),
}];

async fn read(call: &Call<'_>) -> Result<Reply, ApiError> {
    let query = LogQuery {
        from: moment_of(call, "StartDateTime")?,
        to: moment_of(call, "EndDateTime")?,
        containing: search(call)?,
        after: position(call)?,
        limit: limit(call)?,
    };
    let tenant = call.tenant()?;
    let page = tenant.log(&query, call.now).await?;
    let customer = tenant.id().as_str();
    let items: Vec<_> = page.records.iter().map(|record| view(record, customer)).collect();
    let next = page.next.map(|position| position.0.to_string());
    Ok(Reply::ok(json!({"Items": items, "ContinuationToken": next})))
}

fn moment_of(call: &Call<'_>, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = value(call, name) else { return Ok(None) };
    let wanted = "a moment such as 2026-11-15T00:00:00Z";
    moment::parse(text).map(Some).ok_or_else(|| ApiError::invalid_value(name, wanted))
}

fn limit(call: &Call<'_>) -> Result<i64, ApiError> {
    let Some(text) = value(call, "Limit") else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LOG_LIMIT).contains(limit));
    limit.ok_or_else(|| ApiError::out_of_range("Limit", "a number from 1 to 1000"))
}

fn position(call: &Call<'_>) -> Result<Option<LogPosition>, ApiError> {
    let Some(text) = value(call, "ContinuationToken") else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    let wanted = "what the page before ended with";
    number
        .map(|number| Some(LogPosition(number)))
        .ok_or_else(|| ApiError::invalid_value("ContinuationToken", wanted))
}

fn search(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    match value(call, "Filter") {
        Some(text) if text.chars().count() > MAX_SEARCH => {
            Err(ApiError::too_long("Filter", MAX_SEARCH))
        }
        Some(text) if text.contains('\0') => {
            Err(ApiError::invalid_value("Filter", "a text without the character NUL"))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn value<'a>(call: &'a Call<'_>, name: &str) -> Option<&'a str> {
    call.query.get(name).filter(|value| !value.is_empty())
}

fn view(record: &LogRecord, customer: &str) -> Value {
    json!({
        "RecordId": record.id,
        "UtcTimestamp": moment::text(record.at),
        "CustomerId": customer,
        "EventType": record.event.id(),
        "MessageEn": record.event.text(),
        "ActorType": record.actor.kind,
        "ActorId": record.actor.id,
        "ActorDisplayName": record.actor.name,
        "TargetId": record.target.id,
        "TargetDisplayName": record.target.name,
        "TargetEmail": record.target.email,
        "TargetUserId": record.target.email.as_ref().map(|_| &record.target.id),
        "TargetType": record.target.kind,
        "BeforeChanges": record.before,
        "AfterChanges": record.after,
        "TransactionId": record.transaction_id,
    })
}

fn page_schema() -> Value {
    let record = full(&json!({
        "RecordId": text(),
        "UtcTimestamp": moment_schema(),
        "CustomerId": text(),
        "EventType": text(),
        "MessageEn": text(),
        "ActorType": {"enum": ["System", "Administrator", "Client", "Connector"]},
        "ActorId": text(),
        "ActorDisplayName": text(),
        "TargetId": text(),
        "TargetDisplayName": text(),
        "TargetEmail": text_or_null(),
        "TargetUserId": text_or_null(),
        "TargetType": text(),
        "BeforeChanges": {},
        "AfterChanges": {},
        "TransactionId": text_or_null(),
    }));
    full(&json!({"Items": list(&record), "ContinuationToken": text_or_null()}))
}
