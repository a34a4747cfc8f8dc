//! The rules for changes, on a disk that can lose power or fail at every step.

use model::network::NetworkSettings;
use model::settings::StorageState;

use super::*;
use disk::{Disk, Files, START, remains_of_every_cut, remains_of_every_step};

mod certificates;
mod cuts;
mod disk;
mod first;
mod identities;
mod networks;
mod obstacles;
mod outbound;
mod resets;
mod secrets;

const STATIC: &str = "quiet network=static:ip=10.0.0.5;netmask=24;route=10.0.0.1 console=tty0";
const OLD: &str = "$argon2id$v=19$m=19456,t=2,p=1$old";
const NEW: &str = "$argon2id$v=19$m=19456,t=2,p=1$new";

fn stored(change: impl Fn(&mut Store)) -> Files {
    let disk = Disk::default();
    change(&mut disk.store());
    disk.files()
}

fn create(store: &mut Store, hash: &str, deployment: Option<&str>) -> SettingsResponse {
    let deployment = deployment.map(|name| name.to_owned().try_into().expect("valid"));
    store.create_administrator(hash.to_owned().into(), deployment)
}

fn hash_of(store: &Store) -> Option<String> {
    match store.administrator_hash() {
        SettingsResponse::AdministratorHash { hash } => hash.map(|hash| hash.expose().to_owned()),
        other => panic!("{other:?}"),
    }
}

fn certificate(name: &str) -> StoredCertificate {
    let facts = model::fingerprint::CertificateFacts {
        sha1: model::fingerprint::Fingerprint::new(&[1; 20]),
        sha256: model::fingerprint::Fingerprint::new(&[2; 32]),
        names: vec![name.to_owned()],
        not_before: 0,
        not_after: 1,
    };
    let key_pem = "key of the certificate".to_owned().into();
    StoredCertificate { chain_pem: "chain".to_owned(), key_pem, facts }
}

#[test]
fn settings_after_a_power_cut_are_the_old_or_the_new() {
    let before = stored(|store| {
        store.take_boot_parameter("network=static:ip=10.9.9.9;netmask=8");
    });
    let old = Disk::holding(before.clone()).store().settings;
    let mut seen = [0, 0];
    for files in remains_of_every_cut(&before, |store| store.take_boot_parameter(STATIC)) {
        let store = Disk::holding(files).store();
        assert_eq!(store.troubles.state(), StorageState::Good);
        let is_new = store.settings != old;
        if is_new {
            let line = boot_parameter::format(&store.settings.network.value);
            assert_eq!(line, "network=static:ip=10.0.0.5;netmask=255.255.255.0;route=10.0.0.1");
        }
        seen[usize::from(is_new)] += 1;
    }
    assert!(seen[0] > 100 && seen[1] > 0, "{seen:?}");
}

#[test]
fn password_after_a_power_cut_is_the_old_or_the_new() {
    let before = stored(|store| drop(create(store, OLD, None)));
    let mut seen = [0, 0];
    let change = |store: &mut Store| {
        drop(store.replace_administrator(&OLD.to_owned().into(), NEW.to_owned().into()));
    };
    for files in remains_of_every_cut(&before, change) {
        let hash = hash_of(&Disk::holding(files).store()).expect("a password");
        assert!([OLD, NEW].contains(&hash.as_str()), "{hash}");
        seen[usize::from(hash == NEW)] += 1;
    }
    assert!(seen[0] > 30 && seen[1] > 0, "{seen:?}");
}

#[test]
fn first_password_after_a_power_cut_comes_with_its_deployment() {
    let remains = remains_of_every_cut(&Files::new(), |store| {
        drop(create(store, NEW, Some("productionjp")));
    });
    for files in remains {
        let store = Disk::holding(files).store();
        assert_eq!(store.troubles.state(), StorageState::Good);
        match hash_of(&store).as_deref() {
            None => {}
            Some(NEW) => assert!(store.settings.deployment.is_some()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn certificate_after_a_power_cut_is_the_old_or_the_new() {
    let before = stored(|store| drop(store.store_certificate(certificate("old"))));
    let remains = remains_of_every_cut(&before, |store| {
        drop(store.store_certificate(certificate("new")));
    });
    for files in remains {
        let store = Disk::holding(files).store();
        let names = store.certificate.expect("a certificate").facts.names;
        assert!(names == ["old"] || names == ["new"], "{names:?}");
    }
}

#[test]
fn a_full_disk_is_known_from_the_start_and_nothing_is_left_of_the_try() {
    let disk = Disk::default();
    let mut store = disk.store();
    drop(create(&mut store, OLD, None));
    let files = disk.files();
    disk.fail_after(Some(0));
    store.try_disk();
    let reason = "cannot write probe: the disk is full".to_owned();
    assert_eq!(store.troubles.state(), StorageState::Trouble { reason });
    disk.fail_after(None);
    store.try_disk();
    assert_eq!(store.troubles.state(), StorageState::Good);
    assert_eq!(disk.files(), files);
}

#[test]
fn a_change_that_cannot_be_stored_changes_nothing() {
    for steps in 0..3 {
        let disk = Disk::default();
        let mut store = disk.store();
        drop(create(&mut store, OLD, Some("first")));
        let settings = store.settings.clone();
        disk.fail_after(Some(steps));
        let change = store.replace_administrator(&OLD.to_owned().into(), NEW.to_owned().into());
        let SettingsResponse::Failed { reason } = change else {
            panic!("{change:?}");
        };
        assert_eq!(reason, "cannot write administrator: the disk is full");
        assert_eq!(hash_of(&store).as_deref(), Some(OLD));
        assert_eq!(store.settings, settings);
        assert_eq!(store.troubles.state(), StorageState::Trouble { reason });
        disk.fail_after(None);
        drop(store.replace_administrator(&OLD.to_owned().into(), NEW.to_owned().into()));
        assert_eq!(hash_of(&store).as_deref(), Some(NEW));
        assert_eq!(store.troubles.state(), StorageState::Good);
    }
}

#[test]
fn a_first_password_that_cannot_be_stored_takes_the_deployment_back() {
    // Three steps store the deployment; the fourth belongs to the hash.
    let disk = Disk::default();
    let mut store = disk.store();
    disk.fail_after(Some(3));
    assert!(matches!(create(&mut store, NEW, Some("x")), SettingsResponse::Failed { .. }));
    assert_eq!(store.settings, Settings::default());
    disk.fail_after(None);
    assert!(matches!(create(&mut store, NEW, Some("y")), SettingsResponse::Done));
    let deployment = disk.store().settings.deployment.expect("stored");
    assert_eq!(deployment.to_string(), "y");
}

#[test]
fn boot_parameter_is_stored_once() {
    let disk = Disk::default();
    let mut store = disk.store();
    store.take_boot_parameter(STATIC);
    assert_eq!(store.boot_parameter, Some(BootParameterReport::Stored));
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
    let files = disk.files();
    let mut again = disk.store();
    assert_eq!(again.settings, store.settings);
    assert_eq!(again.boot_parameter, None);
    again.take_boot_parameter(STATIC);
    assert_eq!(again.boot_parameter, Some(BootParameterReport::Stored));
    assert_eq!(disk.files(), files, "nothing was written");
    again.take_boot_parameter("network=dhcp");
    let network = disk.store().settings.network;
    assert_eq!(network, Sourced::new(NetworkSettings::Automatic, Origin::BootParameter));
}

#[test]
fn malformed_boot_parameter_is_refused_and_the_previous_settings_hold() {
    let disk = Disk::default();
    disk.store().take_boot_parameter(STATIC);
    let mut store = disk.store();
    let previous = store.settings.clone();
    store.take_boot_parameter("quiet network=static:ip=10.0.0.300;netmask=24");
    assert_eq!(store.settings, previous);
    let Some(BootParameterReport::Refused { parameter, reason }) = store.boot_parameter else {
        panic!("{:?}", store.boot_parameter);
    };
    assert_eq!(parameter, "network=static:ip=10.0.0.300;netmask=24");
    assert_eq!(reason, "ip: \"10.0.0.300\" is not an IPv4 address such as 10.0.0.5");
}

#[test]
fn boot_parameter_that_cannot_be_stored_holds_for_this_start() {
    let disk = Disk::default();
    let mut store = disk.store();
    disk.fail_after(Some(0));
    store.take_boot_parameter(STATIC);
    let reason = "cannot write settings.a: the disk is full".to_owned();
    assert_eq!(store.boot_parameter, Some(BootParameterReport::NotStored { reason }));
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
    assert!(matches!(store.status().storage, StorageState::Trouble { .. }));
    disk.fail_after(None);
    // The next change that can be stored carries it along.
    drop(create(&mut store, NEW, None));
    assert_eq!(store.boot_parameter, Some(BootParameterReport::Stored));
    assert_eq!(disk.store().settings, store.settings);
}

#[test]
fn the_older_copy_serves_when_the_newer_is_damaged() {
    let disk = Disk::default();
    let mut store = disk.store();
    store.take_boot_parameter("network=dhcp");
    store.take_boot_parameter(STATIC);
    disk.damage("settings.b");
    let mut store = disk.store();
    assert_eq!(store.settings.network.value, NetworkSettings::Automatic);
    assert!(disk.files().contains_key("settings.b.damaged"));
    store.take_boot_parameter(STATIC);
    assert_eq!(disk.store().settings, store.settings);
}

#[test]
fn damaged_settings_give_defaults_and_say_so() {
    let disk = Disk::default();
    let mut store = disk.store();
    store.take_boot_parameter(STATIC);
    store.take_boot_parameter("network=dhcp");
    disk.damage("settings.a");
    disk.damage("settings.b");
    let store = disk.store();
    assert_eq!(store.settings, Settings::default());
    let reason = "cannot use settings.a: the checksum of the settings file does not match; \
                  defaults are in use";
    assert_eq!(store.status().storage, StorageState::Trouble { reason: reason.to_owned() });
    let files = disk.files();
    assert!(files.contains_key("settings.a.damaged") && files.contains_key("settings.b.damaged"));
    assert!(!files.contains_key("settings.a"));
}

#[test]
fn an_unreadable_password_file_opens_the_appliance_to_nobody() {
    for content in [b"".as_slice(), b"$argon2id$cut", b"\xff\n", b"plain\n", b"$a\n$b\n"] {
        let files = Files::from([("administrator".to_owned(), content.to_vec())]);
        let mut store = Disk::holding(files).store();
        assert!(store.status().has_administrator);
        assert!(matches!(create(&mut store, NEW, None), SettingsResponse::Conflict));
        assert!(matches!(store.administrator_hash(), SettingsResponse::Failed { .. }));
        assert!(matches!(store.status().storage, StorageState::Trouble { .. }));
    }
}

#[test]
fn a_damaged_certificate_is_set_aside_and_its_key_not_quoted() {
    let files = Files::from([("certificate".to_owned(), b"{\"key_pem\":\"hunter2\"".to_vec())]);
    let disk = Disk::holding(files);
    let store = disk.store();
    assert!(store.certificate.is_none());
    assert!(disk.files().contains_key("certificate.damaged"));
    let StorageState::Trouble { reason } = store.status().storage else {
        panic!("a trouble");
    };
    assert_eq!(reason, "cannot use certificate: it is damaged; a new certificate is in use");
}

#[test]
fn replaces_a_password_only_when_the_expected_one_is_stored() {
    let disk = Disk::default();
    let mut store = disk.store();
    let replace = |store: &mut Store, expected: &str| {
        store.replace_administrator(&expected.to_owned().into(), NEW.to_owned().into())
    };
    assert!(matches!(replace(&mut store, OLD), SettingsResponse::Conflict));
    assert!(matches!(create(&mut store, OLD, None), SettingsResponse::Done));
    assert!(matches!(replace(&mut store, NEW), SettingsResponse::Conflict));
    assert!(matches!(replace(&mut store, ""), SettingsResponse::Conflict));
    assert!(matches!(replace(&mut store, OLD), SettingsResponse::Done));
    assert!(matches!(replace(&mut store, OLD), SettingsResponse::Conflict));
    assert_eq!(hash_of(&disk.store()).as_deref(), Some(NEW));
}

#[test]
fn refuses_what_is_no_hash_or_too_large_a_certificate() {
    let mut store = Disk::default().store();
    for hash in ["", "plain", "$two\n$lines", &format!("${}", "x".repeat(1024))] {
        assert!(matches!(create(&mut store, hash, None), SettingsResponse::Failed { .. }));
    }
    let mut large = certificate("name");
    large.chain_pem = "x".repeat(certificate::MAX_BYTES);
    assert!(matches!(store.store_certificate(large), SettingsResponse::Failed { .. }));
    assert!(store.certificate.is_none());
}
