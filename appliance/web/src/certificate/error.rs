//! Why a certificate cannot be made or used.

use thiserror::Error;

/// A certificate cannot be made or used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The generator refuses.
    #[error("sign the certificate")]
    Generate(#[source] rcgen::Error),
    /// The stored text is no PEM.
    #[error("read the PEM text")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// There is no certificate in the PEM text.
    #[error("find a certificate in the PEM text")]
    Empty,
    /// The certificate is damaged.
    #[error("read the certificate")]
    Damaged,
    /// The key cannot be used.
    #[error("use the certificate with its key")]
    Key(#[source] rustls::Error),
    /// What the console shows is not what is stored.
    #[error("match the stored fingerprint")]
    Fingerprint,
    /// A TLS handshake with it fails.
    #[error("shake hands with {version}")]
    Handshake {
        /// Version of TLS.
        version: &'static str,
        /// The cause.
        #[source]
        source: rustls::Error,
    },
}
