//! Network settings on trial.

use model::settings::{NetworkChoice, RevertReason, TrialPhase};
use model::settings_schema::v1;

use super::*;

const OLD_NETWORK: &str = "network=static:ip=10.0.0.5;netmask=24";

pub(super) fn choice(parameter: &str, host_name: Option<&str>) -> NetworkChoice {
    let network = boot_parameter::parse(parameter).expect("valid");
    let sourced = |name: &str| Sourced::new(name.to_owned(), Origin::Operator);
    NetworkChoice {
        network: Sourced::new(network, Origin::Operator),
        host_name: host_name.map(sourced),
    }
}

fn tried() -> NetworkChoice {
    choice("static:ip=10.0.0.9;netmask=24", Some("tried"))
}

fn in_use(store: &Store) -> NetworkChoice {
    let Settings { network, host_name, .. } = store.settings.clone();
    NetworkChoice { network, host_name }
}

fn seconds(seconds: u64) -> Moment {
    Moment { uptime_ms: START.uptime_ms + seconds * 1000, ..START }
}

fn phase(store: &Store) -> Option<TrialPhase> {
    store.status().network_trial
}

/// An appliance with an address, on which another one has been stored.
fn with_trial() -> (Disk, Store) {
    let disk = Disk::default();
    let mut store = disk.store();
    store.take_boot_parameter(OLD_NETWORK);
    assert!(matches!(store.try_network(tried(), START), SettingsResponse::Done));
    (disk, store)
}

/// The same after the restart, when the network has come up.
fn with_running_trial() -> (Disk, Store, NetworkChoice) {
    let (disk, store) = with_trial();
    let previous = in_use(&store);
    let mut store = disk.store();
    store.take_network_up(START);
    assert_eq!(phase(&store), Some(TrialPhase::Running { ends_at_uptime_ms: 65_000 }));
    (disk, store, previous)
}

#[test]
fn a_trial_takes_effect_with_the_restart() {
    let (disk, store) = with_trial();
    assert_ne!(in_use(&store), tried());
    assert_eq!(phase(&store), Some(TrialPhase::AwaitsRestart));
    let previous = in_use(&store);
    let store = disk.store();
    assert_eq!(in_use(&store), tried());
    assert_eq!(store.settings.confirmed_network(), previous);
    assert_eq!(phase(&store), Some(TrialPhase::Starting));
}

#[test]
fn the_previous_values_return_when_nobody_confirms_in_time() {
    let (disk, mut store, previous) = with_running_trial();
    assert_eq!(store.deadline(), Some(65_000));
    store.take_time(seconds(59));
    assert_eq!(in_use(&store), tried());
    store.take_time(seconds(60));
    assert_eq!(in_use(&store), previous);
    assert_eq!((phase(&store), store.deadline()), (None, None));
    let store = disk.store();
    assert_eq!(in_use(&store), previous);
    let reverted = store.settings.network_reverted.expect("reported");
    assert_eq!((reverted.tried, reverted.reason), (tried(), RevertReason::NotConfirmed));
    assert_eq!(reverted.at, START.unix_seconds);
}

#[test]
fn time_to_confirm_begins_at_last_when_the_network_does_not_come_up() {
    let (disk, _) = with_trial();
    let mut store = disk.store();
    store.take_time(seconds(59));
    assert_eq!(phase(&store), Some(TrialPhase::Starting));
    store.take_time(seconds(60));
    assert_eq!(phase(&store), Some(TrialPhase::Running { ends_at_uptime_ms: 125_000 }));
    // A network that comes up late does not lengthen it.
    store.take_network_up(seconds(70));
    store.take_time(seconds(120));
    assert_eq!(phase(&store), None);
}

#[test]
fn what_is_confirmed_stays() {
    let (disk, mut store, _) = with_running_trial();
    assert!(matches!(store.confirm_network(), SettingsResponse::Done));
    assert!(matches!(store.confirm_network(), SettingsResponse::Conflict));
    store.take_time(seconds(1000));
    assert_eq!(in_use(&store), tried());
    let store = disk.store();
    assert_eq!((in_use(&store), phase(&store)), (tried(), None));
    assert_eq!(store.settings.network_reverted, None);
}

#[test]
fn nothing_can_be_confirmed_before_it_is_in_effect() {
    let (_, mut store) = with_trial();
    assert!(matches!(store.confirm_network(), SettingsResponse::Conflict));
    assert!(matches!(Disk::default().store().confirm_network(), SettingsResponse::Conflict));
}

#[test]
fn a_restart_during_the_trial_makes_nothing_permanent() {
    let (disk, _, previous) = with_running_trial();
    for _ in 0..3 {
        let store = disk.store();
        assert_eq!(in_use(&store), tried());
        assert_eq!(phase(&store), Some(TrialPhase::Starting));
    }
    let mut store = disk.store();
    store.take_time(seconds(60));
    store.take_time(seconds(120));
    assert_eq!(in_use(&disk.store()), previous);
}

#[test]
fn the_operator_takes_a_trial_back_at_once() {
    let (disk, mut store, previous) = with_running_trial();
    let answer = store.revert_network(RevertReason::Operator, START);
    assert!(matches!(answer, SettingsResponse::Done));
    assert_eq!(in_use(&store), previous);
    assert_eq!(in_use(&disk.store()), previous);
    let answer = store.revert_network(RevertReason::Operator, START);
    assert!(matches!(answer, SettingsResponse::Conflict));
    assert!(store.settings.network_reverted.is_some());
    assert!(matches!(store.dismiss_reverted(), SettingsResponse::Done));
    assert_eq!(disk.store().settings.network_reverted, None);
}

#[test]
fn a_trial_whose_restart_does_not_come_is_dropped() {
    let (disk, mut store) = with_trial();
    let previous = in_use(&store);
    store.take_time(seconds(60));
    assert_eq!((in_use(&store), phase(&store)), (previous.clone(), None));
    assert_eq!(in_use(&disk.store()), previous);
}

#[test]
fn a_second_change_during_a_trial_leaves_the_first_in_use_and_returns_to_the_confirmed() {
    let (disk, mut store, previous) = with_running_trial();
    let second = choice("dhcp", None);
    assert!(matches!(store.try_network(second.clone(), START), SettingsResponse::Done));
    assert_eq!((in_use(&store), phase(&store)), (tried(), Some(TrialPhase::AwaitsRestart)));
    let mut store = disk.store();
    assert_eq!(in_use(&store), second);
    drop(store.revert_network(RevertReason::Operator, START));
    assert_eq!(in_use(&store), previous);
}

#[test]
fn a_boot_parameter_ends_a_trial() {
    let (disk, _, _) = with_running_trial();
    let mut store = disk.store();
    store.take_boot_parameter(STATIC);
    assert_eq!((phase(&store), store.deadline()), (None, None));
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
    assert_eq!(store.settings.host_name, None, "the tried one is gone too");
    let again = disk.store();
    assert_eq!((in_use(&again), phase(&again)), (in_use(&store), None));
    // A malformed one changes nothing.
    let (disk, _, _) = with_running_trial();
    let mut store = disk.store();
    store.take_boot_parameter("network=static:ip=nonsense");
    assert_eq!((in_use(&store), phase(&store)), (tried(), Some(TrialPhase::Starting)));
}

#[test]
fn the_previous_values_return_even_when_the_disk_does_not_take_it() {
    let (disk, mut store, previous) = with_running_trial();
    disk.fail_after(Some(0));
    let answer = store.revert_network(RevertReason::Operator, START);
    let SettingsResponse::Failed { reason } = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        reason,
        "the previous network settings are in use until the next start: cannot write settings.a: \
         the disk is full"
    );
    assert_eq!(in_use(&store), previous);
    assert!(matches!(store.status().storage, StorageState::Trouble { .. }));
    // The next change that can be stored carries it along.
    disk.fail_after(None);
    assert!(matches!(store.dismiss_reverted(), SettingsResponse::Done));
    assert_eq!(in_use(&disk.store()), previous);
}

#[test]
fn a_change_that_cannot_be_stored_is_no_trial() {
    let disk = Disk::default();
    let mut store = disk.store();
    disk.fail_after(Some(1));
    assert!(matches!(store.try_network(tried(), START), SettingsResponse::Failed { .. }));
    assert_eq!((phase(&store), &store.settings), (None, &Settings::default()));
    disk.fail_after(None);
    let mut large = tried();
    let NetworkSettings::Static(fixed) = &mut large.network.value else { panic!("static") };
    fixed.dns = vec![[10, 0, 0, 1].into(); 9];
    assert!(matches!(store.try_network(large, START), SettingsResponse::Failed { .. }));
    assert_eq!(disk.store().settings, Settings::default());
}

#[test]
fn the_first_release_finds_the_confirmed_values_during_a_trial() {
    let (disk, store, previous) = with_running_trial();
    drop(store);
    let files = disk.files();
    let newest = std::str::from_utf8(&files["settings.b"]).expect("text");
    let (_, json) = newest.split_once('\n').expect("a header");
    assert!(json.contains("10.0.0.9"), "the trial is in it");
    let settings: v1::Settings = serde_json::from_str(json).expect("readable");
    let NetworkSettings::Static(fixed) = previous.network.value else { panic!("static") };
    let v1::Network::Static(found) = settings.network.value else { panic!("static") };
    assert_eq!(found.address.address, fixed.address.address);
}
