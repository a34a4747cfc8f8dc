//! The check of a domain, and the form that joins it.

use askama::Template;
use model::domain::check::{CheckFact, CheckResult, CheckedItem, DomainCheck};
use model::domain::failure::DomainFailure;
use model::domain::status::JoinProgress;

use super::{AdviceView, DomainProblem, ProblemsView};
use crate::Language;
use crate::frame::{Frame, FrameView};
use crate::summary::Tone;
use crate::texts::Texts;
use crate::texts::domains::DomainsTexts;

/// The check of a domain, and once it has passed the form that joins it. Posts `domain`, `user`,
/// `password`, `machine`, `unit`, `takeOver` (name of the account that is taken over) and `csrf` to
/// `/active-directory/join`.
#[derive(Clone, Debug)]
pub struct JoinDomain {
    /// Common to all pages.
    pub frame: Frame,
    /// The check.
    pub check: DomainCheck,
    /// The join that is under way.
    pub progress: Option<JoinProgress>,
    /// What stands in the form.
    pub form: JoinForm,
    /// What was wrong with the form sent before.
    pub problems: Vec<DomainProblem>,
}

/// What stands in the form that joins a domain: everything but the password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinForm {
    /// The user name.
    pub user: String,
    /// The machine name.
    pub machine: String,
    /// The organizational unit.
    pub unit: String,
}

/// One line of the check.
#[derive(Debug)]
struct ItemView {
    tone: Tone,
    name: &'static str,
    state: String,
    detail: Option<String>,
    advice: Option<AdviceView>,
}

/// The check as the templates see it.
#[derive(Debug)]
struct CheckView {
    tone: Tone,
    headline: String,
    is_running: bool,
    has_passed: bool,
    items: Vec<ItemView>,
    /// The domain and its forest.
    domain: String,
    cannot_join: String,
    dns: String,
    name: String,
}

#[derive(Template)]
#[template(path = "join_domain.html")]
struct JoinDomainView<'a> {
    frame: FrameView<'a>,
    text: &'static DomainsTexts,
    texts: &'static Texts,
    check: CheckView,
    progress: Option<&'static str>,
    form: &'a JoinForm,
    problems: ProblemsView,
    /// The account that could be taken over, and the words for it.
    taken: Option<(String, String)>,
    opens_place: bool,
    /// Whether the page loads itself again without script.
    reloads: bool,
}

#[derive(Template)]
#[template(path = "join_domain_fragment.html")]
struct FragmentView {
    text: &'static DomainsTexts,
    check: CheckView,
    progress: Option<&'static str>,
}

/// Renders the check of a domain and the form that joins it.
#[must_use]
pub fn join_domain(page: &JoinDomain) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.domains;
    let frame = FrameView::new(&page.frame, text.join_title);
    let problems = ProblemsView::new(texts, &page.problems).at_fields(&page.problems);
    let taken = page.problems.iter().find_map(|problem| match problem.failure() {
        Some(DomainFailure::NameInUse { account, is_machine: true, .. }) => Some(account.clone()),
        _ => None,
    });
    crate::render(&JoinDomainView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        texts,
        check: CheckView::new(texts, &page.check),
        progress: page.progress.as_ref().map(|progress| (text.step)(progress.step)),
        form: &page.form,
        opens_place: !page.form.unit.is_empty() || problems.error("unit").is_some(),
        problems,
        taken: taken.map(|account| {
            let words = (text.take_over)(&account);
            (account, words)
        }),
        reloads: page.check.is_running && page.problems.is_empty(),
    })
}

/// Renders the parts of the page that the script refreshes. Served at `/active-directory/join/live`.
#[must_use]
pub fn join_domain_live(
    language: Language,
    check: &DomainCheck,
    progress: Option<&JoinProgress>,
) -> String {
    let texts = Texts::of(language);
    let text = &texts.domains;
    crate::render(&FragmentView {
        text,
        check: CheckView::new(texts, check),
        progress: progress.map(|progress| (text.step)(progress.step)),
    })
}

impl ProblemsView {
    /// Points at the field that a failure of the join is about.
    fn at_fields(mut self, problems: &[DomainProblem]) -> Self {
        for (view, problem) in self.list.iter_mut().zip(problems) {
            view.field = view.field.or_else(|| problem.failure().and_then(field_of));
        }
        self
    }
}

const fn field_of(failure: &DomainFailure) -> Option<&'static str> {
    match failure {
        DomainFailure::WrongPassword { .. } => Some("password"),
        DomainFailure::UserUnknown { .. }
        | DomainFailure::ForeignSuffix { .. }
        | DomainFailure::AccountRevoked { .. }
        | DomainFailure::PasswordExpired { .. }
        | DomainFailure::LogonNotAllowed { .. }
        | DomainFailure::NoAesKeys { .. }
        | DomainFailure::NoRight { .. }
        | DomainFailure::QuotaUsedUp { .. } => Some("user"),
        DomainFailure::NameInUse { .. } => Some("machine"),
        DomainFailure::UnitMissing { .. } => Some("unit"),
        _ => None,
    }
}

impl CheckView {
    fn new(texts: &Texts, check: &DomainCheck) -> Self {
        let text = &texts.domains;
        let count = |is_counted: fn(&CheckResult) -> bool| {
            check.items.iter().filter(|item| is_counted(&item.result)).count()
        };
        let all = check.items.len();
        let waiting = count(|it| matches!(it, CheckResult::Waiting));
        let failed = count(|it| matches!(it, CheckResult::Failed { .. }));
        let noted = count(|it| matches!(it, CheckResult::Warned { .. }));
        let passed = count(|it| matches!(it, CheckResult::Passed { .. }));
        let (tone, headline) = match (failed, noted) {
            _ if check.is_running => (Tone::Busy, (text.checking)(all - waiting, all)),
            (0, 0) if check.has_passed() => (Tone::Good, (text.check_passed)(passed, 0)),
            (0, noted) if check.has_passed() => {
                (Tone::Attention, (text.check_passed)(passed, noted))
            }
            (failed, _) => (Tone::Failing, (text.check_failed)(failed, all)),
        };
        let name = check.domain.as_str();
        Self {
            tone,
            headline,
            is_running: check.is_running,
            has_passed: check.has_passed(),
            items: check.items.iter().map(|it| item(texts, it, check.is_running)).collect(),
            domain: match &check.forest {
                Some(forest) => (text.of_forest)(name, forest),
                None => name.to_owned(),
            },
            cannot_join: (text.cannot_join)(name),
            dns: check.dns_servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            name: name.to_owned(),
        }
    }
}

fn item(texts: &Texts, item: &CheckedItem, is_running: bool) -> ItemView {
    let text = &texts.domains;
    let name = (text.item)(item.item);
    let found = |tone, fact: &CheckFact, advice| {
        let (state, detail) = (text.fact)(fact);
        ItemView { tone, name, state, detail, advice }
    };
    match &item.result {
        CheckResult::Waiting => ItemView {
            tone: Tone::Waiting,
            name,
            state: if is_running { text.item_waiting } else { text.item_left_out }.to_owned(),
            detail: None,
            advice: None,
        },
        CheckResult::Passed { fact } => found(Tone::Good, fact, None),
        CheckResult::Warned { fact } => {
            let advice = AdviceView {
                before: None,
                headline: String::new(),
                next_step: (text.fact_advice)(fact),
                id: "",
                tone: Tone::Attention,
            };
            found(Tone::Attention, fact, Some(advice))
        }
        CheckResult::Failed { failure } => {
            let advice = AdviceView::new(texts, failure, Tone::Failing);
            let detail = Some(advice.headline.clone());
            let state = text.item_failed.to_owned();
            ItemView { tone: Tone::Failing, name, state, detail, advice: Some(advice) }
        }
    }
}
