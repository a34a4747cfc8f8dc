//! Connectors, played by the test: what they answer depends on the domain that is looked up in.

use std::future::pending;

use axum::body::to_bytes;
use protocol::request::{Failure, FailureKind, Operation};
use protocol::web::WebAnswer;
use serde_json::{Value, json};
use site::{Answered, Order, RelayOrder, Relayed, Unanswered};
use tokio::sync::mpsc;

/// What a report holds.
pub(crate) const REPORT: &str = "PK: what went wrong";

/// The body of a lookup.
pub(crate) fn lookup(domain: &str) -> Value {
    json!({"domain_name": domain, "kind": "user", "key": "accountName", "value": "ada"})
}

pub(crate) async fn answer(order: Order) -> Result<Answered, Unanswered> {
    let (body, data) = match order.operation {
        Operation::Health => (health(), None),
        Operation::Prechecks => (prechecks(), None),
        Operation::Report => {
            (json!({"bytes": REPORT.len()}), Some(report(&["PK: ", &REPORT[4..]])))
        }
        Operation::Lookup(lookup) => (look_up(lookup.domain.as_str(), &lookup.value).await?, None),
        other => panic!("nobody asks for {other:?}"),
    };
    let connector = order.connector.unwrap_or_else(|| "any".to_owned());
    Ok(Answered { connector, body, data })
}

/// A web server that tells what it got: the request line, the header fields, the body. Which failures
/// there are depends on its name, as in lookups.
pub(crate) async fn relay(order: RelayOrder) -> Result<Relayed, Unanswered> {
    let request = order.request;
    look_up(request.server.host(), "").await?;
    if request.path == "/held" {
        let (sender, data) = mpsc::channel(1);
        tokio::spawn(async move { sender.closed().await });
        let answer = WebAnswer { status: 200, fields: Vec::new(), upgrade: None };
        return Ok(Relayed { connector: "any".to_owned(), answer, data: Some(data) });
    }
    let sent = to_bytes(order.body, 1 << 20).await.map_err(|_| Unanswered::Broken)?;
    let mut told = format!("{} {}\n", request.method, request.path);
    for (name, value) in &request.fields {
        told.push_str(&format!("{name}: {value}\n"));
    }
    told.push_str(&format!("{} {}", request.has_body, String::from_utf8_lossy(&sent)));
    let (sender, data) = mpsc::channel(2);
    sender.try_send(Ok(told.into())).unwrap();
    if request.path == "/cut" {
        sender.try_send(Err(std::io::ErrorKind::UnexpectedEof.into())).unwrap();
    }
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let fields = vec![
        field("content-type", "text/plain"),
        field("location", "/next"),
        field("set-cookie", "wiki=1; Path=/"),
        field("set-cookie", "__Host-cloud-session=1; Path=/; Secure"),
        field("connection", "close"),
    ];
    let status = if request.path == "/missing" { 404 } else { 200 };
    let answer = WebAnswer { status, fields, upgrade: None };
    Ok(Relayed { connector: "any".to_owned(), answer, data: Some(data) })
}

/// Data that come in pieces.
fn report(pieces: &[&'static str]) -> site::Data {
    let (sender, data) = mpsc::channel(pieces.len());
    for piece in pieces {
        sender.try_send(Ok((*piece).into())).unwrap();
    }
    data
}

async fn look_up(domain: &str, value: &str) -> Result<Value, Unanswered> {
    let failed = |kind| Unanswered::Failed(Failure { kind, detail: format!("no {domain}") });
    match domain {
        "nobody.example.com" => Err(Unanswered::NobodyThere),
        "full.example.com" => Err(Unanswered::Busy),
        "late.example.com" => Err(Unanswered::Deadline),
        "lost.example.com" => Err(Unanswered::InDoubt),
        "away.example.com" => Err(Unanswered::Unavailable("none".to_owned())),
        "busy.example.com" => Err(failed(FailureKind::Busy)),
        "later.example.com" => Err(failed(FailureKind::Deadline)),
        "old.example.com" => Err(failed(FailureKind::Unsupported)),
        "unreachable.example.com" => Err(failed(FailureKind::Unreachable)),
        "refused.example.com" => Err(failed(FailureKind::Refused)),
        "strange.example.com" => Ok(json!({"found": 1})),
        "never.example.com" => pending().await,
        _ => Ok(page(value)),
    }
}

fn page(value: &str) -> Value {
    let object = json!({
        "sid": "S-1-5-21-1-2-3-1104",
        "guid": "0d2bd5c5-03a5-4f0b-a06e-3d4d1c1fa2f4",
        "distinguished_name": "CN=Ada,CN=Users,DC=corp,DC=example,DC=com",
        "account_name": value,
        "user_principal_name": "ada@corp.example.com",
        "display_name": null,
        "mail": null,
        "is_enabled": true,
        "groups": ["S-1-5-32-545"],
        "members": null,
    });
    json!({"objects": [object], "cursor": "next", "host": "dc1", "milliseconds": 3})
}

fn health() -> Value {
    let finding = json!({"subject": "time", "cause": "clock_waiting"});
    json!({
        "severity": "attention",
        "findings": [{"id": "time.waiting", "severity": "attention", "finding": finding}],
    })
}

fn prechecks() -> Value {
    json!({
        "started": crate::bench::NOW,
        "took_us": 1500,
        "checks": [
            {
                "check": "dns",
                "server": "10.0.0.1",
                "outcome": {"result": "good", "found": null},
                "took_us": 900,
            },
            {
                "check": "gateway",
                "outcome": {"result": "attention", "problem": {"problem": "no_gateway"}},
                "took_us": 600,
            },
        ],
    })
}
