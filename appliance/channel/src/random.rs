//! Random numbers.

use std::fmt::Write as _;

/// Octets of a text that cannot be guessed.
const TEXT_BYTES: usize = 16;

/// Where the random numbers come from that spread attempts over time: tests have their own.
pub type Random = fn() -> u64;

/// Random octets of the kernel.
pub(crate) fn octets<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut octets = [0; LENGTH];
    getrandom::fill(&mut octets)
        .expect("the kernel's generator is initialised before any role starts");
    octets
}

/// A random number of the kernel.
pub(crate) fn number() -> u64 {
    u64::from_ne_bytes(octets())
}

/// A random text of 128 bits.
pub(crate) fn text() -> String {
    octets::<TEXT_BYTES>().iter().fold(String::new(), |mut text, octet| {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}
