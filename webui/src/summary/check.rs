//! One thing that was looked at: its state, what was found, what to do.

use model::boot_parameter;
use model::channel::ConnectionTrouble;
use model::clock::{ClockStatus, ClockTrust};
use model::health::{Cause, Finding, Subject};
use model::network::NetworkStatus;

use super::{Summary, Tone};
use crate::registration;
use crate::texts::Texts;
use crate::texts::cause::CauseText;
use crate::texts::summary::SummaryTexts;
use crate::time;

/// What to do about a finding.
#[derive(Debug)]
pub(crate) struct RemedyView {
    pub(crate) steps: Vec<String>,
    /// The page of the first step, if there is one: its path and the words of the link.
    pub(crate) link: Option<(&'static str, &'static str)>,
    /// The language-neutral name of the cause.
    pub(crate) id: &'static str,
}

/// A technical reason as a program gave it.
#[derive(Debug)]
pub(crate) struct ReasonView {
    pub(crate) text: String,
    /// Whether it is in English whatever the language of the page.
    pub(crate) is_english: bool,
}

/// One check as the templates see it.
#[derive(Debug)]
pub(crate) struct CheckView {
    pub(crate) anchor: String,
    pub(crate) tone: Tone,
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) since: Option<String>,
    pub(crate) detail: String,
    pub(crate) reasons: Vec<ReasonView>,
    pub(crate) remedy: Option<RemedyView>,
    /// The page of what was looked at, if it has one: its path and the words of the link.
    pub(crate) page: Option<(&'static str, &'static str)>,
}

impl CheckView {
    pub(crate) fn new(texts: &Texts, summary: &Summary, finding: &Finding, anchor: String) -> Self {
        let text = &texts.summary;
        let name = (text.subject)(finding.subject);
        let since =
            since(summary, finding).map(|since| (text.since)(&time::moment(since, summary.now)));
        let Some(cause) = (texts.cause.text)(finding) else {
            let (tone, state, detail) = good(texts, summary, finding);
            return Self {
                anchor,
                tone,
                name,
                state,
                since,
                detail,
                reasons: Vec::new(),
                remedy: None,
                page: page(texts, summary, finding.subject),
            };
        };
        let CauseText { state, headline, consequence: _, remedies } = cause;
        let first_step = first_step(texts, &finding.cause);
        Self {
            anchor,
            tone: Tone::of(&finding.cause),
            name,
            state,
            since,
            detail: headline,
            reasons: reasons(texts, &finding.cause),
            remedy: Some(RemedyView {
                steps: first_step.into_iter().chain(remedies).collect(),
                link: link(texts, &finding.cause).or_else(|| {
                    let is_known = !matches!(finding.cause, Cause::RoleSilent { .. });
                    page(texts, summary, finding.subject).filter(|_| is_known)
                }),
                id: finding.cause.id(),
            }),
            // The remedy leads there.
            page: None,
        }
    }
}

/// Tone, state and detail of a subject without trouble.
fn good(texts: &Texts, summary: &Summary, finding: &Finding) -> (Tone, &'static str, String) {
    let text = &texts.summary;
    match finding.subject {
        Subject::Network => {
            let detail = summary.network.as_ref().map(|network| connection(text, network));
            (Tone::Good, text.connected, detail.unwrap_or_default())
        }
        Subject::Dns => {
            let servers: Vec<_> = summary
                .network
                .iter()
                .flat_map(|network| &network.dns.value)
                .map(ToString::to_string)
                .collect();
            if servers.is_empty() {
                (Tone::Waiting, text.dns_waits, String::new())
            } else {
                (Tone::Good, text.dns_known, servers.join(", "))
            }
        }
        Subject::Time => clock(text, summary.clock.as_ref()),
        Subject::Storage => (Tone::Good, text.storage_good, text.storage_detail.to_owned()),
        Subject::BootParameter => (Tone::Good, text.boot_parameter_good, String::new()),
        Subject::Cloud => cloud(texts, summary),
        // Listed only when there is something to say.
        Subject::Changes
        | Subject::Identity
        | Subject::Platform
        | Subject::Slots
        | Subject::Proxies
        | Subject::Trust
        | Subject::Certificate
        | Subject::Domains => (Tone::Good, text.nothing_to_note, String::new()),
        Subject::Services => match &summary.init {
            Some(init) => {
                (Tone::Good, text.services_good, (text.services_detail)(init.roles.len()))
            }
            None => (Tone::Waiting, text.services_unknown, String::new()),
        },
    }
}

/// Whether the appliance is registered, and as what.
fn cloud(texts: &Texts, summary: &Summary) -> (Tone, &'static str, String) {
    match summary.registration() {
        Some(it) => {
            let text = texts.registration.registered_as;
            let detail = text(&it.name, &it.customer_name, &it.location_name);
            (Tone::Good, texts.summary.connected, detail)
        }
        None if summary.is_registering() => {
            (Tone::Busy, texts.registration.under_way, String::new())
        }
        None => (Tone::Waiting, texts.summary.not_registered, String::new()),
    }
}

/// The page of a subject without trouble.
fn page(
    texts: &Texts,
    summary: &Summary,
    subject: Subject,
) -> Option<(&'static str, &'static str)> {
    (subject == Subject::Cloud).then(|| (registration::PATH, registration_words(texts, summary)))
}

/// The words of the link to the page of the registration.
fn registration_words(texts: &Texts, summary: &Summary) -> &'static str {
    let text = &texts.registration;
    match summary.registration() {
        Some(_) => text.show_connection,
        None if summary.is_registering() => text.show_code,
        None => text.title,
    }
}

/// Whom a clock that can be relied on follows.
fn clock(text: &SummaryTexts, clock: Option<&ClockStatus>) -> (Tone, &'static str, String) {
    match clock {
        Some(ClockStatus { trust: ClockTrust::Synchronised { server, .. }, offset_ms, .. }) => {
            let detail = offset_ms
                .map_or_else(|| server.clone(), |offset| (text.clock_detail)(server, offset));
            (Tone::Good, text.clock_synchronised, detail)
        }
        _ => (Tone::Good, text.clock_of_hypervisor, String::new()),
    }
}

fn connection(text: &SummaryTexts, network: &NetworkStatus) -> String {
    let Some(address) = &network.address else {
        return String::new();
    };
    let address = address.value.to_string();
    let interface = network.interface.as_deref().unwrap_or("-");
    match &network.gateway {
        Some(gateway) => {
            (text.connected_detail_gateway)(&address, interface, &gateway.value.to_string())
        }
        None => (text.connected_detail)(&address, interface),
    }
}

/// Since when a finding holds, where that is known; in seconds since 1970.
fn since(summary: &Summary, finding: &Finding) -> Option<i64> {
    match &finding.cause {
        Cause::NoLease { since: at }
        | Cause::ProxyUnreachable { since: at, .. }
        | Cause::NoUsableProxy { since: at, .. }
        | Cause::DomainUnusable { since: at, .. }
        | Cause::CloudUnreachable { since: at, .. }
        | Cause::CloudSingleConnection { since: at, .. }
        | Cause::CloudCertificateNotRenewed { since: at, .. }
        | Cause::NetworkReverted { at, .. }
        | Cause::CertificateReverted { at, .. } => Some(*at),
        Cause::RolesStarting | Cause::RoleSilent { .. } => None,
        _ if finding.subject == Subject::Network => {
            summary.network.as_ref().map(|network| network.since)
        }
        _ if finding.subject == Subject::Time => summary.clock.as_ref().map(|clock| clock.since),
        _ => None,
    }
}

/// What to do first, for causes that come from a failed connection or from a domain.
fn first_step(texts: &Texts, cause: &Cause) -> Option<String> {
    match cause {
        Cause::ProxyUnreachable { failure, .. } | Cause::NoUsableProxy { failure, .. } => {
            Some((texts.outbound.text)(failure).next_step)
        }
        Cause::RegistrationStuck { trouble: ConnectionTrouble::Outbound { cause } }
        | Cause::CloudUnreachable { trouble: ConnectionTrouble::Outbound { cause }, .. }
        | Cause::CloudSingleConnection { trouble: ConnectionTrouble::Outbound { cause }, .. } => {
            Some((texts.outbound.text)(cause).next_step)
        }
        Cause::DomainUnusable { failure, .. }
        | Cause::MachinePasswordNotChanged { failure, .. }
        | Cause::ForestUnreachable { failure, .. } => {
            Some((texts.domain_failure.text)(failure).next_step)
        }
        _ => None,
    }
}

fn reasons(texts: &Texts, cause: &Cause) -> Vec<ReasonView> {
    let english = |text: &str| ReasonView { text: text.to_owned(), is_english: true };
    let reasons = match cause {
        Cause::NetworkFailed { reason }
        | Cause::DataUnavailable { reason }
        | Cause::SettingsTrouble { reason }
        | Cause::ClockUnreachable { reason }
        | Cause::BootParameterNotStored { reason }
        | Cause::FirstSettingsUnreachable { reason }
        | Cause::FirstRegistrationFailed { reason } => vec![english(reason)],
        Cause::FirstSettingsRefused { source, reason }
        | Cause::FirstSettingsNotStored { source, reason } => {
            vec![english(source.name()), english(reason)]
        }
        Cause::RoleFailed { last_exit, .. } => vec![english(last_exit)],
        Cause::ProxyUnreachable { failure, .. } | Cause::NoUsableProxy { failure, .. } => {
            let text = (texts.outbound.text)(failure).headline;
            vec![ReasonView { text, is_english: false }]
        }
        Cause::DomainUnusable { failure, .. }
        | Cause::MachinePasswordNotChanged { failure, .. }
        | Cause::ForestUnreachable { failure, .. } => {
            let text = (texts.domain_failure.text)(failure).headline;
            vec![ReasonView { text, is_english: false }]
        }
        Cause::RegistrationStuck { trouble }
        | Cause::CloudUnreachable { trouble, .. }
        | Cause::CloudSingleConnection { trouble, .. } => connection_reason(texts, trouble),
        Cause::SlotFellBack { failure } => vec![english(&failure.reason.to_string())],
        Cause::BootParameterRefused { parameter, reason } => {
            vec![english(parameter), boot_parameter_reason(texts, parameter, reason)]
        }
        Cause::Good
        | Cause::NotRegistered
        | Cause::RemovedFromCloud { .. }
        | Cause::RegistrationSealed { .. }
        | Cause::CloneTurnedAway { .. }
        | Cause::CloudCertificateExpired { .. }
        | Cause::CloudCertificateNotRenewed { .. }
        | Cause::NetworkStarting
        | Cause::NoInterface
        | Cause::NoLink
        | Cause::NoLease { .. }
        | Cause::AddressConflict { .. }
        | Cause::NoDnsServer
        | Cause::ClockWaiting
        | Cause::ClockBeforeBuild
        | Cause::NetworkReverted { .. }
        | Cause::CertificateReverted { .. }
        | Cause::MachineCopied
        | Cause::SlotsAllFailed
        | Cause::TlsIntercepted { .. }
        | Cause::TlsInterceptionRefused { .. }
        | Cause::RootExpired { .. }
        | Cause::RootExpiresSoon { .. }
        | Cause::CertificateExpired { .. }
        | Cause::CertificateExpiresSoon { .. }
        | Cause::RolesStarting
        | Cause::RoleSilent { .. } => Vec::new(),
    };
    reasons.into_iter().filter(|reason| !reason.text.is_empty()).collect()
}

/// Why there is no connection to the cloud, where more is known than its kind.
fn connection_reason(texts: &Texts, trouble: &ConnectionTrouble) -> Vec<ReasonView> {
    match trouble {
        ConnectionTrouble::Outbound { cause } => {
            let text = (texts.outbound.text)(cause).headline;
            vec![ReasonView { text, is_english: false }]
        }
        ConnectionTrouble::NotCloud { detail, .. }
        | ConnectionTrouble::Lost { detail }
        | ConnectionTrouble::Protocol { detail } => {
            vec![ReasonView { text: detail.clone(), is_english: true }]
        }
        ConnectionTrouble::SettingsUnknown
        | ConnectionTrouble::WrongIdentity
        | ConnectionTrouble::Refused { .. }
        | ConnectionTrouble::Silent
        | ConnectionTrouble::NotRenewed => Vec::new(),
    }
}

/// Why the boot parameter is refused, in the language of the page.
///
/// The settings role says it in English; reading the parameter again tells which error it was.
fn boot_parameter_reason(texts: &Texts, parameter: &str, reason: &str) -> ReasonView {
    let in_other_language = texts.cause.boot_parameter.and_then(|translate| {
        let error = boot_parameter::from_command_line(parameter)?.err()?;
        Some(translate(&error))
    });
    in_other_language.map_or_else(
        || ReasonView { text: reason.to_owned(), is_english: true },
        |text| ReasonView { text, is_english: false },
    )
}

/// The page on which a remedy begins.
const fn link(texts: &Texts, cause: &Cause) -> Option<(&'static str, &'static str)> {
    match cause {
        Cause::DataUnavailable { .. } | Cause::RoleFailed { .. } | Cause::RoleSilent { .. } => {
            Some(("/restart", texts.frame.restart))
        }
        Cause::NoLease { .. }
        | Cause::AddressConflict { .. }
        | Cause::NoDnsServer
        | Cause::ClockUnreachable { .. } => {
            Some(("/network-settings", texts.network_settings.open))
        }
        Cause::NetworkReverted { .. } => {
            Some(("/network-settings/reverted", texts.network_settings.what_was_tried))
        }
        Cause::CertificateReverted { .. }
        | Cause::CertificateExpired { .. }
        | Cause::CertificateExpiresSoon { .. } => {
            Some(("/certificate", texts.replace_certificate.open))
        }
        Cause::ProxyUnreachable { .. } | Cause::NoUsableProxy { .. } => {
            Some(("/#proxies", texts.proxies.heading))
        }
        Cause::TlsIntercepted { .. }
        | Cause::TlsInterceptionRefused { .. }
        | Cause::RootExpired { .. }
        | Cause::RootExpiresSoon { .. } => Some(("/#roots", texts.roots.heading)),
        Cause::DomainUnusable { .. }
        | Cause::MachinePasswordNotChanged { .. }
        | Cause::ForestUnreachable { .. } => Some(("/#domains", texts.domains.heading)),
        Cause::MachineCopied => Some(("/identity", texts.reset.decide)),
        _ => None,
    }
}
