//! Root slots that do not work, each with a good one beside it; and both that do not.

use std::path::Path;
use std::time::Duration;

use harness::qemu::USER_ADDRESS;
use harness::{Disk, Firmware, HarnessError, Machine, MachineBuilder, SlotBuilder, limits};
use model::boot_slots::{CHARGED, KERNEL, MAX_TRIES, new_block, tries, tries_variable};
use model::disk::{ROOT_B, root_partition};
use model::grubenv::{GRUBENV_BYTES, GrubEnv};
use model::role::Role;
use model::slot::Slot;
use model::trailer::BLOCK_BYTES;
use model::trial::HEALTH_LIMIT;

use crate::{answer, must};

/// The program that does not do what it should.
const FAULTY_PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vm/faulty/program.rs");
/// From one start to the other slot's page: a panic restarts after ten seconds.
const FALLBACK: Duration = Duration::from_secs(240);
/// As long as the watchdog waits, and a start.
const HANG: Duration = Duration::from_secs(300);
/// What the console says when the other slot runs than the one that should.
const FELL_BACK: &str = "slots.fallback";

/// Which program of Root B is replaced.
#[derive(Clone, Copy)]
enum Replaced {
    Init,
    Connector,
}

/// A machine that starts Root B, which has one try left and a faulty program.
fn faulty_root_b(builder: MachineBuilder, replaced: Replaced, fault: &str) -> Machine {
    must(builder.prepare(|disk| {
        put_faulty(disk, Slot::B, replaced, fault)?;
        start_with(disk, Slot::B, &[Slot::B])
    }))
}

fn put_faulty(
    disk: &Disk,
    slot: Slot,
    replaced: Replaced,
    fault: &str,
) -> Result<(), HarnessError> {
    let builder = SlotBuilder::new()?;
    let program = builder.compile(Path::new(FAULTY_PROGRAM), &format!("fault=\"{fault}\""))?;
    let builder = match replaced {
        Replaced::Init => builder.init(&program),
        Replaced::Connector => builder.connector(&program),
    };
    builder.write(disk, slot)
}

/// Puts a slot first, and leaves one try to some.
fn start_with(disk: &Disk, first: Slot, one_try: &[Slot]) -> Result<(), HarnessError> {
    let mut block = new_block(first);
    for slot in one_try {
        block.set(tries_variable(*slot), &(MAX_TRIES - 1).to_string());
    }
    disk.set_grubenv(&block)?;
    disk.skip_grub_wait()
}

/// Waits until Root A runs instead of Root B and the console says why.
fn root_a_takes_over(machine: &mut Machine, why: &str, limit: Duration) {
    let texts = ["Root A runs instead", FELL_BACK, why];
    let what = format!("{texts:?} on the console");
    must(machine.serial().wait_for_screen(&what, limit, |screen| {
        // The console breaks long lines.
        let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        texts.iter().all(|text| screen.contains(text)).then_some(())
    }));
}

/// Switches off in order and reads what GRUB will find.
fn variables_after_power_off(machine: &mut Machine) -> GrubEnv {
    must(machine.power_button());
    must(machine.disk().grubenv())
}

under_bios_and_uefi!(a_root_that_panics_gives_way_and_says_why);

fn a_root_that_panics_gives_way_and_says_why(firmware: Firmware) {
    let builder = Machine::builder().firmware(firmware);
    let mut machine = faulty_root_b(builder, Replaced::Init, "ends");
    root_a_takes_over(&mut machine, "Attempted to kill init", FALLBACK);
    answer(&machine, USER_ADDRESS);
    let variables = variables_after_power_off(&mut machine);
    assert_eq!((tries(&variables, Slot::A), tries(&variables, Slot::B)), (0, MAX_TRIES));

    // It is known after the next start, too.
    must(machine.switch_on());
    root_a_takes_over(&mut machine, "Attempted to kill init", limits::BOOT);
}

#[test]
fn a_root_that_hangs_is_ended_by_the_kernels_watchdog() {
    let mut machine = faulty_root_b(Machine::builder(), Replaced::Init, "hangs");
    root_a_takes_over(&mut machine, "watchdog", HANG);
    answer(&machine, USER_ADDRESS);
}

#[test]
fn a_root_that_hangs_is_ended_by_a_watchdog_in_hardware() {
    let builder = Machine::builder().extra(&["-device", "i6300esb"]);
    let mut machine = faulty_root_b(builder, Replaced::Init, "hangs");
    root_a_takes_over(&mut machine, "watchdog", HANG);
    answer(&machine, USER_ADDRESS);
}

#[test]
fn a_role_that_ends_at_once_fails_the_start() {
    let mut machine = faulty_root_b(Machine::builder(), Replaced::Connector, "ends");
    // All of them end; the first that was started is named.
    let first = Role::ALL[0].name();
    root_a_takes_over(&mut machine, &format!("{first} ended (exit status 3)"), FALLBACK);
}

#[test]
fn a_page_that_never_answers_fails_the_start() {
    let mut machine = faulty_root_b(Machine::builder(), Replaced::Connector, "silent-web");
    root_a_takes_over(&mut machine, "web was not ready", HEALTH_LIMIT + FALLBACK);
}

under_bios_and_uefi!(a_flipped_bit_in_the_kernel_starts_the_other_root_at_once);

fn a_flipped_bit_in_the_kernel_starts_the_other_root_at_once(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).prepare(|disk| {
        flip_kernel(disk, Slot::B)?;
        start_with(disk, Slot::B, &[])
    }));
    must(machine.serial().expect("Root B: the kernel is damaged", limits::FIRMWARE));
    root_a_takes_over(&mut machine, "its kernel is damaged", limits::BOOT);
    answer(&machine, USER_ADDRESS);
    let variables = variables_after_power_off(&mut machine);
    assert_eq!(tries(&variables, Slot::B), 0, "it was not started");
}

#[test]
fn a_flipped_bit_in_what_grub_reads_of_the_file_system_starts_the_other_root() {
    /// Where the superblock of squashfs says where the table of directories is.
    const DIRECTORY_TABLE: u64 = 72;
    let mut machine = must(Machine::builder().prepare(|disk| {
        disk.flip_bit(ROOT_B.offset_bytes() + DIRECTORY_TABLE)?;
        start_with(disk, Slot::B, &[])
    }));
    must(machine.serial().expect("Root B: the kernel is", limits::FIRMWARE));
    root_a_takes_over(&mut machine, "Root B was given up", limits::BOOT);
}

#[test]
fn a_flipped_bit_in_the_hash_tree_gives_way() {
    let mut machine = must(Machine::builder().prepare(|disk| {
        // The tree follows the data, its top first; every start reads the top.
        let tree = first_tree_block(disk, Slot::B)?;
        disk.flip_bit(tree + 1)?;
        start_with(disk, Slot::B, &[Slot::B])
    }));
    root_a_takes_over(&mut machine, "Root B was given up", FALLBACK);
}

#[test]
fn a_flipped_bit_in_the_trailer_gives_way_and_says_why() {
    let trailer = ROOT_B.offset_bytes() + ROOT_B.size_bytes() - BLOCK_BYTES;
    let mut machine = must(Machine::builder().prepare(|disk| {
        disk.flip_bit(trailer + 40)?;
        start_with(disk, Slot::B, &[Slot::B])
    }));
    root_a_takes_over(&mut machine, "signature of the root slot", FALLBACK);
}

#[test]
fn an_empty_root_is_passed_over() {
    let mut machine = must(Machine::builder().prepare(|disk| {
        disk.erase(ROOT_B.offset_bytes(), 1 << 20)?;
        start_with(disk, Slot::B, &[])
    }));
    root_a_takes_over(&mut machine, "it has no kernel", limits::BOOT);
}

#[test]
fn two_damaged_kernels_are_told_and_tried_again_without_a_key() {
    let mut machine = must(Machine::builder().prepare(|disk| {
        flip_kernel(disk, Slot::A)?;
        flip_kernel(disk, Slot::B)
    }));
    for _ in 0..2 {
        must(machine.serial().expect("Neither root can be started", limits::FIRMWARE));
        must(machine.wait_for_restart(limits::SHUTDOWN));
    }
}

#[test]
fn two_roots_that_panic_are_told_and_tried_again_without_a_key() {
    let mut machine = must(Machine::builder().prepare(|disk| {
        put_faulty(disk, Slot::A, Replaced::Init, "ends")?;
        put_faulty(disk, Slot::B, Replaced::Init, "ends")?;
        start_with(disk, Slot::A, &[Slot::A, Slot::B])
    }));
    must(machine.serial().expect("Booting `Root A'", FALLBACK));
    must(machine.serial().expect("Booting `Root B'", FALLBACK));
    must(machine.serial().expect("No root has come up: all are tried again", FALLBACK));
    must(machine.serial().expect("Booting `Root A'", FALLBACK));
}

under_bios_and_uefi!(a_root_chosen_by_hand_leaves_the_other_ones_counter_alone);

fn a_root_chosen_by_hand_leaves_the_other_ones_counter_alone(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).start());
    must(machine.open_grub_menu());
    must(machine.start_entry(Slot::B.title()));
    must(machine.wait_for_console(&["Slot", "Root B", "https://"], limits::BOOT));
    assert!(!machine.serial().screen().contains(FELL_BACK), "a choice is no failure");
    // Within the seconds before the slot is marked good by itself.
    let variables = variables_after_power_off(&mut machine);
    assert_eq!((tries(&variables, Slot::A), tries(&variables, Slot::B)), (0, 0));
    assert_eq!(variables.get(CHARGED), Some(""));
}

#[test]
fn variables_that_cannot_be_read_are_made_anew() {
    let damaged = [0; GRUBENV_BYTES];
    let mut machine = must(Machine::builder().prepare(|disk| disk.overwrite_grubenv(&damaged)));
    must(machine.wait_for_landing_page());
    let variables = variables_after_power_off(&mut machine);
    assert_eq!(tries(&variables, Slot::A), 0);
}

/// Flips a bit in the middle of a slot's kernel, which is stored as it is.
fn flip_kernel(disk: &Disk, slot: Slot) -> Result<(), HarnessError> {
    /// The name and place of the signature in a kernel's header (`Documentation/arch/x86/boot.rst`).
    const HEADER: &[u8] = b"HdrS";
    const INTO_KERNEL: u64 = 4 << 20;
    let partition = root_partition(slot);
    let end = partition.offset_bytes() + partition.size_bytes();
    let header = disk.find(HEADER, partition.offset_bytes(), end)?;
    disk.flip_bit(header.ok_or(HarnessError::Console(KERNEL))? + INTO_KERNEL)
}

/// Where the hash tree of a slot begins: right after the file system, whose size is in its superblock.
fn first_tree_block(disk: &Disk, slot: Slot) -> Result<u64, HarnessError> {
    use std::os::unix::fs::FileExt;
    const BYTES_USED: u64 = 40;
    let start = root_partition(slot).offset_bytes();
    let mut size = [0; 8];
    let file = std::fs::File::open(disk.path()).map_err(HarnessError::io("open the disk"))?;
    file.read_exact_at(&mut size, start + BYTES_USED).map_err(HarnessError::io("read the disk"))?;
    Ok(start + u64::from_le_bytes(size).next_multiple_of(BLOCK_BYTES))
}
