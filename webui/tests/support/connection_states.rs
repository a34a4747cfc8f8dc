//! Proxy servers, their exceptions and root certificate authorities in every state.

use model::bypass::{BypassListError, BypassRule, BypassRuleError, parse_list};
use model::diagnostics::{DiagnosticsStatus, InterceptionSeen, ProxyHealth};
use model::fingerprint::Fingerprint;
use model::ipv4::{HostAddressError, MaskError};
use model::outbound::{
    CertificateTrouble, DnsTrouble, FailureCause, ProxyState, ProxyTrouble, Refusal, RouteTrouble,
};
use model::proxy::{ProxyCredentialError, ProxyLocation, ProxyLocationError, ProxyServer};
use model::root_ca::{RootCaFacts, RootCaRefusal};
use model::settings::SettingsRefusal;
use webui::{
    AddRoot, BypassProblem, DeleteProxy, DeleteRoot, EditBypass, EditProxy, Language, ProxyProblem,
    RootProblem, Summary,
};

use super::{NOW, administration, frame, summary};

const DAY: i64 = 86_400;

pub(crate) fn location(text: &str) -> ProxyLocation {
    ProxyLocation::parse(text).expect("a location")
}

/// A proxy with a UUID of this number.
pub(crate) fn proxy(number: usize, location_text: &str, user_name: Option<&str>) -> ProxyServer {
    ProxyServer {
        id: id(number),
        location: location(location_text),
        user_name: user_name.map(str::to_owned),
        has_password: user_name.is_some(),
    }
}

fn id(number: usize) -> String {
    format!("4bc94059-f386-4411-aa80-ab2da95c{number:04}")
}

fn health(number: usize, location_text: &str, state: ProxyState) -> ProxyHealth {
    ProxyHealth {
        id: id(number),
        location: location(location_text),
        state,
        since: NOW - 600,
        checked: Some(NOW - 12),
    }
}

pub(crate) fn root(name: &str, not_after: i64, is_self_signed: bool) -> RootCaFacts {
    let digest: Vec<u8> =
        (0..32).zip(name.bytes().cycle()).map(|(byte, letter)| (byte * 7) ^ letter).collect();
    RootCaFacts {
        id: format!("{:064x}", name.len()),
        subject: format!("CN={name},O=Example Corp,C=JP"),
        issuer: "CN=Example Corp Root CA 2,O=Example Corp,C=JP".to_owned(),
        serial: "3A:1F".to_owned(),
        not_before: NOW - 365 * DAY,
        not_after,
        sha1: Fingerprint::new(&digest[..20]),
        sha256: Fingerprint::new(&digest),
        key: "RSA 4096".to_owned(),
        is_self_signed,
    }
}

/// Every cause with each of its reasons.
pub(crate) fn causes() -> Vec<FailureCause> {
    let proxy = || location("10.71.0.81:3128");
    let address = [203, 0, 113, 9].into();
    let fingerprint = || Fingerprint::new(&[0xA1; 32]);
    let text = str::to_owned;
    let mut causes: Vec<_> = [
        RouteTrouble::NoRoute,
        RouteTrouble::Unreachable,
        RouteTrouble::NoAnswer,
        RouteTrouble::Forbidden,
        RouteTrouble::UnknownProxy,
        RouteTrouble::PlatformService,
    ]
    .into_iter()
    .map(|reason| FailureCause::NoRoute { address, reason })
    .collect();
    for reason in [DnsTrouble::NotFound, DnsTrouble::NoAddress, DnsTrouble::NoAnswer] {
        causes.push(FailureCause::DnsFailed { name: text("cloud.example.com"), reason });
        let reason = ProxyTrouble::Dns(reason);
        causes.push(FailureCause::ProxyUnreachable { proxy: proxy(), reason });
    }
    for reason in [
        ProxyTrouble::Refused,
        ProxyTrouble::Route(RouteTrouble::NoAnswer),
        ProxyTrouble::Closed,
        ProxyTrouble::Slow,
        ProxyTrouble::NotHttp,
        ProxyTrouble::TooLong,
    ] {
        causes.push(FailureCause::ProxyUnreachable { proxy: proxy(), reason });
    }
    for (schemes, credentials_sent) in
        [("Basic", true), ("Basic", false), ("NTLM Negotiate", false), ("", false)]
    {
        let schemes = schemes.split_whitespace().map(text).collect();
        causes.push(FailureCause::ProxyAuthenticationRequired {
            proxy: proxy(),
            schemes,
            credentials_sent,
        });
    }
    for status in [403, 500, 503] {
        let detail = (status == 403).then(|| text("ERR_ACCESS_DENIED"));
        causes.push(FailureCause::ProxyRefused { proxy: proxy(), status, detail });
    }
    for is_authority in [true, false] {
        let issuer = text("CN=Inspection CA,O=Example Corp");
        let fingerprint = fingerprint();
        causes.push(FailureCause::TlsIntercepted { issuer, fingerprint, is_authority });
    }
    let name = || text("cloud.example.com");
    for reason in [
        CertificateTrouble::WrongName { name: name(), names: vec![text("www.example.net")] },
        CertificateTrouble::WrongName { name: name(), names: Vec::new() },
        CertificateTrouble::Expired { not_after: NOW - DAY },
        CertificateTrouble::SelfSigned,
        CertificateTrouble::UnknownAuthority,
        CertificateTrouble::IncompleteChain,
        CertificateTrouble::Signature,
        CertificateTrouble::Usage,
        CertificateTrouble::Malformed,
    ] {
        causes.push(FailureCause::TlsUntrusted {
            reason,
            subject: text("CN=cloud.example.com"),
            issuer: text("CN=Public CA"),
            fingerprint: fingerprint(),
        });
    }
    let (not_before, not_after) = (NOW - DAY, NOW + DAY);
    causes.push(FailureCause::ClockWrong { now: 0, not_before, not_after });
    for reason in [
        Refusal::Refused,
        Refusal::Reset,
        Refusal::Closed,
        Refusal::NoAnswer,
        Refusal::Alert { alert: text("handshake_failure") },
        Refusal::OldTls,
        Refusal::NotTls,
        Refusal::Status { status: 503 },
    ] {
        causes.push(FailureCause::ServerRefused { reason });
    }
    causes
}

/// Three proxies and three authorities, each in another state.
pub(crate) fn connected() -> Summary {
    let mut summary = summary();
    let refused = FailureCause::ProxyUnreachable {
        proxy: location("10.71.0.81:3128"),
        reason: ProxyTrouble::Refused,
    };
    let settings = &mut summary.settings.as_mut().expect("settings").settings;
    settings.proxies = vec![
        proxy(1, "10.71.0.80:3128", None),
        proxy(2, "10.71.0.81:3128", Some("svc-connector")),
        proxy(3, "proxy.branch.example.com:8080", None),
    ];
    settings.proxy_bypass =
        parse_list("hypervisor.example.com .corp.example.com 192.0.2.0/24").expect("rules");
    settings.roots = vec![
        root("Example Corp Root CA 2", NOW + 2700 * DAY, true),
        root("Example Corp Issuing", NOW + 12 * DAY, false),
        root("Test Lab CA", NOW - 50 * DAY, true),
    ];
    summary.diagnostics = Some(DiagnosticsStatus {
        proxies: vec![
            health(1, "10.71.0.80:3128", ProxyState::Reachable { milliseconds: 2, beyond: None }),
            health(2, "10.71.0.81:3128", ProxyState::Unreachable { cause: refused }),
            health(3, "proxy.branch.example.com:8080", ProxyState::Unknown),
        ],
        interception: Some(InterceptionSeen {
            issuer: "CN=Example Corp Root CA 2,O=Example Corp".to_owned(),
            fingerprint: Fingerprint::new(&[7; 32]),
            is_trusted: true,
            server: "cloud.example.com:443".to_owned(),
            proxy: Some(location("10.71.0.80:3128")),
            at: NOW - 40,
        }),
        ..DiagnosticsStatus::default()
    });
    summary
}

/// One proxy that cannot be used for this reason.
pub(crate) fn unreachable(cause: FailureCause) -> Summary {
    let mut summary = connected();
    let settings = &mut summary.settings.as_mut().expect("settings").settings;
    settings.proxies.truncate(1);
    settings.roots.truncate(1);
    let state = ProxyState::Unreachable { cause };
    let proxies = vec![health(1, "10.71.0.80:3128", state)];
    summary.diagnostics = Some(DiagnosticsStatus { proxies, ..DiagnosticsStatus::default() });
    summary
}

fn proxy_problems() -> Vec<ProxyProblem> {
    use ProxyCredentialError as Credential;
    use ProxyLocationError as Location;
    let text = str::to_owned;
    let locations = [
        Location::Empty,
        Location::Scheme { scheme: text("http") },
        Location::Credentials,
        Location::Path,
        Location::Spaces,
        Location::Ipv6,
        Location::NoPort,
        Location::PortNotNumber { port: text("31z8") },
        Location::PortRange { port: text("99999") },
        Location::NoHost,
        Location::NotAnAddress { host: text("10.71.0.300") },
        Location::Address { address: [0, 0, 0, 0].into(), reason: HostAddressError::Unspecified },
        Location::NotAHost { host: text("pro_xy") },
    ];
    let credentials = [
        Credential::UserNameTooLong,
        Credential::UserNameColon,
        Credential::UserNameControl,
        Credential::PasswordTooLong,
        Credential::PasswordControl,
        Credential::PasswordWithoutUserName,
    ];
    let refusals = [
        SettingsRefusal::TooManyProxies { limit: 16 },
        SettingsRefusal::DuplicateProxy { location: text("10.71.0.80:3128") },
        SettingsRefusal::UnknownProxy,
        SettingsRefusal::ProxyOrder,
        SettingsRefusal::ProxyPasswordNeeded,
        SettingsRefusal::TooManyBypassRules { limit: 200 },
    ];
    let locations = locations.into_iter().map(ProxyProblem::Location);
    let credentials = credentials.into_iter().map(ProxyProblem::Credentials);
    let refusals = refusals.into_iter().map(ProxyProblem::Refused);
    let others = [ProxyProblem::FormExpired, ProxyProblem::NotStored];
    locations.chain(credentials).chain(refusals).chain(others).collect()
}

fn bypass_problems() -> Vec<BypassProblem> {
    use BypassRuleError as Rule;
    let text = str::to_owned;
    let network = model::ipv4::HostNet {
        address: [192, 0, 2, 0].into(),
        prefix: model::ipv4::PrefixLength::new(24).expect("a prefix"),
    };
    let rules = [
        Rule::Empty,
        Rule::Scheme { scheme: text("https") },
        Rule::Port,
        Rule::Ipv6,
        Rule::Wildcard,
        Rule::NotAnAddress { text: text("192.0.2.300") },
        Rule::Mask(MaskError::Hole),
        Rule::HostBits { network },
        Rule::NotAName { text: text("a_b") },
    ];
    let rules = rules.map(|reason| BypassListError::Rule { text: text("192.0.2.7/24"), reason });
    let now: Vec<BypassRule> = parse_list("a.example b.example").expect("rules");
    rules
        .into_iter()
        .chain([BypassListError::TooMany])
        .map(BypassProblem::List)
        .chain([
            BypassProblem::Changed { now },
            BypassProblem::Changed { now: Vec::new() },
            BypassProblem::FormExpired,
            BypassProblem::NotStored,
        ])
        .collect()
}

fn root_problems() -> Vec<RootProblem> {
    use RootCaRefusal as Refusal;
    let subject = || "CN=Example Corp Root CA 2".to_owned();
    let label = |label: &str| Refusal::WrongBlock { label: label.to_owned() };
    [
        Refusal::Missing,
        Refusal::TooLarge { limit_bytes: 65_536 },
        Refusal::Encoding { encoding: "UTF-16" },
        Refusal::NotPem,
        Refusal::Truncated,
        Refusal::WrongBase64,
        Refusal::Damaged,
        Refusal::PrivateKey,
        label("CERTIFICATE REQUEST"),
        label("PKCS7"),
        label("PKCS12"),
        label("X <b>"),
        Refusal::SeveralCertificates { count: 3 },
        Refusal::NotAuthority { subject: subject() },
        Refusal::MayNotSign { subject: subject() },
        Refusal::OldVersion { subject: subject() },
        Refusal::WrongSignature { subject: subject() },
        Refusal::WeakKey { bits: 1024 },
        Refusal::UnsupportedKey { kind: "DSA".to_owned() },
        Refusal::Unusable { reason: "unknown critical extension".to_owned() },
    ]
    .into_iter()
    .map(RootProblem::Refused)
    .chain([
        RootProblem::TextAndFile,
        RootProblem::Settings(SettingsRefusal::DuplicateRoot { subject: subject() }),
        RootProblem::Settings(SettingsRefusal::TooManyRoots { limit: 64 }),
        RootProblem::Settings(SettingsRefusal::RootsTooLarge { limit_bytes: 131_072 }),
        RootProblem::Settings(SettingsRefusal::UnknownRoot),
        RootProblem::FormExpired,
        RootProblem::NotStored,
    ])
    .collect()
}

fn edit(language: Language, id: Option<String>, problems: Vec<ProxyProblem>) -> String {
    webui::edit_proxy(&EditProxy {
        frame: frame(language, true, "/proxy-servers/add"),
        has_password: id.is_some(),
        id,
        location: "10.71.0.80:3128".to_owned(),
        user_name: "svc-connector".to_owned(),
        problems,
    })
}

/// Every page with its name.
pub(crate) fn all(language: Language) -> Vec<(String, String)> {
    let mut pages = vec![
        ("connections".to_owned(), administration(language, connected())),
        ("proxy-add".to_owned(), edit(language, None, Vec::new())),
        ("proxy-edit".to_owned(), edit(language, Some(id(1)), Vec::new())),
        (
            "proxy-several-problems".to_owned(),
            edit(
                language,
                None,
                vec![
                    ProxyProblem::Location(ProxyLocationError::NoPort),
                    ProxyProblem::Credentials(ProxyCredentialError::PasswordWithoutUserName),
                ],
            ),
        ),
    ];
    let mut add = |name: String, html: String| pages.push((name, html));
    for (index, cause) in causes().into_iter().enumerate() {
        let html = administration(language, unreachable(cause));
        add(format!("proxy-unreachable-{index:02}"), html);
    }
    let mut unknown = connected();
    unknown.diagnostics = None;
    add("connections-unknown".to_owned(), administration(language, unknown));
    let mut many = connected();
    if let Some(status) = &mut many.settings {
        status.settings.proxies =
            (0..16).map(|index| proxy(index, &format!("10.71.0.{index}:3128"), None)).collect();
    }
    add("connections-many".to_owned(), administration(language, many));
    let mut soon = connected();
    if let Some(status) = &mut soon.settings {
        let days = [0, 1, 30, 31].map(|days| {
            root(&"Root".repeat(usize::try_from(days).unwrap_or(0) + 1), NOW + days * DAY, false)
        });
        status.settings.roots = days.to_vec();
        let mut early = root("Early", NOW + 900 * DAY, true);
        early.not_before = NOW + DAY;
        status.settings.roots.push(early);
    }
    add("connections-soon".to_owned(), administration(language, soon));
    for (index, problem) in proxy_problems().into_iter().enumerate() {
        add(format!("proxy-problem-{index:02}"), edit(language, None, vec![problem]));
    }
    for (index, is_only) in [false, true].into_iter().enumerate() {
        let page = DeleteProxy {
            frame: frame(language, true, "/proxy-servers/delete"),
            proxy: proxy(1, "10.71.0.80:3128", None),
            is_only,
            is_refused: is_only,
        };
        add(format!("proxy-delete-{index}"), webui::delete_proxy(&page));
        let page = DeleteRoot {
            frame: frame(language, true, "/root-certificates/delete"),
            root: root("Example Corp Root CA 2", NOW + DAY, true),
            is_refused: is_only,
        };
        add(format!("root-delete-{index}"), webui::delete_root(&page));
    }
    let bypass = |network: &str, problem| {
        webui::edit_bypass(&EditBypass {
            frame: frame(language, true, "/proxy-bypass"),
            rules: format!("hypervisor.example.com\n{network}"),
            seen: "hypervisor.example.com".to_owned(),
            problem,
        })
    };
    add("bypass".to_owned(), bypass("192.0.2.0/24", None));
    for (index, problem) in bypass_problems().into_iter().enumerate() {
        add(format!("bypass-problem-{index:02}"), bypass("192.0.2.7/24", Some(problem)));
    }
    let add_root = |problem| {
        let sent = "-----BEGIN CERTIFICATE-----\nMIIB".to_owned();
        let frame = frame(language, true, "/root-certificates/add");
        webui::add_root(&AddRoot { frame, sent, problem })
    };
    add("root-add".to_owned(), add_root(None));
    for (index, problem) in root_problems().into_iter().enumerate() {
        add(format!("root-problem-{index:02}"), add_root(Some(problem)));
    }
    pages
}
