//! The root directory of an ISO 9660 file system.
//!
//! Sources: ECMA-119 (ISO 9660) for descriptors and directory records, the Joliet specification for names in
//! UCS-2, and IEEE P1282 (Rock Ridge) for names of POSIX. Tools write the names that matter by one of the two
//! extensions, since `-` and lower case have no place in names of ISO 9660.

use super::{MAX_DIRECTORY_BYTES, MediumError, slice};

/// Bytes of a sector, which is also the block of every medium that tools make (ECMA-119, 6.1.2).
const SECTOR: usize = 2048;
/// Sector of the first descriptor.
const FIRST_DESCRIPTOR: usize = 16;
/// Most descriptors that are looked at; media have two or three.
const MAX_DESCRIPTORS: usize = 16;

// Types of descriptors (ECMA-119, 8.1.1).
const PRIMARY: u8 = 1;
const SUPPLEMENTARY: u8 = 2;
const TERMINATOR: u8 = 255;
// Where fields stand in a descriptor (8.4, 8.5).
const ESCAPE_SEQUENCES: usize = 88;
const BLOCK_BYTES: usize = 128;
const ROOT_RECORD: usize = 156;
/// Escape sequences by which names are UCS-2, levels 1 to 3 (Joliet, section 3).
const JOLIET: [&[u8; 3]; 3] = [b"%/@", b"%/C", b"%/E"];
// Where fields stand in a directory record (9.1).
const EXTENT: usize = 2;
const LENGTH: usize = 10;
const FLAGS: usize = 25;
const NAME_BYTES: usize = 32;
const NAME: usize = 33;
/// The record is that of a directory.
const DIRECTORY: u8 = 2;

/// A file system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Iso9660<'a> {
    image: &'a [u8],
    root: &'a [u8],
    is_joliet: bool,
}

impl<'a> Iso9660<'a> {
    /// Reads the descriptors and the root directory.
    pub(super) fn open(image: &'a [u8]) -> Result<Self, MediumError> {
        let mut primary = None;
        let mut joliet = None;
        for number in FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + MAX_DESCRIPTORS {
            let descriptor = slice(image, number * SECTOR, SECTOR);
            let Some(descriptor) = descriptor.filter(|it| it.get(1..6) == Some(b"CD001")) else {
                break;
            };
            match descriptor[0] {
                PRIMARY => primary = primary.or(Some(descriptor)),
                SUPPLEMENTARY if is_joliet(descriptor) => joliet = Some(descriptor),
                TERMINATOR => break,
                _ => {}
            }
        }
        let primary = primary.ok_or(MediumError::Unknown)?;
        let descriptor = joliet.unwrap_or(primary);
        let sector = [descriptor[BLOCK_BYTES], descriptor[BLOCK_BYTES + 1]];
        if usize::from(u16::from_le_bytes(sector)) != SECTOR {
            return Err(MediumError::Unknown);
        }
        let root = extent(image, &descriptor[ROOT_RECORD..], MAX_DIRECTORY_BYTES)
            .ok_or(MediumError::Truncated("its root directory"))?;
        Ok(Self { image, root, is_joliet: joliet.is_some() })
    }

    /// The content of a file of the root directory.
    pub(super) fn file(
        &self,
        name: &str,
        limit_bytes: usize,
    ) -> Result<Option<&'a [u8]>, MediumError> {
        let is_wanted = |record: &&[u8]| {
            record.get(FLAGS).is_some_and(|flags| flags & DIRECTORY == 0)
                && self.name(record).is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let Some(record) = Records(self.root).find(|record| is_wanted(record)) else {
            return Ok(None);
        };
        let content = extent(self.image, record, limit_bytes);
        content.map(Some).ok_or(MediumError::Truncated("a file of it"))
    }

    fn name(&self, record: &[u8]) -> Option<String> {
        let bytes = usize::from(*record.get(NAME_BYTES)?);
        let name = record.get(NAME..NAME + bytes)?;
        if self.is_joliet {
            let units = name.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            let name: String =
                char::decode_utf16(units).map(|it| it.unwrap_or('\u{fffd}')).collect();
            return Some(without_version(&name).to_owned());
        }
        // The area of extensions begins at an even place (9.1.12).
        let area = record.get((NAME + bytes).next_multiple_of(2)..)?;
        let plain = String::from_utf8_lossy(name);
        Some(posix_name(area).unwrap_or_else(|| without_version(&plain).to_owned()))
    }
}

/// A name without the version that ISO 9660 puts behind it.
fn without_version(name: &str) -> &str {
    name.split_once(';').map_or(name, |(name, _)| name)
}

fn is_joliet(descriptor: &[u8]) -> bool {
    let escapes = slice(descriptor, ESCAPE_SEQUENCES, 3);
    escapes.is_some_and(|escapes| JOLIET.iter().any(|known| escapes == *known))
}

/// The name in entries `NM` of Rock Ridge: length, version, flags, then a part of the name.
fn posix_name(mut area: &[u8]) -> Option<String> {
    let mut name = Vec::new();
    while let Some(&[first, second, length, _]) = area.first_chunk() {
        let Some((entry, rest)) = area.split_at_checked(usize::from(length)) else { break };
        if [first, second] == *b"NM" {
            name.extend_from_slice(entry.get(5..).unwrap_or_default());
        }
        if length == 0 {
            break;
        }
        area = rest;
    }
    if name.is_empty() { None } else { String::from_utf8(name).ok() }
}

/// The records of a directory. None crosses the end of a sector: what is left there is zero.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let length = usize::from(*self.0.first()?);
            if length > 0 {
                let (record, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                return Some(record);
            }
            // Directories are whole sectors, so the rest of this one ends at a multiple.
            let left = match self.0.len() % SECTOR {
                0 => SECTOR,
                left => left,
            };
            self.0 = self.0.get(left..)?;
        }
    }
}

/// The bytes that a record points to.
fn extent<'a>(image: &'a [u8], record: &[u8], limit_bytes: usize) -> Option<&'a [u8]> {
    let number = |at: usize| {
        let bytes: [u8; 4] = record.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let (block, length) = (number(EXTENT)?, number(LENGTH)?);
    if length > limit_bytes {
        return None;
    }
    slice(image, block.checked_mul(SECTOR)?, length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By genisoimage 1.1.11: `-no-pad -J -R -V cidata`, with `user-data` and `meta-data`.
    const JOLIET_AND_ROCK_RIDGE: &[u8] = include_bytes!("samples/cidata.iso");
    /// The same without `-J`.
    const ROCK_RIDGE: &[u8] = include_bytes!("samples/rock-ridge.iso");
    const DATA: &[u8] = b"{\"connector\":{\"name\":\"a\"}}\n";

    #[test]
    fn reads_files_by_their_long_names() {
        for image in [JOLIET_AND_ROCK_RIDGE, ROCK_RIDGE] {
            let medium = Iso9660::open(image).unwrap();
            assert_eq!(medium.file("user-data", 1024), Ok(Some(DATA)));
            assert_eq!(medium.file("User-Data", 1024), Ok(Some(DATA)));
            assert_eq!(medium.file("vendor-data", 1024), Ok(None));
            assert_eq!(medium.file("", 1024), Ok(None));
            let error = medium.file("user-data", 8).unwrap_err();
            assert!(matches!(error, MediumError::Truncated(_)), "{error}");
        }
    }

    #[test]
    fn what_breaks_off_is_named() {
        let cut = |bytes: usize| Iso9660::open(&ROCK_RIDGE[..bytes]).map(|it| it.is_joliet);
        assert_eq!(cut(0), Err(MediumError::Unknown));
        assert_eq!(cut(17 * SECTOR), Err(MediumError::Truncated("its root directory")));
        let whole = ROCK_RIDGE.len();
        let medium = Iso9660::open(&ROCK_RIDGE[..whole - SECTOR * 2]).unwrap();
        let files = ["user-data", "meta-data"].map(|name| medium.file(name, 1024));
        assert!(files.contains(&Err(MediumError::Truncated("a file of it"))), "{files:?}");
    }

    proptest! {
        #[test]
        fn a_changed_medium_is_read_or_refused(
            changes in prop::collection::vec((0..60_000_usize, any::<u8>()), 1..8),
        ) {
            let mut image = JOLIET_AND_ROCK_RIDGE.to_vec();
            for (at, byte) in changes {
                let at = (FIRST_DESCRIPTOR * SECTOR + at) % image.len();
                image[at] = byte;
            }
            if let Ok(medium) = Iso9660::open(&image) {
                let _ = medium.file("user-data", 1024);
            }
        }
    }
}
