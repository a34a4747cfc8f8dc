//! Forgetting everything.

use super::networks::choice;
use super::*;

const MACHINE: &str = "4c4c4544-0051-3010-8052-b4c04f4e3132";

/// A disk with everything on it, damaged and left-over files included.
fn set_up() -> Files {
    let disk = Disk::default();
    let mut store = disk.store_on(MACHINE);
    store.take_boot_parameter(STATIC);
    assert!(matches!(create(&mut store, OLD, Some("eu")), SettingsResponse::Done));
    drop(store.store_certificate(certificate("old")));
    drop(store.try_certificate(certificate("new"), START));
    drop(store.try_network(choice("dhcp", Some("tried")), START));
    drop(outbound::add(&mut store, "1", "proxy:3128", Some(("svc", "hunter2"))));
    drop(store.add_root(outbound::root(1)));
    drop(store.set_metrics_token("hash".to_owned().into()));
    drop(store.store_signing_request(secrets::request("pending")));
    let mut files = disk.files();
    for name in ["administrator.damaged", "certificate.new", "of-a-later-release"] {
        files.insert(name.to_owned(), b"secret".to_vec());
    }
    files
}

/// Whether a start on this disk finds a new appliance; anything between is a failure.
fn is_new(files: &Files, keeps_network: bool) -> bool {
    let disk = Disk::holding(files.clone());
    let store = disk.store();
    assert_eq!(store.troubles.state(), StorageState::Good);
    let Some(hash) = hash_of(&store) else {
        assert!(store.certificate.is_none() && store.metrics_token.is_none());
        assert!(store.signing_request.is_none() && outbound::accesses(&store).is_empty());
        let network = &store.settings.network;
        let mut fresh = Settings::default();
        if keeps_network {
            assert_eq!(network.origin, Origin::BootParameter);
            fresh.network = network.clone();
        }
        assert_eq!(store.settings, fresh);
        assert_eq!(disk.files().into_keys().collect::<Vec<_>>(), ["settings.a"]);
        return true;
    };
    assert_eq!(hash, OLD);
    assert!(store.certificate.is_some() && store.settings.deployment.is_some());
    assert!(store.settings.network_trial.is_some());
    assert!(store.metrics_token.is_some() && store.signing_request.is_some());
    assert_eq!(outbound::accesses(&store)[0].3.as_deref(), Some("hunter2"));
    assert!(disk.files().contains_key("identity"));
    false
}

#[test]
fn a_reset_after_a_power_cut_is_whole_or_has_not_begun() {
    for keeps_network in [false, true] {
        let mut seen = [0, 0];
        let remains = remains_of_every_cut(&set_up(), |store| drop(store.reset(keeps_network)));
        for files in remains {
            // The start that completes it may be cut as well.
            let cut_again = remains_of_every_step(&files, |disk, cut| {
                cut(disk);
                drop(disk.store());
            });
            let was_new = is_new(&files, keeps_network);
            for files in cut_again {
                assert_eq!(is_new(&files, keeps_network), was_new);
            }
            seen[usize::from(was_new)] += 1;
        }
        assert!(seen[0] > 100 && seen[1] > 10, "{seen:?}");
    }
}

#[test]
fn a_reset_leaves_what_is_in_use_until_the_start_and_takes_no_more_changes() {
    let disk = Disk::holding(set_up());
    let mut store = disk.store();
    assert!(matches!(store.reset(false), SettingsResponse::Done));
    assert_eq!(disk.files().into_keys().collect::<Vec<_>>(), ["settings.a"], "gone at once");
    assert_eq!(hash_of(&store).as_deref(), Some(OLD));
    assert!(store.status().certificate.is_some());
    let answers = [
        store.replace_administrator(&OLD.to_owned().into(), NEW.to_owned().into()),
        store.store_certificate(certificate("late")),
        store.try_network(choice("dhcp", None), START),
        store.keep_identity(),
        outbound::add(&mut store, "2", "late:3128", Some(("svc", "hunter2"))),
        store.delete_proxy("1"),
        store.add_root(outbound::root(2)),
        store.set_metrics_token("late".to_owned().into()),
        store.delete_signing_request(),
        store.reset(true),
    ];
    for answer in answers {
        let SettingsResponse::Failed { reason } = answer else { panic!("{answer:?}") };
        assert_eq!(reason, "the appliance is being reset, which takes effect with the next start");
    }
    assert!(is_new(&disk.files(), false));
}

#[test]
fn a_reset_appliance_can_be_set_up_again() {
    let disk = Disk::holding(set_up());
    drop(disk.store().reset(true));
    let mut store = disk.store_on("564d1234-5678-9abc-def0-123456789abc");
    assert_eq!(store.status().identity, model::settings::Identity::Known, "no copy any more");
    assert!(matches!(create(&mut store, NEW, None), SettingsResponse::Done));
    let store = disk.store();
    assert_eq!(hash_of(&store).as_deref(), Some(NEW));
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
}

#[test]
fn a_reset_that_cannot_be_ordered_changes_nothing() {
    for steps in 0..3 {
        let disk = Disk::holding(set_up());
        let mut store = disk.store();
        disk.fail_after(Some(steps));
        assert!(matches!(store.reset(false), SettingsResponse::Failed { .. }));
        disk.fail_after(None);
        if steps < 2 {
            assert!(!is_new(&disk.files(), false), "step {steps}");
        }
    }
}

#[test]
fn a_reset_that_the_disk_does_not_let_finish_opens_the_appliance_to_nobody() {
    let disk = Disk::holding(set_up());
    let mut store = disk.store();
    // Ordering takes three steps.
    disk.fail_after(Some(4));
    assert!(matches!(store.reset(true), SettingsResponse::Done));
    let mut store = disk.store();
    assert!(hash_of(&store).is_none() && store.status().certificate.is_none());
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
    let StorageState::Trouble { reason } = store.status().storage else { panic!("a trouble") };
    assert_eq!(reason, "the reset cannot be completed: cannot write reset: the disk is full");
    assert!(matches!(create(&mut store, NEW, None), SettingsResponse::Failed { .. }));
    disk.fail_after(None);
    assert!(matches!(create(&mut store, NEW, None), SettingsResponse::Done));
    assert_eq!(store.status().storage, StorageState::Good);
    let store = disk.store();
    assert_eq!(hash_of(&store).as_deref(), Some(NEW));
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
}

#[test]
fn a_damaged_order_is_carried_out_and_keeps_nothing() {
    let mut files = set_up();
    files.insert("reset".to_owned(), b"damaged".to_vec());
    let disk = Disk::holding(files);
    let store = disk.store();
    assert!(hash_of(&store).is_none());
    assert_eq!(store.settings, Settings::default());
    assert_eq!(disk.files().into_keys().collect::<Vec<_>>(), ["settings.a.damaged"]);
}
