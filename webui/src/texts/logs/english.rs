//! Texts of *Logs* in English.

use model::journal::Severity;
use model::syslog::SyslogTransport;

use super::LogsTexts;

pub(crate) const TEXTS: LogsTexts = LogsTexts {
    title: "Logs",
    not_done: "Please correct:",
    form_expired: "The form was open for too long. Nothing has been changed. Send it again.",
    not_saved: "It could not be stored. Nothing has been changed. Try again.",

    records_heading: "Records",
    bad_filter: "The filter is not understood; all records are shown.",
    source: "Source",
    every_source: "All sources",
    severity_label: "At least",
    severity_heading: "Severity",
    every_severity: "Every severity",
    severity: |severity| match severity {
        Severity::Emergency => "Emergency",
        Severity::Alert => "Alert",
        Severity::Critical => "Critical",
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Notice => "Notice",
        Severity::Informational => "Information",
        Severity::Debug => "Debug",
    },
    search: "With the text",
    show: "Show",
    download: "Download",
    time: "Time",
    message: "Message",
    older: "Older records",
    newest: "Newest records",
    none: "There are no such records. Choose another source or severity.",
    none_here: "There are none among the records looked through so far.",
    silent: "The logs cannot be read at the moment. Wait a few seconds, then reload the page.",
    not_stored: "Records are only kept in memory and are lost with a restart.",

    syslog_heading: "Remote syslog server",
    syslog_explanation: "Records are sent as they arise (RFC 5424), beginning with those of this start. They stay on the appliance as well.",
    server: "Server",
    server_hint: "Host name or IPv4 address",
    port: "Port",
    port_hint: "Empty = 6514 for TLS, 514 otherwise",
    transport_label: "Transport",
    transport: |transport| match transport {
        SyslogTransport::Tls => "TLS (encrypted)",
        SyslogTransport::Tcp => "TCP (readable on the way)",
        SyslogTransport::Udp => "UDP (readable on the way, may get lost)",
    },
    sent_severity: "Send at least",
    save: "Save",
    stop: "Stop sending",
    no_server: "Enter the server that the records are sent to.",
    syslog_problem: |problem| format!("This {problem}."),
    connecting: "Connecting",
    connected: |since, sent, dropped| match dropped {
        0 => format!("Sending since {since}, {sent} records so far"),
        _ => format!("Sending since {since}, {sent} records so far, {dropped} lost"),
    },
    failing: |since, sent, dropped| match dropped {
        0 => format!("Not reached since {since}; {sent} records were sent before, new ones wait"),
        _ => format!("Not reached since {since}; {sent} records were sent before, {dropped} lost"),
    },
    failing_remedy: "Check server, port and transport, and whether a firewall lets the appliance through. It is tried again by itself.",

    metrics_heading: "Metrics",
    metrics_explanation: "A monitoring system reads health, services, clock, certificate, proxies, sessions and logs in the Prometheus text format. It needs a token, which reads metrics and nothing else.",
    no_token: "There is no token: nobody can read metrics.",
    has_token: "A token is in use. It is not shown again; make another one if it is lost.",
    make_token: "Make a token",
    make_another: "Make another token",
    remove_token: "Remove the token",
    new_token: "The new token",
    new_token_once: "Copy it now: it is not shown again. The one before is refused from now on.",
    token_name: "token",
    metrics_url: "Address",
};
