//! What changes on the page by itself: the code and its time, the state, the connections.

use model::channel::{
    Applicant, ChannelStatus, CloneRefused, ConnectionState, ConnectionStatus, ConnectionTrouble,
    Registration, RegistrationState, RegistrationStep, ShownCode,
};
use page::outbound::OutboundText;

use super::problem;
use crate::summary::Tone;
use crate::texts::Texts;
use crate::texts::registration::{ConnectionWord, RegistrationTexts};
use crate::time;

/// How long a code is good, in seconds: the length of the bar.
const CODE_SECONDS: i64 = 900;

/// What is wrong and what to do.
#[derive(Debug)]
pub(super) struct TroubleView {
    pub(super) tone: Tone,
    pub(super) headline: String,
    /// What a program said, in English.
    pub(super) detail: Option<String>,
    pub(super) next_step: String,
    pub(super) id: &'static str,
}

/// A code that is good.
#[derive(Debug)]
pub(super) struct CodeView {
    /// The code in two halves.
    pub(super) halves: (String, String),
    /// Letter by letter, for screen readers.
    pub(super) spelled: String,
    pub(super) enter: String,
    pub(super) security_number: String,
    pub(super) steps: [String; 4],
    pub(super) left: String,
    pub(super) seconds_left: i64,
    pub(super) all_seconds: i64,
}

/// A connection.
#[derive(Debug)]
pub(super) struct ConnectionView {
    pub(super) number: usize,
    pub(super) tone: Tone,
    pub(super) state: &'static str,
    pub(super) since: String,
    pub(super) gateway: Option<String>,
    pub(super) way: String,
    pub(super) peer: Option<String>,
    pub(super) trouble: Option<TroubleView>,
    pub(super) intercepted: Option<String>,
}

/// A fact about the registration, and a remark on it.
#[derive(Debug)]
pub(super) struct FactView {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) remark: Option<String>,
}

/// What the script refreshes, as the templates see it.
#[derive(Debug, Default)]
pub(super) struct LiveView {
    pub(super) heading: String,
    /// In a sentence; `None` while there is nothing to say.
    pub(super) state: Option<(Tone, String)>,
    /// Whether the script looks every second: the time left is counted.
    pub(super) is_busy: bool,
    pub(super) is_under_way: bool,
    pub(super) is_registered: bool,
    pub(super) has_expired: bool,
    pub(super) troubles: Vec<TroubleView>,
    pub(super) code: Option<CodeView>,
    pub(super) facts: Vec<FactView>,
    pub(super) connections: Vec<ConnectionView>,
}

impl LiveView {
    pub(super) fn new(texts: &Texts, status: Option<&ChannelStatus>, now: i64) -> Self {
        let text = &texts.registration;
        let Some(status) = status else {
            return Self {
                heading: text.title.to_owned(),
                state: Some((Tone::Attention, (text.sentences)(text.silent, text.silent_remedy))),
                ..Self::default()
            };
        };
        match &status.registration {
            RegistrationState::NotRegistered { .. } => {
                Self { heading: text.form_heading.to_owned(), ..Self::default() }
            }
            RegistrationState::Registering { applicant, step, trouble } => {
                Self::under_way(texts, applicant, step, (trouble.as_ref(), now))
            }
            RegistrationState::Registered { registration } => {
                Self::registered(texts, status, registration, now)
            }
        }
    }

    fn under_way(
        texts: &Texts,
        applicant: &Applicant,
        step: &RegistrationStep,
        (trouble, now): (Option<&ConnectionTrouble>, i64),
    ) -> Self {
        let text = &texts.registration;
        let state = match step {
            RegistrationStep::CodeExpired { at } => {
                (Tone::Attention, (text.expired)(&time::date_time(*at)))
            }
            _ if trouble.is_some() => (Tone::Attention, text.stuck.to_owned()),
            RegistrationStep::Connecting => {
                (Tone::Busy, (text.connecting)(&applicant.cloud.to_string()))
            }
            RegistrationStep::CodeShown { .. } => (Tone::Busy, text.waiting.to_owned()),
            RegistrationStep::Confirming { .. } => (Tone::Busy, text.confirming.to_owned()),
            RegistrationStep::Proving => (Tone::Busy, text.proving.to_owned()),
        };
        let code = match step {
            RegistrationStep::CodeShown { code, security_number, expires_at }
            | RegistrationStep::Confirming { code, security_number, expires_at } => {
                Some(code_view(texts, applicant, (code, security_number), (*expires_at, now)))
            }
            _ => None,
        };
        Self {
            heading: (text.registering)(&applicant.name),
            state: Some(state),
            is_busy: !matches!(step, RegistrationStep::CodeExpired { .. }),
            is_under_way: true,
            has_expired: matches!(step, RegistrationStep::CodeExpired { .. }),
            troubles: trouble.map(|it| trouble_view(texts, it)).into_iter().collect(),
            code,
            ..Self::default()
        }
    }

    fn registered(
        texts: &Texts,
        status: &ChannelStatus,
        registration: &Registration,
        now: i64,
    ) -> Self {
        let text = &texts.registration;
        let (connected, all) = (status.connected(), status.connections.len());
        let is_dialled =
            status.connections.iter().all(|it| it.state == ConnectionState::Connecting);
        let state = match connected {
            0 if is_dialled => (Tone::Busy, text.dialled.to_owned()),
            0 => (Tone::Failing, text.not_connected.to_owned()),
            some if some < all => (Tone::Attention, (text.connected)(some, all)),
            some => (Tone::Good, (text.connected)(some, all)),
        };
        let clone = status.clone_refused.as_ref().map(|it| clone_view(text, it, now));
        let renewal = registration.renewal_refused_at.map(|at| TroubleView {
            tone: Tone::Attention,
            headline: (text.renewal_refused)(&time::moment(at, now)),
            detail: None,
            next_step: text.renewal_remedy.to_owned(),
            id: "cloud.certificate-not-renewed",
        });
        let view = |(index, it)| connection_view(texts, index + 1, it, now);
        Self {
            heading: registration.name.clone(),
            state: Some(state),
            is_registered: true,
            troubles: clone.into_iter().chain(renewal).collect(),
            facts: facts(texts, registration, status.key_is_sealed, now),
            connections: status.connections.iter().enumerate().map(view).collect(),
            ..Self::default()
        }
    }
}

fn code_view(
    texts: &Texts,
    applicant: &Applicant,
    (ShownCode(code), security_number): (&ShownCode, &str),
    (expires_at, now): (i64, i64),
) -> CodeView {
    let text = &texts.registration;
    let cloud = applicant.cloud.to_string();
    let middle = code.chars().count().div_ceil(2);
    let seconds_left = expires_at.saturating_sub(now).clamp(0, CODE_SECONDS);
    let left = time::duration(texts, seconds_left.unsigned_abs());
    let letters: Vec<_> = code.chars().map(String::from).collect();
    CodeView {
        halves: (code.chars().take(middle).collect(), code.chars().skip(middle).collect()),
        spelled: (text.spelled)(&letters.join(" ")),
        enter: (text.enter_code)(&cloud),
        security_number: security_number.to_owned(),
        steps: (text.steps)(&cloud),
        left: (text.left)(&left, &time::date_time(expires_at)),
        seconds_left,
        all_seconds: CODE_SECONDS,
    }
}

fn trouble_view(texts: &Texts, trouble: &ConnectionTrouble) -> TroubleView {
    let OutboundText { headline, next_step } = problem::advice(texts, trouble);
    let detail = match trouble {
        ConnectionTrouble::NotCloud { detail, .. }
        | ConnectionTrouble::Lost { detail }
        | ConnectionTrouble::Protocol { detail } => Some(detail.clone()),
        _ => None,
    };
    TroubleView { tone: Tone::Failing, headline, detail, next_step, id: trouble.id() }
}

fn clone_view(text: &RegistrationTexts, clone: &CloneRefused, now: i64) -> TroubleView {
    let (addresses, at) = (clone.addresses.join(", "), time::moment(clone.at, now));
    TroubleView {
        tone: Tone::Attention,
        headline: (text.clone)(&clone.host_name, &addresses, &at),
        detail: None,
        next_step: text.clone_remedy.to_owned(),
        id: "cloud.clone-turned-away",
    }
}

fn facts(
    texts: &Texts,
    registration: &Registration,
    key_is_sealed: bool,
    now: i64,
) -> Vec<FactView> {
    let text = &texts.registration;
    let fact = |name, value: &str, remark| FactView { name, value: value.to_owned(), remark };
    let certificate = match registration.certificate_ends_at {
        end if end <= now => text.certificate_expired,
        _ => text.certificate_renewed,
    };
    let is_renewed = registration.renewal_refused_at.is_none();
    vec![
        fact(text.name, &registration.name, Some(text.name_fixed.to_owned())),
        fact(text.customer, &registration.customer_name, Some(registration.customer.clone())),
        fact(text.location, &registration.location_name, Some(registration.location.clone())),
        fact(text.connector, &registration.connector, None),
        fact(text.cloud, &registration.cloud.to_string(), None),
        fact(text.registered_at, &time::date_time(registration.registered_at), None),
        fact(text.key, if key_is_sealed { text.key_is_sealed } else { text.key_is_on_disk }, None),
        fact(
            text.certificate_until,
            &time::date_time(registration.certificate_ends_at),
            is_renewed.then(|| certificate.to_owned()),
        ),
    ]
}

fn connection_view(
    texts: &Texts,
    number: usize,
    connection: &ConnectionStatus,
    now: i64,
) -> ConnectionView {
    let text = &texts.registration;
    let (tone, word, trouble) = match &connection.state {
        ConnectionState::Connecting => (Tone::Busy, ConnectionWord::Connecting, None),
        ConnectionState::Connected => (Tone::Good, ConnectionWord::Connected, None),
        ConnectionState::Failed { trouble } => {
            (Tone::Failing, ConnectionWord::Failed, Some(trouble_view(texts, trouble)))
        }
    };
    let issuer = connection.interception.as_ref().map(|it| it.issuer.as_str());
    ConnectionView {
        number,
        tone,
        state: (text.connection_state)(word),
        since: (text.since)(&time::moment(connection.since, now)),
        gateway: connection.gateway.clone(),
        way: match &connection.proxy {
            Some(proxy) => (text.via)(&proxy.to_string()),
            None => text.direct.to_owned(),
        },
        peer: connection.peer.clone(),
        trouble,
        intercepted: issuer.map(text.intercepted),
    }
}
