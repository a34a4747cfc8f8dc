//! The section *Proxy servers*, the form of one proxy server, and the exceptions.

use askama::Template;
use model::bypass::{BypassListError, BypassRule};
use model::diagnostics::DiagnosticsStatus;
use model::outbound::{PRIVATE_RANGES, ProxyState};
use model::proxy::{MAX_PROXIES, ProxyCredentialError, ProxyLocationError, ProxyServer};
use model::settings::SettingsRefusal;

use crate::Language;
use crate::confirmation::{Confirmation, ProblemView, confirmation};
use crate::frame::{Frame, FrameView};
use crate::summary::{StateView, Summary, Tone};
use crate::texts::Texts;
use crate::texts::proxies::ProxyTexts;
use crate::time;

/// A proxy server as the section shows it.
#[derive(Debug)]
pub(crate) struct ProxyView<'a> {
    pub(crate) id: &'a str,
    pub(crate) number: usize,
    pub(crate) location: String,
    pub(crate) sign_in: String,
    pub(crate) tone: Tone,
    pub(crate) state: &'static str,
    pub(crate) detail: String,
    pub(crate) trouble: Option<TroubleView>,
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
}

/// Why a proxy server cannot be used, and what to do.
#[derive(Debug)]
pub(crate) struct TroubleView {
    pub(crate) headline: String,
    pub(crate) next_step: String,
    pub(crate) id: &'static str,
}

/// The section as the templates see it.
#[derive(Debug)]
pub(crate) struct ProxiesView<'a> {
    /// State of the section as a whole; `None` when there is nothing to watch.
    pub(crate) state: Option<StateView>,
    pub(crate) rows: Vec<ProxyView<'a>>,
    /// What is contacted directly whatever the settings say.
    pub(crate) always_direct: String,
    /// What the administrator excepts.
    pub(crate) bypass: String,
    pub(crate) can_add: bool,
    /// Of the form that adds one.
    pub(crate) fields: ProxyFields<'a>,
}

/// The fields of one proxy server as the templates see them.
#[derive(Debug, Default)]
pub(crate) struct ProxyFields<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) location: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) has_password: bool,
    errors: Vec<(&'static str, String)>,
}

impl ProxyFields<'_> {
    /// The problem of a field.
    pub(crate) fn error(&self, field: &str) -> Option<&str> {
        let error = self.errors.iter().find(|(wrong, _)| *wrong == field);
        error.map(|(_, words)| words.as_str())
    }
}

impl<'a> ProxiesView<'a> {
    pub(crate) fn new(texts: &Texts, summary: &'a Summary) -> Self {
        let settings = summary.settings.as_ref().map(|status| &status.settings);
        let proxies = settings.map(|settings| &settings.proxies[..]).unwrap_or_default();
        let bypass = settings.map(|settings| &settings.proxy_bypass[..]).unwrap_or_default();
        let rows: Vec<_> =
            (0..proxies.len()).filter_map(|index| row(texts, proxies, index, summary)).collect();
        Self {
            state: state(texts, &rows),
            always_direct: PRIVATE_RANGES
                .iter()
                .map(|(network, bits)| format!("{network}/{bits}"))
                .collect::<Vec<_>>()
                .join(", "),
            bypass: list(bypass),
            can_add: rows.len() < MAX_PROXIES,
            fields: ProxyFields::default(),
            rows,
        }
    }
}

/// State of the section as a whole: one that works is enough for traffic, not for peace.
fn state(texts: &Texts, rows: &[ProxyView<'_>]) -> Option<StateView> {
    let is_any = |tone: Tone| rows.iter().any(|row| row.tone == tone);
    let (summary, proxies) = (&texts.summary, &texts.proxies);
    let (tone, word) = if rows.is_empty() {
        return None;
    } else if rows.iter().all(|row| row.tone == Tone::Failing) {
        (Tone::Failing, summary.tone_bad)
    } else if is_any(Tone::Failing) {
        (Tone::Attention, summary.tone_warn)
    } else if is_any(Tone::Busy) {
        (Tone::Busy, proxies.checking)
    } else if is_any(Tone::Waiting) {
        (Tone::Waiting, proxies.unknown)
    } else {
        (Tone::Good, summary.tone_ok)
    };
    Some(StateView { tone, word })
}

fn list(rules: &[BypassRule]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn row<'a>(
    texts: &Texts,
    proxies: &'a [ProxyServer],
    index: usize,
    summary: &Summary,
) -> Option<ProxyView<'a>> {
    let text = &texts.proxies;
    let proxy = proxies.get(index)?;
    let health = summary.diagnostics.as_ref().and_then(|status| status.proxy(&proxy.id));
    // A result for the location from before an edit says nothing about this one.
    let health = health.filter(|health| health.location == proxy.location);
    let at = health
        .and_then(|health| health.checked)
        .map(|checked| time::moment(checked, summary.now))
        .unwrap_or_default();
    let (tone, state, detail, trouble) = match health.map(|health| &health.state) {
        _ if summary.diagnostics.is_none() => {
            (Tone::Waiting, text.unknown, text.unknown_detail.to_owned(), None)
        }
        None | Some(ProxyState::Unknown) => {
            (Tone::Busy, text.checking, text.checking_detail.to_owned(), None)
        }
        Some(ProxyState::Reachable { milliseconds, .. }) => {
            (Tone::Good, text.reachable, (text.reachable_detail)(*milliseconds, &at), None)
        }
        Some(ProxyState::Unreachable { cause }) => {
            let words = (texts.outbound.text)(cause);
            let trouble = TroubleView {
                headline: words.headline,
                next_step: words.next_step,
                id: cause.id(),
            };
            (Tone::Failing, text.unreachable, (text.unreachable_detail)(&at), Some(trouble))
        }
    };
    Some(ProxyView {
        id: &proxy.id,
        number: index + 1,
        location: proxy.location.to_string(),
        sign_in: match &proxy.user_name {
            Some(user_name) => (text.basic)(user_name),
            None => text.no_sign_in.to_owned(),
        },
        tone,
        state,
        detail,
        trouble,
        is_first: index == 0,
        is_last: index + 1 == proxies.len(),
    })
}

/// Whether the state of a proxy is known by now, for those who wait for it.
#[must_use]
pub fn is_proxy_checked(status: Option<&DiagnosticsStatus>, id: &str) -> bool {
    let health = status.and_then(|status| status.proxy(id));
    health.is_some_and(|health| health.state != ProxyState::Unknown)
}

/// The form of one proxy server. Posts `id` (of the one that is edited), `location`, `username`,
/// `password` and `csrf` to `/proxy-servers/add` or `/proxy-servers/edit`.
#[derive(Clone, Debug)]
pub struct EditProxy {
    /// Common to all pages.
    pub frame: Frame,
    /// Id of the proxy that is edited; `None` = one is added.
    pub id: Option<String>,
    /// What stands in the field for address and port.
    pub location: String,
    /// What stands in the field for the user name.
    pub user_name: String,
    /// Whether a password is kept.
    pub has_password: bool,
    /// What was wrong with the form sent before.
    pub problems: Vec<ProxyProblem>,
}

/// Why the form of a proxy server was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyProblem {
    /// Address and port.
    Location(ProxyLocationError),
    /// User name and password.
    Credentials(ProxyCredentialError),
    /// It does not fit what is stored.
    Refused(SettingsRefusal),
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl ProxyProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Location(_) | Self::Refused(SettingsRefusal::DuplicateProxy { .. }) => {
                Some("location")
            }
            Self::Credentials(
                ProxyCredentialError::PasswordTooLong | ProxyCredentialError::PasswordControl,
            )
            | Self::Refused(SettingsRefusal::ProxyPasswordNeeded) => Some("password"),
            Self::Credentials(_) => Some("username"),
            Self::Refused(_) | Self::FormExpired | Self::NotStored => None,
        }
    }

    fn words(&self, texts: &Texts) -> String {
        let text = &texts.proxies;
        match self {
            Self::Location(problem) => (text.location_problem)(problem),
            Self::Credentials(problem) => (text.credential_problem)(*problem),
            Self::Refused(refusal) => (texts.settings_refusal)(refusal),
            Self::FormExpired => text.form_expired.to_owned(),
            Self::NotStored => text.not_stored.to_owned(),
        }
    }
}

/// The words for a problem: what is wrong and what to do. The REST interface says the same.
#[must_use]
pub fn proxy_problem(language: Language, problem: &ProxyProblem) -> String {
    problem.words(Texts::of(language))
}

/// The words for a refused list of exceptions. The REST interface says the same.
#[must_use]
pub fn bypass_problem(language: Language, problem: &BypassListError) -> String {
    (Texts::of(language).proxies.bypass_problem)(problem)
}

#[derive(Template)]
#[template(path = "proxy_server.html")]
struct EditProxyView<'a> {
    frame: FrameView<'a>,
    text: &'static ProxyTexts,
    title: &'static str,
    action: &'static str,
    fields: ProxyFields<'a>,
    heading: String,
    problems: Vec<ProblemView>,
}

/// Renders the form of one proxy server.
#[must_use]
pub fn edit_proxy(page: &EditProxy) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.proxies;
    let (title, action) = match page.id {
        Some(_) => (text.edit_title, "/proxy-servers/edit"),
        None => (text.add, "/proxy-servers/add"),
    };
    let frame = FrameView::new(&page.frame, title);
    let problems: Vec<_> = page
        .problems
        .iter()
        .map(|problem| ProblemView { field: problem.field(), text: problem.words(texts) })
        .collect();
    crate::render(&EditProxyView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        title,
        action,
        fields: ProxyFields {
            id: page.id.as_deref(),
            location: &page.location,
            user_name: &page.user_name,
            has_password: page.has_password,
            errors: problems
                .iter()
                .filter_map(|problem| Some((problem.field?, problem.text.clone())))
                .collect(),
        },
        heading: (text.not_saved)(problems.len()),
        problems,
    })
}

/// The exceptions from the proxy servers. Posts `rules`, `seen` (the list that the page was made
/// from) and `csrf` to `/proxy-bypass`.
#[derive(Clone, Debug)]
pub struct EditBypass {
    /// Common to all pages.
    pub frame: Frame,
    /// What stands in the field.
    pub rules: String,
    /// The list that is stored, one rule a line.
    pub seen: String,
    /// What was wrong with the form sent before.
    pub problem: Option<BypassProblem>,
}

/// Why the exceptions were not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BypassProblem {
    /// A rule, or there are too many.
    List(BypassListError),
    /// Somebody else has changed them since the page was shown.
    Changed {
        /// What they are now.
        now: Vec<BypassRule>,
    },
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// They could not be stored.
    NotStored,
}

#[derive(Template)]
#[template(path = "proxy_bypass.html")]
struct EditBypassView<'a> {
    frame: FrameView<'a>,
    text: &'static ProxyTexts,
    rules: &'a str,
    seen: &'a str,
    heading: &'static str,
    problems: Vec<ProblemView>,
    /// The problem of the field.
    wrong: Option<String>,
}

/// Renders the exceptions from the proxy servers.
#[must_use]
pub fn edit_bypass(page: &EditBypass) -> String {
    let text = &Texts::of(page.frame.language).proxies;
    let frame = FrameView::new(&page.frame, text.bypass_title);
    let is_of_field = matches!(page.problem, Some(BypassProblem::List(_)));
    let problem = page.problem.as_ref().map(|problem| match problem {
        BypassProblem::List(error) => (text.bypass_problem)(error),
        BypassProblem::Changed { now } if now.is_empty() => text.bypass_emptied.to_owned(),
        BypassProblem::Changed { now } => (text.bypass_changed)(&list(now)),
        BypassProblem::FormExpired => text.form_expired.to_owned(),
        BypassProblem::NotStored => text.not_stored.to_owned(),
    });
    crate::render(&EditBypassView {
        frame: if problem.is_some() { frame.with_error() } else { frame },
        text,
        rules: &page.rules,
        seen: &page.seen,
        heading: text.bypass_not_saved,
        wrong: problem.clone().filter(|_| is_of_field),
        problems: problem
            .map(|text| ProblemView { field: is_of_field.then_some("rules"), text })
            .into_iter()
            .collect(),
    })
}

/// The question before a proxy server is deleted. Posts `id` and `csrf` to `/proxy-servers/delete`.
#[derive(Clone, Debug)]
pub struct DeleteProxy {
    /// Common to all pages.
    pub frame: Frame,
    /// The proxy.
    pub proxy: ProxyServer,
    /// Whether it is the only one.
    pub is_only: bool,
    /// Whether it could not be deleted.
    pub is_refused: bool,
}

/// Renders the question before a proxy server is deleted.
#[must_use]
pub fn delete_proxy(page: &DeleteProxy) -> String {
    let text = &Texts::of(page.frame.language).proxies;
    let consequence = if page.is_only { text.delete_last } else { text.delete_consequence };
    confirmation(&Confirmation {
        frame: &page.frame,
        title: text.delete_title,
        question: (text.delete_question)(&page.proxy.location.to_string()),
        consequence,
        refused: page.is_refused.then_some(text.not_stored),
        action: "/proxy-servers/delete",
        id: Some(&page.proxy.id),
        button: text.delete_button,
        back: "/",
    })
}
