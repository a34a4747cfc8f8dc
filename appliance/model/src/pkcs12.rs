//! Why a PKCS#12 file (`.p12`, `.pfx`) with certificate and key is refused.

use thiserror::Error;

use crate::certificate::CertificateRefusal;

/// Why a file is not taken. Never names what stands in it beyond subjects and numbers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Pkcs12Refusal {
    /// Nothing was given.
    #[error("nothing was given")]
    Missing,
    /// Longer than it may be.
    #[error("longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// PEM text, which goes into the fields for certificate and key.
    #[error("PEM in place of PKCS#12")]
    IsPem,
    /// Something else.
    #[error("not PKCS#12")]
    NotPkcs12,
    /// It begins as PKCS#12 and cannot be read to its end.
    #[error("damaged PKCS#12")]
    Damaged,
    /// Protected with a certificate instead of a passphrase (public-key privacy or integrity mode).
    #[error("PKCS#12 that is not protected with a passphrase")]
    PublicKeyMode,
    /// Nothing proves that it is unaltered and that the passphrase is right.
    #[error("PKCS#12 without a code that proves it is unaltered")]
    MacMissing,
    /// The passphrase is longer than it may be.
    #[error("a passphrase longer than {limit_bytes} bytes")]
    PassphraseTooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// The file has a passphrase, and none was given.
    #[error("no passphrase")]
    PassphraseMissing,
    /// The passphrase does not fit, or the file was altered: PKCS#12 cannot tell these apart.
    #[error("a wrong passphrase")]
    WrongPassphrase,
    /// Protected in a way that is not supported.
    #[error("PKCS#12 protected with `{scheme}`")]
    UnsupportedEncryption {
        /// Its name or object identifier.
        scheme: String,
    },
    /// There is no private key in it.
    #[error("no private key")]
    NoKey,
    /// More than one private key.
    #[error("{count} private keys")]
    SeveralKeys {
        /// How many.
        count: usize,
    },
    /// There is no certificate in it.
    #[error("no certificate")]
    NoCertificate,
    /// The certificate or key in it is refused.
    #[error("use what stands in it")]
    Content(#[source] CertificateRefusal),
}

impl Pkcs12Refusal {
    /// A name without language for programs and support.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLarge { .. } => "tooLarge",
            Self::IsPem => "isPem",
            Self::NotPkcs12 => "notPkcs12",
            Self::Damaged => "damaged",
            Self::PublicKeyMode => "publicKeyMode",
            Self::MacMissing => "macMissing",
            Self::PassphraseTooLong { .. } => "passphraseTooLong",
            Self::PassphraseMissing => "passphraseMissing",
            Self::WrongPassphrase => "wrongPassphrase",
            Self::UnsupportedEncryption { .. } => "unsupportedEncryption",
            Self::NoKey => "noKey",
            Self::SeveralKeys { .. } => "severalKeys",
            Self::NoCertificate => "noCertificate",
            Self::Content(refusal) => refusal.id(),
        }
    }
}
