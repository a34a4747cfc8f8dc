//! The causes of failed connections in English.

use model::outbound::{
    CertificateTrouble, DnsTrouble, FailureCause, ProxyTrouble, Refusal, RouteTrouble,
};

use super::{OutboundText, OutboundTexts, text};
use crate::time::date_time;

pub(super) const TEXTS: OutboundTexts = OutboundTexts { text: english };

fn english(cause: &FailureCause) -> OutboundText {
    match cause {
        FailureCause::NoRoute { address, reason } => {
            let (what, step) = route(*reason);
            text(format!("{address} cannot be reached: {what}."), step)
        }
        FailureCause::DnsFailed { name, reason } => {
            let (what, step) = dns(*reason);
            text(format!("The name {name} cannot be looked up: {what}."), step)
        }
        FailureCause::ProxyUnreachable { proxy, reason } => {
            let (what, step) = proxy_trouble(*reason);
            text(format!("The proxy {proxy} does not work: {what}."), step)
        }
        FailureCause::ProxyAuthenticationRequired { proxy, schemes, credentials_sent } => {
            authentication(&proxy.to_string(), schemes, *credentials_sent)
        }
        FailureCause::ProxyRefused { proxy, status, detail } => {
            let detail = detail.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
            let step = match status {
                502..=504 => {
                    "The proxy does not reach the server. Check its log, its DNS servers and its own way out."
                }
                500.. => "The proxy has a fault of its own. Check its log.",
                _ => {
                    "Allow CONNECT to port 443 of the server in the rules of the proxy, for the address of this appliance."
                }
            };
            text(
                format!("The proxy {proxy} refused the connection with status {status}{detail}."),
                step,
            )
        }
        FailureCause::TlsIntercepted { issuer, fingerprint, is_authority: true } => text(
            format!(
                "Your network inspects TLS: the connection was intercepted by {issuer}, which the appliance does not trust."
            ),
            format!(
                "Exempt the cloud from inspection. Or add this authority under \"Root certificate authorities\" after its operator has confirmed its SHA-256 fingerprint {fingerprint}."
            ),
        ),
        FailureCause::TlsIntercepted { issuer, fingerprint, is_authority: false } => text(
            format!(
                "Your network inspects TLS: the connection was intercepted by {issuer}, which the appliance does not trust."
            ),
            format!(
                "Exempt the cloud from inspection. Or ask its operator for the certificate of the authority {issuer} and add it under \"Root certificate authorities\". The server's certificate had the SHA-256 fingerprint {fingerprint}."
            ),
        ),
        FailureCause::TlsUntrusted { reason, subject, issuer, .. } => {
            let (what, step) = certificate(reason);
            text(
                format!(
                    "The certificate {subject} of the server, issued by {issuer}, is not trusted: {what}."
                ),
                step,
            )
        }
        FailureCause::ClockWrong { now, not_before, not_after } => text(
            format!(
                "The clock of the appliance is wrong: it says {}, and the server's certificate is valid from {} to {}.",
                date_time(*now),
                date_time(*not_before),
                date_time(*not_after)
            ),
            "Set time servers under \"Network settings\", or correct the clock of the hypervisor.",
        ),
        FailureCause::ServerRefused { reason } => {
            let (what, step) = refusal(reason);
            text(format!("The server does not want to talk: {what}."), step)
        }
    }
}

const fn route(reason: RouteTrouble) -> (&'static str, &'static str) {
    match reason {
        RouteTrouble::NoRoute => (
            "the appliance has no way there",
            "Check address and default gateway under \"Network settings\".",
        ),
        RouteTrouble::Unreachable => (
            "a router says that it is not there, or no neighbour has the address",
            "Check the address, and that the machine is switched on. Check the routers between.",
        ),
        RouteTrouble::NoAnswer => (
            "nothing answers",
            "Check that the machine is switched on, and that firewalls let the appliance through. If machines get out through a web proxy only, add it under \"Proxy servers\".",
        ),
        RouteTrouble::UnknownProxy => {
            ("the chosen proxy is not in the list any more", "Choose another proxy, or none.")
        }
        RouteTrouble::PlatformService => (
            "the address belongs to a service of the platform that tells secrets",
            "Choose another server: the appliance asks this service for itself only.",
        ),
        RouteTrouble::Forbidden => (
            "a firewall forbids it",
            "Allow the connection from the address of this appliance. If machines get out through a web proxy only, add it under \"Proxy servers\".",
        ),
    }
}

const fn dns(reason: DnsTrouble) -> (&'static str, &'static str) {
    match reason {
        DnsTrouble::NotFound => (
            "the DNS servers say that it does not exist",
            "Check its spelling, and that your DNS servers know it.",
        ),
        DnsTrouble::NoAddress => (
            "it has no IPv4 address",
            "Add an IPv4 address (a record of type A) for it, or use another name.",
        ),
        DnsTrouble::NoAnswer => (
            "no DNS server gives an answer",
            "Check the DNS servers under \"Network settings\", and that firewalls allow port 53.",
        ),
    }
}

fn proxy_trouble(reason: ProxyTrouble) -> (String, &'static str) {
    let (what, step) = match reason {
        ProxyTrouble::Dns(reason) => {
            return (
                format!("its name cannot be looked up, {}", dns(reason).0),
                "Check the name of the proxy and the DNS servers, or enter the proxy by its address.",
            );
        }
        ProxyTrouble::Route(reason) => {
            return (
                route(reason).0.to_owned(),
                "Check the address of the proxy, that it is switched on, and that firewalls let the appliance through to its port.",
            );
        }
        ProxyTrouble::Refused => (
            "it refuses connections on this port",
            "Start the proxy service, or correct the port. Until then there may be no spare.",
        ),
        ProxyTrouble::Closed => (
            "it closes the connection without an answer",
            "Check in its log why, and that it takes connections from the address of this appliance.",
        ),
        ProxyTrouble::Slow => (
            "its answer does not come to an end in time",
            "Check the load of the proxy, and whether it waits for a server itself.",
        ),
        ProxyTrouble::NotHttp => (
            "what it answers is not HTTP",
            "Check the port: it belongs to another service, or to a proxy that wants TLS or SOCKS. Enter the port of its HTTP proxy.",
        ),
        ProxyTrouble::TooLong => (
            "its answer is longer than any proxy's",
            "Check the port: it may belong to another service.",
        ),
    };
    (what.to_owned(), step)
}

fn authentication(proxy: &str, schemes: &[String], credentials_sent: bool) -> OutboundText {
    let has_basic = schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    let offered = schemes.join(", ");
    match (has_basic, credentials_sent) {
        (true, true) => text(
            format!("The proxy {proxy} does not accept the user name and password."),
            "Enter the user name and password anew. Check that the account is not locked or expired.",
        ),
        (true, false) => text(
            format!("The proxy {proxy} requires sign-in."),
            "Enter a user name and password for it.",
        ),
        (false, _) if schemes.is_empty() => text(
            format!("The proxy {proxy} requires sign-in and does not say which kind."),
            "Let its operator allow Basic sign-in, or let the address of this appliance through without sign-in.",
        ),
        (false, _) => text(
            format!(
                "The proxy {proxy} requires sign-in by {offered}, which the appliance does not support."
            ),
            "Let its operator allow Basic sign-in for this appliance, or let its address through without sign-in.",
        ),
    }
}

fn certificate(reason: &CertificateTrouble) -> (String, &'static str) {
    match reason {
        CertificateTrouble::WrongName { name, names } if names.is_empty() => (
            format!("it is not for {name}"),
            "Check the name of the server, and whether something on the way answers in its place.",
        ),
        CertificateTrouble::WrongName { name, names } => (
            format!("it is for {} and not for {name}", names.join(", ")),
            "Check the name of the server, and whether something on the way answers in its place.",
        ),
        CertificateTrouble::Expired { not_after } => (
            format!("it expired on {}", date_time(*not_after)),
            "Have the certificate of the server renewed.",
        ),
        CertificateTrouble::SelfSigned => (
            "it is self-signed".to_owned(),
            "Give the server a certificate of an authority. If the authority is your own, add it under \"Root certificate authorities\".",
        ),
        CertificateTrouble::UnknownAuthority => (
            "its authority is not known".to_owned(),
            "If the authority is your own, add it under \"Root certificate authorities\".",
        ),
        CertificateTrouble::IncompleteChain => (
            "the server does not send the certificates between its own and a public authority"
                .to_owned(),
            "Configure the server to send its whole chain.",
        ),
        CertificateTrouble::Signature => (
            "its signature does not hold".to_owned(),
            "Have it issued again with SHA-256, and check whether something on the way changes it.",
        ),
        CertificateTrouble::Usage => (
            "it may not be used for servers, or its issuer may not issue it".to_owned(),
            "Have it issued again with the extended key usage \"serverAuth\" by an authority that may do so.",
        ),
        CertificateTrouble::Malformed => (
            "it cannot be read".to_owned(),
            "Have it issued again, and check whether something on the way answers in place of the server.",
        ),
    }
}

fn refusal(reason: &Refusal) -> (String, &'static str) {
    let (what, step) = match reason {
        Refusal::Refused => (
            "nothing listens on the port",
            "Check the port, and that the service on the server runs.",
        ),
        Refusal::Reset => (
            "it broke the connection off",
            "Check whether a firewall on the way ends connections, and the log of the server.",
        ),
        Refusal::Closed => (
            "it closed the connection",
            "Check whether a firewall on the way ends connections, and the log of the server.",
        ),
        Refusal::NoAnswer => (
            "it does not answer the TLS handshake in time",
            "Check whether a firewall holds TLS back, and the load of the server.",
        ),
        Refusal::Alert { alert } => {
            return (
                format!("it ended the TLS handshake with the alert {alert}"),
                "Check in the log of the server what it wants.",
            );
        }
        Refusal::OldTls => (
            "it offers TLS 1.1 or older only, or no cipher that is still safe",
            "Update the server, or the device on the way that answers for it, to TLS 1.2 or 1.3.",
        ),
        Refusal::NotTls => {
            ("what it says is not TLS", "Check the port: it belongs to a service without TLS.")
        }
        Refusal::Status { status } => {
            return (
                format!("it answered with HTTP status {status}"),
                "If it is the cloud, wait and look at its status page. Otherwise check the log of the server.",
            );
        }
    };
    (what.to_owned(), step)
}
