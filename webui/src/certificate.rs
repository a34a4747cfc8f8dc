//! The certificate of the page and its fingerprints.

use model::certificate::CertificateWarning;
use model::expiry::Expiry;
use model::fingerprint::{CertificateFacts, Fingerprint};

use crate::replace_certificate::{CertificateDetails, CertificateIssuer};
use crate::summary::Tone;
use crate::texts::Texts;
use crate::time;

/// A fingerprint as the templates see it.
#[derive(Debug)]
pub(crate) struct FingerprintView {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Bytes with their colons: `D5:`, `0F:`, ..., after each of which the line may break.
    pub(crate) bytes: Vec<String>,
}

impl FingerprintView {
    /// SHA-256, then SHA-1.
    pub(crate) fn both(certificate: &CertificateFacts) -> Vec<Self> {
        vec![
            Self::new("sha-256", "SHA-256", &certificate.sha256),
            Self::new("sha-1", "SHA-1", &certificate.sha1),
        ]
    }

    fn new(id: &'static str, name: &'static str, fingerprint: &Fingerprint) -> Self {
        let text = fingerprint.to_string();
        Self { id, name, bytes: text.split_inclusive(':').map(str::to_owned).collect() }
    }
}

/// The section *Certificate of this page*.
#[derive(Debug)]
pub(crate) struct CertificateView {
    pub(crate) tone: Tone,
    pub(crate) issuer: String,
    pub(crate) not_after: String,
    /// What is wrong with the time of validity, and what to do.
    pub(crate) trouble: Option<String>,
    pub(crate) names: String,
    pub(crate) fingerprints: Vec<FingerprintView>,
}

impl CertificateView {
    pub(crate) fn new(texts: &Texts, details: &CertificateDetails, now: i64) -> Self {
        let text = &texts.summary;
        let certificate = &details.facts;
        let (tone, trouble) = match certificate.expiry(now) {
            Expiry::Good => (Tone::Good, None),
            Expiry::ExpiresSoon { days } => {
                let warning =
                    CertificateWarning::ExpiresSoon { not_after: certificate.not_after, days };
                (Tone::Attention, Some((texts.replace_certificate.warning)(&warning)))
            }
            Expiry::Expired => {
                (Tone::Failing, Some((text.expired)(&time::date_time(certificate.not_after))))
            }
            Expiry::NotYetValid => (
                Tone::Attention,
                Some((text.not_yet_valid)(&time::date_time(certificate.not_before))),
            ),
        };
        Self {
            tone,
            issuer: match &details.issuer {
                CertificateIssuer::Appliance => text.self_signed.to_owned(),
                CertificateIssuer::Itself => {
                    (texts.replace_certificate.self_signed)(&details.subject)
                }
                CertificateIssuer::Authority(name) => name.clone(),
            },
            not_after: time::date(certificate.not_after),
            trouble,
            names: certificate.names.join(", "),
            fingerprints: FingerprintView::both(certificate),
        }
    }
}
