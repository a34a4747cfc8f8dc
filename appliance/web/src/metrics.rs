//! The state of the appliance in the Prometheus text format, version 0.0.4. Pure.
//!
//! A part of the appliance that does not answer has no samples, instead of wrong ones.

use std::fmt::{self, Write as _};

use model::capture_status::{CaptureStatus, TraceState};
use model::diagnostics::DiagnosticsStatus;
use model::domain::status::DirectoryStatus;
use model::health::Severity;
use model::journal::{JournalDisk, JournalStatus, SyslogState};
use model::outbound::ProxyState;
use model::product;
use model::supervision::RoleState;

use crate::sign_in_history::Outcome;
use crate::state::Snapshot;

/// Media type of the format.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is told.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) snapshot: Snapshot,
    pub(crate) diagnostics: Option<DiagnosticsStatus>,
    pub(crate) capture: Option<CaptureStatus>,
    pub(crate) journal: Option<JournalStatus>,
    /// When the certificate of the page ends, in seconds since 1970.
    pub(crate) certificate_not_after: i64,
    /// Sessions of browsers and tokens of the REST interface.
    pub(crate) sessions: (usize, usize),
    /// Tries to sign in since the start of the service.
    pub(crate) sign_ins: [(Outcome, u64); 3],
}

/// What a metric is.
#[derive(Clone, Copy)]
enum Kind {
    Gauge,
    Counter,
}

/// The text as it grows.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// Begins a metric; its samples follow.
    fn metric(&mut self, name: &'static str, kind: Kind, help: &str) -> Metric<'_> {
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        // Writing to a `String` does not fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Metric { text: &mut self.0, name }
    }

    fn gauge(&mut self, name: &'static str, help: &str, value: impl fmt::Display) {
        self.metric(name, Kind::Gauge, help).sample(&[], value);
    }

    fn counter(&mut self, name: &'static str, help: &str, value: impl fmt::Display) {
        self.metric(name, Kind::Counter, help).sample(&[], value);
    }
}

/// A metric to which samples are added.
struct Metric<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Metric<'_> {
    fn sample(&mut self, labels: &[(&str, &str)], value: impl fmt::Display) {
        self.text.push_str(self.name);
        for (index, (name, label)) in labels.iter().enumerate() {
            let open = if index == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{open}{name}=\"{}\"", escaped(label));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

/// The value of a label with its escapes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Renders everything.
pub(crate) fn render(facts: &Facts) -> String {
    let mut text = Exposition::default();
    machine(&mut text, facts);
    health(&mut text, facts);
    access(&mut text, facts);
    if let Some(diagnostics) = &facts.diagnostics {
        proxies(&mut text, diagnostics);
    }
    if let Some(directory) = &facts.snapshot.directory {
        domains(&mut text, directory);
    }
    if let Some(capture) = &facts.capture {
        let is_running = matches!(capture.state, TraceState::Running(_));
        text.gauge("connector_trace_running", "Whether a TCP trace runs.", u8::from(is_running));
    }
    if let Some(journal) = &facts.journal {
        logs(&mut text, journal);
    }
    text.0
}

fn machine(text: &mut Exposition, facts: &Facts) {
    let Snapshot { init, clock, uptime_seconds, .. } = &facts.snapshot;
    let slot = init.as_ref().and_then(|init| init.slot);
    let slot = slot.map(|slot| slot.letter().to_string()).unwrap_or_default();
    text.metric("connector_build_info", Kind::Gauge, "Version and slot that run; always 1.")
        .sample(&[("version", product::VERSION), ("slot", &slot)], 1);
    text.gauge("connector_uptime_seconds", "Since the machine started.", uptime_seconds);
    if let Some(clock) = clock {
        let is_trusted = u8::from(clock.is_trusted());
        text.gauge(
            "connector_clock_trusted",
            "Whether the clock is known to be right.",
            is_trusted,
        );
        if let Some(offset) = clock.offset_ms {
            let help = "How far the clock was off when it was compared last; positive = behind.";
            text.gauge("connector_clock_offset_seconds", help, seconds(offset));
        }
    }
    let Some(init) = init else { return };
    let mut ready = text.metric("connector_role_ready", Kind::Gauge, "Whether a role works.");
    for role in &init.roles {
        let is_ready = u8::from(role.state == RoleState::Ready);
        ready.sample(&[("role", role.role.name())], is_ready);
    }
    let help = "How often a role was started again.";
    let mut restarts = text.metric("connector_role_restarts_total", Kind::Counter, help);
    for role in &init.roles {
        restarts.sample(&[("role", role.role.name())], role.restarts);
    }
}

fn health(text: &mut Exposition, facts: &Facts) {
    let number = |severity| match severity {
        Severity::Good => 0,
        Severity::Attention => 1,
        Severity::Failing => 2,
    };
    let health = &facts.snapshot.health;
    let help = "The worst of all subjects: 0 = good, 1 = attention, 2 = failing.";
    text.gauge("connector_health_severity", help, number(health.severity()));
    // The worst finding of each subject: a series must not stand twice.
    let mut subjects: Vec<(String, u8)> = Vec::new();
    for finding in &health.findings {
        let subject = serde_json::to_value(finding.subject).ok();
        let subject =
            subject.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned();
        let severity = number(finding.cause.severity());
        match subjects.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, worst)) => *worst = severity.max(*worst),
            None => subjects.push((subject, severity)),
        }
    }
    let help = "Each subject: 0 = good, 1 = attention, 2 = failing.";
    let mut metric = text.metric("connector_health_subject_severity", Kind::Gauge, help);
    for (subject, severity) in &subjects {
        metric.sample(&[("subject", subject)], severity);
    }
}

fn access(text: &mut Exposition, facts: &Facts) {
    let name = "connector_certificate_expiry_seconds";
    let help = "Until the certificate of the admin page ends; negative = it has ended.";
    text.gauge(name, help, facts.certificate_not_after.saturating_sub(facts.snapshot.now));
    let help = "Sessions of browsers and tokens of the REST interface that are valid.";
    let mut sessions = text.metric("connector_sessions", Kind::Gauge, help);
    sessions.sample(&[("kind", "browser")], facts.sessions.0);
    sessions.sample(&[("kind", "token")], facts.sessions.1);
    let help = "Passwords that were given, since the start of the service.";
    let mut tries = text.metric("connector_sign_ins_total", Kind::Counter, help);
    for (outcome, count) in facts.sign_ins {
        tries.sample(&[("result", outcome.name())], count);
    }
}

fn proxies(text: &mut Exposition, diagnostics: &DiagnosticsStatus) {
    let help = "Whether a proxy can be used; missing = not known yet.";
    let mut metric = text.metric("connector_proxy_reachable", Kind::Gauge, help);
    for proxy in &diagnostics.proxies {
        let is_reachable = match proxy.state {
            ProxyState::Unknown => continue,
            ProxyState::Reachable { .. } => 1,
            ProxyState::Unreachable { .. } => 0,
        };
        metric.sample(&[("proxy", &proxy.location.to_string())], is_reachable);
    }
}

fn domains(text: &mut Exposition, directory: &DirectoryStatus) {
    let help = "Active Directory domains that are joined.";
    text.gauge("connector_domains_joined", help, directory.domains.len());
    let help = "Whether a domain can be used; missing = not known yet.";
    let mut metric = text.metric("connector_domain_usable", Kind::Gauge, help);
    for status in &directory.domains {
        let Some(health) = &status.health else { continue };
        let is_usable = u8::from(health.failure.is_none());
        metric.sample(&[("domain", status.domain.as_str())], is_usable);
    }
}

fn logs(text: &mut Exposition, journal: &JournalStatus) {
    let is_stored = matches!(journal.disk, JournalDisk::Good { .. });
    let help = "Whether records are stored on the data partition.";
    text.gauge("connector_journal_stored", help, u8::from(is_stored));
    if let JournalDisk::Good { bytes, free_bytes, total_bytes, .. } = &journal.disk {
        text.gauge("connector_journal_bytes", "Space that the journal takes.", bytes);
        text.gauge("connector_data_free_bytes", "Free space of the data partition.", free_bytes);
        text.gauge("connector_data_size_bytes", "Size of the data partition.", total_bytes);
    }
    let help = "Records that were overwritten before they were read.";
    text.counter("connector_journal_lost_records_total", help, journal.lost);
    let help = "Records left out because one source said too much.";
    text.counter("connector_journal_suppressed_records_total", help, journal.suppressed);
    let (is_connected, sent, dropped) = match &journal.syslog {
        SyslogState::Off => return,
        SyslogState::Connecting => (0, 0, 0),
        SyslogState::Connected { sent, dropped, .. } => (1, *sent, *dropped),
        SyslogState::Failing { sent, dropped, .. } => (0, *sent, *dropped),
    };
    let help = "Whether records reach the syslog server.";
    text.gauge("connector_syslog_connected", help, is_connected);
    let help = "Records sent to the syslog server.";
    text.counter("connector_syslog_sent_records_total", help, sent);
    let help = "Records that never were sent to the syslog server.";
    text.counter("connector_syslog_dropped_records_total", help, dropped);
}

/// Milliseconds as seconds with three digits, without going through a float.
fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let absolute = milliseconds.unsigned_abs();
    format!("{sign}{}.{:03}", absolute / 1000, absolute % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut text = Exposition::default();
        text.metric("m", Kind::Gauge, "Help.").sample(&[("a", "x\"\\\n"), ("b", "")], 3);
        assert_eq!(text.0, "# HELP m Help.\n# TYPE m gauge\nm{a=\"x\\\"\\\\\\n\",b=\"\"} 3\n");
    }

    #[test]
    fn offsets_are_seconds() {
        for (milliseconds, expected) in
            [(0, "0.000"), (-3, "-0.003"), (61_042, "61.042"), (-1500, "-1.500")]
        {
            assert_eq!(seconds(milliseconds), expected);
        }
        assert_eq!(seconds(i64::MIN), "-9223372036854775.808");
    }
}
