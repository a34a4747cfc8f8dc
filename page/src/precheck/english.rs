//! English.

use model::precheck::{
    Check, CheckCause, CheckDetail, CheckResult, PRECHECKS_LIMIT_SECONDS, SkipReason,
};

use super::CheckTexts;
use crate::FailureText;

pub(super) const TEXTS: CheckTexts = CheckTexts {
    good: |checks| format!("All {checks} checks passed"),
    attention: |checks| match checks {
        1 => "1 check needs attention".to_owned(),
        _ => format!("{checks} checks need attention"),
    },
    failing: |checks| match checks {
        1 => "1 check failed".to_owned(),
        _ => format!("{checks} checks failed"),
    },
    caption: |at, took| format!("Run at {at}, took {took}"),
    column_check: "Check",
    column_result: "Result",
    column_took: "Took",
    check: |check| match check {
        Check::Link => "Link".to_owned(),
        Check::Address => "Address".to_owned(),
        Check::Gateway => "Gateway".to_owned(),
        Check::Dns { server: Some(server) } => format!("DNS server {server}"),
        Check::Dns { server: None } => "DNS server".to_owned(),
        Check::TimeServer { server } => format!("Time server {server}"),
        Check::Clock => "Clock".to_owned(),
        Check::Proxy { location, .. } => format!("Proxy {location}"),
        Check::Cloud { address } => format!("Cloud {address}"),
    },
    result: |result| match result {
        CheckResult::Waiting => "Waiting",
        CheckResult::Running => "Checking",
        CheckResult::Good { .. } => "Passed",
        CheckResult::Attention { .. } => "Needs attention",
        CheckResult::Failing { .. } => "Failed",
        CheckResult::Skipped { .. } => "Left out",
    },
    found,
    cause,
    skipped: |reason| match reason {
        SkipReason::NoAddress => "Needs an address, and the appliance has none.",
        SkipReason::NoDnsServer => "Needs a DNS server, and none is known.",
        SkipReason::NoGateway => "There is no gateway to ask.",
    },
};

fn found(detail: &CheckDetail) -> String {
    match detail {
        CheckDetail::Interface { name } => name.clone(),
        CheckDetail::Address { address } => format!("{address}, used by no other machine"),
        CheckDetail::Gateway { address, hardware_address } => {
            format!("{address} answers from {hardware_address}")
        }
        CheckDetail::Resolved { name, addresses } if addresses.is_empty() => {
            format!("Answers; {name} does not exist there")
        }
        CheckDetail::Resolved { name, addresses } => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            format!("{name} is {}", addresses.join(", "))
        }
        CheckDetail::ClockFollows { server, offset_ms } => {
            let server = server.as_deref().unwrap_or("the clock of the hypervisor");
            match offset_ms {
                Some(offset) => format!("Follows {server}, {} ms apart", offset.unsigned_abs()),
                None => format!("Follows {server}"),
            }
        }
        CheckDetail::Way { proxy, intercepted_by } => {
            let way = match proxy {
                Some(proxy) => format!("through {proxy}"),
                None => "directly".to_owned(),
            };
            match intercepted_by {
                Some(issuer) => format!("Reached {way}, intercepted by {issuer}"),
                None => format!("Reached {way}, not intercepted"),
            }
        }
    }
}

fn cause(cause: &CheckCause) -> Option<FailureText> {
    let text = |headline: &str, remedy: &str| (headline.to_owned(), remedy.to_owned(), None);
    let said = |headline: &str, remedy: &str, words: &str| {
        (headline.to_owned(), remedy.to_owned(), Some(words.to_owned()))
    };
    let (headline, remedy, words) = match cause {
        CheckCause::Connection { .. } => return None,
        CheckCause::NoInterface => text(
            "The virtual machine has no network card.",
            "Add one in the hypervisor and restart the virtual machine.",
        ),
        CheckCause::NoLink => text(
            "The cable of the network card is out.",
            "Connect the network card to a network in the hypervisor.",
        ),
        CheckCause::NoAddress => text(
            "There is no address: no DHCP server answers.",
            "Check that a DHCP server serves this network, or set a fixed address under Network settings or on the console.",
        ),
        CheckCause::AddressConflict { address, holder } => (
            format!("Another machine, {holder}, uses {address} too."),
            "Give one of the two another address.".to_owned(),
            None,
        ),
        CheckCause::NoGateway => text(
            "There is no gateway, so only the own network is reached.",
            "Set one under Network settings, or let the DHCP server give one, unless everything that the appliance needs is on its own network.",
        ),
        CheckCause::GatewaySilent { address } => (
            format!("The gateway {address} does not answer."),
            "Check that this is the gateway of the network and that the virtual machine is connected to the right network.".to_owned(),
            None,
        ),
        CheckCause::NoDnsServer => text(
            "No DNS server is known.",
            "Set one under Network settings, or let the DHCP server give one.",
        ),
        CheckCause::DnsSilent { limit_seconds } => (
            format!("The DNS server does not answer within {limit_seconds} s."),
            "Check its address, that it is switched on, and that firewalls let UDP port 53 pass.".to_owned(),
            None,
        ),
        CheckCause::DnsRefuses { code } => said(
            "The DNS server answers, and looks nothing up for the appliance.",
            "Let the DNS server serve the address of the appliance, or choose another one.",
            code,
        ),
        CheckCause::NoTime { reason } => said(
            "The time server gives no usable answer.",
            "Check its name, that it runs, and that firewalls let UDP port 123 pass.",
            reason,
        ),
        CheckCause::ClockWaiting => text(
            "No time server has answered yet.",
            "Wait a minute and run the prechecks again.",
        ),
        CheckCause::ClockUnreachable { reason } => said(
            "No time server gives a usable answer; the clock may be wrong.",
            "Set a time server that the appliance reaches, or synchronise the clock of the hypervisor.",
            reason,
        ),
        CheckCause::ClockWrong => text(
            "The clock is earlier than this release, so no certificate can be checked.",
            "Set the clock of the hypervisor, or a time server under Network settings.",
        ),
        CheckCause::TimedOut => (
            format!("It was not done within {PRECHECKS_LIMIT_SECONDS} s."),
            "Correct the checks above that failed, then run the prechecks again.".to_owned(),
            None,
        ),
        CheckCause::Unknown { reason } => said(
            "A part of the appliance that knows it does not answer.",
            "Try again in a minute. If it stays so, download a diagnostic report and send it to support.",
            reason,
        ),
    };
    Some(FailureText { headline, remedy, words })
}
