//! VHD (Virtual Hard Disk Image Format Specification 1.0, Microsoft): fixed for Azure, dynamic for AWS.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::Identity;
use super::source::{MIB, Source};

const SECTOR: u64 = 512;
const FOOTER: usize = 512;
const DYNAMIC_HEADER: usize = 1024;
/// Octets of the disk in a block; the size that every reader knows.
const BLOCK_BYTES: u32 = 2 << 20;
const BLOCK: u64 = BLOCK_BYTES as u64;
/// One bit for each sector of a block.
const BITMAP: usize = 512;
const NOWHERE: u64 = u64::MAX;
const VERSION: u32 = 0x0001_0000;

/// Writes a fixed disk: the disk as it is, and a footer. What is empty stays a hole in the file.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write_fixed(source: &Source, identity: &Identity, file: &File) -> io::Result<()> {
    file.set_len(source.bytes())?;
    for block in source.blocks(MIB)? {
        let (index, octets) = block?;
        file.write_all_at(&octets, index * MIB)?;
    }
    file.write_all_at(&footer(source.bytes(), identity, Kind::Fixed), source.bytes())
}

/// Writes a dynamic disk, which has only the blocks that hold anything.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write_dynamic(source: &Source, identity: &Identity, file: &File) -> io::Result<()> {
    let footer = footer(source.bytes(), identity, Kind::Dynamic);
    let blocks = source.bytes().div_ceil(BLOCK);
    let table_at = (FOOTER + DYNAMIC_HEADER) as u64;
    let mut table = vec![
        0xff;
        usize::try_from((blocks * 4).next_multiple_of(SECTOR))
            .map_err(io::Error::other)?
    ];
    let mut at = table_at + table.len() as u64;
    // Blocks of the disk's own unit, since the last block of the format may be half as long.
    let mut current = None;
    for part in source.blocks(MIB)? {
        let (index, octets) = part?;
        let offset = index * MIB;
        let block = offset / BLOCK;
        if current != Some(block) {
            if current.is_some() {
                at += BITMAP as u64 + BLOCK;
            }
            current = Some(block);
            let sector = u32::try_from(at / SECTOR).map_err(io::Error::other)?;
            let entry = usize::try_from(block * 4).map_err(io::Error::other)?;
            table[entry..entry + 4].copy_from_slice(&sector.to_be_bytes());
            file.write_all_at(&[0xff; BITMAP], at)?;
        }
        file.write_all_at(&octets, at + BITMAP as u64 + offset % BLOCK)?;
    }
    if current.is_some() {
        at += BITMAP as u64 + BLOCK;
    }
    file.write_all_at(&footer, 0)?;
    file.write_all_at(&dynamic_header(table_at, blocks)?, FOOTER as u64)?;
    file.write_all_at(&table, table_at)?;
    file.write_all_at(&footer, at)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fixed = 2,
    Dynamic = 3,
}

fn footer(bytes: u64, identity: &Identity, kind: Kind) -> [u8; FOOTER] {
    let mut footer = [0; FOOTER];
    let mut put = |at: usize, octets: &[u8]| footer[at..at + octets.len()].copy_from_slice(octets);
    put(0, b"conectix");
    put(8, &2_u32.to_be_bytes());
    put(12, &VERSION.to_be_bytes());
    let next = if kind == Kind::Dynamic { FOOTER as u64 } else { NOWHERE };
    put(16, &next.to_be_bytes());
    // The time of creation, 24, is left at its zero, 2000-01-01. After the name of Windows every reader takes
    // the size as it is; after others some take the geometry, which is smaller.
    put(28, b"win ");
    put(32, &VERSION.to_be_bytes());
    put(36, b"Wi2k");
    put(40, &bytes.to_be_bytes());
    put(48, &bytes.to_be_bytes());
    put(56, &geometry(bytes / SECTOR));
    put(60, &(kind as u32).to_be_bytes());
    put(68, &identity.uuid("vhd"));
    let sum = checksum(&footer);
    footer[64..68].copy_from_slice(&sum);
    footer
}

fn dynamic_header(table: u64, blocks: u64) -> io::Result<[u8; DYNAMIC_HEADER]> {
    let mut header = [0; DYNAMIC_HEADER];
    let mut put = |at: usize, octets: &[u8]| header[at..at + octets.len()].copy_from_slice(octets);
    put(0, b"cxsparse");
    put(8, &NOWHERE.to_be_bytes());
    put(16, &table.to_be_bytes());
    put(24, &VERSION.to_be_bytes());
    put(28, &u32::try_from(blocks).map_err(io::Error::other)?.to_be_bytes());
    put(32, &BLOCK_BYTES.to_be_bytes());
    let sum = checksum(&header);
    header[36..40].copy_from_slice(&sum);
    Ok(header)
}

/// The complement of the sum of all octets, those of the checksum itself being zero.
fn checksum(octets: &[u8]) -> [u8; 4] {
    let sum = octets.iter().fold(0_u32, |sum, octet| sum.wrapping_add((*octet).into()));
    (!sum).to_be_bytes()
}

/// Cylinders (16 bits), heads and sectors of a track, as the specification's appendix computes them.
fn geometry(sectors: u64) -> [u8; 4] {
    let sectors = sectors.min(65_535 * 16 * 255);
    let (mut track, mut heads);
    let mut tracks;
    if sectors >= 65_535 * 16 * 63 {
        (track, heads) = (255, 16);
        tracks = sectors / track;
    } else {
        track = 17;
        tracks = sectors / track;
        heads = tracks.div_ceil(1024).max(4);
        if tracks >= heads * 1024 || heads > 16 {
            (track, heads) = (31, 16);
            tracks = sectors / track;
        }
        if tracks >= heads * 1024 {
            (track, heads) = (63, 16);
            tracks = sectors / track;
        }
    }
    let cylinders = u16::try_from(tracks / heads).unwrap_or(u16::MAX).to_be_bytes();
    let octet = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
    [cylinders[0], cylinders[1], octet(heads), octet(track)]
}
