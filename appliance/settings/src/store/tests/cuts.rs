//! A power cut at any step of any change, after any history.

use bus::{PasswordChange, StoredSigningRequest};
use model::bypass::BypassRule;
use model::settings::{CertificateTrial as Report, RevertReason};
use proptest::prelude::*;

use super::networks::choice;
use super::*;

const MACHINES: [&str; 2] =
    ["4c4c4544-0051-3010-8052-b4c04f4e3132", "564d1234-5678-9abc-def0-123456789abc"];

/// Something that happens to an appliance.
#[derive(Clone, Copy, Debug)]
enum Event {
    Create,
    Replace,
    StoreCertificate(u8),
    TryCertificate(u8),
    ConfirmCertificate,
    RevertCertificate,
    TryNetwork(u8),
    ConfirmNetwork,
    RevertNetwork,
    Dismiss,
    KeepIdentity,
    AddProxy(u8),
    UpdateProxy(u8),
    DeleteProxy(u8),
    SetBypass(u8),
    AddRoot(u8),
    DeleteRoot(u8),
    SetToken(bool),
    StoreRequest(u8),
    DeleteRequest,
    Reset(bool),
    /// On which of two machines.
    Start(bool),
    /// A start with network settings typed in GRUB.
    Recover,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Create),
        Just(Event::Replace),
        (0..3u8).prop_map(Event::StoreCertificate),
        (0..3u8).prop_map(Event::TryCertificate),
        Just(Event::ConfirmCertificate),
        Just(Event::RevertCertificate),
        (0..3u8).prop_map(Event::TryNetwork),
        Just(Event::ConfirmNetwork),
        Just(Event::RevertNetwork),
        Just(Event::Dismiss),
        Just(Event::KeepIdentity),
        (0..3u8).prop_map(Event::AddProxy),
        (0..9u8).prop_map(Event::UpdateProxy),
        (0..3u8).prop_map(Event::DeleteProxy),
        (0..3u8).prop_map(Event::SetBypass),
        (0..3u8).prop_map(Event::AddRoot),
        (0..3u8).prop_map(Event::DeleteRoot),
        any::<bool>().prop_map(Event::SetToken),
        (0..3u8).prop_map(Event::StoreRequest),
        Just(Event::DeleteRequest),
        any::<bool>().prop_map(Event::Reset),
        any::<bool>().prop_map(Event::Start),
        Just(Event::Recover),
    ]
}

impl Event {
    fn happen(self, disk: &Disk, store: &mut Store) {
        drop(match self {
            Self::Create => create(store, OLD, Some("eu")),
            Self::Replace => {
                let (old, new) = (OLD.to_owned().into(), NEW.to_owned().into());
                store.replace_administrator(&old, new)
            }
            Self::StoreCertificate(n) => store.store_certificate(certificate(&n.to_string())),
            Self::TryCertificate(n) => store.try_certificate(certificate(&n.to_string()), START),
            Self::ConfirmCertificate => store.confirm_certificate(),
            Self::RevertCertificate => store.revert_certificate(RevertReason::Operator, START),
            Self::TryNetwork(n) => {
                let parameter = format!("static:ip=10.0.0.{};netmask=24", n + 1);
                store.try_network(choice(&parameter, Some("tried")), START)
            }
            Self::ConfirmNetwork => store.confirm_network(),
            Self::RevertNetwork => store.revert_network(RevertReason::Operator, START),
            Self::Dismiss => store.dismiss_reverted(),
            Self::KeepIdentity => store.keep_identity(),
            Self::AddProxy(n) => {
                let login = (n > 0).then_some(("svc", "first"));
                outbound::add(store, &n.to_string(), &format!("proxy{n}:3128"), login)
            }
            Self::UpdateProxy(n) => {
                let (id, user_name) = ((n % 3).to_string(), (n > 2).then(|| "other".to_owned()));
                let password = match n / 3 {
                    0 => PasswordChange::Remove,
                    1 => PasswordChange::Keep,
                    _ => outbound::set("second"),
                };
                store.update_proxy(&id, outbound::location("other:80"), user_name, password)
            }
            Self::DeleteProxy(n) => store.delete_proxy(&n.to_string()),
            Self::SetBypass(n) => {
                let rule = BypassRule::parse(&format!("host{n}.example.com")).expect("valid");
                store.set_proxy_bypass(vec![rule; usize::from(n)], None)
            }
            Self::AddRoot(n) => store.add_root(outbound::root(n)),
            Self::DeleteRoot(n) => store.delete_root(&outbound::root(n).facts.id),
            Self::SetToken(true) => store.set_metrics_token("hash".to_owned().into()),
            Self::SetToken(false) => store.delete_metrics_token(),
            Self::StoreRequest(n) => store.store_signing_request(request(n)),
            Self::DeleteRequest => store.delete_signing_request(),
            Self::Reset(keeps_network) => store.reset(keeps_network),
            Self::Start(is_other) => {
                *store = disk.store_on(MACHINES[usize::from(is_other)]);
                SettingsResponse::Done
            }
            Self::Recover => {
                *store = disk.store_on(MACHINES[0]);
                store.take_boot_parameter(STATIC);
                SettingsResponse::Done
            }
        });
    }
}

/// A request; the certificates of these tests answer the first one.
fn request(number: u8) -> StoredSigningRequest {
    let request = secrets::request(&number.to_string());
    if number > 0 {
        return request;
    }
    StoredSigningRequest { key_pem: certificate("").key_pem, ..request }
}

/// What a start finds.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    settings: Settings,
    hash: Option<String>,
    certificate: Option<String>,
    reverted: Option<Vec<String>>,
    accesses: Vec<(String, String, Option<String>, Option<String>)>,
    trusted: Vec<String>,
    token: Option<String>,
    request: Option<String>,
    identity: model::settings::Identity,
}

fn found(files: &Files) -> Found {
    let store = Disk::holding(files.clone()).store_on(MACHINES[0]);
    assert_eq!(store.troubles.state(), StorageState::Good);
    let hash = hash_of(&store);
    let mut settings = store.settings.clone();
    if hash.is_none() {
        // The deployment is stored before the first password and chosen again with it.
        settings.deployment = None;
    }
    let reverted = match store.status().certificate_trial {
        Some(Report::Reverted { tried, .. }) => Some(tried.names),
        _ => None,
    };
    let (certificate, identity) = (certificates::name(&store), store.identity.status());
    Found {
        settings,
        hash,
        certificate,
        reverted,
        accesses: outbound::accesses(&store),
        trusted: trusted(&store),
        token: store.metrics_token_hash().map(|hash| hash.expose().to_owned()),
        request: secrets::pending(&store),
        identity,
    }
}

fn trusted(store: &Store) -> Vec<String> {
    match store.outbound() {
        SettingsResponse::Outbound(outbound) => outbound.roots,
        other => panic!("{other:?}"),
    }
}

/// What a running appliance has acknowledged, as a start would find it.
fn acknowledged(store: &Store) -> Option<Found> {
    if store.obstacle.is_some() {
        // A reset has been ordered; what it leaves has tests of its own.
        return None;
    }
    let mut settings = store.settings.clone();
    if let Some(trial) = &settings.network_trial {
        settings.network = trial.tried.network.clone();
        settings.host_name = trial.tried.host_name.clone();
    }
    let hash = hash_of(store);
    if hash.is_none() {
        settings.deployment = None;
    }
    Some(Found {
        settings,
        hash,
        certificate: store
            .certificate
            .as_ref()
            .and_then(|stored| stored.facts.names.first().cloned()),
        reverted: store
            .certificate_trial
            .as_ref()
            .zip(store.certificate.as_ref())
            .filter(|(trial, stored)| trial.tried.facts != stored.facts)
            .map(|(trial, _)| trial.tried.facts.names.clone()),
        accesses: outbound::accesses(store),
        trusted: trusted(store),
        token: store.metrics_token_hash().map(|hash| hash.expose().to_owned()),
        request: expected_request(store),
        identity: model::settings::Identity::Known,
    })
}

/// A start takes a request for answered by the certificate that was kept before it was made, too.
fn expected_request(store: &Store) -> Option<String> {
    let pending = secrets::pending(store)?;
    let is_answered = pending == "CN=0" && store.certificate.is_some();
    (!is_answered).then_some(pending)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn after_any_cut_a_start_finds_what_was_acknowledged_or_what_was_in_flight(
        history in proptest::collection::vec(event(), 0..10),
        last in event(),
        seed in any::<usize>(),
    ) {
        let disk = Disk::default();
        let mut store = disk.store_on(MACHINES[0]);
        for event in history {
            event.happen(&disk, &mut store);
            if let Some(expected) = acknowledged(&store) {
                let found = found(&disk.files());
                prop_assert_eq!(Found { identity: expected.identity.clone(), ..found }, expected);
            }
        }
        let before = disk.files();
        // A start, and whatever the last event needs to have come before.
        let prepare = |disk: &Disk| {
            let mut store = disk.store_on(MACHINES[0]);
            if let Event::ConfirmCertificate | Event::RevertCertificate = last {
                Event::StoreCertificate(0).happen(disk, &mut store);
                Event::TryCertificate(1).happen(disk, &mut store);
            }
            store.take_network_up(START);
            store
        };
        let whole = Disk::holding(before.clone());
        let mut store = prepare(&whole);
        let old = found(&whole.files());
        last.happen(&whole, &mut store);
        let new = found(&whole.files());
        for steps in 0.. {
            let disk = Disk::holding(before.clone());
            let mut store = prepare(&disk);
            disk.cut_after(steps);
            last.happen(&disk, &mut store);
            let remains = disk.remains();
            if remains.is_empty() {
                break;
            }
            let stride = remains.len() / 24 + 1;
            for files in remains.iter().skip(seed % stride).step_by(stride).chain(remains.last()) {
                let found = found(files);
                prop_assert!(
                    found == old || found == new,
                    "{last:?} left {found:?}\nold {old:?}\nnew {new:?}"
                );
            }
        }
    }
}
