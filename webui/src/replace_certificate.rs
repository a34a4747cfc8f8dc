//! The page *Certificate of this page*: what is in use, replacing it, and keeping what is on trial.

use askama::Template;
use model::certificate::{CertificateField, CertificateRefusal, CertificateWarning};
use model::fingerprint::CertificateFacts;
use model::settings::RevertReason;

use crate::certificate::{CertificateView, FingerprintView};
use crate::frame::{Frame, FrameView};
use crate::language::Language;
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
        let field = field(problem).filter(|_| has_fields);
        (field.map(name), words(page.frame.language, problem))
    });
    crate::render(&ReplaceCertificateView {
        frame: if problem.is_some() { frame.with_error() } else { frame },
        text,
        summary: &texts.summary,
        in_use: CertificateView::new(texts, &page.certificate, page.now),
        subject: &page.certificate.subject,
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

fn step<'a>(page: &'a ReplaceCertificate, texts: &'static Texts) -> StepView<'a> {
    let text = &texts.replace_certificate;
    let reverting = |seconds| (text.reverting)(&time::duration(texts, seconds));
    match &page.step {
        CertificateStep::Replace { sent, reverted } => {
            let view = |which| FieldView {
                id: name(which),
                error: page
                    .problem
                    .as_ref()
                    .filter(|problem| field(problem) == Some(which))
                    .map(|problem| words(page.frame.language, problem)),
            };
            StepView::Replace {
                sent,
                reverted: reverted
                    .map(|(reason, at)| (text.reverted)(reason, &time::date_time(at))),
                certificate: view(CertificateField::Certificate),
                key: view(CertificateField::Key),
                passphrase: view(CertificateField::Passphrase),
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

const fn field(problem: &CertificateProblem) -> Option<CertificateField> {
    match problem {
        CertificateProblem::Refused(refusal) => Some(refusal.field()),
        _ => None,
    }
}

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
        CertificateProblem::FormExpired => text.form_expired.to_owned(),
        CertificateProblem::NotStored => text.not_stored.to_owned(),
        CertificateProblem::NoTrial => text.no_trial.to_owned(),
        CertificateProblem::OldConnection => text.old_connection.to_owned(),
    }
}
