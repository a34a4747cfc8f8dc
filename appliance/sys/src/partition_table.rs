//! Keeping the partition table whole, and letting the data partition grow with the disk (UEFI
//! Specification 2.10, section 5.3). Pure: works on what was read, and says what to write.
//!
//! Neither GRUB nor the kernel ever looks at the backup table, so the primary one has to be valid at
//! every instant. Its header is one block, which a disk writes whole, but the entries are many. So
//! changed entries go to a second place in front of the first partition, and the header, written last,
//! switches over to them. A power cut leaves the old table or the new one.

use crate::gpt::{GptError, Guid, HEADER_BYTES, Header, crc32};

/// Space in bytes that is left free at the end of the disk for the backup, and to which the end of the
/// data partition is aligned.
const END_BYTES: u64 = 1 << 20;
/// Block of the primary header.
pub const PRIMARY: u64 = 1;
/// First place of the primary's entries; the second follows it.
const FIRST_ENTRIES: u64 = 2;
/// Offset of the first partition entry in the MBR, and of its size in blocks.
const MBR_ENTRY: usize = 446;
const PROTECTIVE_TYPE: u8 = 0xee;

/// Offsets in a header.
const OWN: usize = 24;
const OTHER: usize = 32;
const FIRST_USABLE: usize = 40;
const LAST_USABLE: usize = 48;
const ENTRIES: usize = 72;
const ENTRIES_CRC: usize = 88;
const HEADER_CRC: usize = 16;
/// Offsets in an entry.
const ENTRY_FIRST: usize = 32;
const ENTRY_LAST: usize = 40;

/// Reads so many bytes from the block of this number; `None` when the disk cannot.
pub trait ReadBlocks: FnMut(u64, usize) -> Option<Vec<u8>> {}
impl<F: FnMut(u64, usize) -> Option<Vec<u8>>> ReadBlocks for F {}

/// A disk's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Number of blocks.
    pub blocks: u64,
    /// Size of a block in bytes.
    pub block_bytes: u64,
}

/// A valid table: one header with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    header: Vec<u8>,
    entries: Vec<u8>,
    entry_bytes: usize,
}

/// Bytes for the disk. They are to reach the medium before the next ones are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// First block.
    pub block: u64,
    /// Whole blocks.
    pub bytes: Vec<u8>,
}

/// Where a partition lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Number in the table, from 1.
    pub number: u32,
    /// First block.
    pub first: u64,
    /// Number of blocks.
    pub blocks: u64,
}

impl Table {
    /// Reads the table whose header is in this block.
    ///
    /// # Errors
    ///
    /// [`GptError`] when there is none or it is damaged.
    pub fn read(
        block: u64,
        geometry: Geometry,
        mut read: impl ReadBlocks,
    ) -> Result<Self, GptError> {
        let bytes = usize::try_from(geometry.block_bytes).map_err(|_| GptError::Range)?;
        let header = read(block, bytes).ok_or(GptError::Signature)?;
        let parsed = Header::parse(&header)?;
        if u64_at(&header, OWN) != Some(block) || parsed.entries_block >= geometry.blocks {
            return Err(GptError::Range);
        }
        let entries = read(parsed.entries_block, parsed.table_bytes).ok_or(GptError::Range)?;
        parsed.check(&entries)?;
        Ok(Self { header, entries, entry_bytes: parsed.entry_bytes() })
    }

    /// Where the partition of this GUID lies.
    #[must_use]
    pub fn extent(&self, guid: Guid) -> Option<Extent> {
        let index =
            self.entries.chunks_exact(self.entry_bytes).position(|entry| guid.is_of(entry))?;
        let entry = self.entries.get(index * self.entry_bytes..)?;
        let (first, last) = (u64_at(entry, ENTRY_FIRST)?, u64_at(entry, ENTRY_LAST)?);
        let blocks = last.checked_sub(first)?.checked_add(1)?;
        Some(Extent { number: u32::try_from(index + 1).ok()?, first, blocks })
    }

    /// The table for a larger disk, with the partition of this GUID up to its end; the same table when
    /// there is nothing to gain. The partition must be the last one on the disk.
    fn enlarged(&self, guid: Guid, geometry: Geometry) -> Option<Self> {
        let extent = self.extent(guid)?;
        // In this order: a partition may be said to reach the last number there is.
        let last = extent.first + (extent.blocks - 1);
        let is_last = self.used().all(|(first, end)| first <= extent.first && end <= last);
        let align = END_BYTES.checked_div(geometry.block_bytes).filter(|align| *align > 0)?;
        let end = geometry.blocks.checked_sub(align)? / align * align;
        let entry_blocks = self.entry_blocks(geometry)?;
        let last_usable = geometry.blocks.checked_sub(entry_blocks + 2)?;
        if !is_last || end <= extent.first || last_usable < last {
            return None;
        }
        let mut table = self.clone();
        let new_last = last.max(end - 1);
        let index = usize::try_from(extent.number).ok()? - 1;
        let place = index * self.entry_bytes + ENTRY_LAST;
        put(&mut table.entries, place, &new_last.to_le_bytes())?;
        put(&mut table.header, OTHER, &(geometry.blocks - 1).to_le_bytes())?;
        put(&mut table.header, LAST_USABLE, &last_usable.to_le_bytes())?;
        if table.entries != self.entries {
            let places = [FIRST_ENTRIES, FIRST_ENTRIES + entry_blocks];
            let spare = places.into_iter().find(|place| Some(*place) != self.entries_block())?;
            let usable = FIRST_ENTRIES + 2 * entry_blocks;
            if self.used().any(|(first, _)| first < usable) {
                return None;
            }
            let first_usable = u64_at(&table.header, FIRST_USABLE)?.max(usable);
            put(&mut table.header, FIRST_USABLE, &first_usable.to_le_bytes())?;
            put(&mut table.header, ENTRIES, &spare.to_le_bytes())?;
        }
        table.seal()?;
        Some(table)
    }

    /// The other copy of this table: the backup of a primary one, the primary of a backup.
    fn copy_at(&self, own: u64, other: u64, entries: u64) -> Option<Self> {
        let mut table = self.clone();
        put(&mut table.header, OWN, &own.to_le_bytes())?;
        put(&mut table.header, OTHER, &other.to_le_bytes())?;
        put(&mut table.header, ENTRIES, &entries.to_le_bytes())?;
        table.seal()?;
        Some(table)
    }

    /// The backup that belongs to this primary table.
    fn backup(&self, geometry: Geometry) -> Option<Self> {
        let own = geometry.blocks.checked_sub(1)?;
        self.copy_at(own, PRIMARY, own.checked_sub(self.entry_blocks(geometry)?)?)
    }

    /// Sets the checksums.
    fn seal(&mut self) -> Option<()> {
        put(&mut self.header, ENTRIES_CRC, &crc32(&self.entries).to_le_bytes())?;
        put(&mut self.header, HEADER_CRC, &[0; 4])?;
        let length = usize::try_from(u64_at(&self.header, 12)? & 0xffff_ffff).ok()?;
        let crc = crc32(self.header.get(..length.max(HEADER_BYTES))?);
        put(&mut self.header, HEADER_CRC, &crc.to_le_bytes())
    }

    /// First and last block of every partition.
    fn used(&self) -> impl Iterator<Item = (u64, u64)> {
        self.entries
            .chunks_exact(self.entry_bytes)
            .filter(|entry| entry.get(..16).is_some_and(|kind| kind != [0; 16]))
            .filter_map(|entry| Some((u64_at(entry, ENTRY_FIRST)?, u64_at(entry, ENTRY_LAST)?)))
    }

    fn own(&self) -> Option<u64> {
        u64_at(&self.header, OWN)
    }

    fn entries_block(&self) -> Option<u64> {
        u64_at(&self.header, ENTRIES)
    }

    fn entry_blocks(&self, geometry: Geometry) -> Option<u64> {
        let bytes = u64::try_from(self.entries.len()).ok()?;
        bytes.is_multiple_of(geometry.block_bytes).then_some(bytes / geometry.block_bytes)
    }

    /// What brings this table onto the disk: first the entries, then the header that leads to them.
    fn writes(&self, with_entries: bool) -> Option<Vec<Write>> {
        let entries = Write { block: self.entries_block()?, bytes: self.entries.clone() };
        let header = Write { block: self.own()?, bytes: self.header.clone() };
        Some(if with_entries { vec![entries, header] } else { vec![header] })
    }
}

/// What has to be written, in this order, so that the partition of this GUID reaches the end of the
/// disk and the backup table is whole and at the end. Nothing when all is well, or when the disk has
/// become smaller.
///
/// The backup comes first: it lies where no valid table leads yet.
#[must_use]
pub fn growth(
    primary: &Table,
    backup: Option<&Table>,
    guid: Guid,
    geometry: Geometry,
    mbr: &[u8],
) -> Vec<Write> {
    let plan = || {
        let wanted = primary.enlarged(guid, geometry)?;
        let wanted_backup = wanted.backup(geometry)?;
        let mut writes = Vec::new();
        if backup != Some(&wanted_backup) {
            writes.extend(wanted_backup.writes(true)?);
        }
        if wanted != *primary {
            writes.extend(wanted.writes(wanted.entries != primary.entries)?);
        }
        writes.extend(protective_size(mbr, geometry));
        Some(writes)
    };
    plan().unwrap_or_default()
}

/// What restores a damaged primary table from its backup.
#[must_use]
pub fn restoration(backup: &Table, geometry: Geometry) -> Vec<Write> {
    let last = geometry.blocks.saturating_sub(1);
    let primary = backup.copy_at(PRIMARY, last.min(backup.own().unwrap_or(last)), FIRST_ENTRIES);
    primary.and_then(|primary| primary.writes(true)).unwrap_or_default()
}

/// The MBR with the size of the disk in its protective partition, if that is another one.
fn protective_size(mbr: &[u8], geometry: Geometry) -> Option<Write> {
    let wanted = u32::try_from(geometry.blocks - 1).unwrap_or(u32::MAX).to_le_bytes();
    let is_protective = mbr.get(MBR_ENTRY + 4) == Some(&PROTECTIVE_TYPE);
    let place = MBR_ENTRY + 12;
    if !is_protective || mbr.get(place..place + 4)? == wanted {
        return None;
    }
    let mut bytes = mbr.to_vec();
    put(&mut bytes, place, &wanted)?;
    Some(Write { block: 0, bytes })
}

fn put(bytes: &mut [u8], offset: usize, value: &[u8]) -> Option<()> {
    bytes.get_mut(offset..offset.checked_add(value.len())?)?.copy_from_slice(value);
    Some(())
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(offset..offset + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests;
