//! Resolving host names to IPv4 addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use model::boot_parameter::is_host_name;
use model::outbound::DnsTrouble;
use tokio::net::lookup_host;
use tokio::time::timeout;

/// Most addresses of a name that are tried.
pub(crate) const MAX_ADDRESSES: usize = 8;

/// The addresses of a host, which may be given as an address itself.
pub(crate) async fn resolve(host: &str, limit: Duration) -> Result<Vec<Ipv4Addr>, DnsTrouble> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    if !is_host_name(host.strip_suffix('.').unwrap_or(host)) {
        return Err(DnsTrouble::NotFound);
    }
    let Ok(found) = timeout(limit, lookup_host((host, 0))).await else {
        return Err(DnsTrouble::NoAnswer);
    };
    let mut addresses = Vec::new();
    for address in found.map_err(|error| trouble(&error))? {
        if let IpAddr::V4(address) = address.ip()
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
    addresses.truncate(MAX_ADDRESSES);
    if addresses.is_empty() { Err(DnsTrouble::NoAddress) } else { Ok(addresses) }
}

/// What the C library says. The standard library keeps only its text (`gai_strerror(3)`): the first
/// of each pair is musl's, the second that of glibc.
fn trouble(error: &io::Error) -> DnsTrouble {
    let text = error.to_string();
    let says = |parts: [&str; 2]| parts.iter().any(|part| text.ends_with(part));
    if says(["Name does not resolve", "Name or service not known"]) {
        DnsTrouble::NotFound
    } else if says(["Name has no usable address", "No address associated with hostname"]) {
        DnsTrouble::NoAddress
    } else {
        DnsTrouble::NoAnswer
    }
}
