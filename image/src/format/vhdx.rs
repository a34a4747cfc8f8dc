//! VHDX ([MS-VHDX], Microsoft), dynamic: for Hyper-V and Nutanix.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crc::{CRC_32_ISCSI, Crc};

use super::Identity;
use super::source::{MIB, Source};

/// The checksum of headers and tables is CRC-32C.
const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
const KIB_64: usize = 64 * 1024;
const HEADER: usize = 4096;
/// Octets of the log and of the metadata.
const REGION_BYTES: u32 = 1 << 20;
/// Octets of the disk in a block: the smallest that the format has, so that little of a block is empty.
const BLOCK_BYTES: u32 = 1 << 20;
const BLOCK: u64 = BLOCK_BYTES as u64;
const LOGICAL_SECTOR: u32 = 512;
const PHYSICAL_SECTOR: u32 = 4096;
/// Payload blocks whose bitmaps one bitmap block holds; after so many entries the table has one for it.
const CHUNK_RATIO: u64 = (1 << 23) * LOGICAL_SECTOR as u64 / BLOCK;
/// Where things are. Each region is a whole number of MiB.
const HEADERS_AT: [u64; 2] = [KIB_64 as u64, 2 * KIB_64 as u64];
const REGIONS_AT: [u64; 2] = [3 * KIB_64 as u64, 4 * KIB_64 as u64];
const LOG_AT: u64 = MIB;
const METADATA_AT: u64 = 2 * MIB;
const TABLE_AT: u64 = 3 * MIB;
const FULLY_PRESENT: u64 = 6;

const TABLE_REGION: &str = "2DC27766-F623-4200-9D64-115E9BFD4A08";
const METADATA_REGION: &str = "8B7CA206-4790-4B9A-B8FE-575F050F886E";

/// Writes a dynamic disk.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, identity: &Identity, file: &File) -> io::Result<()> {
    let blocks = source.bytes() / BLOCK;
    let entries = blocks + (blocks - 1) / CHUNK_RATIO;
    let table_bytes = (entries * 8).next_multiple_of(MIB);
    let mut table = vec![0; usize::try_from(table_bytes).map_err(io::Error::other)?];
    let mut at = TABLE_AT + table_bytes;
    for block in source.blocks(BLOCK)? {
        let (index, octets) = block?;
        file.write_all_at(&octets, at)?;
        let entry = usize::try_from((index + index / CHUNK_RATIO) * 8).map_err(io::Error::other)?;
        // The place is counted in MiB from bit 20 on, which is the place in octets.
        table[entry..entry + 8].copy_from_slice(&(at | FULLY_PRESENT).to_le_bytes());
        at += BLOCK;
    }
    file.set_len(at)?;
    file.write_all_at(&table, TABLE_AT)?;
    file.write_all_at(&metadata(source.bytes(), identity), METADATA_AT)?;
    let table_bytes = u32::try_from(table_bytes).map_err(io::Error::other)?;
    for place in REGIONS_AT {
        file.write_all_at(&regions(table_bytes), place)?;
    }
    for (sequence, place) in HEADERS_AT.into_iter().enumerate() {
        file.write_all_at(&header(sequence as u64, identity), place)?;
    }
    let creator: Vec<u8> =
        "Connector Appliance".encode_utf16().flat_map(u16::to_le_bytes).collect();
    file.write_all_at(b"vhdxfile", 0)?;
    file.write_all_at(&creator, 8)
}

fn header(sequence: u64, identity: &Identity) -> Vec<u8> {
    let mut header = vec![0; HEADER];
    let mut put = |at: usize, octets: &[u8]| header[at..at + octets.len()].copy_from_slice(octets);
    put(0, b"head");
    put(8, &sequence.to_le_bytes());
    put(16, &identity.uuid("vhdx file"));
    put(32, &identity.uuid("vhdx data"));
    // No log is written: its identifier, 48, is zero. Version of the log 0, of the format 1.
    put(66, &1_u16.to_le_bytes());
    put(68, &REGION_BYTES.to_le_bytes());
    put(72, &LOG_AT.to_le_bytes());
    seal(&mut header);
    header
}

fn regions(table_bytes: u32) -> Vec<u8> {
    let mut regions = vec![0; KIB_64];
    let mut put = |at: usize, octets: &[u8]| regions[at..at + octets.len()].copy_from_slice(octets);
    put(0, b"regi");
    put(8, &2_u32.to_le_bytes());
    let all = [(TABLE_REGION, TABLE_AT, table_bytes), (METADATA_REGION, METADATA_AT, REGION_BYTES)];
    for (index, (id, place, length)) in all.into_iter().enumerate() {
        let at = 16 + index * 32;
        put(at, &guid(id));
        put(at + 16, &place.to_le_bytes());
        put(at + 24, &length.to_le_bytes());
        // Who does not know this region must not open the file.
        put(at + 28, &1_u32.to_le_bytes());
    }
    seal(&mut regions);
    regions
}

fn metadata(bytes: u64, identity: &Identity) -> Vec<u8> {
    /// Must be understood; is of the disk and not of the file.
    const REQUIRED: u32 = 4;
    const OF_DISK: u32 = 4 | 2;
    /// Where the contents begin.
    const CONTENTS: u32 = 64 * 1024;
    let items: [(&str, &[u8], u32); 5] = [
        // The flags after the size of a block are zero: dynamic, without a parent.
        ("CAA16737-FA36-4D43-B3B6-33F0AA44E76B", &u64::from(BLOCK_BYTES).to_le_bytes(), REQUIRED),
        ("2FA54224-CD1B-4876-B211-5DBED83BF4B8", &bytes.to_le_bytes(), OF_DISK),
        ("BECA12AB-B2E6-4523-93EF-C309E000C746", &identity.uuid("vhdx disk"), OF_DISK),
        ("8141BF1D-A96F-4709-BA47-F233A8FAAB5F", &LOGICAL_SECTOR.to_le_bytes(), OF_DISK),
        ("CDA348C7-445D-4471-9CC9-E9885251C556", &PHYSICAL_SECTOR.to_le_bytes(), OF_DISK),
    ];
    let (mut table, mut contents, mut count) = (Vec::new(), Vec::<u8>::new(), 0_u16);
    let mut at = CONTENTS;
    for (id, content, flags) in items {
        // None is longer than 16 octets.
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        table.extend(guid(id));
        for number in [at, length, flags, 0] {
            table.extend(number.to_le_bytes());
        }
        contents.extend(content);
        (at, count) = (at + length, count + 1);
    }
    let mut metadata = b"metadata\0\0".to_vec();
    metadata.extend(count.to_le_bytes());
    metadata.resize(32, 0);
    metadata.extend(table);
    metadata.resize(KIB_64, 0);
    metadata.extend(contents);
    metadata
}

/// Puts the checksum into its place; that place is zero while it is computed.
fn seal(octets: &mut [u8]) {
    let sum = CRC.checksum(octets);
    octets[4..8].copy_from_slice(&sum.to_le_bytes());
}

/// An identifier as the format has it: its first three groups have the lowest octet first.
fn guid(text: &str) -> [u8; 16] {
    let digits: String = text.split('-').collect();
    let mut octets = u128::from_str_radix(&digits, 16).unwrap_or_default().to_be_bytes();
    octets[..4].reverse();
    octets[4..6].reverse();
    octets[6..8].reverse();
    octets
}
