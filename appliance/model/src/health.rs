//! Is it working? Turns what the roles say into a list of findings, the same for the console, the
//! page and the API.

mod connections;

use std::net::Ipv4Addr;

use serde::Serialize;

use crate::clock::{ClockStatus, ClockTrust};
use crate::diagnostics::DiagnosticsStatus;
use crate::network::{NetworkState, NetworkStatus};
use crate::outbound::FailureCause;
use crate::proxy::ProxyLocation;
use crate::role::Role;
use crate::settings::{
    BootParameterReport, CertificateTrial, Identity, NetworkReverted, RevertReason, SettingsStatus,
    StorageState,
};
use crate::slot_report::SlotFailure;
use crate::supervision::{DataState, InitStatus, RoleState, RoleStatus};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do.
    Good,
    /// Worth knowing; the appliance works.
    Attention,
    /// The appliance does not do its work.
    Failing,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Link, address and gateway.
    Network,
    /// DNS servers.
    Dns,
    /// The clock.
    Time,
    /// Storage of settings.
    Storage,
    /// The boot parameter of this start.
    BootParameter,
    /// Changes that were taken back.
    Changes,
    /// Whether this machine is a copy.
    Identity,
    /// The slots that the system starts from.
    Slots,
    /// Web proxies.
    Proxies,
    /// Added root authorities, and TLS interception.
    Trust,
    /// The certificate of the admin page.
    Certificate,
    /// The processes of the appliance.
    Services,
}

/// A finding, named without language. Texts for each cause stand in the console and in the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// All is well.
    Good,
    /// The network has only begun to start.
    NetworkStarting,
    /// No network card.
    NoInterface,
    /// The cable is out.
    NoLink,
    /// No DHCP server answers.
    NoLease {
        /// Since when, in seconds since 1970.
        since: i64,
    },
    /// Another machine uses the address.
    AddressConflict {
        /// The address.
        address: Ipv4Addr,
        /// Hardware address of the other machine.
        holder: String,
    },
    /// The kernel refused a setting.
    NetworkFailed {
        /// Technical reason.
        reason: String,
    },
    /// No DNS server is known.
    NoDnsServer,
    /// No time server has answered yet since the start.
    ClockWaiting,
    /// No time server gives a usable answer.
    ClockUnreachable {
        /// What went wrong with each.
        reason: String,
    },
    /// The clock is earlier than the time at which this release was built.
    ClockBeforeBuild,
    /// New network settings were taken back.
    NetworkReverted {
        /// Why.
        reason: RevertReason,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// A new certificate was taken back.
    CertificateReverted {
        /// Why.
        reason: RevertReason,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The virtual machine is a copy of another appliance, or was moved.
    MachineCopied,
    /// A slot did not come up, so the other one runs.
    SlotFellBack {
        /// Which, and why.
        failure: SlotFailure,
    },
    /// No slot came up, and all were tried again from the beginning.
    SlotsAllFailed,
    /// `/data` is not usable; nothing survives a restart.
    DataUnavailable {
        /// Technical reason.
        reason: String,
    },
    /// Settings could not be read or written.
    SettingsTrouble {
        /// Technical reason.
        reason: String,
    },
    /// `network=` is malformed and not used.
    BootParameterRefused {
        /// The parameter as typed.
        parameter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `network=` is used for this start and could not be stored.
    BootParameterNotStored {
        /// Technical reason.
        reason: String,
    },
    /// A proxy cannot be used, and another one can.
    ProxyUnreachable {
        /// Host and port.
        location: ProxyLocation,
        /// Why.
        failure: FailureCause,
        /// Since when, in seconds since 1970.
        since: i64,
    },
    /// No proxy can be used, so that nothing outside is reached.
    NoUsableProxy {
        /// How many there are.
        count: usize,
        /// Host and port of the first one.
        location: ProxyLocation,
        /// Why the first one cannot be used.
        failure: FailureCause,
        /// Since when none can be used, in seconds since 1970.
        since: i64,
    },
    /// Somebody on the way reads TLS connections, and the appliance trusts them to.
    TlsIntercepted {
        /// Whose certificate stands in place of the server's.
        issuer: String,
        /// The server as `host:port`.
        server: String,
        /// When it was seen last, in seconds since 1970.
        at: i64,
    },
    /// Somebody on the way reads TLS connections, and the appliance does not trust them.
    TlsInterceptionRefused {
        /// Whose certificate stands in place of the server's.
        issuer: String,
        /// The server as `host:port`.
        server: String,
        /// When it was seen last, in seconds since 1970.
        at: i64,
    },
    /// An added root authority has expired.
    RootExpired {
        /// Its subject.
        authority: String,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// An added root authority expires within [`crate::expiry::EXPIRES_SOON_DAYS`].
    RootExpiresSoon {
        /// Its subject.
        authority: String,
        /// Whole days that are left.
        days: i64,
    },
    /// The certificate of the admin page has expired.
    CertificateExpired {
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The certificate of the admin page expires within [`crate::expiry::EXPIRES_SOON_DAYS`].
    CertificateExpiresSoon {
        /// Whole days that are left.
        days: i64,
    },
    /// A process keeps ending.
    RoleFailed {
        /// Which.
        role: Role,
        /// How it ended last.
        last_exit: String,
    },
    /// Some processes have not said yet that they are ready.
    RolesStarting,
    /// A role does not answer, so its state is unknown.
    RoleSilent {
        /// Which.
        role: Role,
    },
}

impl Cause {
    /// The language-neutral identifier: the same on console, page, API and report.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::NetworkStarting => "network.starting",
            Self::NoInterface => "network.no-interface",
            Self::NoLink => "network.no-link",
            Self::NoLease { .. } => "network.no-lease",
            Self::AddressConflict { .. } => "network.address-conflict",
            Self::NetworkFailed { .. } => "network.failed",
            Self::ClockWaiting => "time.waiting",
            Self::ClockUnreachable { .. } => "time.unreachable",
            Self::ClockBeforeBuild => "time.before-build",
            Self::NetworkReverted { .. } => "changes.network-reverted",
            Self::CertificateReverted { .. } => "changes.certificate-reverted",
            Self::MachineCopied => "identity.copied",
            Self::SlotFellBack { .. } => "slots.fallback",
            Self::SlotsAllFailed => "slots.all-failed",
            Self::NoDnsServer => "dns.no-server",
            Self::DataUnavailable { .. } => "storage.data-unavailable",
            Self::SettingsTrouble { .. } => "storage.settings",
            Self::BootParameterRefused { .. } => "boot-parameter.refused",
            Self::BootParameterNotStored { .. } => "boot-parameter.not-stored",
            Self::ProxyUnreachable { .. } => "proxies.unreachable",
            Self::NoUsableProxy { .. } => "proxies.none-usable",
            Self::TlsIntercepted { .. } => "trust.intercepted",
            Self::TlsInterceptionRefused { .. } => "trust.interception-refused",
            Self::RootExpired { .. } => "trust.root-expired",
            Self::RootExpiresSoon { .. } => "trust.root-expires-soon",
            Self::CertificateExpired { .. } => "certificate.expired",
            Self::CertificateExpiresSoon { .. } => "certificate.expires-soon",
            Self::RoleFailed { .. } => "services.failed",
            Self::RolesStarting => "services.starting",
            Self::RoleSilent { .. } => "services.silent",
        }
    }

    /// Whether it passes by itself within seconds after a start.
    #[must_use]
    pub const fn is_starting(&self) -> bool {
        matches!(self, Self::NetworkStarting | Self::ClockWaiting | Self::RolesStarting)
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Good => Severity::Good,
            Self::NetworkStarting
            | Self::NoDnsServer
            | Self::ClockWaiting
            | Self::ClockUnreachable { .. }
            | Self::NetworkReverted { .. }
            | Self::CertificateReverted { .. }
            | Self::SlotFellBack { .. }
            | Self::SlotsAllFailed
            | Self::SettingsTrouble { .. }
            | Self::BootParameterRefused { .. }
            | Self::BootParameterNotStored { .. }
            | Self::ProxyUnreachable { .. }
            | Self::TlsIntercepted { .. }
            | Self::RootExpired { .. }
            | Self::RootExpiresSoon { .. }
            | Self::CertificateExpired { .. }
            | Self::CertificateExpiresSoon { .. }
            | Self::RolesStarting => Severity::Attention,
            Self::NoInterface
            | Self::NoLink
            | Self::NoLease { .. }
            | Self::AddressConflict { .. }
            | Self::NetworkFailed { .. }
            | Self::ClockBeforeBuild
            | Self::MachineCopied
            | Self::DataUnavailable { .. }
            | Self::NoUsableProxy { .. }
            | Self::TlsInterceptionRefused { .. }
            | Self::RoleFailed { .. }
            | Self::RoleSilent { .. } => Severity::Failing,
        }
    }
}

/// One thing that was looked at and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: Subject,
    /// What was found.
    #[serde(flatten)]
    pub cause: Cause,
}

/// What the roles say at one moment; `None` = the role does not answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'status> {
    /// The network role.
    pub network: Option<&'status NetworkStatus>,
    /// The settings role.
    pub settings: Option<&'status SettingsStatus>,
    /// The time role.
    pub clock: Option<&'status ClockStatus>,
    /// PID 1.
    pub init: Option<&'status InitStatus>,
    /// The diagnostics role.
    pub diagnostics: Option<&'status DiagnosticsStatus>,
    /// The time of the judgement, in seconds since 1970.
    pub now: i64,
}

/// All findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// In the order in which the page lists them; one per subject at least, except those that are
    /// listed only when there is something to say: boot parameter, changes, identity, slots, proxies,
    /// trust and certificate.
    pub findings: Vec<Finding>,
}

impl Health {
    /// Judges what the roles say.
    #[must_use]
    pub fn judge(known: &Known<'_>) -> Self {
        let Known { network, settings, clock, init, .. } = *known;
        let mut findings = Vec::new();
        let mut found = |subject, cause| findings.push(Finding { subject, cause });
        found(
            Subject::Network,
            network.map_or_else(|| unheard(Role::Network, init), network_cause),
        );
        if let Some(network) = network {
            let has_dns = !network.dns.value.is_empty();
            let is_missed = network.state == NetworkState::Configured && !has_dns;
            found(Subject::Dns, if is_missed { Cause::NoDnsServer } else { Cause::Good });
        }
        found(
            Subject::Time,
            clock.map_or_else(|| unheard(Role::Time, init), |clock| clock_cause(&clock.trust)),
        );
        found(Subject::Storage, storage_cause(settings, init));
        match settings.and_then(|settings| settings.boot_parameter.as_ref()) {
            Some(BootParameterReport::Refused { parameter, reason }) => found(
                Subject::BootParameter,
                Cause::BootParameterRefused {
                    parameter: parameter.clone(),
                    reason: reason.clone(),
                },
            ),
            Some(BootParameterReport::NotStored { reason }) => found(
                Subject::BootParameter,
                Cause::BootParameterNotStored { reason: reason.clone() },
            ),
            Some(BootParameterReport::Stored) | None => {}
        }
        if let Some(settings) = settings {
            if let Some(NetworkReverted { reason, at, .. }) = settings.settings.network_reverted {
                found(Subject::Changes, Cause::NetworkReverted { reason, at });
            }
            if let Some(CertificateTrial::Reverted { reason, at, .. }) = settings.certificate_trial
            {
                found(Subject::Changes, Cause::CertificateReverted { reason, at });
            }
            if settings.identity != Identity::Known {
                found(Subject::Identity, Cause::MachineCopied);
            }
        }
        if let Some(slots) = init.map(|init| &init.slots) {
            if let Some(failure) = &slots.fallback {
                found(Subject::Slots, Cause::SlotFellBack { failure: failure.clone() });
            }
            if slots.all_failed {
                found(Subject::Slots, Cause::SlotsAllFailed);
            }
        }
        findings.extend(connections::findings(known));
        let services = services_causes(init).into_iter();
        findings.extend(services.map(|cause| Finding { subject: Subject::Services, cause }));
        Self { findings }
    }

    /// The worst finding's severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.cause.severity()).max().unwrap_or(Severity::Good)
    }

    /// Whether nothing is wrong except that the appliance has only just started.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        let causes = self.causes();
        !causes.is_empty() && causes.iter().all(|finding| finding.cause.is_starting())
    }

    /// Everything that is not good, worst first, in the order of the list otherwise.
    #[must_use]
    pub fn causes(&self) -> Vec<&Finding> {
        let mut causes: Vec<_> = self
            .findings
            .iter()
            .filter(|finding| finding.cause.severity() != Severity::Good)
            .collect();
        causes.sort_by_key(|finding| std::cmp::Reverse(finding.cause.severity()));
        causes
    }
}

/// A role that does not answer: still starting, unless PID 1 says that it was ready.
fn unheard(role: Role, init: Option<&InitStatus>) -> Cause {
    let roles = init.map_or(&[][..], |init| &init.roles);
    let was_ready = |status: &RoleStatus| status.role == role && status.state == RoleState::Ready;
    if roles.iter().any(was_ready) { Cause::RoleSilent { role } } else { Cause::RolesStarting }
}

fn network_cause(status: &NetworkStatus) -> Cause {
    match &status.state {
        NetworkState::Starting => Cause::NetworkStarting,
        NetworkState::NoInterface => Cause::NoInterface,
        NetworkState::NoLink => Cause::NoLink,
        NetworkState::NoLease { since } => Cause::NoLease { since: *since },
        NetworkState::Configured => Cause::Good,
        NetworkState::AddressConflict { contested, holder } => {
            Cause::AddressConflict { address: *contested, holder: holder.clone() }
        }
        NetworkState::Failed { reason } => Cause::NetworkFailed { reason: reason.clone() },
    }
}

fn clock_cause(trust: &ClockTrust) -> Cause {
    match trust {
        ClockTrust::Waiting => Cause::ClockWaiting,
        ClockTrust::Synchronised { .. } | ClockTrust::Hypervisor => Cause::Good,
        ClockTrust::Unreachable { reason, .. } => {
            Cause::ClockUnreachable { reason: reason.clone() }
        }
        ClockTrust::BeforeBuild => Cause::ClockBeforeBuild,
    }
}

fn storage_cause(settings: Option<&SettingsStatus>, init: Option<&InitStatus>) -> Cause {
    if let Some(DataState::Unavailable { reason }) = init.map(|init| &init.data) {
        return Cause::DataUnavailable { reason: reason.clone() };
    }
    match settings.map(|settings| &settings.storage) {
        None => unheard(Role::Settings, init),
        Some(StorageState::Good) => Cause::Good,
        Some(StorageState::Trouble { reason }) => Cause::SettingsTrouble { reason: reason.clone() },
    }
}

fn services_causes(init: Option<&InitStatus>) -> Vec<Cause> {
    // PID 1 answers within a moment of its start; what it does not vouch for is not healthy.
    let Some(InitStatus { roles, .. }) = init else { return vec![Cause::RolesStarting] };
    let failed: Vec<_> = roles
        .iter()
        .filter(|status| status.state == RoleState::Failed)
        .map(|status| Cause::RoleFailed {
            role: status.role,
            last_exit: status.last_exit.clone().unwrap_or_default(),
        })
        .collect();
    if !failed.is_empty() {
        return failed;
    }
    let is_starting = roles.iter().any(|status| status.state == RoleState::Starting);
    vec![if is_starting { Cause::RolesStarting } else { Cause::Good }]
}

#[cfg(test)]
mod tests;
