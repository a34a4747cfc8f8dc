//! Everything that must not be guessed, from the kernel's generator.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use model::secret::Secret;

/// Random bytes of a secret: 256 bits cannot be guessed.
const SECRET_BYTES: usize = 32;

/// Fills a buffer.
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the kernel's generator is initialised before services start");
}

/// A random UUID (RFC 9562, version 4) in lower case.
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    // RFC 9562, section 5.4: version in bits 48 to 51, variant in bits 64 and 65.
    let number = u128::from_be_bytes(bytes) & !(0xF << 76) | 4 << 76;
    let number = number & !(0b11 << 62) | 0b10 << 62;
    let mut text = format!("{number:032x}");
    for position in [20, 16, 12, 8] {
        text.insert(position, '-');
    }
    text
}

/// A secret of 256 bits in base64, as secure clients have it.
pub(crate) fn base64_secret() -> Secret {
    let mut bytes = [0; SECRET_BYTES];
    fill(&mut bytes);
    Secret::new(Base64::encode_string(&bytes))
}

/// A secret of 256 bits that fits a header, a cookie and a link.
pub(crate) fn url_secret() -> Secret {
    let mut bytes = [0; SECRET_BYTES];
    fill(&mut bytes);
    Secret::new(Base64UrlUnpadded::encode_string(&bytes))
}

/// A text of characters of an alphabet, each equally likely.
pub(crate) fn text_of(alphabet: &[u8], length: usize) -> String {
    // Bytes at and above the largest multiple of the alphabet's length would favour its beginning.
    let fair = 256 / alphabet.len() * alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 32];
    while text.len() < length {
        fill(&mut bytes);
        let characters = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        let characters = characters.filter_map(|byte| alphabet.get(byte % alphabet.len()));
        text.extend(characters.take(length - text.len()).map(|byte| char::from(*byte)));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use protocol::code::ALPHABET;

    use super::*;

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

    #[test]
    fn texts_use_the_whole_alphabet() {
        let texts: HashSet<_> = (0..1000).map(|_| text_of(ALPHABET, 8)).collect();
        assert_eq!(texts.len(), 1000);
        let used: HashSet<_> = texts.iter().flat_map(|text| text.bytes()).collect();
        assert_eq!(used, ALPHABET.iter().copied().collect());
        assert!(texts.iter().all(|text| text.len() == 8));
    }

    #[test]
    fn secrets_have_256_bits() {
        assert_eq!(Base64::decode_vec(base64_secret().expose()).unwrap().len(), 32);
        assert_eq!(url_secret().expose().len(), 43);
    }
}
