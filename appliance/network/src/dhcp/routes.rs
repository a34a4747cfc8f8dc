//! Classless static routes (RFC 3442).

use std::net::Ipv4Addr;

use model::ipv4::{HostNet, PrefixLength, check_host_address, reserved_network};

/// Most routes that are taken from a server; a branch office has a handful.
pub const MAX_ROUTES: usize = 32;

/// A route to a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClasslessRoute {
    /// First address and prefix of the network; 0.0.0.0/0 is everything.
    pub destination: HostNet,
    /// The gateway; `None` when the network is on the link itself.
    pub gateway: Option<Ipv4Addr>,
}

/// What an option 121 says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ClasslessRoutes {
    /// Gateway of the route to everything. On the link itself nothing can be everything.
    pub(super) gateway: Option<Ipv4Addr>,
    /// The other routes, those without gateway first, because others may lead through them.
    pub(super) routes: Vec<ClasslessRoute>,
    /// Whether something was left out: more than [`MAX_ROUTES`], or to where no host can be.
    pub(super) is_partial: bool,
}

impl ClasslessRoutes {
    /// Reads the option's value. `None` when it is empty, cut off or has an impossible length: then
    /// it is as if it had not been sent.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let mut found = Self::default();
        let mut rest = value;
        while let Some((&bits, after)) = rest.split_first() {
            let prefix = PrefixLength::new(bits).ok()?;
            // Only the bytes that the prefix reaches into are sent.
            let (significant, after) = after.split_at_checked(usize::from(bits.div_ceil(8)))?;
            let (gateway, after) = after.split_first_chunk::<4>()?;
            rest = after;
            let mut octets = [0; 4];
            octets[..significant.len()].copy_from_slice(significant);
            let destination = HostNet { address: octets.into(), prefix };
            found.add(
                HostNet { address: destination.network(), prefix },
                Some(Ipv4Addr::from(*gateway)).filter(|gateway| !gateway.is_unspecified()),
            );
        }
        // Link routes first; otherwise in the order of the server.
        found.routes.sort_by_key(|route| route.gateway.is_some());
        (!value.is_empty()).then_some(found)
    }

    fn add(&mut self, destination: HostNet, gateway: Option<Ipv4Addr>) {
        let is_usable = gateway.is_none_or(|gateway| check_host_address(gateway).is_ok());
        if destination.prefix.bits() == 0 {
            // The first one counts.
            match gateway.filter(|_| is_usable && self.gateway.is_none()) {
                Some(gateway) => self.gateway = Some(gateway),
                None => self.is_partial = true,
            }
            return;
        }
        let is_known = self.routes.iter().any(|route| route.destination == destination);
        if !is_usable || is_known || self.routes.len() >= MAX_ROUTES || !is_possible(destination) {
            self.is_partial = true;
            return;
        }
        self.routes.push(ClasslessRoute { destination, gateway });
    }
}

/// Whether hosts of a customer can be there: not the machine itself, not multicast, nothing that the
/// appliance keeps for itself. Half of everything (0.0.0.0/1) is a usual way to say "everything".
fn is_possible(destination: HostNet) -> bool {
    let first = destination.address.octets()[0];
    let is_special = match destination.prefix.bits() {
        8.. => matches!(first, 0 | 127 | 224..),
        _ => first >= 224,
    };
    !is_special && reserved_network(destination.address).is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn route(destination: [u8; 4], bits: u8, gateway: Option<[u8; 4]>) -> ClasslessRoute {
        let prefix = PrefixLength::new(bits).expect("in range");
        let destination = HostNet { address: destination.into(), prefix };
        ClasslessRoute { destination, gateway: gateway.map(Ipv4Addr::from) }
    }

    #[test]
    fn reads_the_examples_of_rfc_3442() {
        // Its table of widths: 10/8, 10/24, 10.17/16, 10.27.129/24, 10.229.0.128/25.
        let value = [
            [8, 10, 1, 1, 1, 1].as_slice(),
            &[24, 10, 0, 0, 1, 1, 1, 1],
            &[16, 10, 17, 1, 1, 1, 1],
            &[24, 10, 27, 129, 1, 1, 1, 1],
            &[25, 10, 229, 0, 128, 1, 1, 1, 1],
        ]
        .concat();
        let gateway = Some([1, 1, 1, 1]);
        let wanted = ClasslessRoutes {
            gateway: None,
            routes: vec![
                route([10, 0, 0, 0], 8, gateway),
                route([10, 0, 0, 0], 24, gateway),
                route([10, 17, 0, 0], 16, gateway),
                route([10, 27, 129, 0], 24, gateway),
                route([10, 229, 0, 128], 25, gateway),
            ],
            is_partial: false,
        };
        assert_eq!(ClasslessRoutes::read(&value), Some(wanted));
    }

    #[test]
    fn takes_the_default_gateway_out_and_link_routes_first() {
        // Google Cloud: the gateway on the link, everything through it.
        let value = [
            [0, 10, 128, 0, 1].as_slice(),
            &[16, 172, 17, 10, 128, 0, 9],
            &[32, 10, 128, 0, 1, 0, 0, 0, 0],
        ]
        .concat();
        let found = ClasslessRoutes::read(&value).expect("valid");
        assert_eq!(found.gateway, Some([10, 128, 0, 1].into()));
        let wanted =
            [route([10, 128, 0, 1], 32, None), route([172, 17, 0, 0], 16, Some([10, 128, 0, 9]))];
        assert_eq!(found.routes, wanted);
        assert!(!found.is_partial);
    }

    #[test]
    fn drops_bits_behind_the_prefix() {
        let found = ClasslessRoutes::read(&[9, 10, 255, 10, 0, 0, 1]).expect("valid");
        assert_eq!(found.routes, [route([10, 128, 0, 0], 9, Some([10, 0, 0, 1]))]);
    }

    #[test]
    fn refuses_what_is_cut_off_or_impossible_as_a_whole() {
        for value in [
            [].as_slice(),
            &[33, 10, 0, 0, 1, 1, 10, 0, 0, 1],
            &[24, 10, 0, 0, 10, 0, 0],
            &[8, 10, 10, 0, 0, 1, 24],
            &[255],
        ] {
            assert_eq!(ClasslessRoutes::read(value), None, "{value:?}");
        }
    }

    #[test]
    fn leaves_out_routes_that_no_network_needs() {
        for value in [
            [8, 127, 10, 0, 0, 1].as_slice(),
            &[4, 240, 10, 0, 0, 1],
            &[24, 169, 254, 0, 10, 0, 0, 1],
            &[8, 11, 127, 0, 0, 1],
            &[0, 0, 0, 0, 0],
        ] {
            let found = ClasslessRoutes::read(value).expect("readable");
            assert_eq!((found.routes, found.gateway, found.is_partial), (Vec::new(), None, true));
        }
        let many: Vec<u8> = (0..=255).flat_map(|part| [16, 10, part, 10, 0, 0, 1]).collect();
        let found = ClasslessRoutes::read(&many).expect("readable");
        assert_eq!((found.routes.len(), found.is_partial), (MAX_ROUTES, true));
    }

    #[test]
    fn halves_of_everything_are_possible() {
        let found = ClasslessRoutes::read(&[1, 0, 10, 0, 0, 1, 1, 128, 10, 0, 0, 1]);
        assert_eq!(found.expect("valid").routes.len(), 2);
    }

    proptest! {
        #[test]
        fn keeps_to_its_limits_on_garbage(value in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Some(found) = ClasslessRoutes::read(&value) {
                prop_assert!(found.routes.len() <= MAX_ROUTES);
                for route in found.routes {
                    prop_assert_eq!(route.destination.address, route.destination.network());
                    prop_assert!(route.destination.prefix.bits() > 0);
                }
            }
        }
    }
}
