//! The section *Root certificate authorities* and its forms.

use askama::Template;
use model::expiry::Expiry;
use model::root_ca::{RootCaFacts, RootCaRefusal};
use model::settings::SettingsRefusal;

use crate::Language;
use crate::confirmation::{Confirmation, ProblemView, confirmation};
use crate::frame::{Frame, FrameView};
use crate::summary::{StateView, Summary, Tone};
use crate::texts::Texts;
use crate::texts::roots::RootTexts;
use crate::time;

/// An authority as the section shows it.
#[derive(Debug)]
pub(crate) struct RootView<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) key: &'a str,
    pub(crate) not_after: String,
    /// What is wrong with its validity, and what to do.
    pub(crate) trouble: Option<(Tone, String, &'static str)>,
    /// SHA-256 in bytes with their colons, after each of which the line may break.
    pub(crate) fingerprint: Vec<String>,
}

/// The section as the templates see it.
#[derive(Debug)]
pub(crate) struct RootsView<'a> {
    /// State of the section as a whole; `None` when there is nothing to watch.
    pub(crate) state: Option<StateView>,
    pub(crate) rows: Vec<RootView<'a>>,
    /// Who reads along, trusted by this list.
    pub(crate) interception: Option<String>,
    /// The form that adds one begins without a mistake.
    pub(crate) no_error: Option<&'static str>,
}

impl<'a> RootsView<'a> {
    pub(crate) fn new(texts: &Texts, summary: &'a Summary) -> Self {
        let settings = summary.settings.as_ref().map(|status| &status.settings);
        let roots = settings.map(|settings| &settings.roots[..]).unwrap_or_default();
        let rows: Vec<_> = roots.iter().map(|root| row(texts, root, summary.now)).collect();
        let worst = rows.iter().filter_map(|row| row.trouble.as_ref().map(|trouble| trouble.0));
        let tone = worst.fold(Tone::Good, worse);
        let word = match tone {
            Tone::Failing => texts.summary.tone_bad,
            Tone::Attention => texts.summary.tone_warn,
            _ => texts.summary.tone_ok,
        };
        let state = StateView { tone, word };
        let interception = summary.diagnostics.as_ref().and_then(|it| it.interception.as_ref());
        Self {
            state: if rows.is_empty() { None } else { Some(state) },
            no_error: None,
            interception: interception.filter(|it| it.is_trusted).map(|it| {
                let at = time::moment(it.at, summary.now);
                (texts.roots.intercepted)(&it.issuer, &it.server, &at)
            }),
            rows,
        }
    }
}

const fn worse(one: Tone, other: Tone) -> Tone {
    match (one, other) {
        (Tone::Failing, _) | (_, Tone::Failing) => Tone::Failing,
        (Tone::Attention, _) | (_, Tone::Attention) => Tone::Attention,
        _ => Tone::Good,
    }
}

fn row<'a>(texts: &Texts, root: &'a RootCaFacts, now: i64) -> RootView<'a> {
    let text = &texts.roots;
    let date = time::date(root.not_after);
    let trouble = match root.expiry(now) {
        Expiry::Good => None,
        Expiry::ExpiresSoon { days } => {
            Some((Tone::Attention, (text.expires_soon)(&date, days), text.expires_soon_remedy))
        }
        Expiry::Expired => Some((Tone::Failing, (text.expired)(&date), text.expired_remedy)),
        Expiry::NotYetValid => Some((
            Tone::Attention,
            (text.not_yet_valid)(&time::date(root.not_before)),
            text.not_yet_valid_remedy,
        )),
    };
    RootView {
        id: &root.id,
        name: common_name(&root.subject).to_owned(),
        issuer: if root.is_self_signed {
            text.self_signed.to_owned()
        } else {
            (text.issued_by)(common_name(&root.issuer))
        },
        key: &root.key,
        not_after: date,
        trouble,
        fingerprint: root.sha256.to_string().split_inclusive(':').map(str::to_owned).collect(),
    }
}

/// The common name of a subject such as `CN=Example Root,O=Example`; the whole of one without it.
fn common_name(subject: &str) -> &str {
    let after = match subject.strip_prefix("CN=") {
        Some(after) => after,
        None => match subject.split_once(",CN=") {
            Some((_, after)) => after,
            None => return subject,
        },
    };
    // A comma in a name is escaped (RFC 4514, section 2.4): then the subject is shown as it is.
    match after.split(',').next() {
        Some(name) if !name.is_empty() && !name.contains('\\') => name,
        _ => subject,
    }
}

/// The form that adds an authority. Posts `rootCA` (text), `file` and `csrf` to
/// `/root-certificates/add` as `multipart/form-data`.
#[derive(Clone, Debug)]
pub struct AddRoot {
    /// Common to all pages.
    pub frame: Frame,
    /// The text as it was sent, to be corrected. Never a key.
    pub sent: String,
    /// What was wrong with the form sent before.
    pub problem: Option<RootProblem>,
}

/// Why an authority was not added or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootProblem {
    /// What was handed in is no authority.
    Refused(RootCaRefusal),
    /// There are a text and a file.
    TextAndFile,
    /// It does not fit what is stored.
    Settings(SettingsRefusal),
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

#[derive(Template)]
#[template(path = "add_root.html")]
struct AddRootView<'a> {
    frame: FrameView<'a>,
    text: &'static RootTexts,
    sent: &'a str,
    problems: Vec<ProblemView>,
    /// The problem of the field.
    wrong: Option<String>,
}

/// Renders the form that adds an authority.
#[must_use]
pub fn add_root(page: &AddRoot) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.roots;
    let frame = FrameView::new(&page.frame, text.add_title);
    let problem = page.problem.as_ref().map(|problem| words(texts, problem));
    let is_of_field =
        matches!(page.problem, Some(RootProblem::Refused(_) | RootProblem::TextAndFile));
    crate::render(&AddRootView {
        frame: if problem.is_some() { frame.with_error() } else { frame },
        text,
        sent: &page.sent,
        wrong: problem.clone().filter(|_| is_of_field),
        problems: problem
            .map(|text| ProblemView { field: is_of_field.then_some("rootCA"), text })
            .into_iter()
            .collect(),
    })
}

/// The words for a refusal: what is wrong and what to do. The REST interface says the same.
#[must_use]
pub fn root_refusal(language: Language, refusal: &RootCaRefusal) -> String {
    (Texts::of(language).roots.refusal)(refusal)
}

fn words(texts: &Texts, problem: &RootProblem) -> String {
    let text = &texts.roots;
    match problem {
        RootProblem::Refused(refusal) => (text.refusal)(refusal),
        RootProblem::TextAndFile => text.text_and_file.to_owned(),
        RootProblem::Settings(refusal) => (texts.settings_refusal)(refusal),
        RootProblem::FormExpired => text.form_expired.to_owned(),
        RootProblem::NotStored => text.not_stored.to_owned(),
    }
}

/// The question before an authority is deleted. Posts `id` and `csrf` to
/// `/root-certificates/delete`.
#[derive(Clone, Debug)]
pub struct DeleteRoot {
    /// Common to all pages.
    pub frame: Frame,
    /// The authority.
    pub root: RootCaFacts,
    /// Whether it could not be deleted.
    pub is_refused: bool,
}

/// Renders the question before an authority is deleted.
#[must_use]
pub fn delete_root(page: &DeleteRoot) -> String {
    let text = &Texts::of(page.frame.language).roots;
    confirmation(&Confirmation {
        frame: &page.frame,
        title: text.delete_title,
        question: (text.delete_question)(common_name(&page.root.subject)),
        consequence: text.delete_consequence,
        refused: page.is_refused.then_some(text.not_stored),
        action: "/root-certificates/delete",
        id: Some(&page.root.id),
        button: text.delete_button,
        back: "/",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_common_name_where_there_is_one() {
        for (subject, name) in [
            ("CN=Example Root,O=Example", "Example Root"),
            ("C=JP,O=Example,CN=Example Root", "Example Root"),
            ("O=Example", "O=Example"),
            ("CN=A\\, B,O=Example", "CN=A\\, B,O=Example"),
            ("CN=,O=Example", "CN=,O=Example"),
            ("", ""),
        ] {
            assert_eq!(common_name(subject), name);
        }
    }
}
