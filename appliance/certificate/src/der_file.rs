//! What a binary file is: people upload keys, key stores and requests in place of certificates.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag};

/// A SEQUENCE, which every such file is.
const SEQUENCE: u8 = 0x30;
/// Set in the first byte of a length above 127: no text has it, and no such file is shorter.
const LONG_LENGTH: u8 = 0x80;
/// `signedData` of PKCS#7 (RFC 2315, section 14).
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A certificate.
    Certificate,
    /// A private key, encrypted or not.
    PrivateKey,
    /// Something known by this name.
    Other(&'static str),
    /// DER of another kind, or damaged.
    Unknown,
}

/// What a file is; `None` when it is not DER, and so may be text.
pub(crate) fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [SEQUENCE, length, ..] if *length >= LONG_LENGTH => {}
        _ => return None,
    }
    let Ok(outer) = AnyRef::from_der(bytes) else { return Some(Kind::Unknown) };
    Some(inner(outer.value()).unwrap_or(Kind::Unknown))
}

/// Tells files apart by what the outermost sequence begins with.
fn inner(content: &[u8]) -> Option<Kind> {
    let mut reader = SliceReader::new(content).ok()?;
    let first: AnyRef<'_> = reader.decode().ok()?;
    let second: AnyRef<'_> = reader.decode().ok()?;
    let tag = |any: &AnyRef<'_>| any.header().tag();
    Some(match (tag(&first), tag(&second)) {
        (Tag::Integer, Tag::Sequence) if first.value() == [3] => Kind::Other("PKCS#12"),
        // PKCS#8, PKCS#1 and SEC1 begin with their version.
        (Tag::Integer, _) => Kind::PrivateKey,
        (Tag::ObjectIdentifier, _) if first.decode_as() == Ok(SIGNED_DATA) => Kind::Other("PKCS7"),
        // The algorithm and the bytes of an encrypted PKCS#8 key.
        (Tag::Sequence, Tag::OctetString) => Kind::PrivateKey,
        (Tag::Sequence, Tag::Sequence) => signed(first.value()),
        (Tag::Sequence, Tag::BitString) => Kind::Other("PUBLIC KEY"),
        _ => Kind::Unknown,
    })
}

/// Tells apart what is signed, by its first four parts: a request has its attributes where a
/// certificate of version 1 has its validity and a list of revoked ones the time of its making.
fn signed(body: &[u8]) -> Kind {
    let Some(tags) = tags::<4>(body) else { return Kind::Unknown };
    match tags {
        [Tag::ContextSpecific { .. }, Tag::Integer, Tag::Sequence, Tag::Sequence]
        | [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::Sequence] => Kind::Certificate,
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::ContextSpecific { .. }] => {
            Kind::Other("CERTIFICATE REQUEST")
        }
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime]
        | [Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, _] => {
            Kind::Other("X509 CRL")
        }
        _ => Kind::Unknown,
    }
}

/// The tags of the first parts.
fn tags<const N: usize>(content: &[u8]) -> Option<[Tag; N]> {
    let mut reader = SliceReader::new(content).ok()?;
    let mut tags = [Tag::Null; N];
    for tag in &mut tags {
        let part: AnyRef<'_> = reader.decode().ok()?;
        *tag = part.header().tag();
    }
    Some(tags)
}
