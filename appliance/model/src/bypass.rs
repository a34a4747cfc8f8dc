//! The bypass list: what is contacted directly although there are proxies.
//!
//! The rules mean exactly this, and nothing by guesswork:
//!
//! | written | covers |
//! |---|---|
//! | `host.example.com` | this name, not names below it |
//! | `.example.com`, `*.example.com` | every name below `example.com`, not `example.com` itself |
//! | `192.0.2.7` | this address |
//! | `192.0.2.0/24`, `192.0.2.0/255.255.255.0` | the addresses of this network |
//! | `*` | everything: the proxies are not used |
//!
//! Rules of addresses cover a host that is given by its address, and a host name when all addresses
//! that it resolves to here are covered. Names are compared without case and without a dot at their
//! end; ports do not matter.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::boot_parameter::is_host_name;
use crate::ipv4::{HostNet, MaskError, PrefixLength};

/// Most rules that are kept.
pub const MAX_BYPASS_RULES: usize = 200;

/// One rule of the bypass list. Reads and shows as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BypassRule(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Everything,
    /// A name in lower case.
    Host(String),
    /// A name in lower case, without the dot before it.
    Below(String),
    /// All host bits zero.
    Network(HostNet),
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BypassRuleError {
    /// Nothing was given.
    #[error("the rule is empty")]
    Empty,
    /// `http://` or the like in front.
    #[error("the rule names a host without `{scheme}://`")]
    Scheme {
        /// What stands in front of `://`.
        scheme: String,
    },
    /// A port behind the host.
    #[error("the rule names a port, and rules hold for all ports")]
    Port,
    /// An IPv6 address or network.
    #[error("the rule names an IPv6 address, and the appliance uses IPv4 only")]
    Ipv6,
    /// A `*` that is neither all nor the whole first label.
    #[error("in a rule, * stands alone or in front, as in *.example.com")]
    Wildcard,
    /// What stands before `/` is no address, or only digits and dots and no address.
    #[error("`{text}` is not an IPv4 address")]
    NotAnAddress {
        /// What stands there.
        text: String,
    },
    /// What stands behind `/` is no mask.
    #[error("the network of the rule has no mask")]
    Mask(#[source] MaskError),
    /// An address inside a network in place of the network.
    #[error("the network of the rule has host bits; the network is {network}")]
    HostBits {
        /// The network that the address lies in.
        network: HostNet,
    },
    /// Neither a name nor an address.
    #[error("`{text}` is not a host name")]
    NotAName {
        /// What stands there.
        text: String,
    },
}

/// Why a list of rules is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BypassListError {
    /// More than [`MAX_BYPASS_RULES`].
    #[error("there are more than {MAX_BYPASS_RULES} rules")]
    TooMany,
    /// One of the rules.
    #[error("`{text}` is no rule of the bypass list")]
    Rule {
        /// What stands there, at most 60 characters.
        text: String,
        /// What is wrong with it.
        #[source]
        reason: BypassRuleError,
    },
}

impl BypassRule {
    /// Reads a rule; white space around it is dropped.
    ///
    /// # Errors
    ///
    /// [`BypassRuleError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, BypassRuleError> {
        use BypassRuleError as Error;
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::Empty);
        }
        if text == "*" {
            return Ok(Self(Rule::Everything));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(Error::Scheme { scheme: excerpt(scheme) });
        }
        let before_slash = text.split('/').next().unwrap_or_default();
        if text.starts_with('[') || before_slash.parse::<Ipv6Addr>().is_ok() {
            return Err(Error::Ipv6);
        }
        if let Some((host, port)) = text.rsplit_once(':')
            && !host.contains(':')
            && port.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(Error::Port);
        }
        if let Some((address, mask)) = text.split_once('/') {
            return network(address, mask);
        }
        if text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            return network(text, "32");
        }
        let (is_below, name) = match text.strip_prefix("*.").or_else(|| text.strip_prefix('.')) {
            Some(name) => (true, name),
            None => (false, text),
        };
        if name.contains('*') {
            return Err(Error::Wildcard);
        }
        let name = plain_name(name);
        if !is_host_name(&name) {
            return Err(Error::NotAName { text: excerpt(text) });
        }
        Ok(Self(if is_below { Rule::Below(name) } else { Rule::Host(name) }))
    }

    /// Whether the rule covers a host name by itself.
    #[must_use]
    pub fn covers_name(&self, name: &str) -> bool {
        let name = plain_name(name);
        match &self.0 {
            Rule::Everything => true,
            Rule::Host(host) => name == *host,
            Rule::Below(parent) => name
                .strip_suffix(parent.as_str())
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            Rule::Network(_) => false,
        }
    }

    /// Whether the rule covers an address.
    #[must_use]
    pub fn covers_address(&self, address: Ipv4Addr) -> bool {
        match &self.0 {
            Rule::Everything => true,
            Rule::Network(network) => network.contains(address),
            Rule::Host(_) | Rule::Below(_) => false,
        }
    }

    /// Whether the rule is about addresses, so that a name has to be resolved for it.
    #[must_use]
    pub const fn is_about_addresses(&self) -> bool {
        matches!(self.0, Rule::Network(_))
    }
}

/// Reads a list: rules are separated by line ends, commas, semicolons or white space. A rule that is
/// there twice is taken once.
///
/// # Errors
///
/// [`BypassListError`] for the first rule that cannot be read, or when there are too many.
pub fn parse_list(text: &str) -> Result<Vec<BypassRule>, BypassListError> {
    let mut rules = Vec::new();
    let is_separator =
        |character: char| character.is_whitespace() || matches!(character, ',' | ';');
    for entry in text.split(is_separator).filter(|entry| !entry.is_empty()) {
        let rule = BypassRule::parse(entry)
            .map_err(|reason| BypassListError::Rule { text: excerpt(entry), reason })?;
        if rules.contains(&rule) {
            continue;
        }
        if rules.len() == MAX_BYPASS_RULES {
            return Err(BypassListError::TooMany);
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn network(address: &str, mask: &str) -> Result<BypassRule, BypassRuleError> {
    let Ok(address) = address.parse::<Ipv4Addr>() else {
        return Err(BypassRuleError::NotAnAddress { text: excerpt(address) });
    };
    let prefix = PrefixLength::parse(mask).map_err(BypassRuleError::Mask)?;
    let network = HostNet { address, prefix };
    let network = HostNet { address: network.network(), prefix };
    if network.address == address {
        Ok(BypassRule(Rule::Network(network)))
    } else {
        Err(BypassRuleError::HostBits { network })
    }
}

/// A name in lower case, without the dot at its end.
fn plain_name(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The beginning of a text, for a message.
fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}

impl fmt::Display for BypassRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Everything => formatter.write_str("*"),
            Rule::Host(name) => formatter.write_str(name),
            Rule::Below(name) => write!(formatter, ".{name}"),
            Rule::Network(network) if network.prefix.bits() == 32 => {
                write!(formatter, "{}", network.address)
            }
            Rule::Network(network) => write!(formatter, "{network}"),
        }
    }
}

impl TryFrom<String> for BypassRule {
    type Error = BypassRuleError;

    fn try_from(text: String) -> Result<Self, BypassRuleError> {
        Self::parse(&text)
    }
}

impl From<BypassRule> for String {
    fn from(rule: BypassRule) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(text: &str) -> BypassRule {
        BypassRule::parse(text).expect(text)
    }

    #[test]
    fn an_exact_name_covers_only_itself() {
        let rule = rule("Intranet.Example.com");
        for (name, is_covered) in [
            ("intranet.example.com", true),
            ("INTRANET.example.com.", true),
            ("a.intranet.example.com", false),
            ("example.com", false),
            ("notintranet.example.com", false),
        ] {
            assert_eq!(rule.covers_name(name), is_covered, "{name}");
        }
    }

    #[test]
    fn a_suffix_covers_what_is_below_it() {
        for text in [".example.com", "*.Example.com", "*.example.com."] {
            let rule = rule(text);
            assert_eq!(rule.to_string(), ".example.com");
            for (name, is_covered) in [
                ("a.example.com", true),
                ("a.b.Example.com.", true),
                ("example.com", false),
                (".example.com", false),
                ("badexample.com", false),
                ("example.com.evil.test", false),
            ] {
                assert_eq!(rule.covers_name(name), is_covered, "{name}");
            }
        }
    }

    #[test]
    fn networks_cover_addresses_to_their_edges() {
        for text in ["192.0.2.64/26", "192.0.2.64/255.255.255.192"] {
            let rule = rule(text);
            assert_eq!(rule.to_string(), "192.0.2.64/26");
            for (last, is_covered) in [(63, false), (64, true), (127, true), (128, false)] {
                assert_eq!(rule.covers_address([192, 0, 2, last].into()), is_covered, "{last}");
            }
            assert!(!rule.covers_name("192.0.2.64"));
        }
        assert!(rule("192.0.2.7").covers_address([192, 0, 2, 7].into()));
        assert!(!rule("192.0.2.7").covers_address([192, 0, 2, 8].into()));
        assert!(rule("0.0.0.0/0").covers_address([8, 8, 8, 8].into()));
    }

    #[test]
    fn a_star_covers_everything() {
        assert!(rule("*").covers_name("example.com") && rule("*").covers_address([8; 4].into()));
    }

    #[test]
    fn says_what_is_wrong_with_a_rule() {
        use BypassRuleError as Error;
        let network = HostNet {
            address: [10, 1, 0, 0].into(),
            prefix: PrefixLength::new(16).expect("valid"),
        };
        for (text, error) in [
            ("", Error::Empty),
            ("https://example.com", Error::Scheme { scheme: "https".into() }),
            ("example.com:443", Error::Port),
            ("10.0.0.1:443", Error::Port),
            ("2001:db8::/32", Error::Ipv6),
            ("[::1]:80", Error::Ipv6),
            ("ex*mple.com", Error::Wildcard),
            ("*.*.com", Error::Wildcard),
            ("*example.com", Error::Wildcard),
            ("10.1.2", Error::NotAnAddress { text: "10.1.2".into() }),
            ("example.com/24", Error::NotAnAddress { text: "example.com".into() }),
            ("10.0.0.0/33", Error::Mask(MaskError::Unreadable)),
            ("10.0.0.0/255.0.255.0", Error::Mask(MaskError::Hole)),
            ("10.1.2.3/16", Error::HostBits { network }),
            ("<local>", Error::NotAName { text: "<local>".into() }),
            ("a b", Error::NotAName { text: "a b".into() }),
            (".", Error::NotAName { text: ".".into() }),
        ] {
            assert_eq!(BypassRule::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn reads_lists_as_people_write_them() {
        let list = parse_list(" .example.com, 10.0.0.0/8\r\nhost;HOST\n\n").expect("valid");
        let texts: Vec<_> = list.iter().map(ToString::to_string).collect();
        assert_eq!(texts, [".example.com", "10.0.0.0/8", "host"]);
        assert_eq!(parse_list(""), Ok(Vec::new()));
        let reason = BypassRuleError::Wildcard;
        assert_eq!(parse_list("a b*d"), Err(BypassListError::Rule { text: "b*d".into(), reason }));
        let many: String = (0..=MAX_BYPASS_RULES).map(|number| format!("host{number}\n")).collect();
        assert_eq!(parse_list(&many), Err(BypassListError::TooMany));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(text in "[*.a-z0-9/:-]{0,20}|\\PC{0,20}") {
            if let Ok(rule) = BypassRule::parse(&text) {
                prop_assert_eq!(BypassRule::parse(&rule.to_string()), Ok(rule));
            }
        }
    }
}
