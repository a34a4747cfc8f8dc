//! The landing page, read as an operator reads it.

use std::net::Ipv4Addr;

use crate::error::HarnessError;

/// What the landing page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandingPage {
    /// The address in the link.
    pub address: Ipv4Addr,
    /// `SSL Fingerprint:`, the certificate's SHA-1.
    pub sha1: String,
    /// `SHA-256:`, which takes two lines.
    pub sha256: String,
    /// Text after `State:`.
    pub state: String,
}

impl LandingPage {
    /// Reads the screen.
    ///
    /// # Errors
    ///
    /// When something is missing: the page is not there, or not complete yet.
    pub fn read(screen: &str) -> Result<Self, HarnessError> {
        let lines: Vec<_> = screen.lines().map(str::trim).collect();
        let after = |label: &str| lines.iter().find_map(|line| line.strip_prefix(label));
        let address = after("https://")
            .and_then(|address| address.parse().ok())
            .ok_or(HarnessError::Console("a link with an address"))?;
        let sha1 = after("SSL Fingerprint:")
            .map(|value| value.trim().to_owned())
            .filter(|value| is_fingerprint(value, 20))
            .ok_or(HarnessError::Console("the SHA-1 fingerprint"))?;
        let sha256 = lines
            .iter()
            .position(|line| line.starts_with("SHA-256:"))
            .and_then(|index| {
                let first = lines.get(index)?.strip_prefix("SHA-256:")?.trim();
                Some(format!("{first}{}", lines.get(index + 1)?))
            })
            .filter(|value| is_fingerprint(value, 32))
            .ok_or(HarnessError::Console("the SHA-256 fingerprint"))?;
        let state = after("State:")
            .map(|state| state.trim().to_owned())
            .ok_or(HarnessError::Console("the state"))?;
        Ok(Self { address, sha1, sha256, state })
    }
}

fn is_fingerprint(text: &str, bytes: usize) -> bool {
    let pairs: Vec<_> = text.split(':').collect();
    let is_pair = |pair: &&str| {
        pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
    };
    pairs.len() == bytes && pairs.iter().all(is_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: &str = "\
Example Corp
------------

Connector Appliance 0.1.0.0
Downloaded from Example Corp - https://cloud.example.com

Please go to:
https://10.71.57.66
to manage your deployment

SSL Fingerprint: D5:0F:3A:91:7C:E2:48:6B:05:BD:F7:13:A9:60:2E:C4:8D:57:1F:B0
SHA-256: 6E:14:C9:0B:D2:77:A3:5F:81:EC:30:98:4D:F6:1A:BB:
         52:C7:09:E8:3D:64:90:AF:1B:7E:D3:28:F5:46:8C:01

State: Healthy - ready to register
";

    #[test]
    fn reads_address_fingerprints_and_state() {
        let page = LandingPage::read(SCREEN).expect("complete");
        assert_eq!(page.address, Ipv4Addr::new(10, 71, 57, 66));
        assert!(page.sha1.starts_with("D5:0F:"));
        assert!(page.sha256.starts_with("6E:14:") && page.sha256.ends_with("8C:01"));
        assert_eq!(page.state, "Healthy - ready to register");
    }

    #[test]
    fn waits_for_a_complete_page() {
        assert!(LandingPage::read("").is_err());
        assert!(LandingPage::read(&SCREEN.replace("10.71.57.66", "(no address yet)")).is_err());
        assert!(LandingPage::read(&SCREEN.replace(":8C:01", ":8C")).is_err());
    }
}
