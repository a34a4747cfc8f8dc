//! Active Directory domains in every state.

use std::net::IpAddr;

use model::domain::check::{CheckFact, CheckItem, CheckResult, DomainCheck};
use model::domain::failure::{ControllerTrouble, DomainFailure, PortTrouble, Revocation};
use model::domain::lookup::{DirectoryObject, LookupError, LookupKey, LookupPage, ObjectKind};
use model::domain::status::{
    ControllerInUse, DirectoryStatus, DomainHealth, DomainStatus, JoinProgress, JoinStep, Trust,
    TrustDirection, TrustKind, Validation,
};
use model::domain::{
    DomainName, DomainNameError, MachineName, MachineNameError, OrganizationalUnitError,
    UserNameError,
};
use webui::{
    AddDomain, Administration, DirectoryRefusal, DomainPage, DomainProblem, DomainsTab, JoinDomain,
    JoinForm, Language, LeaveDomain, LeftDomain, LookupForm, Summary,
};

use super::{NOW, frame, summary};

const DAY: i64 = 86_400;
const DC1: &str = "dc1.users.example.net";

fn text(text: &str) -> String {
    text.to_owned()
}

fn domain(name: &str) -> DomainName {
    DomainName::parse(name).expect("a name")
}

fn address(last: u8) -> IpAddr {
    [10, 72, 4, last].into()
}

/// Every failure, with each of its reasons.
pub(crate) fn failures() -> Vec<DomainFailure> {
    use DomainFailure as Failure;
    let (host, user) = (|| text(DC1), || text("svc-join@users.example.net"));
    let here = || domain("users.example.net");
    let account = || text("CONN-HQ-01$");
    let place = || text("CN=CONN-HQ-01,OU=Connectors,DC=users,DC=example,DC=net");
    let reason = || text("the record has no data");
    let hosts = || vec![text(DC1), text("dc2.users.example.net")];
    let trouble = |trouble| ControllerTrouble { host: host(), address: address(11), trouble };
    let troubles = [
        PortTrouble::Refused,
        PortTrouble::Silent,
        PortTrouble::Unreachable,
        PortTrouble::WrongAnswer,
    ];
    let mut failures = vec![
        Failure::DomainUnknown { domain: here(), servers: Vec::new() },
        Failure::DomainUnknown { domain: here(), servers: vec![address(2), address(3)] },
        Failure::DnsSilent { servers: Vec::new() },
        Failure::DnsSilent { servers: vec![address(2)] },
        Failure::DnsFailed { reason: reason() },
        Failure::ControllersUnresolved { domain: here(), hosts: hosts() },
        Failure::NoControllerAnswers { domain: here(), tried: Vec::new() },
        Failure::NoControllerAnswers { domain: here(), tried: troubles.map(trouble).into() },
        Failure::OnlyReadOnly { domain: here(), hosts: hosts() },
        Failure::NotController { host: host(), domain: here(), reason: reason() },
        Failure::ConnectionLost { host: host(), reason: reason() },
        Failure::WrongPassword { user: user() },
        Failure::UserUnknown { user: user(), domain: here() },
        Failure::ForeignSuffix { user: user(), domain: here() },
        Failure::ForeignSuffix { user: text("OTHER\\admin"), domain: here() },
        Failure::PasswordExpired { user: user() },
        Failure::LogonNotAllowed { user: user() },
        Failure::NoAesKeys { user: user() },
        Failure::ClockDiffers { host: host(), seconds: -422 },
        Failure::ClockDiffers { host: host(), seconds: 3605 },
        Failure::KerberosRefused { host: host(), code: 60, name: text("KRB_ERR_GENERIC") },
        Failure::AnswerNotValid { host: host(), reason: reason() },
        Failure::NotGenuine { host: host(), reason: reason() },
        Failure::Tampered { host: host(), reason: reason() },
        Failure::NoProtection { host: host(), reason: reason() },
        Failure::NoRight { user: user(), place: place() },
        Failure::QuotaUsedUp { user: user() },
        Failure::NameInUse { account: account(), place: place(), is_machine: true },
        Failure::NameInUse { account: account(), place: place(), is_machine: false },
        Failure::UnitMissing { unit: text("OU=Connectors,DC=users,DC=example,DC=net") },
        Failure::MachineAccountGone { account: account() },
        Failure::MachineAccountDisabled { account: account() },
        Failure::MachinePasswordChanged { account: account() },
        Failure::DirectoryRefused { host: host(), code: 53, text: text("0000052D: SvcErr") },
        Failure::TooLarge { limit: text("64 MiB") },
        Failure::AlreadyJoined { domain: here() },
        Failure::NotJoined { domain: here() },
        Failure::TooManyDomains { limit: 64 },
        Failure::NotStored { reason: text("no space left on device") },
    ];
    let silent = [53, 389, 464, 3268, 636].map(|port| (port, PortTrouble::Silent));
    for (port, trouble) in troubles.map(|trouble| (88, trouble)).into_iter().chain(silent) {
        failures.push(Failure::PortClosed { host: host(), port, trouble });
    }
    for why in
        [Revocation::Disabled, Revocation::LockedOut, Revocation::Expired, Revocation::Unknown]
    {
        failures.push(Failure::AccountRevoked { user: user(), why });
    }
    failures
}

/// A domain that works.
pub(crate) fn joined(name: &str) -> DomainStatus {
    DomainStatus {
        domain: domain(name),
        forest: text("example.net"),
        netbios: text("USERS"),
        machine: MachineName::parse("CONN-HQ-01").expect("a name"),
        account_place: Some(text("CN=CONN-HQ-01,OU=Connectors,DC=users,DC=example,DC=net")),
        dns_servers: Vec::new(),
        joined_at: NOW - 40 * DAY,
        controller: Some(ControllerInUse {
            host: text(DC1),
            address: address(11),
            site: text("Site-1"),
            client_site: text("Site-1"),
            latency_micros: 1234,
        }),
        health: Some(DomainHealth { at: NOW - 60, since: NOW - 3 * DAY, failure: None }),
        validation: Some(Validation {
            at: NOW - 300,
            host: Some(text(DC1)),
            milliseconds: 96,
            failure: None,
        }),
        password_changed_at: NOW - 10 * DAY,
        password_failure: None,
        forest_failure: None,
        trusts: Vec::new(),
    }
}

fn gone() -> DomainFailure {
    DomainFailure::MachineAccountGone { account: text("CONN-HQ-01$") }
}

fn failing(failure: DomainFailure) -> DomainStatus {
    let health = DomainHealth { at: NOW - 60, since: NOW - 600, failure: Some(failure.clone()) };
    let validation =
        Validation { at: NOW - 30, host: None, milliseconds: 12, failure: Some(failure) };
    DomainStatus {
        health: Some(health),
        validation: Some(validation),
        controller: None,
        ..joined("lab.example.org")
    }
}

fn with_trusts() -> DomainStatus {
    let trust = |name: &str, direction, kind, is_reachable| Trust {
        name: text(name),
        direction,
        kind,
        is_reachable,
    };
    let trusts = vec![
        trust("example.net", TrustDirection::Bidirectional, TrustKind::WithinForest, Some(true)),
        trust("partner.example.org", TrustDirection::Outbound, TrustKind::Forest, Some(false)),
        trust("old.example.com", TrustDirection::Inbound, TrustKind::External, None),
        trust("unix.example.com", TrustDirection::Disabled, TrustKind::Realm, None),
    ];
    DomainStatus { trusts, ..joined("users.example.net") }
}

pub(crate) fn summary_with(domains: Vec<DomainStatus>) -> Summary {
    Summary { directory: Some(DirectoryStatus { domains, ..Default::default() }), ..summary() }
}

fn section(language: Language, summary: Summary, domains: DomainsTab) -> String {
    let frame = frame(language, true, "/");
    webui::administration(&Administration { frame, summary, certificate: None, domains })
}

fn name_problems() -> Vec<DomainProblem> {
    [
        DomainNameError::Empty,
        DomainNameError::TooLong { length: 300 },
        DomainNameError::Address { address: [10, 72, 4, 11].into() },
        DomainNameError::SingleLabel { name: text("corp") },
        DomainNameError::Label { label: String::new() },
        DomainNameError::Label { label: text("co rp") },
    ]
    .map(DomainProblem::Name)
    .into_iter()
    .chain([
        DomainProblem::Dns { text: text("10.72.4.300") },
        DomainProblem::TooManyDns { limit: 4 },
        DomainProblem::FormExpired,
    ])
    .chain(refusals())
    .collect()
}

fn refusals() -> [DomainProblem; 3] {
    [DirectoryRefusal::Busy, DirectoryRefusal::Failed, DirectoryRefusal::Silent]
        .map(DomainProblem::Refused)
}

fn join_problems() -> Vec<DomainProblem> {
    let users = [
        UserNameError::Empty,
        UserNameError::TooLong,
        UserNameError::Character { character: '*' },
        UserNameError::Part,
    ];
    let machines = [
        MachineNameError::Empty,
        MachineNameError::TooLong { length: 16 },
        MachineNameError::Character { character: '_' },
        MachineNameError::Hyphen,
        MachineNameError::OnlyDigits,
    ];
    let units = [
        OrganizationalUnitError::TooLong,
        OrganizationalUnitError::NotDistinguished { text: text("Connectors") },
    ];
    let users = users.into_iter().map(DomainProblem::User);
    let machines = machines.into_iter().map(DomainProblem::Machine);
    let units = units.into_iter().map(DomainProblem::Unit);
    let others = [
        DomainProblem::PasswordMissing,
        DomainProblem::PasswordTooLong,
        DomainProblem::FormExpired,
    ];
    users.chain(machines).chain(units).chain(others).chain(refusals()).collect()
}

fn refused(failure: DomainFailure) -> DomainProblem {
    DomainProblem::Refused(DirectoryRefusal::Failure(Box::new(failure)))
}

/// A check in which everything has passed.
pub(crate) fn passed() -> DomainCheck {
    let mut check = DomainCheck::begin(domain("users.example.net"), Vec::new());
    let port = || CheckFact::Port { host: text(DC1), milliseconds: 3 };
    for item in CheckItem::ALL {
        let fact = match item {
            CheckItem::Dns => CheckFact::Controllers { hosts: vec![text(DC1)], count: 1 },
            CheckItem::Controllers => CheckFact::Answering {
                answering: 1,
                count: 1,
                host: text(DC1),
                site: text("Site-1"),
                silent: Vec::new(),
            },
            CheckItem::Clock => CheckFact::Clock { seconds: 2 },
            CheckItem::FunctionalLevel => CheckFact::Level { level: 7 },
            _ => port(),
        };
        check.note(item, CheckResult::Passed { fact });
    }
    check.is_running = false;
    check.forest = Some(text("example.net"));
    check.netbios = Some(text("USERS"));
    check
}

fn warned() -> DomainCheck {
    let mut check = passed();
    let closed = |port| CheckFact::PortClosed { host: text(DC1), port };
    let silent = [("dc2", 12, PortTrouble::Silent), ("dc3", 13, PortTrouble::Refused)];
    let silent = silent.map(|(name, last, trouble)| ControllerTrouble {
        host: format!("{name}.users.example.net"),
        address: address(last),
        trouble,
    });
    let answering = CheckFact::Answering {
        answering: 1,
        count: 3,
        host: text(DC1),
        site: String::new(),
        silent: silent.into(),
    };
    check.note(CheckItem::Controllers, CheckResult::Warned { fact: answering });
    check.note(CheckItem::PasswordChange, CheckResult::Warned { fact: closed(464) });
    check.note(CheckItem::GlobalCatalog, CheckResult::Warned { fact: closed(3268) });
    let fact = CheckFact::Clock { seconds: -240 };
    check.note(CheckItem::Clock, CheckResult::Warned { fact });
    let fact = CheckFact::Level { level: 2 };
    check.note(CheckItem::FunctionalLevel, CheckResult::Warned { fact });
    let fact = CheckFact::Port { host: text(DC1), milliseconds: 1900 };
    check.note(CheckItem::Ldap, CheckResult::Warned { fact });
    check.dns_servers = vec![address(2), address(3)];
    check
}

fn failed(failure: DomainFailure) -> DomainCheck {
    let mut check = DomainCheck::begin(domain("users.example.net"), vec![address(2)]);
    check.note(CheckItem::Dns, CheckResult::Failed { failure });
    check.is_running = false;
    check
}

fn join(
    language: Language,
    check: DomainCheck,
    step: Option<JoinStep>,
    problems: Vec<DomainProblem>,
) -> String {
    let progress = step.map(|step| JoinProgress { domain: check.domain.clone(), step });
    let form = JoinForm {
        user: text("svc-join@users.example.net"),
        machine: text("CONNECTOR-ABCD"),
        unit: String::new(),
    };
    let frame = frame(language, true, "/active-directory/join");
    webui::join_domain(&JoinDomain { frame, check, progress, form, problems })
}

fn found(with_groups: bool) -> LookupPage {
    let groups = vec![text("S-1-5-21-1-2-3-513"), text("S-1-5-21-1-2-3-1104")];
    let object = DirectoryObject {
        sid: text("S-1-5-21-1-2-3-1105"),
        guid: text("6f1b0c1e-7a52-4c0e-9d35-0d2f6c1f3b77"),
        distinguished_name: text("CN=Ada,OU=Staff,DC=users,DC=example,DC=net"),
        account_name: text("ada1"),
        user_principal_name: Some(text("ada@example.net")),
        display_name: None,
        mail: Some(text("ada.l@example.net")),
        is_enabled: false,
        groups: with_groups.then_some(groups),
        members: None,
    };
    let cursor = with_groups.then(|| text("page-2"));
    LookupPage { objects: vec![object], cursor, host: text(DC1), milliseconds: 4 }
}

fn details(
    language: Language,
    status: DomainStatus,
    problem: Option<DomainProblem>,
    found: Option<LookupPage>,
) -> String {
    let path = format!("/active-directory/domain?name={}", status.domain);
    let lookup = LookupForm {
        kind: ObjectKind::User,
        key: LookupKey::Mail,
        value: text("ada.l@example.net"),
        with_groups: found.as_ref().is_some_and(|page| page.cursor.is_some()),
    };
    let frame = frame(language, true, &path);
    webui::domain_page(&DomainPage { frame, status, problem, lookup, found, now: NOW })
}

fn lookup_problems() -> Vec<DomainProblem> {
    [
        LookupError::Empty,
        LookupError::TooLong,
        LookupError::PrefixTooShort,
        LookupError::NotSid { value: text("S-1") },
        LookupError::NotGuid { value: text("6f1b") },
    ]
    .map(DomainProblem::Lookup)
    .into()
}

fn leave(language: Language, problems: Vec<DomainProblem>) -> String {
    let frame = frame(language, true, "/active-directory/leave?name=users.example.net");
    let status = joined("users.example.net");
    webui::leave_domain(&LeaveDomain { frame, status, user: text("admin@example.net"), problems })
}

/// Every page about domains in every state.
pub(crate) fn all(language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut add = |name: String, html| pages.push((format!("domains-{name}"), html));
    let (first, second) = (DomainsTab::Joined, DomainsTab::Trusted);
    let healthy = || joined("users.example.net");
    let starting = DomainStatus { health: None, validation: None, ..joined("a.example.com") };
    let noted = DomainStatus {
        password_failure: Some(DomainFailure::PortClosed {
            host: text("dc1.b.example.com"),
            port: 464,
            trouble: PortTrouble::Silent,
        }),
        forest_failure: Some(DomainFailure::NoControllerAnswers {
            domain: domain("example.com"),
            tried: vec![ControllerTrouble {
                host: text("dc1.example.com"),
                address: address(9),
                trouble: PortTrouble::Silent,
            }],
        }),
        forest: text("example.com"),
        netbios: text("B1"),
        machine: MachineName::parse("CONN-HQ-02").expect("a name"),
        controller: Some(ControllerInUse {
            host: text("dc1.b.example.com"),
            address: address(19),
            site: text("Site-2"),
            client_site: String::new(),
            latency_micros: 2310,
        }),
        ..joined("b.example.com")
    };
    let silent = Summary { directory: None, ..summary() };
    add(text("none"), section(language, summary_with(Vec::new()), first));
    add(text("silent"), section(language, silent, first));
    add(text("healthy"), section(language, summary_with(vec![healthy()]), first));
    add(text("starting"), section(language, summary_with(vec![starting]), first));
    let all_states = vec![healthy(), noted, failing(gone())];
    add(text("several"), section(language, summary_with(all_states), first));
    add(text("trusts"), section(language, summary_with(vec![with_trusts()]), second));
    add(text("trusts-none"), section(language, summary_with(vec![healthy()]), second));
    let form = |name: &str, dns: &str, problems| {
        let frame = frame(language, true, "/active-directory/add");
        webui::add_domain(&AddDomain { frame, name: text(name), dns: text(dns), problems })
    };
    add(text("add"), form("", "", Vec::new()));
    for (index, problem) in name_problems().into_iter().enumerate() {
        add(format!("add-{index:02}"), form("corp", "10.72.4.300", vec![problem]));
    }
    let running = DomainCheck::begin(domain("users.example.net"), Vec::new());
    add(text("check-running"), join(language, running, None, Vec::new()));
    add(text("check-passed"), join(language, passed(), None, Vec::new()));
    add(text("check-warned"), join(language, warned(), None, Vec::new()));
    for (index, failure) in failures().into_iter().enumerate() {
        add(format!("check-failed-{index:02}"), join(language, failed(failure), None, Vec::new()));
    }
    for (index, failure) in failures().into_iter().enumerate() {
        add(format!("join-{index:02}"), join(language, passed(), None, vec![refused(failure)]));
    }
    for (index, problem) in join_problems().into_iter().enumerate() {
        add(format!("join-form-{index:02}"), join(language, passed(), None, vec![problem]));
    }
    let steps =
        [JoinStep::Finding, JoinStep::SigningIn, JoinStep::MakingAccount, JoinStep::Proving];
    for (index, step) in steps.into_iter().enumerate() {
        add(format!("join-step-{index}"), join(language, passed(), Some(step), Vec::new()));
    }
    add(text("domain"), details(language, healthy(), None, None));
    add(text("domain-failing"), details(language, failing(gone()), None, None));
    let again = Some(refused(gone()));
    add(text("domain-failing-again"), details(language, failing(gone()), again, None));
    let own_dns = DomainStatus {
        dns_servers: vec![address(2)],
        account_place: None,
        validation: None,
        ..healthy()
    };
    add(text("domain-new"), details(language, own_dns, None, None));
    add(text("lookup"), details(language, healthy(), None, Some(found(true))));
    add(text("lookup-last"), details(language, healthy(), None, Some(found(false))));
    let mut group = found(false);
    for object in &mut group.objects {
        object.members = Some(vec![text("CN=Ada,OU=Staff,DC=users,DC=example,DC=net")]);
    }
    add(text("lookup-group"), details(language, healthy(), None, Some(group)));
    let nothing = LookupPage { objects: Vec::new(), cursor: None, ..found(false) };
    add(text("lookup-nothing"), details(language, healthy(), None, Some(nothing)));
    let problems = lookup_problems().into_iter().chain(refusals()).chain([refused(gone())]);
    for (index, problem) in problems.enumerate() {
        add(format!("domain-{index:02}"), details(language, healthy(), Some(problem), None));
    }
    add(text("leave"), leave(language, Vec::new()));
    let wrong = DomainFailure::WrongPassword { user: text("admin@example.net") };
    for (index, problem) in
        [DomainProblem::User(UserNameError::Part), DomainProblem::PasswordMissing, refused(wrong)]
            .into_iter()
            .enumerate()
    {
        add(format!("leave-{index}"), leave(language, vec![problem]));
    }
    for is_deleted in [true, false] {
        let (frame, status) = (frame(language, true, "/"), healthy());
        let (domain, machine) = (status.domain, status.machine);
        let page = LeftDomain { frame, domain, machine, is_deleted };
        add(format!("left-{is_deleted}"), webui::left_domain(&page));
    }
    pages
}
