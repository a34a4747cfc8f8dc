//! Certificate fingerprints as browsers and the console show them.

use std::fmt;

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_upper_case_bytes_with_colons() {
        assert_eq!(Fingerprint::new(&[0xd5, 0x0f, 0x00]).to_string(), "D5:0F:00");
    }
}
