//! The page *Logs*: the newest records, where they are sent, and the token for metrics.

use std::fmt::Write as _;

use askama::Template;
use model::journal::{JournalDisk, Record, Severity, Source, SyslogState};
use model::outbound::FailureCause;
use model::syslog::{SyslogField, SyslogForm, SyslogProblem, SyslogTransport};

use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::logs::LogsTexts;
use crate::time;

/// Which records are shown, as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only from this source.
    pub source: Option<Source>,
    /// Only this severe or worse.
    pub severity: Option<Severity>,
    /// Only with this text.
    pub text: String,
    /// Only older than the record with this id.
    pub before: Option<u64>,
}

/// Why the records or the setting are not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogsProblem {
    /// The fields to correct of the remote server.
    Syslog(Vec<(SyslogField, SyslogProblem)>),
    /// No server was entered.
    NoServer,
    /// The filter is not understood; everything is shown.
    Filter,
    /// The form was open for too long or comes from another session; nothing has been changed.
    FormExpired,
    /// The settings could not be written; nothing has been changed.
    NotStored,
}

/// The page *Logs*.
///
/// The filter is sent to `/logs` by GET as `source`, `severity` and `text`. The remote server posts
/// `server`, `port`, `transport`, `severity` and `csrf` to `/logs/syslog`, or `csrf` to
/// `/logs/syslog/remove`; the token for metrics `csrf` to `/logs/metrics-token` or
/// `/logs/metrics-token/remove`.
#[derive(Clone, Debug, Default)]
pub struct LogsPage {
    /// Common to all pages.
    pub frame: Frame,
    /// What was asked for.
    pub filter: LogFilter,
    /// The records, newest first; `None` when the journal does not answer.
    pub records: Option<Vec<Record>>,
    /// The id before which the next page begins.
    pub older: Option<u64>,
    /// Whether records are stored.
    pub storage: Option<JournalDisk>,
    /// The form of the remote server.
    pub syslog: SyslogForm,
    /// Whether a remote server is set.
    pub has_syslog: bool,
    /// Whether records arrive there; `None` when the journal does not answer.
    pub syslog_state: Option<SyslogState>,
    /// What the connection to it failed of, when that is the trouble.
    pub syslog_cause: Option<FailureCause>,
    /// Whether there is a token for metrics.
    pub has_metrics_token: bool,
    /// The token that has just been made: shown once.
    pub new_metrics_token: Option<String>,
    /// Address or name under which the browser reached the appliance.
    pub address: String,
    /// What was wrong.
    pub problem: Option<LogsProblem>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

/// A choice of a list.
struct OptionView {
    value: &'static str,
    words: String,
    is_chosen: bool,
}

/// A record as the template sees it.
struct RecordView<'a> {
    time: String,
    tone: &'static str,
    icon: &'static str,
    severity: &'static str,
    source: &'static str,
    message: &'a str,
    fields: Vec<String>,
}

/// A state with its reason and the next step.
struct StateView {
    tone: &'static str,
    icon: &'static str,
    words: String,
    reason: Option<String>,
    next_step: Option<String>,
}

#[derive(Template)]
#[template(path = "logs.html")]
struct LogsView<'a> {
    frame: FrameView<'a>,
    text: &'static LogsTexts,
    sources: Vec<OptionView>,
    least_severities: Vec<OptionView>,
    search: &'a str,
    records: Option<Vec<RecordView<'a>>>,
    older: Option<String>,
    newest: Option<String>,
    download: String,
    storage: Option<StateView>,
    syslog: &'a SyslogForm,
    has_syslog: bool,
    syslog_state: Option<StateView>,
    transports: Vec<OptionView>,
    sent_severities: Vec<OptionView>,
    server_error: Option<String>,
    port_error: Option<String>,
    problems: Vec<(Option<&'static str>, String)>,
    has_metrics_token: bool,
    new_token: Option<&'a str>,
    metrics_url: String,
}

/// Renders *Logs*.
#[must_use]
pub fn logs(page: &LogsPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.logs;
    let problems = problems(text, page.problem.as_ref());
    let error_of = |id: &str| {
        let found = problems.iter().find(|(field, _)| *field == Some(id));
        found.map(|(_, words)| words.clone())
    };
    let frame = FrameView::new(&page.frame, text.title);
    let filter = &page.filter;
    crate::render(&LogsView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        sources: Source::all()
            .map(|source| {
                option(source.name(), source.name().to_owned(), filter.source == Some(source))
            })
            .collect(),
        least_severities: severities(text, filter.severity),
        search: &filter.text,
        records: page
            .records
            .as_ref()
            .map(|records| records.iter().map(|it| record(text, it)).collect()),
        older: page.older.map(|id| format!("/logs?{}", query(filter, Some(id)))),
        newest: filter.before.is_some().then(|| format!("/logs?{}", query(filter, None))),
        download: format!("/logs/download?{}", query(filter, None)),
        storage: page.storage.as_ref().and_then(|disk| storage(text, disk)),
        syslog: &page.syslog,
        has_syslog: page.has_syslog,
        syslog_state: page
            .syslog_state
            .as_ref()
            .filter(|_| page.has_syslog)
            .and_then(|state| syslog_state(texts, state, page.syslog_cause.as_ref(), page.now)),
        transports: SyslogTransport::ALL
            .into_iter()
            .map(|transport| {
                let is_chosen = page.syslog.transport == transport.name();
                option(transport.name(), (text.transport)(transport).to_owned(), is_chosen)
            })
            .collect(),
        sent_severities: severities(
            text,
            Severity::from_name(&page.syslog.severity).or_else(|| Some(Severity::default())),
        ),
        server_error: error_of("syslog-server"),
        port_error: error_of("syslog-port"),
        problems: problems.clone(),
        has_metrics_token: page.has_metrics_token,
        new_token: page.new_metrics_token.as_deref(),
        metrics_url: format!("https://{}/metrics", page.address),
    })
}

fn option(value: &'static str, words: String, is_chosen: bool) -> OptionView {
    OptionView { value, words, is_chosen }
}

fn severities(text: &LogsTexts, chosen: Option<Severity>) -> Vec<OptionView> {
    Severity::ALL
        .into_iter()
        .map(|severity| {
            let words = (text.severity)(severity).to_owned();
            option(severity.name(), words, chosen == Some(severity))
        })
        .collect()
}

fn record<'a>(text: &LogsTexts, record: &'a Record) -> RecordView<'a> {
    let (tone, icon) = match record.severity {
        Severity::Emergency | Severity::Alert | Severity::Critical | Severity::Error => {
            ("is-bad", "bad")
        }
        Severity::Warning => ("is-warn", "warn"),
        Severity::Notice | Severity::Informational | Severity::Debug => ("is-info", "info"),
    };
    RecordView {
        time: time::date_time(record.time_ms.div_euclid(1000)),
        tone,
        icon,
        severity: (text.severity)(record.severity),
        source: record.source.name(),
        message: &record.message,
        fields: record.fields.iter().map(|(name, value)| format!("{name}={value}")).collect(),
    }
}

fn storage(text: &LogsTexts, disk: &JournalDisk) -> Option<StateView> {
    let JournalDisk::Trouble { reason } = disk else { return None };
    Some(StateView {
        tone: "is-warn",
        icon: "warn",
        words: text.not_stored.to_owned(),
        reason: Some(reason.clone()),
        next_step: None,
    })
}

fn syslog_state(
    texts: &Texts,
    state: &SyslogState,
    cause: Option<&FailureCause>,
    now: i64,
) -> Option<StateView> {
    let text = &texts.logs;
    let plain = |tone, icon, words| StateView { tone, icon, words, reason: None, next_step: None };
    Some(match state {
        SyslogState::Off => return None,
        SyslogState::Connecting => plain("is-info", "wait", text.connecting.to_owned()),
        SyslogState::Connected { since, sent, dropped } => {
            let words = (text.connected)(&time::moment(*since, now), *sent, *dropped);
            plain("is-ok", "ok", words)
        }
        SyslogState::Failing { since, reason, sent, dropped, .. } => {
            // What the connection failed of has its own words in each language.
            let cause = cause.map(texts.outbound.text);
            StateView {
                tone: "is-bad",
                icon: "bad",
                words: (text.failing)(&time::moment(*since, now), *sent, *dropped),
                next_step: Some(match cause {
                    Some(cause) => format!("{} {}", cause.headline, cause.next_step),
                    None => text.failing_remedy.to_owned(),
                }),
                reason: Some(reason.clone()),
            }
        }
    })
}

fn problems(
    text: &LogsTexts,
    problem: Option<&LogsProblem>,
) -> Vec<(Option<&'static str>, String)> {
    match problem {
        None => Vec::new(),
        Some(LogsProblem::Syslog(problems)) => problems
            .iter()
            .map(|(field, problem)| (Some(field_id(*field)), (text.syslog_problem)(problem)))
            .collect(),
        Some(LogsProblem::NoServer) => {
            vec![(Some(field_id(SyslogField::Server)), text.no_server.to_owned())]
        }
        Some(LogsProblem::Filter) => vec![(None, text.bad_filter.to_owned())],
        Some(LogsProblem::FormExpired) => vec![(None, text.form_expired.to_owned())],
        Some(LogsProblem::NotStored) => vec![(None, text.not_saved.to_owned())],
    }
}

const fn field_id(field: SyslogField) -> &'static str {
    match field {
        SyslogField::Server => "syslog-server",
        SyslogField::Port => "syslog-port",
        SyslogField::Transport => "syslog-transport",
        SyslogField::Severity => "syslog-severity",
    }
}

/// The query that shows these records.
fn query(filter: &LogFilter, before: Option<u64>) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            let and = if query.is_empty() { "" } else { "&" };
            let _ = write!(query, "{and}{name}={}", encoded(value));
        }
    };
    add("source", filter.source.map(Source::name).unwrap_or_default());
    add("severity", filter.severity.map(Severity::name).unwrap_or_default());
    add("text", &filter.text);
    add("before", &before.map(|id| id.to_string()).unwrap_or_default());
    query
}

/// A value as it stands in a query (WHATWG URL Standard, section 5.2).
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filter() {
        let filter = LogFilter {
            source: Some(Source::Kernel),
            severity: Some(Severity::Error),
            text: "a&b=\u{6f22} \"".to_owned(),
            before: Some(3),
        };
        let expected = "source=kernel&severity=error&text=a%26b%3D%E6%BC%A2%20%22&before=9";
        assert_eq!(query(&filter, Some(9)), expected);
        assert_eq!(query(&LogFilter::default(), None), "");
    }
}
