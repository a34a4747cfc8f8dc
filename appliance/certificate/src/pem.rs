//! PEM (RFC 7468), as people paste it.

use base64ct::{Base64, Encoding};
use model::certificate::{CertificateField as Field, CertificateRefusal as Refusal};
use model::secret::Secret;
use zeroize::{Zeroize, Zeroizing};

use crate::{MAX_CERTIFICATE_BYTES, MAX_KEY_BYTES};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// Characters of a line of base64 (RFC 7468, section 2).
const LINE_CHARACTERS: usize = 64;
/// Most bytes of a label that an error repeats.
const MAX_LABEL_BYTES: usize = 64;

/// One block.
pub(crate) struct Block {
    /// What its first line names.
    pub(crate) label: String,
    /// Header fields of the old form (RFC 1421), such as `DEK-Info`.
    pub(crate) headers: Vec<(String, String)>,
    /// The bytes. May be a key.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// Why a text has no blocks that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PemError {
    /// There is none.
    NoBlock,
    /// One has no end line.
    Truncated,
    /// What stands in one is no base64.
    WrongBase64 {
        /// Which, from 1.
        number: usize,
    },
}

/// Reads every block of a field; what stands around them is skipped.
pub(crate) fn read(text: &Secret, field: Field) -> Result<Vec<Block>, Refusal> {
    let text = text.expose();
    let limit_bytes = match field {
        Field::Certificate => MAX_CERTIFICATE_BYTES,
        Field::Key | Field::Passphrase => MAX_KEY_BYTES,
    };
    if text.len() > limit_bytes {
        return Err(Refusal::TooLarge { field, limit_bytes });
    }
    if text.trim().is_empty() {
        return Err(Refusal::Missing(field));
    }
    blocks(text).map_err(|error| match error {
        PemError::NoBlock => Refusal::NotPem(field),
        PemError::Truncated => Refusal::Truncated(field),
        PemError::WrongBase64 { number } => Refusal::Damaged { field, number },
    })
}

/// Reads every block of a text; what stands around them is skipped.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block>, PemError> {
    let mut blocks = Vec::new();
    let mut lines = text.split(['\r', '\n']).map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = label(line, BEGIN) else { continue };
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        let mut headers = Vec::new();
        loop {
            let line = lines.next().ok_or(PemError::Truncated)?;
            if line.starts_with(BEGIN) {
                return Err(PemError::Truncated);
            }
            if line.starts_with(END) {
                break;
            }
            match line.split_once(':') {
                Some((name, value)) if body.is_empty() => {
                    headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => body.extend(line.chars().filter(|character| !character.is_whitespace())),
            }
        }
        let number = blocks.len() + 1;
        let bytes = decode(&body).ok_or(PemError::WrongBase64 { number })?;
        blocks.push(Block { label: shortened(label), headers, bytes });
    }
    if blocks.is_empty() { Err(PemError::NoBlock) } else { Ok(blocks) }
}

/// A certificate as PEM.
pub(crate) fn write_certificate(der: &[u8]) -> String {
    write("CERTIFICATE", der)
}

/// A PKCS#8 key as PEM.
pub(crate) fn write_key(pkcs8: &[u8]) -> Secret {
    Secret::new(write("PRIVATE KEY", pkcs8))
}

/// A request for a certificate as PEM.
pub(crate) fn write_request(der: &[u8]) -> String {
    write("CERTIFICATE REQUEST", der)
}

fn write(label: &str, bytes: &[u8]) -> String {
    let base64 = Zeroizing::new(Base64::encode_string(bytes));
    let marks = 2 * (BEGIN.len() + label.len() + DASHES.len());
    // Of full size from the start: a text that grows leaves copies of a key behind.
    let mut text = String::with_capacity(marks + base64.len() + base64.len() / LINE_CHARACTERS + 4);
    for part in [BEGIN, label, DASHES, "\n"] {
        text.push_str(part);
    }
    for (index, character) in base64.chars().enumerate() {
        if index > 0 && index % LINE_CHARACTERS == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    for part in ["\n", END, label, DASHES, "\n"] {
        text.push_str(part);
    }
    text
}

/// The label of a first or last line.
fn label<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    // A byte order mark or the quote of a script may stand before the first line.
    let rest = line.get(line.find(mark)?..)?.strip_prefix(mark)?;
    rest.get(..rest.find(DASHES)?)
}

fn shortened(label: &str) -> String {
    let end = (0..=label.len().min(MAX_LABEL_BYTES)).rev().find(|end| label.is_char_boundary(*end));
    label.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

fn decode(base64: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64.len() / 4 * 3 + 3]);
    let length = match Base64::decode(base64, &mut bytes) {
        Ok(decoded) => decoded.len(),
        Err(_) => {
            bytes.zeroize();
            return None;
        }
    };
    bytes.truncate(length);
    (!bytes.is_empty()).then_some(bytes)
}
