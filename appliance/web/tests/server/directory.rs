//! Active Directory domains: REST and pages.

use std::sync::Arc;
use std::time::Duration;

use bus::DirectoryResponse;
use model::domain::failure::DomainFailure;
use serde_json::{Value, json};

use crate::appliance::{Appliance, Clock, PASSWORD};
use crate::client::{Answer, Request};
use crate::directory_role::{DOMAIN, FakeDirectory, JOIN_PASSWORD, TAKEN, UNKNOWN, domain};
use crate::pages::{Browser, token};

/// An appliance with a directory role, and a token.
async fn appliance() -> (Appliance, Arc<FakeDirectory>, String) {
    let appliance = Appliance::start_with_password().await;
    let directory = FakeDirectory::new();
    appliance.serve("directory", &directory);
    let token = appliance.token().await;
    // The server has heard of the role by the time that it lists the domains.
    while appliance.send(&Request::get("/domains").token(&token)).await.status == 503 {}
    (appliance, directory, token)
}

/// The same with the domain joined.
async fn joined() -> (Appliance, Arc<FakeDirectory>, String) {
    let (appliance, directory, token) = appliance().await;
    directory.join_now();
    let list = Request::get("/domains").token(&token);
    while appliance.send(&list).await.json()["items"] == json!([]) {}
    (appliance, directory, token)
}

fn join_body(machine: &str, password: &str) -> Value {
    json!({
        "domain_name": DOMAIN,
        "user_name": "CORP\\ada",
        "password": password,
        "machine_account": machine,
    })
}

async fn post(appliance: &Appliance, token: &str, path: &str, body: &Value) -> Answer {
    appliance.send(&Request::post(path).token(token).json(&body.to_string())).await
}

#[tokio::test]
async fn a_domain_is_joined_listed_and_left_as_documented() {
    let (appliance, directory, token) = appliance().await;
    let joined = post(&appliance, &token, "/domains", &join_body("Conn-1", JOIN_PASSWORD)).await;
    assert_eq!((joined.status, joined.body.as_str()), (200, ""), "{joined:?}");
    let list = appliance.send(&Request::get("/domains").token(&token)).await;
    let item = json!({"domain_name": DOMAIN, "forest": "example.com", "machine_account": "CONN-1"});
    assert_eq!(list.json(), json!({"items": [item]}));
    let leave = Request::new("DELETE", "/domains/corp.example.com").token(&token);
    assert_eq!(appliance.send(&leave).await.status, 204);
    assert!(directory.leaver.lock().unwrap().is_none());
    let list = appliance.send(&Request::get("/domains").token(&token)).await;
    assert_eq!(list.json(), json!({"items": []}));
    let join = &directory.joins.lock().unwrap()[0];
    assert!(!join.takes_over && join.unit.is_none() && join.dns_servers.is_empty());
}

#[tokio::test]
async fn leaving_with_credentials_deletes_the_account_or_changes_nothing() {
    let (appliance, directory, token) = joined().await;
    let leave = |password: &str| {
        let body = json!({"user_name": "ada@corp.example.com", "password": password});
        let path = format!("/domains/{DOMAIN}");
        Request::new("DELETE", &path).token(&token).json(&body.to_string())
    };
    let wrong = appliance.send(&leave("no")).await;
    assert_eq!(
        (wrong.status, wrong.parameter("reason")),
        (400, vec!["domain.wrong-password".into()])
    );
    assert_eq!(appliance.send(&leave(JOIN_PASSWORD)).await.status, 204);
    let leaver = directory.leaver.lock().unwrap().take().unwrap();
    assert_eq!(leaver.user.to_string(), "ada@corp.example.com");
    let again = appliance.send(&leave(JOIN_PASSWORD)).await;
    assert_eq!((again.status, again.error().as_str()), (404, "common/notFound"));
}

#[tokio::test]
async fn every_mistake_in_a_join_is_named_before_the_domain_is_asked() {
    let (appliance, directory, token) = appliance().await;
    for (property, value, reason) in [
        ("domain_name", json!("CORP"), "singleLabel"),
        ("domain_name", json!("10.0.0.1"), "address"),
        ("user_name", json!("a*"), "character"),
        ("user_name", json!("@corp"), "part"),
        ("password", json!(""), "missing"),
        ("machine_account", json!("SIXTEEN-LETTERS1"), "tooLong"),
        ("machine_account", json!("a_b"), "character"),
        ("organizational_unit", json!("Connectors"), "notDistinguished"),
        ("dns_servers", json!(["dc1"]), "notAnAddress"),
        ("dns_servers", json!([""]), "notAnAddress"),
    ] {
        let mut body = join_body("CONN-1", JOIN_PASSWORD);
        body[property] = value;
        let answer = post(&appliance, &token, "/domains", &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "connapp/domainRefused"));
        assert_eq!(answer.parameter("property"), [property], "{answer:?}");
        assert_eq!(answer.parameter("reason"), [reason], "{answer:?}");
        assert!(!answer.body.contains(JOIN_PASSWORD));
    }
    assert!(directory.joins.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_account_is_taken_over_only_when_the_script_says_so() {
    let (appliance, directory, token) = appliance().await;
    let mut body = join_body(TAKEN, JOIN_PASSWORD);
    let refused = post(&appliance, &token, "/domains", &body).await;
    assert_eq!((refused.status, refused.error().as_str()), (409, "connapp/alreadyExists"));
    assert_eq!(refused.parameter("reason"), ["domain.name-in-use"]);
    assert_eq!(refused.parameter("canBeTakenOver"), ["true"]);
    body["take_over"] = json!(true);
    assert_eq!(post(&appliance, &token, "/domains", &body).await.status, 200);
    let joins: Vec<_> =
        directory.joins.lock().unwrap().iter().map(|join| join.takes_over).collect();
    assert_eq!(joins, [false, true]);
}

#[tokio::test]
async fn failures_of_a_domain_have_their_identifier_and_a_remedy() {
    let (appliance, directory, token) = appliance().await;
    let host = || "dc1.corp.example.com".to_owned();
    for (failure, status, kind) in [
        (DomainFailure::ClockDiffers { host: host(), seconds: -422 }, 502, "connapp/domainFailed"),
        (DomainFailure::AlreadyJoined { domain: domain() }, 409, "connapp/alreadyExists"),
        (DomainFailure::TooManyDomains { limit: 64 }, 409, "connapp/limitReached"),
        (DomainFailure::QuotaUsedUp { user: "ada".into() }, 400, "connapp/domainRefused"),
        (DomainFailure::NotStored { reason: "disk full".into() }, 500, "connapp/error"),
    ] {
        directory.fail(failure.clone());
        let answer = post(&appliance, &token, "/domains", &join_body("C-1", JOIN_PASSWORD)).await;
        assert_eq!((answer.status, answer.error().as_str()), (status, kind), "{answer:?}");
        assert_eq!(answer.parameter("reason"), [failure.id()]);
    }
    directory.failures.lock().unwrap().push_back(DirectoryResponse::Conflict);
    let busy = post(&appliance, &token, "/domains", &join_body("C-1", JOIN_PASSWORD)).await;
    assert_eq!((busy.status, busy.error().as_str()), (409, "connapp/joinRunning"));
}

#[tokio::test]
async fn a_domain_is_checked_validated_and_searched_by_scripts() {
    let (appliance, directory, token) = appliance().await;
    let check = json!({"domain_name": UNKNOWN, "dns_servers": ["10.0.0.2"]});
    let begun = post(&appliance, &token, "/domains/$check", &check).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    let check = appliance.send(&Request::get("/domains/$check").token(&token)).await.json();
    assert_eq!(check["check"]["state"], "failed");
    assert_eq!(check["check"]["items"][0]["cause"]["id"], "domain.unknown");
    assert_eq!(check["check"]["dns_servers"], json!(["10.0.0.2"]));

    let joined = post(&appliance, &token, "/domains", &join_body("C-1", JOIN_PASSWORD)).await;
    assert_eq!(joined.status, 200);
    let path = |rest: &str| format!("/domains/{DOMAIN}{rest}");
    let again = json!({"domain_name": DOMAIN});
    assert_eq!(post(&appliance, &token, "/domains/$check", &again).await.status, 409);
    let validation = post(&appliance, &token, &path("/$validate"), &json!({})).await.json();
    assert_eq!((&validation["passed"], &validation["milliseconds"]), (&json!(true), &json!(96)));
    let changed = post(&appliance, &token, &path("/$changePassword"), &json!({})).await;
    assert_eq!(changed.status, 204);
    let details = appliance.send(&Request::get(&path("")).token(&token)).await.json();
    assert_eq!(details["password_changed"], 99);
    assert_eq!(details["controller"]["site"], "Tokyo");
    let trusts = appliance.send(&Request::get(&path("/trusts")).token(&token)).await.json();
    assert_eq!(trusts["items"][0]["direction"], "outbound");

    let lookup = json!({"kind": "user", "key": "displayName", "value": "Ad", "groups": true});
    let page = post(&appliance, &token, &path("/$lookup"), &lookup).await.json();
    assert_eq!(page["objects"][0]["groups"], json!(["S-1-5-32-544"]));
    let more =
        json!({"kind": "user", "key": "displayName", "value": "Ad", "cursor": page["cursor"]});
    let last = post(&appliance, &token, &path("/$lookup"), &more).await.json();
    assert_eq!(last["cursor"], Value::Null);
    let asked = directory.lookup.lock().unwrap().take().unwrap();
    assert_eq!(asked.cursor.as_deref(), Some("second page"));
    let short = json!({"kind": "user", "key": "displayName", "value": "A"});
    let short = post(&appliance, &token, &path("/$lookup"), &short).await;
    assert_eq!((short.status, short.parameter("reason")), (400, vec!["tooShort".into()]));
}

#[tokio::test]
async fn pages_check_join_and_leave_a_domain() {
    let (appliance, directory, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    assert_eq!(browser.get("/active-directory/join").await.status, 303, "nothing was checked");
    let wrong = browser.submit("/active-directory/add", &[("domain", "CORP")]).await;
    assert_eq!(wrong.status, 422);
    let unknown = browser.submit("/active-directory/add", &[("domain", UNKNOWN)]).await;
    assert_eq!(unknown.field("Location"), Some("/active-directory/join"), "{unknown:?}");
    let failed = browser.get("/active-directory/join").await.body;
    assert!(failed.contains("domain.unknown") && !failed.contains("name=\"password\""));

    let dns = [("domain", "Corp.example.com."), ("dns", "10.0.0.2, 10.0.0.3")];
    browser.submit("/active-directory/add", &dns).await;
    let passed = browser.get("/active-directory/join").await.body;
    assert!(passed.contains("name=\"machine\" value=\"APPLIANCE-"), "{passed}");
    let live = browser.get("/active-directory/join/live").await.body;
    assert!(live.contains("id=\"check-live\"") && !live.contains("csrf"), "{live}");

    let fields = |machine, password| {
        [("domain", DOMAIN), ("user", "ada"), ("password", password), ("machine", machine)]
    };
    let wrong = browser.submit("/active-directory/join", &fields("CONN-1", "S3cret-wrong")).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    assert!(wrong.body.contains("domain.wrong-password") && wrong.body.contains("value=\"ada\""));
    assert!(!wrong.body.contains("S3cret-wrong"));
    let joined = browser.submit("/active-directory/join", &fields("CONN-1", JOIN_PASSWORD)).await;
    assert_eq!(joined.field("Location"), Some("/#domains"), "{joined:?}");
    let servers = directory.joins.lock().unwrap()[1].dns_servers.clone();
    assert_eq!(servers.len(), 2, "those of the check");

    let front = browser.get("/").await.body;
    assert!(front.contains("id=\"domain-leave-corp.example.com\""), "{front}");
    let trusts = browser.get("/?domains=trusted").await.body;
    assert!(
        trusts.contains("partner.<wbr>example.<wbr>org")
            && trusts.contains("/summary?domains=trusted")
    );
    let question = browser.get("/active-directory/leave?name=corp.example.com").await.body;
    assert!(question.contains("CONN-1$"));
    let left = browser.submit("/active-directory/leave", &[("domain", DOMAIN)]).await;
    assert!(left.status == 200 && left.body.contains("CONN-1$"), "{left:?}");
    assert!(directory.leaver.lock().unwrap().is_none());
    let gone = browser.submit("/active-directory/leave", &[("domain", DOMAIN)]).await;
    assert_eq!(gone.field("Location"), Some("/#domains"));
}

#[tokio::test]
async fn a_page_takes_an_account_over_only_after_it_was_agreed_to() {
    let (appliance, directory, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    browser.submit("/active-directory/add", &[("domain", DOMAIN)]).await;
    let fields = |machine, agreed| {
        let password = ("password", JOIN_PASSWORD);
        [("domain", DOMAIN), ("user", "ada"), password, ("machine", machine), ("takeOver", agreed)]
    };
    let offered = browser.submit("/active-directory/join", &fields(TAKEN, "")).await;
    assert_eq!(offered.status, 409, "{offered:?}");
    assert!(offered.body.contains("name=\"takeOver\" value=\"TAKEN-1$\""), "{}", offered.body);
    assert!(!offered.body.contains(JOIN_PASSWORD));
    let other = browser.submit("/active-directory/join", &fields(TAKEN, "CONN-9$")).await;
    assert_eq!(other.status, 409, "agreed to for another account");
    let agreed = browser.submit("/active-directory/join", &fields(TAKEN, "TAKEN-1$")).await;
    assert_eq!(agreed.status, 303);
    let joins: Vec<_> = directory.joins.lock().unwrap().iter().map(|it| it.takes_over).collect();
    assert_eq!(joins, [false, false, true]);
}

#[tokio::test]
async fn pages_validate_change_the_password_and_look_up() {
    let (appliance, directory, _) = joined().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let done = browser.submit("/active-directory/validate", &[("domain", DOMAIN)]).await;
    let path = "/active-directory/domain?name=corp.example.com";
    assert_eq!(done.field("Location"), Some(format!("{path}#kerberos").as_str()), "{done:?}");
    assert!(browser.get(path).await.body.contains("dc1.corp.example.com in 96.0 ms"));
    let done = browser.submit("/active-directory/password", &[("domain", DOMAIN)]).await;
    assert_eq!(done.field("Location"), Some(format!("{path}#account").as_str()));
    directory.fail(DomainFailure::MachineAccountGone { account: "CONN-1$".into() });
    let gone = browser.submit("/active-directory/password", &[("domain", DOMAIN)]).await;
    assert!(gone.status == 422 && gone.body.contains("domain.machine-account-gone"));

    let ask = |value| [("domain", DOMAIN), ("kind", "group"), ("key", "mail"), ("value", value)];
    let empty = browser.submit("/active-directory/lookup", &ask("")).await;
    assert_eq!(empty.status, 422);
    let found = browser.submit("/active-directory/lookup", &ask("ada@example.com")).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert!(found.body.contains("Ada &#60;L&#62;") && found.body.contains("second page"));
    assert!(found.body.contains("<option value=\"group\" selected>"));
    let unknown = browser.submit("/active-directory/validate", &[("domain", UNKNOWN)]).await;
    assert_eq!(unknown.field("Location"), Some("/#domains"));
}

#[tokio::test]
async fn leaving_asks_for_the_password_again_when_it_was_given_long_ago() {
    let (appliance, directory, _) = joined().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let csrf = token(&browser.get("/").await);
    let clock = Clock::stop();
    clock.advance(Duration::from_secs(601)).await;
    let leave = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        Request::post("/active-directory/leave")
            .form(&fields)
            .field("Sec-Fetch-Site", "same-origin")
    };
    let credentials = [("domain", DOMAIN), ("user", "ada"), ("password", JOIN_PASSWORD)];
    let asked = browser.send(leave(&credentials)).await;
    assert_eq!(asked.status, 403, "{asked:?}");
    assert!(asked.body.contains("name=\"reentered\"") && !asked.body.contains(JOIN_PASSWORD));
    let left = browser.send(leave(&[("reentered", PASSWORD)])).await;
    assert_eq!(left.status, 200, "{left:?}");
    assert!(left.body.contains("has been deleted") && !left.body.contains("stays"), "{left:?}");
    let leaver = directory.leaver.lock().unwrap().take().unwrap();
    assert_eq!(leaver.password.expose(), JOIN_PASSWORD, "what was typed first");
}

#[tokio::test]
async fn without_the_role_pages_and_scripts_say_so() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    assert_eq!(appliance.send(&Request::get("/domains").token(&token)).await.status, 503);
    let mut browser = Browser::signed_in(&appliance).await;
    let front = browser.get("/").await.body;
    assert!(front.contains("The directory service does not answer."), "{front}");
    let add = browser.submit("/active-directory/add", &[("domain", DOMAIN)]).await;
    assert_eq!(add.status, 503, "{add:?}");
}
