//! The start and the end of the role.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bus::StoredCertificate;
use model::secret::Secret;
use rustls::ProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tempfile::TempDir;
use web::{HashCost, SelfCheckError, Server, WebConfig, WebError, run};

use crate::appliance::{Appliance, Clock, serve_at};
use crate::client::Request;
use crate::roles::{FakeInit, FakeNetwork, FakeSettings, FakeTime};

#[tokio::test]
async fn says_that_it_is_ready_after_it_has_answered_itself() {
    let appliance = Appliance::start().await;
    let mut requests = appliance.init.requests.subscribe();
    let requests = *requests.wait_for(|(ready, _)| *ready > 0).await.unwrap();
    assert_eq!(requests, (1, 0));
}

#[tokio::test]
async fn makes_a_certificate_once() {
    let (settings, network) = (FakeSettings::new(), FakeNetwork::new());
    let first = Appliance::start_with(Arc::clone(&settings), Arc::clone(&network)).await;
    let facts = first.certificate.clone();
    assert_eq!(facts.names, ["127.0.0.1", "appliance", "appliance.example.com"]);
    assert_eq!(settings.status.borrow().certificate.as_ref(), Some(&facts));
    first.stop().await.unwrap();
    let second = Appliance::start_with(settings, network).await;
    assert_eq!(second.certificate, facts);
    assert_eq!(second.send(&Request::get("/credentials")).await.status, 200);
}

#[tokio::test]
async fn replaces_a_damaged_certificate() {
    let (settings, network) = (FakeSettings::new(), FakeNetwork::new());
    let first = Appliance::start_with(Arc::clone(&settings), Arc::clone(&network)).await;
    let facts = first.certificate.clone();
    first.stop().await.unwrap();
    let damage = |certificate: &mut Option<StoredCertificate>| {
        certificate.as_mut().unwrap().key_pem = Secret::new("nonsense".into());
    };
    damage(&mut settings.certificate.lock().unwrap());
    let second = Appliance::start_with(settings, network).await;
    assert_ne!(second.certificate.sha256, facts.sha256);
    assert_eq!(second.send(&Request::get("/credentials")).await.status, 200);
}

#[tokio::test]
async fn starts_without_an_address() {
    let (settings, network) = (FakeSettings::new(), FakeNetwork::new());
    network.0.send_modify(|(_, status)| status.address = None);
    let start = tokio::spawn(Appliance::start_with(settings, network));
    let clock = Clock::stop();
    while !start.is_finished() {
        clock.advance(Duration::from_millis(100)).await;
    }
    let appliance = start.await.unwrap();
    assert_eq!(appliance.certificate.names, ["appliance", "appliance.example.com"]);
}

#[tokio::test]
async fn speaks_tls_1_3_and_1_2_and_http_1_1_only() {
    let appliance = Appliance::start().await;
    for (versions, expected) in
        [(&[&TLS13, &TLS12][..], ProtocolVersion::TLSv1_3), (&[&TLS12], ProtocolVersion::TLSv1_2)]
    {
        let mut connection =
            appliance.connect_offering(versions, &["h2", "http/1.1"]).await.unwrap();
        assert_eq!(connection.agreed(), (Some(expected), Some(b"http/1.1".to_vec())));
        assert_eq!(connection.send(&Request::get("/credentials")).await.status, 200);
    }
    assert!(appliance.connect_offering(&[&TLS13], &["h2"]).await.is_err());
}

#[tokio::test]
async fn ends_with_an_error_when_it_cannot_answer_itself() {
    let settings = FakeSettings::new();
    *settings.hides_status.lock().unwrap() = true;
    let appliance = Appliance::start_with(settings, FakeNetwork::new()).await;
    let init = Arc::clone(&appliance.init);
    let ended = appliance.ended().await;
    assert!(matches!(ended, Err(WebError::SelfCheck(SelfCheckError::Answer(_)))), "{ended:?}");
    assert_eq!(*init.requests.borrow(), (0, 0), "it never said that it is ready");
}

#[tokio::test]
async fn ends_when_it_is_told_to() {
    let directory = TempDir::new().unwrap();
    let init = FakeInit::new();
    let config = WebConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        settings: serve_at(&directory, "settings", &FakeSettings::new()),
        network: serve_at(&directory, "network", &FakeNetwork::new()),
        time: serve_at(&directory, "time", &Arc::new(FakeTime)),
        diagnostics: directory.path().join("diagnostics").display().to_string(),
        capture: directory.path().join("capture").display().to_string(),
        journal: directory.path().join("journal").display().to_string(),
        directory: directory.path().join("directory").display().to_string(),
        channel: directory.path().join("channel").display().to_string(),
        guest: directory.path().join("guest").display().to_string(),
        init: serve_at(&directory, "init", &init),
        hash_cost: HashCost::CHEAPEST,
    };
    let role = tokio::spawn(run(config));
    let mut requests = init.requests.subscribe();
    requests.wait_for(|(ready, _)| *ready > 0).await.unwrap();
    let id = std::process::id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    role.await.unwrap().unwrap();
}

#[tokio::test]
async fn ends_with_an_error_when_the_port_is_taken() {
    let appliance = Appliance::start().await;
    let config = WebConfig { listen: appliance.address, ..WebConfig::appliance() };
    assert!(matches!(Server::start(config).await, Err(WebError::Listen { .. })));
}

#[tokio::test]
async fn end_lets_an_answer_finish_and_closes_idle_connections() {
    let appliance = Appliance::start().await;
    let mut idle = appliance.connect().await;
    idle.send(&Request::get("/credentials")).await;
    let closed = tokio::spawn(async move { idle.closed().await });
    appliance.stop().await.unwrap();
    closed.await.unwrap();
}
