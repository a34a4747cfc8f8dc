//! The section *Connector summary*: is it working, what is wrong, what to do, the values in use.

mod check;
mod fact;

use model::channel::{ChannelStatus, Registration, RegistrationState};
use model::clock::ClockStatus;
use model::diagnostics::DiagnosticsStatus;
use model::domain::status::DirectoryStatus;
use model::health::{Cause, Health, Severity};
use model::network::NetworkStatus;
use model::settings::SettingsStatus;
use model::supervision::InitStatus;

use self::check::CheckView;
use self::fact::FactView;
use crate::texts::Texts;
use crate::texts::cause::CauseText;
use crate::time;

/// What the section *Connector summary* shows. `None` = the role does not answer.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The findings, from [`Health::judge`].
    pub health: Health,
    /// The network values in use.
    pub network: Option<NetworkStatus>,
    /// The settings.
    pub settings: Option<SettingsStatus>,
    /// Whether the clock is right.
    pub clock: Option<ClockStatus>,
    /// PID 1's view.
    pub init: Option<InitStatus>,
    /// State of the proxies, and who intercepts TLS.
    pub diagnostics: Option<DiagnosticsStatus>,
    /// Joined domains.
    pub directory: Option<DirectoryStatus>,
    /// Registration and connections with the cloud.
    pub channel: Option<ChannelStatus>,
    /// Version of the product: [`model::product::VERSION`].
    pub version: String,
    /// Seconds since the machine started.
    pub uptime_seconds: u64,
    /// The time of this answer, in seconds since 1970.
    pub now: i64,
}

impl Summary {
    /// The registration, if the appliance is registered.
    pub(crate) fn registration(&self) -> Option<&Registration> {
        self.channel.as_ref().and_then(ChannelStatus::registered)
    }

    /// Whether a registration is under way.
    pub(crate) fn is_registering(&self) -> bool {
        let channel = self.channel.as_ref().map(|channel| &channel.registration);
        matches!(channel, Some(RegistrationState::Registering { .. }))
    }
}

/// How something is: picks icon, colour and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Attention,
    Failing,
    /// Waits for something else.
    Waiting,
    /// Under way.
    Busy,
}

impl Tone {
    /// Class in the style sheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "is-ok",
            Self::Attention => "is-warn",
            Self::Failing => "is-bad",
            Self::Waiting => "is-off",
            Self::Busy => "is-info",
        }
    }

    /// Name of the icon.
    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Attention => "warn",
            Self::Failing => "bad",
            Self::Waiting => "wait",
            Self::Busy => "busy",
        }
    }

    fn of(cause: &Cause) -> Self {
        match cause.severity() {
            Severity::Attention if cause.is_starting() => Self::Busy,
            severity => severity.into(),
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Good => Self::Good,
            Severity::Attention => Self::Attention,
            Severity::Failing => Self::Failing,
        }
    }
}

/// The state of a section, for the list of sections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateView {
    pub(crate) tone: Tone,
    /// In one word, for screen readers.
    pub(crate) word: &'static str,
}

/// A line of the numbered causes.
#[derive(Debug)]
pub(crate) struct CauseView {
    /// Id of the check to look at.
    pub(crate) anchor: String,
    pub(crate) headline: String,
    pub(crate) consequence: &'static str,
}

/// The section as the templates see it.
#[derive(Debug)]
pub(crate) struct SummaryView {
    pub(crate) tone: Tone,
    /// The state of the section in one word, for screen readers.
    pub(crate) tone_word: &'static str,
    pub(crate) headline: String,
    pub(crate) explanation: String,
    pub(crate) causes: Vec<CauseView>,
    pub(crate) checks: Vec<CheckView>,
    pub(crate) facts: Vec<FactView>,
    pub(crate) checked: String,
    pub(crate) edit_network: &'static str,
}

impl SummaryView {
    pub(crate) fn new(texts: &'static Texts, summary: &Summary) -> Self {
        let text = &texts.summary;
        let findings = &summary.health.findings;
        let anchor = |index: usize| format!("check-{}", index + 1);
        let mut causes: Vec<(Severity, CauseView)> = findings
            .iter()
            .enumerate()
            .filter_map(|(index, finding)| {
                let CauseText { headline, consequence, .. } = (texts.cause.text)(finding)?;
                let view = CauseView { anchor: anchor(index), headline, consequence };
                Some((finding.cause.severity(), view))
            })
            .collect();
        // Worst first; the order of the checks otherwise.
        causes.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        let causes: Vec<_> = causes.into_iter().map(|(_, view)| view).collect();
        let (tone, headline, tone_word) = match summary.health.severity() {
            Severity::Good if summary.registration().is_some() => {
                (Tone::Good, text.healthy_registered.to_owned(), text.tone_ok)
            }
            Severity::Good => (Tone::Good, text.healthy.to_owned(), text.tone_ok),
            Severity::Attention if summary.health.is_starting() => {
                (Tone::Busy, text.starting.to_owned(), text.starting)
            }
            Severity::Attention => {
                (Tone::Attention, (text.attention)(causes.len()), text.tone_warn)
            }
            Severity::Failing => (Tone::Failing, (text.failing)(causes.len()), text.tone_bad),
        };
        let (total, passed) = (findings.len(), findings.len() - causes.len());
        Self {
            tone,
            tone_word,
            headline,
            explanation: if causes.is_empty() {
                (text.all_passed)(total)
            } else {
                (text.some_passed)(passed, total)
            },
            causes,
            checks: findings
                .iter()
                .enumerate()
                .map(|(index, finding)| CheckView::new(texts, summary, finding, anchor(index)))
                .collect(),
            facts: fact::facts(texts, summary),
            edit_network: texts.network_settings.open,
            checked: (text.checked)(&time::date_time(summary.now)),
        }
    }
}
