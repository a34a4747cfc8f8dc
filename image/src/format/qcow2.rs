//! qcow2, version 3 (`docs/interop/qcow2.txt` of QEMU): for KVM, Proxmox and Nutanix.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::source::Source;

const CLUSTER_BITS: u32 = 16;
const CLUSTER: u64 = 1 << CLUSTER_BITS;
/// Entries of a table that fills a cluster, 8 octets each.
const ENTRIES: usize = 1 << (CLUSTER_BITS - 3);
/// Counters of references in a cluster, 16 bits each.
const COUNTERS: u64 = CLUSTER / 2;
const HEADER: u32 = 104;
/// Nobody else refers to this cluster.
const EXCLUSIVE: u64 = 1 << 63;
/// Clusters before the tables: the header's and the first table's.
const FIRST_TABLE_AT: u64 = CLUSTER;

/// Writes the disk; what is empty has no cluster.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, file: &File) -> io::Result<()> {
    let entries_of_table = ENTRIES as u64;
    let tables = source.bytes().div_ceil(CLUSTER * entries_of_table);
    let first_table_clusters = (tables * 8).div_ceil(CLUSTER);
    let mut first = vec![0_u64; usize::try_from(tables).map_err(io::Error::other)?];
    let mut at = FIRST_TABLE_AT + first_table_clusters * CLUSTER;
    let mut open: Option<(u64, Vec<u64>)> = None;
    for cluster in source.blocks(CLUSTER)? {
        let (index, octets) = cluster?;
        let (table, entry) = (index / entries_of_table, index % entries_of_table);
        if open.as_ref().is_none_or(|(number, _)| *number != table) {
            close(file, &first, open.take())?;
            first[usize::try_from(table).map_err(io::Error::other)?] = at | EXCLUSIVE;
            open = Some((table, vec![0; ENTRIES]));
            at += CLUSTER;
        }
        if let Some((_, entries)) = &mut open {
            entries[usize::try_from(entry).map_err(io::Error::other)?] = at | EXCLUSIVE;
        }
        file.write_all_at(&octets, at)?;
        at += CLUSTER;
    }
    close(file, &first, open.take())?;
    file.write_all_at(&octets_of(&first), FIRST_TABLE_AT)?;
    // Clusters that count references count themselves, too.
    let data = at / CLUSTER;
    let (mut counting, mut directory) = (1, 1);
    while counting * COUNTERS < data + counting + directory {
        counting += 1;
        directory = (counting * 8).div_ceil(CLUSTER);
    }
    let used = data + counting + directory;
    let counters: Vec<u8> = (0..used).flat_map(|_| 1_u16.to_be_bytes()).collect();
    let directory_at = at;
    let counting_at = at + directory * CLUSTER;
    let places: Vec<_> = (0..counting).map(|index| counting_at + index * CLUSTER).collect();
    file.set_len(used * CLUSTER)?;
    file.write_all_at(&octets_of(&places), directory_at)?;
    file.write_all_at(&counters, counting_at)?;
    file.write_all_at(&header(source.bytes(), tables, directory_at, directory)?, 0)
}

/// Writes a table behind which all its clusters are.
fn close(file: &File, first: &[u64], table: Option<(u64, Vec<u64>)>) -> io::Result<()> {
    let Some((number, entries)) = table else { return Ok(()) };
    let place = first[usize::try_from(number).map_err(io::Error::other)?] & !EXCLUSIVE;
    file.write_all_at(&octets_of(&entries), place)
}

fn octets_of(entries: &[u64]) -> Vec<u8> {
    entries.iter().flat_map(|entry| entry.to_be_bytes()).collect()
}

fn header(
    bytes: u64,
    tables: u64,
    directory_at: u64,
    directory: u64,
) -> io::Result<[u8; HEADER as usize]> {
    let number =
        |number: u64| u32::try_from(number).map(u32::to_be_bytes).map_err(io::Error::other);
    let mut header = [0; HEADER as usize];
    let (tables, directory) = (number(tables)?, number(directory)?);
    let mut put = |at: usize, octets: &[u8]| header[at..at + octets.len()].copy_from_slice(octets);
    put(0, b"QFI\xfb");
    put(4, &3_u32.to_be_bytes());
    put(20, &CLUSTER_BITS.to_be_bytes());
    put(24, &bytes.to_be_bytes());
    put(36, &tables);
    put(40, &FIRST_TABLE_AT.to_be_bytes());
    put(48, &directory_at.to_be_bytes());
    put(56, &directory);
    // Counters have 2^4 bits.
    put(96, &4_u32.to_be_bytes());
    put(100, &HEADER.to_be_bytes());
    Ok(header)
}
