//! Copies of a machine.

use model::settings::Identity as Status;

use super::*;

const ORIGINAL: &str = "4c4c4544-0051-3010-8052-b4c04f4e3132";
const COPY: &str = "564d1234-5678-9abc-def0-123456789abc";

fn copied() -> Status {
    Status::Copied { original: ORIGINAL.to_owned(), present: COPY.to_owned() }
}

#[test]
fn a_copied_disk_is_noticed_until_the_operator_keeps_it() {
    let disk = Disk::default();
    assert_eq!(disk.store_on(ORIGINAL).status().identity, Status::Known);
    assert_eq!(disk.store_on(ORIGINAL).status().identity, Status::Known);
    let copy = Disk::holding(disk.files());
    let mut store = copy.store_on(COPY);
    assert_eq!(store.status().identity, copied());
    assert_eq!(copy.store_on(COPY).status().identity, copied(), "it does not go by itself");
    assert!(matches!(store.keep_identity(), SettingsResponse::Done));
    assert_eq!(store.status().identity, Status::Known);
    assert_eq!(copy.store_on(COPY).status().identity, Status::Known);
    assert_eq!(disk.store_on(ORIGINAL).status().identity, Status::Known);
}

#[test]
fn two_copies_of_a_fresh_disk_are_two_machines() {
    let fresh = Files::new();
    let (one, other) = (Disk::holding(fresh.clone()), Disk::holding(fresh));
    assert_eq!(one.store_on(ORIGINAL).status().identity, Status::Known);
    assert_eq!(other.store_on(COPY).status().identity, Status::Known);
    assert_ne!(one.files()["identity"], other.files()["identity"]);
}

#[test]
fn a_machine_without_a_uuid_of_its_own_is_no_copy() {
    let disk = Disk::default();
    for shared in ["", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(disk.store_on(shared).status().identity, Status::Known);
    }
    assert!(disk.files().is_empty());
    // The first that can be told is noted, and one that cannot changes nothing.
    drop(disk.store_on(ORIGINAL));
    assert_eq!(disk.store().status().identity, Status::Known);
    assert_eq!(disk.store_on(COPY).status().identity, copied());
}

#[test]
fn another_byte_order_is_no_copy() {
    let disk = Disk::default();
    drop(disk.store_on(ORIGINAL));
    let store = disk.store_on("44454c4c-5100-1030-8052-b4c04f4e3132");
    assert_eq!(store.status().identity, Status::Known);
}

#[test]
fn a_damaged_identity_is_set_aside_and_said() {
    for content in [b"{".to_vec(), b"{\"machine\":\"x\"}".to_vec(), vec![b' '; 5000]] {
        let disk = Disk::holding(Files::from([("identity".to_owned(), content)]));
        let store = disk.store_on(ORIGINAL);
        let StorageState::Trouble { reason } = store.status().storage else {
            panic!("a trouble");
        };
        assert!(reason.ends_with("; a copy cannot be told"), "{reason}");
        assert_eq!(store.status().identity, Status::Known);
        assert!(disk.files().contains_key("identity.damaged"));
        assert_eq!(disk.store_on(COPY).status().identity, copied(), "the present one is noted");
    }
}

#[test]
fn an_identity_that_cannot_be_stored_is_a_trouble() {
    let disk = Disk::default();
    disk.fail_after(Some(0));
    let store = disk.store_on(ORIGINAL);
    let reason = "cannot write identity: the disk is full".to_owned();
    assert_eq!(store.status().storage, StorageState::Trouble { reason });
    let disk = Disk::default();
    drop(disk.store_on(ORIGINAL));
    let mut store = disk.store_on(COPY);
    disk.fail_after(Some(0));
    assert!(matches!(store.keep_identity(), SettingsResponse::Failed { .. }));
    assert_eq!(store.status().identity, copied());
}
