//! Finding partitions by GUID, and reading and naming block devices.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use model::trailer::TRAILER_BYTES;

use crate::SysError;
use crate::error::Step;
use crate::gpt::{GptError, Guid, Header};
use crate::partition_table::Geometry;

const CLASS: &str = "/sys/class/block";
/// Devices that never hold the appliance's disk; opening some of them is slow.
const SKIPPED: [&str; 5] = ["dm-", "fd", "loop", "ram", "sr"];
/// Block sizes outside this range are not believed.
const BLOCK_BYTES: std::ops::RangeInclusive<u64> = 512..=65_536;
/// The unit of sizes in sysfs, in bytes.
const KERNEL_SECTOR_BYTES: u64 = 512;

/// Finds the device node of the partition with this GUID, such as `/dev/sda3`.
///
/// When several disks have it, as with the copy of a disk attached beside the original, `beside`
/// decides: a device node whose disk is looked at first. Without it the disks are tried in the order
/// of their names.
///
/// # Errors
///
/// [`SysError::NoPartition`] when no disk has it (yet); [`SysError::NotAGuid`]. Disks that cannot be
/// read are passed over, unless none has the partition and one has a damaged table:
/// [`SysError::PartitionTable`], or is smaller than its table says: [`SysError::SmallDisk`].
pub fn find_partition(guid: &str, beside: Option<&Path>) -> Result<PathBuf, SysError> {
    let wanted = Guid::parse(guid).ok_or_else(|| SysError::NotAGuid(guid.to_owned()))?;
    let first = beside.and_then(disk_of);
    let mut disks = disks();
    disks.sort_by_key(|disk| (Some(disk) != first.as_ref(), disk.clone()));
    let mut unusable = None;
    for disk in disks {
        let device = device_path(&disk);
        match find_on_disk(&disk, &device, wanted) {
            Ok(Some(place)) => {
                if let Some(partition) = partition_node(&disk, place.number) {
                    return Ok(partition);
                }
                let small = geometry(&disk).and_then(|size| too_small(&device, place, size));
                unusable = small.or(unusable);
            }
            Ok(None) | Err(ReadError::Io) | Err(ReadError::Gpt(GptError::Signature)) => {}
            Err(ReadError::Gpt(source)) => {
                unusable =
                    Some(SysError::PartitionTable { disk: device.display().to_string(), source });
            }
        }
    }
    Err(unusable.unwrap_or_else(|| SysError::NoPartition { guid: guid.to_owned() }))
}

/// Device node of the partition under a device-mapper node, such as `/dev/sda3` under `/dev/dm-0`.
#[must_use]
pub fn underlying(device: &Path) -> Option<PathBuf> {
    let slaves = Path::new(CLASS).join(device.file_name()?).join("slaves");
    let slave = fs::read_dir(slaves).ok()?.flatten().next()?;
    Some(device_path(&slave.path()))
}

/// Reads the last bytes of a device: the trailer of a root slot.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn read_trailer(device: &Path) -> Result<[u8; TRAILER_BYTES], SysError> {
    let read = || {
        let mut file = File::open(device)?;
        let mut trailer = [0; TRAILER_BYTES];
        let length = i64::try_from(TRAILER_BYTES).map_err(io::Error::other)?;
        file.seek(SeekFrom::End(-length))?;
        file.read_exact(&mut trailer)?;
        Ok::<_, io::Error>(trailer)
    };
    read().step("read the trailer of", &device.display())
}

enum ReadError {
    Io,
    Gpt(GptError),
}

impl From<io::Error> for ReadError {
    fn from(_: io::Error) -> Self {
        Self::Io
    }
}

/// Whole disks, as directories of sysfs.
pub(crate) fn disks() -> Vec<PathBuf> {
    let entries = fs::read_dir(CLASS).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            !SKIPPED.iter().any(|skipped| name.starts_with(skipped))
        })
        .map(|entry| entry.path())
        .filter(|path| !path.join("partition").exists())
        .collect()
}

/// The disk of a partition, as a directory of sysfs in the form that [`disks`] returns.
pub(crate) fn disk_of(partition: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(Path::new(CLASS).join(partition.file_name()?)).ok()?;
    Some(Path::new(CLASS).join(real.parent()?.file_name()?))
}

/// Size of a block device in sectors of 512 bytes, whatever its own blocks are.
pub(crate) fn sectors(device: &Path) -> Option<u64> {
    let text = fs::read_to_string(Path::new(CLASS).join(device.file_name()?).join("size")).ok()?;
    text.trim().parse().ok()
}

/// Size of a disk, given as a directory of sysfs.
pub(crate) fn geometry(disk: &Path) -> Option<Geometry> {
    let block_bytes = block_bytes(disk);
    let sectors = sectors(disk)?;
    Some(Geometry { blocks: sectors / (block_bytes / KERNEL_SECTOR_BYTES), block_bytes })
}

fn block_bytes(disk: &Path) -> u64 {
    fs::read_to_string(disk.join("queue/logical_block_size"))
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .filter(|bytes| BLOCK_BYTES.contains(bytes))
        .unwrap_or(model::disk::SECTOR_BYTES)
}

/// Where the table of a disk has a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Number of the partition, from 1.
    number: usize,
    /// Last block that the table uses.
    last_block: u64,
}

/// The error of a disk that ends before its table does: the kernel makes no partitions of it.
fn too_small(device: &Path, place: Place, size: Geometry) -> Option<SysError> {
    let needed_blocks = place.last_block.checked_add(1).filter(|blocks| *blocks > size.blocks)?;
    Some(SysError::SmallDisk {
        disk: device.display().to_string(),
        bytes: size.blocks.saturating_mul(size.block_bytes),
        needed_bytes: needed_blocks.saturating_mul(size.block_bytes),
    })
}

fn find_on_disk(disk: &Path, device: &Path, guid: Guid) -> Result<Option<Place>, ReadError> {
    find_in(&mut File::open(device)?, block_bytes(disk), guid)
}

fn find_in(
    disk: &mut (impl Read + Seek),
    block_bytes: u64,
    guid: Guid,
) -> Result<Option<Place>, ReadError> {
    let mut block = vec![0; usize::try_from(block_bytes).map_err(|_| ReadError::Io)?];
    disk.seek(SeekFrom::Start(block_bytes))?;
    disk.read_exact(&mut block)?;
    let header = Header::parse(&block).map_err(ReadError::Gpt)?;
    let start = header.entries_block.checked_mul(block_bytes);
    disk.seek(SeekFrom::Start(start.ok_or(ReadError::Gpt(GptError::Range))?))?;
    let mut table = vec![0; header.table_bytes];
    disk.read_exact(&mut table)?;
    let number = header.find(&table, guid).map_err(ReadError::Gpt)?;
    Ok(number.map(|number| Place { number, last_block: header.last_usable_block }))
}

fn partition_node(disk: &Path, number: usize) -> Option<PathBuf> {
    let number = number.to_string();
    let children = fs::read_dir(disk).ok()?.flatten();
    children
        .map(|child| child.path())
        .find(|path| {
            fs::read_to_string(path.join("partition")).is_ok_and(|text| text.trim() == number)
        })
        .map(|path| device_path(&path))
}

/// The node of a sysfs directory; sysfs writes `!` for `/`.
pub(crate) fn device_path(directory: &Path) -> PathBuf {
    let name = directory.file_name().map(|name| name.to_string_lossy().replace('!', "/"));
    Path::new("/dev").join(name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn reads_the_table_of_a_disk_with_either_block_size() {
        let (header, entries) = crate::gpt::tests::table();
        for block in [512_usize, 4096] {
            let mut disk = vec![0; 3 * block];
            disk[block..block + header.len()].copy_from_slice(&header);
            disk[2 * block..2 * block + entries.len()].copy_from_slice(&entries);
            let guid = Guid::parse("c0de0000-0102-4304-8506-0708090a0b0c").expect("valid");
            let found = find_in(&mut Cursor::new(disk), block as u64, guid);
            assert!(matches!(found, Ok(Some(Place { number: 3, .. }))), "{block}");
        }
    }

    #[test]
    fn a_disk_that_ends_before_its_table_is_told_with_both_sizes() {
        let place = Place { number: 3, last_block: (20 << 30) / 512 - 34 };
        let told = |bytes: u64| {
            let size = Geometry { blocks: bytes / 512, block_bytes: 512 };
            too_small(Path::new("/dev/sda"), place, size).map(|error| error.to_string())
        };
        let expected = "the disk /dev/sda has 10.5 GiB and its partitions take 20.0 GiB; enlarge it in \
                        the hypervisor, or import the appliance anew";
        assert_eq!(told((10 << 30) + (1 << 29)).as_deref(), Some(expected));
        let almost = told((20 << 30) - (1 << 20)).expect("too small");
        assert!(almost.contains("has 19.9 GiB and its partitions take 20.0 GiB"), "{almost}");
        assert_eq!((told(20 << 30), told(40 << 30)), (None, None));
    }

    #[test]
    fn names_the_partition_that_is_missing() {
        let guid = "c0de0000-ffff-4000-8000-ffffffffffff";
        let error = find_partition(guid, None).expect_err("nobody has it");
        assert!(matches!(error, SysError::NoPartition { .. } | SysError::PartitionTable { .. }));
        assert!(matches!(find_partition("sda3", None), Err(SysError::NotAGuid(_))));
    }

    #[test]
    fn node_of_a_nested_name_has_a_slash() {
        assert_eq!(
            device_path(Path::new("/sys/class/block/cciss!c0d0p1")),
            Path::new("/dev/cciss/c0d0p1")
        );
    }
}
