//! Which way a connection takes. Pure; see the rules in [`crate`].

use std::net::Ipv4Addr;

use model::bypass::BypassRule;
use model::outbound::{DirectReason, is_private};

/// Why a host is contacted directly for what it is called; `None` when its name does not say so.
pub(crate) fn by_name(host: &str, bypass: &[BypassRule]) -> Option<DirectReason> {
    if let Ok(address) = host.parse() {
        return by_address(address, bypass);
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    // RFC 6761, section 6.3.
    if name == "localhost" || name.ends_with(".localhost") {
        return Some(DirectReason::Loopback);
    }
    let rule = bypass.iter().find(|rule| rule.covers_name(&name))?;
    Some(DirectReason::Bypass { rule: rule.clone() })
}

/// Why a host with these addresses is contacted directly; `None` when one of them is external.
pub(crate) fn by_addresses(addresses: &[Ipv4Addr], bypass: &[BypassRule]) -> Option<DirectReason> {
    let reasons: Option<Vec<_>> =
        addresses.iter().map(|address| by_address(*address, bypass)).collect();
    reasons?.into_iter().next()
}

fn by_address(address: Ipv4Addr, bypass: &[BypassRule]) -> Option<DirectReason> {
    if address.is_loopback() {
        return Some(DirectReason::Loopback);
    }
    if address.is_link_local() {
        return Some(DirectReason::LinkLocal);
    }
    if is_private(address) {
        return Some(DirectReason::Private);
    }
    let rule = bypass.iter().find(|rule| rule.covers_address(address))?;
    Some(DirectReason::Bypass { rule: rule.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<BypassRule> {
        model::bypass::parse_list(text).expect("valid")
    }

    fn bypass(text: &str) -> Option<DirectReason> {
        Some(DirectReason::Bypass { rule: BypassRule::parse(text).expect("valid") })
    }

    #[test]
    fn addresses_are_decided_by_their_range() {
        let rules = rules("192.0.2.0/24");
        for (host, reason) in [
            ("127.0.0.1", Some(DirectReason::Loopback)),
            ("169.254.169.254", Some(DirectReason::LinkLocal)),
            ("172.15.255.255", None),
            ("172.16.0.0", Some(DirectReason::Private)),
            ("172.31.255.255", Some(DirectReason::Private)),
            ("172.32.0.0", None),
            ("192.0.2.9", bypass("192.0.2.0/24")),
            ("192.0.3.0", None),
        ] {
            assert_eq!(by_name(host, &rules), reason, "{host}");
        }
    }

    #[test]
    fn names_are_decided_by_the_bypass_list() {
        let rules = rules(".corp.example cloud.example");
        for (host, reason) in [
            ("localhost", Some(DirectReason::Loopback)),
            ("a.LOCALHOST.", Some(DirectReason::Loopback)),
            ("dc1.Corp.example.", bypass(".corp.example")),
            ("corp.example", None),
            ("cloud.example", bypass("cloud.example")),
            ("www.cloud.example", None),
        ] {
            assert_eq!(by_name(host, &rules), reason, "{host}");
        }
    }

    #[test]
    fn a_name_is_internal_when_all_its_addresses_are() {
        let rules = rules("192.0.2.0/24");
        let (private, listed) = (Ipv4Addr::new(10, 1, 2, 3), Ipv4Addr::new(192, 0, 2, 1));
        let public = Ipv4Addr::new(198, 51, 100, 1);
        assert_eq!(by_addresses(&[private, listed], &rules), Some(DirectReason::Private));
        assert_eq!(by_addresses(&[listed], &rules), bypass("192.0.2.0/24"));
        assert_eq!(by_addresses(&[private, public], &rules), None);
        assert_eq!(by_addresses(&[], &rules), None);
    }
}
