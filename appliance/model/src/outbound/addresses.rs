//! Addresses that are treated in a way of their own.

use std::net::Ipv4Addr;

/// Networks that no proxy is asked for (product manual, "Connector Appliance requirements"): the
/// private ranges of RFC 1918.
pub const PRIVATE_RANGES: [(Ipv4Addr, u8); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// Metadata service of every cloud.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// Azure's service of the host ("wire server").
pub const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// Services of clouds that tell a machine its secrets. No role asks them on somebody's order.
pub const PLATFORM_SERVICES: [Ipv4Addr; 2] = [METADATA, WIRE_SERVER];

/// Whether an address lies in one of the [`PRIVATE_RANGES`].
#[must_use]
pub fn is_private(address: Ipv4Addr) -> bool {
    PRIVATE_RANGES
        .iter()
        .any(|(network, bits)| (u32::from(address) ^ u32::from(*network)) >> (32 - bits) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_ranges_end_where_the_manual_says() {
        for (address, expected) in [
            ([9, 255, 255, 255], false),
            ([10, 0, 0, 0], true),
            ([10, 255, 255, 255], true),
            ([11, 0, 0, 0], false),
            ([172, 15, 255, 255], false),
            ([172, 16, 0, 0], true),
            ([172, 31, 255, 255], true),
            ([172, 32, 0, 0], false),
            ([192, 167, 255, 255], false),
            ([192, 168, 0, 0], true),
            ([192, 168, 255, 255], true),
            ([192, 169, 0, 0], false),
            ([100, 64, 0, 1], false),
            ([127, 0, 0, 1], false),
            ([169, 254, 169, 254], false),
        ] {
            assert_eq!(is_private(address.into()), expected, "{address:?}");
        }
    }
}
