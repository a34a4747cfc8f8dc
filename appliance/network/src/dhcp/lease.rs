//! What a server gives, checked.

use std::net::Ipv4Addr;
use std::time::Duration;

use model::boot_parameter::{is_host_name, is_label};
use model::ipv4::{HostAddressError, HostNet, PrefixLength, check_host_address};
use model::network::MAX_SERVERS;
use thiserror::Error;

use super::message::Message;
use super::options::{self, Options};
use super::routes::{ClasslessRoute, ClasslessRoutes};

/// A shorter lease is taken for a broken server.
const MIN_DURATION: Duration = Duration::from_secs(10);
/// A server is not asked for more time sooner than this after it gave some.
const MIN_RENEWAL: Duration = Duration::from_secs(1);
/// Every host takes packets of this size in bytes (RFC 791 section 3.1); a server that wants smaller
/// ones is broken.
const MIN_MTU: u32 = 576;
/// Largest packet in bytes that is taken from a server: jumbo frames.
const MAX_MTU: u32 = 9000;

/// An address with everything that came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The server.
    pub server: Ipv4Addr,
    /// Address and network.
    pub address: HostNet,
    /// Default gateway.
    pub gateway: Option<Ipv4Addr>,
    /// Further routes, those without gateway first.
    pub routes: Vec<ClasslessRoute>,
    /// DNS servers, in order of preference.
    pub dns: Vec<Ipv4Addr>,
    /// NTP servers, in order of preference.
    pub ntp: Vec<Ipv4Addr>,
    /// Host name, one label in lower case.
    pub host_name: Option<String>,
    /// Domain of the host, in lower case.
    pub domain: Option<String>,
    /// Largest packet in bytes.
    pub mtu: Option<u32>,
    /// How long the lease lasts; `None` = for ever.
    pub times: Option<Times>,
    /// Options of which something was left out because it makes no sense.
    pub ignored: Vec<u8>,
}

/// Why an offer or an acknowledgement cannot be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LeaseError {
    /// Option 54 is missing or names no host.
    #[error("it does not say which server it is")]
    Server,
    /// Option 51 is missing, or shorter than 10 seconds.
    #[error("it does not say for how long, or for less than 10 seconds")]
    Duration,
    /// No host can have the address.
    #[error("no host can have the address {address}")]
    Address {
        /// The address.
        address: Ipv4Addr,
        /// Why.
        source: HostAddressError,
    },
    /// The first or the last address of its network.
    #[error("{0} is the address of a network or its broadcast address")]
    Edge(HostNet),
}

/// When a lease is renewed and when it ends, counted from the request for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The server is asked for more time (T1).
    pub renewal: Duration,
    /// Any server is asked for more time (T2).
    pub rebinding: Duration,
    /// The address may no longer be used.
    pub end: Duration,
}

impl Lease {
    /// Reads an offer or an acknowledgement. What is unusable and not needed is left out and listed
    /// in [`Lease::ignored`].
    ///
    /// # Errors
    ///
    /// [`LeaseError`] when it lacks the server, the duration, or an address that a host can have.
    pub fn read(message: &Message) -> Result<Self, LeaseError> {
        let options = &message.options;
        let address = read_address(message)?;
        let server = options.server().filter(|server| is_usable(*server));
        let server = server.ok_or(LeaseError::Server)?;
        let times = Times::read(options).ok_or(LeaseError::Duration)?;
        let classless = options.classless_routes().and_then(ClasslessRoutes::read);
        let are_routes_whole = classless.as_ref().is_some_and(|classless| !classless.is_partial);
        // With classless routes, the routers do not count (RFC 3442).
        let is_other = |gateway: &Ipv4Addr| *gateway != address.address;
        let (gateway, routes) = match classless {
            Some(classless) => (classless.gateway.filter(is_other), classless.routes),
            None => {
                let mut routers = options.routers().into_iter();
                (routers.find(|gateway| is_usable(*gateway) && is_other(gateway)), Vec::new())
            }
        };
        let (host_name, domain) = read_names(options);
        let mtu = options.mtu().map(u32::from).filter(|mtu| (MIN_MTU..=MAX_MTU).contains(mtu));
        let dns = usable(options.dns_servers());
        let ntp = usable(options.ntp_servers());
        let taken = [
            (options::CLASSLESS_ROUTES, are_routes_whole),
            (options::ROUTERS, gateway.is_some() || options.has(options::CLASSLESS_ROUTES)),
            (options::DNS_SERVERS, dns.len() == options.dns_servers().len()),
            (options::NTP_SERVERS, ntp.len() == options.ntp_servers().len()),
            (options::HOST_NAME, host_name.is_some()),
            (options::DOMAIN, domain.is_some()),
            (options::MTU, mtu.is_some()),
        ];
        let is_ignored = |(code, is_taken): &(u8, bool)| !is_taken && options.has(*code);
        let ignored = taken.into_iter().filter(is_ignored).map(|(code, _)| code).collect();
        Ok(Self {
            server,
            address,
            gateway,
            routes,
            dns,
            ntp,
            host_name,
            domain,
            mtu,
            times,
            ignored,
        })
    }
}

impl Times {
    /// `Some(None)` = for ever.
    #[expect(clippy::option_option, reason = "no value and no end are two things")]
    fn read(options: &Options) -> Option<Option<Self>> {
        let seconds = options.lease_seconds()?;
        if seconds == u32::MAX {
            return Some(None);
        }
        let end = Duration::from_secs(seconds.into());
        if end < MIN_DURATION {
            return None;
        }
        let given =
            |seconds: Option<u32>| seconds.map(|seconds| Duration::from_secs(seconds.into()));
        // The defaults of RFC 2131 section 4.4.5.
        let rebinding =
            given(options.rebinding_seconds()).filter(|time| *time < end).unwrap_or(end * 7 / 8);
        let renewal = given(options.renewal_seconds())
            .filter(|time| *time < rebinding)
            .unwrap_or_else(|| (end / 2).min(rebinding));
        Some(Some(Self { renewal: renewal.max(MIN_RENEWAL), rebinding, end }))
    }
}

fn read_address(message: &Message) -> Result<HostNet, LeaseError> {
    let address = message.your_address;
    check_host_address(address).map_err(|source| LeaseError::Address { address, source })?;
    let prefix = message
        .options
        .subnet_mask()
        .and_then(|mask| PrefixLength::from_mask(mask).ok())
        .filter(|prefix| prefix.bits() > 0)
        .unwrap_or_else(|| class_prefix(address));
    let address = HostNet { address, prefix };
    let is_edge = address.address == address.network() || address.address == address.broadcast();
    if prefix.bits() < 31 && is_edge { Err(LeaseError::Edge(address)) } else { Ok(address) }
}

/// Without a mask, the class of the address decides (RFC 791 section 3.2): RFC 2131 is silent, and
/// servers that send none mean this.
fn class_prefix(address: Ipv4Addr) -> PrefixLength {
    let bits = match address.octets()[0] {
        0..=127 => 8,
        128..=191 => 16,
        _ => 24,
    };
    PrefixLength::new(bits).expect("at most 32 bits")
}

fn is_usable(address: Ipv4Addr) -> bool {
    check_host_address(address).is_ok()
}

fn usable(servers: Vec<Ipv4Addr>) -> Vec<Ipv4Addr> {
    let mut kept = Vec::new();
    for server in servers {
        if is_usable(server) && !kept.contains(&server) && kept.len() < MAX_SERVERS {
            kept.push(server);
        }
    }
    kept
}

/// Host name and domain. Some servers send the whole name as host name (RFC 2132 section 3.14
/// allows it).
fn read_names(options: &Options) -> (Option<String>, Option<String>) {
    let clean = |name: String| name.trim_end_matches('.').to_ascii_lowercase();
    let full = options.host_name().map(clean).filter(|name| is_host_name(name));
    let (host_name, rest) = match full.as_deref().map(|name| name.split_once('.')) {
        None => (None, None),
        Some(None) => (full, None),
        Some(Some((host, rest))) => (Some(host.to_owned()), Some(rest.to_owned())),
    };
    let domain = options.domain().map(clean).filter(|name| is_host_name(name)).or(rest);
    (host_name.filter(|name| is_label(name)), domain)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dhcp::{Direction, MessageType};

    /// An acknowledgement of 10.0.2.15 for an hour, with further options.
    pub(in crate::dhcp) fn ack(extra: &[(u8, &[u8])]) -> Message {
        let mut options = Options::of(MessageType::Ack);
        options.set_server([10, 0, 2, 2].into());
        options.set(1, vec![255, 255, 255, 0]);
        options.set(51, 3600_u32.to_be_bytes().into());
        for (code, value) in extra {
            options.set(*code, value.to_vec());
        }
        Message {
            direction: Direction::Reply,
            transaction: 1,
            seconds: 0,
            client_address: Ipv4Addr::UNSPECIFIED,
            your_address: [10, 0, 2, 15].into(),
            hardware_address: [2, 0, 0, 0, 0, 1],
            options,
        }
    }

    fn seconds(times: Times) -> [u64; 3] {
        [times.renewal, times.rebinding, times.end].map(|time| time.as_secs())
    }

    #[test]
    fn takes_what_the_appliance_uses() {
        let lease = Lease::read(&ack(&[
            (3, &[10, 0, 2, 2]),
            (6, &[10, 0, 2, 3, 10, 0, 2, 4]),
            (12, b"Appliance-1"),
            (15, b"Example.com."),
            (26, &[5, 180]),
            (42, &[10, 0, 2, 5]),
        ]))
        .expect("usable");
        assert_eq!(lease.address.to_string(), "10.0.2.15/24");
        assert_eq!(lease.gateway, Some([10, 0, 2, 2].into()));
        assert_eq!(lease.dns, [Ipv4Addr::new(10, 0, 2, 3), Ipv4Addr::new(10, 0, 2, 4)]);
        assert_eq!(lease.ntp, [Ipv4Addr::new(10, 0, 2, 5)]);
        assert_eq!(lease.host_name.as_deref(), Some("appliance-1"));
        assert_eq!(lease.domain.as_deref(), Some("example.com"));
        assert_eq!(lease.mtu, Some(1460));
        assert!(lease.ignored.is_empty());
    }

    #[test]
    fn classless_routes_take_the_place_of_the_routers() {
        let routers: (u8, &[u8]) = (3, &[10, 0, 2, 2]);
        let read = |value: &[u8]| Lease::read(&ack(&[routers, (121, value)])).expect("usable");
        let lease = read(&[0, 10, 0, 2, 9, 8, 11, 10, 0, 2, 8]);
        assert_eq!((lease.gateway, lease.routes.len()), (Some([10, 0, 2, 9].into()), 1));
        let lease = read(&[8, 11, 10, 0, 2, 8]);
        assert_eq!((lease.gateway, lease.ignored), (None, vec![]), "no route to everything");
        let lease = read(&[0, 10, 0, 2, 15]);
        assert_eq!(lease.gateway, None, "the host itself");
        for malformed in [[].as_slice(), &[33, 1, 2], &[8, 11]] {
            let lease = read(malformed);
            assert_eq!((lease.gateway, lease.routes), (Some([10, 0, 2, 2].into()), Vec::new()));
            assert_eq!(lease.ignored.contains(&121), !malformed.is_empty());
        }
    }

    #[test]
    fn mtu_is_taken_between_its_limits() {
        for (given, taken) in [(575, None), (576, Some(576)), (9000, Some(9000)), (9001, None)] {
            let lease = Lease::read(&ack(&[(26, &u16::to_be_bytes(given))])).expect("usable");
            assert_eq!(lease.mtu, taken);
        }
    }

    #[test]
    fn leaves_out_what_a_hostile_server_sends() {
        let many: Vec<u8> = (1..=40).flat_map(|host| [10, 0, 2, host]).collect();
        let lease = Lease::read(&ack(&[
            (3, &[0, 0, 0, 0, 127, 0, 0, 1, 10, 0, 2, 15, 10, 0, 2, 9]),
            (6, &many),
            (12, b"x; reboot"),
            (15, b"a\nnameserver 1.2.3.4"),
            (26, &[0, 1]),
            (42, &[255, 255, 255, 255, 224, 0, 0, 1, 10, 0, 2, 7, 10, 0, 2, 7]),
        ]))
        .expect("usable");
        assert_eq!(lease.gateway, Some([10, 0, 2, 9].into()));
        assert_eq!(lease.dns.len(), MAX_SERVERS);
        assert_eq!(lease.ntp, [Ipv4Addr::new(10, 0, 2, 7)]);
        assert_eq!((lease.host_name, lease.domain, lease.mtu), (None, None, None));
        assert_eq!(lease.ignored, [6, 42, 12, 15, 26]);
    }

    #[test]
    fn refuses_a_lease_without_server_duration_or_usable_address() {
        for (code, value, error) in [
            (54, [].as_slice(), LeaseError::Server),
            (54, &[0, 0, 0, 0], LeaseError::Server),
            (51, &[], LeaseError::Duration),
            (51, &[0, 0, 0, 9], LeaseError::Duration),
        ] {
            assert_eq!(Lease::read(&ack(&[(code, value)])), Err(error), "{code} {value:?}");
        }
        for address in [[0, 0, 0, 0], [127, 0, 0, 1], [255; 4], [169, 254, 64, 9]] {
            let mut message = ack(&[]);
            message.your_address = address.into();
            let error = Lease::read(&message).expect_err("unusable");
            assert!(matches!(error, LeaseError::Address { .. }), "{address:?}");
        }
        for address in [[10, 0, 2, 0], [10, 0, 2, 255]] {
            let mut message = ack(&[]);
            message.your_address = address.into();
            assert!(matches!(Lease::read(&message), Err(LeaseError::Edge(_))), "{address:?}");
        }
    }

    #[test]
    fn takes_the_class_of_the_address_without_a_mask() {
        for (address, mask, bits) in [
            ([10, 0, 2, 15], [].as_slice(), 8),
            ([172, 16, 0, 9], &[], 16),
            ([192, 168, 1, 9], &[255, 0, 255, 0], 24),
            ([192, 168, 1, 9], &[0, 0, 0, 0], 24),
            ([192, 168, 1, 9], &[255, 255, 255, 255], 32),
        ] {
            let mut message = ack(&[(1, mask)]);
            message.your_address = address.into();
            let lease = Lease::read(&message).expect("usable");
            assert_eq!(lease.address.prefix.bits(), bits, "{address:?}");
        }
    }

    #[test]
    fn times_that_contradict_each_other_give_way_to_the_defaults() {
        let times = |renewal: u32, rebinding: u32| {
            let message = ack(&[(58, &renewal.to_be_bytes()), (59, &rebinding.to_be_bytes())]);
            seconds(Lease::read(&message).ok().and_then(|lease| lease.times).expect("finite"))
        };
        assert_eq!(times(100, 200), [100, 200, 3600]);
        assert_eq!(times(300, 200), [200, 200, 3600]);
        assert_eq!(times(9999, 9999), [1800, 3150, 3600]);
        assert_eq!(times(0, 3150), [1, 3150, 3600]);
        let lease = Lease::read(&ack(&[(51, &[255; 4])])).expect("usable");
        assert_eq!(lease.times, None);
    }

    #[test]
    fn splits_a_whole_name_that_comes_as_host_name() {
        let lease = Lease::read(&ack(&[(12, b"a1.corp.example")])).expect("usable");
        assert_eq!(lease.host_name.as_deref(), Some("a1"));
        assert_eq!(lease.domain.as_deref(), Some("corp.example"));
    }
}
