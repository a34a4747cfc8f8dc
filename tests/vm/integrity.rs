//! The root slot: what it holds, and that a change of it is noticed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::disk::run;
use harness::qemu::USER_ADDRESS;
use harness::{Disk, Firmware, HarnessError, Machine, workspace};
use model::disk::ROOT_A;
use model::role::PROGRAM;
use model::slot::Slot;

use crate::{answer, must};

/// Programs that the root may hold, and no other.
const PROGRAMS: [&str; 2] = ["sbin/connector", "sbin/init"];
/// Links, none of which leads to a program.
const LINKS: [&str; 1] = ["etc/resolv.conf -> /run/network/resolv.conf"];
/// The only other files: the kernel, which GRUB loads, and its checksum, which GRUB compares before.
const KERNEL: [&str; 2] = ["boot/bzImage", "boot/bzImage.crc32"];
/// Each try ends in a panic, which restarts after ten seconds.
const FALLBACK: Duration = Duration::from_secs(300);

#[test]
fn root_holds_two_programs_and_no_shell() {
    let listing = must(run(Command::new("unsquashfs")
        .args(["-ll", "-no-progress", "-offset", &ROOT_A.offset_bytes().to_string()])
        .arg(workspace::image())));
    let listing = String::from_utf8_lossy(&listing);
    let entries: Vec<_> = listing.lines().filter_map(entry).collect();
    let executable: Vec<_> = entries
        .iter()
        .filter(|(mode, _)| mode.starts_with('-') && mode.contains('x'))
        .map(|(_, path)| *path)
        .collect();
    assert_eq!(executable, PROGRAMS, "{listing}");
    for (mode, path) in &entries {
        assert!(!mode.starts_with('l') || LINKS.contains(path), "{path} is a link");
        assert!(!mode.contains('s') && !mode.contains('S'), "{path} changes the user");
        let is_known = PROGRAMS.contains(path) || KERNEL.contains(path) || path.starts_with("etc/");
        assert!(mode.starts_with('d') || is_known, "{path} is not expected in the root");
    }
}

under_bios_and_uefi!(a_flipped_bit_is_noticed_and_the_other_slot_takes_over);

fn a_flipped_bit_is_noticed_and_the_other_slot_takes_over(firmware: Firmware) {
    let change = |disk: &Disk| {
        // All three tries are spent in the test below.
        disk.leave_one_try(Slot::A)?;
        let offset = first_byte_of_program(disk.path())?;
        disk.flip_bit(offset)
    };
    let mut machine = must(Machine::builder().firmware(firmware).prepare(change));
    must(machine.serial().expect("verity[^\r\n]*corrupted", harness::limits::BOOT));
    let started = must(machine.serial().expect("Slot +(Root [AB])", FALLBACK));
    assert_eq!(started[1], "Root B");
    answer(&machine, USER_ADDRESS);
}

/// Mode and path of a line of `unsquashfs -ll`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let mode = line.split_whitespace().next().filter(|mode| mode.len() == 10)?;
    let (_, path) = line.split_once("squashfs-root/")?;
    Some((mode, path))
}

/// The first place on the disk where a flipped bit damages the program and nothing else: its first
/// block, which every start reads. Found by trying on a scratch copy, with a step smaller than any
/// compressed block of the program.
fn first_byte_of_program(disk: &Path) -> Result<u64, HarnessError> {
    const STEP_BYTES: u64 = 16 * 1024;
    let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
    let scratch = Disk::copy(disk, directory.path().join("scratch.raw"))?;
    let kernel = file(&scratch, KERNEL[0]).ok();
    let program = file(&scratch, PROGRAM.trim_start_matches('/')).ok();
    let mut offset = ROOT_A.offset_bytes() + STEP_BYTES;
    let end = ROOT_A.offset_bytes() + ROOT_A.size_bytes();
    while offset < end {
        scratch.flip_bit(offset)?;
        let is_kernel_same = file(&scratch, KERNEL[0]).ok() == kernel;
        let is_program_same = file(&scratch, PROGRAM.trim_start_matches('/')).ok() == program;
        scratch.flip_bit(offset)?;
        if is_kernel_same && !is_program_same {
            return Ok(offset);
        }
        offset += STEP_BYTES;
    }
    Err(HarnessError::Console("a place to damage"))
}

/// A file of slot A, read without mounting.
fn file(disk: &Disk, path: &str) -> Result<Vec<u8>, HarnessError> {
    run(Command::new("unsquashfs")
        .args(["-no-progress", "-offset", &ROOT_A.offset_bytes().to_string(), "-cat"])
        .arg(disk.path())
        .arg(path))
}
