//! The last records of each source, and the starts of the machine that the journal knows.

use std::time::{Duration, Instant};

use bus::{Client, JournalRequest, JournalResponse};
use model::journal::{BootId, MAX_PAGE_RECORDS, Page, Query, Record, Records, Source};
use model::supervision::InitRequest;
use model::utc;
use serde_json::{Value, json};

use crate::report::part::{Content, Found, Part, PartFile, USUAL_TIME};
use crate::report::roles::{Sockets, ask, status};

/// Longest log of one source in bytes.
const LOG_BYTES: usize = 768 * 1024;
/// How long a log may be looked for: a source that says little is searched for on the whole disk. What has been
/// found by then is shown.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);
/// How long a log may take in all.
const LOG_TIME: Duration = Duration::from_secs(14);
/// Remarks of PID 1 that are shown for each start.
const MAX_REMARKS: usize = 40;

/// A part for each source, and the history of starts.
pub(crate) fn parts(sockets: &Sockets) -> Vec<Part> {
    let mut parts: Vec<_> = Source::all()
        .map(|source| {
            let work = log(sockets.journal.clone(), source);
            let part = Part::new(format!("logs/{}", source.name()), work);
            Part { time: LOG_TIME, bytes: LOG_BYTES + 200, ..part }
        })
        .collect();
    parts.push(Part {
        time: USUAL_TIME * 2,
        ..Part::json("boot-history", history(sockets.clone()))
    });
    parts
}

/// The newest records of a source, the oldest first.
async fn log(journal: String, source: Source) -> Found {
    let (records, is_whole) = newest(&journal, source, LOG_BYTES).await?;
    let mut text = String::new();
    if !is_whole {
        text.push_str("[there are older records]\n");
    }
    let mut boot: Option<&BootId> = None;
    for record in records.iter().rev() {
        if boot != Some(&record.boot) {
            boot = Some(&record.boot);
            text.push_str(&format!("[start {}]\n", record.boot));
        }
        text.push_str(&line(record));
    }
    let name = format!("logs/{}.log", source.name());
    Ok(vec![PartFile { name, content: Content::Text(text) }])
}

/// `2026-11-21T15:50:02.007Z [   12.345678] warning Cannot answer error="timed out"`.
fn line(record: &Record) -> String {
    let (seconds, rest) = (record.uptime_us / 1_000_000, record.uptime_us % 1_000_000);
    let time = utc::date_time(record.time_ms);
    format!("{time} [{seconds:5}.{rest:06}] {} {}\n", record.severity.name(), record.text())
}

/// The newest records, newest first, and whether there are no older ones.
async fn newest(
    journal: &str,
    source: Source,
    limit_bytes: usize,
) -> Result<(Vec<Record>, bool), String> {
    let client = Client::new(journal);
    let begin = Instant::now();
    let (mut records, mut bytes) = (Vec::new(), 0);
    let mut page = Page::Newest;
    loop {
        let query = Query { source: Some(source), ..Query::default() };
        let request = JournalRequest::Read { query, page, limit: MAX_PAGE_RECORDS };
        let found = match ask(&client, &request).await? {
            JournalResponse::Records(Records { records, next }) => (records, next),
            JournalResponse::Failed { reason } => return Err(reason),
            _ => return Err("the journal answered something else".to_owned()),
        };
        for record in found.0 {
            bytes += line(&record).len();
            if bytes > limit_bytes {
                return Ok((records, false));
            }
            records.push(record);
        }
        match found.1 {
            None => return Ok((records, true)),
            Some(_) if begin.elapsed() > SEARCH_LIMIT => return Ok((records, false)),
            Some(next) => page = next,
        }
    }
}

/// The starts of the machine with what PID 1 said about each, and what is known of slots that failed.
async fn history(sockets: Sockets) -> Result<Value, String> {
    let (init, records) = tokio::join!(
        status::<InitRequest>(sockets.init),
        newest(&sockets.journal, Source::Init, LOG_BYTES),
    );
    let present = match init {
        Ok(init) => json!({
            "slot": init.slot,
            "marked_good": init.marked_good,
            "slots": init.slots,
        }),
        Err(error) => json!({ "error": error }),
    };
    let earlier = match records {
        Ok((records, _)) => json!(starts(&records)),
        Err(error) => json!({ "error": error }),
    };
    Ok(json!({ "present": present, "starts_in_the_journal": earlier }))
}

/// Records of PID 1, newest first, by start.
fn starts(records: &[Record]) -> Vec<Value> {
    records
        .chunk_by(|a, b| a.boot == b.boot)
        .map(|start| {
            let remarks: Vec<_> = start.iter().rev().map(Record::text).take(MAX_REMARKS).collect();
            json!({
                "start": start.first().map(|record| record.boot.as_str()),
                "first_record": start.last().map(|record| utc::date_time(record.time_ms)),
                "last_record": start.first().map(|record| utc::date_time(record.time_ms)),
                "remarks": remarks,
            })
        })
        .collect()
}
