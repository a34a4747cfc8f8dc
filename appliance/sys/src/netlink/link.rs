//! Network interfaces.

use super::message::{DecodeError, Message, Request, attributes, u16_at, u32_at};

/// Bytes of `struct ifinfomsg`.
const INFO_BYTES: usize = 16;
const UP: u32 = 1;
const RUNNING: u32 = 1 << 6;
const LOWER_UP: u32 = 1 << 16;
/// Longest name of an interface in bytes.
const MAX_NAME_BYTES: usize = 15;

/// An Ethernet interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Index, which stays while the machine runs.
    pub index: u32,
    /// Name, such as `eth0`.
    pub name: String,
    /// Hardware address.
    pub hardware_address: [u8; 6],
    /// Largest packet in bytes.
    pub mtu: u32,
    /// Switched on.
    pub is_up: bool,
    /// Switched on and able to send.
    pub is_running: bool,
    /// The cable is plugged in.
    pub has_carrier: bool,
}

impl Link {
    /// Reads an answer; `None` for interfaces that are not Ethernet, such as `lo`.
    pub(super) fn decode(message: &Message<'_>) -> Result<Option<Self>, DecodeError> {
        let payload = message.payload;
        let kind = u16_at(payload, 2).ok_or(DecodeError)?;
        let index = u32_at(payload, 4).ok_or(DecodeError)?;
        let flags = u32_at(payload, 8).ok_or(DecodeError)?;
        let (mut name, mut hardware_address, mut mtu) = (None, None, 0);
        for (kind, value) in attributes(payload, INFO_BYTES) {
            match kind {
                libc::IFLA_IFNAME => name = decode_name(value),
                libc::IFLA_ADDRESS => hardware_address = value.try_into().ok(),
                libc::IFLA_MTU => mtu = u32_at(value, 0).unwrap_or_default(),
                _ => {}
            }
        }
        let (Some(name), Some(hardware_address)) = (name, hardware_address) else {
            return Ok(None);
        };
        Ok((kind == libc::ARPHRD_ETHER).then_some(Self {
            index,
            name,
            hardware_address,
            mtu,
            is_up: flags & UP != 0,
            is_running: flags & RUNNING != 0,
            has_carrier: flags & LOWER_UP != 0,
        }))
    }
}

/// Asks for all interfaces.
pub(super) fn list_request(flags: u16, sequence: u32) -> Vec<u8> {
    Request::new(libc::RTM_GETLINK, flags, sequence, &[0; INFO_BYTES]).finish()
}

/// Switches an interface on.
pub(super) fn up_request(flags: u16, sequence: u32, index: u32) -> Vec<u8> {
    Request::new(libc::RTM_NEWLINK, flags, sequence, &info(index, UP)).finish()
}

/// Sets the largest packet.
pub(super) fn mtu_request(flags: u16, sequence: u32, index: u32, mtu: u32) -> Vec<u8> {
    Request::new(libc::RTM_NEWLINK, flags, sequence, &info(index, 0))
        .attribute(libc::IFLA_MTU, &mtu.to_ne_bytes())
        .finish()
}

/// `struct ifinfomsg` that sets these flags and leaves the others.
fn info(index: u32, set: u32) -> [u8; INFO_BYTES] {
    let mut info = [0; INFO_BYTES];
    info[4..8].copy_from_slice(&index.to_ne_bytes());
    info[8..12].copy_from_slice(&set.to_ne_bytes());
    info[12..16].copy_from_slice(&set.to_ne_bytes());
    info
}

fn decode_name(value: &[u8]) -> Option<String> {
    let name = value.strip_suffix(b"\0").unwrap_or(value);
    let is_name = !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.is_ascii();
    is_name.then(|| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(kind: u16, flags: u32, name: &[u8]) -> Vec<u8> {
        let mut info = info(2, flags);
        info[2..4].copy_from_slice(&kind.to_ne_bytes());
        Request::new(libc::RTM_NEWLINK, 0, 1, &info)
            .attribute(libc::IFLA_IFNAME, name)
            .attribute(libc::IFLA_ADDRESS, &[2, 0, 0, 0, 0, 1])
            .attribute(libc::IFLA_MTU, &1500_u32.to_ne_bytes())
            .finish()
    }

    fn decoded(bytes: &[u8]) -> Option<Link> {
        let message = super::super::message::messages(bytes).next().expect("one").expect("valid");
        Link::decode(&message).expect("valid")
    }

    #[test]
    fn reads_an_ethernet_link_without_cable() {
        let link = decoded(&encoded(libc::ARPHRD_ETHER, UP, b"eth0\0")).expect("ethernet");
        assert_eq!((link.name.as_str(), link.index, link.mtu), ("eth0", 2, 1500));
        assert_eq!(link.hardware_address, [2, 0, 0, 0, 0, 1]);
        assert!(link.is_up && !link.is_running && !link.has_carrier);
    }

    #[test]
    fn passes_over_what_is_not_ethernet() {
        assert_eq!(decoded(&encoded(libc::ARPHRD_LOOPBACK, UP, b"lo\0")), None);
    }

    proptest! {
        #[test]
        fn never_panics_on_garbage(payload in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Link::decode(&Message { kind: 0, sequence: 0, payload: &payload });
        }
    }
}
