//! Certificate fingerprints as browsers and the console show them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::expiry::Expiry;
use crate::trailer::hex;

/// A digest over a certificate's DER bytes: SHA-1 (20 bytes) or SHA-256 (32 bytes).
///
/// Displays as upper-case hexadecimal bytes with colons, the form of browsers and of the manual.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Wraps a digest.
    #[must_use]
    pub fn new(digest: &[u8]) -> Self {
        Self(digest.to_vec())
    }

    /// Reads what it displays: pairs of hexadecimal digits with colons between them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let byte = |pair: &str| {
            let is_pair = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_pair.then(|| u8::from_str_radix(pair, 16).ok())?
        };
        text.split(':').map(byte).collect::<Option<_>>().map(Self)
    }

    /// The digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Lower-case hexadecimal without colons, as it stands in addresses.
    #[must_use]
    pub fn id(&self) -> String {
        hex(&self.0)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            write!(formatter, "{separator}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// What is shown of the certificate that the admin page serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// SHA-1 over the DER bytes: the documented `SSL Fingerprint`, a browser's "Thumbprint".
    pub sha1: Fingerprint,
    /// SHA-256 over the DER bytes.
    pub sha256: Fingerprint,
    /// Addresses and names that the certificate is valid for.
    pub names: Vec<String>,
    /// Start of validity, in seconds since 1970.
    pub not_before: i64,
    /// End of validity, in seconds since 1970.
    pub not_after: i64,
}

impl CertificateFacts {
    /// How its validity stands, at a time in seconds since 1970.
    #[must_use]
    pub const fn expiry(&self, now: i64) -> Expiry {
        Expiry::of(self.not_before, self.not_after, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_upper_case_bytes_with_colons() {
        assert_eq!(Fingerprint::new(&[0xd5, 0x0f, 0x00]).to_string(), "D5:0F:00");
    }

    #[test]
    fn reads_what_it_displays_and_nothing_else() {
        let fingerprint = Fingerprint::new(&[0xd5, 0x0f, 0x00]);
        assert_eq!(Fingerprint::parse("D5:0f:00"), Some(fingerprint.clone()));
        assert_eq!(fingerprint.id(), "d50f00");
        for text in ["", "D5:", "D50F", "D5:+1", "D5 0F", "é:00"] {
            assert_eq!(Fingerprint::parse(text), None, "{text}");
        }
    }
}
