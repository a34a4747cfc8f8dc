//! Whether the names of a certificate cover a host (RFC 9525).

use std::net::IpAddr;

/// Whether one of the names is the host, which is a name or an address.
pub(crate) fn cover(names: &[String], host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    names.iter().any(|name| match address {
        Some(address) => name.parse() == Ok(address),
        None => matches(name, host),
    })
}

/// Compares names without case; `*` stands for exactly the first label (RFC 9525, section 6.3).
fn matches(name: &str, host: &str) -> bool {
    let (name, host) = (name.trim_end_matches('.'), host.trim_end_matches('.'));
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(parent), Some((first, rest))) => {
            !first.is_empty() && parent.contains('.') && parent.eq_ignore_ascii_case(rest)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::cover;

    #[test]
    fn names_and_addresses_are_compared_as_browsers_do() {
        let names = ["192.0.2.1", "2001:db8::1", "a.example.com", "*.Example.org"]
            .map(str::to_owned)
            .to_vec();
        for host in
            ["192.0.2.1", "2001:db8:0::1", "A.example.com", "x.example.org", "a.example.com."]
        {
            assert!(cover(&names, host), "{host}");
        }
        for host in
            ["192.0.2.2", "example.org", "x.y.example.org", "b.example.com", ".example.org", ""]
        {
            assert!(!cover(&names, host), "{host}");
        }
    }
}
