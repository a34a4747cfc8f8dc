//! Boot stage 1: from the kernel's built-in archive to the root slot.

use std::convert::Infallible;
use std::fs;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use model::command_line;
use sys::mount::{self, Restrictions};
use sys::watchdog::Watchdog;
use sys::{block, data_partition, verity};

use crate::error::InitError;
use crate::{mounts, signature};

/// Longest wait for the disk to appear: storage on a network takes its time.
const DISK_LIMIT: Duration = Duration::from_secs(30);
const DISK_PAUSE: Duration = Duration::from_millis(20);
const NEW_ROOT: &str = "/newroot";
const INIT: &str = "/sbin/init";

/// Starts the slot. Returns only when that fails.
pub(crate) fn run() -> Result<Infallible, InitError> {
    for directory in mounts::KERNEL_DIRECTORIES.iter().chain(&[NEW_ROOT]) {
        fs::create_dir_all(directory)
            .map_err(|error| InitError::Io("create the first directories", error))?;
    }
    mounts::kernel_file_systems()?;
    // From here on the machine restarts when anything hangs. PID 1 says so when there is none.
    // Open even when a step fails: where it was closed, the kernel complains on the console.
    let watchdog = ManuallyDrop::new(Watchdog::arm().ok());
    let command_line = mounts::command_line()?;
    let guid = command_line::root_partition_guid(&command_line).ok_or(InitError::NoRoot)?;
    let partition = await_partition(&guid)?;
    let trailer = block::read_trailer(&partition)?;
    let facts = signature::check(&trailer, signature::PUBLIC_KEY)?;
    let device = verity::create(&partition, "root", &facts)?;
    let new_root = Path::new(NEW_ROOT);
    mount::mount(&device, new_root, "squashfs", Restrictions::NO_DEVICES.read_only(), "")?;
    for directory in mounts::KERNEL_DIRECTORIES {
        mount::move_mount(Path::new(directory), &new_root.join(directory.trim_start_matches('/')))?;
    }
    // The archive stays in memory below the new root; without its only file it is empty.
    let _ = fs::remove_file("/init");
    mount::switch_root(new_root)?;
    if let Some(watchdog) = ManuallyDrop::into_inner(watchdog) {
        let _ = watchdog.answer();
        let _ = watchdog.leave_to_next();
    }
    Err(mount::execute(Path::new(INIT)).into())
}

/// Waits until a disk with the partition is there.
fn await_partition(guid: &str) -> Result<PathBuf, InitError> {
    let deadline = Instant::now() + DISK_LIMIT;
    loop {
        match block::find_partition(guid, None) {
            Ok(partition) => return Ok(partition),
            // The kernel never looks at the backup of a damaged partition table.
            Err(_) if data_partition::restore_table(guid).is_ok_and(|restored| restored) => {}
            Err(sys::SysError::NoPartition { .. }) if Instant::now() < deadline => {
                thread::sleep(DISK_PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
