//! English.

use model::capture::{TraceField, TraceProblem};
use model::capture_status::{Conversation, EndReason, Handshake, TraceOrigin};

use super::{CaptureTexts, FindingTone};
use crate::amount;
use crate::network_diagnostics::CaptureRefusal;

pub(crate) const TEXTS: CaptureTexts = CaptureTexts {
    page: "Network diagnostics",
    heading: "TCP Capture",
    intro: "Records the TCP traffic of this appliance into a .pcap file that common network analysers open.",
    label: |field| match field {
        TraceField::Target => "Target",
        TraceField::Port => "Port",
        TraceField::Duration => "Trace Duration",
    },
    optional: "(optional)",
    target_hint: "IP address or host name; empty for all",
    port_hint: "1 to 65535; empty for all",
    duration: |duration| match duration.seconds() {
        60 => "1 minute".to_owned(),
        seconds if seconds < 60 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    },
    duration_hint: |size| format!("Also stops at {size} or when space runs low"),
    packet_tracing: "Packet Tracing",
    packet_tracing_hint: "Record whole packets. Off: the first 94 bytes of each, which is the headers and no content.",
    packet_tracing_warning: "Whole packets can contain names, data and passwords of users. Tell those concerned if your rules ask for it, and delete the file when it has served.",
    start: "Start trace",
    free: |size| format!("{size} free for the file"),
    replaces: "Starting a new trace deletes the present one. Download it first if you still need it.",
    keep: "Keep the present trace",
    problem: |problem| match problem {
        TraceProblem::NotATarget => {
            "Neither an IPv4 address such as 10.0.0.5 nor a host name such as dc1.corp.example.com."
        }
        TraceProblem::Ipv6 => {
            "This is an IPv6 address; the appliance speaks IPv4. Type an IPv4 address or a name."
        }
        TraceProblem::Loopback => {
            "This is the appliance itself; traffic within it is not recorded. Type another machine, or nothing."
        }
        TraceProblem::Network => "This is a network. Type one address, or nothing for all.",
        TraceProblem::Url => "This is a URL. Type the host name alone.",
        TraceProblem::TargetWithPort => {
            "Type the port into the field Port, and the host alone here."
        }
        TraceProblem::Several => "More than one target. Type one, or nothing for all.",
        TraceProblem::Expression => {
            "Filter expressions and commands are not taken. Type one address or one host name."
        }
        TraceProblem::NotAPort => {
            "Not a port. Type one number from 1 to 65535, or nothing for all."
        }
        TraceProblem::PortOutOfRange => "Ports are 1 to 65535.",
        TraceProblem::SeveralPorts => "More than one port. Type one, or nothing for all.",
        TraceProblem::NotADuration => "Choose one of the durations of the list.",
    },
    not_started: |fields| match fields {
        1 => "Correct 1 field. The trace has not been started.".to_owned(),
        _ => format!("Correct {fields} fields. The trace has not been started."),
    },
    refusal: |refusal, at| {
        let (headline, remedy) = match refusal {
            CaptureRefusal::Running { .. } => {
                return (
                    format!("Another trace has been running since {at}. Yours has not been started."),
                    "There is one trace at a time. It is shown below: wait until it ends, or stop it."
                        .to_owned(),
                );
            }
            CaptureRefusal::Starting => (
                "Somebody else is starting a trace at this moment. Yours has not been started.",
                "Look at the trace that has begun, or try again in a few seconds.",
            ),
            CaptureRefusal::UnknownHost { host } => {
                return (
                    format!("The name {host} does not exist. The trace has not been started."),
                    "Correct the name, or type the address.".to_owned(),
                );
            }
            CaptureRefusal::NotResolved { host, reason } => {
                return (
                    format!(
                        "The name {host} could not be looked up ({reason}). The trace has not been started."
                    ),
                    "Type the address instead, or check the DNS servers under Network settings."
                        .to_owned(),
                );
            }
            CaptureRefusal::NoSpace { free_bytes, needed_bytes } => {
                return (
                    format!(
                        "The data disk has no room for a trace: {} free, {} needed.",
                        amount::bytes(*free_bytes),
                        amount::bytes(*needed_bytes),
                    ),
                    "Delete the present trace if there is one, or enlarge the disk of the virtual machine and restart it.".to_owned(),
                );
            }
            CaptureRefusal::NothingRuns => {
                ("No trace is running: it has ended already.", "Its result is shown below.")
            }
            CaptureRefusal::StillRunning => (
                "The trace is still running.",
                "Stop it, or wait until it ends; then it can be downloaded.",
            ),
            CaptureRefusal::Gone => (
                "The trace is not there any more: it was deleted, after 24 hours or for a newer one.",
                "Start a new trace.",
            ),
            CaptureRefusal::Failed { reason } => {
                return (
                    format!("The trace could not be handled: {reason}."),
                    "Try again. If it stays so, download a diagnostic report and send it to support."
                        .to_owned(),
                );
            }
            CaptureRefusal::Silent => (
                "The capture service does not answer.",
                "It restarts by itself. Try again in a few seconds.",
            ),
        };
        (headline.to_owned(), remedy.to_owned())
    },
    silent: "The capture service does not answer. It restarts by itself; reload this page in a few seconds.",

    recording: |what| format!("Recording {what}"),
    what: |filter, is_full| {
        let traffic = match (&filter.target, filter.port) {
            (None, None) => "all TCP traffic".to_owned(),
            (Some(target), None) => format!("traffic of {target}"),
            (None, Some(port)) => format!("traffic on port {port}"),
            (Some(target), Some(port)) => format!("traffic of {target} on port {port}"),
        };
        let depth = if is_full { "whole packets" } else { "headers only" };
        format!("{traffic}, {depth}")
    },
    by_probe: |origin| match origin {
        TraceOrigin::Operator => None,
        TraceOrigin::Probe => Some("This trace belongs to a network probe."),
    },
    stop: "Stop trace",
    progress: "Progress of the trace",
    elapsed: |elapsed, duration| format!("{elapsed} of {duration}"),
    ends_in: |left| format!("{left} left"),
    packets: "Packets",
    bytes: "Bytes seen",
    file_size: "File size",
    of_size: |size| format!("of {size}"),
    lost: "Lost",
    lost_of: |packets| format!("of {packets}"),
    leave: "You may leave this page. The trace goes on and its result stays here.",
    refresh: "Refresh",

    end: |end, at, elapsed| match end {
        EndReason::TimeUp => format!("Finished at {at} after {elapsed}"),
        EndReason::Stopped => format!("Stopped at {at} after {elapsed}"),
        EndReason::SizeLimit => format!("Ended at {at} after {elapsed}: the file is full"),
        EndReason::DiskFull => format!("Ended at {at} after {elapsed}: the data disk is full"),
        EndReason::Failed { message } => format!("Broke off at {at} after {elapsed}: {message}"),
    },
    end_remedy: |end| match end {
        EndReason::TimeUp | EndReason::Stopped => None,
        EndReason::SizeLimit => Some(
            "Everything until then is in the file. Restrict the target or the port, or switch Packet Tracing off, to record for longer.",
        ),
        EndReason::DiskFull => Some(
            "Everything until then is in the file. Enlarge the disk of the virtual machine to record more.",
        ),
        EndReason::Failed { .. } => Some("What was recorded until then is kept."),
    },
    lost_remedy: "These packets came too fast to be written and are missing in the file. Restrict the target or the port, or switch Packet Tracing off.",
    download: "Download",
    download_hint: |size| format!("Download the trace, {size}, .pcap"),
    start_new: "Start new trace",
    delete: "Delete trace",
    delete_question: |at| format!("Delete the trace of {at}?"),
    delete_consequence: "Its file and its result are gone for good. Download the file first if you still need it.",
    delete_button: "Delete trace",
    kept_until: |at| format!("The file is kept until {at}, or until a new trace starts."),
    full_warning: "The file contains whole packets: handle it accordingly.",

    conversations: "Conversations",
    retransmissions: "Sent again",
    resets: "Resets",
    unanswered: "Never answered",
    nothing: "No TCP packet passed.",
    nothing_remedy: "Check target and port, and let the traffic happen while the trace runs. The trace sees what passes the network card of the appliance.",
    plot: "Bytes per second",
    plot_description: |peak, at, received, sent| {
        format!("Peak {peak} per second after {at}. {received} received and {sent} sent in all.")
    },
    received: "Received",
    sent: "Sent",
    values: "Show the values as a table",
    column_time: "Time",
    scrolls: "Chart, scrolls sideways on narrow screens",
    largest: |shown, all| format!("Largest {shown} of {all} conversations"),
    column_from_to: "From, to",
    to: |server| format!("to {server}"),
    column_purpose: "Purpose",
    column_duration: "Duration",
    column_finding: "Finding",
    finding,
};

fn finding(conversation: &Conversation) -> (FindingTone, String, Option<String>) {
    let resent = conversation.retransmissions;
    let share = (resent > 0 && conversation.packets > 0).then(|| {
        let tenths = u128::from(resent) * 1000 / u128::from(conversation.packets);
        format!("{}.{} % of the packets", tenths / 10, tenths % 10)
    });
    match conversation.handshake {
        Handshake::Unanswered => (
            FindingTone::Failing,
            "Never answered".to_owned(),
            Some(match resent {
                0 => "1 connection attempt".to_owned(),
                _ => format!("{} connection attempts", amount::count(resent.saturating_add(1))),
            }),
        ),
        Handshake::Refused => (
            FindingTone::Failing,
            "Refused".to_owned(),
            Some("Nothing listens on the port, or a firewall forbids it".to_owned()),
        ),
        Handshake::NotSeen | Handshake::Answered if resent > 0 => {
            (FindingTone::Attention, format!("{} sent again", amount::count(resent)), share)
        }
        Handshake::NotSeen | Handshake::Answered if conversation.resets > 0 => (
            FindingTone::Attention,
            "Reset".to_owned(),
            Some("One side broke the connection off".to_owned()),
        ),
        Handshake::NotSeen => (
            FindingTone::Good,
            "No problems".to_owned(),
            Some("Open before the trace began".to_owned()),
        ),
        Handshake::Answered => (FindingTone::Good, "No problems".to_owned(), None),
    }
}

/// Compiles only while the texts and the manual name the same number.
const _: () = assert!(model::capture::HEADER_BYTES == 94);
const _: () = assert!(model::capture::KEPT_SECONDS == 24 * 3600);
