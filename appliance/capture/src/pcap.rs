//! The file format of traces: `.pcap` with microseconds, which every analyser reads
//! (draft-ietf-opsawg-pcap).

use sys::packet_ring::RingPacket;

/// Bytes before the first record.
pub const FILE_HEADER_BYTES: usize = 24;
/// Bytes before the bytes of each packet.
pub const RECORD_HEADER_BYTES: usize = 16;

const MAGIC: u32 = 0xa1b2_c3d4;
const VERSION: [u16; 2] = [2, 4];
const LINK_TYPE_ETHERNET: u32 = 1;
/// Bytes of the addresses, behind which a VLAN tag stands.
const ADDRESSES_BYTES: usize = 12;
const VLAN_TAG_BYTES: u32 = 4;

/// The beginning of a file whose records have at most `snap_bytes` of each packet.
#[must_use]
pub fn file_header(snap_bytes: u32) -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    header[..4].copy_from_slice(&MAGIC.to_le_bytes());
    header[4..6].copy_from_slice(&VERSION[0].to_le_bytes());
    header[6..8].copy_from_slice(&VERSION[1].to_le_bytes());
    header[16..20].copy_from_slice(&snap_bytes.to_le_bytes());
    header[20..].copy_from_slice(&LINK_TYPE_ETHERNET.to_le_bytes());
    header
}

/// Length of a packet on the wire, its VLAN tag included.
#[must_use]
#[inline]
pub const fn wire_bytes(packet: &RingPacket<'_>) -> u32 {
    match packet.vlan {
        Some(_) => packet.length.saturating_add(VLAN_TAG_BYTES),
        None => packet.length,
    }
}

/// Adds the record of a packet with at most `snap_bytes` of it. A VLAN tag that was taken out of the
/// frame stands in its place again.
#[inline]
pub fn append(records: &mut Vec<u8>, packet: &RingPacket<'_>, snap_bytes: u32) {
    let limit = usize::try_from(snap_bytes).unwrap_or(usize::MAX);
    let tag = packet.vlan.as_ref().map_or(&[][..], |tag| &tag[..]);
    let kept = (packet.bytes.len() + tag.len()).min(limit);
    let header = [
        packet.seconds,
        packet.nanoseconds / 1000,
        u32::try_from(kept).unwrap_or(u32::MAX),
        wire_bytes(packet),
    ];
    let mut bytes = [0; RECORD_HEADER_BYTES];
    for (place, value) in bytes.chunks_exact_mut(4).zip(header) {
        place.copy_from_slice(&value.to_le_bytes());
    }
    records.extend_from_slice(&bytes);
    if tag.is_empty() {
        records.extend_from_slice(packet.bytes.get(..kept).unwrap_or(packet.bytes));
        return;
    }
    let end = records.len() + kept;
    let (addresses, rest) = packet.bytes.split_at(ADDRESSES_BYTES.min(packet.bytes.len()));
    records.extend_from_slice(addresses);
    records.extend_from_slice(tag);
    records.extend_from_slice(rest);
    records.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(bytes: &[u8]) -> RingPacket<'_> {
        RingPacket {
            seconds: 1_700_000_000,
            nanoseconds: 123_456_789,
            length: 1400,
            bytes,
            vlan: None,
            is_outgoing: false,
        }
    }

    fn word(record: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(record[at..at + 4].try_into().expect("four bytes"))
    }

    #[test]
    fn record_has_time_kept_bytes_and_true_length() {
        let mut record = Vec::new();
        append(&mut record, &packet(&[7; 94]), 94);
        assert_eq!(word(&record, 0), 1_700_000_000);
        assert_eq!(word(&record, 4), 123_456);
        assert_eq!((word(&record, 8), word(&record, 12)), (94, 1400));
        assert_eq!(record[RECORD_HEADER_BYTES..], [7; 94]);
    }

    #[test]
    fn vlan_tag_stands_behind_the_addresses_and_counts() {
        let bytes: Vec<u8> = (0..94).collect();
        let mut record = Vec::new();
        let tagged = RingPacket { vlan: Some([0x81, 0, 0, 5]), ..packet(&bytes) };
        append(&mut record, &tagged, 94);
        assert_eq!((word(&record, 8), word(&record, 12)), (94, 1404));
        let frame = &record[RECORD_HEADER_BYTES..];
        assert_eq!(frame[10..18], [10, 11, 0x81, 0, 0, 5, 12, 13]);
        assert_eq!((frame.len(), frame[93]), (94, 89));
    }

    #[test]
    fn frame_shorter_than_its_addresses_is_kept_as_it_is() {
        let mut record = Vec::new();
        append(&mut record, &RingPacket { vlan: Some([1; 4]), ..packet(&[9; 3]) }, 94);
        assert_eq!(record[RECORD_HEADER_BYTES..], [9, 9, 9, 1, 1, 1, 1]);
    }
}
