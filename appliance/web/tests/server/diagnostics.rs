//! TCP Capture, Network probe, Prechecks and the diagnostic report: pages and REST interface.

use std::sync::Arc;

use bus::{DiagnosticsResponse, StartRefusal};
use model::capture_status::{EndReason, TraceState};
use serde_json::{Value, json};

use crate::appliance::Appliance;
use crate::client::{Answer, Request};
use crate::diagnosis_roles::{FakeCapture, FakeDiagnostics, TRACE_ID, UNKNOWN_HOST};
use crate::pages::Browser;

const PAGE: &str = "/network-diagnostics";
const START: &str = "/network-diagnostics/capture";
const STOP: &str = "/network-diagnostics/capture/stop";
const DELETE: &str = "/network-diagnostics/capture/delete";
const PROBE: &str = "/network-diagnostics/probe";
const STOP_PROBE: &str = "/network-diagnostics/probe/stop";
const PRECHECKS: &str = "/network-diagnostics/prechecks";
const REPORT: &str = "/diagnostic-report";

struct Bench {
    appliance: Appliance,
    capture: Arc<FakeCapture>,
    diagnostics: Arc<FakeDiagnostics>,
    token: String,
}

impl Bench {
    /// An appliance whose server has heard of both roles.
    async fn start() -> Self {
        let appliance = Appliance::start_with_password().await;
        let (capture, diagnostics) = (FakeCapture::new(), FakeDiagnostics::new());
        appliance.serve("capture", &capture);
        appliance.serve("diagnostics", &diagnostics);
        let token = appliance.token().await;
        let bench = Self { appliance, capture, diagnostics, token };
        for path in ["/capture", "/probe"] {
            while bench.get(path).await.status != 200 {}
        }
        bench
    }

    async fn browser(&self) -> Browser<'_> {
        Browser::signed_in(&self.appliance).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.appliance.send(&Request::get(path).token(&self.token)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).token(&self.token).json(&body.to_string());
        self.appliance.send(&request).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.appliance.send(&Request::new("DELETE", path).token(&self.token)).await
    }
}

fn is_at(answer: &Answer, place: &str) -> bool {
    answer.status == 303 && answer.field("Location") == Some(place)
}

#[tokio::test]
async fn trace_is_started_watched_stopped_downloaded_and_deleted() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    let page = browser.get(PAGE).await;
    for text in ["TCP Capture", "Trace Duration", "Packet Tracing", "Start trace"] {
        assert!(page.body.contains(text), "{text}");
    }
    let fields = [("target", "dc1.corp.example"), ("port", "389"), ("duration", "10")];
    let answer = browser.submit(START, &fields).await;
    assert!(is_at(&answer, "/network-diagnostics#capture"), "{answer:?}");
    let order = bench.capture.order();
    assert_eq!((order.filter.port, order.duration.seconds()), (Some(389), 10));
    assert!(!order.packet_tracing, "whole packets only on request");

    // It survives a reload, and a second browser sees it.
    for page in [browser.get(PAGE).await, bench.browser().await.get(PAGE).await] {
        for text in ["Recording traffic of dc1.corp.example", "61,204", "58.3 MB", "6 s left"] {
            assert!(page.body.contains(text), "{text} in {}", page.body);
        }
    }
    let live = browser.get("/network-diagnostics/live").await;
    assert!(live.body.contains("data-kind=\"running\"") && !live.body.contains("csrf"));

    let stop = format!("name=\"id\" value=\"{TRACE_ID}\"");
    assert!(live.body.contains(&stop), "{}", live.body);
    let answer = browser.submit(STOP, &[("id", TRACE_ID)]).await;
    assert!(is_at(&answer, "/network-diagnostics#capture"), "{answer:?}");
    let page = browser.get(PAGE).await;
    for text in ["Stopped at", "Start new trace", "/network-diagnostics/trace?id="] {
        assert!(page.body.contains(text), "{text}");
    }

    let file = browser.get(&format!("/network-diagnostics/trace?id={TRACE_ID}")).await;
    assert_eq!((file.status, file.body.len()), (200, bench.capture.file_bytes));
    assert_eq!(file.field("Content-Type"), Some("application/vnd.tcpdump.pcap"));
    assert_eq!(file.field("Content-Length"), Some("300000"));
    let disposition = "attachment; filename=\"trace-appliance-20261120-100418Z.pcap\"";
    assert_eq!(file.field("Content-Disposition"), Some(disposition));

    let page = browser.get("/network-diagnostics?new=1").await;
    assert!(page.body.contains("value=\"dc1.corp.example\""), "the last target again");
    assert!(page.body.contains("deletes the present one"));
    let question = browser.get(&format!("{DELETE}?id={TRACE_ID}")).await;
    assert!(question.body.contains("Delete the trace of 2026-11-20 10:04:18 UTC?"));
    assert!(!matches!(bench.capture.state(), TraceState::Idle), "the question deletes nothing");
    let other = browser.get(&format!("{DELETE}?id=other")).await;
    assert!(is_at(&other, "/network-diagnostics#capture"), "{other:?}");
    let answer = browser.submit(DELETE, &[("id", TRACE_ID)]).await;
    assert!(is_at(&answer, "/network-diagnostics#capture"), "{answer:?}");
    assert!(matches!(bench.capture.state(), TraceState::Idle));
    let file = browser.get(&format!("/network-diagnostics/trace?id={TRACE_ID}")).await;
    assert_eq!(file.status, 404);
    assert!(file.body.contains("The trace is not there any more"), "{}", file.body);
}

#[tokio::test]
async fn second_browser_is_told_of_the_trace_that_runs() {
    let bench = Bench::start().await;
    bench.browser().await.submit(START, &[]).await;
    let answer = bench.browser().await.submit(START, &[("port", "x")]).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.body.contains("Another trace has been running since 2026-11-20 10:04:18 UTC"));
    assert!(answer.body.contains("Recording all TCP traffic"), "it is shown");
    let answer = bench.post("/capture/$start", &json!({})).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/captureRunning"));
}

#[tokio::test]
async fn stopping_twice_says_that_it_has_ended() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    browser.submit(START, &[]).await;
    bench.capture.end(EndReason::DiskFull);
    let answer = browser.submit(STOP, &[("id", TRACE_ID)]).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    for text in ["it has ended already", "the data disk is full"] {
        assert!(answer.body.contains(text), "{text}");
    }
    let answer = bench.post("/capture/$stop", &json!({})).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/captureNotRunning"));
}

#[tokio::test]
async fn mistakes_in_a_trace_are_named_and_nothing_typed_is_lost() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    for (target, port, message) in [
        ("tcp port 80", "", "Filter expressions and commands are not taken"),
        ("10.0.0.1; reboot", "", "Filter expressions and commands are not taken"),
        ("fe80::1", "", "This is an IPv6 address"),
        ("10.0.0.0/8", "", "This is a network"),
        ("", "80,443", "More than one port"),
        ("", "99999", "Ports are 1 to 65535"),
        (UNKNOWN_HOST, "443", "The name nowhere.example does not exist"),
    ] {
        let fields = [("target", target), ("port", port), ("packetTracing", "1")];
        let answer = browser.submit(START, &fields).await;
        assert_eq!(answer.status, 422, "{target}");
        assert!(answer.body.contains(message), "{message} in {}", answer.body);
        for typed in [target, port] {
            assert!(answer.body.contains(&format!("value=\"{typed}\"")), "{typed}");
        }
        assert!(matches!(bench.capture.state(), TraceState::Idle), "{target}");
    }
    let mut japanese = bench.browser().await;
    japanese.get("/?lang=ja").await;
    let answer = japanese.submit(START, &[("target", "fe80::1")]).await;
    assert!(answer.body.contains("IPv6 アドレスです"), "{}", answer.body);
}

#[tokio::test]
async fn trace_that_cannot_start_says_why() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    let (free_bytes, needed_bytes) = (12_000_000, 64_000_000);
    for (refusal, status, message) in [
        (StartRefusal::NoSpace { free_bytes, needed_bytes }, 507, "12.0 MB free, 64.0 MB needed"),
        (StartRefusal::Starting, 409, "Somebody else is starting a trace"),
        (StartRefusal::Failed { reason: "no card".into() }, 500, "no card"),
    ] {
        *bench.capture.refuses.lock().unwrap() = Some(refusal);
        let answer = browser.submit(START, &[("port", "443")]).await;
        assert_eq!(answer.status, status, "{message}");
        assert!(answer.body.contains(message) && answer.body.contains("value=\"443\""));
        assert_eq!(bench.post("/capture/$start", &json!({})).await.status, status);
    }
}

#[tokio::test]
async fn rest_starts_reads_stops_and_deletes() {
    let bench = Bench::start().await;
    let idle = bench.get("/capture").await.json();
    assert_eq!((&idle["state"], &idle["trace"]), (&json!("idle"), &Value::Null));
    assert_eq!(bench.get("/capture/trace").await.status, 404);
    assert_eq!(bench.delete("/capture").await.status, 404);
    let body = json!({"target": "10.0.0.5", "port": 443, "duration": 30, "packetTracing": true});
    let answer = bench.post("/capture/$start", &body).await;
    assert_eq!((answer.status, &answer.json()["state"]), (202, &json!("running")));
    let trace = &bench.get("/capture").await.json()["trace"];
    for (name, value) in [
        ("target", json!("10.0.0.5")),
        ("duration", json!(30)),
        ("packetTracing", json!(true)),
        ("lost", json!(3)),
        ("started", json!(1_795_169_058)),
        ("end", Value::Null),
    ] {
        assert_eq!(trace[name], value, "{name}");
    }
    for answer in [bench.get("/capture/trace").await, bench.delete("/capture").await] {
        assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/captureRunning"));
    }
    let answer = bench.post("/capture/$stop", &json!({})).await;
    assert_eq!((answer.status, &answer.json()["trace"]["end"]["reason"]), (200, &json!("stopped")));
    let file = bench.get("/capture/trace").await;
    assert_eq!((file.status, file.body.len()), (200, bench.capture.file_bytes));
    assert_eq!(bench.delete("/capture").await.status, 204);
}

#[tokio::test]
async fn rest_names_each_property_and_reason() {
    let bench = Bench::start().await;
    for (body, property, reason) in [
        (json!({"target": "host a and port 80"}), "target", "expression"),
        (json!({"target": "10.0.0.300"}), "target", "notATarget"),
        (json!({"target": UNKNOWN_HOST}), "target", "unknownHost"),
        (json!({"port": 0}), "port", "portOutOfRange"),
        (json!({"duration": 11}), "duration", "notADuration"),
    ] {
        let answer = bench.post("/capture/$start", &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "connapp/captureRefused"));
        assert_eq!(answer.parameter("property")[0], property, "{body}");
        assert_eq!(answer.parameter("reason")[0], reason, "{body}");
    }
    for (body, property, reason) in [
        (json!({"kind": "tcp", "target": "a.example"}), "port", "missing"),
        (json!({"kind": "tls", "target": "https://a.example"}), "target", "url"),
        (json!({"kind": "http", "target": "a.example", "path": "x"}), "path", "noSlash"),
        (json!({"kind": "icmp", "target": "a.example", "route": "1"}), "route", "icmpThroughProxy"),
        (json!({"kind": "tls", "target": "a.example", "route": "1"}), "route", "unknownProxy"),
    ] {
        let answer = bench.post("/probe", &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "connapp/probeRefused"));
        assert_eq!(answer.parameter("property")[0], property, "{body}");
        assert_eq!(answer.parameter("reason")[0], reason, "{body}");
    }
}

#[tokio::test]
async fn probe_is_followed_and_asked_again() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    let fields = [("kind", "https"), ("target", "a.example"), ("path", "/x"), ("route", "direct")];
    let answer = browser.submit(PROBE, &fields).await;
    assert!(is_at(&answer, "/network-diagnostics#probe"), "{answer:?}");
    let page = browser.get(PAGE).await;
    assert!(page.body.contains("Probing https://a.example/x"), "{}", page.body);
    assert!(page.body.contains("http-equiv=\"refresh\""), "without script it loads itself again");
    let answer = bench.browser().await.submit(PROBE, &fields).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.body.contains("Another probe is under way"));
    let answer = bench.post("/probe", &json!({"kind": "tls", "target": "b.example"})).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/probeRunning"));

    bench.diagnostics.end_probe();
    while bench.get("/probe").await.json()["probe"]["state"] != "finished" {}
    let step = &bench.get("/probe").await.json()["probe"]["steps"][0];
    assert_eq!(step["failure"]["cause"], "probe.slow-answer");
    let page = browser.get(PAGE).await;
    for text in ["Stopped at step 1 of 1", "within 10 s", "probe.slow-answer", "What to do:"] {
        assert!(page.body.contains(text), "{text} in {}", page.body);
    }
    assert!(page.body.contains("value=\"a.example\"") && page.body.contains("value=\"/x\""));
}

#[tokio::test]
async fn probe_is_stopped_once() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    let fields = [("kind", "tls"), ("target", "a.example"), ("route", "direct")];
    browser.submit(PROBE, &fields).await;
    assert!(browser.get(PAGE).await.body.contains("Stop probe"));
    let answer = browser.submit(STOP_PROBE, &[]).await;
    assert!(is_at(&answer, "/network-diagnostics#probe"), "{answer:?}");
    let page = browser.get(PAGE).await;
    assert!(page.body.contains("The probe was stopped before it ended."), "{}", page.body);
    assert!(!page.body.contains("Stop probe"));
    let answer = browser.submit(STOP_PROBE, &[]).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.body.contains("it has ended already"), "{}", answer.body);

    bench.post("/probe", &json!({"kind": "tls", "target": "b.example"})).await;
    let answer = bench.post("/probe/$stop", &json!({})).await;
    assert_eq!((answer.status, &answer.json()["probe"]["state"]), (200, &json!("finished")));
    let answer = bench.post("/probe/$stop", &json!({})).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/probeNotRunning"));
}

#[tokio::test]
async fn mistakes_in_a_probe_are_named_and_nothing_typed_is_lost() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    for (kind, target, port, route, message) in [
        ("tcp", "a.example", "", "direct", "Port: Fill in this field."),
        ("tls", "", "", "direct", "Target: Fill in this field."),
        ("tls", "https://a.example/x", "", "direct", "Type the host alone: a.example"),
        ("tls", "a.example", "0", "direct", "Not a port"),
        ("icmp", "a.example", "", "7", "ICMP cannot go through a proxy"),
        ("tls", "a.example", "", "7", "This proxy is not in the list any more"),
    ] {
        let fields = [("kind", kind), ("target", target), ("port", port), ("route", route)];
        let answer = browser.submit(PROBE, &fields).await;
        assert_eq!(answer.status, 422, "{message}");
        assert!(answer.body.contains(message), "{message} in {}", answer.body);
        assert!(answer.body.contains(&format!("value=\"{target}\"")), "{target}");
    }
}

#[tokio::test]
async fn prechecks_run_and_say_what_to_do() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    assert_eq!(bench.get("/prechecks").await.json(), json!({"prechecks": null}));
    let answer = browser.submit(PRECHECKS, &[]).await;
    assert!(is_at(&answer, "/network-diagnostics#prechecks"), "{answer:?}");
    let answer = browser.submit(PRECHECKS, &[]).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("The prechecks are under way already."));
    let answer = bench.post("/prechecks/$run", &json!({})).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/prechecksRunning"));
    bench.diagnostics.end_prechecks();
    while bench.get("/prechecks").await.json()["prechecks"]["isRunning"] != false {}
    let run = &bench.get("/prechecks").await.json()["prechecks"];
    assert_eq!(
        (&run["severity"], &run["checks"][0]["result"]),
        (&json!("failing"), &json!("failing"))
    );
    assert_eq!(run["checks"][0]["failure"]["cause"], "precheck.dns-silent");
    let page = browser.get(PAGE).await;
    for text in ["1 check failed", "DNS server 10.0.0.2", "UDP port 53", "Run again"] {
        assert!(page.body.contains(text), "{text}");
    }
    assert_eq!(bench.post("/prechecks/$run", &json!({})).await.status, 202);
}

#[tokio::test]
async fn report_is_a_file_or_says_why_not() {
    let bench = Bench::start().await;
    let mut browser = bench.browser().await;
    let answer = browser.submit(REPORT, &[("mask", "1")]).await;
    assert_eq!((answer.status, answer.body.len()), (200, 100_000));
    assert_eq!(answer.field("Content-Type"), Some("application/zip"));
    let disposition = answer.field("Content-Disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"report-appliance-"), "{disposition}");
    assert_eq!(*bench.diagnostics.masked.lock().unwrap(), Some(true));
    browser.submit(REPORT, &[]).await;
    assert_eq!(*bench.diagnostics.masked.lock().unwrap(), Some(false));
    assert_eq!(bench.get("/report?mask=true").await.body.len(), 100_000);
    assert_eq!(bench.get("/report?mask=yes").await.error(), "connapp/invalidBoolean");
    let failed = DiagnosticsResponse::Failed { reason: "no space left on device".to_owned() };
    for (answer, status, message, kind) in [
        (
            DiagnosticsResponse::Conflict,
            409,
            "Another report is being made",
            "connapp/reportRunning",
        ),
        (failed, 500, "no space left on device", "connapp/reportFailed"),
    ] {
        *bench.diagnostics.report.lock().unwrap() = Err(answer);
        let answer = browser.submit(REPORT, &[("mask", "1")]).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(message) && answer.body.contains("role=\"alert\""));
        assert!(
            answer.body.contains(
                "name=\"mask\" value=\"1\" aria-describedby=\"report-mask-hint\" checked"
            )
        );
        let answer = bench.get("/report").await;
        assert_eq!((answer.status, answer.error().as_str()), (status, kind));
    }
}

#[tokio::test]
async fn roles_that_are_silent_are_named_and_the_page_stays() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, 200);
    for text in ["The capture service does not answer", "The diagnostics service does not answer"] {
        assert!(page.body.contains(text), "{text}");
    }
    for (path, fields) in [
        (START, vec![]),
        (PROBE, vec![("kind", "tls"), ("target", "a.example")]),
        (PRECHECKS, vec![]),
        (REPORT, vec![]),
    ] {
        let answer = browser.submit(path, &fields).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(answer.body.contains("does not answer"), "{path}");
    }
    let token = appliance.token().await;
    for path in ["/capture", "/probe", "/prechecks", "/report"] {
        let answer = appliance.send(&Request::get(path).token(&token)).await;
        assert_eq!((answer.status, answer.error().as_str()), (503, "common/serviceUnavailable"));
    }
}

#[tokio::test]
async fn downloads_at_once_are_whole() {
    let bench = Bench::start().await;
    bench.browser().await.submit(START, &[]).await;
    bench.capture.end(EndReason::TimeUp);
    while bench.get("/capture").await.json()["state"] != "ended" {}
    let (one, two) = tokio::join!(bench.get("/capture/trace"), bench.get("/capture/trace"));
    assert_eq!((one.body.len(), two.body.len()), (300_000, 300_000));
    // One that is broken off disturbs nobody.
    let request = Request::get("/capture/trace").token(&bench.token);
    let mut connection = bench.appliance.connect().await;
    connection.write(&request.bytes()).await.unwrap();
    connection.read_head().await.unwrap();
    drop(connection);
    assert_eq!(bench.get("/capture/trace").await.body.len(), 300_000);
}
