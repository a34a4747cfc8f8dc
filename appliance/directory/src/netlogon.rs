//! The CLDAP ping: a question that every domain controller answers without a sign-in (MS-ADTS 6.3.3).

use std::borrow::Cow;

use model::domain::DomainName;

use crate::search::{self, Filter};

/// `NETLOGON_NT_VERSION_5` and `NETLOGON_NT_VERSION_5EX` (MS-ADTS 6.3.1.1).
const VERSION: [u8; 4] = [6, 0, 0, 0];
/// `LOGON_SAM_LOGON_RESPONSE_EX` (MS-ADTS 6.3.1.3).
const RESPONSE: u16 = 23;
/// Where the names begin in the answer.
const NAMES: usize = 24;
/// Most jumps in a compressed name.
const MAX_JUMPS: usize = 16;
/// Longest name.
const MAX_NAME: usize = 255;
/// What a domain controller says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Netlogon {
    flags: u32,
    /// DNS name of the forest.
    pub forest: String,
    /// DNS name of the domain.
    pub domain: String,
    /// Its own DNS name.
    pub host: String,
    /// NetBIOS name of the domain.
    pub netbios: String,
    /// Its site.
    pub site: String,
    /// The site of the asker; empty = the address belongs to none.
    pub client_site: String,
}

impl Netlogon {
    /// Whether it can be written to (`DS_WRITABLE_FLAG`, MS-ADTS 6.3.1.2).
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        self.flags & 0x100 != 0
    }

    /// Whether it has the Global Catalog (`DS_GC_FLAG`).
    #[must_use]
    pub const fn has_global_catalog(&self) -> bool {
        self.flags & 4 != 0
    }

    /// Whether it is a Key Distribution Center (`DS_KDC_FLAG`).
    #[must_use]
    pub const fn is_kdc(&self) -> bool {
        self.flags & 0x20 != 0
    }
}

/// The question.
pub(crate) fn question(domain: &DomainName) -> Vec<u8> {
    let pairs: [(&[u8], &[u8]); 2] =
        [(b"DnsDomain", domain.as_str().as_bytes()), (b"NtVer", &VERSION)];
    search::request(Filter::All(&pairs), &["Netlogon"])
}

/// Reads the answer; `None` if it is none. It comes from anybody.
#[must_use]
pub fn parse(datagram: &[u8]) -> Option<Netlogon> {
    response(search::entry(datagram)?.get("netlogon")?)
}

fn response(value: &[u8]) -> Option<Netlogon> {
    if u16::from_le_bytes(*value.first_chunk()?) != RESPONSE {
        return None;
    }
    let flags = u32::from_le_bytes(value.get(4..8)?.try_into().ok()?);
    let mut place = NAMES;
    let mut next = || name(value, &mut place);
    let (forest, domain, host, netbios) = (next()?, next()?, next()?, next()?);
    let (_netbios_host, _user) = (next()?, next()?);
    let (site, client_site) = (next()?, next()?);
    let (forest, domain) = (forest.to_lowercase(), domain.to_lowercase());
    let host = host.to_lowercase();
    Some(Netlogon { flags, forest, domain, host, netbios, site, client_site })
}

/// Reads a compressed name (RFC 1035, section 4.1.4) and moves behind it.
fn name(bytes: &[u8], place: &mut usize) -> Option<String> {
    let (mut at, mut jumps, mut labels) = (*place, 0, Vec::<Cow<'_, str>>::new());
    let mut length = 0;
    loop {
        let first = usize::from(*bytes.get(at)?);
        if first & 0xc0 == 0xc0 {
            let target = (first & 0x3f) << 8 | usize::from(*bytes.get(at + 1)?);
            if jumps == 0 {
                *place = at + 2;
            }
            jumps += 1;
            if jumps > MAX_JUMPS {
                return None;
            }
            at = target;
        } else if first == 0 {
            if jumps == 0 {
                *place = at + 1;
            }
            return Some(labels.join("."));
        } else {
            labels.push(String::from_utf8_lossy(bytes.get(at + 1..at + 1 + first)?));
            at += 1 + first;
            length += 1 + first;
            if length > MAX_NAME {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An answer as a domain controller makes it: later names point to earlier ones.
    fn answer() -> Vec<u8> {
        let mut value = vec![23, 0, 0, 0];
        value.extend(0x3fdu32.to_le_bytes());
        value.extend([9; 16]);
        value.extend(b"\x07example\x03com\0");
        value.extend(b"\x04corp\xc0\x18");
        value.extend(b"\x03DC1\xc0\x25");
        value.extend(b"\x04CORP\0\x03DC1\0\0\x06Branch\0\x04Head\0");
        search::tests::answer(&[("Netlogon", &value)])
    }

    #[test]
    fn answer_of_a_domain_controller_is_read() {
        let found = parse(&answer()).unwrap();
        assert_eq!(found.forest, "example.com");
        assert_eq!(found.domain, "corp.example.com");
        assert_eq!(found.host, "dc1.corp.example.com");
        assert_eq!((found.netbios.as_str(), found.site.as_str()), ("CORP", "Branch"));
        assert_eq!(found.client_site, "Head");
        assert!(found.is_writable() && found.has_global_catalog() && found.is_kdc());
    }

    #[test]
    fn answer_that_is_cut_anywhere_is_none() {
        let whole = answer();
        for length in 0..whole.len() {
            assert_eq!(parse(&whole[..length]), None, "{length}");
        }
    }

    #[test]
    fn name_that_points_to_itself_ends() {
        let mut place = 0;
        assert_eq!(name(&[0xc0, 0], &mut place), None);
        let long = [[63].as_slice(), &[b'a'; 63]].concat().repeat(5);
        assert_eq!(name(&[long.as_slice(), &[0]].concat(), &mut place), None);
    }

    proptest! {
        #[test]
        fn any_datagram_is_read_without_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
            let _ = response(&bytes);
        }
    }
}
