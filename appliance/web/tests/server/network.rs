//! Network settings: the page, the REST interface, the trial.

use model::network::{NetworkSettings, Origin};
use model::settings::RevertReason;
use serde_json::{Value, json};

use crate::appliance::{Appliance, PASSWORD};
use crate::client::{Answer, Request};
use crate::pages::Browser;
use crate::roles::{SILENT_SERVER, TAKEN};

const PAGE: &str = "/network-settings";

/// The fields of a form without anything wrong.
fn fields<'a>() -> Vec<(&'a str, &'a str)> {
    vec![
        ("method", "static"),
        ("address", "10.71.58.20"),
        ("mask", "255.255.255.0"),
        ("gateway", "10.71.58.1"),
        ("dns1", "10.0.0.2"),
        ("dns2", "10.0.0.3"),
        ("ntp1", "10.71.0.5"),
        ("hostName", "hq-01"),
        ("current", PASSWORD),
        ("action", "save"),
    ]
}

fn with<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = fields();
    fields.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    fields.extend(changed);
    fields
}

fn body() -> Value {
    json!({
        "method": "static",
        "address": "10.71.58.20",
        "netmask": "24",
        "gateway": "10.71.58.1",
        "dns": ["10.0.0.2"],
        "ntp": ["ntp.example.com"],
        "hostName": "hq-01",
    })
}

async fn put(appliance: &Appliance, body: &Value) -> Answer {
    let token = appliance.token().await;
    let request = Request::new("PUT", "/network").token(&token).json(&body.to_string());
    appliance.send(&request).await
}

async fn post(appliance: &Appliance, path: &str) -> Answer {
    let token = appliance.token().await;
    appliance.send(&Request::post(path).token(&token)).await
}

async fn read(appliance: &Appliance) -> Value {
    let token = appliance.token().await;
    let answer = appliance.send(&Request::get("/network").token(&token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn is_untouched(appliance: &Appliance) -> bool {
    let restarts = appliance.init.requests.borrow().1;
    appliance.settings.status.borrow().network_trial.is_none() && restarts == 0
}

#[tokio::test]
async fn saved_settings_are_tried_with_a_restart_and_the_session_ends() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get(PAGE).await;
    for text in ["Configure your own network settings", "Default gateway", "from DHCP", "Save"] {
        assert!(page.body.contains(text), "{text}");
    }
    let answer = browser.submit(PAGE, &fields()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains("href=\"https://10.71.58.20/\""), "{answer:?}");
    assert_eq!(appliance.init.requests.borrow().1, 1, "one restart");
    let settings = appliance.settings.status.borrow().settings.clone();
    let tried = settings.network_trial.unwrap().tried;
    assert_eq!(tried.host_name.unwrap().value, "hq-01");
    assert_eq!(tried.network.origin, Origin::Operator);
    let NetworkSettings::Static(fixed) = tried.network.value else { panic!("it is static") };
    assert_eq!((fixed.dns.len(), fixed.ntp), (2, vec!["10.71.0.5".to_owned()]));
    assert!(browser.get("/").await.body.contains("action=\"/sign-in\""));
}

#[tokio::test]
async fn mistakes_are_named_at_their_fields_and_nothing_typed_is_lost() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    for (changed, error) in [
        (vec![("gateway", "10.71.57.1")], "Did you mean 10.71.58.1?"),
        (vec![("mask", "255.0.255.0")], "has a hole"),
        (vec![("address", "169.254.64.9")], "169.254.64.0/18"),
        (vec![("address", TAKEN_TEXT)], "52:54:00:12:34:56"),
        (vec![("ntp2", SILENT_SERVER)], "it did not answer within 3 s"),
        (vec![("dns2", "10.0.0.2")], "stands in the list already"),
        (vec![("hostName", "a_b")], "Not a host name"),
        (vec![("current", "")], "current-error"),
        (vec![("current", "Wrong-Horse-1")], "current-error"),
    ] {
        let answer = browser.submit(PAGE, &with(&changed)).await;
        assert_eq!(answer.status, 422, "{changed:?}");
        assert!(answer.body.contains(error), "{error} in {}", answer.body);
        for (name, value) in with(&changed) {
            let is_shown = matches!(name, "method" | "action" | "current");
            assert!(is_shown || answer.body.contains(&format!("value=\"{value}\"")), "{name}");
        }
        assert!(!answer.body.contains(PASSWORD), "no password stands in an answer");
        assert!(is_untouched(&appliance), "{changed:?}");
    }
    let answer = browser.submit(PAGE, &with(&[("ntp2", SILENT_SERVER), ("force", "1")])).await;
    assert!(answer.status == 200 && !is_untouched(&appliance), "saved although it is silent");
}

const TAKEN_TEXT: &str = "10.71.58.66";

#[test]
fn address_of_another_machine_is_the_one_in_the_form() {
    assert_eq!(TAKEN.to_string(), TAKEN_TEXT);
}

#[tokio::test]
async fn rows_are_added_and_removed_without_script() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let rows = |answer: &Answer, list: &str| answer.body.matches(&format!("name=\"{list}")).count();
    let answer = browser.submit(PAGE, &with(&[("action", "add-dns")])).await;
    assert_eq!((answer.status, rows(&answer, "dns"), rows(&answer, "ntp")), (200, 3, 1));
    let answer = browser.submit(PAGE, &with(&[("action", "remove-dns-1")])).await;
    assert_eq!(rows(&answer, "dns"), 1);
    assert!(answer.body.contains("value=\"10.0.0.3\""), "{}", answer.body);
    let answer = browser.submit(PAGE, &with(&[("action", "remove-ntp-1")])).await;
    assert_eq!(rows(&answer, "ntp"), 1, "an empty row stays");
    for nonsense in ["remove-dns-9", "remove-dns-0", "add-x", "", "remove-dns--1"] {
        let answer = browser.submit(PAGE, &with(&[("action", nonsense)])).await;
        assert_eq!((answer.status, rows(&answer, "dns")), (200, 2), "{nonsense}");
    }
    assert!(is_untouched(&appliance));
}

#[tokio::test]
async fn settings_are_kept_at_the_new_address() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    browser.submit(PAGE, &fields()).await;
    appliance.settings.start_network_trial();
    let mut browser = Browser::signed_in(&appliance).await;
    let answer = browser.get("/").await;
    assert_eq!(answer.field("Location"), Some("/network-settings/trial"));
    let page = browser.get("/network-settings/trial").await;
    for text in ["Keep these network settings?", "Reverting in 1 min", "http-equiv=\"refresh\""] {
        assert!(page.body.contains(text), "{text} in {}", page.body);
    }
    let answer = browser.submit("/network-settings/keep", &[]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{answer:?}");
    assert!(appliance.settings.status.borrow().network_trial.is_none());
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn settings_taken_back_are_explained_until_dismissed() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    browser.submit(PAGE, &fields()).await;
    appliance.settings.start_network_trial();
    let mut browser = Browser::signed_in(&appliance).await;
    let answer = browser.submit("/network-settings/revert", &[]).await;
    assert_eq!(answer.field("Location"), Some("/network-settings/reverted"), "{answer:?}");
    let page = browser.get("/network-settings/reverted").await;
    assert!(page.body.contains("10.71.58.20/24"), "{}", page.body);
    assert!(browser.get("/").await.body.contains("changes.network-reverted"));
    let answer = browser.submit("/changes/dismiss", &[]).await;
    assert_eq!(answer.field("Location"), Some("/"), "{answer:?}");
    assert!(!browser.get("/").await.body.contains("changes.network-reverted"));
}

#[tokio::test]
async fn keeping_too_late_says_so() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    browser.submit(PAGE, &fields()).await;
    appliance.settings.start_network_trial();
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get("/network-settings/trial").await;
    let token = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap().get(..64).unwrap();
    appliance.settings.end_network_trial(Some(RevertReason::NotConfirmed));
    let late = Request::post("/network-settings/keep").form(&[("csrf", token)]);
    let answer = browser.send(late).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.body.contains("too late"), "{}", answer.body);
}

#[tokio::test]
async fn restart_that_is_refused_takes_the_settings_back() {
    let appliance = Appliance::start_with_password().await;
    *appliance.init.refuses_restart.lock().unwrap() = true;
    let mut browser = Browser::signed_in(&appliance).await;
    let answer = browser.submit(PAGE, &fields()).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(is_untouched(&appliance));
    assert_eq!(put(&appliance, &body()).await.status, 500);
    assert!(is_untouched(&appliance));
}

#[tokio::test]
async fn rest_tries_shows_and_keeps() {
    let appliance = Appliance::start_with_password().await;
    let before = read(&appliance).await;
    assert_eq!((&before["trial"], &before["reverted"]), (&Value::Null, &Value::Null));
    assert_eq!(before["hostName"], json!({"value": "appliance", "origin": "dhcp"}));
    assert_eq!(post(&appliance, "/network/$confirm").await.status, 409);
    assert_eq!(post(&appliance, "/network/$revert").await.status, 409);
    let answer = put(&appliance, &body()).await;
    assert_eq!((answer.status, answer.json()), (202, json!({"status": "Accepted"})));
    assert_eq!(appliance.init.requests.borrow().1, 1);
    assert_eq!(read(&appliance).await["trial"]["phase"], "awaitsRestart");
    let answer = post(&appliance, "/network/$confirm").await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/nothingToDo"));
    appliance.settings.start_network_trial();
    let trial = &read(&appliance).await["trial"];
    assert_eq!(trial["phase"], "running");
    assert!(trial["secondsLeft"].as_u64().is_some_and(|left| (55..=60).contains(&left)));
    assert_eq!(trial["tried"]["network"]["value"]["netmask"], "255.255.255.0");
    assert_eq!(trial["previous"]["network"]["value"], json!({"method": "automatic"}));
    assert_eq!(post(&appliance, "/network/$confirm").await.status, 204);
    let after = read(&appliance).await;
    assert_eq!(after["trial"], Value::Null);
    assert_eq!(after["settings"]["hostName"], json!({"value": "hq-01", "origin": "operator"}));
}

#[tokio::test]
async fn rest_takes_back_with_the_reason() {
    let appliance = Appliance::start_with_password().await;
    assert_eq!(put(&appliance, &json!({"method": "automatic", "hostName": "b"})).await.status, 202);
    assert_eq!(post(&appliance, "/network/$revert").await.status, 204);
    let reverted = &read(&appliance).await["reverted"];
    assert_eq!((&reverted["reason"], &reverted["at"]), (&json!("operator"), &json!(5)));
}

#[tokio::test]
async fn rest_names_each_property_and_reason() {
    let appliance = Appliance::start_with_password().await;
    let with = |name: &str, value: Value| {
        let mut body = body();
        body[name] = value;
        body
    };
    for (body, property, reason) in [
        (with("address", json!("10.71.58.0")), "address", "networkAddress"),
        (with("address", json!(TAKEN_TEXT)), "address", "taken"),
        (with("netmask", json!("255.0.255.0")), "netmask", "maskWithHole"),
        (with("gateway", json!("10.71.57.1")), "gateway", "offSubnet"),
        (with("dns", json!(["10.0.0.2", "10.0.0.2"])), "dns[1]", "duplicate"),
        (with("dns", json!(["dns.example"])), "dns[0]", "notAnAddress"),
        (with("ntp", json!([SILENT_SERVER])), "ntp[0]", "noTime"),
        (with("hostName", json!("-")), "hostName", "notAHostName"),
        (json!({"method": "static"}), "address", "missing"),
    ] {
        let answer = put(&appliance, &body).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "connapp/networkSettingsRefused")
        );
        assert_eq!(answer.parameter("property")[0], property, "{body}");
        assert_eq!(answer.parameter("reason")[0], reason, "{body}");
    }
    for (body, kind) in [
        (with("method", json!("dhcp")), "common/invalidEnum"),
        (with("dns", json!("10.0.0.2")), "connapp/invalidList"),
        (with("dns", json!(["10.0.0.2", 5])), "connapp/invalidList"),
        (with("address", json!(["10.0.0.2"])), "common/invalidString"),
        (with("gatewy", json!("10.71.58.1")), "connapp/unknownProperty"),
        (json!({"method": "automatic", "dns": []}), "connapp/unknownProperty"),
        (json!({}), "common/missing"),
    ] {
        let answer = put(&appliance, &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, kind), "{body}");
    }
    assert!(is_untouched(&appliance));
    let forced = json!({"method": "static", "address": "10.0.0.5", "netmask": "32",
        "gateway": "10.9.9.9", "ntp": [SILENT_SERVER], "ignoreSilentServers": true});
    assert_eq!(put(&appliance, &forced).await.status, 202, "outside gateway of a /32");
}

#[tokio::test]
async fn clock_says_whether_it_is_trusted() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let answer = appliance.send(&Request::get("/clock").token(&token)).await;
    assert_eq!(
        (&answer.json()["state"], &answer.json()["isTrusted"]),
        (&json!("hypervisor"), &json!(true))
    );
}
