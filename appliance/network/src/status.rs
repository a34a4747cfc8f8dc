//! What the role says about the network.

use std::net::Ipv4Addr;
use std::time::{SystemTime, UNIX_EPOCH};

use model::network::{InterfaceFacts, LeaseFacts, NetworkState, NetworkStatus, Origin, Sourced};
use sys::netlink::Link;
use tokio::sync::watch;

use crate::configuration::Configuration;
use crate::interface::format_hardware_address;

/// A status and its generation.
pub(crate) type Published = (u64, NetworkStatus);

/// The status of an interface and its values. The caller of [`publish`] need not know `since`.
pub(crate) fn describe(
    state: NetworkState,
    interfaces: Vec<InterfaceFacts>,
    link: Option<&Link>,
    configuration: Option<&Configuration>,
    host_name: Sourced<String>,
    lease: Option<LeaseFacts>,
) -> NetworkStatus {
    let mut status = NetworkStatus::starting(0);
    status.state = state;
    status.interfaces = interfaces;
    status.host_name = host_name;
    status.interface = link.map(|link| link.name.clone());
    status.hardware_address = link.map(|link| format_hardware_address(link.hardware_address));
    status.lease = lease;
    let Some(values) = configuration else {
        return status;
    };
    let origin = values.origin;
    status.address = Some(Sourced::new(values.address, origin));
    status.gateway = values.gateway.map(|gateway| Sourced::new(gateway, origin));
    status.dns = list::<Ipv4Addr>(&values.dns, origin);
    status.ntp = list::<String>(&values.ntp, origin);
    status.domain = values.domain.clone().map(|domain| Sourced::new(domain, origin));
    status
}

/// A channel with the status at the start.
pub(crate) fn channel() -> watch::Sender<Published> {
    watch::Sender::new((1, NetworkStatus::starting(unix_now())))
}

/// Publishes a status under the next generation, if anything in it is new. Its state holds since now
/// when it is another one.
pub(crate) fn publish(sender: &watch::Sender<Published>, mut status: NetworkStatus) {
    sender.send_if_modified(|(generation, published)| {
        let is_same_state = published.state == status.state;
        status.since = if is_same_state { published.since } else { unix_now() };
        if *published == status {
            return false;
        }
        *generation += 1;
        *published = status;
        true
    });
}

/// Seconds since 1970 by the machine's clock.
pub(crate) fn unix_now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

fn list<T: Clone>(values: &[T], origin: Origin) -> Sourced<Vec<T>> {
    // Nobody chose an empty list.
    Sourced::new(values.to_vec(), if values.is_empty() { Origin::Default } else { origin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishes_only_what_is_new_and_dates_the_state() {
        let sender = channel();
        let since = |state: NetworkState| {
            publish(&sender, NetworkStatus { state, ..NetworkStatus::starting(0) });
            let (generation, status) = sender.borrow().clone();
            (generation, status.since)
        };
        sender.send_modify(|(_, status)| status.since = 5);
        assert_eq!(since(NetworkState::Starting), (1, 5));
        let (generation, moment) = since(NetworkState::NoLink);
        assert!(generation == 2 && moment > 5);
        assert_eq!(since(NetworkState::NoLink), (2, moment));
    }
}
