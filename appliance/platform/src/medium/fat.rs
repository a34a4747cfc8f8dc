//! The root directory of a FAT file system, of all three kinds.
//!
//! Sources: ECMA-107 for FAT12 and FAT16; Microsoft, "FAT: General Overview of On-Disk Format" 1.03 for FAT32 and
//! long names.

use super::{MAX_DIRECTORY_BYTES, MediumError, slice};

// Where fields stand in the boot sector.
const SECTOR_BYTES: usize = 11;
const CLUSTER_SECTORS: usize = 13;
const RESERVED_SECTORS: usize = 14;
const TABLES: usize = 16;
const ROOT_ENTRIES: usize = 17;
const SECTORS_16: usize = 19;
const TABLE_SECTORS_16: usize = 22;
const SECTORS_32: usize = 32;
const TABLE_SECTORS_32: usize = 36;
const ROOT_CLUSTER: usize = 44;
const SIGNATURE: usize = 510;
/// A file system with fewer clusters has entries of 12 bits.
const FAT16_CLUSTERS: usize = 4085;
/// Number of the first cluster that holds data.
const FIRST_CLUSTER: usize = 2;

// Where fields stand in an entry of a directory.
const ENTRY_BYTES: usize = 32;
const ATTRIBUTES: usize = 11;
const CLUSTER_HIGH: usize = 20;
const CLUSTER_LOW: usize = 26;
const LENGTH: usize = 28;
/// The entry is that of a directory or of the label.
const NO_FILE: u8 = 0x18;
/// All attributes of an entry that holds a part of a long name.
const LONG_NAME: u8 = 0x0f;
const REMOVED: u8 = 0xe5;
/// In the first octet of an entry with the last part of a long name, which comes first.
const LAST_PART: u8 = 0x40;
/// Where a part of a long name has its thirteen UCS-2 characters.
const NAME_PARTS: [std::ops::Range<usize>; 3] = [1..11, 14..26, 28..32];

/// How wide the entries of the table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Bits12,
    Bits16,
    Bits32,
}

/// Where the root directory is.
#[derive(Clone, Copy, Debug)]
enum Root<'a> {
    /// In front of the clusters.
    Fixed(&'a [u8]),
    /// In a chain that begins with this cluster.
    Chain(usize),
}

/// A file system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fat<'a> {
    table: &'a [u8],
    /// From the first cluster on.
    data: &'a [u8],
    cluster_bytes: usize,
    width: Width,
    root: Root<'a>,
}

impl<'a> Fat<'a> {
    /// Reads the boot sector; `None` when it is none.
    pub(super) fn open(image: &'a [u8]) -> Option<Self> {
        let sector_bytes = u16_at(image, SECTOR_BYTES)?;
        let cluster_sectors = usize::from(*image.get(CLUSTER_SECTORS)?);
        let is_boot_sector = slice(image, SIGNATURE, 2)? == [0x55, 0xaa]
            && [512, 1024, 2048, 4096].contains(&sector_bytes)
            && cluster_sectors.is_power_of_two();
        if !is_boot_sector {
            return None;
        }
        let either = |short: usize, long: usize| match u16_at(image, short)? {
            0 => u32_at(image, long),
            sectors => Some(sectors),
        };
        let table_sectors = either(TABLE_SECTORS_16, TABLE_SECTORS_32)?;
        let first_table = u16_at(image, RESERVED_SECTORS)?.checked_mul(sector_bytes)?;
        let table_bytes = table_sectors.checked_mul(sector_bytes)?;
        let tables = usize::from(*image.get(TABLES)?);
        let root = first_table.checked_add(table_bytes.checked_mul(tables)?)?;
        let root_bytes = u16_at(image, ROOT_ENTRIES)? * ENTRY_BYTES;
        let data = root.checked_add(root_bytes.next_multiple_of(sector_bytes))?;
        let cluster_bytes = cluster_sectors * sector_bytes;
        let bytes = either(SECTORS_16, SECTORS_32)?.checked_mul(sector_bytes)?;
        let clusters = bytes.checked_sub(data)? / cluster_bytes;
        let width = match u16_at(image, TABLE_SECTORS_16)? {
            0 => Width::Bits32,
            _ if clusters < FAT16_CLUSTERS => Width::Bits12,
            _ => Width::Bits16,
        };
        let root = match width {
            Width::Bits32 => Root::Chain(u32_at(image, ROOT_CLUSTER)?),
            Width::Bits12 | Width::Bits16 => Root::Fixed(slice(image, root, root_bytes)?),
        };
        let table = slice(image, first_table, table_bytes)?;
        Some(Self { table, data: image.get(data..)?, cluster_bytes, width, root })
    }

    /// The content of a file of the root directory.
    pub(super) fn file(
        &self,
        name: &str,
        limit_bytes: usize,
    ) -> Result<Option<Vec<u8>>, MediumError> {
        let read;
        let directory = match self.root {
            Root::Fixed(directory) => directory,
            Root::Chain(cluster) => {
                read = self.chain(cluster, MAX_DIRECTORY_BYTES);
                &read
            }
        };
        if directory.is_empty() {
            return Err(MediumError::Truncated("its root directory"));
        }
        let Some(entry) = entry(directory, name) else { return Ok(None) };
        let length = u32_at(entry, LENGTH).filter(|length| *length <= limit_bytes);
        let content = length.and_then(|length| {
            let mut content = self.chain(cluster(entry, self.width)?, length);
            content.truncate(length);
            (content.len() == length).then_some(content)
        });
        content.map(Some).ok_or(MediumError::Truncated("a file of it"))
    }

    /// The clusters of a chain up to its end, to the end of what was read, or until there are so many bytes.
    fn chain(&self, first: usize, wanted_bytes: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut next = Some(first);
        while let Some(cluster) = next.filter(|_| bytes.len() < wanted_bytes) {
            let at = cluster
                .checked_sub(FIRST_CLUSTER)
                .and_then(|it| it.checked_mul(self.cluster_bytes));
            let Some(content) = at.and_then(|at| slice(self.data, at, self.cluster_bytes)) else {
                break;
            };
            bytes.extend_from_slice(content);
            // The mark of the end is a cluster that no file system has.
            next = self.entry(cluster);
        }
        bytes
    }

    /// The entry of a cluster in the table: the next one.
    fn entry(&self, cluster: usize) -> Option<usize> {
        match self.width {
            Width::Bits12 => {
                let pair = u16_at(self.table, cluster.checked_mul(3)? / 2)?;
                Some(if cluster.is_multiple_of(2) { pair & 0xfff } else { pair >> 4 })
            }
            Width::Bits16 => u16_at(self.table, cluster.checked_mul(2)?),
            // The upper four bits are reserved.
            Width::Bits32 => Some(u32_at(self.table, cluster.checked_mul(4)?)? & 0x0fff_ffff),
        }
    }
}

/// The first cluster of a file.
fn cluster(entry: &[u8], width: Width) -> Option<usize> {
    let low = u16_at(entry, CLUSTER_LOW)?;
    match width {
        Width::Bits32 => Some(u16_at(entry, CLUSTER_HIGH)? << 16 | low),
        Width::Bits12 | Width::Bits16 => Some(low),
    }
}

/// The entry of a file in a directory.
fn entry<'a>(directory: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut long_name = Vec::new();
    for entry in directory.chunks_exact(ENTRY_BYTES).take_while(|entry| entry[0] != 0) {
        if entry[0] == REMOVED {
            long_name.clear();
        } else if entry[ATTRIBUTES] & 0x3f == LONG_NAME {
            if entry[0] & LAST_PART != 0 {
                long_name.clear();
            }
            long_name.splice(0..0, part(entry));
        } else {
            let long = (!long_name.is_empty()).then(|| String::from_utf16_lossy(&long_name));
            long_name.clear();
            let is_file = entry[ATTRIBUTES] & NO_FILE == 0;
            let mut names = [long, Some(short_name(entry))].into_iter().flatten();
            if is_file && names.any(|it| it.eq_ignore_ascii_case(name)) {
                return Some(entry);
            }
        }
    }
    None
}

/// The characters of a part of a long name. Behind its end stand 0 and padding.
fn part(entry: &[u8]) -> Vec<u16> {
    let units = NAME_PARTS.into_iter().flat_map(|range| entry[range].chunks_exact(2));
    units.map(|unit| u16::from_le_bytes([unit[0], unit[1]])).take_while(|unit| *unit != 0).collect()
}

/// Eight characters and three, each padded with blanks.
fn short_name(entry: &[u8]) -> String {
    let text = |range| String::from_utf8_lossy(&entry[range]).trim_end().to_owned();
    match (text(0..8), text(8..11)) {
        (name, extension) if extension.is_empty() => name,
        (name, extension) => format!("{name}.{extension}"),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = slice(bytes, at, 2)?;
    Some(usize::from(u16::from_le_bytes([bytes[0], bytes[1]])))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = slice(bytes, at, 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// Longer than a cluster of each kind.
    fn user_data() -> Vec<u8> {
        let document = br#"{"connector":{"name":"a"}}"#;
        [document.as_slice(), &[b' '; 9000]].concat()
    }

    fn run(program: &str, arguments: &[&str]) {
        let output = Command::new(program).args(arguments).output().expect("installed");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// By `mkfs.vfat` and `mcopy`, as `cloud-localds --filesystem=vfat` does.
    fn made(bits: &str, kibibytes: &str) -> Vec<u8> {
        let directory = tempfile::tempdir().expect("directory");
        let path = |name: &str| -> PathBuf { directory.path().join(name) };
        fs::write(path("user-data"), user_data()).expect("a file");
        fs::write(path("ovf-env.xml"), "<Environment/>").expect("a file");
        fs::write(path("A long name that has more than one part"), "x").expect("a file");
        let image = path("image").display().to_string();
        run("mkfs.vfat", &["-n", "CIDATA", "-F", bits, "-C", &image, kibibytes]);
        for name in ["A long name that has more than one part", "user-data", "ovf-env.xml"] {
            run("mcopy", &["-i", &image, &path(name).display().to_string(), "::"]);
        }
        fs::read(image).expect("an image")
    }

    #[test]
    fn reads_files_of_all_three_kinds() {
        for (bits, kibibytes, width) in [
            ("12", "1440", Width::Bits12),
            ("16", "16384", Width::Bits16),
            ("32", "40000", Width::Bits32),
        ] {
            let image = made(bits, kibibytes);
            let fat = Fat::open(&image).expect("a FAT file system");
            assert_eq!(fat.width, width);
            assert_eq!(fat.file("user-data", 10_000), Ok(Some(user_data())));
            assert_eq!(fat.file("User-Data", 10_000), Ok(Some(user_data())));
            assert_eq!(fat.file("ovf-env.xml", 64), Ok(Some(b"<Environment/>".to_vec())));
            let long = fat.file("A long name that has more than one part", 64);
            assert_eq!(long, Ok(Some(b"x".to_vec())));
            for missing in ["vendor-data", "", "CIDATA", "cidata"] {
                assert_eq!(fat.file(missing, 64), Ok(None), "{missing}");
            }
            assert_eq!(fat.file("user-data", 64), Err(MediumError::Truncated("a file of it")));
        }
    }

    #[test]
    fn what_breaks_off_is_named() {
        let image = made("16", "16384");
        assert!(Fat::open(&image[..511]).is_none() && Fat::open(&[]).is_none());
        let content = image.windows(9).position(|it| it == b"connector").expect("there");
        let fat = Fat::open(&image[..content]).expect("a FAT file system");
        assert_eq!(fat.file("user-data", 10_000), Err(MediumError::Truncated("a file of it")));
    }

    #[test]
    fn a_chain_that_is_a_ring_ends() {
        let mut image = made("16", "16384");
        let table = u16_at(&image, RESERVED_SECTORS).expect("there") * 512;
        let entries = u16_at(&image, TABLE_SECTORS_16).expect("there") * 256;
        for cluster in FIRST_CLUSTER..entries.min(64) {
            image[table + 2 * cluster..][..2].copy_from_slice(&[2, 0]);
        }
        let fat = Fat::open(&image).expect("a FAT file system");
        let read = fat.file("user-data", 10_000).expect("read").expect("there");
        assert_eq!(read.len(), user_data().len());
    }

    proptest! {
        #[test]
        fn a_changed_medium_is_read_or_refused(
            changes in prop::collection::vec((0..9_000_usize, any::<u8>()), 1..8),
        ) {
            let mut image = include_bytes!("samples/cidata.fat").to_vec();
            for (at, byte) in changes {
                let at = at % image.len();
                image[at] = byte;
            }
            if let Some(fat) = Fat::open(&image) {
                let _ = fat.file("user-data", 1024);
            }
        }
    }
}
