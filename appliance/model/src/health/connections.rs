//! Proxies, trust and certificates: what stands between the appliance and the outside.

use super::{Cause, Finding, Known, Subject};
use crate::clock::ClockTrust;
use crate::diagnostics::DiagnosticsStatus;
use crate::expiry::Expiry;
use crate::outbound::ProxyState;

/// What there is to say, in the order of the page.
pub(super) fn findings(known: &Known<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |subject, cause| findings.push(Finding { subject, cause });
    if let Some(diagnostics) = known.diagnostics {
        for cause in proxy_causes(diagnostics) {
            found(Subject::Proxies, cause);
        }
        if let Some(cause) = interception(diagnostics) {
            found(Subject::Trust, cause);
        }
    }
    // By a clock that is years off everything would seem to have expired, or nothing.
    let is_clock_wrong =
        known.clock.is_some_and(|clock| matches!(clock.trust, ClockTrust::BeforeBuild));
    let Some(settings) = known.settings.filter(|_| !is_clock_wrong) else { return findings };
    for root in &settings.settings.roots {
        let authority = || root.subject.clone();
        match root.expiry(known.now) {
            Expiry::Expired => {
                let cause = Cause::RootExpired { authority: authority(), at: root.not_after };
                found(Subject::Trust, cause);
            }
            Expiry::ExpiresSoon { days } => {
                found(Subject::Trust, Cause::RootExpiresSoon { authority: authority(), days });
            }
            Expiry::Good | Expiry::NotYetValid => {}
        }
    }
    if let Some(certificate) = &settings.certificate {
        match Expiry::of(certificate.not_before, certificate.not_after, known.now) {
            Expiry::Expired => {
                found(Subject::Certificate, Cause::CertificateExpired { at: certificate.not_after })
            }
            Expiry::ExpiresSoon { days } => {
                found(Subject::Certificate, Cause::CertificateExpiresSoon { days });
            }
            Expiry::Good | Expiry::NotYetValid => {}
        }
    }
    findings
}

fn proxy_causes(diagnostics: &DiagnosticsStatus) -> Vec<Cause> {
    let unreachable: Vec<_> = diagnostics
        .proxies
        .iter()
        .filter_map(|proxy| match &proxy.state {
            ProxyState::Unreachable { cause } => Some((proxy, cause)),
            ProxyState::Unknown | ProxyState::Reachable { .. } => None,
        })
        .collect();
    match unreachable.first() {
        Some((first, failure)) if diagnostics.has_no_usable_proxy() => vec![Cause::NoUsableProxy {
            count: unreachable.len(),
            location: first.location.clone(),
            failure: (*failure).clone(),
            since: unreachable.iter().map(|(proxy, _)| proxy.since).max().unwrap_or_default(),
        }],
        _ => unreachable
            .into_iter()
            .map(|(proxy, failure)| Cause::ProxyUnreachable {
                location: proxy.location.clone(),
                failure: failure.clone(),
                since: proxy.since,
            })
            .collect(),
    }
}

fn interception(diagnostics: &DiagnosticsStatus) -> Option<Cause> {
    let seen = diagnostics.interception.as_ref()?;
    let (issuer, server, at) = (seen.issuer.clone(), seen.server.clone(), seen.at);
    Some(if seen.is_trusted {
        Cause::TlsIntercepted { issuer, server, at }
    } else {
        Cause::TlsInterceptionRefused { issuer, server, at }
    })
}

#[cfg(test)]
mod tests;
