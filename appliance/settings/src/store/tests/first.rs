//! First settings of the platform.

use model::guest::{FirstProxy, FirstSource, FirstValues};

use super::*;

const LINE: &str = "network=static:ip=10.0.0.5;netmask=255.255.255.0;route=10.0.0.1";

fn ids() -> Vec<String> {
    vec!["one".to_owned(), "two".to_owned()]
}

fn proxy(location: &str, user: Option<&str>) -> FirstProxy {
    FirstProxy {
        location: outbound::location(location),
        user_name: user.map(str::to_owned),
        password: user.map(|_| "hunter2".to_owned().into()),
    }
}

fn values() -> FirstValues {
    FirstValues {
        source: FirstSource::Medium,
        host_name: Some("tokyo-1".to_owned()),
        network: Some(boot_parameter::parse(LINE.trim_start_matches("network=")).expect("valid")),
        proxies: vec![proxy("proxy:3128", Some("user")), proxy("proxy:3129", None)],
        roots: vec![outbound::root(1)],
        password_hash: Some(NEW.to_owned().into()),
        registers: true,
    }
}

fn take(store: &mut Store) -> SettingsResponse {
    store.take_first(values(), ids(), START)
}

fn assert_done(response: &SettingsResponse) {
    assert!(matches!(response, SettingsResponse::Done), "{response:?}");
}

/// Everything that the values ask for is in use.
fn assert_taken(store: &Store) {
    let settings = &store.settings;
    assert_eq!(boot_parameter::format(&settings.network.value), LINE);
    assert_eq!(settings.host_name.as_ref().map(|name| name.value.as_str()), Some("tokyo-1"));
    assert_eq!((settings.proxies.len(), settings.roots.len()), (2, 1));
    assert_eq!(hash_of(store).as_deref(), Some(NEW));
    let SettingsResponse::Outbound(outbound) = store.outbound() else { panic!("outbound") };
    let password = outbound.proxies[0].password.as_ref().map(|it| it.expose().to_owned());
    assert_eq!((password.as_deref(), outbound.roots.len()), (Some("hunter2"), 1));
    let taken = store.status().first_taken.expect("a record");
    assert!(taken.awaits_registration && taken.source == FirstSource::Medium);
}

#[test]
fn are_in_use_at_once_and_after_a_start() {
    let disk = Disk::default();
    let mut store = disk.store();
    assert_done(&take(&mut store));
    assert_taken(&store);
    assert_taken(&disk.store());
    assert_eq!(store.status().network_trial, None, "nobody is there to confirm them");
}

#[test]
fn are_taken_once() {
    let disk = Disk::default();
    let mut store = disk.store();
    assert_done(&take(&mut store));
    drop(store.delete_proxy("one"));
    for store in [&mut store, &mut disk.store()] {
        assert!(matches!(take(store), SettingsResponse::Conflict));
        assert_eq!(store.settings.proxies.len(), 1);
    }
}

#[test]
fn come_too_late_when_somebody_has_chosen_a_password() {
    let disk = Disk::default();
    let mut store = disk.store();
    drop(create(&mut store, OLD, None));
    let files = disk.files();
    assert!(matches!(take(&mut store), SettingsResponse::Conflict));
    assert_eq!((disk.files(), hash_of(&store).as_deref()), (files, Some(OLD)));
}

#[test]
fn leave_what_was_typed_in_the_boot_line() {
    let disk = Disk::default();
    let mut store = disk.store();
    store.take_boot_parameter("network=dhcp");
    assert_done(&take(&mut store));
    assert_eq!(store.settings.network.value, NetworkSettings::Automatic);
    assert_eq!(store.settings.proxies.len(), 2);
}

#[test]
fn leave_the_network_that_a_reset_has_kept() {
    let disk = Disk::default();
    let mut store = disk.store();
    store.take_boot_parameter("network=static:ip=10.9.9.9;netmask=8");
    drop(store.reset(true));
    let mut store = disk.store();
    assert_done(&take(&mut store));
    let network = boot_parameter::format(&store.settings.network.value);
    assert!(network.contains("10.9.9.9"), "{network}");
}

#[test]
fn are_taken_again_after_a_reset() {
    let disk = Disk::default();
    let mut store = disk.store();
    assert_done(&take(&mut store));
    drop(store.reset(false));
    let mut store = disk.store();
    assert_eq!((store.status().first_taken, hash_of(&store)), (None, None));
    assert_done(&take(&mut store));
    assert_taken(&store);
}

#[test]
fn a_power_cut_loses_no_password_and_the_next_start_takes_the_rest() {
    let mut seen = [0, 0];
    for files in remains_of_every_cut(&Files::new(), |store| drop(take(store))) {
        let disk = Disk::holding(files);
        let mut store = disk.store();
        let is_taken = store.status().first_taken.is_some();
        seen[usize::from(is_taken)] += 1;
        if is_taken {
            assert_taken(&store);
            assert!(matches!(take(&mut store), SettingsResponse::Conflict));
        } else {
            assert_done(&take(&mut store));
        }
        assert_taken(&store);
        assert_taken(&disk.store());
    }
    assert!(seen[0] > 100 && seen[1] > 0, "{seen:?}");
}

#[test]
fn a_full_disk_leaves_what_the_next_attempt_completes() {
    let mut steps = 0;
    loop {
        let disk = Disk::default();
        let mut store = disk.store();
        disk.fail_after(Some(steps));
        let response = take(&mut store);
        disk.fail_after(None);
        if matches!(response, SettingsResponse::Done) {
            break;
        }
        assert!(matches!(response, SettingsResponse::Failed { .. }), "{steps}: {response:?}");
        assert_done(&take(&mut store));
        assert_taken(&store);
        assert_taken(&disk.store());
        steps += 1;
    }
    assert!(steps >= 12, "each of four files takes three steps: {steps}");
}

#[test]
fn what_cannot_be_stored_changes_nothing() {
    let wrong = [
        FirstValues { password_hash: Some("hunter2".to_owned().into()), ..values() },
        FirstValues { host_name: Some("x".repeat(300)), ..values() },
        FirstValues { proxies: vec![proxy("a:1", None), proxy("a:1", None)], ..values() },
    ];
    for first in wrong {
        let disk = Disk::default();
        let mut store = disk.store();
        let files = disk.files();
        let response = store.take_first(first, ids(), START);
        assert!(matches!(response, SettingsResponse::Failed { .. }), "{response:?}");
        assert!(!format!("{response:?}").contains("hunter2"));
        assert_eq!((disk.files(), &store.settings), (files, &Settings::default()));
    }
}

#[test]
fn a_registration_is_awaited_until_it_is_done() {
    let disk = Disk::default();
    let mut store = disk.store();
    assert!(matches!(store.end_first_registration(), SettingsResponse::Conflict));
    assert_done(&take(&mut store));
    assert_done(&store.end_first_registration());
    for mut store in [store, disk.store()] {
        assert!(!store.status().first_taken.expect("a record").awaits_registration);
        assert!(matches!(store.end_first_registration(), SettingsResponse::Conflict));
    }
}
