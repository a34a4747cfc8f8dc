//! The partition table (UEFI Specification 2.10, section 5): protective MBR, GPT and its backup.

use model::disk::{DISK_BYTES, DISK_GUID, PARTITIONS, Partition, SECTOR_BYTES};

const SECTOR: usize = 512;
const _: () = assert!(SECTOR as u64 == SECTOR_BYTES);
const DISK_SECTORS: u64 = DISK_BYTES / SECTOR_BYTES;
const ENTRY_COUNT: u32 = 128;
const ENTRY_BYTES: u32 = 128;
/// Size of all entries in bytes.
const TABLE_BYTES: usize = (ENTRY_COUNT * ENTRY_BYTES) as usize;
const TABLE_SECTORS: u64 = TABLE_BYTES as u64 / SECTOR_BYTES;
/// Number of UTF-16 units of a partition's name.
const NAME_UNITS: usize = 36;
const HEADER_BYTES: u32 = 92;
const REVISION: u32 = 0x0001_0000;
/// Sector of the first entry, behind MBR and header.
const FIRST_TABLE_SECTOR: u64 = 2;
/// Offset of the first MBR partition entry.
const MBR_ENTRY: usize = 446;
const PROTECTIVE_TYPE: u8 = 0xee;

/// The beginning and the end of the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionTable {
    /// MBR, header and entries, from the first byte of the disk.
    pub primary: Vec<u8>,
    /// Entries and header, up to the last byte of the disk.
    pub backup: Vec<u8>,
}

/// The table of the appliance's partitions, with `boot_code` in the first sector.
#[must_use]
pub fn table(boot_code: &[u8]) -> PartitionTable {
    let mut entries: Vec<u8> = PARTITIONS.iter().flat_map(entry).collect();
    entries.resize(TABLE_BYTES, 0);
    let last = DISK_SECTORS - 1;
    let primary = header(1, last, FIRST_TABLE_SECTOR, &entries);
    let backup = header(last, 1, last - TABLE_SECTORS, &entries);
    PartitionTable {
        primary: [&protective_mbr(boot_code)[..], &primary, &entries].concat(),
        backup: [&entries[..], &backup].concat(),
    }
}

/// Offset of the backup on the disk, in bytes.
#[must_use]
pub const fn backup_offset_bytes() -> u64 {
    DISK_BYTES - (TABLE_SECTORS + 1) * SECTOR_BYTES
}

/// The MBR that keeps old programs off the disk, and holds the BIOS's boot code.
fn protective_mbr(boot_code: &[u8]) -> [u8; SECTOR] {
    let mut mbr = [0; SECTOR];
    mbr[..boot_code.len()].copy_from_slice(boot_code);
    let sectors = u32::try_from(DISK_SECTORS - 1).unwrap_or(u32::MAX);
    let start_of_cylinders = [0x00, 0x02, 0x00];
    let end_of_cylinders = [0xff, 0xff, 0xff];
    let entry = [
        &[0][..],
        &start_of_cylinders,
        &[PROTECTIVE_TYPE],
        &end_of_cylinders,
        &1_u32.to_le_bytes(),
        &sectors.to_le_bytes(),
    ]
    .concat();
    mbr[MBR_ENTRY..MBR_ENTRY + entry.len()].copy_from_slice(&entry);
    mbr[SECTOR - 2..].copy_from_slice(&[0x55, 0xaa]);
    mbr
}

fn header(own: u64, other: u64, table: u64, entries: &[u8]) -> [u8; SECTOR] {
    let fill = |own_checksum: u32| {
        [
            &b"EFI PART"[..],
            &REVISION.to_le_bytes(),
            &HEADER_BYTES.to_le_bytes(),
            &own_checksum.to_le_bytes(),
            &[0; 4],
            &own.to_le_bytes(),
            &other.to_le_bytes(),
            &(FIRST_TABLE_SECTOR + TABLE_SECTORS).to_le_bytes(),
            &(DISK_SECTORS - TABLE_SECTORS - 2).to_le_bytes(),
            &guid(DISK_GUID),
            &table.to_le_bytes(),
            &ENTRY_COUNT.to_le_bytes(),
            &ENTRY_BYTES.to_le_bytes(),
            &crc32fast::hash(entries).to_le_bytes(),
        ]
        .concat()
    };
    let header = fill(crc32fast::hash(&fill(0)));
    let mut sector = [0; SECTOR];
    sector[..header.len()].copy_from_slice(&header);
    sector
}

fn entry(partition: &Partition) -> Vec<u8> {
    let mut name: Vec<u8> =
        partition.name.encode_utf16().take(NAME_UNITS).flat_map(u16::to_le_bytes).collect();
    name.resize(NAME_UNITS * 2, 0);
    [
        &guid(partition.type_guid)[..],
        &guid(partition.guid),
        &partition.first_sector.to_le_bytes(),
        &(partition.first_sector + partition.sectors - 1).to_le_bytes(),
        &[0; 8],
        &name,
    ]
    .concat()
}

/// The 16 bytes of a GUID: the first three groups little-endian, the others as they are written.
fn guid(text: &str) -> [u8; 16] {
    let number = u128::from_str_radix(&text.replace('-', ""), 16);
    let mut bytes = number.expect("the model's GUIDs are hexadecimal").to_be_bytes();
    for group in [0..4, 4..6, 6..8] {
        bytes[group].reverse();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_mixed_endian() {
        assert_eq!(
            guid("C12A7328-F81F-11D2-BA4B-00A0C93EC93B"),
            *b"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b"
        );
    }

    #[test]
    fn both_copies_end_where_they_must() {
        let table = table(&[0x90; 440]);
        assert_eq!(table.primary.len() as u64, 34 * SECTOR_BYTES);
        assert!(table.primary.starts_with(&[0x90; 440]));
        assert_eq!(backup_offset_bytes() + table.backup.len() as u64, DISK_BYTES);
    }
}
