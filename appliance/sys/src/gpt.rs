//! The partition table of a disk (UEFI Specification 2.10, section 5.3).
//!
//! Linux 6.12 does not tell user space the GUID of a partition, so it is read from the table. A disk
//! may hold anything: every field is checked before it is used.

use std::fmt;

use thiserror::Error;

/// Bytes of a header that are defined.
pub const HEADER_BYTES: usize = 92;
/// Largest entry array that is read, in bytes; the usual one has 16 KiB.
pub const MAX_TABLE_BYTES: usize = 256 * 1024;

const SIGNATURE: &[u8; 8] = b"EFI PART";
const MIN_ENTRY_BYTES: u32 = 128;
const HEADER_CRC_OFFSET: usize = 16;

/// A table that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GptError {
    /// No GPT at all.
    #[error("no GPT signature")]
    Signature,
    /// The header or the entries do not match their checksum.
    #[error("a checksum does not match")]
    Checksum,
    /// Sizes or places that no real table has.
    #[error("sizes out of range")]
    Range,
}

/// Identifier of a partition, in the byte order of the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Guid([u8; 16]);

impl Guid {
    /// Reads the textual form, `c0de0000-0000-4000-8000-000000000000`, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
        let mut groups = text.split('-');
        let mut bytes = Vec::with_capacity(16);
        for digits in GROUPS {
            let group = groups.next().filter(|group| group.len() == digits)?;
            let value = u64::from_str_radix(group, 16).ok()?;
            if group.starts_with('+') {
                return None;
            }
            bytes.extend_from_slice(value.to_be_bytes().get(8 - digits / 2..)?);
        }
        let mut bytes: [u8; 16] = bytes.try_into().ok()?;
        // The first three groups are little-endian on the disk.
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
        groups.next().is_none().then_some(Self(bytes))
    }
}

impl Guid {
    /// The bytes as they stand on the disk.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// Whether this is the identifier of the partition that a table's entry describes.
    #[must_use]
    pub fn is_of(self, entry: &[u8]) -> bool {
        entry.get(16..32) == Some(self.0.as_slice())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Guid({:02x?})", self.0)
    }
}

/// The part of a header that leads to the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// First block of the entry array.
    pub entries_block: u64,
    /// Last block that a partition may have. The kernel refuses the table of a disk that ends before it.
    pub last_usable_block: u64,
    /// Length of the entry array in bytes, at most [`MAX_TABLE_BYTES`].
    pub table_bytes: usize,
    entry_bytes: usize,
    table_crc: u32,
}

impl Header {
    /// Reads the header from its block.
    ///
    /// # Errors
    ///
    /// [`GptError`] when it is not a header, or damaged.
    pub fn parse(block: &[u8]) -> Result<Self, GptError> {
        let header = block.get(..HEADER_BYTES).ok_or(GptError::Signature)?;
        if !header.starts_with(SIGNATURE) {
            return Err(GptError::Signature);
        }
        let header_bytes = u32_at(header, 12).and_then(|bytes| usize::try_from(bytes).ok());
        let mut checked = header_bytes
            .filter(|bytes| *bytes >= HEADER_BYTES)
            .and_then(|bytes| block.get(..bytes))
            .ok_or(GptError::Range)?
            .to_vec();
        let crc = u32_at(header, HEADER_CRC_OFFSET);
        checked[HEADER_CRC_OFFSET..HEADER_CRC_OFFSET + 4].fill(0);
        if crc != Some(crc32(&checked)) {
            return Err(GptError::Checksum);
        }
        let last_usable_block = u64_at(header, 48).ok_or(GptError::Range)?;
        let entries_block = u64_at(header, 72).ok_or(GptError::Range)?;
        let count = u32_at(header, 80).ok_or(GptError::Range)?;
        let entry = u32_at(header, 84).filter(|bytes| *bytes >= MIN_ENTRY_BYTES);
        let entry = entry.ok_or(GptError::Range)?;
        let table_bytes = count
            .checked_mul(entry)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .filter(|bytes| *bytes <= MAX_TABLE_BYTES)
            .ok_or(GptError::Range)?;
        Ok(Self {
            entries_block,
            last_usable_block,
            table_bytes,
            entry_bytes: usize::try_from(entry).map_err(|_| GptError::Range)?,
            table_crc: u32_at(header, 88).ok_or(GptError::Range)?,
        })
    }

    /// Size of one entry in bytes.
    #[must_use]
    pub const fn entry_bytes(&self) -> usize {
        self.entry_bytes
    }

    /// Checks the entry array against the header.
    ///
    /// # Errors
    ///
    /// [`GptError::Checksum`] when the array is damaged.
    pub fn check(&self, table: &[u8]) -> Result<(), GptError> {
        let is_whole = table.len() == self.table_bytes && crc32(table) == self.table_crc;
        if is_whole { Ok(()) } else { Err(GptError::Checksum) }
    }

    /// Finds the number, from 1, of the partition with this GUID in the entry array.
    ///
    /// # Errors
    ///
    /// [`GptError::Checksum`] when the array is damaged.
    pub fn find(&self, table: &[u8], guid: Guid) -> Result<Option<usize>, GptError> {
        self.check(table)?;
        let index = table.chunks_exact(self.entry_bytes).position(|entry| guid.is_of(entry));
        Ok(index.map(|index| index + 1))
    }
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(offset..offset + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(offset..offset + 8)?.try_into().ok()?))
}

/// CRC-32 of IEEE 802.3, reflected.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !crc_reflected(&CRC_TABLE, u32::MAX, bytes)
}

/// Carries a reflected CRC on over more bytes.
pub(crate) fn crc_reflected(table: &[u32; 256], crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ table[usize::from(low ^ byte)]
    })
}

/// The table of a reflected CRC for its polynomial.
pub(crate) const fn crc_table(polynomial: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
}

static CRC_TABLE: [u32; 256] = crc_table(0xedb8_8320);

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    const GUID: &str = "c0de0000-0102-4304-8506-0708090a0b0c";

    /// A table of four entries whose third has [`GUID`].
    pub(crate) fn table() -> (Vec<u8>, Vec<u8>) {
        let mut entries = vec![0; 4 * 128];
        entries[2 * 128 + 16..2 * 128 + 32].copy_from_slice(&Guid::parse(GUID).expect("valid").0);
        let mut header = vec![0; 512];
        header[..8].copy_from_slice(SIGNATURE);
        header[12..16].copy_from_slice(&92_u32.to_le_bytes());
        header[72..80].copy_from_slice(&2_u64.to_le_bytes());
        header[80..84].copy_from_slice(&4_u32.to_le_bytes());
        header[84..88].copy_from_slice(&128_u32.to_le_bytes());
        header[88..92].copy_from_slice(&crc32(&entries).to_le_bytes());
        seal(&mut header);
        (header, entries)
    }

    fn seal(header: &mut [u8]) {
        header[16..20].fill(0);
        let crc = crc32(&header[..92]);
        header[16..20].copy_from_slice(&crc.to_le_bytes());
    }

    #[test]
    fn finds_a_partition_by_guid_in_either_case() {
        let (header, entries) = table();
        let header = Header::parse(&header).expect("valid");
        assert_eq!(header.entries_block, 2);
        let guid = Guid::parse(&GUID.to_uppercase()).expect("valid");
        assert_eq!(header.find(&entries, guid), Ok(Some(3)));
        let other = Guid::parse(model::disk::ESP.guid).expect("valid");
        assert_eq!(header.find(&entries, other), Ok(None));
    }

    #[test]
    fn checksum_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn refuses_a_flipped_bit_in_header_and_entries() {
        let (mut header, mut entries) = table();
        let parsed = Header::parse(&header).expect("valid");
        entries[400] ^= 1;
        let guid = Guid::parse(GUID).expect("valid");
        assert_eq!(parsed.find(&entries, guid), Err(GptError::Checksum));
        header[75] ^= 1;
        assert_eq!(Header::parse(&header), Err(GptError::Checksum));
    }

    #[test]
    fn refuses_sizes_that_would_need_much_memory() {
        for (count, entry) in [(u32::MAX, 128), (4, u32::MAX), (4, 0), (4096, 128)] {
            let (mut header, _) = table();
            header[80..84].copy_from_slice(&count.to_le_bytes());
            header[84..88].copy_from_slice(&entry.to_le_bytes());
            seal(&mut header);
            assert_eq!(Header::parse(&header), Err(GptError::Range), "{count} {entry}");
        }
    }

    #[test]
    fn refuses_text_that_is_no_guid() {
        for text in [
            "",
            "c0de0000",
            "c0de0000-0102-4304-8506-0708090a0b0c-",
            "+0de0000-0102-4304-8506-0708090a0b0c",
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_garbage(mut block in proptest::collection::vec(any::<u8>(), 92..600), text in ".{0,40}") {
            let _ = Guid::parse(&text);
            let _ = Header::parse(&block);
            block[..8].copy_from_slice(SIGNATURE);
            block[12..16].copy_from_slice(&92_u32.to_le_bytes());
            seal(&mut block);
            if let Ok(header) = Header::parse(&block) {
                prop_assert!(header.table_bytes <= MAX_TABLE_BYTES);
                let _ = header.find(&block, Guid([0; 16]));
            }
        }
    }
}
