//! As much of BER (X.690) as an LDAP bind and a CLDAP ping need. What is read comes from anybody.

/// Tags that are used.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const OCTETS: u8 = 0x04;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const SEQUENCE: u8 = 0x30;
}

/// An element: its tag, its contents and what follows it.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) rest: &'a [u8],
}

/// Reads the first element; `None` if it is not whole or not valid. Lengths may take more bytes than
/// they need: Active Directory always uses four.
pub(crate) fn read(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, after) = bytes.split_first()?;
    let (&first, after) = after.split_first()?;
    let (length, after) = match first {
        0..=0x7f => (usize::from(first), after),
        0x81..=0x84 => {
            let (octets, after) = after.split_at_checked(usize::from(first & 0x7f))?;
            (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), after)
        }
        _ => return None,
    };
    let (value, rest) = after.split_at_checked(length)?;
    Some(Element { tag, value, rest })
}

/// Reads the first element, which has to be of this tag: its contents and what follows.
pub(crate) fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let element = read(bytes)?;
    (element.tag == tag).then_some((element.value, element.rest))
}

/// Length of the first element with its header; `None` while the header is not whole.
///
/// # Errors
///
/// The header cannot be one.
pub(crate) fn length(bytes: &[u8]) -> Option<Result<usize, NotBer>> {
    let first = *bytes.get(1)?;
    match first {
        0..=0x7f => Some(Ok(2 + usize::from(first))),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let octets = bytes.get(2..2 + count)?;
            let length =
                octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
            Some(Ok(2 + count + length))
        }
        _ => Some(Err(NotBer)),
    }
}

/// What is there of the contents of the first element, and of what follows it; `None` while its header
/// is not whole or not valid.
pub(crate) fn contents(bytes: &[u8]) -> Option<&[u8]> {
    match *bytes.get(1)? {
        0..=0x7f => bytes.get(2..),
        count @ 0x81..=0x84 => bytes.get(2 + usize::from(count & 0x7f)..),
        _ => None,
    }
}

/// Bytes that begin no element.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotBer;

/// Writes an element.
pub(crate) fn write(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    let octets = value.len().to_be_bytes();
    match u8::try_from(value.len()) {
        Ok(short) if short < 0x80 => element.push(short),
        _ => {
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            let needed = octets.get(zeros..).unwrap_or_default();
            element.push(0x80 | u8::try_from(needed.len()).unwrap_or(0));
            element.extend(needed);
        }
    }
    element.extend(value);
    element
}

/// Writes a number below 128.
pub(crate) fn small(tag: u8, value: u8) -> Vec<u8> {
    write(tag, &[value])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn length_in_four_bytes_is_read() {
        let bytes = [0x30, 0x84, 0, 0, 0, 1, 7, 9];
        let element = read(&bytes).unwrap();
        assert_eq!((element.tag, element.value, element.rest), (0x30, &[7][..], &[9][..]));
        assert_eq!(length(&bytes), Some(Ok(7)));
        assert_eq!(length(&bytes[..4]), None, "not whole yet");
        assert_eq!(length(&[0x30, 0x80]), Some(Err(NotBer)), "without a length");
        assert_eq!(length(&[0x30, 0x88]), Some(Err(NotBer)), "longer than memory");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(tag: u8, value in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let written = write(tag, &value);
            let element = read(&written).unwrap();
            prop_assert_eq!((element.tag, element.value), (tag, value.as_slice()));
            prop_assert_eq!(length(&written), Some(Ok(written.len())));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = (read(&bytes).is_some(), length(&bytes));
        }
    }
}
