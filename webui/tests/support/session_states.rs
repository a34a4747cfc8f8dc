//! *Sessions*, the question for the password, and *Logs* in every state.

use model::journal::{BootId, JournalDisk, Record, Severity, Source, SyslogState};
use model::outbound::FailureCause;
use model::role::Role;
use model::syslog::{SyslogField, SyslogForm, SyslogProblem};
use webui::{
    Dangerous, Language, LogFilter, LogsPage, LogsProblem, OpenSession, PasswordField,
    PasswordProblem, ReenterPassword, SessionKind, SessionsNotice, SessionsPage, SignInEntry,
    SignInOutcome, SignInPlace,
};

use super::{NOW, frame};

pub(crate) fn all(language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for (name, sessions, notice) in [
        ("sessions", open_sessions(), None),
        ("sessions-alone", open_sessions().into_iter().take(1).collect(), None),
        ("sessions-ended", open_sessions(), Some(SessionsNotice::Ended)),
        ("sessions-others-ended", Vec::new(), Some(SessionsNotice::OthersEnded)),
        ("sessions-ended-before", Vec::new(), Some(SessionsNotice::EndedBefore)),
    ] {
        pages.push((name.to_owned(), webui::sessions(&sessions_page(language, sessions, notice))));
    }
    for (index, change) in [
        Dangerous::ReplaceCertificate,
        Dangerous::DeleteAuthority,
        Dangerous::EndSessions,
        Dangerous::MetricsToken,
        Dangerous::LogDestination,
        Dangerous::LeaveDomain,
        Dangerous::Unregister,
    ]
    .into_iter()
    .enumerate()
    {
        pages.push((format!("reenter-{index}"), reenter(language, change, None)));
    }
    for (index, problem) in [
        PasswordProblem::Missing(PasswordField::Current),
        PasswordProblem::WrongCurrent { wait_seconds: 0 },
        PasswordProblem::WrongCurrent { wait_seconds: 8 },
        PasswordProblem::TooSoon { wait_seconds: 5 },
        PasswordProblem::FormExpired,
        PasswordProblem::NotStored,
    ]
    .into_iter()
    .enumerate()
    {
        let html = reenter(language, Dangerous::EndSessions, Some(problem));
        pages.push((format!("reenter-problem-{index}"), html));
    }
    pages.extend(logs(language));
    pages
}

fn reenter(language: Language, change: Dangerous, problem: Option<PasswordProblem>) -> String {
    let frame = frame(language, true, "/sessions/end");
    webui::reenter_password(&ReenterPassword { frame, path: "/sessions/end", change, problem })
}

pub(crate) fn sessions_page(
    language: Language,
    sessions: Vec<OpenSession>,
    notice: Option<SessionsNotice>,
) -> SessionsPage {
    let frame = frame(language, true, "/sessions");
    SessionsPage { frame, sessions, sign_ins: sign_ins(), notice, now: NOW }
}

fn open_sessions() -> Vec<OpenSession> {
    let session =
        |id: &str, kind, source: &str, agent: &str, started: i64, used: i64| OpenSession {
            id: id.to_owned(),
            is_own: id.starts_with("5f0c"),
            kind,
            source: source.to_owned(),
            agent: agent.to_owned(),
            started: NOW - started,
            used: NOW - used,
            ends: NOW - used + 900,
        };
    let (browser, token) = (SessionKind::Browser, SessionKind::Token);
    vec![
        session("5f0c1c5e-1", browser, "10.71.57.20", "Firefox 133, Linux", 1200, 0),
        session("9b7d2f6e-2", browser, "10.71.58.103", "Edge 130, Windows", 40_000, 320),
        session("1a2b3c4d-3", token, "10.71.57.9", "python-requests/2.32", 60, 58),
        session("1a2b3c4d-4", token, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "", 700, 640),
    ]
}

fn sign_ins() -> Vec<SignInEntry> {
    let entry = |source: &str, agent: &str, place, outcome, count, ago| SignInEntry {
        source: source.to_owned(),
        agent: agent.to_owned(),
        place,
        outcome,
        count,
        last: NOW - ago,
    };
    let (page, api) = (SignInPlace::Page, SignInPlace::Api);
    vec![
        entry("10.71.57.9", "python-requests/2.32", api, SignInOutcome::Accepted, 1, 60),
        entry("10.71.57.20", "Firefox 133, Linux", page, SignInOutcome::Accepted, 1, 1200),
        entry("198.51.100.77", "", page, SignInOutcome::Delayed, 212, 2600),
        entry("198.51.100.77", "curl/8.5.0", page, SignInOutcome::Refused, 4, 2700),
        entry(
            "10.71.58.103",
            "Edge 130, Windows",
            SignInPlace::Confirmation,
            SignInOutcome::Accepted,
            1,
            90_000,
        ),
    ]
}

/// *Logs* in every state.
pub(crate) fn logs(language: Language) -> Vec<(String, String)> {
    let plain = || logs_page(language);
    let form = |server: &str, port: &str| SyslogForm {
        server: server.to_owned(),
        port: port.to_owned(),
        transport: "tls".to_owned(),
        severity: "warning".to_owned(),
    };
    let set = |state| LogsPage {
        syslog: form("logs.corp.example.com", "6514"),
        has_syslog: true,
        syslog_state: Some(state),
        ..plain()
    };
    let failing = |dropped| SyslogState::Failing {
        since: NOW - 600,
        reason: "connect to 10.71.0.9:6514: connection refused".to_owned(),
        cause: None,
        sent: 12,
        dropped,
    };
    let connected = |dropped| SyslogState::Connected { since: NOW - 90_000, sent: 40_212, dropped };
    let wrong = |problems| LogsPage {
        syslog: form("https://logs", "99999"),
        problem: Some(LogsProblem::Syslog(problems)),
        ..plain()
    };
    let unusable = model::ipv4::check_host_address([127, 0, 0, 1].into()).expect_err("loopback");
    let empty = LogsPage { records: Some(Vec::new()), ..plain() };
    let filter = LogFilter {
        source: Some(Source::Kernel),
        severity: Some(Severity::Error),
        text: "disk \u{6f22}".to_owned(),
        before: Some(900),
    };
    let no_route = FailureCause::NoRoute {
        address: [10, 71, 0, 9].into(),
        reason: model::outbound::RouteTrouble::NoRoute,
    };
    let trouble = JournalDisk::Trouble { reason: "no space left on device".to_owned() };
    [
        ("", plain()),
        ("-empty", empty.clone()),
        ("-empty-here", LogsPage { older: Some(5), filter, ..empty }),
        ("-silent", LogsPage { records: None, ..plain() }),
        ("-not-stored", LogsPage { storage: Some(trouble), ..plain() }),
        ("-bad-filter", LogsPage { problem: Some(LogsProblem::Filter), ..plain() }),
        ("-expired", LogsPage { problem: Some(LogsProblem::FormExpired), ..plain() }),
        ("-not-saved", LogsPage { problem: Some(LogsProblem::NotStored), ..plain() }),
        ("-no-server", LogsPage { problem: Some(LogsProblem::NoServer), ..plain() }),
        (
            "-wrong",
            wrong(vec![
                (SyslogField::Server, SyslogProblem::NotAServer),
                (SyslogField::Port, SyslogProblem::NotAPort),
            ]),
        ),
        ("-wrong-ipv6", wrong(vec![(SyslogField::Server, SyslogProblem::Ipv6)])),
        ("-wrong-address", wrong(vec![(SyslogField::Server, SyslogProblem::Unusable(unusable))])),
        (
            "-wrong-lists",
            wrong(vec![
                (SyslogField::Transport, SyslogProblem::NotATransport),
                (SyslogField::Severity, SyslogProblem::NotASeverity),
            ]),
        ),
        ("-connecting", set(SyslogState::Connecting)),
        ("-connected", set(connected(0))),
        ("-connected-lost", set(connected(7))),
        ("-failing", set(failing(0))),
        ("-failing-lost", LogsPage { syslog_cause: Some(no_route), ..set(failing(3)) }),
        ("-token", LogsPage { has_metrics_token: true, ..plain() }),
        (
            "-new-token",
            LogsPage {
                has_metrics_token: true,
                new_metrics_token: Some("4f1d2c".repeat(10) + "abcd"),
                ..plain()
            },
        ),
    ]
    .into_iter()
    .map(|(name, page)| (format!("logs{name}"), webui::logs(&page)))
    .collect()
}

pub(crate) fn logs_page(language: Language) -> LogsPage {
    LogsPage {
        frame: frame(language, true, "/logs"),
        records: Some(records()),
        older: Some(1_201),
        syslog_state: Some(SyslogState::Off),
        syslog: SyslogForm { transport: "tls".to_owned(), ..SyslogForm::default() },
        address: "10.71.57.66".to_owned(),
        now: NOW,
        ..LogsPage::default()
    }
}

fn records() -> Vec<Record> {
    let record = |ago: i64, severity, source, message: &str, fields: &[(&str, &str)]| Record {
        id: 1_300 - ago.unsigned_abs(),
        time_ms: (NOW - ago) * 1000,
        boot: BootId::from_random([1; 8]),
        sequence: 5,
        uptime_us: 10,
        severity,
        source,
        message: message.to_owned(),
        fields: fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
    };
    let web = Source::Role(Role::Web);
    vec![
        record(
            3,
            Severity::Informational,
            web,
            "The administrator has given the password",
            &[("source", "10.71.57.20"), ("way", "page"), ("result", "accepted")],
        ),
        record(
            40,
            Severity::Warning,
            web,
            "A wrong password was given",
            &[("source", "198.51.100.77"), ("way", "api"), ("result", "refused")],
        ),
        record(62, Severity::Error, Source::Init, "The role console has failed", &[]),
        record(80, Severity::Debug, Source::Role(Role::Network), "Renewed the lease", &[]),
        record(99, Severity::Notice, Source::Kernel, "EXT4-fs (vda5): mounted", &[]),
    ]
}
