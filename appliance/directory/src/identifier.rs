//! Security identifiers and GUIDs: their bytes in the directory and their text.

/// Reads `S-1-5-21-…` into the bytes of the directory (MS-DTYP 2.4.2.2).
#[must_use]
pub fn sid_bytes(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.trim().split('-');
    let letter = parts.next()?;
    let revision: u8 = parts.next()?.parse().ok()?;
    let authority: u64 = parts.next()?.parse().ok()?;
    let parts: Vec<u32> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let count = u8::try_from(parts.len()).ok()?;
    let [0, 0, authority @ ..] = authority.to_be_bytes() else { return None };
    if !letter.eq_ignore_ascii_case("S") || revision != 1 || !(1..=15).contains(&count) {
        return None;
    }
    let mut bytes = vec![revision, count];
    bytes.extend(authority);
    bytes.extend(parts.iter().flat_map(|part| part.to_le_bytes()));
    Some(bytes)
}

/// Writes the bytes of the directory as `S-1-5-21-…`; `None` if they are no identifier.
#[must_use]
pub fn sid_text(bytes: &[u8]) -> Option<String> {
    let (&[revision, count, a, b, c, d, e, f], parts) = bytes.split_first_chunk()?;
    let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let (parts, []) = parts.as_chunks::<4>() else { return None };
    if parts.len() != usize::from(count) {
        return None;
    }
    let parts = parts.iter().map(|part| format!("-{}", u32::from_le_bytes(*part)));
    Some(format!("S-{revision}-{authority}{}", parts.collect::<String>()))
}

/// Reads a GUID into the bytes of the directory, whose first three groups are turned (MS-DTYP 2.3.4).
#[must_use]
pub fn guid_bytes(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let digits: String = text.chars().filter(|character| *character != '-').collect();
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    let number = u128::from_str_radix(&digits, 16).ok()?;
    Some(turned(number.to_be_bytes()))
}

/// Writes the bytes of the directory as a GUID; `None` if they are none.
#[must_use]
pub fn guid_text(bytes: &[u8]) -> Option<String> {
    let bytes = turned(bytes.try_into().ok()?);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let groups = [digits.get(..8)?, digits.get(8..12)?, digits.get(12..16)?];
    Some(format!("{}-{}-{}", groups.join("-"), digits.get(16..20)?, digits.get(20..)?))
}

const fn turned(bytes: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}

/// Bytes as a filter takes them (RFC 4515, section 3).
pub(crate) fn filter_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_identifiers_are_read_and_written() {
        // BUILTIN\Administrators, MS-DTYP 2.4.2.4.
        let bytes = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(sid_text(&bytes).unwrap(), "S-1-5-32-544");
        assert_eq!(sid_bytes("s-1-5-32-544").unwrap(), bytes);
        for text in
            ["", "S-1-5", "S-2-5-1", "S-1-5--1", "S-1-5-4294967296", "S-1-281474976710656-1"]
        {
            assert_eq!(sid_bytes(text), None, "{text}");
        }
        let text = "00112233-4455-6677-8899-aabbccddeeff";
        let bytes = guid_bytes(text).unwrap();
        assert_eq!(bytes[..8], [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66]);
        assert_eq!(guid_text(&bytes).unwrap(), text);
        assert_eq!(guid_bytes(&format!("{{{text}}}")), Some(bytes));
    }

    proptest! {
        #[test]
        fn any_bytes_are_written_without_panic(bytes: Vec<u8>) {
            let is_usual = matches!(bytes.as_slice(), [1, 1..=15, ..]);
            if let Some(text) = sid_text(&bytes).filter(|_| is_usual) {
                prop_assert_eq!(sid_bytes(&text), Some(bytes.clone()));
            }
            let _ = guid_text(&bytes);
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            let _ = (sid_bytes(&text), guid_bytes(&text));
        }
    }
}
