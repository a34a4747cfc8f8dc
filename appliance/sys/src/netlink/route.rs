//! IPv4 routes.

use std::net::Ipv4Addr;

use super::address::inet;
use super::message::{DecodeError, Message, Request, attributes, u32_at};

/// Bytes of `struct rtmsg`.
const INFO_BYTES: usize = 12;

/// A route of the main table through one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// First address of the network that it leads to; 0.0.0.0 for the default route.
    pub destination: Ipv4Addr,
    /// Length of that network's prefix, 0 to 32.
    pub prefix_length: u8,
    /// The gateway, which an earlier route or address must reach; `None` when the network is on the
    /// link itself.
    pub gateway: Option<Ipv4Addr>,
}

/// A route as the kernel lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    route: Route,
    interface: Option<u32>,
    priority: Option<u32>,
}

impl Entry {
    /// The entry that a request of this product makes.
    pub(super) const fn through(interface: u32, route: Route) -> Self {
        Self { route, interface: Some(interface), priority: None }
    }

    /// Reads an answer; `None` for routes that are not IPv4, not of the main table, or that the
    /// kernel makes and removes together with an address.
    pub(super) fn decode(message: &Message<'_>) -> Result<Option<Self>, DecodeError> {
        let payload = message.payload;
        let info = payload.get(..INFO_BYTES).ok_or(DecodeError)?;
        let is_ours = info[0] == inet()
            && info[1] <= 32
            && info[4] == libc::RT_TABLE_MAIN
            && info[5] != libc::RTPROT_KERNEL
            && info[7] == libc::RTN_UNICAST;
        if !is_ours {
            return Ok(None);
        }
        let destination = Ipv4Addr::UNSPECIFIED;
        let mut entry = Self {
            route: Route { destination, prefix_length: info[1], gateway: None },
            interface: None,
            priority: None,
        };
        let address = |value: &[u8]| <[u8; 4]>::try_from(value).ok().map(Ipv4Addr::from);
        for (kind, value) in attributes(payload, INFO_BYTES) {
            match kind {
                libc::RTA_OIF => entry.interface = u32_at(value, 0),
                libc::RTA_PRIORITY => entry.priority = u32_at(value, 0),
                libc::RTA_GATEWAY => entry.route.gateway = address(value),
                libc::RTA_DST => entry.route.destination = address(value).unwrap_or(destination),
                _ => {}
            }
        }
        Ok(Some(entry))
    }

    pub(super) fn add_request(&self, flags: u16, sequence: u32) -> Vec<u8> {
        let is_on_link = self.route.gateway.is_none();
        let scope = if is_on_link { libc::RT_SCOPE_LINK } else { libc::RT_SCOPE_UNIVERSE };
        self.request(libc::RTM_NEWROUTE, flags, sequence, [libc::RTPROT_BOOT, scope])
    }

    pub(super) fn delete_request(&self, flags: u16, sequence: u32) -> Vec<u8> {
        // Whoever made it, whatever its scope.
        self.request(libc::RTM_DELROUTE, flags, sequence, [0, libc::RT_SCOPE_NOWHERE])
    }

    fn request(&self, kind: u16, flags: u16, sequence: u32, [protocol, scope]: [u8; 2]) -> Vec<u8> {
        let Route { destination, prefix_length, gateway } = self.route;
        let mut info = [0; INFO_BYTES];
        info[..2].copy_from_slice(&[inet(), prefix_length]);
        info[4..8].copy_from_slice(&[libc::RT_TABLE_MAIN, protocol, scope, libc::RTN_UNICAST]);
        let mut request = Request::new(kind, flags, sequence, &info);
        if prefix_length > 0 {
            request = request.attribute(libc::RTA_DST, &destination.octets());
        }
        if let Some(gateway) = gateway {
            request = request.attribute(libc::RTA_GATEWAY, &gateway.octets());
        }
        if let Some(interface) = self.interface {
            request = request.attribute(libc::RTA_OIF, &interface.to_ne_bytes());
        }
        if let Some(priority) = self.priority {
            request = request.attribute(libc::RTA_PRIORITY, &priority.to_ne_bytes());
        }
        request.finish()
    }
}

/// Asks for the routes of all tables.
pub(super) fn list_request(flags: u16, sequence: u32) -> Vec<u8> {
    let mut info = [0; INFO_BYTES];
    info[0] = inet();
    Request::new(libc::RTM_GETROUTE, flags, sequence, &info).finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::message::messages;
    use super::*;

    #[test]
    fn passes_over_what_the_kernel_makes_with_an_address() {
        let mut payload = [0; INFO_BYTES];
        payload[..2].copy_from_slice(&[inet(), 24]);
        payload[4..8].copy_from_slice(&[
            libc::RT_TABLE_MAIN,
            libc::RTPROT_KERNEL,
            libc::RT_SCOPE_LINK,
            libc::RTN_UNICAST,
        ]);
        let message = Message { kind: libc::RTM_NEWROUTE, sequence: 1, payload: &payload };
        assert_eq!(Entry::decode(&message), Ok(None));
    }

    proptest! {
        #[test]
        fn reads_back_what_it_asks_for(
            bits: u32,
            prefix_length in 1..=32_u8,
            gateway: Option<[u8; 4]>,
            interface: u32,
        ) {
            let destination = Ipv4Addr::from_bits(bits);
            let gateway = gateway.map(Ipv4Addr::from);
            let entry = Entry::through(interface, Route { destination, prefix_length, gateway });
            let bytes = entry.add_request(0, 1);
            let message = messages(&bytes).next().expect("one").expect("valid");
            prop_assert_eq!(Entry::decode(&message), Ok(Some(entry)));
        }

        #[test]
        fn never_panics_on_garbage(payload in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Entry::decode(&Message { kind: 0, sequence: 0, payload: &payload });
        }
    }
}
