//! Wrong passwords, pauses, and the end of sessions and tokens.

use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;

use crate::appliance::{Appliance, Clock, PASSWORD};
use crate::client::{Answer, Request};

fn login(username: &str, password: &str) -> Request {
    Request::post("/$login").json(&json!({"username": username, "password": password}).to_string())
}

async fn wrong(appliance: &Appliance) -> Answer {
    appliance.send(&login("admin", "Wrong-Password-1")).await
}

#[tokio::test]
async fn token_ends_after_fifteen_minutes() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let token = appliance.token().await;
    let status = Request::get("/status").token(&token);
    clock.advance(Duration::from_secs(15 * 60 - 5)).await;
    assert_eq!(appliance.send(&status).await.status, 200);
    clock.advance(Duration::from_secs(5)).await;
    let answer = appliance.send(&status).await;
    assert_eq!((answer.status, answer.parameter("reason")), (401, vec!["invalid".into()]));
}

#[tokio::test]
async fn two_hundred_sign_ins_are_valid_at_the_same_time() {
    let appliance = Appliance::start_with_password().await;
    let mut tokens = Vec::new();
    for _ in 0..200 {
        tokens.push(appliance.token().await);
    }
    for token in &tokens {
        let answer = appliance.send(&Request::get("/status").token(token)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn wrong_passwords_bring_a_rising_pause() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    for _ in 0..4 {
        assert_eq!(wrong(&appliance).await.status, 401);
    }
    let mut waits = Vec::new();
    for _ in 0..8 {
        // Not even the right password is looked at.
        let answer = appliance.send(&login("admin", PASSWORD)).await;
        assert_eq!((answer.status, answer.error().as_str()), (429, "common/rateLimitExceeded"));
        let wait = answer.parameter("retryDelay").remove(0);
        assert_eq!(answer.field("Retry-After"), Some(wait.as_str()));
        let wait: u64 = wait.parse().unwrap();
        waits.push(wait);
        clock.advance(Duration::from_secs(wait)).await;
        assert_eq!(wrong(&appliance).await.status, 401);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    let other = appliance.send_from("127.0.0.2", &login("admin", PASSWORD)).await;
    assert_eq!(other.status, 200, "the pause is the source's own");
    clock.advance(Duration::from_secs(60)).await;
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200, "nobody is locked out");
    assert_eq!(wrong(&appliance).await.status, 401);
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200, "a success forgets");
}

#[tokio::test]
async fn unknown_user_counts_and_answers_as_a_wrong_password() {
    let appliance = Appliance::start_with_password().await;
    let _clock = Clock::stop();
    let unknown = appliance.send(&login("root", PASSWORD)).await;
    let wrong = wrong(&appliance).await;
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
    appliance.send(&login("ADMIN", PASSWORD)).await;
    appliance.send(&login("", PASSWORD)).await;
    assert_eq!(appliance.log_in(PASSWORD).await.status, 429);
}

#[tokio::test]
async fn burst_of_guesses_is_counted_one_by_one() {
    let appliance = Appliance::start_with_password().await;
    let _clock = Clock::stop();
    let guess = login("admin", "Wrong-Password-1");
    let (a, b, c, d, e, f) = tokio::join!(
        appliance.send(&guess),
        appliance.send(&guess),
        appliance.send(&guess),
        appliance.send(&guess),
        appliance.send(&guess),
        appliance.send(&guess),
    );
    let statuses = [a, b, c, d, e, f].map(|answer| answer.status);
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 4, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 2, "{statuses:?}");
}

#[tokio::test]
async fn guess_counts_although_the_client_hangs_up() {
    let appliance = Appliance::start_with_password().await;
    let _clock = Clock::stop();
    let mut asked = appliance.settings.asked_for_hash.subscribe();
    for _ in 0..4 {
        let (release, hold) = oneshot::channel();
        *appliance.settings.holds_hash.lock().unwrap() = Some(hold);
        asked.mark_unchanged();
        let mut connection = appliance.connect().await;
        connection.write(&login("admin", "Wrong-Password-1").bytes()).await.unwrap();
        asked.changed().await.unwrap();
        drop(connection);
        // By the time this is answered the server has seen the end of the other connection.
        assert_eq!(appliance.send(&Request::get("/credentials")).await.status, 200);
        release.send(()).unwrap();
    }
    assert_eq!(wrong(&appliance).await.status, 429);
}
