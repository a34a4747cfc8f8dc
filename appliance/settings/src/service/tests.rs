//! Who may ask what, and what time does by itself.

use std::cell::OnceCell;
use std::sync::Arc;

use bus::{PasswordChange, StoredCertificate};
use model::boot_parameter;
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::network::{Origin, Sourced};
use model::proxy::ProxyLocation;
use model::settings::{CertificateTrial, NetworkChoice, TrialPhase};
use model::supervision::DataState;
use tempfile::TempDir;
use tokio::time::Instant;

use super::*;
use crate::file_system::Directory;
use crate::store::Start;

/// The clock of the reactor, which tests move.
fn clock() -> Moment {
    thread_local!(static FIRST: OnceCell<Instant> = const { OnceCell::new() });
    let running = FIRST.with(|first| first.get_or_init(Instant::now).elapsed());
    let uptime_ms = 1000 + u64::try_from(running.as_millis()).expect("short");
    Moment { uptime_ms, unix_seconds: 1_800_000_000 }
}

fn start(directory: &TempDir) -> Arc<SettingsService> {
    let files = Box::new(Directory::open(directory.path().to_owned()));
    let start = Start { now: clock(), machine: None, data: DataState::Mounted };
    Arc::new(SettingsService::new(Store::open(files, start), clock))
}

fn certificate(name: &str) -> StoredCertificate {
    let facts = CertificateFacts {
        sha1: Fingerprint::new(&[]),
        sha256: Fingerprint::new(&[]),
        names: vec![name.to_owned()],
        not_before: 0,
        not_after: 0,
    };
    StoredCertificate { chain_pem: String::new(), key_pem: "$key".to_owned().into(), facts }
}

fn choice() -> NetworkChoice {
    let network = boot_parameter::parse("static:ip=10.0.0.5;netmask=24").expect("valid");
    NetworkChoice { network: Sourced::new(network, Origin::Operator), host_name: None }
}

fn requests() -> Vec<SettingsRequest> {
    let secret = || "$hash".to_owned().into();
    vec![
        SettingsRequest::AdministratorHash,
        SettingsRequest::CreateAdministrator { hash: secret(), deployment: None },
        SettingsRequest::ReplaceAdministrator { expected: secret(), hash: secret() },
        SettingsRequest::Certificate,
        SettingsRequest::StoreCertificate { certificate: certificate("") },
        SettingsRequest::TryCertificate { certificate: certificate("") },
        SettingsRequest::ConfirmCertificate,
        SettingsRequest::RevertCertificate,
        SettingsRequest::TryNetwork { choice: choice() },
        SettingsRequest::ConfirmNetwork,
        SettingsRequest::RevertNetwork,
        SettingsRequest::DismissReverted,
        SettingsRequest::KeepIdentity,
        SettingsRequest::AddProxy {
            location: location(),
            user_name: Some("svc".to_owned()),
            password: Some(secret()),
        },
        SettingsRequest::UpdateProxy {
            id: String::new(),
            location: location(),
            user_name: None,
            password: PasswordChange::Keep,
        },
        SettingsRequest::DeleteProxy { id: String::new() },
        SettingsRequest::OrderProxies { ids: Vec::new() },
        SettingsRequest::SetProxyBypass { rules: Vec::new(), expected: None },
        SettingsRequest::DeleteRoot { id: String::new() },
        SettingsRequest::SetSyslog { setting: None },
        SettingsRequest::MetricsTokenHash,
        SettingsRequest::SetMetricsToken { hash: secret() },
        SettingsRequest::DeleteMetricsToken,
        SettingsRequest::SigningRequest,
        SettingsRequest::DeleteSigningRequest,
        SettingsRequest::Reset { keep_network: true },
    ]
}

fn location() -> ProxyLocation {
    ProxyLocation::parse("proxy.example.com:3128").expect("valid")
}

async fn ask(service: &SettingsService, request: SettingsRequest) -> SettingsResponse {
    service.call(Peer::Role(Role::Web), request).await
}

#[tokio::test]
async fn secrets_and_changes_are_for_the_web_role_alone() {
    let directory = tempfile::tempdir().expect("directory");
    let service = start(&directory);
    let others = Role::ALL.into_iter().filter(|role| *role != Role::Web).map(Peer::Role);
    for peer in others.chain([Peer::Other(1000)]) {
        for request in requests() {
            let answer = service.call(peer, request).await;
            assert!(matches!(answer, SettingsResponse::Forbidden), "{peer:?}: {answer:?}");
        }
    }
    for request in requests() {
        let answer = ask(&service, request).await;
        assert!(!matches!(answer, SettingsResponse::Forbidden), "{answer:?}");
    }
}

#[tokio::test]
async fn the_status_is_for_every_role_and_no_stranger() {
    let directory = tempfile::tempdir().expect("directory");
    let service = start(&directory);
    let status = SettingsRequest::Status { newer_than: None };
    for role in Role::ALL {
        let answer = service.call(Peer::Role(role), status.clone()).await;
        assert!(matches!(answer, SettingsResponse::Status(_)), "{answer:?}");
    }
    let answer = service.call(Peer::Other(1000), status).await;
    assert!(matches!(answer, SettingsResponse::Forbidden));
}

#[tokio::test]
async fn passwords_of_proxies_are_for_the_roles_that_dial() {
    let directory = tempfile::tempdir().expect("directory");
    let service = start(&directory);
    for peer in Role::ALL.into_iter().map(Peer::Role).chain([Peer::Other(1000)]) {
        let answer = service.call(peer, SettingsRequest::Outbound).await;
        let is_answered = matches!(answer, SettingsResponse::Outbound(_));
        let dialers = [Role::Diagnostics, Role::Journal, Role::Channel];
        let dials = dialers.into_iter().any(|role| peer.is(role));
        assert_eq!(is_answered, dials, "{peer:?}: {answer:?}");
    }
}

#[tokio::test]
async fn whoever_dials_learns_of_a_changed_password() {
    let directory = tempfile::tempdir().expect("directory");
    let service = start(&directory);
    let password = |text: &str| text.to_owned().into();
    let user_name = Some("svc".to_owned());
    let add = SettingsRequest::AddProxy {
        location: location(),
        user_name: user_name.clone(),
        password: Some(password("old")),
    };
    let SettingsResponse::Added { id } = ask(&service, add).await else { panic!("added") };
    let generation = service.status.borrow().generation;
    let secret = password("new");
    let update = SettingsRequest::UpdateProxy {
        id: id.clone(),
        location: location(),
        user_name,
        password: PasswordChange::Set { secret },
    };
    assert!(matches!(ask(&service, update).await, SettingsResponse::Done));
    assert_eq!(service.status.borrow().generation, generation + 1);
    let dialer = Peer::Role(Role::Journal);
    let answer = service.call(dialer, SettingsRequest::Outbound).await;
    let SettingsResponse::Outbound(outbound) = answer else { panic!("{answer:?}") };
    let known = outbound.proxies[0].password.as_ref().map(|password| password.expose());
    assert_eq!((outbound.proxies[0].id.as_str(), known), (id.as_str(), Some("new")));
}

#[test]
fn ids_are_random_uuids() {
    let ids = [new_id().expect("randomness"), new_id().expect("randomness")];
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(&id[14..15], "4", "{id}");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    }
}

/// A service after the restart that a network change takes, which keeps its time, and the network
/// that it follows.
fn after_restart(
    directory: &TempDir,
) -> (Arc<SettingsService>, watch::Sender<Option<NetworkStatus>>) {
    let service = start(directory);
    let (network, follower) = watch::channel(None);
    let timed = Arc::clone(&service);
    tokio::spawn(async move { timed.keep_time(|| follower.clone()).await });
    (service, network)
}

async fn phase(
    service: &SettingsService,
    is_it: impl Fn(&Option<TrialPhase>) -> bool,
) -> SettingsStatus {
    let mut status = service.status.subscribe();
    status.wait_for(|status| is_it(&status.network_trial)).await.expect("alive").clone()
}

#[tokio::test(start_paused = true)]
async fn the_time_to_confirm_begins_with_an_address_and_ends_by_itself() {
    let directory = tempfile::tempdir().expect("directory");
    let first = start(&directory);
    let answer = ask(&first, SettingsRequest::TryNetwork { choice: choice() }).await;
    assert!(matches!(answer, SettingsResponse::Done));
    let previous = first.status.borrow().settings.network.clone();
    assert_ne!(previous, choice().network);

    let (service, network) = after_restart(&directory);
    assert_eq!(service.status.borrow().settings.network, choice().network);
    network.send_replace(Some(NetworkStatus::starting(0)));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(service.status.borrow().network_trial, Some(TrialPhase::Starting));
    let state = NetworkState::Configured;
    network.send_replace(Some(NetworkStatus { state, ..NetworkStatus::starting(0) }));
    let is_running = |phase: &_| matches!(phase, Some(TrialPhase::Running { .. }));
    let status = phase(&service, is_running).await;
    let ends_at_uptime_ms = clock().uptime_ms + 60_000;
    assert_eq!(status.network_trial, Some(TrialPhase::Running { ends_at_uptime_ms }));

    let status = phase(&service, Option::is_none).await;
    assert!((ends_at_uptime_ms..ends_at_uptime_ms + 10).contains(&clock().uptime_ms));
    assert_eq!(status.settings.network, previous);
    assert!(status.settings.network_reverted.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_network_that_never_comes_up_is_taken_back() {
    let directory = tempfile::tempdir().expect("directory");
    let first = start(&directory);
    drop(ask(&first, SettingsRequest::TryNetwork { choice: choice() }).await);
    let (service, _network) = after_restart(&directory);
    let started = Instant::now();
    phase(&service, Option::is_none).await;
    assert_eq!(started.elapsed().as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn what_is_confirmed_in_time_stays() {
    let directory = tempfile::tempdir().expect("directory");
    let first = start(&directory);
    drop(ask(&first, SettingsRequest::TryNetwork { choice: choice() }).await);
    let (service, _network) = after_restart(&directory);
    let confirmed = ask(&service, SettingsRequest::ConfirmNetwork).await;
    assert!(matches!(confirmed, SettingsResponse::Done));
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(service.status.borrow().settings.network, choice().network);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_nobody_confirms_is_taken_back_in_time() {
    let directory = tempfile::tempdir().expect("directory");
    let (service, _network) = after_restart(&directory);
    let (old, new) = (certificate("old"), certificate("new"));
    drop(ask(&service, SettingsRequest::StoreCertificate { certificate: old }).await);
    let answer = ask(&service, SettingsRequest::TryCertificate { certificate: new }).await;
    assert!(matches!(answer, SettingsResponse::Done));
    let names = |status: &SettingsStatus| {
        status.certificate.as_ref().map(|facts| facts.names.clone()).unwrap_or_default()
    };
    assert_eq!(names(&service.status.borrow()), ["new"]);
    let started = Instant::now();
    let mut status = service.status.subscribe();
    let reverted = status.wait_for(|status| names(status) == ["old"]).await.expect("alive").clone();
    assert_eq!(started.elapsed().as_secs(), 60);
    assert!(matches!(reverted.certificate_trial, Some(CertificateTrial::Reverted { .. })));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_confirmed_after_its_time() {
    // Nobody keeps the time here: the request itself has to see that it is too late.
    let directory = tempfile::tempdir().expect("directory");
    let service = start(&directory);
    drop(
        ask(&service, SettingsRequest::StoreCertificate { certificate: certificate("old") }).await,
    );
    drop(ask(&service, SettingsRequest::TryCertificate { certificate: certificate("new") }).await);
    tokio::time::advance(Duration::from_secs(61)).await;
    let answer = ask(&service, SettingsRequest::ConfirmCertificate).await;
    assert!(matches!(answer, SettingsResponse::Conflict), "{answer:?}");
}
