//! Metrics and their token.

use std::collections::{BTreeMap, BTreeSet};

use bus::SettingsResponse;
use model::journal::SyslogState;

use crate::appliance::Appliance;
use crate::client::Request;
use crate::logs::FakeJournal;
use crate::pages::{Browser, token};

async fn metrics_token(appliance: &Appliance, bearer: &str) -> String {
    let answer = appliance.send(&Request::post("/metricsToken").token(bearer)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["token"].as_str().unwrap().to_owned()
}

async fn status_of(appliance: &Appliance, path: &str, token: &str) -> u16 {
    appliance.send(&Request::get(path).token(token)).await.status
}

#[tokio::test]
async fn only_the_token_for_metrics_reads_metrics_and_it_reads_nothing_else() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    browser.get("/").await;
    let cookie = browser.cookie("__Host-session").unwrap();
    let bearer = appliance.token().await;
    let without = appliance.send(&Request::get("/metrics")).await;
    assert_eq!((without.status, without.parameter("reason")), (401, vec!["missing".into()]));
    assert_eq!(without.field("WWW-Authenticate"), Some("Bearer"));
    assert_eq!(status_of(&appliance, "/metrics", &"0".repeat(64)).await, 401, "none is made");
    let metrics = metrics_token(&appliance, &bearer).await;
    let zeros = "0".repeat(64);
    for wrong in [bearer.as_str(), &cookie, &zeros, "", "x", &metrics[..63]] {
        let answer = appliance.send(&Request::get("/metrics").token(wrong)).await;
        assert_eq!((answer.status, answer.parameter("reason")), (401, vec!["invalid".into()]));
    }
    assert_eq!(status_of(&appliance, "/metrics", &metrics).await, 200);
    for path in ["/status", "/sessions", "/logs", "/syslog", "/network"] {
        assert_eq!(status_of(&appliance, path, &metrics).await, 401, "{path}");
    }
    let stored = appliance.settings.metrics_token_hash.lock().unwrap().clone().unwrap();
    assert!(!stored.expose().contains(&metrics), "only a hash is stored");
}

#[tokio::test]
async fn another_token_and_its_removal_end_the_one_before() {
    let appliance = Appliance::start_with_password().await;
    let bearer = appliance.token().await;
    let first = metrics_token(&appliance, &bearer).await;
    let second = metrics_token(&appliance, &bearer).await;
    assert_eq!(status_of(&appliance, "/metrics", &first).await, 401);
    assert_eq!(status_of(&appliance, "/metrics", &second).await, 200);
    let delete = Request::new("DELETE", "/metricsToken").token(&bearer);
    assert_eq!(appliance.send(&delete).await.status, 204);
    assert_eq!(status_of(&appliance, "/metrics", &second).await, 401);
    assert_eq!(appliance.send(&delete).await.status, 204, "there is none any more");
    appliance
        .settings
        .failures
        .lock()
        .unwrap()
        .push_back(SettingsResponse::Failed { reason: "no space".into() });
    let answer = appliance.send(&Request::post("/metricsToken").token(&bearer)).await;
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(answer.json()["token"].is_null());
}

#[tokio::test]
async fn page_shows_a_new_token_once() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let csrf = token(&browser.get("/logs").await);
    let make = Request::post("/logs/metrics-token").form(&[("csrf", &csrf)]);
    let page = browser.send(make).await;
    assert_eq!(page.status, 200, "{page:?}");
    let shown = page.body.split("id=\"metrics-token\">").nth(1).unwrap();
    let shown = shown.split('<').next().unwrap().to_owned();
    assert_eq!(status_of(&appliance, "/metrics", &shown).await, 200);
    let again = browser.get("/logs").await;
    assert!(!again.body.contains(&shown) && again.body.contains("A token is in use."));
    let remove = Request::post("/logs/metrics-token/remove").form(&[("csrf", &csrf)]);
    assert_eq!(browser.send(remove).await.status, 303);
    assert_eq!(status_of(&appliance, "/metrics", &shown).await, 401);
}

#[tokio::test]
async fn metrics_keep_the_text_format() {
    let appliance = Appliance::start_with_password().await;
    let connected = SyslogState::Connected { since: 1, sent: 40, dropped: 2 };
    appliance.serve("journal", &FakeJournal::new(connected));
    let bearer = appliance.token().await;
    appliance.log_in("Wrong-Guess-9").await;
    let metrics = metrics_token(&appliance, &bearer).await;
    let mut answer = appliance.send(&Request::get("/metrics").token(&metrics)).await;
    for _ in 0..200 {
        if answer.body.contains("connector_journal_bytes") {
            break;
        }
        answer = appliance.send(&Request::get("/metrics").token(&metrics)).await;
    }
    let media_type = answer.field("Content-Type");
    assert_eq!(media_type, Some("text/plain; version=0.0.4; charset=utf-8"));
    let samples = parse(&answer.body);
    let value = |name: &str| *samples.get(name).unwrap_or_else(|| panic!("{name} in {samples:?}"));
    let version = model::product::VERSION;
    assert_eq!(value(&format!("connector_build_info{{version=\"{version}\",slot=\"\"}}")), 1.0);
    assert_eq!(value("connector_sessions{kind=\"token\"}"), 1.0);
    assert_eq!(value("connector_sessions{kind=\"browser\"}"), 0.0);
    assert_eq!(value("connector_sign_ins_total{result=\"accepted\"}"), 1.0);
    assert_eq!(value("connector_sign_ins_total{result=\"refused\"}"), 1.0);
    assert_eq!(value("connector_clock_trusted"), 1.0);
    assert_eq!(value("connector_journal_bytes"), 4096.0);
    assert_eq!(value("connector_journal_suppressed_records_total"), 3.0);
    assert_eq!(value("connector_syslog_connected"), 1.0);
    assert_eq!(value("connector_syslog_sent_records_total"), 40.0);
    assert!(value("connector_uptime_seconds") > 0.0);
    let five_years = 5.0 * 365.0 * 86_400.0;
    let expiry = value("connector_certificate_expiry_seconds");
    assert!((five_years - 86_400.0..five_years + 3.0 * 86_400.0).contains(&expiry), "{expiry}");
}

/// Reads the text format strictly (version 0.0.4): each metric once, `HELP` before `TYPE` before its
/// samples, names and labels of the allowed characters, no sample twice, a final newline.
fn parse(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n') && !text.contains("\n\n") && !text.contains('\r'));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    };
    let (mut samples, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let (mut helped, mut current, mut kind) = (String::new(), String::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(is_name(name) && words.ends_with('.'), "{line}");
            assert!(seen.insert(name.to_owned()), "{name} stands twice");
            name.clone_into(&mut helped);
        } else if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, described) = described.split_once(' ').unwrap();
            assert!(["gauge", "counter"].contains(&described), "{line}");
            assert_eq!(name, helped, "{line}");
            assert_eq!(name.ends_with("_total"), described == "counter", "{line}");
            name.clone_into(&mut current);
            described.clone_into(&mut kind);
        } else {
            let (series, number) = line.rsplit_once(' ').unwrap();
            let (name, labels) = match series.split_once('{') {
                Some((name, labels)) => (name, labels.strip_suffix('}').expect(line)),
                None => (series, ""),
            };
            assert_eq!(name, current, "{line}");
            for label in labels.split("\",").filter(|label| !label.is_empty()) {
                let (label, value) = label.split_once("=\"").expect(line);
                assert!(is_name(label) && !label.contains(':'), "{line}");
                assert!(!value.trim_end_matches('"').contains('"'), "{line}");
            }
            let number: f64 = number.parse().expect(line);
            assert!(kind == "gauge" || number >= 0.0, "{line}");
            assert!(samples.insert(series.to_owned(), number).is_none(), "{line} stands twice");
        }
    }
    samples
}
