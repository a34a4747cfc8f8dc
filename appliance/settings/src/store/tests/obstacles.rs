//! A start without the data disk.

use super::networks::choice;
use super::*;

fn without_disk() -> (Disk, Store) {
    let disk = Disk::default();
    let data = DataState::Unavailable { reason: "no file system found".to_owned() };
    let machine = MachineUuid::parse("4c4c4544-0051-3010-8052-b4c04f4e3132").ok();
    let store = disk.start(Start { now: START, machine, data });
    (disk, store)
}

#[test]
fn nobody_becomes_the_administrator_of_a_lost_disk() {
    let (disk, mut store) = without_disk();
    let answers = [
        create(&mut store, NEW, Some("eu")),
        store.try_network(choice("dhcp", None), START),
        store.keep_identity(),
        store.reset(false),
    ];
    for answer in answers {
        let SettingsResponse::Failed { reason } = answer else { panic!("{answer:?}") };
        assert_eq!(
            reason,
            "the data disk cannot be used: no file system found; what it holds, such as a \
             password, cannot be read or replaced"
        );
        assert_eq!(store.status().storage, StorageState::Trouble { reason });
    }
    assert!(hash_of(&store).is_none());
    assert_eq!(store.settings, Settings::default());
    assert!(disk.files().is_empty(), "nothing is written to memory");
}

#[test]
fn the_page_can_be_reached_without_the_data_disk() {
    let (disk, mut store) = without_disk();
    store.take_boot_parameter(STATIC);
    assert_eq!(store.settings.network.origin, Origin::BootParameter);
    assert!(matches!(store.boot_parameter, Some(BootParameterReport::NotStored { .. })));
    let answer = store.store_certificate(certificate("of this start"));
    assert!(matches!(answer, SettingsResponse::Failed { .. }));
    assert_eq!(certificates::name(&store).as_deref(), Some("of this start"));
    assert!(disk.files().is_empty());
}
