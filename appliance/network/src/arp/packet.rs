//! ARP packets for IPv4 over Ethernet (RFC 826).

use std::net::Ipv4Addr;

/// Bytes of a packet. Ethernet pads it.
pub(super) const PACKET_BYTES: usize = 28;

/// Ethernet, IPv4, and the lengths of their addresses.
const HEAD: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// Question or answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Who has the target address?
    Request,
    /// The sender has it.
    Reply,
}

/// A packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArpPacket {
    /// Question or answer.
    pub operation: Operation,
    /// Hardware address of the sender.
    pub sender_hardware: [u8; 6],
    /// Address of the sender; 0.0.0.0 in a probe.
    pub sender: Ipv4Addr,
    /// Hardware address of the target; means nothing in a request.
    pub target_hardware: [u8; 6],
    /// Address of the target.
    pub target: Ipv4Addr,
}

impl ArpPacket {
    /// Reads a packet, which padding may follow. `None` when it is cut off, of another network, or
    /// neither request nor reply.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<PACKET_BYTES>()?;
        if !bytes.starts_with(&HEAD) {
            return None;
        }
        let operation = match bytes[6..8] {
            [0, 1] => Operation::Request,
            [0, 2] => Operation::Reply,
            _ => return None,
        };
        Some(Self {
            operation,
            sender_hardware: array(bytes, 8),
            sender: array::<4>(bytes, 14).into(),
            target_hardware: array(bytes, 18),
            target: array::<4>(bytes, 24).into(),
        })
    }

    /// The bytes to send.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let operation = match self.operation {
            Operation::Request => [0, 1],
            Operation::Reply => [0, 2],
        };
        let mut bytes = HEAD.to_vec();
        bytes.extend(operation);
        bytes.extend(self.sender_hardware);
        bytes.extend(self.sender.octets());
        bytes.extend(self.target_hardware);
        bytes.extend(self.target.octets());
        bytes
    }
}

fn array<const LENGTH: usize>(bytes: &[u8; PACKET_BYTES], at: usize) -> [u8; LENGTH] {
    std::array::from_fn(|index| bytes[at + index])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn puts_fields_where_rfc_826_has_them() {
        let packet = ArpPacket {
            operation: Operation::Reply,
            sender_hardware: [2, 0, 0, 0, 0, 1],
            sender: [10, 0, 2, 15].into(),
            target_hardware: [2, 0, 0, 0, 0, 9],
            target: [10, 0, 2, 2].into(),
        };
        let bytes = packet.encode();
        assert_eq!(bytes[..8], [0, 1, 8, 0, 6, 4, 0, 2]);
        assert_eq!(bytes[8..18], [2, 0, 0, 0, 0, 1, 10, 0, 2, 15]);
        assert_eq!(bytes[18..], [2, 0, 0, 0, 0, 9, 10, 0, 2, 2]);
    }

    #[test]
    fn refuses_other_networks_and_operations() {
        let good = [HEAD.as_slice(), &[0, 1], &[0; 20]].concat();
        assert!(ArpPacket::decode(&good).is_some());
        for (position, value) in [(1, 6), (2, 0x86), (4, 8), (5, 16), (7, 3), (6, 1)] {
            let mut bytes = good.clone();
            bytes[position] = value;
            assert_eq!(ArpPacket::decode(&bytes), None, "byte {position}");
        }
        assert_eq!(ArpPacket::decode(&good[..27]), None);
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(
            is_reply: bool,
            hardware: [[u8; 6]; 2],
            addresses: [[u8; 4]; 2],
            padding in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let packet = ArpPacket {
                operation: if is_reply { Operation::Reply } else { Operation::Request },
                sender_hardware: hardware[0],
                sender: addresses[0].into(),
                target_hardware: hardware[1],
                target: addresses[1].into(),
            };
            let bytes = [packet.encode(), padding].concat();
            prop_assert_eq!(ArpPacket::decode(&bytes), Some(packet));
        }

        #[test]
        fn never_panics_on_garbage(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = ArpPacket::decode(&bytes);
        }
    }
}
