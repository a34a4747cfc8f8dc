//! The page *Certificate of this page* in every state.

use model::certificate::{CertificateField, CertificateRefusal, CertificateWarning};
use model::settings::RevertReason;
use webui::{
    CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep, Language,
    ReplaceCertificate,
};

use super::{NOW, certificate, frame};

pub(crate) fn details() -> CertificateDetails {
    CertificateDetails {
        facts: certificate(),
        subject: "CN=connector-hq-01,O=Example".to_owned(),
        issuer: CertificateIssuer::Appliance,
    }
}

/// The page in every state with a name for each.
pub(crate) fn all(language: Language) -> Vec<(String, String)> {
    let page = |step, problem, issuer| {
        webui::replace_certificate(&ReplaceCertificate {
            frame: frame(language, true, "/certificate"),
            step,
            certificate: CertificateDetails { issuer, ..details() },
            problem,
            now: NOW,
        })
    };
    let own = || CertificateIssuer::Appliance;
    let replace = |reverted| CertificateStep::Replace { sent: "MIIB1".to_owned(), reverted };
    let keep =
        |warnings| CertificateStep::Keep { previous: certificate(), warnings, seconds_left: 42 };
    let come_back = CertificateStep::ComeBack { seconds_left: 60 };
    let authority = CertificateIssuer::Authority("CN=Example-CA1".to_owned());
    let mut pages = vec![
        ("certificate".to_owned(), page(replace(None), None, own())),
        ("certificate-itself".to_owned(), page(replace(None), None, CertificateIssuer::Itself)),
        ("certificate-authority".to_owned(), page(replace(None), None, authority)),
        ("certificate-come-back".to_owned(), page(come_back, None, own())),
        ("certificate-keep".to_owned(), page(keep(Vec::new()), None, own())),
        ("certificate-keep-warnings".to_owned(), page(keep(warnings()), None, own())),
    ];
    let reasons = [RevertReason::NotConfirmed, RevertReason::Operator, RevertReason::Restarted];
    for (index, reason) in reasons.into_iter().enumerate() {
        let html = page(replace(Some((reason, NOW - 40))), None, own());
        pages.push((format!("certificate-reverted-{index}"), html));
    }
    for (index, problem) in problems().into_iter().enumerate() {
        let html = page(replace(None), Some(problem.clone()), own());
        pages.push((format!("certificate-{index:02}"), html));
        let html = page(keep(Vec::new()), Some(problem), own());
        pages.push((format!("certificate-keep-{index:02}"), html));
    }
    pages
}

fn problems() -> Vec<CertificateProblem> {
    let others = [
        CertificateProblem::FormExpired,
        CertificateProblem::NotStored,
        CertificateProblem::NoTrial,
        CertificateProblem::OldConnection,
    ];
    refusals().into_iter().map(CertificateProblem::Refused).chain(others).collect()
}

fn warnings() -> Vec<CertificateWarning> {
    let host = || "10.71.57.66".to_owned();
    let names = vec!["a.example.com".to_owned()];
    vec![
        CertificateWarning::NotNamed { host: host(), names },
        CertificateWarning::NotNamed { host: host(), names: Vec::new() },
        CertificateWarning::ExpiresSoon { not_after: NOW + 86_400, days: 1 },
        CertificateWarning::RareCurve { curve: "P-521" },
    ]
}

/// Every refusal there is.
fn refusals() -> Vec<CertificateRefusal> {
    use CertificateRefusal as Refusal;
    let subject = || "CN=server,O=Example".to_owned();
    let text = |text: &str| text.to_owned();
    let wrong = |field, label| Refusal::WrongBlock { field, label: text(label) };
    let (certificate, key) = (CertificateField::Certificate, CertificateField::Key);
    vec![
        Refusal::Missing(certificate),
        Refusal::Missing(key),
        Refusal::TooLarge { field: key, limit_bytes: 16_384 },
        Refusal::TooLarge { field: CertificateField::Passphrase, limit_bytes: 1024 },
        Refusal::NotPem(certificate),
        Refusal::Truncated(key),
        Refusal::Damaged { field: certificate, number: 2 },
        Refusal::KeyInCertificate,
        Refusal::CertificateInKey,
        wrong(certificate, "CERTIFICATE REQUEST"),
        wrong(certificate, "PKCS7"),
        wrong(certificate, "TRUSTED CERTIFICATE"),
        wrong(key, "OPENSSH PRIVATE KEY"),
        wrong(key, "X <b>"),
        Refusal::TooManyCertificates { limit: 10 },
        Refusal::SeveralKeys,
        Refusal::PassphraseMissing,
        Refusal::WrongPassphrase,
        Refusal::UnsupportedEncryption { scheme: text("DES-EDE3-CBC") },
        Refusal::UnsupportedKey { kind: text("Ed25519") },
        Refusal::WeakKey { bits: 1024 },
        Refusal::KeyMismatch { subject: subject() },
        Refusal::SeveralLeaves { subjects: vec![subject(), subject()] },
        Refusal::Unrelated { subject: subject() },
        Refusal::BrokenLink { subject: subject(), issuer: subject() },
        Refusal::IssuerNotAuthority { subject: subject() },
        Refusal::WeakSignature { subject: subject(), algorithm: text("SHA-1") },
        Refusal::Expired { subject: subject(), not_after: NOW - 86_400 },
        Refusal::NotYetValid { subject: subject(), not_before: NOW + 86_400, now: NOW },
        Refusal::Authority { subject: subject() },
        Refusal::NotForServers { subject: subject() },
        Refusal::KeyMayNotSign { subject: subject() },
        Refusal::OldVersion { subject: subject() },
        Refusal::Handshake { reason: text("shake hands with TLS 1.2: no common scheme") },
    ]
}
