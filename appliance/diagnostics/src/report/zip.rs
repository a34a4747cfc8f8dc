//! Writing a `.zip` (PKWARE APPNOTE 6.3, version 2.0: no encryption, no zip64). Pure.

use miniz_oxide::deflate::compress_to_vec;
use model::utc;

/// Level of compression: more takes much longer and gains little on logs.
const LEVEL: u8 = 6;
/// "Version needed to extract": 2.0, for deflate.
const VERSION: u16 = 20;
/// "Version made by": 2.0 on Unix, so that the permissions count.
const MADE_BY: u16 = 0x0300 | VERSION;
/// Names are UTF-8 (bit 11).
const FLAGS: u16 = 1 << 11;
/// Method 8: deflate.
const DEFLATE: u16 = 8;
/// A regular file that only its owner may read and write.
const PERMISSIONS: u32 = 0o100_600 << 16;
/// The years that a time of DOS can have.
const DOS_YEARS: std::ops::RangeInclusive<i64> = 1980..=2107;

/// A file of an archive, compressed.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    name: String,
    data: Vec<u8>,
    crc: u32,
    length: usize,
}

impl Packed {
    /// Compresses a file. Its name is relative, with slashes.
    pub(crate) fn new(name: String, content: &[u8]) -> Self {
        let data = compress_to_vec(content, LEVEL);
        Self { name, data, crc: crc32fast::hash(content), length: content.len() }
    }

    /// Its compressed length in bytes.
    pub(crate) const fn packed_bytes(&self) -> usize {
        self.data.len()
    }

    /// What the local header and the central directory have in common.
    fn description(&self, time: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [VERSION, FLAGS, DEFLATE] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [time, self.crc, size(self.data.len()), size(self.length)] {
            bytes.extend(number.to_le_bytes());
        }
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        bytes.extend(name.to_le_bytes());
        // No extra field.
        bytes.extend(0_u16.to_le_bytes());
        bytes
    }
}

/// An archive of these files, in this order, with this time in seconds since 1970. The files together
/// must be below 4 GiB and fewer than 65,536; a report has limits far below.
pub(crate) fn archive(files: &[Packed], now: i64) -> Vec<u8> {
    let time = dos_time(now);
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for file in files {
        let offset = size(archive.len());
        let description = file.description(time);
        archive.extend(b"PK\x03\x04");
        archive.extend(&description);
        archive.extend(file.name.as_bytes());
        archive.extend(&file.data);
        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&description);
        // No comment, the first disk, binary.
        directory.extend([0; 6]);
        directory.extend(PERMISSIONS.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(file.name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX);
    let (start, length) = (size(archive.len()), size(directory.len()));
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend(0_u16.to_le_bytes());
    archive
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Time in the low half and date in the high half, in steps of two seconds.
fn dos_time(seconds: i64) -> u32 {
    let (year, month, day) = utc::civil(seconds);
    let of_day = seconds.rem_euclid(86_400);
    let (year, month, day) =
        if DOS_YEARS.contains(&year) { (year, month, day) } else { (1980, 1, 1) };
    let date = ((year - 1980) << 9) | (month << 5) | day;
    let time = ((of_day / 3600) << 11) | ((of_day / 60 % 60) << 5) | (of_day % 60 / 2);
    u32::try_from((date << 16) | time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_of_dos() {
        // 2026-11-21 15:50:02
        assert_eq!(
            dos_time(1_795_276_202),
            ((46 << 9 | 11 << 5 | 21) << 16) | 15 << 11 | 50 << 5 | 1
        );
        assert_eq!(dos_time(0) >> 16, 1 << 5 | 1, "before 1980 it is 1980");
    }
}
