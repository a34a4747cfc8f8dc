//! Data partitions that are damaged, full, missing or write-protected: the appliance starts all the
//! same, and console and page say what is wrong.

use harness::qemu::USER_ADDRESS;
use harness::rest::PASSWORD;
use harness::{Disk, HarnessError, Machine, limits};
use model::disk::DATA;

use crate::{answer, must, rest};

/// Starts a machine that has a password, and whose disk was changed afterwards.
fn start_with(change: impl FnOnce(&Disk) -> Result<(), HarnessError>) -> Machine {
    let mut machine = set_up();
    must(change(machine.disk()));
    must(machine.switch_on());
    machine
}

/// A machine that has a password, switched off in order.
fn set_up() -> Machine {
    let mut machine = must(Machine::builder().prepare(Disk::skip_grub_wait));
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());
    must(machine.power_button());
    machine
}

/// The console names the finding and the reason, and the page answers all the same.
fn says(machine: &mut Machine, finding: &str, reason: &str) {
    must(machine.wait_for_console(&[finding, reason], limits::BOOT));
    let page = answer(machine, USER_ADDRESS);
    assert!(page.status < 400, "{page:?}");
}

/// The same where nobody can know whether a password is stored: the page says so, and offers nobody
/// to set one.
fn says_and_lets_nobody_in(machine: &mut Machine, finding: &str, reason: &str) {
    must(machine.wait_for_console(&[finding, reason], limits::BOOT));
    let page = answer(machine, USER_ADDRESS);
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.text().contains("A password may be stored there"), "{page:?}");
    assert!(rest(machine, USER_ADDRESS).create_password(PASSWORD).is_err());
}

#[test]
fn a_damaged_file_system_is_said() {
    // Superblock, its first backup and the descriptors in front of both.
    let mut machine = start_with(|disk| {
        let backup = DATA.offset_bytes() + 32_768 * 4096;
        disk.wipe(DATA.offset_bytes(), 64 << 10)?;
        disk.wipe(backup, 64 << 10)
    });
    says_and_lets_nobody_in(&mut machine, "storage.data-unavailable", "cannot mount");
}

#[test]
fn a_lost_superblock_is_restored_and_nothing_is_lost() {
    let mut machine = start_with(|disk| disk.wipe(DATA.offset_bytes() + 1024, 1024));
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());
    must(machine.power_button());
    must(machine.disk().data_file_system_bytes());
}

#[test]
fn a_missing_data_partition_is_said() {
    let mut machine = start_with(Disk::remove_data_partition);
    let reason = "no disk has a partition";
    says_and_lets_nobody_in(&mut machine, "storage.data-unavailable", reason);
}

#[test]
fn a_full_data_partition_is_said() {
    let mut machine = start_with(Disk::fill_data);
    says(&mut machine, "storage.settings", "the disk is full");
}

#[test]
fn a_write_protected_disk_is_said_and_what_is_stored_holds() {
    let mut machine = set_up();
    machine.write_protect();
    must(machine.switch_on());
    says(&mut machine, "storage.settings", "the disk is read-only");
    must(rest(&machine, USER_ADDRESS).sign_in(PASSWORD));
}

#[test]
fn a_disk_that_fails_to_write_is_said() {
    let mut machine = must(Machine::builder().volatile_disk().prepare(Disk::skip_grub_wait));
    if let Some(disk) = machine.volatile_disk() {
        disk.fail_writes(DATA.first_sector..DATA.first_sector + DATA.sectors);
    }
    says_and_lets_nobody_in(&mut machine, "storage.", "rror");
}
