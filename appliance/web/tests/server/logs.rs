//! The logs and where they are sent, with a journal played by the test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bus::{JournalRequest, JournalResponse, Peer, Service};
use model::journal::{
    BootId, JournalDisk, JournalStatus, Page, Record, Records, Severity, Source, SyslogState,
};
use model::role::Role;
use model::syslog::SyslogTransport;
use serde_json::json;

use crate::appliance::Appliance;
use crate::client::{Answer, Request};
use crate::pages::{Browser, token};

/// The journal role with 250 records.
pub(crate) struct FakeJournal {
    pub(crate) status: JournalStatus,
    records: Vec<Record>,
    /// How many records each answer held.
    pages: Mutex<Vec<usize>>,
    /// How often everything was to be removed.
    pub(crate) forgotten: AtomicUsize,
}

impl FakeJournal {
    pub(crate) fn new(syslog: SyslogState) -> Arc<Self> {
        let boot = BootId::from_random([7; 8]);
        let records = (1..=250)
            .map(|id: u64| Record {
                id,
                time_ms: 1_795_169_058_000 + i64::try_from(id).unwrap(),
                boot: boot.clone(),
                sequence: id,
                uptime_us: id,
                severity: if id.is_multiple_of(10) {
                    Severity::Error
                } else {
                    Severity::Informational
                },
                source: if id.is_multiple_of(2) { Source::Kernel } else { Source::Role(Role::Web) },
                message: format!("Record number {id}"),
                fields: vec![("markup".to_owned(), "<b>&".to_owned())],
            })
            .collect();
        let disk =
            JournalDisk::Good { bytes: 4096, files: 1, free_bytes: 1 << 30, total_bytes: 1 << 32 };
        let status = JournalStatus {
            generation: 1,
            boot,
            newest_id: 250,
            oldest_ms: Some(1_795_169_058_001),
            memory_records: 250,
            disk,
            lost: 0,
            suppressed: 3,
            syslog,
        };
        Arc::new(Self { status, records, pages: Mutex::default(), forgotten: AtomicUsize::new(0) })
    }
}

impl Service for FakeJournal {
    type Request = JournalRequest;
    type Response = JournalResponse;

    async fn call(&self, _: Peer, request: JournalRequest) -> JournalResponse {
        match request {
            JournalRequest::Status { newer_than: None } => {
                JournalResponse::Status(self.status.clone())
            }
            JournalRequest::Status { newer_than: Some(_) } => std::future::pending().await,
            JournalRequest::Read { query, page, limit } => {
                let wanted = self.records.iter().filter(|record| query.matches(record));
                let limit = usize::try_from(limit).unwrap();
                let found: Vec<_> = match page {
                    Page::Newest => wanted.rev().cloned().collect(),
                    Page::Before(id) => wanted.rev().filter(|it| it.id < id).cloned().collect(),
                    Page::After(id) => wanted.filter(|it| it.id > id).cloned().collect(),
                };
                let records: Vec<_> = found.iter().take(limit).cloned().collect();
                let next = records.last().filter(|_| found.len() > limit).map(|last| match page {
                    Page::After(_) => Page::After(last.id),
                    _ => Page::Before(last.id),
                });
                self.pages.lock().unwrap().push(records.len());
                JournalResponse::Records(Records { records, next })
            }
            JournalRequest::Forget => {
                self.forgotten.fetch_add(1, Ordering::Relaxed);
                JournalResponse::Done
            }
        }
    }
}

async fn start() -> (Appliance, Arc<FakeJournal>) {
    let appliance = Appliance::start_with_password().await;
    let journal = FakeJournal::new(SyslogState::Off);
    appliance.serve("journal", &journal);
    (appliance, journal)
}

/// Sends a form of the page *Logs*.
async fn post(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = token(&browser.get("/logs").await);
    let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    browser.send(Request::post(path).form(&fields).field("Sec-Fetch-Site", "same-origin")).await
}

#[tokio::test]
async fn records_come_in_pages_and_by_filter() {
    let (appliance, _journal) = start().await;
    let token = appliance.token().await;
    let mut query = "?source=kernel&limit=50".to_owned();
    let mut ids = Vec::new();
    loop {
        let answer = appliance.send(&Request::get(&format!("/logs{query}")).token(&token)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        let items = body["items"].as_array().unwrap();
        assert!(items.len() <= 50 && items.iter().all(|item| item["source"] == "kernel"));
        ids.extend(items.iter().map(|item| item["id"].as_u64().unwrap()));
        match body["next"]["before"].as_u64() {
            Some(id) => query = format!("?source=kernel&limit=50&before={id}"),
            None => break,
        }
    }
    let expected: Vec<_> = (1..=125).map(|half| 2 * half).rev().collect();
    assert_eq!(ids, expected);
    let follow = Request::get("/logs?after=248&severity=error").token(&token);
    let body = appliance.send(&follow).await.json();
    assert_eq!((&body["items"][0]["id"], &body["next"]), (&json!(250), &json!(null)));
    assert_eq!(body["items"][0]["fields"]["markup"], "<b>&");
}

#[tokio::test]
async fn query_that_is_not_understood_is_refused() {
    let (appliance, _journal) = start().await;
    let token = appliance.token().await;
    for (query, kind, property) in [
        ("source=nobody", "common/invalidEnum", "source"),
        ("severity=fatal", "common/invalidEnum", "severity"),
        ("limit=501", "common/outOfRange", "limit"),
        ("level=error", "connapp/unknownProperty", "level"),
        ("before=1&after=1", "connapp/unknownProperty", "before"),
    ] {
        let answer = appliance.send(&Request::get(&format!("/logs?{query}")).token(&token)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, kind), "{query}");
        assert_eq!(answer.parameter("property"), [property], "{query}");
    }
}

#[tokio::test]
async fn page_shows_filters_and_leads_on() {
    let (appliance, _journal) = start().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get("/logs").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("Record number").count(), 100);
    assert!(page.body.contains("markup=&#60;b&#62;&#38;"), "{}", page.body);
    assert!(page.body.contains("href=\"/logs?before=151\""), "{}", page.body);
    let older = browser.get("/logs?severity=error&text=Record&before=151").await;
    assert_eq!(older.body.matches("Record number").count(), 15);
    assert!(older.body.contains("<option value=\"error\" selected>"), "{}", older.body);
    let none = browser.get("/logs?text=nothing+like+it").await;
    assert!(none.body.contains("There are no such records."), "{}", none.body);
    let bad = browser.get("/logs?severity=fatal").await;
    assert!(bad.body.contains("The filter is not understood"), "{}", bad.body);
    assert_eq!(bad.body.matches("Record number").count(), 100);
}

#[tokio::test]
async fn download_is_text_with_the_oldest_first() {
    let (appliance, journal) = start().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let file = browser.get("/logs/download?source=web").await;
    assert_eq!(file.status, 200);
    assert_eq!(file.field("Content-Type"), Some("text/plain; charset=utf-8"));
    let disposition = file.field("Content-Disposition").unwrap();
    assert_eq!(disposition, "attachment; filename=\"appliance-logs.txt\"");
    let lines: Vec<_> = file.body.lines().collect();
    assert_eq!(lines.len(), 125);
    assert!(lines[0].ends_with("informational web: Record number 1 markup=<b>&"), "{}", lines[0]);
    assert!(lines[124].contains("Record number 249"), "{}", lines[124]);
    assert_eq!(journal.pages.lock().unwrap().iter().sum::<usize>(), 125);
}

#[tokio::test]
async fn silent_journal_is_said_and_breaks_nothing() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get("/logs").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The logs cannot be read at the moment."), "{}", page.body);
    assert_eq!(browser.get("/logs/download").await.status, 503);
    let token = appliance.token().await;
    let answer = appliance.send(&Request::get("/logs").token(&token)).await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "common/serviceUnavailable"));
    let syslog = appliance.send(&Request::get("/syslog").token(&token)).await.json();
    assert_eq!(syslog, json!({"setting": null, "status": null, "storage": null}));
}

#[tokio::test]
async fn script_sets_and_removes_the_remote_server() {
    let (appliance, _journal) = start().await;
    let token = appliance.token().await;
    let put = |body: &str| Request::new("PUT", "/syslog").token(&token).json(body);
    let answer = appliance.send(&put(r#"{"server":"logs.example.com"}"#)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = json!({
        "server": "logs.example.com", "port": 6514, "transport": "tls", "severity": "informational",
    });
    assert_eq!(answer.json()["setting"], expected);
    for (body, kind, properties) in [
        (r#"{"server":"https://logs"}"#, "connapp/syslogRefused", vec!["server"]),
        (r#"{"server":"a.example","port":99999}"#, "connapp/syslogRefused", vec!["port"]),
        (
            r#"{"server":"::1","port":0,"transport":"x","severity":"x"}"#,
            "connapp/syslogRefused",
            vec!["server", "transport", "port", "severity"],
        ),
        (r#"{"server":" "}"#, "common/missing", vec!["server"]),
    ] {
        let answer = appliance.send(&put(body)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, kind), "{body}");
        let mut named = answer.parameter("property");
        named.sort();
        let mut properties = properties;
        properties.sort_unstable();
        assert_eq!(named, properties, "{body}");
    }
    assert!(appliance.settings.status.borrow().settings.syslog.is_some(), "nothing has changed");
    let delete = Request::new("DELETE", "/syslog").token(&token);
    assert_eq!(appliance.send(&delete).await.status, 204);
    assert!(appliance.settings.status.borrow().settings.syslog.is_none());
}

#[tokio::test]
async fn page_sets_shows_and_removes_the_remote_server() {
    let appliance = Appliance::start_with_password().await;
    let failing = SyslogState::Failing {
        since: 5,
        reason: "connection refused".to_owned(),
        cause: None,
        sent: 2,
        dropped: 1,
    };
    appliance.serve("journal", &FakeJournal::new(failing));
    let mut browser = Browser::signed_in(&appliance).await;
    let fields = |server, port| {
        [("server", server), ("port", port), ("transport", "udp"), ("severity", "warning")]
    };
    for (server, port, error) in
        [("", "", "syslog-server-error"), ("logs.example.com", "70000", "syslog-port-error")]
    {
        let answer = post(&mut browser, "/logs/syslog", &fields(server, port)).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(&format!("id=\"{error}\"")), "{}", answer.body);
        assert!(answer.body.contains(&format!("value=\"{server}\"")), "{}", answer.body);
        assert!(answer.body.contains("<option value=\"udp\" selected>"), "{}", answer.body);
    }
    let answer = post(&mut browser, "/logs/syslog", &fields("logs.example.com", "")).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/logs")), "{answer:?}");
    let setting = appliance.settings.status.borrow().settings.syslog.clone().unwrap();
    assert_eq!((setting.port.get(), setting.transport), (514, SyslogTransport::Udp));
    let mut page = browser.get("/logs").await;
    for _ in 0..200 {
        if page.body.contains("connection refused") {
            break;
        }
        page = browser.get("/logs").await;
    }
    assert!(page.body.contains("connection refused"), "{}", page.body);
    assert_eq!(post(&mut browser, "/logs/syslog/remove", &[]).await.status, 303);
    assert!(appliance.settings.status.borrow().settings.syslog.is_none());
}
