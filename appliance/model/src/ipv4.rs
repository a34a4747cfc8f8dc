//! IPv4 masks and ranges.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Length of a network prefix, 0 to 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct PrefixLength(u8);

/// The text or number is no network mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MaskError {
    /// Neither a dotted mask nor a prefix length.
    #[error("a mask is written as 255.255.255.0 or as a prefix length from 0 to 32")]
    Unreadable,
    /// One bits after a zero bit, such as 255.0.255.0.
    #[error("the mask has a hole: its one bits must all come first, as in 255.255.255.0")]
    Hole,
}

impl PrefixLength {
    /// A prefix of this many bits.
    ///
    /// # Errors
    ///
    /// [`MaskError::Unreadable`] above 32.
    pub const fn new(bits: u8) -> Result<Self, MaskError> {
        if bits > 32 { Err(MaskError::Unreadable) } else { Ok(Self(bits)) }
    }

    /// Reads a dotted mask (`255.255.255.0`) or a length (`24`, `/24`).
    ///
    /// # Errors
    ///
    /// [`MaskError`] when it is neither, or a mask with a hole.
    pub fn parse(text: &str) -> Result<Self, MaskError> {
        if let Ok(mask) = text.parse::<Ipv4Addr>() {
            return Self::from_mask(mask);
        }
        let digits = text.strip_prefix('/').unwrap_or(text);
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain {
            return Err(MaskError::Unreadable);
        }
        Self::new(digits.parse().map_err(|_| MaskError::Unreadable)?)
    }

    /// The length of a dotted mask.
    ///
    /// # Errors
    ///
    /// [`MaskError::Hole`] when the one bits do not all come first.
    pub fn from_mask(mask: Ipv4Addr) -> Result<Self, MaskError> {
        let bits = u32::from(mask);
        let ones = bits.leading_ones();
        if bits.count_ones() != ones {
            return Err(MaskError::Hole);
        }
        Ok(Self(u8::try_from(ones).expect("an address has 32 bits")))
    }

    /// Number of bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The dotted mask.
    #[must_use]
    pub fn mask(self) -> Ipv4Addr {
        Ipv4Addr::from(u32::MAX.checked_shl(32 - u32::from(self.0)).unwrap_or(0))
    }
}

impl TryFrom<u8> for PrefixLength {
    type Error = MaskError;

    fn try_from(bits: u8) -> Result<Self, MaskError> {
        Self::new(bits)
    }
}

impl From<PrefixLength> for u8 {
    fn from(prefix: PrefixLength) -> Self {
        prefix.0
    }
}

/// An address of a host together with the prefix of its network, such as `10.71.57.66/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNet {
    /// Address of the host.
    pub address: Ipv4Addr,
    /// Prefix of its network.
    pub prefix: PrefixLength,
}

impl HostNet {
    /// Whether an address lies in the same network.
    #[must_use]
    pub fn contains(self, other: Ipv4Addr) -> bool {
        let mask = u32::from(self.prefix.mask());
        u32::from(self.address) & mask == u32::from(other) & mask
    }

    /// The broadcast address of the network.
    #[must_use]
    pub fn broadcast(self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address) | !u32::from(self.prefix.mask()))
    }

    /// The address of the network itself: all host bits zero.
    #[must_use]
    pub fn network(self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address) & u32::from(self.prefix.mask()))
    }
}

impl fmt::Display for HostNet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix.bits())
    }
}

/// Networks that the appliance keeps for itself; a customer's network must not use them
/// (product manual, network requirements).
pub const RESERVED: [(Ipv4Addr, u8); 3] = [
    (Ipv4Addr::new(169, 254, 0, 0), 24),
    (Ipv4Addr::new(169, 254, 64, 0), 18),
    (Ipv4Addr::new(169, 254, 192, 0), 18),
];

/// The reserved network that an address lies in.
#[must_use]
pub fn reserved_network(address: Ipv4Addr) -> Option<HostNet> {
    RESERVED
        .into_iter()
        .map(|(network, bits)| HostNet { address: network, prefix: PrefixLength(bits) })
        .find(|network| network.contains(address))
}

/// Why an address cannot be the address of a host or of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HostAddressError {
    /// 0.0.0.0/8.
    #[error("0.x.x.x names no host")]
    Unspecified,
    /// 127.0.0.0/8.
    #[error("127.x.x.x is the machine itself")]
    Loopback,
    /// 224.0.0.0/4 and 240.0.0.0/4, which includes 255.255.255.255.
    #[error("addresses from 224.0.0.0 on are multicast, reserved or broadcast")]
    NotUnicast,
    /// In [`RESERVED`].
    #[error("it lies in {0}, which the appliance keeps for itself")]
    Reserved(HostNet),
}

/// Checks that an address can belong to a host on a customer's network.
///
/// # Errors
///
/// [`HostAddressError`] names the range it lies in.
pub fn check_host_address(address: Ipv4Addr) -> Result<(), HostAddressError> {
    match address.octets()[0] {
        0 => return Err(HostAddressError::Unspecified),
        127 => return Err(HostAddressError::Loopback),
        224.. => return Err(HostAddressError::NotUnicast),
        _ => {}
    }
    reserved_network(address).map_or(Ok(()), |network| Err(HostAddressError::Reserved(network)))
}

impl fmt::Display for PrefixLength {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_masks_and_lengths() {
        for (text, bits) in
            [("255.255.255.0", 24), ("24", 24), ("/24", 24), ("0.0.0.0", 0), ("32", 32)]
        {
            assert_eq!(PrefixLength::parse(text).map(PrefixLength::bits), Ok(bits), "{text}");
        }
    }

    #[test]
    fn refuses_masks_with_holes_and_garbage() {
        assert_eq!(PrefixLength::parse("255.0.255.0"), Err(MaskError::Hole));
        assert_eq!(PrefixLength::parse("0.0.0.255"), Err(MaskError::Hole));
        for text in ["", "33", "-1", "+24", "24 ", "255.255.255", "256"] {
            assert_eq!(PrefixLength::parse(text), Err(MaskError::Unreadable), "{text:?}");
        }
    }

    #[test]
    fn mask_and_length_agree() {
        for bits in 0..=32 {
            let prefix = PrefixLength::new(bits).expect("in range");
            assert_eq!(PrefixLength::from_mask(prefix.mask()), Ok(prefix));
        }
    }

    #[test]
    fn reserved_networks_end_where_the_manual_says() {
        for (address, is_reserved) in [
            ([169, 254, 0, 255], true),
            ([169, 254, 1, 0], false),
            ([169, 254, 63, 255], false),
            ([169, 254, 64, 0], true),
            ([169, 254, 127, 255], true),
            ([169, 254, 169, 254], false),
            ([169, 254, 192, 0], true),
        ] {
            assert_eq!(reserved_network(address.into()).is_some(), is_reserved, "{address:?}");
        }
    }
}
