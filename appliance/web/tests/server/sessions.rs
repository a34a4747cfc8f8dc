//! Sessions and tokens: listing and ending them, the history of tries, and entering the password
//! again.

use std::time::Duration;

use serde_json::Value;

use crate::appliance::{Appliance, Clock, PASSWORD};
use crate::client::{Answer, Request};
use crate::pages::{Browser, token};

/// Longer than a password counts as given lately, shorter than a session lasts without use.
const NOT_FRESH: Duration = Duration::from_secs(11 * 60);

async fn listed(appliance: &Appliance, token: &str) -> Vec<Value> {
    let answer = appliance.send(&Request::get("/sessions").token(token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}

fn id_of(items: &[Value], is_wanted: impl Fn(&Value) -> bool) -> String {
    let item = items.iter().find(|item| is_wanted(item)).unwrap();
    item["id"].as_str().unwrap().to_owned()
}

/// Sends a form of the page *Sessions*.
async fn post(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = token(&browser.get("/sessions").await);
    let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    browser.send(Request::post(path).form(&fields).field("Sec-Fetch-Site", "same-origin")).await
}

#[tokio::test]
async fn list_shows_browsers_and_tokens_with_their_programs() {
    let appliance = Appliance::start_with_password().await;
    let _browser = Browser::signed_in(&appliance).await;
    let body = format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#);
    let login = Request::post("/$login").json(&body).field("User-Agent", "backup/1.2 (secret)");
    let answer = appliance.send_from("127.0.0.7", &login).await;
    let other = answer.json()["token"].as_str().unwrap().to_owned();
    let own = appliance.token().await;
    let items = listed(&appliance, &own).await;
    assert_eq!(items.len(), 3);
    assert!(!format!("{items:?}").contains(&own) && !format!("{items:?}").contains(&other));
    let is_own: Vec<_> = items.iter().filter(|item| item["isOwn"] == true).collect();
    assert_eq!(is_own.len(), 1);
    assert_eq!(is_own[0]["kind"], "token");
    let script = items.iter().find(|item| item["agent"] == "backup/1.2").unwrap();
    assert_eq!(script["source"], "127.0.0.7");
    assert_eq!(script["kind"], "token");
    assert_eq!(items.iter().filter(|item| item["kind"] == "browser").count(), 1);
}

#[tokio::test]
async fn ended_session_is_refused_at_once() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let token = appliance.token().await;
    let items = listed(&appliance, &token).await;
    let browser_id = id_of(&items, |item| item["kind"] == "browser");
    let end = Request::new("DELETE", &format!("/sessions/{browser_id}")).token(&token);
    assert_eq!(appliance.send(&end).await.status, 204);
    let page = browser.get("/sessions").await;
    assert_eq!((page.status, page.field("Location")), (303, Some("/")));
    let again = appliance.send(&end).await;
    assert_eq!((again.status, again.error().as_str()), (404, "common/notFound"));
    assert_eq!(again.parameter("entityType"), ["session"]);
    let own = id_of(&listed(&appliance, &token).await, |item| item["isOwn"] == true);
    let end = Request::new("DELETE", &format!("/sessions/{own}")).token(&token);
    assert_eq!(appliance.send(&end).await.status, 204);
    assert_eq!(appliance.send(&Request::get("/sessions").token(&token)).await.status, 401);
}

#[tokio::test]
async fn page_marks_the_own_session_and_ends_others() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let mut other = Browser::signed_in(&appliance).await;
    let token = appliance.token().await;
    let page = browser.get("/sessions").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("This session").count(), 1, "{}", page.body);
    assert_eq!(page.body.matches("name=\"id\"").count(), 2, "one button for each other session");
    let items = listed(&appliance, &token).await;
    let id = id_of(&items, |item| item["isOwn"] == true);
    let answer = post(&mut browser, "/sessions/end", &[("id", &id)]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/sessions")), "{answer:?}");
    assert!(browser.get("/sessions").await.body.contains("The session has ended."));
    assert!(!browser.get("/sessions").await.body.contains("The session has ended."), "said once");
    assert_eq!(appliance.send(&Request::get("/status").token(&token)).await.status, 401);
    let answer = post(&mut browser, "/sessions/end", &[("id", &id)]).await;
    assert_eq!(answer.status, 303);
    assert!(browser.get("/sessions").await.body.contains("had already ended"));
    assert_eq!(other.get("/sessions").await.status, 200);
    assert_eq!(post(&mut browser, "/sessions/end-others", &[]).await.status, 303);
    assert_eq!(other.get("/sessions").await.status, 303);
    assert_eq!(browser.get("/sessions").await.status, 200);
}

#[tokio::test]
async fn history_tells_who_tried_where_and_how_it_ended() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let wrong = Request::post("/$login").json(r#"{"username":"admin","password":"Wrong-Guess-9"}"#);
    for _ in 0..5 {
        appliance.send_from("127.0.0.9", &wrong.clone().field("User-Agent", "curl/8.5.0")).await;
    }
    let mut browser = Browser::signed_in(&appliance).await;
    let token = appliance.token().await;
    let answer = appliance.send(&Request::get("/signIns").token(&token)).await;
    let items = answer.json()["items"].as_array().unwrap().clone();
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            (text("source"), text("way"), text("result"), item["count"].as_u64().unwrap())
        })
        .collect();
    let row = |source: &str, way: &str, result: &str, count| {
        (source.to_owned(), way.to_owned(), result.to_owned(), count)
    };
    assert_eq!(
        rows,
        [
            row("127.0.0.1", "api", "accepted", 1),
            row("127.0.0.1", "page", "accepted", 1),
            row("127.0.0.9", "api", "delayed", 1),
            row("127.0.0.9", "api", "refused", 4),
        ]
    );
    assert!(!answer.body.contains("Wrong-Guess") && !answer.body.contains(PASSWORD));
    let page = browser.get("/sessions").await;
    for text in ["127.0.0.9", "curl/8.5.0", "4 times", "Wrong password", "Too soon"] {
        assert!(page.body.contains(text), "{text} in {}", page.body);
    }
    drop(clock);
}

#[tokio::test]
async fn dangerous_change_asks_for_the_password_when_it_was_given_long_ago() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let mut browser = Browser::signed_in(&appliance).await;
    let mut other = Browser::signed_in(&appliance).await;
    clock.advance(NOT_FRESH).await;
    assert_eq!(other.get("/sessions").await.status, 200, "still signed in");
    let question = post(&mut browser, "/sessions/end-others", &[]).await;
    assert_eq!(question.status, 403, "{question:?}");
    assert!(question.body.contains("name=\"reentered\""), "{}", question.body);
    assert!(question.body.contains("action=\"/sessions/end-others\""), "{}", question.body);
    assert_eq!(other.get("/sessions").await.status, 200, "nobody has been signed out");
    for (typed, status) in [("", 422), ("Wrong-Guess-9", 422), (&*"x".repeat(5000), 422)] {
        let answer = post(&mut browser, "/sessions/end-others", &[("reentered", typed)]).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains("aria-invalid=\"true\""), "{}", answer.body);
        assert!(typed.is_empty() || !answer.body.contains(typed));
        assert_eq!(other.get("/sessions").await.status, 200);
    }
    let answer = post(&mut browser, "/sessions/end-others", &[("reentered", PASSWORD)]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/sessions")), "{answer:?}");
    assert_eq!(other.get("/sessions").await.status, 303);
    // The password counts for what follows.
    let mut third = Browser::signed_in(&appliance).await;
    assert_eq!(post(&mut browser, "/sessions/end-others", &[]).await.status, 303);
    assert_eq!(third.get("/sessions").await.status, 303);
}

#[tokio::test]
async fn wrong_passwords_for_a_change_count_as_when_signing_in() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let mut browser = Browser::signed_in(&appliance).await;
    clock.advance(NOT_FRESH).await;
    post(&mut browser, "/sessions/end-others", &[]).await;
    for _ in 0..5 {
        post(&mut browser, "/sessions/end-others", &[("reentered", "Wrong-Guess-9")]).await;
    }
    let answer = post(&mut browser, "/sessions/end-others", &[("reentered", PASSWORD)]).await;
    assert_eq!((answer.status, answer.field("Retry-After")), (429, Some("1")), "{answer:?}");
    assert!(answer.body.contains("data-wait=\"1\""), "{}", answer.body);
    assert_eq!(appliance.log_in(PASSWORD).await.status, 429, "signing in waits as well");
    clock.advance(Duration::from_secs(1)).await;
    let answer = post(&mut browser, "/sessions/end-others", &[("reentered", PASSWORD)]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

#[tokio::test]
async fn form_does_not_wait_for_ever_and_not_in_another_session() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let mut browser = Browser::signed_in(&appliance).await;
    let mut other = Browser::signed_in(&appliance).await;
    clock.advance(NOT_FRESH).await;
    assert_eq!(post(&mut browser, "/sessions/end-others", &[]).await.status, 403);
    let password = [("reentered", PASSWORD)];
    let answer = post(&mut other, "/sessions/end-others", &password).await;
    let led = (answer.status, answer.field("Location"));
    assert_eq!(led, (303, Some("/sessions/end-others")), "nothing waits in this session");
    assert_eq!(browser.get("/sessions").await.status, 200);
    clock.advance(Duration::from_secs(5 * 60)).await;
    let answer = post(&mut browser, "/sessions/end-others", &password).await;
    assert_eq!(answer.field("Location"), Some("/sessions/end-others"), "it has waited too long");
    assert_eq!(other.get("/sessions").await.status, 200);
}

#[tokio::test]
async fn page_and_operation_share_a_path() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get("/sessions").await;
    assert_eq!(page.field("Content-Type"), Some("text/html; charset=utf-8"));
    let script = appliance.send(&Request::get("/sessions").field("Accept", "*/*")).await;
    assert_eq!((script.status, script.error().as_str()), (401, "common/authentication"));
    let with_cookie = browser.send(Request::get("/sessions")).await;
    assert_eq!(with_cookie.status, 401, "a session of the browser opens no operation");
}
