//! The page *Certificate of this page* in every state.

use model::certificate::{CertificateField, CertificateRefusal, CertificateWarning};
use model::pkcs12::Pkcs12Refusal;
use model::settings::RevertReason;
use model::signing_request::{
    RequestField, RequestKey, SigningRequestFacts, SigningRequestInput, SigningRequestRefusal,
};
use webui::{
    CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep, DropRequest,
    Language, ReplaceCertificate, RequestProblem, RequestStep, SigningRequestPage,
};

use super::{NOW, certificate, frame};

pub(crate) fn details() -> CertificateDetails {
    CertificateDetails {
        facts: certificate(),
        subject: "CN=connector-hq-01,O=Example".to_owned(),
        issuer: CertificateIssuer::Appliance,
        serial: "3A:1F:00:C4".to_owned(),
        key: "EC P-256".to_owned(),
        signature: "ECDSA, SHA-256".to_owned(),
        chain: Vec::new(),
    }
}

/// The page in every state with a name for each.
pub(crate) fn all(language: Language) -> Vec<(String, String)> {
    let page = |step, problem, issuer| {
        webui::replace_certificate(&ReplaceCertificate {
            frame: frame(language, true, "/certificate"),
            step,
            certificate: CertificateDetails {
                chain: match issuer {
                    CertificateIssuer::Authority(_) => {
                        vec![("CN=Example-CA1".to_owned(), NOW + 86_400 * 900)]
                    }
                    _ => Vec::new(),
                },
                issuer,
                ..details()
            },
            requested: None,
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
    let mut soon = ReplaceCertificate {
        frame: frame(language, true, "/certificate"),
        step: replace(None),
        certificate: details(),
        requested: Some(NOW - 7200),
        problem: None,
        now: NOW,
    };
    for (name, seconds_left) in [("soon", 12 * 86_400), ("expired", -86_400)] {
        soon.certificate.facts.not_after = NOW + seconds_left;
        pages.push((format!("certificate-{name}"), webui::replace_certificate(&soon)));
    }
    soon.certificate.facts.not_before = NOW + 86_400;
    soon.certificate.facts.not_after = NOW + 86_400 * 900;
    pages.push(("certificate-early".to_owned(), webui::replace_certificate(&soon)));
    pages.extend(request_states(language));
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
    let files = file_refusals().into_iter().map(CertificateProblem::File);
    refusals().into_iter().map(CertificateProblem::Refused).chain(files).chain(others).collect()
}

fn file_refusals() -> Vec<Pkcs12Refusal> {
    vec![
        Pkcs12Refusal::Missing,
        Pkcs12Refusal::TooLarge { limit_bytes: 65_536 },
        Pkcs12Refusal::IsPem,
        Pkcs12Refusal::NotPkcs12,
        Pkcs12Refusal::Damaged,
        Pkcs12Refusal::PublicKeyMode,
        Pkcs12Refusal::MacMissing,
        Pkcs12Refusal::PassphraseTooLong { limit_bytes: 1024 },
        Pkcs12Refusal::PassphraseMissing,
        Pkcs12Refusal::WrongPassphrase,
        Pkcs12Refusal::UnsupportedEncryption { scheme: "1.2.3.4".to_owned() },
        Pkcs12Refusal::NoKey,
        Pkcs12Refusal::SeveralKeys { count: 2 },
        Pkcs12Refusal::NoCertificate,
        Pkcs12Refusal::Content(CertificateRefusal::WeakKey { bits: 1024 }),
    ]
}

/// The page *Signing request* in every state.
fn request_states(language: Language) -> Vec<(String, String)> {
    use RequestField as Field;
    use SigningRequestRefusal as Refusal;
    let text = str::to_owned;
    let page = |step, problem| {
        let frame = frame(language, true, "/certificate/request");
        webui::signing_request(&SigningRequestPage { frame, step, problem })
    };
    let input = || SigningRequestInput {
        common_name: text("connector-hq-01.corp.example.com"),
        names: vec![text("10.71.57.66"), text("connector-hq-01.corp.example.com")],
        ..SigningRequestInput::default()
    };
    let make = || RequestStep::Make { input: input() };
    let pending = || RequestStep::Pending {
        facts: SigningRequestFacts {
            subject: text("CN=connector-hq-01.corp.example.com"),
            names: input().names,
            key: RequestKey::P256,
            created: NOW - 7200,
        },
        pem: format!(
            "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
            ["MIIBHzCBxwIBADBFMQswCQYDVQQGEwJKUDETMBEGA1UECAwKU29tZS1TdGF0ZTEh"; 6].join("\n")
        ),
        sent: String::new(),
    };
    let mut pages = vec![
        ("request".to_owned(), page(make(), None)),
        ("request-pending".to_owned(), page(pending(), None)),
    ];
    let refusals = [
        Refusal::NoNames,
        Refusal::TooManyNames { limit: 32 },
        Refusal::NotAName { name: text("a b") },
        Refusal::TooLong { field: Field::CommonName, limit_bytes: 64 },
        Refusal::TooLong { field: Field::Organization, limit_bytes: 64 },
        Refusal::ControlCharacter { field: Field::OrganizationalUnit },
        Refusal::ControlCharacter { field: Field::Locality },
        Refusal::TooLong { field: Field::State, limit_bytes: 64 },
        Refusal::Country { country: text("Japan") },
        Refusal::Failed { reason: text("no randomness") },
    ];
    let others = [RequestProblem::FormExpired, RequestProblem::NotStored];
    let problems = refusals.into_iter().map(RequestProblem::Refused).chain(others.clone());
    for (index, problem) in problems.enumerate() {
        pages.push((format!("request-problem-{index:02}"), page(make(), Some(problem))));
    }
    let mismatch = CertificateRefusal::KeyMismatch { subject: text("CN=other") };
    let problems = [
        RequestProblem::Certificate(mismatch),
        RequestProblem::Certificate(CertificateRefusal::KeyInCertificate),
        RequestProblem::TextAndFile,
        RequestProblem::TooLarge,
    ];
    for (index, problem) in problems.into_iter().chain(others).enumerate() {
        pages.push((format!("request-install-{index:02}"), page(pending(), Some(problem))));
    }
    let nothing = page(make(), Some(RequestProblem::NothingPending));
    pages.push(("request-nothing-pending".to_owned(), nothing));
    for is_refused in [false, true] {
        let frame = frame(language, true, "/certificate/request/drop");
        let html = webui::drop_request(&DropRequest { frame, is_refused });
        pages.push((format!("request-drop-{is_refused}"), html));
    }
    pages
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
