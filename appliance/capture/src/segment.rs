//! Reading a TCP packet from the beginning of its Ethernet frame.

use std::net::{IpAddr, Ipv6Addr};

use model::capture_status::Endpoint;

/// Flag of the last packet of a side (RFC 9293, section 3.1).
pub const FIN: u8 = 0x01;
/// Flag of the first packet of a side.
pub const SYN: u8 = 0x02;
/// Flag of a packet that ends the connection at once.
pub const RST: u8 = 0x04;
/// Flag of a packet that acknowledges.
pub const ACK: u8 = 0x10;

const ETHERNET_BYTES: usize = 14;
const VLAN_TAG_BYTES: usize = 4;
const IPV6_HEADER_BYTES: usize = 40;
const TCP: u8 = 6;

/// One side of a connection. IPv4 addresses are mapped into IPv6 (RFC 4291, section 2.5.5.2), so
/// that both are one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    address: u128,
    port: u16,
}

impl End {
    /// TCP port.
    #[must_use]
    pub const fn port(self) -> u16 {
        self.port
    }

    /// All of it in one number; few ends have the same.
    #[must_use]
    #[inline]
    pub fn digest(self) -> u64 {
        let [low, high] = [self.address, self.address >> 64].map(low_half);
        // The upper half of a mapped address is zero, and the lower leaves its top bits unused.
        low ^ high.rotate_left(24) ^ u64::from(self.port).rotate_left(48)
    }

    /// As it is shown.
    #[must_use]
    pub fn endpoint(self) -> Endpoint {
        let address = Ipv6Addr::from_bits(self.address);
        let address = address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4);
        Endpoint { address, port: self.port }
    }
}

/// What a TCP packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Who sent it.
    pub from: End,
    /// Who receives it.
    pub to: End,
    /// Number of its first byte.
    pub sequence: u32,
    /// [`FIN`], [`SYN`], [`RST`], [`ACK`] and others.
    pub flags: u8,
    /// Bytes of content.
    pub payload: u32,
}

impl Segment {
    /// Reads the headers of a frame of which `frame` is the beginning and which had `wire_bytes` on
    /// the wire. `None` when it is no TCP packet, a fragment other than the first, or cut off within
    /// its headers.
    #[must_use]
    #[inline]
    pub fn read(frame: &[u8], wire_bytes: u32) -> Option<Self> {
        let (ether_type, ip_offset) = match half(frame, 12)? {
            0x8100 | 0x88a8 | 0x9100 => (half(frame, 16)?, ETHERNET_BYTES + VLAN_TAG_BYTES),
            ether_type => (ether_type, ETHERNET_BYTES),
        };
        let ip = frame.get(ip_offset..)?;
        let wire_bytes = wire_bytes.saturating_sub(u32::try_from(ip_offset).ok()?);
        match ether_type {
            0x0800 => Self::read_ipv4(ip, wire_bytes),
            0x86dd => Self::read_ipv6(ip, wire_bytes),
            _ => None,
        }
    }

    #[inline]
    fn read_ipv4(ip: &[u8], wire_bytes: u32) -> Option<Self> {
        let header: &[u8; 20] = ip.first_chunk()?;
        let length = usize::from(header[0] & 0x0f) * 4;
        let is_later_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x1fff != 0;
        if header[0] >> 4 != 4 || length < header.len() || header[9] != TCP || is_later_fragment {
            return None;
        }
        let total = u32::from(u16::from_be_bytes([header[2], header[3]]));
        let address = |at: usize| {
            let bits =
                u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
            0xffff_0000_0000 | u128::from(bits)
        };
        let content = whole(total, wire_bytes).saturating_sub(u32::try_from(length).ok()?);
        Self::read_tcp(ip.get(length..)?, content, address(12), address(16))
    }

    fn read_ipv6(ip: &[u8], wire_bytes: u32) -> Option<Self> {
        let header: &[u8; IPV6_HEADER_BYTES] = ip.first_chunk()?;
        if header[0] >> 4 != 6 || header[6] != TCP {
            return None;
        }
        let content = u32::from(u16::from_be_bytes([header[4], header[5]]));
        let address =
            |at: usize| header.get(at..at + 16)?.first_chunk().copied().map(u128::from_be_bytes);
        let rest = wire_bytes.saturating_sub(40);
        Self::read_tcp(&ip[IPV6_HEADER_BYTES..], whole(content, rest), address(8)?, address(24)?)
    }

    #[inline]
    fn read_tcp(tcp: &[u8], content: u32, from: u128, to: u128) -> Option<Self> {
        let header: &[u8; 20] = tcp.first_chunk()?;
        let length = u32::from(header[12] >> 4) * 4;
        if length < 20 {
            return None;
        }
        let half = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        Some(Self {
            from: End { address: from, port: half(0) },
            to: End { address: to, port: half(2) },
            sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            flags: header[13],
            payload: content.saturating_sub(length),
        })
    }

    /// How far the packet moves the numbers of its side: SYN and FIN count like a byte.
    #[must_use]
    #[inline]
    pub fn length(&self) -> u32 {
        let counts = u32::from(self.flags & SYN != 0) + u32::from(self.flags & FIN != 0);
        self.payload.wrapping_add(counts)
    }
}

/// The length that a header says; a packet that the card is to cut into pieces may be too long for
/// its header, which then says 0.
const fn whole(said: u32, seen: u32) -> u32 {
    if said == 0 { seen } else { said }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
const fn low_half(number: u128) -> u64 {
    number as u64
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}
