//! Texts of *Logs*.

pub(crate) mod english;
pub(crate) mod japanese;

use model::journal::Severity;
use model::syslog::{SyslogProblem, SyslogTransport};

/// Texts of the page.
#[derive(Debug)]
pub(crate) struct LogsTexts {
    pub(crate) title: &'static str,
    pub(crate) not_done: &'static str,
    pub(crate) form_expired: &'static str,
    pub(crate) not_saved: &'static str,

    pub(crate) records_heading: &'static str,
    pub(crate) bad_filter: &'static str,
    pub(crate) source: &'static str,
    pub(crate) every_source: &'static str,
    pub(crate) severity_label: &'static str,
    pub(crate) severity_heading: &'static str,
    pub(crate) every_severity: &'static str,
    pub(crate) severity: fn(Severity) -> &'static str,
    pub(crate) search: &'static str,
    pub(crate) show: &'static str,
    pub(crate) download: &'static str,
    pub(crate) time: &'static str,
    pub(crate) message: &'static str,
    pub(crate) older: &'static str,
    pub(crate) newest: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_here: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) not_stored: &'static str,

    pub(crate) syslog_heading: &'static str,
    pub(crate) syslog_explanation: &'static str,
    pub(crate) server: &'static str,
    pub(crate) server_hint: &'static str,
    pub(crate) port: &'static str,
    pub(crate) port_hint: &'static str,
    pub(crate) transport_label: &'static str,
    pub(crate) transport: fn(SyslogTransport) -> &'static str,
    pub(crate) sent_severity: &'static str,
    pub(crate) save: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) no_server: &'static str,
    pub(crate) syslog_problem: fn(&SyslogProblem) -> String,
    pub(crate) connecting: &'static str,
    pub(crate) connected: fn(since: &str, sent: u64, dropped: u64) -> String,
    pub(crate) failing: fn(since: &str, sent: u64, dropped: u64) -> String,
    pub(crate) failing_remedy: &'static str,

    pub(crate) metrics_heading: &'static str,
    pub(crate) metrics_explanation: &'static str,
    pub(crate) no_token: &'static str,
    pub(crate) has_token: &'static str,
    pub(crate) make_token: &'static str,
    pub(crate) make_another: &'static str,
    pub(crate) remove_token: &'static str,
    pub(crate) new_token: &'static str,
    pub(crate) new_token_once: &'static str,
    pub(crate) token_name: &'static str,
    pub(crate) metrics_url: &'static str,
}
