//! IPv4 addresses of interfaces.

use std::net::Ipv4Addr;

use super::message::{DecodeError, Message, Request, attributes, u32_at};

/// Bytes of `struct ifaddrmsg`.
const INFO_BYTES: usize = 8;
const MAX_PREFIX: u8 = 32;

/// An address of an interface with the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// Length of the prefix, 0 to 32.
    pub prefix_length: u8,
}

impl InterfaceAddress {
    /// The broadcast address; networks of one or two addresses have none (RFC 3021).
    #[must_use]
    pub fn broadcast(&self) -> Option<Ipv4Addr> {
        let host_bits = u32::MAX.checked_shr(u32::from(self.prefix_length)).unwrap_or(0);
        (self.prefix_length < 31).then(|| Ipv4Addr::from_bits(self.address.to_bits() | host_bits))
    }

    /// Reads an answer, with the index of the interface; `None` for other families.
    pub(super) fn decode(message: &Message<'_>) -> Result<Option<(u32, Self)>, DecodeError> {
        let payload = message.payload;
        let (family, prefix_length) = match payload {
            [family, prefix_length, ..] => (*family, *prefix_length),
            _ => return Err(DecodeError),
        };
        let index = u32_at(payload, 4).ok_or(DecodeError)?;
        if libc::c_int::from(family) != libc::AF_INET || prefix_length > MAX_PREFIX {
            return Ok(None);
        }
        let find = |wanted| {
            let value = attributes(payload, INFO_BYTES).find(|(kind, _)| *kind == wanted)?.1;
            Some(Ipv4Addr::from(<[u8; 4]>::try_from(value).ok()?))
        };
        let address = find(libc::IFA_LOCAL).or_else(|| find(libc::IFA_ADDRESS));
        Ok(address.map(|address| (index, Self { address, prefix_length })))
    }

    pub(super) fn add_request(&self, flags: u16, sequence: u32, index: u32) -> Vec<u8> {
        let request = self.request(libc::RTM_NEWADDR, flags, sequence, index);
        match self.broadcast() {
            Some(broadcast) => request.attribute(libc::IFA_BROADCAST, &broadcast.octets()),
            None => request,
        }
        .finish()
    }

    pub(super) fn delete_request(&self, flags: u16, sequence: u32, index: u32) -> Vec<u8> {
        self.request(libc::RTM_DELADDR, flags, sequence, index).finish()
    }

    fn request(&self, kind: u16, flags: u16, sequence: u32, index: u32) -> Request {
        let mut info = [inet(), self.prefix_length, 0, 0, 0, 0, 0, 0];
        info[4..].copy_from_slice(&index.to_ne_bytes());
        Request::new(kind, flags, sequence, &info)
            .attribute(libc::IFA_LOCAL, &self.address.octets())
            .attribute(libc::IFA_ADDRESS, &self.address.octets())
    }
}

/// Asks for the addresses of all interfaces.
pub(super) fn list_request(flags: u16, sequence: u32) -> Vec<u8> {
    let info = [inet(), 0, 0, 0, 0, 0, 0, 0];
    Request::new(libc::RTM_GETADDR, flags, sequence, &info).finish()
}

/// `AF_INET` as the messages carry it.
pub(super) fn inet() -> u8 {
    u8::try_from(libc::AF_INET).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::message::messages;
    use super::*;

    proptest! {
        #[test]
        fn reads_back_what_it_asks_for(bits: u32, prefix_length in 0..=32_u8, index: u32) {
            let address = InterfaceAddress { address: Ipv4Addr::from_bits(bits), prefix_length };
            let bytes = address.add_request(0, 1, index);
            let message = messages(&bytes).next().expect("one").expect("valid");
            prop_assert_eq!(InterfaceAddress::decode(&message), Ok(Some((index, address))));
        }

        #[test]
        fn never_panics_on_garbage(payload in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = InterfaceAddress::decode(&Message { kind: 0, sequence: 0, payload: &payload });
        }
    }

    #[test]
    fn only_networks_with_more_than_two_addresses_have_a_broadcast() {
        let broadcast = |prefix_length| {
            InterfaceAddress { address: Ipv4Addr::new(10, 1, 2, 3), prefix_length }.broadcast()
        };
        assert_eq!(broadcast(24), Some(Ipv4Addr::new(10, 1, 2, 255)));
        assert_eq!(broadcast(0), Some(Ipv4Addr::BROADCAST));
        assert_eq!((broadcast(31), broadcast(32)), (None, None));
    }
}
