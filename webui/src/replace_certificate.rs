//! The page *Certificate of this page*: what is in use, replacing it, and keeping what is on trial.

use askama::Template;
use model::certificate::{CertificateField, CertificateRefusal, CertificateWarning};
use model::fingerprint::CertificateFacts;
use model::pkcs12::Pkcs12Refusal;
use model::settings::RevertReason;

use crate::Language;
use crate::certificate::{CertificateView, FingerprintView};
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::replace_certificate::ReplaceCertificateTexts;
use crate::texts::summary::SummaryTexts;
use crate::time;

/// A certificate with what is shown of it where there is room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateDetails {
    /// What is shown of it everywhere.
    pub facts: CertificateFacts,
    /// Whom it is for, as its subject says.
    pub subject: String,
    /// Who has issued it.
    pub issuer: CertificateIssuer,
    /// Serial number, as bytes with colons.
    pub serial: String,
    /// Kind of its key, such as `EC P-256`.
    pub key: String,
    /// Algorithm of its signature.
    pub signature: String,
    /// The certificates of its issuers that are sent along: subject and end of validity in seconds
    /// since 1970.
    pub chain: Vec<(String, i64)>,
}

/// Who has issued a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateIssuer {
    /// This appliance, for itself.
    Appliance,
    /// Somebody else, for itself.
    Itself,
    /// An authority with this name.
    Authority(String),
}

/// What the page is for at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateStep {
    /// Replacing the certificate.
    Replace {
        /// The text of the certificate as it was sent, to be corrected. Never the key.
        sent: String,
        /// The change before, when it was taken back.
        reverted: Option<(RevertReason, i64)>,
    },
    /// The new certificate is in use, and this connection was opened before.
    ComeBack {
        /// Seconds until the previous one returns.
        seconds_left: u64,
    },
    /// This connection was opened with the new certificate: keep it?
    Keep {
        /// What returns otherwise.
        previous: CertificateFacts,
        /// What deserves a word.
        warnings: Vec<CertificateWarning>,
        /// Seconds until the previous one returns.
        seconds_left: u64,
    },
}

/// Why a form of the page was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateProblem {
    /// What was handed in cannot be used.
    Refused(CertificateRefusal),
    /// The PKCS #12 file that was handed in cannot be used.
    File(Pkcs12Refusal),
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
    /// The trial has ended meanwhile.
    NoTrial,
    /// The connection was opened before the change, so it proves nothing.
    OldConnection,
}

/// The page.
#[derive(Clone, Debug)]
pub struct ReplaceCertificate {
    /// Common to all pages.
    pub frame: Frame,
    /// What the page is for.
    pub step: CertificateStep,
    /// The certificate in use.
    pub certificate: CertificateDetails,
    /// When the request was made that waits for its certificate, in seconds since 1970.
    pub requested: Option<i64>,
    /// What was wrong with the form sent before.
    pub problem: Option<CertificateProblem>,
    /// Seconds since 1970.
    pub now: i64,
}

/// A field of the form as the template sees it.
#[derive(Debug)]
struct FieldView {
    id: &'static str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "replace_certificate.html")]
struct ReplaceCertificateView<'a> {
    frame: FrameView<'a>,
    text: &'static ReplaceCertificateTexts,
    summary: &'static SummaryTexts,
    in_use: CertificateView,
    subject: &'a str,
    details: Vec<(&'static str, &'a str)>,
    issuers: Vec<String>,
    requested: Option<String>,
    not_before: String,
    step: StepView<'a>,
    /// The field to correct, if it is one, and the words.
    problem: Option<(Option<&'static str>, String)>,
}

enum StepView<'a> {
    Replace {
        sent: &'a str,
        reverted: Option<String>,
        certificate: FieldView,
        key: FieldView,
        passphrase: FieldView,
        pkcs12: FieldView,
        pkcs12_passphrase: FieldView,
    },
    ComeBack {
        reverting: String,
        seconds_left: u64,
    },
    Keep {
        previous: Vec<FingerprintView>,
        warnings: Vec<String>,
        reverting: String,
        seconds_left: u64,
    },
}

/// Renders the page.
#[must_use]
pub fn replace_certificate(page: &ReplaceCertificate) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.replace_certificate;
    let title = match page.step {
        CertificateStep::Keep { .. } => text.keep_title,
        _ => texts.summary.certificate,
    };
    let frame = FrameView::new(&page.frame, title);
    // Only the form has fields to lead to.
    let has_fields = matches!(page.step, CertificateStep::Replace { .. });
    let problem = page.problem.as_ref().map(|problem| {
        (field(problem).filter(|_| has_fields), words(page.frame.language, problem))
    });
    let details = &page.certificate;
    crate::render(&ReplaceCertificateView {
        frame: if problem.is_some() { frame.with_error() } else { frame },
        text,
        summary: &texts.summary,
        in_use: CertificateView::new(texts, &page.certificate, page.now),
        subject: &page.certificate.subject,
        details: vec![
            (texts.signing_request.serial, &details.serial),
            (texts.signing_request.key_kind, &details.key),
            (texts.signing_request.signature, &details.signature),
        ],
        issuers: details
            .chain
            .iter()
            .map(|(subject, until)| (texts.signing_request.issuer)(subject, &time::date(*until)))
            .collect(),
        requested: page
            .requested
            .map(|at| (texts.signing_request.section_pending)(&time::date_time(at))),
        not_before: time::date(page.certificate.facts.not_before),
        step: step(page, texts),
        problem,
    })
}

/// The words for a refusal: what is wrong and what to do. The REST interface says the same.
#[must_use]
pub fn certificate_refusal(language: Language, refusal: &CertificateRefusal) -> String {
    (Texts::of(language).replace_certificate.refusal)(refusal)
}

/// The words for a refused PKCS #12 file. The REST interface says the same.
#[must_use]
pub fn pkcs12_refusal(language: Language, refusal: &Pkcs12Refusal) -> String {
    (Texts::of(language).signing_request.pkcs12_refusal)(refusal)
}

fn step<'a>(page: &'a ReplaceCertificate, texts: &'static Texts) -> StepView<'a> {
    let text = &texts.replace_certificate;
    let reverting = |seconds| (text.reverting)(&time::duration(texts, seconds));
    match &page.step {
        CertificateStep::Replace { sent, reverted } => {
            let view = |id| FieldView {
                id,
                error: page
                    .problem
                    .as_ref()
                    .filter(|problem| field(problem) == Some(id))
                    .map(|problem| words(page.frame.language, problem)),
            };
            StepView::Replace {
                sent,
                reverted: reverted
                    .map(|(reason, at)| (text.reverted)(reason, &time::date_time(at))),
                certificate: view(name(CertificateField::Certificate)),
                key: view(name(CertificateField::Key)),
                passphrase: view(name(CertificateField::Passphrase)),
                pkcs12: view(PKCS12),
                pkcs12_passphrase: view(PKCS12_PASSPHRASE),
            }
        }
        CertificateStep::ComeBack { seconds_left } => {
            StepView::ComeBack { reverting: reverting(*seconds_left), seconds_left: *seconds_left }
        }
        CertificateStep::Keep { previous, warnings, seconds_left } => StepView::Keep {
            previous: FingerprintView::both(previous),
            warnings: warnings.iter().map(text.warning).collect(),
            reverting: reverting(*seconds_left),
            seconds_left: *seconds_left,
        },
    }
}

/// Id of the field to correct.
const fn field(problem: &CertificateProblem) -> Option<&'static str> {
    match problem {
        CertificateProblem::Refused(refusal) => Some(name(refusal.field())),
        CertificateProblem::File(
            Pkcs12Refusal::PassphraseMissing
            | Pkcs12Refusal::WrongPassphrase
            | Pkcs12Refusal::PassphraseTooLong { .. },
        ) => Some(PKCS12_PASSPHRASE),
        CertificateProblem::File(_) => Some(PKCS12),
        _ => None,
    }
}

/// Name of the field for a PKCS #12 file.
const PKCS12: &str = "pkcs12";
/// Name of the field for its password.
const PKCS12_PASSPHRASE: &str = "pkcs12-passphrase";

/// Name of a field of the form.
const fn name(field: CertificateField) -> &'static str {
    match field {
        CertificateField::Certificate => "certificate",
        CertificateField::Key => "key",
        CertificateField::Passphrase => "passphrase",
    }
}

fn words(language: Language, problem: &CertificateProblem) -> String {
    let text = &Texts::of(language).replace_certificate;
    match problem {
        CertificateProblem::Refused(refusal) => (text.refusal)(refusal),
        CertificateProblem::File(refusal) => pkcs12_refusal(language, refusal),
        CertificateProblem::FormExpired => text.form_expired.to_owned(),
        CertificateProblem::NotStored => text.not_stored.to_owned(),
        CertificateProblem::NoTrial => text.no_trial.to_owned(),
        CertificateProblem::OldConnection => text.old_connection.to_owned(),
    }
}
