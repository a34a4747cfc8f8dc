//! English.

use model::outbound::{DirectReason, RouteTaken, TrustAnchor};
use model::probe::{
    Echoes, ProbeFailure, ProbeField, ProbeKind, ProbeProblem, StepDetail, StepKind, TargetError,
    TlsFacts,
};
use page::FailureText;

use super::{FoundText, ProbeTexts};
use crate::amount;

pub(crate) const TEXTS: ProbeTexts = ProbeTexts {
    heading: "Network probe",
    intro: "Follows one connection step by step and says where it ends.",
    kind: |kind| match kind {
        ProbeKind::Icmp => "ICMP (ping)",
        ProbeKind::Tcp => "TCP",
        ProbeKind::Tls => "TLS",
        ProbeKind::Http => "HTTP",
        ProbeKind::Https => "HTTPS",
    },
    kind_label: "Probe",
    label: |field| match field {
        ProbeField::Target => "Target",
        ProbeField::Port => "Port",
        ProbeField::Path => "Path",
        ProbeField::Route => "Way out",
    },
    target_hint: "Host name or IPv4 address.",
    port_hint: "Empty: 80 for HTTP, 443 for TLS and HTTPS. Not used for ICMP.",
    path_hint: "For HTTP and HTTPS. Empty: /",
    direct: "Direct",
    automatic: "As configured",
    through: |proxy| format!("Proxy {proxy}"),
    with_capture: "Capture the packets of the probe",
    with_capture_hint: "Records all TCP traffic of the appliance while the probe runs, the first 94 bytes of each packet. Replaces the trace above.",
    start: "Start probe",
    problem,
    not_started: |fields| match fields {
        1 => "Correct 1 field. The probe has not been started.".to_owned(),
        _ => format!("Correct {fields} fields. The probe has not been started."),
    },

    busy: (
        "Another probe is under way. Yours has not been started.",
        "Its steps are shown below: wait until it ends, or stop it.",
    ),
    nothing_runs: ("No probe is under way: it has ended already.", "Its result is shown below."),
    silent: "The diagnostics service does not answer. It restarts by itself; try again in a few seconds.",
    task_failed: |reason| format!("The appliance could not start it: {reason}."),
    task_remedy: "Try again. If it stays so, download a diagnostic report and send it to support.",

    running: |target| format!("Probing {target}"),
    stop: "Stop probe",
    good: |took| format!("Every step succeeded, in {took}"),
    failed: |number, steps, step| format!("Stopped at step {number} of {steps}: {step}"),
    unfinished: "The probe was stopped before it ended.",
    caption: |target, way, at| format!("{target} {way}, {at}"),
    way_direct: "directly",
    way_unknown: "as configured",
    way_proxy: |proxy| format!("through {proxy}"),
    column_step: "Step",
    column_result: "Result",
    column_when: "When",
    column_took: "Took",
    step: |step, is_proxied| match (step, is_proxied) {
        (StepKind::Way, _) => "Choose the way",
        (StepKind::Resolve, false) => "Look up the name",
        (StepKind::Resolve, true) => "Look up the proxy",
        (StepKind::Connect, false) => "Connect",
        (StepKind::Connect, true) => "Connect to the proxy",
        (StepKind::Tunnel, _) => "Ask the proxy (CONNECT)",
        (StepKind::Tls, _) => "TLS handshake",
        (StepKind::FirstByte, _) => "Request and answer",
        (StepKind::Echo, _) => "Echo",
    },
    waiting: "Waiting",
    under_way: "Under way",
    not_reached: "Not reached",
    found,
    failure,
    what_to_do: "What to do:",

    chain: "Certificates that the server sent",
    chain_place: |index, count| match index {
        0 => "Server",
        _ if index + 1 == count => "Last of the chain",
        _ => "Intermediate",
    },
    issuer: "Issuer",
    names: "Valid for",
    valid: "Valid",
    valid_from_to: |from, to| format!("{from} to {to}"),
    trust,

    trace: "Download the packets of this probe",
    trace_gone: "The packets of this probe were deleted for a newer trace, or after 24 hours.",
    trace_trouble: "The packets could not be recorded:",
};

fn problem(problem: &ProbeProblem) -> String {
    match problem {
        ProbeProblem::Missing => "Fill in this field.".to_owned(),
        ProbeProblem::Target(error) => match error {
            TargetError::Url { host } if host.is_empty() => {
                "This is a URL. Type the host alone.".to_owned()
            }
            TargetError::Url { host } => format!("This is a URL. Type the host alone: {host}"),
            TargetError::WithPort { port } => {
                format!("Type the port {port} into the field Port, and the host alone here.")
            }
            TargetError::Space => "There is a space inside. Type one host.".to_owned(),
            TargetError::Ipv6 => {
                "This is an IPv6 address; the appliance speaks IPv4. Type an IPv4 address or a name."
                    .to_owned()
            }
            TargetError::BrokenAddress => {
                "Not an IPv4 address such as 10.0.0.5: four numbers from 0 to 255.".to_owned()
            }
            TargetError::NoMachine => "No single machine has this address.".to_owned(),
            TargetError::TooLong => "Longer than 253 characters.".to_owned(),
            TargetError::NotAHost => {
                "Neither an IPv4 address nor a host name such as dc1.corp.example.com.".to_owned()
            }
        },
        ProbeProblem::NotAPort => "Not a port. Type one number from 1 to 65535.".to_owned(),
        ProbeProblem::NoSlash => "Begin the path with /, such as /status".to_owned(),
        ProbeProblem::PathCharacter => {
            "A path has no space, # or character outside ASCII. Write a space as %20.".to_owned()
        }
        ProbeProblem::PathTooLong => "Longer than 1024 characters.".to_owned(),
        ProbeProblem::IcmpThroughProxy => {
            "ICMP cannot go through a proxy. Choose Direct, or another kind of probe.".to_owned()
        }
        ProbeProblem::UnknownProxy => {
            "This proxy is not in the list any more. Choose another way out.".to_owned()
        }
    }
}

fn found(detail: &StepDetail) -> FoundText {
    let (headline, more) = match detail {
        StepDetail::Chosen { way } => chosen(way),
        StepDetail::Resolved { addresses } => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            (addresses.join(", "), None)
        }
        StepDetail::Connected { peer, local } => {
            (format!("Connected to {peer}"), Some(format!("from {local}")))
        }
        StepDetail::Tunnelled {} => ("The proxy opened a tunnel".to_owned(), None),
        StepDetail::Tls(facts) => {
            let TlsFacts { version, cipher, .. } = facts;
            let version = version.as_deref().unwrap_or("No version agreed");
            let headline = match cipher {
                Some(cipher) => format!("{version}, {cipher}"),
                None => version.to_owned(),
            };
            (headline, (!facts.chain.is_empty()).then(|| trust(facts)))
        }
        StepDetail::Answered { status } => (format!("HTTP status {status}"), None),
        StepDetail::Echoes(Echoes { sent, received, fastest_us, mean_us, slowest_us }) => {
            let times = (*received > 0).then(|| {
                format!(
                    "{} on average, {} to {}",
                    amount::milliseconds(*mean_us),
                    amount::milliseconds(*fastest_us),
                    amount::milliseconds(*slowest_us),
                )
            });
            (format!("{received} of {sent} answered"), times)
        }
    };
    FoundText { headline, more }
}

fn failure(failure: &ProbeFailure) -> Option<FailureText> {
    let said = |headline: &str, remedy: &str, words: &str| {
        (headline.to_owned(), remedy.to_owned(), Some(words.to_owned()))
    };
    let (headline, remedy, words) = match failure {
        ProbeFailure::Connection { .. } => return None,
        ProbeFailure::NoEcho { limit_seconds } => (
            format!("None of the echo requests was answered within {limit_seconds} s."),
            "Check that the target is switched on. Many machines and firewalls drop ICMP on purpose: a TCP probe to a port that is in use tells more.".to_owned(),
            None,
        ),
        ProbeFailure::Unreachable { reason } => said(
            "The target cannot be reached: a machine on the way says so, or the appliance has no way there.",
            "Check the route to the target's network and the gateway of the appliance.",
            reason,
        ),
        ProbeFailure::NoAnswer { reason } => said(
            "The connection was closed before the answer to the request.",
            "Look into the log of the server. A firewall or load balancer on the way may also cut connections, and a TLS server closes when it is asked by HTTP.",
            reason,
        ),
        ProbeFailure::SlowAnswer { limit_seconds } => (
            format!("The server took the request and did not answer within {limit_seconds} s."),
            "Look into the log and the load of the server, or probe another path.".to_owned(),
            None,
        ),
        ProbeFailure::NotHttp { beginning } => said(
            "The answer is not HTTP.",
            "Correct the port, or probe with TCP or TLS.",
            beginning,
        ),
        ProbeFailure::TimedOut { limit_seconds } => (
            format!("The whole probe took longer than {limit_seconds} s."),
            "Probe with TCP first: it tells whether the way or the server is slow.".to_owned(),
            None,
        ),
        ProbeFailure::Internal { reason } => said(
            "The appliance itself could not do it.",
            "Try again. If it stays so, download a diagnostic report and send it to support.",
            reason,
        ),
    };
    Some(FailureText { headline, remedy, words })
}

fn chosen(way: &RouteTaken) -> (String, Option<String>) {
    match way {
        RouteTaken::Proxy { location, .. } => (
            format!("Proxy {location}"),
            Some("First proxy of the list that is not known to be unusable".to_owned()),
        ),
        RouteTaken::Direct { reason } => {
            let reason = match reason {
                DirectReason::Chosen => "Chosen in the form".to_owned(),
                DirectReason::NoProxies => "There are no proxies".to_owned(),
                DirectReason::Loopback => "The appliance itself".to_owned(),
                DirectReason::LinkLocal => {
                    "A link-local address, which no proxy reaches".to_owned()
                }
                DirectReason::Private => {
                    "A private address, which never goes through a proxy".to_owned()
                }
                DirectReason::Bypass { rule } => format!("Rule {rule} of the bypass list"),
            };
            ("Direct".to_owned(), Some(reason))
        }
    }
}

fn trust(facts: &TlsFacts) -> String {
    match &facts.anchor {
        Some(TrustAnchor::Public) => {
            "The chain ends in a public authority that the appliance comes with.".to_owned()
        }
        Some(TrustAnchor::Added { subject, .. }) if facts.is_intercepted => {
            format!("The connection is intercepted by {subject}, which an administrator added.")
        }
        Some(TrustAnchor::Added { subject, .. }) => {
            format!("The chain ends in {subject}, which an administrator added.")
        }
        None => "The chain ends in no authority that the appliance trusts.".to_owned(),
    }
}
