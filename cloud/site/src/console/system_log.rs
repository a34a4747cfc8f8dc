//! *System log*: who has changed what, and the same as a file.

use std::fmt::Write as _;

use pages::{LOG_DAYS, Language, LogActor, SystemLog, log_event, system_log};
use registry::{ActorKind, LogPosition, LogQuery, LogRecord, MAX_LOG_LIMIT};
use serde_json::Value;

use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};
use crate::moment;

const PATH: &str = "/console/system-log";
/// Records of a page.
const PAGE: i64 = 50;
/// Most records of a file: 90 days of a busy customer, and no more memory than a node has.
const MAX_EXPORTED: usize = 100_000;
/// Longest text that is searched for, in characters.
const MAX_TEXT: usize = 200;
/// Seconds of a day.
const DAY: i64 = 86_400;

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let (days, text) = filter(visit);
    let after = visit.query.get("after").and_then(|text| text.parse().ok()).map(LogPosition);
    let query = query(visit, days, &text, after, PAGE);
    let page = administration.tenant.log(&query, visit.now).await?;
    let total = administration.tenant.log_count(&query, visit.now).await?;
    let first = visit.query.get("first").and_then(|text| text.parse().ok());
    let first = first.filter(|first| after.is_some() && (1..=total).contains(first)).unwrap_or(1);
    Ok(Reply::page(system_log(&SystemLog {
        frame: administration.frame(visit, format!("{PATH}?days={days}")).await?,
        records: page.records.iter().map(view).collect(),
        days,
        text,
        first,
        total,
        older: page.next.map(|position| position.0.to_string()),
    })))
}

/// The records as comma-separated values (RFC 4180), with a byte order mark: without one, spreadsheets
/// take UTF-8 for something else.
pub(super) async fn export(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let (days, text) = filter(visit);
    let mut file = String::from("\u{FEFF}");
    row(&mut file, &["Time", "Actor", "Event", "Description", "Change", "Target", "Target ID"]);
    let (mut after, mut exported) = (None, 0);
    while exported < MAX_EXPORTED {
        let query = query(visit, days, &text, after, MAX_LOG_LIMIT);
        let page = administration.tenant.log(&query, visit.now).await?;
        exported += page.records.len();
        page.records.iter().for_each(|record| add(&mut file, record, visit.language));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(Reply::file(file, "text/csv; charset=utf-8", "system-log.csv"))
}

fn filter(visit: &Visit<'_>) -> (u32, String) {
    let days = visit.query.get("days").and_then(|text| text.parse().ok());
    let days = days.filter(|days| LOG_DAYS.contains(days)).unwrap_or(LOG_DAYS[0]);
    let text = visit.query.get("text").unwrap_or_default().trim().replace('\0', "");
    (days, text.chars().take(MAX_TEXT).collect())
}

fn query(
    visit: &Visit<'_>,
    days: u32,
    text: &str,
    after: Option<LogPosition>,
    limit: i64,
) -> LogQuery {
    LogQuery {
        from: Some(visit.now - i64::from(days) * DAY),
        to: None,
        containing: Some(text.to_owned()).filter(|text| !text.is_empty()),
        after,
        limit,
    }
}

fn view(record: &LogRecord) -> pages::LogRecord {
    let name = record.actor.name.clone();
    pages::LogRecord {
        at: record.at,
        actor: match record.actor.kind {
            ActorKind::System => LogActor::System,
            ActorKind::Administrator => LogActor::Administrator { name },
            ActorKind::Client => LogActor::Client { name },
            ActorKind::Connector => LogActor::Connector { name },
        },
        event: record.event.id().to_owned(),
        change: change(record),
        target: record.target.name.clone(),
        target_id: record.target.id.clone(),
    }
}

/// What was before and what is after, as the interface for programs says it.
fn change(record: &LogRecord) -> String {
    match (&record.before, &record.after) {
        (Some(before), Some(after)) => format!("{} -> {}", plain(before), plain(after)),
        (Some(only), None) | (None, Some(only)) => plain(only),
        (None, None) => String::new(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => format!("'{text}'"),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{name}: {}", plain(value));
            members.iter().map(member).collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn add(file: &mut String, record: &LogRecord, language: Language) {
    let event = record.event.id();
    let description = log_event(language, event).unwrap_or_else(|| record.event.text());
    row(
        file,
        &[
            &moment::text(record.at),
            &record.actor.name,
            event,
            description,
            &change(record),
            &record.target.name,
            &record.target.id,
        ],
    );
}

fn row(file: &mut String, cells: &[&str]) {
    for (index, cell) in cells.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        // A spreadsheet would compute what begins so; people choose their own names.
        let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        let _ = write!(file, "{comma}\"{guard}{}\"", cell.replace('"', "\"\""));
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_computed() {
        let mut file = String::new();
        row(&mut file, &["a\"b", "=1+1", "c,d\n"]);
        assert_eq!(file, "\"a\"\"b\",\"'=1+1\",\"c,d\n\"\r\n");
    }
}
