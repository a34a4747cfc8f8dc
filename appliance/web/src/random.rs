//! Unguessable texts.

use std::fmt::Write as _;

use model::secret::Secret;

/// Random bits of a text, in bytes: 256 bits cannot be guessed.
const BYTES: usize = 32;

/// A random text of 256 bits in hexadecimal digits: fit for a cookie, a header and a form.
pub(crate) fn secret_text() -> Secret {
    let mut bytes = [0; BYTES];
    fill(&mut bytes);
    let mut text = String::with_capacity(2 * BYTES);
    for byte in bytes {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Secret::new(text)
}

/// Whether a text has the form of [`secret_text`].
pub(crate) fn is_secret_text(text: &str) -> bool {
    text.len() == 2 * BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A random UUID (RFC 9562, version 4) in lower case.
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    let number = u128::from_be_bytes(bytes);
    // RFC 9562, section 5.4: version in bits 48 to 51, variant in bits 64 and 65.
    let number = number & !(0xF << 76) | 4 << 76;
    let number = number & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{number:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

/// Fills a buffer with random bytes of the kernel.
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the kernel's generator is initialised before any role starts");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_long_and_different() {
        let text = secret_text();
        assert!(is_secret_text(text.expose()));
        assert_ne!(text.expose(), secret_text().expose());
        assert!(!is_secret_text("") && !is_secret_text(&"G".repeat(64)));
    }

    #[test]
    fn uuid_is_of_version_4() {
        for _ in 0..100 {
            let uuid = uuid();
            let bytes = uuid.as_bytes();
            assert_eq!(uuid.len(), 36);
            assert_eq!(bytes[14], b'4', "{uuid}");
            assert!(b"89ab".contains(&bytes[19]), "{uuid}");
            assert!([8, 13, 18, 23].iter().all(|&index| bytes[index] == b'-'), "{uuid}");
        }
    }
}
