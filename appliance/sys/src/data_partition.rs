//! The data partition: made whole before it is mounted, and as large as the disk.

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::SysError;
use crate::block;
use crate::error::Step;
use crate::ext4::{self, Superblock};
use crate::gpt::Guid;
use crate::mount::{self, Restrictions};
use crate::partition_table::{self, Extent, Geometry, PRIMARY, Table, Write};

mod ioctl {
    nix::ioctl_none!(read_partitions_again, 0x12, 95);
    nix::ioctl_write_ptr_bad!(change_partition, 0x1269, super::Request);
    nix::ioctl_write_ptr!(resize_ext4, b'f', 16, u64);
}

/// `struct blkpg_ioctl_arg`.
#[repr(C)]
pub(crate) struct Request {
    operation: i32,
    flags: i32,
    length: i32,
    data: *mut c_void,
}

/// `struct blkpg_partition`.
#[repr(C)]
struct Resized {
    start_bytes: i64,
    length_bytes: i64,
    number: i32,
    device_name: [u8; 64],
    volume_name: [u8; 64],
}

const RESIZE: i32 = 3;
/// The kernel counts the size of partitions in sectors of this many bytes.
const SECTOR_BYTES: u64 = 512;

/// Type of the file system.
const TYPE: &str = "ext4";

/// Restores the damaged primary table of every disk whose backup table has the partition of this
/// GUID, and has the kernel read it. Says whether there was one.
///
/// # Errors
///
/// [`SysError::Call`] when a table cannot be written.
pub fn restore_table(guid: &str) -> Result<bool, SysError> {
    let guid = Guid::parse(guid).ok_or_else(|| SysError::NotAGuid(guid.to_owned()))?;
    let mut has_restored = false;
    for disk in block::disks() {
        let device = block::device_path(&disk);
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&device) else { continue };
        let Some(geometry) = block::geometry(&disk) else { continue };
        if read_table(&file, PRIMARY, geometry).is_some() {
            continue;
        }
        // The disk may have grown since the backup was written.
        let places = [geometry.blocks.saturating_sub(1), IMAGE_LAST_BLOCK];
        let backup = places
            .into_iter()
            .filter_map(|place| read_table(&file, place, geometry))
            .find(|table| table.extent(guid).is_some());
        let Some(backup) = backup else { continue };
        write(&file, &partition_table::restoration(&backup, geometry), geometry)
            .step("restore the partition table of", &device.display())?;
        // SAFETY: the call has no argument, and the descriptor is open.
        unsafe { ioctl::read_partitions_again(file.as_raw_fd()) }
            .step("read the partition table of", &device.display())?;
        has_restored = true;
    }
    Ok(has_restored)
}

/// Where the backup table of the image is before the disk is enlarged.
const IMAGE_LAST_BLOCK: u64 = model::disk::DISK_BYTES / model::disk::SECTOR_BYTES - 1;

/// What was done or could not be done on the way to a mounted partition.
#[derive(Debug)]
pub enum Note {
    /// The superblock was damaged and has been repaired.
    Repaired,
    /// The kernel refused the file system until its journal was replayed.
    Replayed,
    /// A step failed that the mount does not depend on.
    Failed(SysError),
    /// The disk is write-protected, so the file system is mounted for reading only.
    ReadOnly,
}

/// Mounts the ext4 on the partition of this GUID, after a repair if it needs one, and lets both follow
/// the size of their disk. `beside` decides between several disks, as with
/// [`block::find_partition`]; `note` hears of everything that is worth a line in the log.
///
/// # Errors
///
/// As [`block::find_partition`]; [`SysError::Call`] when it cannot be mounted.
pub fn mount(
    guid: &str,
    beside: Option<&Path>,
    target: &Path,
    options: &str,
    note: &mut dyn FnMut(Note),
) -> Result<(), SysError> {
    let partition = block::find_partition(guid, beside)?;
    match prepare(&partition, guid) {
        Ok(true) => note(Note::Repaired),
        Ok(false) => {}
        Err(error) => note(Note::Failed(error)),
    }
    let restrictions = Restrictions::DATA_ONLY;
    match mount::mount(&partition, target, TYPE, restrictions, options) {
        Ok(()) => {}
        Err(SysError::Call { source, .. }) if is_write_protection(&source) => {
            // What the journal holds is lost to the eye, but not from the disk.
            mount::mount(&partition, target, TYPE, restrictions.read_only(), "norecovery")?;
            note(Note::ReadOnly);
            return Ok(());
        }
        Err(SysError::Call { source, .. }) if is_damage(&source) => {
            replay_journal(&partition, target)?;
            mount::mount(&partition, target, TYPE, restrictions, options)?;
            note(Note::Replayed);
        }
        Err(error) => return Err(error),
    }
    if let Err(error) = grow_file_system(&partition, target) {
        note(Note::Failed(error));
    }
    Ok(())
}

fn is_damage(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EUCLEAN)
}

/// Has the kernel replay the journal of a file system that it does not mount for writing.
///
/// A power cut soon after the file system has grown may leave the new superblock on the disk, and the
/// descriptors of the new groups in the journal alone. The kernel looks for these before it replays, and refuses
/// the file system; one that is mounted for reading it lets pass, and replays (`ext4_check_descriptors`).
fn replay_journal(partition: &Path, target: &Path) -> Result<(), SysError> {
    mount::mount(partition, target, TYPE, Restrictions::DATA_ONLY.read_only(), "")?;
    mount::unmount(target)
}

fn is_write_protection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// Repairs a damaged superblock, puts the partition table in order and lets the partition follow its
/// disk. Says whether the superblock had to be repaired.
fn prepare(partition: &Path, guid: &str) -> Result<bool, SysError> {
    let file = OpenOptions::new().read(true).write(true).open(partition);
    let file = file.step("open", &partition.display())?;
    let is_repaired = repair_superblock(&file);
    let is_repaired = is_repaired.step("repair the superblock of", &partition.display())?;
    drop(file);
    let guid = Guid::parse(guid).ok_or_else(|| SysError::NotAGuid(guid.to_owned()))?;
    if let Some(disk) = block::disk_of(partition) {
        grow_partition(partition, &disk, guid)?;
    }
    Ok(is_repaired)
}

/// Lets a mounted ext4 follow its partition.
fn grow_file_system(partition: &Path, mount_point: &Path) -> Result<(), SysError> {
    let sectors = block::sectors(partition);
    let superblock = File::open(partition).and_then(|file| read_superblock(&file, ext4::OFFSET));
    let facts = superblock.ok().as_ref().and_then(ext4::facts);
    let (Some(sectors), Some(facts)) = (sectors, facts) else { return Ok(()) };
    let blocks = sectors / (facts.block_bytes / SECTOR_BYTES);
    if blocks <= facts.blocks {
        return Ok(());
    }
    let directory = File::open(mount_point).step("open", &mount_point.display())?;
    // SAFETY: the kernel reads one u64 from the pointer, which outlives the call.
    unsafe { ioctl::resize_ext4(directory.as_raw_fd(), &raw const blocks) }
        .step("enlarge the file system on", &partition.display())?;
    Ok(())
}

fn grow_partition(partition: &Path, disk: &Path, guid: Guid) -> Result<(), SysError> {
    let device = block::device_path(disk);
    let step = |operation| move |result: io::Result<()>| result.step(operation, &"the disk");
    let file = OpenOptions::new().read(true).write(true).open(&device);
    let file = file.step("open", &device.display())?;
    let Some(geometry) = block::geometry(disk) else { return Ok(()) };
    let damaged = |source| SysError::PartitionTable { disk: device.display().to_string(), source };
    let read = |block, bytes| read_blocks(&file, block, bytes, geometry);
    let primary = Table::read(PRIMARY, geometry, read).map_err(damaged)?;
    let backup = read_table(&file, geometry.blocks - 1, geometry);
    let mbr = usize::try_from(geometry.block_bytes).ok().and_then(|bytes| read(0, bytes));
    let mbr = mbr.unwrap_or_default();
    let writes = partition_table::growth(&primary, backup.as_ref(), guid, geometry, &mbr);
    step("write the partition table of")(write(&file, &writes, geometry))?;
    // A start that was cut off may have written the table without telling the kernel.
    let read = |block, bytes| read_blocks(&file, block, bytes, geometry);
    let table = Table::read(PRIMARY, geometry, read).map_err(damaged)?;
    let extent = table.extent(guid);
    let known = block::sectors(partition).map(|sectors| sectors * SECTOR_BYTES);
    match extent {
        Some(extent) if known < extent.blocks.checked_mul(geometry.block_bytes) => {
            step("enlarge the data partition of")(tell_kernel(&file, extent, geometry))
        }
        _ => Ok(()),
    }
}

/// Gives the kernel the new size of a partition, which may be in use.
fn tell_kernel(disk: &File, extent: Extent, geometry: Geometry) -> io::Result<()> {
    let bytes = |blocks: u64| {
        let bytes = blocks.checked_mul(geometry.block_bytes);
        bytes.and_then(|bytes| i64::try_from(bytes).ok()).ok_or(io::ErrorKind::InvalidInput)
    };
    let mut resized = Resized {
        start_bytes: bytes(extent.first)?,
        length_bytes: bytes(extent.blocks)?,
        number: i32::try_from(extent.number).map_err(io::Error::other)?,
        device_name: [0; 64],
        volume_name: [0; 64],
    };
    let request = Request {
        operation: RESIZE,
        flags: 0,
        length: i32::try_from(size_of::<Resized>()).map_err(io::Error::other)?,
        data: (&raw mut resized).cast(),
    };
    // SAFETY: `request` is a `blkpg_ioctl_arg` whose pointer leads to a `blkpg_partition` of the
    // stated length; both outlive the call.
    unsafe { ioctl::change_partition(disk.as_raw_fd(), &raw const request) }?;
    Ok(())
}

fn repair_superblock(partition: &File) -> io::Result<bool> {
    let primary = read_superblock(partition, ext4::OFFSET)?;
    let Ok(backup) = read_superblock(partition, ext4::BACKUP_OFFSET) else { return Ok(false) };
    let Some(repaired) = ext4::repair(&primary, &backup) else { return Ok(false) };
    partition.write_all_at(&repaired, ext4::OFFSET)?;
    partition.sync_all()?;
    Ok(true)
}

fn read_superblock(partition: &File, offset: u64) -> io::Result<Superblock> {
    let mut superblock = [0; ext4::LENGTH];
    partition.read_exact_at(&mut superblock, offset)?;
    Ok(superblock)
}

fn read_table(disk: &File, block: u64, geometry: Geometry) -> Option<Table> {
    Table::read(block, geometry, |block, bytes| read_blocks(disk, block, bytes, geometry)).ok()
}

fn read_blocks(disk: &File, block: u64, length: usize, geometry: Geometry) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    disk.read_exact_at(&mut bytes, block.checked_mul(geometry.block_bytes)?).ok()?;
    Some(bytes)
}

/// Writes one after the other, each only when the one before is on the medium.
fn write(disk: &File, writes: &[Write], geometry: Geometry) -> io::Result<()> {
    for Write { block, bytes } in writes {
        let offset = block.checked_mul(geometry.block_bytes).ok_or(io::ErrorKind::InvalidInput)?;
        disk.write_all_at(bytes, offset)?;
        disk.sync_all()?;
    }
    Ok(())
}
