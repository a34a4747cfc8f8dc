//! The layout of a file: what is wrapped in what (RFC 7292, section 4).

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, TagNumber};
use model::pkcs12::Pkcs12Refusal as Refusal;

use super::MAX_ITERATIONS;

/// Bags within bags that are followed.
const MAX_DEPTH: usize = 4;
/// The version of every file.
const VERSION: [u8; 1] = [3];

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const SAFE_CONTENTS_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");

/// The outermost layer.
pub(super) struct File<'a> {
    /// What is authenticated and holds everything.
    pub(super) authenticated: &'a [u8],
    /// What proves it.
    pub(super) mac: Option<Mac<'a>>,
}

/// The code over the authenticated part.
pub(super) struct Mac<'a> {
    /// The algorithm of its digest.
    pub(super) digest: ObjectIdentifier,
    pub(super) code: &'a [u8],
    pub(super) salt: &'a [u8],
    pub(super) iterations: u32,
}

/// One part of the file.
pub(super) enum Contents<'a> {
    /// Bags that anybody can read.
    Plain(&'a [u8]),
    /// Bags that the passphrase opens.
    Encrypted {
        /// The encryption, DER.
        algorithm: &'a [u8],
        bytes: &'a [u8],
    },
}

/// One thing in a part.
pub(super) enum Bag<'a> {
    /// A key, PKCS#8.
    Key(&'a [u8]),
    /// An encrypted key, PKCS#8.
    ShroudedKey(&'a [u8]),
    /// A certificate, DER.
    Certificate(&'a [u8]),
}

/// A reader of the parts of a sequence.
struct Parts<'a>(SliceReader<'a>);

impl<'a> Parts<'a> {
    /// The parts of the one sequence that the bytes are.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let sequence = AnyRef::from_der(bytes).ok()?;
        (sequence.header().tag() == Tag::Sequence).then(|| Self::within(sequence.value()))?
    }

    fn within(content: &'a [u8]) -> Option<Self> {
        SliceReader::new(content).ok().map(Self)
    }

    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// The next part with its tag and length.
    fn whole(&mut self) -> Option<&'a [u8]> {
        self.0.tlv_bytes().ok()
    }

    /// The content of the next part, which has this tag.
    fn content(&mut self, tag: Tag) -> Option<&'a [u8]> {
        let part = AnyRef::from_der(self.whole()?).ok()?;
        (part.header().tag() == tag).then(|| part.value())
    }

    fn identifier(&mut self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_der(self.whole()?).ok()
    }

    fn sequence(&mut self) -> Option<Self> {
        self.content(Tag::Sequence).and_then(Self::within)
    }

    /// What stands in the next part, which has the tag `[0]`.
    fn explicit(&mut self) -> Option<Self> {
        let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
        self.content(tag).and_then(Self::within)
    }
}

/// Reads the outermost layer.
pub(super) fn read(bytes: &[u8]) -> Result<File<'_>, Refusal> {
    if bytes.starts_with(&[0x30, 0x80]) {
        return Err(unsupported("BER, indefinite length"));
    }
    let mut parts = Parts::of(bytes).ok_or(match bytes {
        [0x30, ..] => Refusal::Damaged,
        _ => Refusal::NotPkcs12,
    })?;
    if parts.content(Tag::Integer) != Some(&VERSION) {
        return Err(Refusal::NotPkcs12);
    }
    let mut info = parts.sequence().ok_or(Refusal::NotPkcs12)?;
    let authenticated = match info.identifier().ok_or(Refusal::NotPkcs12)? {
        DATA => data(&mut info).ok_or(Refusal::Damaged)?,
        SIGNED_DATA => return Err(Refusal::PublicKeyMode),
        _ => return Err(Refusal::NotPkcs12),
    };
    let mac = if parts.is_finished() { None } else { Some(mac(&mut parts)?) };
    Ok(File { authenticated, mac })
}

fn mac<'a>(parts: &mut Parts<'a>) -> Result<Mac<'a>, Refusal> {
    let mut read = || {
        let mut mac = parts.sequence()?;
        let mut info = mac.sequence()?;
        let mut algorithm = info.sequence()?;
        let digest = algorithm.identifier()?;
        // A digest has none or NULL (RFC 5754, section 2), PBMAC1 a sequence.
        if !algorithm.is_finished() && !matches!(algorithm.whole()?, [0x05, 0x00] | [0x30, ..]) {
            return None;
        }
        let code = info.content(Tag::OctetString)?;
        let salt = mac.content(Tag::OctetString)?;
        // One round unless it says something else.
        let iterations =
            if mac.is_finished() { Some(1) } else { number(mac.content(Tag::Integer)?) };
        Some((Mac { digest, code, salt, iterations: 0 }, iterations))
    };
    let (mac, iterations) = read().ok_or(Refusal::Damaged)?;
    Ok(Mac { iterations: affordable(iterations, "MAC")?, ..mac })
}

/// Reads the parts of the authenticated safe.
pub(super) fn safe(authenticated: &[u8]) -> Result<Vec<Contents<'_>>, Refusal> {
    let mut infos = Parts::of(authenticated).ok_or(Refusal::Damaged)?;
    let mut contents = Vec::new();
    while !infos.is_finished() {
        let mut info = infos.sequence().ok_or(Refusal::Damaged)?;
        contents.push(match info.identifier().ok_or(Refusal::Damaged)? {
            DATA => Contents::Plain(data(&mut info).ok_or(Refusal::Damaged)?),
            ENCRYPTED_DATA => encrypted(&mut info).ok_or(Refusal::Damaged)?,
            ENVELOPED_DATA => return Err(Refusal::PublicKeyMode),
            _ => return Err(Refusal::Damaged),
        });
    }
    Ok(contents)
}

/// The bytes of `data` (RFC 2315, section 8).
fn data<'a>(info: &mut Parts<'a>) -> Option<&'a [u8]> {
    info.explicit()?.content(Tag::OctetString)
}

/// `encryptedData` (RFC 2315, section 13).
fn encrypted<'a>(info: &mut Parts<'a>) -> Option<Contents<'a>> {
    let mut data = info.explicit()?.sequence()?;
    data.content(Tag::Integer)?;
    let mut content = data.sequence()?;
    (content.identifier()? == DATA).then_some(())?;
    let algorithm = content.whole()?;
    let implicit = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let bytes = content.content(implicit)?;
    Some(Contents::Encrypted { algorithm, bytes })
}

/// Reads the bags of a part. Lists of revoked certificates, secrets of other kinds and certificates
/// that are not X.509 are left out.
pub(super) fn bags(contents: &[u8]) -> Result<Vec<Bag<'_>>, Refusal> {
    let mut bags = Vec::new();
    let outermost = Parts::of(contents).ok_or(Refusal::Damaged)?;
    collect(outermost, &mut bags, 0).ok_or(Refusal::Damaged)?;
    Ok(bags)
}

fn collect<'a>(mut parts: Parts<'a>, bags: &mut Vec<Bag<'a>>, depth: usize) -> Option<()> {
    while !parts.is_finished() {
        let mut bag = parts.sequence()?;
        let kind = bag.identifier()?;
        let mut value = bag.explicit()?;
        match kind {
            KEY_BAG => bags.push(Bag::Key(value.whole()?)),
            SHROUDED_KEY_BAG => bags.push(Bag::ShroudedKey(value.whole()?)),
            CERTIFICATE_BAG => {
                let mut certificate = value.sequence()?;
                if certificate.identifier()? == X509 {
                    let der = certificate.explicit()?.content(Tag::OctetString)?;
                    bags.push(Bag::Certificate(der));
                }
            }
            SAFE_CONTENTS_BAG if depth < MAX_DEPTH => {
                collect(value.sequence()?, bags, depth + 1)?;
            }
            _ => {}
        }
    }
    Some(())
}

/// Parameters of the encryptions of RFC 7292, appendix C: salt and rounds.
pub(super) struct PbeParameters<'a> {
    pub(super) salt: &'a [u8],
    pub(super) iterations: u32,
}

/// Takes an algorithm apart: its identifier, and what stands behind it when that are salt and rounds.
pub(super) fn algorithm(
    algorithm: &[u8],
) -> Result<(ObjectIdentifier, Option<PbeParameters<'_>>), Refusal> {
    let mut parts = Parts::of(algorithm).ok_or(Refusal::Damaged)?;
    let identifier = parts.identifier().ok_or(Refusal::Damaged)?;
    let mut read = || {
        let mut parameters = parts.sequence()?;
        let salt = parameters.content(Tag::OctetString)?;
        Some((salt, number(parameters.content(Tag::Integer)?)))
    };
    let Some((salt, iterations)) = read() else { return Ok((identifier, None)) };
    let iterations = affordable(iterations, &identifier.to_string())?;
    Ok((identifier, Some(PbeParameters { salt, iterations })))
}

/// Takes an encrypted PKCS#8 key apart (RFC 5958, section 3): the encryption and the bytes.
pub(super) fn shrouded(key: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let read = || {
        let mut parts = Parts::of(key)?;
        Some((parts.whole()?, parts.content(Tag::OctetString)?))
    };
    read().ok_or(Refusal::Damaged)
}

/// A positive number of at most 32 bits; `None` when it is another one.
fn number(integer: &[u8]) -> Option<u32> {
    let significant = integer.iter().position(|byte| *byte != 0)?;
    let bytes = integer.get(significant..)?;
    let is_positive = integer.first().is_some_and(|first| *first < 0x80);
    (is_positive && bytes.len() <= 4)
        .then(|| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn affordable(iterations: Option<u32>, scheme: &str) -> Result<u32, Refusal> {
    match iterations {
        Some(iterations) if iterations <= MAX_ITERATIONS => Ok(iterations),
        _ => Err(unsupported(&format!("{scheme} (cost above the limit)"))),
    }
}

pub(super) fn unsupported(scheme: &str) -> Refusal {
    Refusal::UnsupportedEncryption { scheme: scheme.to_owned() }
}
