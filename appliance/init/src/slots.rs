//! What the boot loader and this system tell each other about the slots, in a file of the EFI partition.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use model::grubenv::{GRUBENV_BYTES, GrubEnv, GrubEnvError};
use model::slot::Slot;
use model::slot_report::{FailureReason, SlotReport};
use model::{boot_slots, command_line, disk, panic_record};
use sys::mount::{self, Restrictions};
use sys::watchdog::Watchdog;
use sys::{block, pstore};

use model::error::chain;

use crate::error::InitError;
use crate::log::Log;
use crate::mounts;

const MOUNT_POINT: &str = "/run/esp";
const GRUBENV: &str = "grub/grubenv";

/// Corrects the counters when a person chose another slot than the boot loader, notes why the last start
/// failed, and says what is known about the slots.
pub(crate) fn begin(
    slot: Slot,
    root: Option<&Path>,
    watchdog: Option<&Watchdog>,
    log: &Log,
) -> SlotReport {
    let records = pstore::take_records().unwrap_or_else(|error| {
        log.warn(&chain(&error));
        Vec::new()
    });
    let panicked = records.iter().rev().find_map(|record| panic_record::reason(record));
    let reset = watchdog.is_some_and(Watchdog::caused_restart).then_some(FailureReason::Watchdog);
    let reason = panicked.or(reset);
    if let Some(reason) = &reason {
        log.warn(&format!("The start before this one ended: {reason}"));
    }
    let block = update(slot, root, |block| {
        boot_slots::arrived(block, slot);
        if let Some(reason) = &reason {
            boot_slots::explain_previous(block, reason);
        }
    });
    let report = match block {
        Ok(block) => boot_slots::report(&block, slot),
        Err(error) => {
            log.warn(&chain(&error));
            SlotReport::default()
        }
    };
    for failure in report.fallback.iter().chain(&report.retried) {
        let (slot, tries) = (failure.slot.title(), failure.tries);
        log.warn(&format!("{slot} failed, {tries} tries: {}", failure.reason));
    }
    report
}

/// Tells the boot loader something, and gives all that it knows then. The partition is mounted for
/// writing only when something changes.
pub(crate) fn update(
    slot: Slot,
    root: Option<&Path>,
    change: impl FnOnce(&mut GrubEnv),
) -> Result<GrubEnv, InitError> {
    let device = block::find_partition(disk::ESP.guid, root)?;
    let mount_point = Path::new(MOUNT_POINT);
    fs::create_dir_all(mount_point).map_err(failed)?;
    let mount =
        |restrictions| mount::mount(&device, mount_point, "vfat", restrictions, "umask=077");
    let path = mount_point.join(GRUBENV);
    mount(Restrictions::DATA_ONLY.read_only())?;
    let before = File::open(&path).map_err(failed).and_then(read);
    mount::unmount(mount_point)?;
    let before = before?;
    // Without its variables the boot loader could not count: it gets new ones.
    let mut block = GrubEnv::decode(&before).unwrap_or_else(|_| boot_slots::new_block(slot));
    change(&mut block);
    let after = block.encode()?;
    if after[..] != before {
        mount(Restrictions::DATA_ONLY)?;
        let written = write(&path, &after);
        mount::unmount(mount_point)?;
        written?;
    }
    Ok(block)
}

/// Notes that this system cannot start, if the boot loader can be told at all; the error ends PID 1.
pub(crate) fn could_not_start(error: &InitError) {
    let Some(slot) = mounts::command_line().ok().as_deref().and_then(command_line::root_slot)
    else {
        return;
    };
    let reason = FailureReason::CouldNotStart { message: chain(error) };
    // What went wrong before is on the console; what goes wrong here leaves it unexplained.
    let _ = update(slot, None, |block| boot_slots::failed(block, slot, &reason));
}

fn read(file: File) -> Result<Vec<u8>, InitError> {
    let mut block = Vec::with_capacity(GRUBENV_BYTES);
    // One byte more than is right shows a file that is too long.
    let limit = 1 + u64::try_from(GRUBENV_BYTES).unwrap_or_default();
    file.take(limit).read_to_end(&mut block).map_err(failed)?;
    if block.len() == GRUBENV_BYTES { Ok(block) } else { Err(GrubEnvError::Length.into()) }
}

/// Rewrites the file in place, with one write of its fixed size: GRUB writes the same blocks.
fn write(path: &Path, block: &[u8]) -> Result<(), InitError> {
    let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
    let mut write =
        || file.rewind().and_then(|()| file.write_all(block)).and_then(|()| file.sync_all());
    write().map_err(failed)
}

const fn failed(error: std::io::Error) -> InitError {
    InitError::Io("use the boot loader's variables", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewrites_the_file_in_place() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("grubenv");
        let block = boot_slots::new_block(Slot::B).encode().expect("fits");
        fs::write(&path, [b'#'; GRUBENV_BYTES]).expect("written");
        write(&path, &block).expect("rewritten");
        assert_eq!(read(File::open(&path).expect("there")).expect("read"), block);
    }

    #[test]
    fn refuses_a_file_of_another_length() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("grubenv");
        for length in [0, GRUBENV_BYTES - 1, GRUBENV_BYTES + 1] {
            fs::write(&path, vec![b'#'; length]).expect("written");
            let result = read(File::open(&path).expect("there"));
            assert!(matches!(result, Err(InitError::GrubEnv(GrubEnvError::Length))), "{length}");
        }
    }
}
