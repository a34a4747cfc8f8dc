//! Every prefix of the writes, torn at any block, leaves a table that starts.

use std::collections::BTreeMap;

use model::disk::{DATA, DISK_BYTES, DISK_GUID, PARTITIONS, SECTOR_BYTES};
use proptest::prelude::*;

use super::*;

const ENTRY_BYTES: usize = 128;
const ENTRY_COUNT: usize = 128;
const OLD: Geometry = geometry(DISK_BYTES / SECTOR_BYTES);

const fn geometry(blocks: u64) -> Geometry {
    Geometry { blocks, block_bytes: SECTOR_BYTES }
}

fn data() -> Guid {
    Guid::parse(DATA.guid).expect("valid")
}

/// A sparse disk of 512-byte blocks.
#[derive(Clone, Default)]
struct Disk(BTreeMap<u64, Vec<u8>>);

impl Disk {
    /// As the image builder makes it.
    fn new() -> Self {
        let mut entries = vec![0; ENTRY_BYTES * ENTRY_COUNT];
        for (partition, entry) in PARTITIONS.iter().zip(entries.chunks_exact_mut(ENTRY_BYTES)) {
            let last = partition.first_sector + partition.sectors - 1;
            put(entry, 0, &Guid::parse(partition.type_guid).expect("valid").bytes()).expect("fits");
            put(entry, 16, &Guid::parse(partition.guid).expect("valid").bytes()).expect("fits");
            put(entry, ENTRY_FIRST, &partition.first_sector.to_le_bytes()).expect("fits");
            put(entry, ENTRY_LAST, &last.to_le_bytes()).expect("fits");
        }
        let mut header = vec![0; 512];
        put(&mut header, 0, b"EFI PART\0\0\x01\0\x5c\0\0\0").expect("fits");
        for (offset, value) in [
            (OWN, PRIMARY),
            (OTHER, OLD.blocks - 1),
            (FIRST_USABLE, 34),
            (LAST_USABLE, OLD.blocks - 34),
            (ENTRIES, FIRST_ENTRIES),
            (80, (ENTRY_BYTES as u64) << 32 | ENTRY_COUNT as u64),
        ] {
            put(&mut header, offset, &value.to_le_bytes()).expect("fits");
        }
        put(&mut header, 56, &Guid::parse(DISK_GUID).expect("valid").bytes()).expect("fits");
        let mut primary = Table { header, entries, entry_bytes: ENTRY_BYTES };
        primary.seal().expect("sealed");
        let mut disk = Self::default();
        let mut mbr = vec![0; 512];
        mbr[MBR_ENTRY + 4] = PROTECTIVE_TYPE;
        disk.write(&Write { block: 0, bytes: mbr });
        let backup = primary.backup(OLD).expect("fits");
        for table in [primary, backup] {
            table.writes(true).expect("complete").iter().for_each(|write| disk.write(write));
        }
        disk
    }

    fn write(&mut self, write: &Write) {
        self.tear(write, |_| true);
    }

    fn tear(&mut self, write: &Write, survives: impl Fn(usize) -> bool) {
        for (index, bytes) in write.bytes.chunks(512).enumerate().filter(|it| survives(it.0)) {
            self.0.insert(write.block + index as u64, bytes.to_vec());
        }
    }

    fn read(&self, block: u64, bytes: usize) -> Option<Vec<u8>> {
        let blocks = block..block + bytes.div_ceil(512) as u64;
        let block = |at| self.0.get(&at).cloned().unwrap_or_else(|| vec![0; 512]);
        Some(blocks.flat_map(block).take(bytes).collect())
    }

    fn table(&self, block: u64, geometry: Geometry) -> Result<Table, GptError> {
        Table::read(block, geometry, |block, bytes| self.read(block, bytes))
    }

    fn plan(&self, geometry: Geometry) -> Vec<Write> {
        let primary = self.table(PRIMARY, geometry).expect("valid");
        let backup = self.table(geometry.blocks - 1, geometry).ok();
        let mbr = self.read(0, 512).expect("read");
        growth(&primary, backup.as_ref(), data(), geometry, &mbr)
    }

    fn grow(&mut self, geometry: Geometry) {
        self.plan(geometry).iter().for_each(|write| self.write(write));
    }

    fn data_end(&self, geometry: Geometry) -> u64 {
        let extent = self.table(PRIMARY, geometry).expect("valid").extent(data()).expect("there");
        assert_eq!((extent.number, extent.first), (5, DATA.first_sector));
        extent.first + extent.blocks
    }
}

#[test]
fn a_disk_of_the_size_of_the_image_is_left_alone() {
    let mut disk = Disk::new();
    disk.grow(OLD);
    assert_eq!(disk.data_end(OLD), DATA.first_sector + DATA.sectors);
    assert_eq!(disk.plan(OLD), []);
}

#[test]
fn the_data_partition_follows_the_disk_up_to_its_last_mebibyte() {
    let mut disk = Disk::new();
    for gibibytes in [40_u64, 41, 1024, 8192] {
        let larger = geometry((gibibytes << 30) / 512);
        disk.grow(larger);
        assert_eq!(disk.data_end(larger), larger.blocks - 2048);
        let backup = disk.table(larger.blocks - 1, larger).expect("valid");
        assert_eq!(backup.extent(data()), disk.table(1, larger).expect("valid").extent(data()));
        assert_eq!(disk.plan(larger), [], "nothing is left to do");
    }
    // A disk of 4 TiB and more does not fit the MBR's field, which then says so.
    assert_eq!(disk.read(0, 512).expect("read")[458..462], [0xff; 4]);
}

#[test]
fn a_smaller_disk_is_left_alone() {
    let smaller = geometry(OLD.blocks - 4096);
    assert_eq!(Disk::new().plan(smaller), []);
}

#[test]
fn a_partition_that_claims_the_last_number_there_is_forbids_growth() {
    let mut table = Disk::new().table(PRIMARY, OLD).expect("valid");
    let last = (usize::try_from(table.extent(data()).expect("there").number).expect("small") - 1)
        * ENTRY_BYTES
        + ENTRY_LAST;
    put(&mut table.entries, last, &u64::MAX.to_le_bytes()).expect("fits");
    table.seal().expect("sealed");
    assert_eq!(growth(&table, None, data(), OLD, &[0; 512]), []);
}

#[test]
fn a_damaged_backup_is_made_anew() {
    let mut disk = Disk::new();
    disk.write(&Write { block: OLD.blocks - 1, bytes: vec![0; 512] });
    disk.grow(OLD);
    assert!(disk.table(OLD.blocks - 1, OLD).is_ok());
    assert_eq!(disk.plan(OLD), []);
}

#[test]
fn a_damaged_primary_is_restored_from_its_backup() {
    for block in [1, 2, 3] {
        let mut disk = Disk::new();
        let whole = disk.table(PRIMARY, OLD).expect("valid");
        disk.write(&Write { block, bytes: vec![0xa5; 512] });
        assert!(disk.table(PRIMARY, OLD).is_err());
        let backup = disk.table(OLD.blocks - 1, OLD).expect("valid");
        for write in restoration(&backup, OLD) {
            disk.write(&write);
        }
        assert_eq!(disk.table(PRIMARY, OLD), Ok(whole));
    }
}

#[test]
fn another_partition_behind_the_data_partition_forbids_growth() {
    let disk = Disk::new();
    let mut table = disk.table(PRIMARY, OLD).expect("valid");
    let behind = DATA.first_sector + DATA.sectors;
    let entry = 5 * ENTRY_BYTES;
    put(&mut table.entries, entry, &[1; 32]).expect("fits");
    put(&mut table.entries, entry + ENTRY_FIRST, &behind.to_le_bytes()).expect("fits");
    put(&mut table.entries, entry + ENTRY_LAST, &behind.to_le_bytes()).expect("fits");
    let larger = geometry(OLD.blocks * 2);
    assert_eq!(growth(&table, None, data(), larger, &[]), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Growth is cut off within any write, any block of which may be on the disk already.
    #[test]
    fn a_cut_leaves_the_old_table_or_the_new_one_and_the_next_start_finishes(
        growths in proptest::collection::vec((1_u64..1 << 24, any::<u64>(), any::<prop::sample::Index>()), 1..4),
    ) {
        let mut disk = Disk::new();
        let mut size = OLD;
        for (more, torn, cut) in growths {
            let before = disk.data_end(size);
            size = geometry(size.blocks + more);
            let writes = disk.plan(size);
            prop_assert!(!writes.is_empty());
            let cut = cut.index(writes.len());
            for write in &writes[..cut] {
                disk.write(write);
            }
            disk.tear(&writes[cut], |block| torn >> (block % 64) & 1 == 1);
            let after = disk.data_end(size);
            let end = (size.blocks - 2048) / 2048 * 2048;
            prop_assert!(after == before || after == end, "{before} {after} {end}");
            disk.grow(size);
            prop_assert_eq!(disk.data_end(size), end.max(before));
            prop_assert_eq!(disk.plan(size), []);
        }
    }

    #[test]
    fn never_panics_on_a_garbled_table(
        changes in proptest::collection::vec((0_usize..512 * 34, any::<u8>()), 0..8),
        blocks in 0_u64..1 << 40,
    ) {
        let disk = Disk::new();
        let mut bytes = disk.read(0, 512 * 34).expect("read");
        for (at, value) in changes {
            bytes[at] = value;
        }
        // With a checksum that fits, the fields are looked at.
        let crc = crc32(&bytes[1024..]);
        put(&mut bytes, 512 + ENTRIES_CRC, &crc.to_le_bytes()).expect("fits");
        put(&mut bytes, 512 + HEADER_CRC, &[0; 4]).expect("fits");
        let crc = crc32(&bytes[512..512 + 92]);
        put(&mut bytes, 512 + HEADER_CRC, &crc.to_le_bytes()).expect("fits");
        let mut disk = disk;
        disk.write(&Write { block: 0, bytes });
        let size = geometry(blocks);
        if let Ok(table) = disk.table(PRIMARY, size) {
            for write in growth(&table, None, data(), size, &[0; 512]) {
                prop_assert!(write.block + (write.bytes.len() as u64).div_ceil(512) <= blocks);
            }
            let _ = restoration(&table, size);
        }
    }
}
