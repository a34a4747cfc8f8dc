//! IPv4 and UDP headers around DHCP messages, for when there is no address yet (RFC 791, RFC 768).

use std::net::Ipv4Addr;

/// Port of servers.
pub(super) const SERVER_PORT: u16 = 67;
/// Port of clients.
pub(super) const CLIENT_PORT: u16 = 68;

const IPV4_BYTES: usize = 20;
const UDP_BYTES: usize = 8;
const UDP: u8 = 17;
const TIME_TO_LIVE: u8 = 64;

/// The payload of a packet from a server to a client, or `None` for any other and damaged packets.
pub(super) fn decode(packet: &[u8]) -> Option<&[u8]> {
    let header_bytes = usize::from(packet.first()? & 0x0f) * 4;
    let total = usize::from(u16_at(packet, 2)?);
    let packet = packet.get(..total)?;
    let (header, segment) = packet.split_at_checked(header_bytes)?;
    let is_fragment = u16_at(header, 6)? & 0x3fff != 0;
    let is_udp = header.len() >= IPV4_BYTES && header[0] >> 4 == 4 && header[9] == UDP;
    if !is_udp || is_fragment || sum(header, 0) != 0xffff {
        return None;
    }
    let length = usize::from(u16_at(segment, 4)?);
    let segment = segment.get(..length)?;
    let payload = segment.get(UDP_BYTES..)?;
    let is_reply = u16_at(segment, 0)? == SERVER_PORT && u16_at(segment, 2)? == CLIENT_PORT;
    (is_reply && is_intact(&header[12..20], segment)).then_some(payload)
}

/// A packet from a client to all servers on the link.
pub(super) fn encode_broadcast(source: Ipv4Addr, payload: &[u8]) -> Vec<u8> {
    let total = IPV4_BYTES + UDP_BYTES + payload.len();
    let be = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![0x45, 0];
    packet.extend(be(total));
    // Identification zero, do not fragment.
    packet.extend([0, 0, 0x40, 0, TIME_TO_LIVE, UDP, 0, 0]);
    packet.extend(source.octets());
    packet.extend(Ipv4Addr::BROADCAST.octets());
    let checksum = !sum(&packet, 0);
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet.extend(CLIENT_PORT.to_be_bytes());
    packet.extend(SERVER_PORT.to_be_bytes());
    packet.extend(be(total - IPV4_BYTES));
    packet.extend([0, 0]);
    packet.extend(payload);
    let (header, segment) = packet.split_at(IPV4_BYTES);
    // Zero would mean that there is no checksum.
    let checksum = match !sum(segment, pseudo_header(&header[12..20], segment.len())) {
        0 => 0xffff,
        checksum => checksum,
    };
    packet[IPV4_BYTES + 6..IPV4_BYTES + 8].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// Whether the UDP checksum is right, absent, or left to a network card that the packet never went
/// through: between a host and its virtual machines it holds only the sum of the pseudo header.
fn is_intact(addresses: &[u8], segment: &[u8]) -> bool {
    let pseudo_header = pseudo_header(addresses, segment.len());
    let stored = u16_at(segment, 6).unwrap_or_default();
    stored == 0 || sum(segment, pseudo_header) == 0xffff || stored == sum(&[], pseudo_header)
}

fn pseudo_header(addresses: &[u8], length: usize) -> u32 {
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    u32::from(sum(addresses, 0)) + u32::from(UDP) + u32::from(length)
}

/// The ones' complement sum of RFC 1071. Packets of 64 KiB cannot overflow it.
fn sum(bytes: &[u8], start: u32) -> u16 {
    let (words, last) = bytes.as_chunks::<2>();
    let mut sum = words.iter().fold(start, |sum, word| sum + u32::from(u16::from_be_bytes(*word)));
    if let [byte] = last {
        sum += u32::from(u16::from_be_bytes([*byte, 0]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(sum).unwrap_or(u16::MAX)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The packet as a server would have sent it; swapping the ports keeps the sums.
    fn reply(payload: &[u8]) -> Vec<u8> {
        let mut packet = encode_broadcast([10, 0, 2, 2].into(), payload);
        packet[20..24].copy_from_slice(&[0, 67, 0, 68]);
        packet
    }

    #[test]
    fn sums_like_the_example_of_rfc_1071() {
        assert_eq!(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7], 0), 0xddf2);
    }

    #[test]
    fn refuses_requests_of_other_clients_and_fragments() {
        assert_eq!(decode(&encode_broadcast(Ipv4Addr::UNSPECIFIED, b"discover")), None);
        let mut fragment = reply(b"offer");
        // The bit "more fragments" instead of "do not fragment", with the sum kept right.
        fragment[6] = 0x20;
        fragment[4] = 0x20;
        assert_eq!(decode(&fragment), None);
    }

    #[test]
    fn refuses_every_damaged_header_byte() {
        let good = reply(b"offer");
        for position in 0..20 {
            let mut damaged = good.clone();
            damaged[position] ^= 0x10;
            assert_eq!(decode(&damaged), None, "byte {position}");
        }
    }

    #[test]
    fn accepts_an_absent_or_unfinished_checksum_and_no_wrong_one() {
        let mut packet = reply(b"offer");
        let unfinished = sum(&[], pseudo_header(&packet[12..20], packet.len() - 20));
        for (checksum, is_accepted) in
            [(0, true), (unfinished, true), (unfinished ^ 1, false), (0xffff, false)]
        {
            packet[26..28].copy_from_slice(&checksum.to_be_bytes());
            assert_eq!(decode(&packet).is_some(), is_accepted, "{checksum:#x}");
        }
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(payload in proptest::collection::vec(any::<u8>(), 0..1472)) {
            let mut packet = reply(&payload);
            // Ethernet pads short frames.
            packet.extend([0; 30]);
            prop_assert_eq!(decode(&packet), Some(payload.as_slice()));
        }

        #[test]
        fn never_panics_on_garbage(
            garbage in proptest::collection::vec(any::<u8>(), 0..200),
            position in 0usize..33,
            value: u8,
        ) {
            let _ = decode(&garbage);
            let mut packet = reply(b"offer");
            packet[position] = value;
            let _ = decode(&packet);
        }
    }
}
