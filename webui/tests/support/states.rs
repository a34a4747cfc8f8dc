//! Every page in every state, for the tests and the preview.

use model::channel::{ChannelStatus, ConnectionTrouble, SealTrouble};
use model::clock::{ClockStatus, ClockTrust};
use model::deployment::Deployment;
use model::diagnostics::DiagnosticsStatus;
use model::domain::DomainName;
use model::domain::failure::DomainFailure;
use model::domain::status::DirectoryStatus;
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::guest::FirstSource;
use model::health::{Cause, Finding, Health, Known, Subject};
use model::network::{InterfaceFacts, LeaseFacts, NetworkState, NetworkStatus, Origin, Sourced};
use model::outbound::{FailureCause, ProxyTrouble};
use model::password::PasswordError;
use model::proxy::ProxyLocation;
use model::role::Role;
use model::settings::{RevertReason, Settings, SettingsStatus};
use model::slot::Slot;
use model::slot_report::{FailureReason, SlotFailure, SlotReport};
use model::supervision::{DataState, InitStatus, RoleState, RoleStatus};
use webui::{
    Administration, ChangePassword, CreatePassword, DomainsTab, ErrorKind, ErrorPage, Frame,
    Language, PasswordField, PasswordProblem, Restart, Restarting, SignIn, SignInError,
    SignInNotice, Summary,
};

#[path = "certificate_states.rs"]
mod certificate_states;
#[path = "connection_states.rs"]
pub(crate) mod connection_states;
#[path = "diagnostics_states.rs"]
pub(crate) mod diagnostics_states;
#[path = "domain_states.rs"]
pub(crate) mod domain_states;
#[path = "network_states.rs"]
mod network_states;
#[path = "probe_states.rs"]
mod probe_states;
#[path = "registration_states.rs"]
pub(crate) mod registration_states;
#[path = "session_states.rs"]
mod session_states;

/// 2026-11-20 10:04:18 UTC.
pub(crate) const NOW: i64 = 1_795_169_058;

/// A page that has been rendered.
pub(crate) struct Page {
    /// A name for files and messages.
    pub(crate) name: String,
    /// Its language.
    pub(crate) language: Language,
    /// The HTML.
    pub(crate) html: String,
}

pub(crate) fn frame(language: Language, signed_in: bool, path: &str) -> Frame {
    Frame {
        language,
        host_name: "connector-hq-01".to_owned(),
        signed_in,
        csrf_token: Some("4fVq0Yl8mWk".to_owned()),
        path: path.to_owned(),
    }
}

pub(crate) fn certificate() -> CertificateFacts {
    let bytes: Vec<u8> =
        (0..32).map(|index| 0x6e_u8.wrapping_mul(index).wrapping_add(19)).collect();
    CertificateFacts {
        sha1: Fingerprint::new(&bytes[..20]),
        sha256: Fingerprint::new(&bytes),
        names: vec!["10.71.57.66".to_owned(), "connector-hq-01.corp.example.com".to_owned()],
        not_before: NOW - 266_400,
        not_after: NOW + 5 * 365 * 86_400,
    }
}

pub(crate) fn network() -> NetworkStatus {
    let address = "10.71.57.66".parse().expect("an address");
    let prefix = model::ipv4::PrefixLength::new(24).expect("a prefix");
    NetworkStatus {
        state: NetworkState::Configured,
        since: NOW - 6600,
        interface: Some("eth0".to_owned()),
        hardware_address: Some("52:54:00:12:34:56".to_owned()),
        address: Some(Sourced::new(model::ipv4::HostNet { address, prefix }, Origin::Dhcp)),
        gateway: Some(Sourced::new([10, 71, 57, 1].into(), Origin::Dhcp)),
        dns: Sourced::new(vec![[10, 0, 0, 2].into(), [10, 0, 0, 3].into()], Origin::Dhcp),
        ntp: Sourced::new(vec!["ntp1.corp.example.com".to_owned()], Origin::BootParameter),
        host_name: Sourced::new("connector-hq-01".to_owned(), Origin::Dhcp),
        domain: Some(Sourced::new("corp.example.com".to_owned(), Origin::Dhcp)),
        lease: Some(LeaseFacts {
            server: [10, 71, 57, 2].into(),
            obtained: NOW - 6600,
            duration_seconds: Some(86_400),
        }),
        interfaces: ["eth0", "eth1"]
            .into_iter()
            .zip([true, false])
            .map(|(name, is_in_use)| InterfaceFacts {
                name: name.to_owned(),
                hardware_address: "52:54:00:12:34:56".to_owned(),
                has_link: is_in_use,
                is_in_use,
            })
            .collect(),
    }
}

pub(crate) fn settings() -> SettingsStatus {
    let deployment = Deployment::try_from("productionjp".to_owned()).ok();
    SettingsStatus {
        has_administrator: true,
        certificate: Some(certificate()),
        ..SettingsStatus::new(3, Settings { deployment, ..Settings::default() })
    }
}

pub(crate) fn clock() -> ClockStatus {
    let trust = ClockTrust::Synchronised { server: "10.0.0.3".to_owned(), at: NOW - 30 };
    ClockStatus { trust, offset_ms: Some(-3), ..ClockStatus::starting(NOW - 3600) }
}

pub(crate) fn init() -> InitStatus {
    let status = |role| RoleStatus { role, state: RoleState::Ready, restarts: 0, last_exit: None };
    InitStatus {
        generation: 9,
        slot: Some(Slot::A),
        marked_good: true,
        data: DataState::Mounted,
        slots: SlotReport::default(),
        roles: Role::ALL.map(status).to_vec(),
    }
}

pub(crate) fn summary() -> Summary {
    let (network, settings, clock, init) = (network(), settings(), clock(), init());
    Summary {
        health: Health::judge(&Known {
            network: Some(&network),
            settings: Some(&settings),
            clock: Some(&clock),
            init: Some(&init),
            diagnostics: None,
            directory: Some(&DirectoryStatus::default()),
            channel: Some(&ChannelStatus::default()),
            guest: None,
            now: NOW,
        }),
        network: Some(network),
        settings: Some(settings),
        clock: Some(clock),
        init: Some(init),
        diagnostics: Some(DiagnosticsStatus::default()),
        directory: Some(DirectoryStatus::default()),
        channel: Some(ChannelStatus::default()),
        version: "0.1.0.0".to_owned(),
        uptime_seconds: 266_400,
        now: NOW,
    }
}

/// Every cause there is, with the subject under which it is found.
pub(crate) fn causes() -> Vec<Finding> {
    let reason = || "cannot write /data/settings: no space left on device".to_owned();
    let parameter = "network=static:ip=10.0.0.300;netmask=24".to_owned();
    let proxy = || ProxyLocation::parse("proxy.corp.example:3128").expect("valid");
    let refused =
        || FailureCause::ProxyUnreachable { proxy: proxy(), reason: ProxyTrouble::Refused };
    let issuer = || "CN=Inspection,O=Example Corp".to_owned();
    let server = || "cloud.example.com:443".to_owned();
    let domain = || DomainName::parse("users.example.net").expect("a name");
    let gone = || DomainFailure::MachineAccountGone { account: "CONN-HQ-01$".to_owned() };
    let refusal = "ip: \"10.0.0.300\" is not an IPv4 address such as 10.0.0.5".to_owned();
    [
        (Subject::Network, Cause::NetworkStarting),
        (Subject::Network, Cause::NoInterface),
        (Subject::Network, Cause::NoLink),
        (Subject::Network, Cause::NoLease { since: NOW - 86_400 }),
        (
            Subject::Network,
            Cause::AddressConflict {
                address: [10, 71, 57, 66].into(),
                holder: "52:54:00:12:34:56".to_owned(),
            },
        ),
        (Subject::Time, Cause::ClockWaiting),
        (Subject::Time, Cause::ClockUnreachable { reason: "10.0.0.3 does not answer".to_owned() }),
        (Subject::Time, Cause::ClockBeforeBuild),
        (
            Subject::Changes,
            Cause::NetworkReverted { reason: RevertReason::NotConfirmed, at: NOW - 40 },
        ),
        (
            Subject::Changes,
            Cause::CertificateReverted { reason: RevertReason::Restarted, at: NOW - 40 },
        ),
        (Subject::Identity, Cause::MachineCopied),
        (
            Subject::Slots,
            Cause::SlotFellBack {
                failure: SlotFailure {
                    slot: Slot::B,
                    reason: FailureReason::Panicked {
                        message: "Attempted to kill init".to_owned(),
                    },
                    tries: 3,
                },
            },
        ),
        (Subject::Slots, Cause::SlotsAllFailed),
        (Subject::Network, Cause::NetworkFailed { reason: "address in use".to_owned() }),
        (Subject::Network, Cause::RolesStarting),
        (Subject::Network, Cause::RoleSilent { role: Role::Network }),
        (Subject::Dns, Cause::NoDnsServer),
        (Subject::Storage, Cause::DataUnavailable { reason: reason() }),
        (Subject::Storage, Cause::SettingsTrouble { reason: reason() }),
        (Subject::Storage, Cause::RolesStarting),
        (Subject::Storage, Cause::RoleSilent { role: Role::Settings }),
        (Subject::BootParameter, Cause::BootParameterRefused { parameter, reason: refusal }),
        (Subject::BootParameter, Cause::BootParameterNotStored { reason: reason() }),
        (
            Subject::Proxies,
            Cause::ProxyUnreachable { location: proxy(), failure: refused(), since: NOW - 90 },
        ),
        (
            Subject::Proxies,
            Cause::NoUsableProxy {
                count: 1,
                location: proxy(),
                failure: refused(),
                since: NOW - 90,
            },
        ),
        (Subject::Trust, Cause::TlsIntercepted { issuer: issuer(), server: server(), at: NOW - 9 }),
        (
            Subject::Trust,
            Cause::TlsInterceptionRefused { issuer: issuer(), server: server(), at: NOW - 9 },
        ),
        (Subject::Trust, Cause::RootExpired { authority: issuer(), at: NOW - 86_400 }),
        (Subject::Trust, Cause::RootExpiresSoon { authority: issuer(), days: 12 }),
        (Subject::Certificate, Cause::CertificateExpired { at: NOW - 86_400 }),
        (Subject::Certificate, Cause::CertificateExpiresSoon { days: 1 }),
        (
            Subject::Domains,
            Cause::DomainUnusable { domain: domain(), failure: gone(), since: NOW - 90 },
        ),
        (Subject::Domains, Cause::MachinePasswordNotChanged { domain: domain(), failure: gone() }),
        (
            Subject::Domains,
            Cause::ForestUnreachable {
                domain: domain(),
                forest: "example.net".to_owned(),
                failure: gone(),
            },
        ),
        (Subject::Domains, Cause::RoleSilent { role: Role::Directory }),
        (Subject::Cloud, Cause::RemovedFromCloud { name: "one".to_owned(), at: NOW - 90 }),
        (
            Subject::Cloud,
            Cause::RegistrationSealed { name: "one".to_owned(), trouble: SealTrouble::NoTpm },
        ),
        (
            Subject::Cloud,
            Cause::RegistrationStuck { trouble: ConnectionTrouble::Outbound { cause: refused() } },
        ),
        (
            Subject::Cloud,
            Cause::CloudUnreachable { trouble: ConnectionTrouble::WrongIdentity, since: NOW - 90 },
        ),
        (
            Subject::Cloud,
            Cause::CloudSingleConnection {
                trouble: ConnectionTrouble::Lost { detail: "cut".to_owned() },
                since: NOW - 90,
            },
        ),
        (
            Subject::Cloud,
            Cause::CloneTurnedAway {
                host_name: "two".to_owned(),
                addresses: vec!["192.0.2.9".to_owned()],
                at: NOW - 90,
            },
        ),
        (Subject::Cloud, Cause::CloudCertificateExpired { at: NOW - 90 }),
        (Subject::Cloud, Cause::CloudCertificateNotRenewed { since: NOW - 90, until: NOW + 90 }),
        (
            Subject::Platform,
            Cause::FirstSettingsRefused {
                source: FirstSource::Medium,
                reason: "connector.name: is not a host name".to_owned(),
            },
        ),
        (
            Subject::Platform,
            Cause::FirstSettingsNotStored { source: FirstSource::FwCfg, reason: reason() },
        ),
        (
            Subject::Platform,
            Cause::FirstSettingsUnreachable {
                reason: "169.254.169.254 does not answer".to_owned(),
            },
        ),
        (
            Subject::Platform,
            Cause::FirstRegistrationFailed {
                reason: "the cloud does not take this secure client".to_owned(),
            },
        ),
        (
            Subject::Services,
            Cause::RoleFailed { role: Role::Console, last_exit: "exit status 3".to_owned() },
        ),
        (Subject::Services, Cause::RolesStarting),
    ]
    .map(|(subject, cause)| Finding { subject, cause })
    .to_vec()
}

/// The finding that all is well with a subject.
pub(crate) fn good(subject: Subject) -> Finding {
    Finding { subject, cause: Cause::Good }
}

pub(crate) fn administration(language: Language, summary: Summary) -> String {
    webui::administration(&Administration {
        frame: frame(language, true, "/"),
        summary,
        certificate: Some(certificate_states::details()),
        domains: DomainsTab::Joined,
    })
}

pub(crate) fn password_problems() -> Vec<PasswordProblem> {
    vec![
        PasswordProblem::Missing(PasswordField::Current),
        PasswordProblem::Missing(PasswordField::New),
        PasswordProblem::Missing(PasswordField::Confirmation),
        PasswordProblem::Rule(PasswordError::TooShort),
        PasswordProblem::Rule(PasswordError::TooLong),
        PasswordProblem::Rule(PasswordError::NoUpperCase),
        PasswordProblem::Rule(PasswordError::NoLowerCase),
        PasswordProblem::Rule(PasswordError::NoNonAlphabetic),
        PasswordProblem::Rule(PasswordError::ControlCharacter),
        PasswordProblem::Mismatch,
        PasswordProblem::WrongCurrent { wait_seconds: 0 },
        PasswordProblem::WrongCurrent { wait_seconds: 8 },
        PasswordProblem::SameAsCurrent,
        PasswordProblem::TooSoon { wait_seconds: 5 },
        PasswordProblem::FormExpired,
        PasswordProblem::NotStored,
    ]
}

pub(crate) fn create_password(language: Language, problems: Vec<PasswordProblem>) -> String {
    webui::create_password(&CreatePassword {
        frame: frame(language, false, "/?deployment=productionjp"),
        address: "10.71.57.66".to_owned(),
        deployment: Some("productionjp".to_owned()),
        certificate: Some(certificate()),
        problems,
    })
}

pub(crate) fn change_password(language: Language, problems: Vec<PasswordProblem>) -> String {
    let frame = frame(language, true, "/change-password");
    webui::change_password(&ChangePassword { frame, problems })
}

pub(crate) fn sign_in_errors() -> Vec<SignInError> {
    vec![
        SignInError::MissingPassword,
        SignInError::WrongPassword { wait_seconds: 0, failures: 1, since: NOW },
        SignInError::WrongPassword { wait_seconds: 1, failures: 1, since: NOW },
        SignInError::WrongPassword { wait_seconds: 8, failures: 3, since: NOW - 200 },
        SignInError::TooSoon { wait_seconds: 5 },
        SignInError::SessionEnded,
        SignInError::FormExpired,
    ]
}

pub(crate) fn sign_in(
    language: Language,
    error: Option<SignInError>,
    notice: Option<SignInNotice>,
) -> String {
    let frame = frame(language, false, "/");
    webui::sign_in(&SignIn { frame, address: "10.71.57.66".to_owned(), error, notice })
}

pub(crate) fn error_kinds() -> Vec<ErrorKind> {
    vec![
        ErrorKind::BadRequest,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::MethodNotAllowed,
        ErrorKind::TooLarge,
        ErrorKind::UnsupportedMediaType,
        ErrorKind::Misdirected,
        ErrorKind::TooManyRequests { wait_seconds: 20 },
        ErrorKind::Internal,
        ErrorKind::StorageUnavailable,
        ErrorKind::Unavailable,
    ]
}

/// Whether only the form with the current password can have a problem.
fn is_about_current(problem: &PasswordProblem) -> bool {
    matches!(
        problem,
        PasswordProblem::Missing(PasswordField::Current)
            | PasswordProblem::WrongCurrent { .. }
            | PasswordProblem::SameAsCurrent
            | PasswordProblem::TooSoon { .. }
    )
}

/// Every page in every state in one language.
pub(crate) fn all(language: Language) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut add = |name: String, html| pages.push(Page { name, language, html });
    add("create-password".to_owned(), create_password(language, Vec::new()));
    add("change-password".to_owned(), change_password(language, Vec::new()));
    for (index, problem) in password_problems().into_iter().enumerate() {
        if !is_about_current(&problem) {
            let html = create_password(language, vec![problem.clone()]);
            add(format!("create-password-{index:02}"), html);
        }
        add(format!("change-password-{index:02}"), change_password(language, vec![problem]));
    }
    let several = || {
        vec![
            PasswordProblem::Rule(PasswordError::TooShort),
            PasswordProblem::Rule(PasswordError::NoUpperCase),
            PasswordProblem::Mismatch,
        ]
    };
    add("create-password-several".to_owned(), create_password(language, several()));
    add("change-password-several".to_owned(), change_password(language, several()));
    add(
        "create-password-bare".to_owned(),
        webui::create_password(&CreatePassword {
            frame: Frame { language, ..Frame::default() },
            address: "10.71.57.66".to_owned(),
            ..CreatePassword::default()
        }),
    );
    add("sign-in".to_owned(), sign_in(language, None, None));
    for (index, error) in sign_in_errors().into_iter().enumerate() {
        add(format!("sign-in-error-{index}"), sign_in(language, Some(error), None));
    }
    let notices =
        [SignInNotice::PasswordSet, SignInNotice::PasswordChanged, SignInNotice::SignedOut];
    for (index, notice) in notices.into_iter().enumerate() {
        add(format!("sign-in-notice-{index}"), sign_in(language, None, Some(notice)));
    }
    for (name, html) in certificate_states::all(language) {
        add(name, html);
    }
    for (name, html) in network_states::all(language) {
        add(name, html);
    }
    for (name, html) in diagnostics_states::all(language) {
        add(name, html);
    }
    for (name, html) in connection_states::all(language) {
        add(name, html);
    }
    for (name, html) in domain_states::all(language) {
        add(name, html);
    }
    for (name, html) in registration_states::all(language) {
        add(name, html);
    }
    for (name, html) in session_states::all(language) {
        add(name, html);
    }
    add("administration".to_owned(), administration(language, summary()));
    for (index, finding) in causes().into_iter().enumerate() {
        let mut summary = summary();
        summary.health = Health { findings: vec![good(Subject::Network), finding] };
        add(format!("administration-{index:02}"), administration(language, summary));
    }
    let mut trouble = summary();
    trouble.health = Health { findings: causes() };
    add("administration-trouble".to_owned(), administration(language, trouble));
    add("administration-silent".to_owned(), silent(language));
    add("administration-no-lease".to_owned(), administration(language, no_lease()));
    for (name, is_refused) in [("restart", false), ("restart-refused", true)] {
        let frame = frame(language, true, "/restart");
        add(name.to_owned(), webui::restart(&Restart { frame, is_refused }));
    }
    let leaving = frame(language, false, "/");
    add("restarting".to_owned(), webui::restarting(&Restarting { frame: leaving }));
    for kind in error_kinds() {
        let frame = frame(language, false, "/");
        let html = webui::error_page(&ErrorPage { frame, kind });
        let suffix = if kind == ErrorKind::StorageUnavailable { "-storage" } else { "" };
        add(format!("error-{}{suffix}", kind.status()), html);
    }
    pages
}

/// No role answers and there is no certificate.
fn silent(language: Language) -> String {
    webui::administration(&Administration {
        frame: frame(language, true, "/"),
        summary: Summary {
            health: Health::judge(&Known { now: NOW, ..Known::default() }),
            network: None,
            settings: None,
            clock: None,
            init: None,
            diagnostics: None,
            directory: None,
            channel: None,
            version: "0.1.0.0".to_owned(),
            uptime_seconds: 4,
            now: NOW,
        },
        certificate: None,
        domains: DomainsTab::Joined,
    })
}

/// A start without DHCP server and with a malformed boot parameter.
pub(crate) fn no_lease() -> Summary {
    let mut summary = summary();
    let mut network = NetworkStatus::starting(NOW - 200);
    network.state = NetworkState::NoLease { since: NOW - 200 };
    network.interface = Some("eth0".to_owned());
    summary.health = Health::judge(&Known {
        network: Some(&network),
        settings: summary.settings.as_ref(),
        clock: summary.clock.as_ref(),
        init: summary.init.as_ref(),
        diagnostics: None,
        directory: summary.directory.as_ref(),
        channel: Some(&ChannelStatus::default()),
        guest: None,
        now: NOW,
    });
    summary.health.findings.extend(
        causes().into_iter().filter(|finding| finding.subject == Subject::BootParameter).take(1),
    );
    summary.network = Some(network);
    summary
}
