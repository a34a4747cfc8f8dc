//! The addresses of a target.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bus::StartRefusal;
use model::capture::{MAX_ADDRESSES, TraceTarget};
use tokio::net::lookup_host;
use tokio::time::timeout;

/// Longest wait for a name to be resolved.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// The IPv4 addresses of a target; none for no target.
pub(crate) async fn addresses(target: Option<&TraceTarget>) -> Result<Vec<Ipv4Addr>, StartRefusal> {
    let host = match target {
        None => return Ok(Vec::new()),
        Some(TraceTarget::Address(address)) => return Ok(vec![*address]),
        Some(TraceTarget::Host(host)) => host,
    };
    let found = match timeout(RESOLVE_LIMIT, lookup_host((host.as_str(), 0))).await {
        Ok(Ok(found)) => select(found),
        Ok(Err(error)) if is_temporary(&error) => return Err(not_resolved(host, &error)),
        Ok(Err(_)) => BTreeSet::new(),
        Err(elapsed) => return Err(not_resolved(host, &elapsed)),
    };
    if found.is_empty() {
        return Err(StartRefusal::UnknownHost { host: host.clone() });
    }
    Ok(found.into_iter().take(MAX_ADDRESSES).collect())
}

fn select(found: impl Iterator<Item = SocketAddr>) -> BTreeSet<Ipv4Addr> {
    let ipv4 = |address: SocketAddr| match address {
        SocketAddr::V4(address) => Some(*address.ip()),
        SocketAddr::V6(_) => None,
    };
    found.filter_map(ipv4).collect()
}

fn not_resolved(host: &str, error: &dyn std::error::Error) -> StartRefusal {
    StartRefusal::NotResolved { host: host.to_owned(), reason: error.to_string() }
}

/// Whether a name may well exist, but nobody could say so (`EAI_AGAIN` and the like). The standard
/// library keeps only the text of the C library: musl's and glibc's.
fn is_temporary(error: &io::Error) -> bool {
    let text = error.to_string();
    ["Try again", "Temporary failure", "System error", "Non-recoverable"]
        .into_iter()
        .any(|sign| text.contains(sign))
        || error.raw_os_error().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_silent_name_server_from_a_name_that_does_not_exist() {
        let error =
            |text: &str| io::Error::other(format!("failed to lookup address information: {text}"));
        assert!(is_temporary(&error("Try again")));
        assert!(is_temporary(&error("Temporary failure in name resolution")));
        assert!(!is_temporary(&error("Name does not resolve")));
        assert!(!is_temporary(&error("Name or service not known")));
        assert!(!is_temporary(&error("No address associated with hostname")));
    }

    #[tokio::test]
    async fn takes_an_address_as_it_is_and_nothing_for_all() {
        let address = Ipv4Addr::new(10, 0, 0, 5);
        assert_eq!(addresses(Some(&TraceTarget::Address(address))).await, Ok(vec![address]));
        assert_eq!(addresses(None).await, Ok(Vec::new()));
    }

    #[test]
    fn keeps_each_ipv4_address_once() {
        let found = ["10.0.0.2:0", "[fe80::1]:0", "10.0.0.1:0", "10.0.0.2:0"];
        let found = select(found.into_iter().map(|text| text.parse().expect("address")));
        assert_eq!(found, BTreeSet::from([[10, 0, 0, 1].into(), [10, 0, 0, 2].into()]));
    }
}
