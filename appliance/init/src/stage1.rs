//! Boot stage 1: from the kernel's built-in archive to the root slot.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use model::command_line;
use sys::mount::{self, Restrictions};
use sys::{block, verity};

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
    Err(mount::execute(Path::new(INIT)).into())
}

/// Waits until a disk with the partition is there.
fn await_partition(guid: &str) -> Result<PathBuf, InitError> {
    let deadline = Instant::now() + DISK_LIMIT;
    loop {
        match block::find_partition(guid, None) {
            Err(sys::SysError::NoPartition { .. }) if Instant::now() < deadline => {
                thread::sleep(DISK_PAUSE);
            }
            result => return Ok(result?),
        }
    }
}
