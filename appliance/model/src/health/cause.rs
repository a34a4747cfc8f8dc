//! What can be found, named without language.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::Severity;
use crate::channel::{ConnectionTrouble, SealTrouble};
use crate::domain::DomainName;
use crate::domain::failure::DomainFailure;
use crate::guest::FirstSource;
use crate::outbound::FailureCause;
use crate::proxy::ProxyLocation;
use crate::role::Role;
use crate::settings::RevertReason;
use crate::slot_report::SlotFailure;

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
    /// A joined domain cannot be used.
    DomainUnusable {
        /// The domain.
        domain: DomainName,
        /// Why.
        failure: DomainFailure,
        /// Since when, in seconds since 1970.
        since: i64,
    },
    /// The password of a machine account is due and could not be changed.
    MachinePasswordNotChanged {
        /// The domain.
        domain: DomainName,
        /// Why.
        failure: DomainFailure,
    },
    /// A joined domain can be used, and the root domain of its forest cannot.
    ForestUnreachable {
        /// The domain.
        domain: DomainName,
        /// The root domain.
        forest: String,
        /// Why.
        failure: DomainFailure,
    },
    /// The appliance is not registered with a cloud. Nothing is wrong: it is new, or is to be so.
    NotRegistered,
    /// The appliance was removed in the cloud.
    RemovedFromCloud {
        /// Name that it had.
        name: String,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The appliance is registered and cannot use its key, which a TPM has sealed.
    RegistrationSealed {
        /// Name that it has.
        name: String,
        /// Why not.
        trouble: SealTrouble,
    },
    /// A registration is under way, and the cloud is not reached.
    RegistrationStuck {
        /// Why.
        trouble: ConnectionTrouble,
    },
    /// No connection to the cloud works.
    CloudUnreachable {
        /// Why the first one does not.
        trouble: ConnectionTrouble,
        /// Since when none does, in seconds since 1970.
        since: i64,
    },
    /// One connection to the cloud works and another one does not.
    CloudSingleConnection {
        /// Why it does not.
        trouble: ConnectionTrouble,
        /// Since when, in seconds since 1970.
        since: i64,
    },
    /// Another machine with the key of this appliance wanted to connect with the cloud.
    CloneTurnedAway {
        /// Its host name.
        host_name: String,
        /// Its addresses.
        addresses: Vec<String>,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The certificate that the cloud issued has expired.
    CloudCertificateExpired {
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The cloud does not renew the certificate of the appliance.
    CloudCertificateNotRenewed {
        /// Since when, in seconds since 1970.
        since: i64,
        /// When it expires, in seconds since 1970.
        until: i64,
    },
    /// The platform handed over first settings that cannot be used.
    FirstSettingsRefused {
        /// Where they stand.
        source: FirstSource,
        /// What is wrong, in English.
        reason: String,
    },
    /// First settings of the platform could not be stored.
    FirstSettingsNotStored {
        /// Where they stand.
        source: FirstSource,
        /// Why, in English.
        reason: String,
    },
    /// The metadata service of the cloud under the appliance does not answer.
    FirstSettingsUnreachable {
        /// Why, in English.
        reason: String,
    },
    /// The registration that the first settings ask for has failed, and is tried again.
    FirstRegistrationFailed {
        /// Why, in English.
        reason: String,
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
            Self::DomainUnusable { .. } => "domains.unusable",
            Self::MachinePasswordNotChanged { .. } => "domains.password-not-changed",
            Self::ForestUnreachable { .. } => "domains.forest-unreachable",
            Self::NotRegistered => "cloud.not-registered",
            Self::RemovedFromCloud { .. } => "cloud.removed",
            Self::RegistrationSealed { .. } => "cloud.registration-sealed",
            Self::RegistrationStuck { .. } => "cloud.registration-stuck",
            Self::CloudUnreachable { .. } => "cloud.unreachable",
            Self::CloudSingleConnection { .. } => "cloud.single-connection",
            Self::CloneTurnedAway { .. } => "cloud.clone-turned-away",
            Self::CloudCertificateExpired { .. } => "cloud.certificate-expired",
            Self::CloudCertificateNotRenewed { .. } => "cloud.certificate-not-renewed",
            Self::FirstSettingsRefused { .. } => "platform.first-settings-refused",
            Self::FirstSettingsNotStored { .. } => "platform.first-settings-not-stored",
            Self::FirstSettingsUnreachable { .. } => "platform.metadata-unreachable",
            Self::FirstRegistrationFailed { .. } => "platform.registration-failed",
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
            Self::Good | Self::NotRegistered => Severity::Good,
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
            | Self::MachinePasswordNotChanged { .. }
            | Self::ForestUnreachable { .. }
            | Self::RemovedFromCloud { .. }
            | Self::RegistrationStuck { .. }
            | Self::CloudSingleConnection { .. }
            | Self::CloneTurnedAway { .. }
            | Self::CloudCertificateExpired { .. }
            | Self::CloudCertificateNotRenewed { .. }
            | Self::FirstSettingsRefused { .. }
            | Self::FirstSettingsNotStored { .. }
            | Self::FirstSettingsUnreachable { .. }
            | Self::FirstRegistrationFailed { .. }
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
            | Self::DomainUnusable { .. }
            | Self::RegistrationSealed { .. }
            | Self::CloudUnreachable { .. }
            | Self::RoleFailed { .. }
            | Self::RoleSilent { .. } => Severity::Failing,
        }
    }
}
