//! Taking secrets and, by choice, addresses and names out of a report.
//!
//! Secrets are kept out of a report where it is made: the roles do not hand them out. [`secrets`] is the
//! second net, for what a text holds against all rules. [`Redaction`] puts pseudonyms in place of
//! addresses and names; the same one each time within a report, so that a reader can still follow
//! who talks to whom.

pub mod secrets;

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::network::DEFAULT_HOST_NAME;

/// Shortest name that is replaced wherever it stands: shorter ones are parts of too many words.
const MIN_NAME_CHARACTERS: usize = 3;
/// Words that are no names of the customer.
const OWN_WORDS: [&str; 3] = [DEFAULT_HOST_NAME, "localhost", "localdomain"];
/// Endings of two-part words that make them host names and not files or fields.
const DOMAINS: [&str; 46] = [
    "com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "local", "lan", "home",
    "internal", "intranet", "corp", "private", "test", "example", "invalid", "arpa", "cloud",
    "dev", "app", "io", "jp", "de", "fr", "uk", "us", "eu", "ch", "nl", "it", "es", "cn", "kr",
    "au", "ca", "br", "se", "no", "fi", "dk", "pl", "at", "be",
];
/// Endings of files, which make no word a host name.
const FILES: [&str; 18] = [
    "rs", "c", "h", "so", "json", "log", "txt", "conf", "pem", "zip", "gz", "img", "raw", "pcap",
    "toml", "html", "css", "js",
];

/// What a pseudonym stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A host or a domain: `host-1`.
    Host,
    /// A user: `user-1`.
    User,
    /// Anything else, such as an organisation in a certificate: `name-1`.
    Other,
    /// An IP address: `address-1`.
    Address,
    /// A hardware address: `mac-1`.
    HardwareAddress,
    /// A mail address or the principal name of a user: `mail-1`.
    Mail,
}

impl NameKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::User => "user",
            Self::Other => "name",
            Self::Address => "address",
            Self::HardwareAddress => "mac",
            Self::Mail => "mail",
        }
    }
}

/// The pseudonyms of one report.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// Known names in lower case, the longest first.
    names: Vec<(NameKind, String)>,
    pseudonyms: HashMap<(NameKind, String), usize>,
    counts: HashMap<NameKind, usize>,
}

impl Redaction {
    /// Replaces these names wherever they stand as whole words, beside everything that looks like an
    /// address, a host with a domain, or a user of one.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = (NameKind, String)>) -> Self {
        let normal = |(kind, name): (NameKind, String)| {
            let name = name.trim().trim_end_matches('.').to_lowercase();
            let is_name = name.chars().count() >= MIN_NAME_CHARACTERS
                && !OWN_WORDS.contains(&name.as_str())
                && name.parse::<Ipv4Addr>().is_err();
            is_name.then_some((kind, name))
        };
        let mut names: Vec<_> = names.into_iter().filter_map(normal).collect();
        names.sort_by(|(_, a), (_, b)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        names.dedup_by(|(_, a), (_, b)| a == b);
        Self { names, ..Self::default() }
    }

    /// The text with pseudonyms.
    #[must_use]
    pub fn mask(&mut self, text: &str) -> String {
        let text = self.replace_runs(text, is_account_character, Self::account);
        let text = self.replace_names(text);
        let text = self.replace_runs(&text, is_colon_character, Self::colons);
        let text = self.replace_runs(&text, |c| c.is_ascii_digit() || c == '.', Self::dotted);
        self.replace_runs(&text, is_host_character, Self::host)
    }

    /// Puts pseudonyms into every text and member name of a JSON value.
    pub fn mask_json(&mut self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.mask(text),
            serde_json::Value::Array(values) => {
                values.iter_mut().for_each(|value| self.mask_json(value));
            }
            serde_json::Value::Object(members) => {
                let masked = std::mem::take(members).into_iter().map(|(name, mut value)| {
                    self.mask_json(&mut value);
                    (self.mask(&name), value)
                });
                *members = masked.collect();
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            }
        }
    }

    fn pseudonym(&mut self, kind: NameKind, name: &str) -> String {
        let key = (kind, name.to_lowercase());
        let number = *self.pseudonyms.entry(key).or_insert_with(|| {
            let count = self.counts.entry(kind).or_default();
            *count += 1;
            *count
        });
        format!("{}-{number}", kind.prefix())
    }

    /// Replaces each longest run of characters of one class, if the rule knows it.
    fn replace_runs(
        &mut self,
        text: &str,
        is_part: impl Fn(char) -> bool,
        rule: impl Fn(&mut Self, &str) -> Option<String>,
    ) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(&is_part) {
            let (before, from) = rest.split_at(start);
            let (run, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
            masked.push_str(before);
            // Part of a longer word, such as `x10.0.0.1`, or the end of one.
            let is_word = !before.ends_with(char::is_alphanumeric)
                && !masked.ends_with(char::is_alphanumeric)
                && !after.starts_with(char::is_alphanumeric);
            let core = run.trim_matches(['.', ':', '-', '_']);
            // Two colons may begin or end an address.
            let candidates = [run, run.trim_end_matches(['.', ':']), core];
            let known = candidates
                .into_iter()
                .filter(|_| is_word)
                .find_map(|candidate| Some((candidate, rule(self, candidate)?)));
            match known {
                Some((candidate, pseudonym)) => {
                    masked.push_str(&run.replacen(candidate, &pseudonym, 1));
                }
                None => masked.push_str(run),
            }
            rest = after;
        }
        masked.push_str(rest);
        masked
    }

    /// `user@domain` and `DOMAIN\user`.
    fn account(&mut self, run: &str) -> Option<String> {
        let has_letter = |part: &str| part.chars().any(char::is_alphabetic);
        if let Some((user, domain)) = run.split_once('@') {
            // User names may be numbers of employees.
            return (!user.is_empty() && has_letter(domain))
                .then(|| self.pseudonym(NameKind::Mail, run));
        }
        let (domain, user) = run.split_once('\\')?;
        let user = user.trim_start_matches('\\');
        let is_account = domain.len() > 1 && has_letter(domain) && has_letter(user);
        is_account.then(|| self.pseudonym(NameKind::User, &format!("{domain}\\{user}")))
    }

    /// Hardware and IPv6 addresses.
    fn colons(&mut self, run: &str) -> Option<String> {
        let separated = |separator| {
            let mut parts = 0;
            run.split(separator)
                .inspect(|_| parts += 1)
                .all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
                && parts == 6
        };
        if separated(':') || separated('-') {
            let digits = run.replace('-', ":").to_lowercase();
            let is_special = matches!(digits.as_str(), "00:00:00:00:00:00" | "ff:ff:ff:ff:ff:ff");
            return (!is_special).then(|| self.pseudonym(NameKind::HardwareAddress, &digits));
        }
        let address: Ipv6Addr = run.parse().ok()?;
        let is_special = address.is_unspecified() || address.is_loopback();
        (!is_special).then(|| self.pseudonym(NameKind::Address, &address.to_string()))
    }

    /// IPv4 addresses, but masks and those of the machine itself.
    fn dotted(&mut self, run: &str) -> Option<String> {
        let address: Ipv4Addr = run.parse().ok()?;
        let first = address.octets()[0];
        let is_special = address.is_unspecified() || address.is_loopback() || first == 255;
        (!is_special).then(|| self.pseudonym(NameKind::Address, run))
    }

    /// Hosts with a domain.
    fn host(&mut self, run: &str) -> Option<String> {
        let labels: Vec<_> = run.split('.').collect();
        let last = labels.last()?.to_ascii_lowercase();
        let is_domain = last.len() > 1
            && (last.bytes().all(|byte| byte.is_ascii_alphabetic()) || last.starts_with("xn--"))
            && !FILES.contains(&last.as_str());
        let is_host = labels.iter().all(|label| !label.is_empty())
            && is_domain
            && match labels.len() {
                0 | 1 => false,
                2 => DOMAINS.contains(&last.as_str()),
                _ => true,
            };
        is_host.then(|| self.pseudonym(NameKind::Host, run))
    }

    /// Known names as whole words.
    fn replace_names(&mut self, mut text: String) -> String {
        for (kind, name) in self.names.clone() {
            // `to_lowercase` may move places in other scripts; then only exact matches count.
            let lower = text.to_lowercase();
            let haystack = if lower.len() == text.len() { &lower } else { &text };
            let is_joined = |c: char| c.is_alphanumeric() || c == '_';
            let places: Vec<_> = haystack
                .match_indices(&name)
                .map(|(place, _)| place)
                .filter(|place| {
                    let end = place + name.len();
                    text.is_char_boundary(*place)
                        && text.is_char_boundary(end)
                        && !text[..*place].ends_with(is_joined)
                        && !text[end..].starts_with(is_joined)
                })
                .collect();
            if places.is_empty() {
                continue;
            }
            let pseudonym = self.pseudonym(kind, &name);
            for place in places.into_iter().rev() {
                text.replace_range(place..place + name.len(), &pseudonym);
            }
        }
        text
    }
}

fn is_account_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | '@' | '\\' | '+' | '$')
}

const fn is_colon_character(character: char) -> bool {
    character.is_ascii_hexdigit() || matches!(character, ':' | '-' | '.')
}

const fn is_host_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(text: &str) -> String {
        let names = [
            (NameKind::Host, "DC1.corp.example.com."),
            (NameKind::User, "proxyuser"),
            (NameKind::Other, "Contoso Inspection CA"),
            (NameKind::Host, DEFAULT_HOST_NAME),
        ];
        Redaction::new(names.map(|(kind, name)| (kind, name.to_owned()))).mask(text)
    }

    #[test]
    fn masks_every_kind_of_address_and_name() {
        for (text, expected) in [
            ("from 10.0.0.5:443 to 10.0.0.5/24", "from address-1:443 to address-1/24"),
            ("2001:DB8::1, 2001:db8:0::1.", "address-1, address-1."),
            ("[fe80::1]:443 fe80::2%eth0", "[address-1]:443 address-2%eth0"),
            ("52:54:00:12:34:56 52-54-00-12-34-56", "mac-1 mac-1"),
            ("dc1.corp.example.com:389 DC1.CORP.EXAMPLE.COM.", "host-1:389 host-1."),
            ("(proxy.contoso.net)", "(host-1)"),
            ("jane.doe@corp.example.com CORP\\jane", "mail-1 user-1"),
            ("004711@corp.example.com", "mail-1"),
            ("by ProxyUser, by CONTOSO INSPECTION CA", "by user-1, by name-1"),
            ("https://logs.example.org/x?y=10.1.2.3", "https://host-1/x?y=address-1"),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }

    #[test]
    fn leaves_what_is_no_address_and_no_name() {
        for text in [
            "12:34:56 2026-11-21T15:50:02.007Z",
            "255.255.255.0 127.0.0.1 0.0.0.0 :: ::1",
            "connector localhost",
            "settings.json /sbin/connector lib.rs:12 outbound.proxy-authentication",
            "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff",
            "PCI 0000:00:1f.2 ata1.00 x86/fpu: e820 [mem 0x0000-0x9fbf]",
            "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01",
            "proxyusers",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn the_same_name_keeps_its_pseudonym_in_every_part() {
        let mut redaction = Redaction::new([]);
        assert_eq!(redaction.mask("10.0.0.9 10.0.0.8"), "address-1 address-2");
        let mut json = serde_json::json!({ "10.0.0.8": ["10.0.0.9", 7, null, true] });
        redaction.mask_json(&mut json);
        assert_eq!(json, serde_json::json!({ "address-2": ["address-1", 7, null, true] }));
    }

    proptest! {
        #[test]
        fn no_address_remains_whatever_is_around_it(
            before in "[ (\\[=/,\"']{0,2}", after in "[ )\\]/,;:\"']{0,2}",
            octets in (1_u8..127, any::<u8>(), any::<u8>(), any::<u8>()),
        ) {
            let address = Ipv4Addr::new(octets.0, octets.1, octets.2, octets.3).to_string();
            let text = format!("{before}{address}{after}");
            prop_assert!(!masked(&text).contains(&address), "{}", text);
        }

        #[test]
        fn never_panics_and_masks_the_same_text_alike(
            text in "\\PC{0,80}|[a-f0-9:.@\\\\ -]{0,60}",
        ) {
            let mut redaction = Redaction::new([]);
            let first = redaction.mask(&text);
            prop_assert_eq!(redaction.mask(&text), first);
        }
    }
}
