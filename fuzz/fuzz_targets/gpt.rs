//! A partition table of whatever content, with checksums that fit: what growth and restoration write
//! lies on the disk, and leaves a table with the same partitions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sys::gpt::Guid;
use sys::partition_table::{Geometry, PRIMARY, Table, growth, restoration};

const BLOCK: usize = 512;
/// MBR, header and entries, as far as the input goes.
const AREA: usize = 34 * BLOCK;

fuzz_target!(|input: &[u8]| {
    let Some((size, content)) = input.split_first_chunk::<8>() else { return };
    let geometry = Geometry { blocks: u64::from_le_bytes(*size) >> 16, block_bytes: 512 };
    let guid = Guid::parse(model::disk::DATA.guid).expect("the model's GUIDs are valid");
    let mut disk = vec![0; AREA];
    let length = content.len().min(AREA);
    disk[..length].copy_from_slice(&content[..length]);
    seal(&mut disk);
    let Ok(table) = read(&disk, geometry) else { return };
    let before = table.extent(guid);
    let writes = growth(&table, None, guid, geometry, &disk[..BLOCK]);
    for write in &writes {
        let end = write.block.checked_add(write.bytes.len().div_ceil(BLOCK) as u64);
        assert!(end.is_some_and(|end| end <= geometry.blocks), "{write:?}");
        let start = usize::try_from(write.block).unwrap_or(usize::MAX).saturating_mul(BLOCK);
        if let Some(place) = disk.get_mut(start..start.saturating_add(write.bytes.len())) {
            place.copy_from_slice(&write.bytes);
        }
    }
    if !writes.is_empty() && disk.len() == AREA {
        // The entries may have gone to the second place, which lies behind this area.
        if let Ok(grown) = read(&disk, geometry) {
            let (before, after) = (before.expect("it grew"), grown.extent(guid).expect("kept"));
            assert!(after.first == before.first && after.blocks >= before.blocks);
        }
    }
    let _ = restoration(&table, geometry);
});

fn read(disk: &[u8], geometry: Geometry) -> Result<Table, sys::gpt::GptError> {
    Table::read(PRIMARY, geometry, |block, bytes| {
        let start = usize::try_from(block).ok()?.checked_mul(BLOCK)?;
        disk.get(start..start.checked_add(bytes)?).map(<[u8]>::to_vec)
    })
}

/// Sets signature, length and checksums, so that the fields themselves are looked at.
fn seal(disk: &mut [u8]) {
    let header = BLOCK;
    disk[header..header + 8].copy_from_slice(b"EFI PART");
    disk[header + 12..header + 16].copy_from_slice(&92_u32.to_le_bytes());
    disk[header + 24..header + 32].copy_from_slice(&1_u64.to_le_bytes());
    disk[header + 72..header + 80].copy_from_slice(&2_u64.to_le_bytes());
    let number = |offset: usize| {
        let bytes: [u8; 4] = disk[header + offset..header + offset + 4].try_into().expect("four");
        usize::try_from(u32::from_le_bytes(bytes)).expect("fits")
    };
    let length = number(80).saturating_mul(number(84)).min(AREA - 2 * BLOCK);
    let crc = crc32(&disk[2 * BLOCK..2 * BLOCK + length]);
    disk[header + 88..header + 92].copy_from_slice(&crc.to_le_bytes());
    disk[header + 16..header + 20].fill(0);
    let crc = crc32(&disk[header..header + 92]);
    disk[header + 16..header + 20].copy_from_slice(&crc.to_le_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}
