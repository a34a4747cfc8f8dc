//! *Register connector*, and the cloud connection of an appliance that is registered.

mod live;
mod problem;
mod questions;

use askama::Template;
use model::channel::{
    ChannelStatus, ConnectionState, ConnectionStatus, Ending, EndingReason, RegistrationState,
};

use self::live::LiveView;
pub use self::problem::{RegistrationProblem, registration_problem};
pub use self::questions::{
    EndRegistration, Unregistered, unregister, unregistered, withdraw_registration,
};
use crate::Language;
use crate::confirmation::ProblemView;
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::registration::RegistrationTexts;
use crate::time;

/// Path of the page.
pub(crate) const PATH: &str = "/register-connector";

/// The form, the code or the registration: whatever the state is.
///
/// The form posts `name`, `cloud` (host, or host and port) and `csrf` to `/register-connector`; the
/// button for another code posts `csrf` to `/register-connector/code`.
#[derive(Clone, Debug)]
pub struct RegistrationPage {
    /// Common to all pages.
    pub frame: Frame,
    /// What the channel role says; `None` = it does not answer.
    pub status: Option<ChannelStatus>,
    /// What stands in the form.
    pub form: RegistrationForm,
    /// What was wrong with the form sent before.
    pub problems: Vec<RegistrationProblem>,
    /// The time of this answer, in seconds since 1970.
    pub now: i64,
}

/// What stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationForm {
    /// Name that the appliance is to have.
    pub name: String,
    /// Host, or host and port, of the cloud.
    pub cloud: String,
}

/// The problems of the form as the templates see them.
#[derive(Debug, Default)]
struct ProblemsView {
    list: Vec<ProblemView>,
}

impl ProblemsView {
    fn new(texts: &Texts, problems: &[RegistrationProblem], has_form: bool) -> Self {
        let view = |it: &RegistrationProblem| ProblemView {
            field: it.field().filter(|_| has_form),
            text: problem::words(texts, it),
        };
        Self { list: problems.iter().map(view).collect() }
    }

    /// The problem of a field.
    fn error(&self, field: &str) -> Option<&str> {
        let problem = self.list.iter().find(|problem| problem.field == Some(field));
        problem.map(|problem| problem.text.as_str())
    }
}

#[derive(Template)]
#[template(path = "registration.html")]
struct RegistrationView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    text: &'static RegistrationTexts,
    title: &'static str,
    live: LiveView,
    /// Whether the appliance can be registered: then there is a form.
    has_form: bool,
    form: &'a RegistrationForm,
    problem_heading: String,
    problems: ProblemsView,
    /// Why the appliance is not registered any more, unless it was meant to be so.
    ended: Option<EndedView>,
    /// Whether the page loads itself again without script.
    reloads: bool,
}

#[derive(Template)]
#[template(path = "registration_fragment.html")]
struct FragmentView {
    text: &'static RegistrationTexts,
    texts: &'static Texts,
    live: LiveView,
    has_form: bool,
}

/// Why the appliance is not registered any more.
#[derive(Debug)]
struct EndedView {
    headline: String,
    remedies: Vec<String>,
}

/// Renders the page.
#[must_use]
pub fn registration(page: &RegistrationPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.registration;
    let state = page.status.as_ref().map(|status| &status.registration);
    let last = match state {
        Some(RegistrationState::NotRegistered { last }) => last.as_ref(),
        _ => None,
    };
    // What was sent just now counts more than how the last registration ended.
    let (problem_heading, problems) = match (page.problems.is_empty(), last) {
        (true, Some(Ending { reason: EndingReason::Refused { reason }, at, .. })) => (
            (text.ended)(&time::moment(*at, page.now)),
            vec![RegistrationProblem::Refused(reason.clone())],
        ),
        _ if matches!(state, Some(RegistrationState::Registering { .. })) => {
            (text.not_changed.to_owned(), page.problems.clone())
        }
        _ => (text.not_begun.to_owned(), page.problems.clone()),
    };
    let ended = match last {
        Some(Ending { name, at, reason: EndingReason::Removed, .. }) => {
            let headline = (text.removed)(name, &time::moment(*at, page.now));
            Some(EndedView { headline, remedies: vec![text.removed_remedy.to_owned()] })
        }
        Some(Ending { name, reason: EndingReason::Sealed { trouble }, .. }) => Some(EndedView {
            headline: (text.sealed)(name, trouble),
            remedies: (text.unseal_remedies)(),
        }),
        _ => None,
    };
    // What was typed stays while the role is away.
    let has_form = has_form(page.status.as_ref()) || (state.is_none() && !problems.is_empty());
    let title = match state {
        Some(RegistrationState::Registered { .. }) => text.connection_title,
        _ => text.title,
    };
    let frame = FrameView::new(&page.frame, title);
    crate::render(&RegistrationView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        texts,
        text,
        title,
        live: LiveView::new(texts, page.status.as_ref(), page.now),
        has_form,
        form: &page.form,
        problem_heading,
        problems: ProblemsView::new(texts, &problems, has_form),
        ended,
        reloads: page.status.as_ref().is_some_and(is_under_way),
    })
}

/// Whether something is about to change by itself.
fn is_under_way(status: &ChannelStatus) -> bool {
    match &status.registration {
        RegistrationState::NotRegistered { .. } => false,
        RegistrationState::Registering { .. } => true,
        RegistrationState::Registered { .. } => {
            let is_up = |it: &ConnectionStatus| it.state == ConnectionState::Connected;
            status.connections.is_empty() || !status.connections.iter().all(is_up)
        }
    }
}

/// Renders the parts of the page that the script refreshes. Served at `/register-connector/live`.
#[must_use]
pub fn registration_live(language: Language, status: Option<&ChannelStatus>, now: i64) -> String {
    let texts = Texts::of(language);
    crate::render(&FragmentView {
        text: &texts.registration,
        texts,
        live: LiveView::new(texts, status, now),
        has_form: has_form(status),
    })
}

fn has_form(status: Option<&ChannelStatus>) -> bool {
    status.is_some_and(|it| matches!(it.registration, RegistrationState::NotRegistered { .. }))
}
