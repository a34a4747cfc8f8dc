//! Identifiers and secrets that nobody can guess.

use model::secret::Secret;

/// A secret of 256 bits in hexadecimal digits, for a cookie.
pub(crate) fn secret() -> Secret {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .expect("the kernel's generator is initialised before services start");
    Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A random UUID (RFC 9562, version 4) in lower case.
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .expect("the kernel's generator is initialised before services start");
    // RFC 9562, section 5.4: version in bits 48 to 51, variant in bits 64 and 65.
    let number = u128::from_be_bytes(bytes) & !(0xF << 76) | 4 << 76;
    let number = number & !(0b11 << 62) | 0b10 << 62;
    let mut text = format!("{number:032x}");
    for position in [20, 16, 12, 8] {
        text.insert(position, '-');
    }
    text
}
