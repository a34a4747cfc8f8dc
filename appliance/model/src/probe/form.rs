//! A probe as somebody typed it, and what is wrong with it.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use super::{MAX_PATH_BYTES, MAX_TARGET_BYTES, ProbeKind, ProbeRequest, ProbeTarget};
use crate::boot_parameter::is_host_name;
use crate::outbound::Route;

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeForm {
    /// What is spoken.
    pub kind: ProbeKind,
    /// Host name or address.
    pub target: String,
    /// TCP port; empty = the usual one of the kind. Not looked at for ICMP.
    pub port: String,
    /// Path and query; empty = `/`. Looked at for HTTP and HTTPS only.
    pub path: String,
    /// How the probe leaves.
    pub route: RouteChoice,
    /// Whether the packets are recorded meanwhile.
    pub with_capture: bool,
}

/// The choice of the way as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RouteChoice {
    /// Straight to the target.
    #[default]
    Direct,
    /// As the settings say: the order of the proxies, private ranges, bypass list.
    Automatic,
    /// Through the proxy with this id, whatever the settings say.
    Proxy(String),
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeField {
    /// Host name or address.
    Target,
    /// TCP port.
    Port,
    /// Path and query.
    Path,
    /// The way.
    Route,
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// It is a whole URL.
    #[error("is a URL: give the host alone, such as {host}")]
    Url {
        /// The host in it.
        host: String,
    },
    /// It ends with a port.
    #[error("ends with a port: give {port} in the field of the port")]
    WithPort {
        /// The port.
        port: String,
    },
    /// There is a space inside.
    #[error("has a space inside")]
    Space,
    /// It is an IPv6 address.
    #[error("is an IPv6 address, and the appliance speaks IPv4")]
    Ipv6,
    /// It looks like an IPv4 address and is none.
    #[error("looks like an IPv4 address and is none: four numbers from 0 to 255 with dots between")]
    BrokenAddress,
    /// No machine can have this address.
    #[error("is an address that no single machine has")]
    NoMachine,
    /// It is too long.
    #[error("is longer than {MAX_TARGET_BYTES} characters")]
    TooLong,
    /// It is neither name nor address.
    #[error(
        "is neither an IPv4 address nor a host name: letters, digits and inner hyphens, parts of at most 63 characters with dots between them"
    )]
    NotAHost,
}

/// What is wrong with a field. The texts complete the sentence that begins with the field's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProbeProblem {
    /// It is empty and must not be.
    #[error("is missing")]
    Missing,
    /// It is no target.
    #[error("{0}")]
    Target(TargetError),
    /// It is no port.
    #[error("is not a port: a number from 1 to 65535")]
    NotAPort,
    /// It does not begin with a slash.
    #[error("does not begin with /")]
    NoSlash,
    /// It has a character that no request line can carry.
    #[error("has a space, a control character or one outside ASCII; write it as %20, for example")]
    PathCharacter,
    /// It is too long.
    #[error("is longer than {MAX_PATH_BYTES} characters")]
    PathTooLong,
    /// ICMP cannot go through a proxy.
    #[error("cannot be a proxy: ICMP goes straight to the target")]
    IcmpThroughProxy,
    /// There is no such proxy. The form does not know it; the diagnostics role says so.
    #[error("is a proxy that is not in the list any more")]
    UnknownProxy,
}

impl ProbeProblem {
    /// A name for programs.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Target(TargetError::Url { .. }) => "url",
            Self::Target(TargetError::WithPort { .. }) => "withPort",
            Self::Target(TargetError::Space) => "space",
            Self::Target(TargetError::Ipv6) => "ipv6",
            Self::Target(TargetError::BrokenAddress) => "brokenAddress",
            Self::Target(TargetError::NoMachine) => "noMachine",
            Self::Target(TargetError::TooLong) | Self::PathTooLong => "tooLong",
            Self::Target(TargetError::NotAHost) => "notAHost",
            Self::NotAPort => "notAPort",
            Self::NoSlash => "noSlash",
            Self::PathCharacter => "character",
            Self::IcmpThroughProxy => "icmpThroughProxy",
            Self::UnknownProxy => "unknownProxy",
        }
    }
}

/// A field to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeFieldProblem {
    /// Which.
    pub field: ProbeField,
    /// What is wrong with it.
    pub problem: ProbeProblem,
}

impl ProbeForm {
    /// The probe that the form asks for.
    ///
    /// # Errors
    ///
    /// Every field that must be corrected, in the order of the form.
    pub fn check(&self) -> Result<ProbeRequest, Vec<ProbeFieldProblem>> {
        let mut problems = Vec::new();
        let mut note = |field, problem| problems.push(ProbeFieldProblem { field, problem });
        let target = target(&self.target).map_err(|problem| note(ProbeField::Target, problem)).ok();
        let port = self.port().map_err(|problem| note(ProbeField::Port, problem)).ok();
        let path = self.path().map_err(|problem| note(ProbeField::Path, problem)).ok();
        let route = self.route().map_err(|problem| note(ProbeField::Route, problem)).ok();
        match (target, port, path, route) {
            (Some(target), Some(port), Some(path), Some(route)) => Ok(ProbeRequest {
                kind: self.kind,
                target,
                port,
                path,
                route,
                with_capture: self.with_capture,
            }),
            _ => Err(problems),
        }
    }

    fn port(&self) -> Result<Option<u16>, ProbeProblem> {
        match (self.kind, self.port.trim()) {
            (ProbeKind::Icmp, _) => Ok(None),
            (kind, "") => kind.default_port().map(Some).ok_or(ProbeProblem::Missing),
            (_, text) => {
                let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
                let port = text.parse().ok().filter(|port| is_number && *port > 0);
                port.map(Some).ok_or(ProbeProblem::NotAPort)
            }
        }
    }

    fn path(&self) -> Result<String, ProbeProblem> {
        let path = self.path.trim();
        if !self.kind.has_path() || path.is_empty() {
            return Ok("/".to_owned());
        }
        if path.len() > MAX_PATH_BYTES {
            return Err(ProbeProblem::PathTooLong);
        }
        if !path.starts_with('/') {
            return Err(ProbeProblem::NoSlash);
        }
        // A fragment is never sent, and a space ends the path (RFC 9112, section 3).
        if !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(ProbeProblem::PathCharacter);
        }
        Ok(path.to_owned())
    }

    fn route(&self) -> Result<Route, ProbeProblem> {
        match &self.route {
            RouteChoice::Direct => Ok(Route::Direct),
            RouteChoice::Automatic if self.kind == ProbeKind::Icmp => Ok(Route::Direct),
            RouteChoice::Automatic => Ok(Route::Automatic),
            RouteChoice::Proxy(_) if self.kind == ProbeKind::Icmp => {
                Err(ProbeProblem::IcmpThroughProxy)
            }
            RouteChoice::Proxy(id) => Ok(Route::Through { id: id.clone() }),
        }
    }
}

fn target(text: &str) -> Result<ProbeTarget, ProbeProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ProbeProblem::Missing);
    }
    read_target(text).map_err(ProbeProblem::Target)
}

fn read_target(text: &str) -> Result<ProbeTarget, TargetError> {
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', '?', '#', ':', '@']).next().unwrap_or_default();
        let host = host.chars().take(MAX_TARGET_BYTES).collect();
        return Err(TargetError::Url { host });
    }
    if text.chars().any(char::is_whitespace) {
        return Err(TargetError::Space);
    }
    if text.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok() {
        return Err(TargetError::Ipv6);
    }
    if let Some((_, port)) = text.rsplit_once(':')
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(TargetError::WithPort { port: port.chars().take(5).collect() });
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        let is_nobody =
            address.is_unspecified() || address.is_multicast() || address.is_broadcast();
        return if is_nobody {
            Err(TargetError::NoMachine)
        } else {
            Ok(ProbeTarget::Address(address))
        };
    }
    // A name may end with a dot, which says that it is complete.
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.len() > MAX_TARGET_BYTES {
        return Err(TargetError::TooLong);
    }
    if !is_host_name(name) {
        return Err(TargetError::NotAHost);
    }
    // No top level domain is a number (RFC 3696, section 2): this is a mistyped address.
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TargetError::BrokenAddress);
    }
    Ok(ProbeTarget::Name(name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(kind: ProbeKind, target: &str) -> ProbeForm {
        ProbeForm { kind, target: target.to_owned(), ..ProbeForm::default() }
    }

    fn problem(form: &ProbeForm) -> (ProbeField, &'static str) {
        let problems = form.check().expect_err("a problem");
        assert_eq!(problems.len(), 1, "{problems:?}");
        (problems[0].field, problems[0].problem.id())
    }

    #[test]
    fn takes_names_and_addresses() {
        let https = |target| form(ProbeKind::Https, target).check().expect("right").target;
        assert_eq!(
            https(" Gateway.Example.COM. "),
            ProbeTarget::Name("gateway.example.com".into())
        );
        assert_eq!(https("10.0.0.5"), ProbeTarget::Address([10, 0, 0, 5].into()));
        assert_eq!(https("dc1"), ProbeTarget::Name("dc1".into()));
        assert_eq!(https("1password.example"), ProbeTarget::Name("1password.example".into()));
    }

    #[test]
    fn says_what_is_wrong_with_a_target() {
        let long = "a.".repeat(130) + "example";
        for (text, id) in [
            ("", "missing"),
            ("https://a.example/x", "url"),
            ("a.example:443", "withPort"),
            ("10.0.0.5:99999", "withPort"),
            ("two words", "space"),
            ("fe80::1", "ipv6"),
            ("[::1]", "ipv6"),
            ("10.0.0.256", "brokenAddress"),
            ("10.0.0", "brokenAddress"),
            ("0.0.0.0", "noMachine"),
            ("255.255.255.255", "noMachine"),
            ("224.0.0.1", "noMachine"),
            ("a.example/x", "notAHost"),
            ("-a.example", "notAHost"),
            ("$(reboot)", "notAHost"),
            ("例え.example", "notAHost"),
            (&long, "tooLong"),
        ] {
            assert_eq!(problem(&form(ProbeKind::Tls, text)), (ProbeField::Target, id), "{text}");
        }
    }

    #[test]
    fn knows_the_usual_ports_and_asks_for_the_one_of_tcp() {
        let port = |kind| form(kind, "a.example").check().map(|request| request.port);
        assert_eq!(port(ProbeKind::Http), Ok(Some(80)));
        assert_eq!(port(ProbeKind::Https), Ok(Some(443)));
        assert_eq!(port(ProbeKind::Icmp), Ok(None));
        assert_eq!(problem(&form(ProbeKind::Tcp, "a.example")), (ProbeField::Port, "missing"));
        for text in ["0", "65536", "99999999999999999999", "+80", "ssh", "-1"] {
            let form = ProbeForm { port: text.to_owned(), ..form(ProbeKind::Tcp, "a.example") };
            assert_eq!(problem(&form), (ProbeField::Port, "notAPort"), "{text}");
        }
    }

    #[test]
    fn a_path_is_one_that_a_request_line_can_carry() {
        let with =
            |path: &str| ProbeForm { path: path.to_owned(), ..form(ProbeKind::Http, "a.example") };
        assert_eq!(with("").check().expect("right").path, "/");
        assert_eq!(with("/a?b=%20").check().expect("right").path, "/a?b=%20");
        for (path, id) in [
            ("a", "noSlash"),
            ("/a b", "character"),
            ("/a\r\nHost: b", "character"),
            ("/é", "character"),
            ("/a#b", "character"),
            (&"/".repeat(MAX_PATH_BYTES + 1), "tooLong"),
        ] {
            assert_eq!(problem(&with(path)), (ProbeField::Path, id), "{path}");
        }
        let tcp = ProbeForm { port: "1".into(), kind: ProbeKind::Tcp, ..with("not looked at") };
        assert_eq!(tcp.check().expect("right").path, "/");
    }

    #[test]
    fn icmp_takes_no_proxy() {
        let route = RouteChoice::Proxy("1".to_owned());
        let form = ProbeForm { route, ..form(ProbeKind::Icmp, "a.example") };
        assert_eq!(problem(&form), (ProbeField::Route, "icmpThroughProxy"));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let form = ProbeForm { port: "0".into(), path: "x".into(), ..form(ProbeKind::Http, "") };
        let fields: Vec<_> =
            form.check().expect_err("wrong").iter().map(|problem| problem.field).collect();
        assert_eq!(fields, [ProbeField::Target, ProbeField::Port, ProbeField::Path]);
    }

    proptest! {
        #[test]
        fn what_is_taken_as_a_target_can_stand_in_a_request(text in "\\PC{0,40}|[a-z0-9.:/-]{0,40}") {
            if let Ok(request) = form(ProbeKind::Http, &text).check() {
                let shown = request.target.to_string();
                prop_assert!(!shown.is_empty() && shown.len() <= MAX_TARGET_BYTES);
                prop_assert!(shown.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)));
                // Reading what is shown gives the same.
                let again = form(ProbeKind::Http, &shown).check().expect("still right");
                prop_assert_eq!(again.target, request.target);
            }
        }
    }
}
