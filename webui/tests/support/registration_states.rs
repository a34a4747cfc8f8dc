//! Registration with the cloud in every state.

use model::channel::{
    Applicant, ChannelStatus, CloneRefused, CloudAddress, CloudAddressError, ConnectionRefusal,
    ConnectionState, ConnectionStatus, ConnectionTrouble, Ending, EndingReason, Registration,
    RegistrationRefusal, RegistrationState, RegistrationStep, SealTrouble, ShownCode,
};
use model::fingerprint::Fingerprint;
use model::health::{Health, Known};
use model::outbound::Interception;
use protocol::name::NameError;
use webui::{
    EndRegistration, Language, RegistrationForm, RegistrationPage, RegistrationProblem, Summary,
    Unregistered,
};

use super::{NOW, administration, connection_states, frame, summary};

const DAY: i64 = 86_400;

fn text(text: &str) -> String {
    text.to_owned()
}

pub(crate) fn cloud() -> CloudAddress {
    CloudAddress::parse("cloud.example.com:8443").expect("an address")
}

/// A registration under way.
pub(crate) fn registering(
    step: RegistrationStep,
    trouble: Option<ConnectionTrouble>,
) -> ChannelStatus {
    let applicant = Applicant { name: text("connector-hq-01"), cloud: cloud(), location: None };
    let registration = RegistrationState::Registering { applicant, step, trouble };
    ChannelStatus { registration, ..ChannelStatus::default() }
}

/// A code that is good for 11 minutes and 42 seconds more.
pub(crate) fn code_shown() -> RegistrationStep {
    RegistrationStep::CodeShown {
        code: ShownCode(text("K7QM4XZP")),
        security_number: text("7KMD-2Q4T-XW3B-9ACE"),
        expires_at: NOW + 702,
    }
}

fn confirming() -> RegistrationStep {
    RegistrationStep::Confirming {
        code: ShownCode(text("K7QM4XZP")),
        security_number: text("7KMD-2Q4T-XW3B-9ACE"),
        expires_at: NOW - 1,
    }
}

/// A registered appliance with these connections.
pub(crate) fn registered(states: &[ConnectionState]) -> ChannelStatus {
    let connection = |(index, state): (usize, &ConnectionState)| ConnectionStatus {
        state: state.clone(),
        since: NOW - 300,
        peer: (index == 0).then(|| text("192.0.2.7:8443")),
        proxy: (index == 1).then(|| connection_states::location("proxy.corp.example:3128")),
        gateway: (*state == ConnectionState::Connected).then(|| format!("gateway-{}", index + 1)),
        interception: None,
    };
    ChannelStatus {
        registration: RegistrationState::Registered { registration: registration() },
        connections: states.iter().enumerate().map(connection).collect(),
        ..ChannelStatus::default()
    }
}

pub(crate) fn registration() -> Registration {
    Registration {
        name: text("connector-hq-01"),
        cloud: cloud(),
        connector: text("5b0a4f7e-5d3b-4a6e-8a2b-0d2f6c1f3b77"),
        customer: text("c4f1k2m8"),
        customer_name: text("Example Corp Ltd"),
        location: text("1f3b7700-6d2f-4c0e-9d35-0d2f6c1f3b77"),
        location_name: text("HQ-1"),
        registered_at: NOW - 3 * DAY,
        certificate_ends_at: NOW + 27 * DAY,
        renewal_refused_at: None,
    }
}

fn ended(reason: EndingReason) -> ChannelStatus {
    let last = Ending { name: text("connector-hq-01"), cloud: cloud(), at: NOW - 90, reason };
    let registration = RegistrationState::NotRegistered { last: Some(last) };
    ChannelStatus { registration, ..ChannelStatus::default() }
}

/// Everything that keeps an appliance from the cloud.
pub(crate) fn troubles() -> Vec<ConnectionTrouble> {
    let detail = || text("the connection was reset");
    let refusals = [
        ConnectionRefusal::Clone,
        ConnectionRefusal::Unregistered,
        ConnectionRefusal::VersionTooOld,
        ConnectionRefusal::VersionTooNew,
        ConnectionRefusal::Busy,
    ];
    let causes = connection_states::causes().into_iter();
    let outbound = causes.map(|cause| ConnectionTrouble::Outbound { cause });
    outbound
        .chain(refusals.map(|reason| ConnectionTrouble::Refused { reason }))
        .chain([
            ConnectionTrouble::SettingsUnknown,
            ConnectionTrouble::NotCloud { status: Some(404), detail: text("HTTP status 404") },
            ConnectionTrouble::WrongIdentity,
            ConnectionTrouble::Lost { detail: detail() },
            ConnectionTrouble::Silent,
            ConnectionTrouble::NotRenewed,
            ConnectionTrouble::Protocol { detail: detail() },
        ])
        .collect()
}

/// Every reason for which an appliance is not registered.
pub(crate) fn refusals() -> Vec<RegistrationRefusal> {
    let detail = || text("no space left on device");
    vec![
        RegistrationRefusal::Rejected,
        RegistrationRefusal::NameTaken,
        RegistrationRefusal::UnknownLocation,
        RegistrationRefusal::ClientRefused,
        RegistrationRefusal::TooMany,
        RegistrationRefusal::Malformed,
        RegistrationRefusal::Unavailable,
        RegistrationRefusal::CloudNotProven,
        RegistrationRefusal::WrongCertificate { detail: detail() },
        RegistrationRefusal::Unreached { trouble: ConnectionTrouble::Silent },
        RegistrationRefusal::NotStored { detail: detail() },
    ]
}

/// Everything that can be wrong with the form.
pub(crate) fn problems() -> Vec<RegistrationProblem> {
    let shown = || text("https://cloud");
    vec![
        RegistrationProblem::Name(NameError::Empty),
        RegistrationProblem::Name(NameError::TooLong(300)),
        RegistrationProblem::Name(NameError::WrongCharacter('<')),
        RegistrationProblem::CloudMissing,
        RegistrationProblem::Cloud(CloudAddressError::Host { text: shown() }),
        RegistrationProblem::Cloud(CloudAddressError::Port { text: shown() }),
        RegistrationProblem::Conflict,
        RegistrationProblem::Failed,
        RegistrationProblem::Silent,
        RegistrationProblem::FormExpired,
    ]
}

/// The page.
pub(crate) fn page(
    language: Language,
    status: Option<ChannelStatus>,
    problems: Vec<RegistrationProblem>,
) -> String {
    let form = RegistrationForm { name: text("connector-hq-01"), cloud: text("cloud.example.com") };
    let frame = frame(language, true, "/register-connector");
    webui::registration(&RegistrationPage { frame, status, form, problems, now: NOW })
}

/// The front page of an appliance that the channel role says this of.
pub(crate) fn summary_with(channel: ChannelStatus) -> Summary {
    let mut summary = summary();
    summary.health = Health::judge(&Known {
        network: summary.network.as_ref(),
        settings: summary.settings.as_ref(),
        clock: summary.clock.as_ref(),
        init: summary.init.as_ref(),
        diagnostics: None,
        directory: summary.directory.as_ref(),
        channel: Some(&channel),
        guest: None,
        now: NOW,
    });
    summary.channel = Some(channel);
    summary
}

/// Every status of the role, with a name.
pub(crate) fn statuses() -> Vec<(String, ChannelStatus)> {
    let (good, first) = (ConnectionState::Connected, ConnectionState::Connecting);
    let failed = |trouble| ConnectionState::Failed { trouble };
    let lost = || failed(ConnectionTrouble::Lost { detail: text("the connection was reset") });
    let mut statuses = vec![
        (text("form"), ChannelStatus::default()),
        (text("connecting"), registering(RegistrationStep::Connecting, None)),
        (text("code"), registering(code_shown(), None)),
        (text("confirming"), registering(confirming(), None)),
        (text("expired"), registering(RegistrationStep::CodeExpired { at: NOW - 60 }, None)),
        (text("proving"), registering(RegistrationStep::Proving, None)),
        (text("registered"), registered(&[good.clone(), good.clone()])),
        (text("registered-first"), registered(&[first.clone(), first.clone()])),
        (text("registered-one"), registered(&[good.clone(), lost()])),
        (text("registered-none"), registered(&[lost(), lost()])),
        (text("registered-sealed"), {
            let both = registered(&[good.clone(), good.clone()]);
            ChannelStatus { key_is_sealed: true, ..both }
        }),
        (text("removed"), ended(EndingReason::Removed)),
        (text("sealed"), ended(EndingReason::Sealed { trouble: SealTrouble::OtherTpm })),
    ];
    for (index, trouble) in troubles().into_iter().enumerate() {
        let stuck = registering(RegistrationStep::Connecting, Some(trouble.clone()));
        statuses.push((format!("stuck-{index:02}"), stuck));
        let state = registered(&[good.clone(), failed(trouble)]);
        statuses.push((format!("failed-{index:02}"), state));
    }
    let stuck = registering(code_shown(), Some(ConnectionTrouble::Silent));
    statuses.push((text("code-stuck"), stuck));
    for (index, reason) in refusals().into_iter().enumerate() {
        statuses.push((format!("ended-{index:02}"), ended(EndingReason::Refused { reason })));
    }
    statuses.push((text("registered-trouble"), troubled()));
    statuses
}

/// A copy was seen, the certificate is not renewed, and TLS is intercepted.
fn troubled() -> ChannelStatus {
    let mut status = registered(&[ConnectionState::Connected, ConnectionState::Connected]);
    for connection in &mut status.connections {
        let fingerprint = Fingerprint::new(&[7; 32]);
        let issuer = text("CN=Inspection,O=Example Corp");
        connection.interception = Some(Interception { issuer, fingerprint });
    }
    let (host_name, addresses) = (text("copy-2"), vec![text("192.0.2.9"), text("192.0.2.10")]);
    status.clone_refused = Some(CloneRefused { host_name, addresses, at: NOW - 2 * DAY });
    let registration = Registration {
        renewal_refused_at: Some(NOW - DAY),
        certificate_ends_at: NOW - 60,
        ..registration()
    };
    status.registration = RegistrationState::Registered { registration };
    status
}

pub(crate) fn all(language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut add = |name: String, html| pages.push((format!("registration-{name}"), html));
    for (name, status) in statuses() {
        add(name, page(language, Some(status), Vec::new()));
    }
    add(text("silent"), page(language, None, Vec::new()));
    for (index, problem) in problems().into_iter().enumerate() {
        let status = Some(ChannelStatus::default());
        add(format!("form-{index:02}"), page(language, status, vec![problem]));
    }
    let silent = || vec![RegistrationProblem::Silent];
    add(text("form-silent"), page(language, None, silent()));
    let code = Some(registering(code_shown(), None));
    add(text("code-silent"), page(language, code, silent()));
    for (name, refused) in [("", None), ("-refused", Some(RegistrationProblem::Silent))] {
        let frame = frame(language, true, "/register-connector");
        let question = EndRegistration { frame, name: text("connector-hq-01"), refused };
        add(format!("withdraw{name}"), webui::withdraw_registration(&question));
        add(format!("unregister{name}"), webui::unregister(&question));
    }
    for is_told in [true, false] {
        let (frame, name) = (frame(language, true, "/"), text("connector-hq-01"));
        let page = Unregistered { frame, name, cloud: cloud(), is_told };
        add(format!("unregistered-{is_told}"), webui::unregistered(&page));
    }
    let connected = registered(&[ConnectionState::Connected, ConnectionState::Connected]);
    add(text("summary"), administration(language, summary_with(connected)));
    let waiting = registering(code_shown(), None);
    add(text("summary-code"), administration(language, summary_with(waiting)));
    pages
}
