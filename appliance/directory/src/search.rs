//! A search without a sign-in: the ping of domain controllers and the root of the directory. What comes
//! back comes from anybody, so it is read here and not by the LDAP client, which trusts its server.

use std::collections::BTreeMap;

use crate::ber::{self, tag};

/// Tags of a search request, an entry that was found, and filters (RFC 4511, sections 4.5.1 and 4.5.2).
const SEARCH: u8 = 0x63;
const ENTRY: u8 = 0x64;
const AND: u8 = 0xa0;
const EQUALS: u8 = 0xa3;
const PRESENT: u8 = 0x87;
const SET: u8 = 0x31;
/// Most attributes and values that are read.
const MAX_ATTRIBUTES: usize = 64;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Filter<'a> {
    /// Every object.
    Any,
    /// All of these pairs of name and value.
    All(&'a [(&'a [u8], &'a [u8])]),
}

/// Attributes of an entry, by their names in lower case.
pub(crate) type Entry = BTreeMap<String, Vec<u8>>;

/// A request for attributes of the root of the directory.
pub(crate) fn request(filter: Filter<'_>, attributes: &[&str]) -> Vec<u8> {
    let filter = match filter {
        Filter::Any => ber::write(PRESENT, b"objectClass"),
        Filter::All(pairs) => {
            let equals = pairs.iter().map(|(name, value)| {
                let pair = [ber::write(tag::OCTETS, name), ber::write(tag::OCTETS, value)];
                ber::write(EQUALS, &pair.concat())
            });
            ber::write(AND, &equals.collect::<Vec<_>>().concat())
        }
    };
    let attributes = attributes.iter().map(|name| ber::write(tag::OCTETS, name.as_bytes()));
    let search = [
        ber::write(tag::OCTETS, b""),
        ber::small(tag::ENUMERATED, 0),
        ber::small(tag::ENUMERATED, 0),
        ber::small(tag::INTEGER, 0),
        ber::small(tag::INTEGER, 0),
        ber::small(tag::BOOLEAN, 0),
        filter,
        ber::write(tag::SEQUENCE, &attributes.collect::<Vec<_>>().concat()),
    ];
    let message = [ber::small(tag::INTEGER, 1), ber::write(SEARCH, &search.concat())].concat();
    ber::write(tag::SEQUENCE, &message)
}

/// The first value of each attribute in an answer; `None` if it is no entry.
pub(crate) fn entry(message: &[u8]) -> Option<Entry> {
    let (message, _) = ber::expect(message, tag::SEQUENCE)?;
    let (_, operation) = ber::expect(message, tag::INTEGER)?;
    let (entry, _) = ber::expect(operation, ENTRY)?;
    let (_, attributes) = ber::expect(entry, tag::OCTETS)?;
    let (mut rest, _) = ber::expect(attributes, tag::SEQUENCE)?;
    let mut found = Entry::new();
    while !rest.is_empty() && found.len() < MAX_ATTRIBUTES {
        let (attribute, next) = ber::expect(rest, tag::SEQUENCE)?;
        let (name, values) = ber::expect(attribute, tag::OCTETS)?;
        let (values, _) = ber::expect(values, SET)?;
        if !values.is_empty() {
            let (value, _) = ber::expect(values, tag::OCTETS)?;
            found.insert(String::from_utf8_lossy(name).to_lowercase(), value.to_vec());
        }
        rest = next;
    }
    Some(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An answer with these attributes.
    pub(crate) fn answer(attributes: &[(&str, &[u8])]) -> Vec<u8> {
        let attributes = attributes.iter().map(|(name, value)| {
            let values = ber::write(SET, &ber::write(tag::OCTETS, value));
            let name = ber::write(tag::OCTETS, name.as_bytes());
            ber::write(tag::SEQUENCE, &[name, values].concat())
        });
        let attributes = ber::write(tag::SEQUENCE, &attributes.collect::<Vec<_>>().concat());
        let entry = [ber::write(tag::OCTETS, b""), attributes].concat();
        let message = [ber::small(tag::INTEGER, 1), ber::write(ENTRY, &entry)].concat();
        ber::write(tag::SEQUENCE, &message)
    }

    #[test]
    fn attributes_of_an_answer_are_read() {
        let found = entry(&answer(&[("currentTime", b"now"), ("x", b"\xff")])).unwrap();
        assert_eq!(found["currenttime"], b"now");
        assert_eq!(found["x"], b"\xff");
        let whole = answer(&[("a", b"b")]);
        for length in 0..whole.len() {
            assert_eq!(entry(&whole[..length]), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_panic(bytes: Vec<u8>) {
            let _ = entry(&bytes);
        }
    }
}
