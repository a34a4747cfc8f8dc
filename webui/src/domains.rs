//! Active Directory domains: the section of the front page, and what its pages have in common.

mod add;
mod details;
mod join;
mod leave;

use model::domain::failure::DomainFailure;
use model::domain::lookup::LookupError;
use model::domain::status::{DirectoryStatus, DomainStatus, Validation};
use model::domain::{
    DomainNameError, MAX_DOMAINS, MachineNameError, OrganizationalUnitError, UserNameError,
};

pub(crate) use self::add::AddFields;
pub use self::add::{AddDomain, add_domain};
pub use self::details::{DomainPage, LookupForm, domain_page};
pub use self::join::{JoinDomain, JoinForm, join_domain, join_domain_live};
pub use self::leave::{LeaveDomain, LeftDomain, leave_domain, left_domain};
use crate::Language;
use crate::confirmation::ProblemView;
use crate::summary::{StateView, Summary, Tone};
use crate::texts::Texts;
use crate::texts::domain_failure::FailureText;
use crate::{amount, time};

/// Which of the two lists of the section is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DomainsTab {
    /// *Joined domains*.
    #[default]
    Joined,
    /// *Trusted domains*.
    Trusted,
}

impl DomainsTab {
    /// Value of `domains` in the address of the front page and of `/summary`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Trusted => "trusted",
        }
    }

    /// The list with this id; any other is the first one.
    #[must_use]
    pub fn from_id(id: &str) -> Self {
        if id == Self::Trusted.id() { Self::Trusted } else { Self::Joined }
    }

    /// Path of `/summary` that refreshes this list.
    pub(crate) const fn refresh_path(self) -> &'static str {
        match self {
            Self::Joined => "/summary",
            Self::Trusted => "/summary?domains=trusted",
        }
    }
}

/// Why the directory role did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryRefusal {
    /// The domain does not do it.
    Failure(Box<DomainFailure>),
    /// Another domain is being joined.
    Busy,
    /// The role does not allow it, or answers something else.
    Failed,
    /// The role does not answer.
    Silent,
}

/// What is wrong with what was sent from one of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainProblem {
    /// The name of the domain.
    Name(DomainNameError),
    /// A DNS server that is no IPv4 address.
    Dns {
        /// What was given.
        text: String,
    },
    /// Too many DNS servers.
    TooManyDns {
        /// How many there can be.
        limit: usize,
    },
    /// The user name.
    User(UserNameError),
    /// The password is missing.
    PasswordMissing,
    /// The password is longer than [`model::domain::MAX_PASSWORD_BYTES`].
    PasswordTooLong,
    /// The machine name.
    Machine(MachineNameError),
    /// The organizational unit.
    Unit(OrganizationalUnitError),
    /// What is to be looked up.
    Lookup(LookupError),
    /// The directory role did not do it.
    Refused(DirectoryRefusal),
    /// The form was open for too long or comes from another session.
    FormExpired,
}

impl DomainProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name(_) => Some("domain"),
            Self::Dns { .. } | Self::TooManyDns { .. } => Some("dns"),
            Self::User(_) => Some("user"),
            Self::PasswordMissing | Self::PasswordTooLong => Some("password"),
            Self::Machine(_) => Some("machine"),
            Self::Unit(_) => Some("unit"),
            Self::Lookup(_) => Some("value"),
            Self::Refused(_) | Self::FormExpired => None,
        }
    }

    fn words(&self, texts: &Texts) -> String {
        let text = &texts.domains;
        match self {
            Self::Name(problem) => (text.name_problem)(problem),
            Self::Dns { text: server } => (text.dns_problem)(server),
            Self::TooManyDns { limit } => (text.too_many_dns)(*limit),
            Self::User(problem) => (text.user_problem)(problem),
            Self::PasswordMissing => text.password_missing.to_owned(),
            Self::PasswordTooLong => text.password_too_long.to_owned(),
            Self::Machine(problem) => (text.machine_problem)(problem),
            Self::Unit(problem) => (text.unit_problem)(problem),
            Self::Lookup(problem) => (text.lookup_problem)(problem),
            Self::Refused(DirectoryRefusal::Failure(failure)) => {
                (texts.domain_failure.text)(failure).headline
            }
            Self::Refused(DirectoryRefusal::Busy) => text.busy.to_owned(),
            Self::Refused(DirectoryRefusal::Failed) => text.role_failed.to_owned(),
            Self::Refused(DirectoryRefusal::Silent) => text.role_silent.to_owned(),
            Self::FormExpired => text.form_expired.to_owned(),
        }
    }

    /// Why the domain did not do it.
    const fn failure(&self) -> Option<&DomainFailure> {
        match self {
            Self::Refused(DirectoryRefusal::Failure(failure)) => Some(failure),
            _ => None,
        }
    }
}

/// The words for a problem: what is wrong and what to do. The REST interface says the same.
#[must_use]
pub fn domain_problem(language: Language, problem: &DomainProblem) -> String {
    problem.words(Texts::of(language))
}

/// A failure in words: what has happened, and what to do. The REST interface says the same.
#[must_use]
pub fn domain_failure(language: Language, failure: &DomainFailure) -> (String, String) {
    let FailureText { headline, next_step } = (Texts::of(language).domain_failure.text)(failure);
    (headline, next_step)
}

/// What is wrong, what to do, and the language-neutral name of it.
#[derive(Clone, Debug)]
pub(crate) struct AdviceView {
    /// What stands before the cause, when it is not clear what was tried.
    pub(crate) before: Option<String>,
    pub(crate) headline: String,
    pub(crate) next_step: String,
    pub(crate) id: &'static str,
    pub(crate) tone: Tone,
}

impl AdviceView {
    fn new(texts: &Texts, failure: &DomainFailure, tone: Tone) -> Self {
        let FailureText { headline, next_step } = (texts.domain_failure.text)(failure);
        Self { before: None, headline, next_step, id: failure.id(), tone }
    }

    /// Whether a reader of one learns nothing from the other.
    fn says_the_same(&self, other: &Self) -> bool {
        (self.id, &self.headline, &self.next_step) == (other.id, &other.headline, &other.next_step)
    }

    fn after(mut self, before: impl Into<String>) -> Self {
        self.before = Some(before.into());
        self
    }
}

/// The problems of a form as the templates see them.
#[derive(Debug, Default)]
pub(crate) struct ProblemsView {
    pub(crate) list: Vec<ProblemView>,
    /// What to do about the failure, if the list is about one.
    pub(crate) advice: Option<AdviceView>,
}

impl ProblemsView {
    fn new(texts: &Texts, problems: &[DomainProblem]) -> Self {
        let view = |it: &DomainProblem| ProblemView { field: it.field(), text: it.words(texts) };
        let failure = problems.iter().find_map(DomainProblem::failure);
        Self {
            list: problems.iter().map(view).collect(),
            advice: failure.map(|failure| AdviceView::new(texts, failure, Tone::Failing)),
        }
    }

    /// The problem of a field.
    pub(crate) fn error(&self, field: &str) -> Option<&str> {
        let problem = self.list.iter().find(|problem| problem.field == Some(field));
        problem.map(|problem| problem.text.as_str())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// A joined domain as the section shows it.
#[derive(Debug)]
pub(crate) struct DomainView {
    pub(crate) name: String,
    pub(crate) forest: String,
    pub(crate) account: String,
    pub(crate) controller: Option<(String, String)>,
    /// State and time of the last validation.
    pub(crate) validation: Option<(Tone, &'static str, String)>,
    pub(crate) tone: Tone,
    pub(crate) state: &'static str,
    pub(crate) since: Option<String>,
    pub(crate) advice: Vec<AdviceView>,
}

/// A trust as the section shows it.
#[derive(Debug)]
pub(crate) struct TrustView {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) direction: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) tone: Tone,
    pub(crate) reachable: &'static str,
}

/// The section as the templates see it.
#[derive(Debug)]
pub(crate) struct DomainsView<'a> {
    /// State of the section as a whole; `None` when there is nothing to watch.
    pub(crate) state: Option<StateView>,
    pub(crate) is_joined_tab: bool,
    pub(crate) is_silent: bool,
    pub(crate) rows: Vec<DomainView>,
    pub(crate) trusts: Vec<TrustView>,
    pub(crate) can_add: bool,
    /// Of the form that adds one.
    pub(crate) fields: AddFields<'a>,
}

impl DomainsView<'_> {
    pub(crate) fn new(texts: &Texts, summary: &Summary, tab: DomainsTab) -> Self {
        let directory = summary.directory.as_ref();
        let domains = directory.map(|it| &it.domains[..]).unwrap_or_default();
        let rows: Vec<_> =
            domains.iter().map(|domain| DomainView::new(texts, domain, summary.now)).collect();
        Self {
            state: state(texts, directory, &rows),
            is_joined_tab: tab == DomainsTab::Joined,
            is_silent: directory.is_none(),
            trusts: domains.iter().flat_map(|domain| trusts(texts, domain)).collect(),
            can_add: rows.len() < MAX_DOMAINS,
            rows,
            fields: AddFields::default(),
        }
    }
}

fn state(
    texts: &Texts,
    directory: Option<&DirectoryStatus>,
    rows: &[DomainView],
) -> Option<StateView> {
    let (summary, text) = (&texts.summary, &texts.domains);
    let is_any = |tone: Tone| rows.iter().any(|row| row.tone == tone);
    let (tone, word) = match directory {
        None => (Tone::Waiting, text.silent),
        Some(_) if rows.is_empty() => return None,
        Some(_) if is_any(Tone::Failing) => (Tone::Failing, summary.tone_bad),
        Some(_) if is_any(Tone::Attention) => (Tone::Attention, summary.tone_warn),
        Some(_) if is_any(Tone::Busy) => (Tone::Busy, text.not_checked),
        Some(_) => (Tone::Good, summary.tone_ok),
    };
    Some(StateView { tone, word })
}

impl DomainView {
    fn new(texts: &Texts, status: &DomainStatus, now: i64) -> Self {
        let text = &texts.domains;
        let advice = advice(texts, status);
        let health = status.health.as_ref();
        let (tone, state) = match health.map(|health| &health.failure) {
            None => (Tone::Busy, text.not_checked),
            Some(Some(_)) => (Tone::Failing, text.unusable),
            Some(None) if advice.is_empty() => (Tone::Good, text.healthy),
            Some(None) => (Tone::Attention, text.with_problem),
        };
        Self {
            name: status.domain.to_string(),
            forest: (text.forest)(&status.forest),
            account: status.machine.account(),
            controller: status.controller.as_ref().map(|controller| {
                let latency = amount::milliseconds(controller.latency_micros);
                (controller.host.clone(), (text.site)(&controller.site, &latency))
            }),
            validation: status.validation.as_ref().map(|it| {
                let (tone, word) = validation_state(texts, it);
                (tone, word, time::moment(it.at, now))
            }),
            tone,
            state,
            since: health.map(|health| (text.since)(&time::moment(health.since, now))),
            advice,
        }
    }
}

fn validation_state(texts: &Texts, validation: &Validation) -> (Tone, &'static str) {
    match validation.failure {
        None => (Tone::Good, texts.domains.passed),
        Some(_) => (Tone::Failing, texts.domains.failed),
    }
}

/// Everything that is wrong with a joined domain, worst first.
fn advice(texts: &Texts, status: &DomainStatus) -> Vec<AdviceView> {
    let text = &texts.domains;
    if let Some(failure) = status.health.as_ref().and_then(|health| health.failure.as_ref()) {
        // What else fails follows from it.
        return vec![AdviceView::new(texts, failure, Tone::Failing)];
    }
    let noted = |failure| AdviceView::new(texts, failure, Tone::Attention);
    let password = status.password_failure.as_ref();
    let forest = status.forest_failure.as_ref();
    let password = password.map(|failure| noted(failure).after(text.password_problem));
    let forest = forest.map(|failure| noted(failure).after((text.forest_problem)(&status.forest)));
    password.into_iter().chain(forest).collect()
}

fn trusts(texts: &Texts, status: &DomainStatus) -> Vec<TrustView> {
    let text = &texts.domains;
    let view = |trust: &model::domain::status::Trust| TrustView {
        name: trust.name.clone(),
        domain: status.domain.to_string(),
        direction: (text.direction)(trust.direction),
        kind: (text.kind)(trust.kind),
        tone: match trust.is_reachable {
            Some(true) => Tone::Good,
            Some(false) => Tone::Attention,
            None => Tone::Waiting,
        },
        reachable: (text.reachable)(trust.is_reachable),
    };
    status.trusts.iter().map(view).collect()
}
