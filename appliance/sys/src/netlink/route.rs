//! The IPv4 default route.

use std::net::Ipv4Addr;

use super::address::inet;
use super::message::{DecodeError, Message, Request, attributes, u32_at};

/// Bytes of `struct rtmsg`.
const INFO_BYTES: usize = 12;
/// `RTNH_F_ONLINK`.
const ON_LINK: u32 = 4;

/// Where a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayReach {
    /// In the network of an address of the interface.
    Subnet,
    /// On the link, although no address of the interface has it in its network: some clouds hand out
    /// /32 addresses.
    OnLink,
}

/// A default route of the main table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DefaultRoute {
    interface: Option<u32>,
    gateway: Option<Ipv4Addr>,
    priority: Option<u32>,
}

impl DefaultRoute {
    /// The route that this product sets.
    pub(super) const fn through(interface: u32, gateway: Ipv4Addr) -> Self {
        Self { interface: Some(interface), gateway: Some(gateway), priority: None }
    }

    /// Reads an answer; `None` for routes that are no IPv4 default route of the main table.
    pub(super) fn decode(message: &Message<'_>) -> Result<Option<Self>, DecodeError> {
        let payload = message.payload;
        let info = payload.get(..INFO_BYTES).ok_or(DecodeError)?;
        let is_default = info.starts_with(&[inet(), 0])
            && info.get(4) == Some(&libc::RT_TABLE_MAIN)
            && info.get(7) == Some(&libc::RTN_UNICAST);
        if !is_default {
            return Ok(None);
        }
        let mut route = Self { interface: None, gateway: None, priority: None };
        for (kind, value) in attributes(payload, INFO_BYTES) {
            match kind {
                libc::RTA_OIF => route.interface = u32_at(value, 0),
                libc::RTA_PRIORITY => route.priority = u32_at(value, 0),
                libc::RTA_GATEWAY => {
                    route.gateway = <[u8; 4]>::try_from(value).ok().map(Ipv4Addr::from);
                }
                _ => {}
            }
        }
        Ok(Some(route))
    }

    pub(super) fn add_request(&self, flags: u16, sequence: u32, reach: GatewayReach) -> Vec<u8> {
        let next_hop = if reach == GatewayReach::OnLink { ON_LINK } else { 0 };
        self.request(libc::RTM_NEWROUTE, flags, sequence, next_hop)
    }

    pub(super) fn delete_request(&self, flags: u16, sequence: u32) -> Vec<u8> {
        self.request(libc::RTM_DELROUTE, flags, sequence, 0)
    }

    fn request(&self, kind: u16, flags: u16, sequence: u32, next_hop: u32) -> Vec<u8> {
        let mut info = [0; INFO_BYTES];
        info[0] = inet();
        info[4] = libc::RT_TABLE_MAIN;
        if kind == libc::RTM_NEWROUTE {
            info[5] = libc::RTPROT_BOOT;
        }
        info[6] = libc::RT_SCOPE_UNIVERSE;
        info[7] = libc::RTN_UNICAST;
        info[8..].copy_from_slice(&next_hop.to_ne_bytes());
        let mut request = Request::new(kind, flags, sequence, &info);
        if let Some(gateway) = self.gateway {
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
    fn reads_back_what_it_asks_for() {
        let route = DefaultRoute::through(2, Ipv4Addr::new(10, 0, 2, 2));
        let bytes = route.add_request(0, 1, GatewayReach::OnLink);
        let message = messages(&bytes).next().expect("one").expect("valid");
        assert_eq!(DefaultRoute::decode(&message), Ok(Some(route)));
        assert_eq!(message.payload[8..12], ON_LINK.to_ne_bytes());
    }

    #[test]
    fn passes_over_routes_to_networks() {
        let mut payload = [0; INFO_BYTES];
        payload[..2].copy_from_slice(&[inet(), 24]);
        payload[4] = libc::RT_TABLE_MAIN;
        payload[7] = libc::RTN_UNICAST;
        let message = Message { kind: libc::RTM_NEWROUTE, sequence: 1, payload: &payload };
        assert_eq!(DefaultRoute::decode(&message), Ok(None));
    }

    proptest! {
        #[test]
        fn never_panics_on_garbage(payload in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = DefaultRoute::decode(&Message { kind: 0, sequence: 0, payload: &payload });
        }
    }
}
