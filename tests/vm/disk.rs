//! A disk that the administrator has enlarged, and one whose partition table is damaged.

use std::time::Duration;

use harness::qemu::USER_ADDRESS;
use harness::rest::PASSWORD;
use harness::{Dice, Disk, Firmware, HarnessError, Machine};
use model::disk::{DATA, DISK_BYTES, SECTOR_BYTES};

use crate::{answer, must, rest, screenshot};

const ENLARGED_BYTES: u64 = 40 << 30;
/// The last MiB is left to the backup of the partition table.
const END_BYTES: u64 = 1 << 20;

/// A machine with a password, switched off in order.
fn set_up(machine: &mut Machine) {
    answer(machine, USER_ADDRESS);
    let mut client = rest(machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());
    must(machine.power_button());
}

/// Switches a machine that has kept its password on, and off in order once its start counts as good.
fn switch_on_and_off(machine: &mut Machine) {
    must(machine.switch_on());
    answer(machine, USER_ADDRESS);
    let mut client = rest(machine, USER_ADDRESS);
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());
    must(machine.power_button());
}

/// Partition and file system reach the end of the disk. The machine must be off.
fn fills(disk: &Disk, disk_bytes: u64) -> Result<(), HarnessError> {
    let partition = disk.data_partition_bytes()?;
    let end = DATA.offset_bytes() + partition;
    if end != disk_bytes - END_BYTES {
        return Err(HarnessError::Damage(format!("the data partition ends at {end}")));
    }
    let file_system = disk.data_file_system_bytes()?;
    // The last group of blocks may be too small to be of use.
    const GROUP_BYTES: u64 = 128 << 20;
    if file_system > partition || file_system + GROUP_BYTES <= partition {
        let what = format!("the file system has {file_system} bytes of {partition}");
        return Err(HarnessError::Damage(what));
    }
    disk.verify_partition_table()?;
    disk.check_data()
}

under_bios_and_uefi!(data_follows_an_enlarged_disk_and_keeps_the_settings);

fn data_follows_an_enlarged_disk_and_keeps_the_settings(firmware: Firmware) {
    let builder = Machine::builder().firmware(firmware);
    let mut machine = must(builder.prepare(Disk::skip_grub_wait));
    set_up(&mut machine);
    must(fills(machine.disk(), DISK_BYTES));

    must(machine.disk().resize(ENLARGED_BYTES));
    switch_on_and_off(&mut machine);
    must(fills(machine.disk(), ENLARGED_BYTES));
}

#[test]
fn a_disk_that_is_too_small_is_named_with_what_it_needs() {
    let mut machine = must(Machine::builder().prepare(|disk| disk.resize(DISK_BYTES / 2)));
    let expected =
        "the disk /dev/vda has 10.0 GiB and its partitions take[\r\n]+20.0 GiB; enlarge it";
    must(machine.serial().expect(expected, harness::limits::BOOT));
    screenshot(&mut machine, "small-disk");
    // It stays to be read, and the next attempt finds what a person has changed meanwhile.
    must(machine.serial().expect("It restarts in 10 seconds", harness::limits::BOOT));
    must(machine.serial().expect("Welcome to GRUB", harness::limits::BOOT));
    machine.pull_plug();
    must(machine.disk().resize(DISK_BYTES));
    must(machine.switch_on());
    must(machine.wait_for_landing_page());
}

/// Writes and flushes from power-on to the end of growing; later ones belong to the settings.
const GROWING_REQUESTS: u64 = 60;

#[test]
fn a_power_cut_while_growing_leaves_a_machine_that_grows_at_the_next_start() {
    const CUTS: u64 = 8;
    const LIMIT: Duration = Duration::from_secs(60);
    let mut dice = Dice::new(5);
    let mut machine = must(Machine::builder().volatile_disk().prepare(Disk::skip_grub_wait));
    set_up(&mut machine);
    let mut size = DISK_BYTES;
    for cut in 0..CUTS {
        size += (2 << 30) + dice.below(1 << 30) / SECTOR_BYTES * SECTOR_BYTES;
        must(machine.disk().resize(size));
        must(machine.switch_on());
        let after = 1 + dice.below(GROWING_REQUESTS);
        let disk = machine.volatile_disk().expect("the disk is volatile");
        disk.cut_after(after);
        assert!(disk.wait_until_dead(LIMIT), "the disk was not written {after} times");
        let remains = must(machine.cut_power(&mut dice));
        println!("cut {cut} at request {after}: {remains:?}");
    }
    switch_on_and_off(&mut machine);
    must(fills(machine.disk(), size / END_BYTES * END_BYTES));
}

#[test]
fn descriptors_that_a_power_cut_left_in_the_journal_alone_come_back() {
    let mut machine = must(Machine::builder().prepare(Disk::skip_grub_wait));
    set_up(&mut machine);
    must(machine.disk().leave_descriptors_in_journal());
    switch_on_and_off(&mut machine);
    must(fills(machine.disk(), DISK_BYTES));
}

under_bios_and_uefi!(a_damaged_partition_table_is_restored_from_its_backup);

fn a_damaged_partition_table_is_restored_from_its_backup(firmware: Firmware) {
    // A checksum that does not match: GRUB does not look at it, the kernel refuses the table.
    let checksum = SECTOR_BYTES + 16;
    let damage = |disk: &Disk| disk.flip_bit(checksum).and_then(|()| disk.skip_grub_wait());
    let mut machine = must(Machine::builder().firmware(firmware).prepare(damage));
    assert!(machine.disk().verify_partition_table().is_err());
    set_up(&mut machine);
    must(machine.disk().verify_partition_table());
}
