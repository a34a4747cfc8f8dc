//! The layout of the disk: five GPT partitions, the same bytes for BIOS and UEFI.
//!
//! Root A is partition 3 because the product manual documents `set root="(hd0,gpt3)"`.
//! Identifiers are fixed: an appliance has one system disk, and GRUB and the kernel's command line
//! name the root slot by its partition GUID.

use crate::slot::Slot;

/// Size of a logical sector in bytes. The image is laid out for 512-byte sectors.
pub const SECTOR_BYTES: u64 = 512;
/// Virtual size of the disk in bytes: 20 GiB, the documented minimum. The file is sparse.
pub const DISK_BYTES: u64 = 20 << 30;
/// GUID of the disk itself.
pub const DISK_GUID: &str = "c0de0000-0000-4000-8000-000000000000";
/// Start of the first partition, in sectors: 1 MiB, where GRUB's BIOS core image lies.
pub const FIRST_SECTOR: u64 = 2048;

/// One partition of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Number in the GPT, from 1.
    pub number: u8,
    /// Name in the GPT.
    pub name: &'static str,
    /// GUID of this partition (`PARTUUID` of the kernel), lower case.
    pub guid: &'static str,
    /// GUID of the partition's type, lower case.
    pub type_guid: &'static str,
    /// First sector.
    pub first_sector: u64,
    /// Number of sectors.
    pub sectors: u64,
}

impl Partition {
    /// Offset of the partition on the disk, in bytes.
    #[must_use]
    pub const fn offset_bytes(&self) -> u64 {
        self.first_sector * SECTOR_BYTES
    }

    /// Size of the partition in bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.sectors * SECTOR_BYTES
    }
}

const MIB_SECTORS: u64 = (1 << 20) / SECTOR_BYTES;
const LINUX_FILESYSTEM: &str = "0fc63daf-8483-4772-8e79-3d69d8477de4";
/// The Discoverable Partitions Specification's type for an x86-64 root.
const LINUX_ROOT_X86_64: &str = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";

/// Where GRUB's BIOS core image lies. Without a file system.
pub const BIOS_BOOT: Partition = Partition {
    number: 1,
    name: "bios",
    guid: "c0de0000-0000-4000-8000-0000000000b1",
    type_guid: "21686148-6449-6e6f-744e-656564454649",
    first_sector: FIRST_SECTOR,
    sectors: MIB_SECTORS,
};

/// The EFI system partition: FAT32 with GRUB, its configuration and `grubenv`, read by BIOS too.
pub const ESP: Partition = Partition {
    number: 2,
    name: "esp",
    guid: "c0de0000-0000-4000-8000-0000000000e5",
    type_guid: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    first_sector: BIOS_BOOT.first_sector + BIOS_BOOT.sectors,
    sectors: 64 * MIB_SECTORS,
};

/// Root slot A.
pub const ROOT_A: Partition = Partition {
    number: 3,
    name: "root-a",
    guid: "c0de0000-0000-4000-8000-0000000000a0",
    type_guid: LINUX_ROOT_X86_64,
    first_sector: ESP.first_sector + ESP.sectors,
    sectors: 512 * MIB_SECTORS,
};

/// Root slot B.
pub const ROOT_B: Partition = Partition {
    number: 4,
    name: "root-b",
    guid: "c0de0000-0000-4000-8000-0000000000b0",
    type_guid: LINUX_ROOT_X86_64,
    first_sector: ROOT_A.first_sector + ROOT_A.sectors,
    sectors: 512 * MIB_SECTORS,
};

/// Settings and everything else that survives an update: ext4 to the end of the disk, leaving the
/// last MiB for the backup GPT.
pub const DATA: Partition = Partition {
    number: 5,
    name: "data",
    guid: "c0de0000-0000-4000-8000-0000000000da",
    type_guid: LINUX_FILESYSTEM,
    first_sector: ROOT_B.first_sector + ROOT_B.sectors,
    sectors: DISK_BYTES / SECTOR_BYTES - (ROOT_B.first_sector + ROOT_B.sectors) - MIB_SECTORS,
};

/// All partitions, in the order of their numbers and of their place on the disk.
pub const PARTITIONS: [Partition; 5] = [BIOS_BOOT, ESP, ROOT_A, ROOT_B, DATA];

/// The partition of a root slot.
#[must_use]
pub const fn root_partition(slot: Slot) -> Partition {
    match slot {
        Slot::A => ROOT_A,
        Slot::B => ROOT_B,
    }
}

/// The root slot whose partition has this GUID, compared without case.
#[must_use]
pub fn slot_of_partition(guid: &str) -> Option<Slot> {
    Slot::ALL.into_iter().find(|slot| root_partition(*slot).guid.eq_ignore_ascii_case(guid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_follow_each_other_without_gap_and_end_before_the_backup_gpt() {
        for pair in PARTITIONS.windows(2) {
            assert_eq!(pair[0].first_sector + pair[0].sectors, pair[1].first_sector);
            assert_eq!(pair[0].number + 1, pair[1].number);
        }
        assert!(DATA.offset_bytes() + DATA.size_bytes() + 33 * SECTOR_BYTES <= DISK_BYTES);
    }

    #[test]
    fn root_a_is_the_documented_gpt3() {
        assert_eq!(root_partition(Slot::A).number, 3);
        assert_eq!(slot_of_partition(&ROOT_B.guid.to_uppercase()), Some(Slot::B));
        assert_eq!(slot_of_partition(ESP.guid), None);
    }
}
