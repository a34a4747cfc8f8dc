//! Texts of *TCP Capture*.

use model::capture::{TraceDuration, TraceField, TraceFilter, TraceProblem};
use model::capture_status::{Conversation, EndReason, TraceOrigin};

use crate::network_diagnostics::CaptureRefusal;

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the section. Amounts, durations and times come in as words.
#[derive(Debug)]
pub(crate) struct CaptureTexts {
    pub(crate) page: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) intro: &'static str,
    pub(crate) label: fn(TraceField) -> &'static str,
    pub(crate) optional: &'static str,
    pub(crate) target_hint: &'static str,
    pub(crate) port_hint: &'static str,
    pub(crate) duration: fn(TraceDuration) -> String,
    pub(crate) duration_hint: fn(size: &str) -> String,
    pub(crate) packet_tracing: &'static str,
    pub(crate) packet_tracing_hint: &'static str,
    pub(crate) packet_tracing_warning: &'static str,
    pub(crate) start: &'static str,
    pub(crate) free: fn(size: &str) -> String,
    /// A new trace deletes the one that is there.
    pub(crate) replaces: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) problem: fn(TraceProblem) -> &'static str,
    pub(crate) not_started: fn(fields: usize) -> String,
    pub(crate) refusal: fn(&CaptureRefusal, at: &str) -> (String, String),
    pub(crate) silent: &'static str,

    pub(crate) recording: fn(what: &str) -> String,
    /// What is recorded: target, port, depth.
    pub(crate) what: fn(&TraceFilter, is_full: bool) -> String,
    pub(crate) by_probe: fn(TraceOrigin) -> Option<&'static str>,
    pub(crate) stop: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) elapsed: fn(elapsed: &str, duration: &str) -> String,
    pub(crate) ends_in: fn(left: &str) -> String,
    pub(crate) packets: &'static str,
    pub(crate) bytes: &'static str,
    pub(crate) file_size: &'static str,
    pub(crate) of_size: fn(size: &str) -> String,
    pub(crate) lost: &'static str,
    pub(crate) lost_of: fn(packets: &str) -> String,
    pub(crate) leave: &'static str,
    pub(crate) refresh: &'static str,

    pub(crate) end: fn(&EndReason, at: &str, elapsed: &str) -> String,
    /// What to do about a trace that ended early.
    pub(crate) end_remedy: fn(&EndReason) -> Option<&'static str>,
    pub(crate) lost_remedy: &'static str,
    pub(crate) download: &'static str,
    pub(crate) download_hint: fn(size: &str) -> String,
    pub(crate) start_new: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) delete_question: fn(at: &str) -> String,
    pub(crate) delete_consequence: &'static str,
    pub(crate) delete_button: &'static str,
    pub(crate) kept_until: fn(at: &str) -> String,
    pub(crate) full_warning: &'static str,

    pub(crate) conversations: &'static str,
    pub(crate) retransmissions: &'static str,
    pub(crate) resets: &'static str,
    pub(crate) unanswered: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) nothing_remedy: &'static str,
    pub(crate) plot: &'static str,
    pub(crate) plot_description: fn(peak: &str, at: &str, received: &str, sent: &str) -> String,
    pub(crate) received: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) values: &'static str,
    pub(crate) column_time: &'static str,
    pub(crate) scrolls: &'static str,
    pub(crate) largest: fn(shown: usize, all: &str) -> String,
    pub(crate) column_from_to: &'static str,
    pub(crate) to: fn(server: &str) -> String,
    pub(crate) column_purpose: &'static str,
    pub(crate) column_duration: &'static str,
    pub(crate) column_finding: &'static str,
    pub(crate) finding: fn(&Conversation) -> (FindingTone, String, Option<String>),
}

/// How a conversation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FindingTone {
    Good,
    Attention,
    Failing,
}

/// What a port is for, as far as the appliance and its surroundings use it: the same in every
/// language.
pub(crate) const fn purpose(port: u16) -> Option<&'static str> {
    Some(match port {
        22 => "SSH",
        53 => "DNS",
        80 | 8080 => "HTTP",
        88 => "Kerberos",
        135 => "RPC",
        389 => "LDAP",
        443 | 8443 => "HTTPS",
        445 => "SMB",
        464 => "Kerberos kpasswd",
        636 => "LDAPS",
        3128 => "HTTP proxy",
        3268 | 3269 => "Global catalog",
        6514 => "Syslog",
        _ => return None,
    })
}
