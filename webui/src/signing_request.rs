//! The page *Signing request*: making one, handing it out, installing what is returned, dropping it.

use askama::Template;
use model::certificate::CertificateRefusal;
use model::signing_request::{
    RequestField, RequestKey, SigningRequestFacts, SigningRequestInput, SigningRequestRefusal,
};

use crate::Language;
use crate::confirmation::{Confirmation, ProblemView, confirmation};
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::signing_request::SigningRequestTexts;
use crate::time;

/// What the page is for at the moment.
#[derive(Clone, Debug)]
pub enum RequestStep {
    /// Making a request. Posts `commonName`, `organization`, `organizationalUnit`, `locality`,
    /// `state`, `country`, `names` (one a line), `key` and `csrf` to `/certificate/request`.
    Make {
        /// What stands in the fields.
        input: SigningRequestInput,
    },
    /// One waits for its certificate. Posts `certificate`, `file` and `csrf` to
    /// `/certificate/request/install` as `multipart/form-data`.
    Pending {
        /// What is shown of it.
        facts: SigningRequestFacts,
        /// Its text, PKCS #10 in PEM form.
        pem: String,
        /// The certificate as it was sent, to be corrected. Never a key.
        sent: String,
    },
}

/// Why a form of the page was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestProblem {
    /// The request cannot be made as asked.
    Refused(SigningRequestRefusal),
    /// The signed certificate cannot be used.
    Certificate(CertificateRefusal),
    /// There are a text and a file.
    TextAndFile,
    /// What was handed in is larger than a chain of certificates.
    TooLarge,
    /// Nothing waits for a certificate any more.
    NothingPending,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

/// The page.
#[derive(Clone, Debug)]
pub struct SigningRequestPage {
    /// Common to all pages.
    pub frame: Frame,
    /// What the page is for.
    pub step: RequestStep,
    /// What was wrong with the form sent before.
    pub problem: Option<RequestProblem>,
}

/// Name of a field of the form and of a property of the API.
#[must_use]
pub const fn request_field_name(field: RequestField) -> &'static str {
    match field {
        RequestField::CommonName => "commonName",
        RequestField::Organization => "organization",
        RequestField::OrganizationalUnit => "organizationalUnit",
        RequestField::Locality => "locality",
        RequestField::State => "state",
        RequestField::Country => "country",
        RequestField::Names => "names",
    }
}

/// The words for a refusal: what is wrong and what to do. The REST interface says the same.
#[must_use]
pub fn request_refusal(language: Language, refusal: &SigningRequestRefusal) -> String {
    (Texts::of(language).signing_request.refusal)(refusal)
}

/// The words for a signed certificate that cannot be installed. The REST interface says the same.
#[must_use]
pub fn signed_refusal(language: Language, refusal: &CertificateRefusal) -> String {
    let texts = Texts::of(language);
    match refusal {
        CertificateRefusal::KeyMismatch { subject } => {
            (texts.signing_request.other_request)(subject)
        }
        refusal => (texts.replace_certificate.refusal)(refusal),
    }
}

/// A field of one line as the template sees it.
#[derive(Debug)]
struct LineView<'a> {
    id: &'static str,
    label: &'static str,
    value: &'a str,
    hint: Option<&'static str>,
    error: Option<String>,
}

impl LineView<'_> {
    /// Ids of the texts that describe the field.
    fn described_by(&self) -> String {
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let hint = self.hint.map(|_| format!("{}-hint", self.id));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The form that makes a request.
#[derive(Debug)]
struct MakeView<'a> {
    common_name: LineView<'a>,
    names: String,
    names_error: Option<String>,
    /// Organisation and place.
    more: Vec<LineView<'a>>,
    shows_more: bool,
    keys: Vec<(&'static str, &'static str, bool)>,
}

/// A request that waits.
#[derive(Debug)]
struct PendingView<'a> {
    made: String,
    subject: &'a str,
    names: String,
    key: &'static str,
    pem: &'a str,
    sent: &'a str,
    wrong: Option<String>,
}

enum StepView<'a> {
    Make(MakeView<'a>),
    Pending(PendingView<'a>),
}

#[derive(Template)]
#[template(path = "signing_request.html")]
struct SigningRequestView<'a> {
    frame: FrameView<'a>,
    text: &'static SigningRequestTexts,
    heading: &'static str,
    problems: Vec<ProblemView>,
    step: StepView<'a>,
}

/// Renders the page.
#[must_use]
pub fn signing_request(page: &SigningRequestPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.signing_request;
    let frame = FrameView::new(&page.frame, text.title);
    let problem = page.problem.as_ref();
    let problems: Vec<_> = problem
        .map(|problem| ProblemView {
            field: field(problem, &page.step),
            text: words(page.frame.language, problem),
        })
        .into_iter()
        .collect();
    let error = |wanted: &str| {
        let found = problems.iter().find(|problem| problem.field == Some(wanted));
        found.map(|problem| problem.text.clone())
    };
    let step = match &page.step {
        RequestStep::Make { input } => StepView::Make(make(text, input, error)),
        RequestStep::Pending { facts, pem, sent } => StepView::Pending(PendingView {
            made: time::date_time(facts.created),
            subject: &facts.subject,
            names: facts.names.join(", "),
            key: facts.key.name(),
            pem,
            sent,
            wrong: error("certificate"),
        }),
    };
    crate::render(&SigningRequestView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        heading: match page.step {
            RequestStep::Make { .. } => text.not_made,
            RequestStep::Pending { .. } => text.not_installed,
        },
        problems,
        step,
    })
}

fn make<'a>(
    text: &SigningRequestTexts,
    input: &'a SigningRequestInput,
    error: impl Fn(&str) -> Option<String>,
) -> MakeView<'a> {
    let line = |field, value: &'a str, hint| LineView {
        id: request_field_name(field),
        label: (text.label)(field),
        value,
        hint,
        error: error(request_field_name(field)),
    };
    let more = vec![
        line(RequestField::Organization, &input.organization, None),
        line(RequestField::OrganizationalUnit, &input.organizational_unit, None),
        line(RequestField::Locality, &input.locality, None),
        line(RequestField::State, &input.state, None),
        line(RequestField::Country, &input.country, Some(text.country_hint)),
    ];
    MakeView {
        common_name: line(
            RequestField::CommonName,
            &input.common_name,
            Some(text.common_name_hint),
        ),
        names: input.names.join("\n"),
        names_error: error(request_field_name(RequestField::Names)),
        shows_more: more.iter().any(|line| line.error.is_some() || !line.value.is_empty()),
        more,
        keys: RequestKey::ALL
            .map(|key| (key.name(), (text.key_name)(key), key == input.key))
            .to_vec(),
    }
}

fn field(problem: &RequestProblem, step: &RequestStep) -> Option<&'static str> {
    let is_pending = matches!(step, RequestStep::Pending { .. });
    match problem {
        RequestProblem::Refused(refusal) if !is_pending => refusal.field().map(request_field_name),
        RequestProblem::Certificate(_) | RequestProblem::TextAndFile | RequestProblem::TooLarge
            if is_pending =>
        {
            Some("certificate")
        }
        _ => None,
    }
}

fn words(language: Language, problem: &RequestProblem) -> String {
    let text = &Texts::of(language).signing_request;
    match problem {
        RequestProblem::Refused(refusal) => (text.refusal)(refusal),
        RequestProblem::Certificate(refusal) => signed_refusal(language, refusal),
        RequestProblem::TextAndFile => text.text_and_file.to_owned(),
        RequestProblem::TooLarge => text.too_large.to_owned(),
        RequestProblem::NothingPending => text.nothing_pending.to_owned(),
        RequestProblem::FormExpired => text.form_expired.to_owned(),
        RequestProblem::NotStored => text.not_stored.to_owned(),
    }
}

/// The question before a request is dropped. Posts `csrf` to `/certificate/request/drop`.
#[derive(Clone, Debug)]
pub struct DropRequest {
    /// Common to all pages.
    pub frame: Frame,
    /// Whether it could not be dropped.
    pub is_refused: bool,
}

/// Renders the question before a request is dropped.
#[must_use]
pub fn drop_request(page: &DropRequest) -> String {
    let text = &Texts::of(page.frame.language).signing_request;
    confirmation(&Confirmation {
        frame: &page.frame,
        title: text.drop_title,
        question: text.drop_question.to_owned(),
        consequence: text.drop_hint,
        refused: page.is_refused.then_some(text.not_stored),
        action: "/certificate/request/drop",
        id: None,
        button: text.drop_button,
        back: "/certificate/request",
    })
}
