//! Is it working? Turns what the roles say into a list of findings, the same for the console, the
//! page and the API.

mod cause;
mod cloud;
mod connections;
mod domains;
mod platform;

use serde::Serialize;

pub use self::cause::Cause;
use crate::channel::ChannelStatus;
use crate::clock::{ClockStatus, ClockTrust};
use crate::diagnostics::DiagnosticsStatus;
use crate::domain::status::DirectoryStatus;
use crate::guest::GuestStatus;
use crate::network::{NetworkState, NetworkStatus};
use crate::role::Role;
use crate::settings::{
    BootParameterReport, CertificateTrial, Identity, NetworkReverted, SettingsStatus, StorageState,
};
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
    /// Joined Active Directory domains.
    Domains,
    /// Registration and the connections to the cloud.
    Cloud,
    /// What the hypervisor or cloud under the appliance hands over.
    Platform,
    /// The processes of the appliance.
    Services,
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
    /// The directory role.
    pub directory: Option<&'status DirectoryStatus>,
    /// The channel role.
    pub channel: Option<&'status ChannelStatus>,
    /// The guest role.
    pub guest: Option<&'status GuestStatus>,
    /// The time of the judgement, in seconds since 1970.
    pub now: i64,
}

/// All findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// In the order in which the page lists them; one per subject at least, except those that are
    /// listed only when there is something to say: boot parameter, changes, identity, slots, proxies,
    /// trust, certificate, domains, cloud and platform.
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
        findings.extend(domains::findings(known));
        findings.extend(cloud::findings(known));
        findings.extend(platform::finding(known));
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
