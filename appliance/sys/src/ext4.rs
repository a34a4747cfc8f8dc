//! The superblock of an ext4 file system (Linux, `fs/ext4/ext4.h`): its size, and its repair.
//!
//! The superblock is two sectors long and has a checksum. A power cut while it is written may leave
//! one sector of the old and one of the new version, and the kernel refuses the whole file system
//! because of it, although nothing is lost: everything that changes lies in the first sector, and
//! the journal holds what matters. [`repair`] mends that. A superblock that is gone is taken from its
//! first backup. Pure: works on bytes that were read, and says what to write.

use crate::gpt::{crc_reflected, crc_table};

/// Offset of the superblock in bytes.
pub const OFFSET: u64 = 1024;
/// Offset of the first backup in bytes, with the block size that the image builder gives.
pub const BACKUP_OFFSET: u64 = 32_768 * 4096;
/// Length of a superblock in bytes.
pub const LENGTH: usize = 1024;

/// A superblock.
pub type Superblock = [u8; LENGTH];

const MAGIC: u16 = 0xef53;
const MAGIC_AT: usize = 0x38;
const STATE_AT: usize = 0x3a;
const GROUP_AT: usize = 0x5a;
const INCOMPATIBLE_AT: usize = 0x60;
const READ_ONLY_COMPATIBLE_AT: usize = 0x64;
const CHECKSUM_AT: usize = 0x3fc;
/// The journal holds changes that have to be replayed.
const NEEDS_RECOVERY: u32 = 0x4;
/// The superblock has a checksum.
const HAS_CHECKSUM: u32 = 0x400;
/// Files that were deleted while open are listed in a file.
const HAS_ORPHANS: u32 = 0x1_0000;
/// The file system may be larger than 2^32 blocks.
const IS_64_BIT: u32 = 0x80;
/// The kernel found an error once.
const FOUND_ERRORS: u16 = 2;

/// Fields that stay the same while the file system lives and does not grow: size, geometry, features
/// and identity.
const FIXED: [std::ops::Range<usize>; 9] = [
    0x00..0x08,   // number of inodes and blocks
    0x14..0x2c,   // first block, size of blocks, blocks and inodes per group
    0x4c..0x50,   // revision
    0x54..0x5a,   // first inode, size of inodes
    0x5c..0x60,   // compatible features
    0x68..0x78,   // identifier
    0xe0..0xe4,   // inode of the journal
    0xfe..0x100,  // size of descriptors
    0x150..0x154, // number of blocks, upper half
];

/// What a superblock says about the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Number of blocks.
    pub blocks: u64,
    /// Size of a block in bytes.
    pub block_bytes: u64,
    /// Whether the kernel has found an error since the file system was made or checked.
    pub has_errors: bool,
}

/// Reads a superblock; `None` when it is damaged or none.
#[must_use]
pub fn facts(superblock: &Superblock) -> Option<Facts> {
    if !is_whole(superblock) {
        return None;
    }
    let is_64_bit = u32_at(superblock, INCOMPATIBLE_AT) & IS_64_BIT != 0;
    let high = if is_64_bit { u64::from(u32_at(superblock, 0x150)) } else { 0 };
    let shift = u32_at(superblock, 0x18).checked_add(10).filter(|shift| *shift <= 16)?;
    Some(Facts {
        blocks: high << 32 | u64::from(u32_at(superblock, 0x04)),
        block_bytes: 1 << shift,
        has_errors: u16_at(superblock, STATE_AT) & FOUND_ERRORS != 0,
    })
}

/// What to write over a superblock that the kernel would refuse, judged by its first backup; `None`
/// when it is whole, or nothing can be done.
#[must_use]
pub fn repair(primary: &Superblock, backup: &Superblock) -> Option<Superblock> {
    if is_whole(primary) || !is_whole(backup) {
        return None;
    }
    let is_torn = u16_at(primary, MAGIC_AT) == MAGIC
        && FIXED.iter().all(|range| primary.get(range.clone()) == backup.get(range.clone()))
        && without(primary, INCOMPATIBLE_AT, NEEDS_RECOVERY)
            == without(backup, INCOMPATIBLE_AT, NEEDS_RECOVERY)
        && without(primary, READ_ONLY_COMPATIBLE_AT, HAS_ORPHANS)
            == without(backup, READ_ONLY_COMPATIBLE_AT, HAS_ORPHANS);
    let mut repaired = if is_torn { *primary } else { *backup };
    if !is_torn {
        // Without this the kernel would throw the journal away instead of replaying it.
        let features = u32_at(backup, INCOMPATIBLE_AT) | NEEDS_RECOVERY;
        put(&mut repaired, INCOMPATIBLE_AT, &features.to_le_bytes());
        put(&mut repaired, GROUP_AT, &[0; 2]);
    }
    let crc = checksum(&repaired);
    put(&mut repaired, CHECKSUM_AT, &crc.to_le_bytes());
    Some(repaired)
}

fn is_whole(superblock: &Superblock) -> bool {
    u16_at(superblock, MAGIC_AT) == MAGIC
        && u32_at(superblock, READ_ONLY_COMPATIBLE_AT) & HAS_CHECKSUM != 0
        && u32_at(superblock, CHECKSUM_AT) == checksum(superblock)
}

fn without(superblock: &Superblock, offset: usize, flags: u32) -> u32 {
    u32_at(superblock, offset) & !flags
}

/// CRC-32C over everything before the checksum, without the usual last inversion.
fn checksum(superblock: &Superblock) -> u32 {
    static TABLE: [u32; 256] = crc_table(0x82f6_3b78);
    crc_reflected(&TABLE, u32::MAX, &superblock[..CHECKSUM_AT])
}

fn put(superblock: &mut Superblock, offset: usize, value: &[u8]) {
    superblock[offset..offset + value.len()].copy_from_slice(value);
}

fn u16_at(superblock: &Superblock, offset: usize) -> u16 {
    u16::from_le_bytes([superblock[offset], superblock[offset + 1]])
}

fn u32_at(superblock: &Superblock, offset: usize) -> u32 {
    u32::from(u16_at(superblock, offset)) | u32::from(u16_at(superblock, offset + 2)) << 16
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// Superblock and first backup of a file system that mke2fs has made.
    fn made() -> (Superblock, Superblock) {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("image");
        File::create(&path).expect("created").set_len(400 << 20).expect("sized");
        let made = Command::new("mkfs.ext4").args(["-q", "-F", "-b", "4096"]).arg(&path).status();
        assert!(made.expect("mkfs.ext4 is installed").success());
        let file = File::open(&path).expect("opened");
        let read = |offset| {
            let mut bytes = [0; LENGTH];
            file.read_exact_at(&mut bytes, offset).expect("read");
            bytes
        };
        (read(OFFSET), read(BACKUP_OFFSET))
    }

    /// As the kernel leaves it while the file system is mounted.
    fn mounted(superblock: &Superblock) -> Superblock {
        let mut mounted = *superblock;
        let features = u32_at(&mounted, INCOMPATIBLE_AT) | NEEDS_RECOVERY;
        put(&mut mounted, INCOMPATIBLE_AT, &features.to_le_bytes());
        put(&mut mounted, 0x2c, &1_700_000_000_u32.to_le_bytes());
        let crc = checksum(&mounted);
        put(&mut mounted, CHECKSUM_AT, &crc.to_le_bytes());
        mounted
    }

    #[test]
    fn reads_what_mke2fs_has_written() {
        let (primary, backup) = made();
        let facts = facts(&primary).expect("whole");
        assert_eq!(facts.blocks * facts.block_bytes, 400 << 20);
        assert!(!facts.has_errors);
        assert!(is_whole(&backup));
        assert_eq!(repair(&primary, &backup), None);
    }

    #[test]
    fn mends_a_torn_superblock_and_keeps_its_first_sector() {
        let (old, backup) = made();
        let new = mounted(&old);
        for (first, second) in [(&old, &new), (&new, &old)] {
            let mut torn = *first;
            torn[512..].copy_from_slice(&second[512..]);
            assert_eq!(facts(&torn), None, "the kernel refuses it");
            assert_eq!(repair(&torn, &backup), Some(*first));
        }
    }

    #[test]
    fn takes_a_lost_superblock_from_the_backup_and_has_the_journal_replayed() {
        let (primary, backup) = made();
        let repaired = repair(&[0; LENGTH], &backup).expect("repaired");
        assert_eq!(facts(&repaired), facts(&primary));
        assert_eq!(u32_at(&repaired, INCOMPATIBLE_AT) & NEEDS_RECOVERY, NEEDS_RECOVERY);
        assert_eq!(u16_at(&repaired, GROUP_AT), 0);
    }

    #[test]
    fn does_nothing_without_a_backup() {
        assert_eq!(repair(&[0; LENGTH], &[0; LENGTH]), None);
    }

    proptest! {
        #[test]
        fn whatever_it_writes_is_whole(changes in proptest::collection::vec((0..LENGTH, any::<u8>()), 1..8)) {
            static MADE: std::sync::LazyLock<(Superblock, Superblock)> =
                std::sync::LazyLock::new(made);
            let (mut primary, backup) = *MADE;
            for (at, value) in changes {
                primary[at] = value;
            }
            if let Some(repaired) = repair(&primary, &backup) {
                prop_assert!(facts(&repaired).is_some());
            }
        }
    }
}
