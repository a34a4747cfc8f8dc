//! Root certificate authorities that an administrator adds, and why one is refused.
//!
//! The checks stand in the crate `certificate`; the words for each reason, in both languages, in
//! `webui`.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::expiry::Expiry;
use crate::fingerprint::Fingerprint;

/// Most authorities that can be added.
pub const MAX_ROOTS: usize = 64;
/// Longest text or file that is looked at, in bytes: a certificate with all that openssl prints.
pub const MAX_ROOT_CA_BYTES: usize = 64 * 1024;
/// Most bytes of PEM that all added authorities have together: they travel in one message of the bus.
pub const MAX_ROOTS_PEM_BYTES: usize = 128 * 1024;
/// Longest name that is kept of a subject or an issuer, in bytes; the rest is cut off.
pub const MAX_SHOWN_NAME_BYTES: usize = 256;

/// What is shown of an added authority. No secret, and no certificate either: that travels only where
/// it is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootCaFacts {
    /// SHA-256 over the DER bytes, 64 lower-case hexadecimal digits.
    pub id: String,
    /// Whom it names (RFC 4514), at most [`MAX_SHOWN_NAME_BYTES`].
    pub subject: String,
    /// Who has issued it (RFC 4514), at most [`MAX_SHOWN_NAME_BYTES`].
    pub issuer: String,
    /// Serial number, upper-case hexadecimal bytes with colons.
    pub serial: String,
    /// Start of validity, in seconds since 1970.
    pub not_before: i64,
    /// End of validity, in seconds since 1970.
    pub not_after: i64,
    /// SHA-1 over the DER bytes: a browser's "Thumbprint".
    pub sha1: Fingerprint,
    /// SHA-256 over the DER bytes.
    pub sha256: Fingerprint,
    /// Kind of its key, such as `RSA 2048` or `EC P-256`.
    pub key: String,
    /// Whether it has signed itself; one that has not is trusted all the same.
    pub is_self_signed: bool,
}

impl RootCaFacts {
    /// How its validity stands, at a time in seconds since 1970.
    #[must_use]
    pub const fn expiry(&self, now: i64) -> Expiry {
        Expiry::of(self.not_before, self.not_after, now)
    }
}

/// An authority with its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootCa {
    /// What is shown of it.
    pub facts: RootCaFacts,
    /// The one certificate, PEM.
    pub pem: String,
}

/// Why something is not taken as an authority. Names subjects and numbers only, never what was handed
/// in: it may be a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RootCaRefusal {
    /// Nothing was given.
    #[error("nothing was given")]
    Missing,
    /// Longer than [`MAX_ROOT_CA_BYTES`].
    #[error("longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Text in an encoding other than UTF-8, such as what Windows calls "Unicode".
    #[error("text in {encoding}")]
    Encoding {
        /// Its name, such as `UTF-16`.
        encoding: &'static str,
    },
    /// Neither a PEM block nor a certificate in DER.
    #[error("no PEM block")]
    NotPem,
    /// A PEM block has no end line.
    #[error("a PEM block without end")]
    Truncated,
    /// What stands in the PEM block is no base64.
    #[error("a PEM block that is not base64")]
    WrongBase64,
    /// The base64 or the file is complete and holds no certificate that can be read.
    #[error("a damaged certificate")]
    Damaged,
    /// A private key, alone or beside the certificate. It must never be handed out.
    #[error("a private key")]
    PrivateKey,
    /// A PEM block or file of another kind.
    #[error("`{label}` in place of a certificate")]
    WrongBlock {
        /// What it is, such as `CERTIFICATE REQUEST` or `PKCS7`.
        label: String,
    },
    /// More than one certificate.
    #[error("{count} certificates")]
    SeveralCertificates {
        /// How many.
        count: usize,
    },
    /// A certificate of a server or person: its basic constraints do not make it an authority.
    #[error("`{subject}` is not the certificate of an authority")]
    NotAuthority {
        /// Its subject.
        subject: String,
    },
    /// The certificate of an authority whose key usage does not let it sign certificates.
    #[error("the key of `{subject}` may not sign certificates")]
    MayNotSign {
        /// Its subject.
        subject: String,
    },
    /// A certificate before version 3, which cannot say whether it is one of an authority.
    #[error("`{subject}` is not of version 3")]
    OldVersion {
        /// Its subject.
        subject: String,
    },
    /// It claims to have signed itself and has not: it was altered.
    #[error("the signature of `{subject}` does not match")]
    WrongSignature {
        /// Its subject.
        subject: String,
    },
    /// The RSA key is too short.
    #[error("an RSA key of {bits} bits")]
    WeakKey {
        /// Its length.
        bits: usize,
    },
    /// The appliance cannot check signatures of keys of this kind.
    #[error("a key of kind `{kind}`")]
    UnsupportedKey {
        /// What it is, such as `DSA`.
        kind: String,
    },
    /// It cannot be trusted for another reason.
    #[error("it cannot be trusted: {reason}")]
    Unusable {
        /// Why, in technical words.
        reason: String,
    },
}

impl RootCaRefusal {
    /// A name without language for programs and support.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLarge { .. } => "tooLarge",
            Self::Encoding { .. } => "encoding",
            Self::NotPem => "notPem",
            Self::Truncated => "truncated",
            Self::WrongBase64 => "wrongBase64",
            Self::Damaged => "damaged",
            Self::PrivateKey => "privateKey",
            Self::WrongBlock { .. } => "wrongBlock",
            Self::SeveralCertificates { .. } => "severalCertificates",
            Self::NotAuthority { .. } => "notAuthority",
            Self::MayNotSign { .. } => "mayNotSign",
            Self::OldVersion { .. } => "oldVersion",
            Self::WrongSignature { .. } => "wrongSignature",
            Self::WeakKey { .. } => "weakKey",
            Self::UnsupportedKey { .. } => "unsupportedKey",
            Self::Unusable { .. } => "unusable",
        }
    }
}
