//! Why a certificate for the admin page is refused, and what is worth knowing about one that is not.
//!
//! The checks stand in the crate `certificate`; the words for each reason, in both languages, in
//! `webui`.

use thiserror::Error;

/// What an administrator hands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateField {
    /// The certificate, with or without its chain.
    Certificate,
    /// The private key.
    Key,
    /// The passphrase of the private key.
    Passphrase,
}

/// Why a certificate or its key is not taken. Names subjects and numbers only, never key material.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateRefusal {
    /// A field is empty.
    #[error("nothing was given")]
    Missing(CertificateField),
    /// A field is longer than it may be.
    #[error("longer than {limit_bytes} bytes")]
    TooLarge {
        /// Which.
        field: CertificateField,
        /// The limit.
        limit_bytes: usize,
    },
    /// There is text, and no PEM block in it.
    #[error("no PEM block")]
    NotPem(CertificateField),
    /// A PEM block has no end line.
    #[error("a PEM block without end")]
    Truncated(CertificateField),
    /// What stands in a PEM block is damaged.
    #[error("PEM block {number} is damaged")]
    Damaged {
        /// Where.
        field: CertificateField,
        /// Which block of the field, from 1.
        number: usize,
    },
    /// A private key stands where the certificate belongs.
    #[error("a private key in place of a certificate")]
    KeyInCertificate,
    /// A certificate stands where the private key belongs.
    #[error("a certificate in place of a private key")]
    CertificateInKey,
    /// A PEM block of a kind that does not belong here.
    #[error("a PEM block of kind `{label}`")]
    WrongBlock {
        /// Where.
        field: CertificateField,
        /// What its first line names, such as `CERTIFICATE REQUEST`.
        label: String,
    },
    /// More certificates than a chain has.
    #[error("more than {limit} certificates")]
    TooManyCertificates {
        /// The limit.
        limit: usize,
    },
    /// More than one private key.
    #[error("several private keys")]
    SeveralKeys,
    /// The key is encrypted and there is no passphrase.
    #[error("an encrypted key without passphrase")]
    PassphraseMissing,
    /// The passphrase does not open the key.
    #[error("a wrong passphrase")]
    WrongPassphrase,
    /// The key is encrypted in a way that is not supported.
    #[error("a key encrypted with `{scheme}`")]
    UnsupportedEncryption {
        /// Its name or object identifier.
        scheme: String,
    },
    /// Browsers or the appliance cannot use keys of this kind.
    #[error("a key of kind `{kind}`")]
    UnsupportedKey {
        /// What it is, such as `Ed25519`.
        kind: String,
    },
    /// The RSA key is too short.
    #[error("an RSA key of {bits} bits")]
    WeakKey {
        /// Its length.
        bits: usize,
    },
    /// The key belongs to none of the certificates.
    #[error("the key belongs to another certificate")]
    KeyMismatch {
        /// Subject of the certificate that looks like the server's.
        subject: String,
    },
    /// Several certificates are for this key.
    #[error("several certificates for one key")]
    SeveralLeaves {
        /// Their subjects.
        subjects: Vec<String>,
    },
    /// A certificate has no place in the chain.
    #[error("`{subject}` does not belong to the chain")]
    Unrelated {
        /// Its subject.
        subject: String,
    },
    /// A certificate names an issuer that has not signed it.
    #[error("`{subject}` is not signed by `{issuer}`")]
    BrokenLink {
        /// Subject of the certificate.
        subject: String,
        /// Subject of the certificate that should have signed it.
        issuer: String,
    },
    /// An issuer in the chain may not sign certificates.
    #[error("`{subject}` may not issue certificates")]
    IssuerNotAuthority {
        /// Its subject.
        subject: String,
    },
    /// A signature that can be forged.
    #[error("`{subject}` is signed with {algorithm}")]
    WeakSignature {
        /// Subject of the certificate.
        subject: String,
        /// The algorithm, such as `SHA-1`.
        algorithm: String,
    },
    /// The validity has ended.
    #[error("`{subject}` has expired")]
    Expired {
        /// Subject of the certificate.
        subject: String,
        /// End of its validity, in seconds since 1970.
        not_after: i64,
    },
    /// The validity has not begun.
    #[error("`{subject}` is not yet valid")]
    NotYetValid {
        /// Subject of the certificate.
        subject: String,
        /// Start of its validity, in seconds since 1970.
        not_before: i64,
        /// Time of the appliance, in seconds since 1970.
        now: i64,
    },
    /// The certificate of an authority.
    #[error("`{subject}` is the certificate of an authority")]
    Authority {
        /// Its subject.
        subject: String,
    },
    /// The certificate is not for TLS servers.
    #[error("`{subject}` is not for servers")]
    NotForServers {
        /// Its subject.
        subject: String,
    },
    /// The certificate's key may not sign, which every TLS handshake needs.
    #[error("the key of `{subject}` may not sign")]
    KeyMayNotSign {
        /// Its subject.
        subject: String,
    },
    /// The certificate has no extensions, as before version 3.
    #[error("`{subject}` is not of version 3")]
    OldVersion {
        /// Its subject.
        subject: String,
    },
    /// A TLS handshake with it fails.
    #[error("no TLS handshake with it: {reason}")]
    Handshake {
        /// Why, in technical words.
        reason: String,
    },
}

impl CertificateRefusal {
    /// A name without language for programs and support.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::TooLarge { .. } => "tooLarge",
            Self::NotPem(_) => "notPem",
            Self::Truncated(_) => "truncated",
            Self::Damaged { .. } => "damaged",
            Self::KeyInCertificate => "keyInCertificate",
            Self::CertificateInKey => "certificateInKey",
            Self::WrongBlock { .. } => "wrongBlock",
            Self::TooManyCertificates { .. } => "tooManyCertificates",
            Self::SeveralKeys => "severalKeys",
            Self::PassphraseMissing => "passphraseMissing",
            Self::WrongPassphrase => "wrongPassphrase",
            Self::UnsupportedEncryption { .. } => "unsupportedEncryption",
            Self::UnsupportedKey { .. } => "unsupportedKey",
            Self::WeakKey { .. } => "weakKey",
            Self::KeyMismatch { .. } => "keyMismatch",
            Self::SeveralLeaves { .. } => "severalLeaves",
            Self::Unrelated { .. } => "unrelated",
            Self::BrokenLink { .. } => "brokenLink",
            Self::IssuerNotAuthority { .. } => "issuerNotAuthority",
            Self::WeakSignature { .. } => "weakSignature",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "notYetValid",
            Self::Authority { .. } => "authority",
            Self::NotForServers { .. } => "notForServers",
            Self::KeyMayNotSign { .. } => "keyMayNotSign",
            Self::OldVersion { .. } => "oldVersion",
            Self::Handshake { .. } => "handshake",
        }
    }

    /// The field to correct.
    #[must_use]
    pub const fn field(&self) -> CertificateField {
        match self {
            Self::Missing(field)
            | Self::TooLarge { field, .. }
            | Self::NotPem(field)
            | Self::Truncated(field)
            | Self::Damaged { field, .. }
            | Self::WrongBlock { field, .. } => *field,
            Self::CertificateInKey
            | Self::SeveralKeys
            | Self::UnsupportedEncryption { .. }
            | Self::UnsupportedKey { .. }
            | Self::WeakKey { .. }
            | Self::KeyMismatch { .. } => CertificateField::Key,
            Self::PassphraseMissing | Self::WrongPassphrase => CertificateField::Passphrase,
            Self::KeyInCertificate
            | Self::TooManyCertificates { .. }
            | Self::SeveralLeaves { .. }
            | Self::Unrelated { .. }
            | Self::BrokenLink { .. }
            | Self::IssuerNotAuthority { .. }
            | Self::WeakSignature { .. }
            | Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::Authority { .. }
            | Self::NotForServers { .. }
            | Self::KeyMayNotSign { .. }
            | Self::OldVersion { .. }
            | Self::Handshake { .. } => CertificateField::Certificate,
        }
    }
}

/// Something worth knowing about a certificate that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateWarning {
    /// It names neither the address nor the name under which the appliance is reached.
    NotNamed {
        /// The address or name.
        host: String,
        /// What it names.
        names: Vec<String>,
    },
    /// It ends soon.
    ExpiresSoon {
        /// End of validity, in seconds since 1970.
        not_after: i64,
        /// Whole days until then.
        days: i64,
    },
    /// Some browsers do not know the curve of its key.
    RareCurve {
        /// Name of the curve.
        curve: &'static str,
    },
}
