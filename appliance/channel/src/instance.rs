//! What an appliance tells about itself, and how busy it is.

use std::time::Duration;

use bus::{Client, DirectoryRequest, NetworkRequest, follow};
use model::domain::status::DirectoryStatus;
use model::load::LoadFacts;
use model::network::NetworkStatus;
use model::product;
use model::supervision::{InitRequest, InitResponse};
use protocol::control::{About, JoinedDomain, Load};
use tokio::sync::watch;
use tokio::time::interval;

/// How often the load is measured.
const LOAD_PERIOD: Duration = Duration::from_secs(5);
/// Change of a share that is told, in points.
const TELLING_PERCENT: u8 = 5;

/// What the appliance tells about itself, followed from what network and directory say. Ends with the
/// last receiver.
pub(crate) fn follow_about(network: String, directory: String) -> watch::Receiver<About> {
    let (sender, receiver) = watch::channel(about(None, None));
    tokio::spawn(async move {
        let mut network = follow::<NetworkRequest>(network);
        let mut directory = follow::<DirectoryRequest>(directory);
        let keep = async {
            loop {
                let present = about(
                    network.borrow_and_update().as_ref(),
                    directory.borrow_and_update().as_ref(),
                );
                sender.send_if_modified(|about| {
                    let is_new = *about != present;
                    *about = present;
                    is_new
                });
                let ended = tokio::select! {
                    changed = network.changed() => changed.is_err(),
                    changed = directory.changed() => changed.is_err(),
                };
                if ended {
                    return;
                }
            }
        };
        tokio::select! {
            () = keep => {}
            () = sender.closed() => {}
        }
    });
    receiver
}

fn about(network: Option<&NetworkStatus>, directory: Option<&DirectoryStatus>) -> About {
    let address = network.and_then(|network| network.address.as_ref());
    let domains = directory.map_or(&[][..], |directory| &directory.domains);
    About {
        version: product::VERSION.to_owned(),
        host_name: network.map(|it| it.host_name.value.clone()).unwrap_or_default(),
        addresses: address.map(|it| it.value.address.to_string()).into_iter().collect(),
        domains: domains
            .iter()
            .map(|domain| JoinedDomain {
                name: domain.domain.to_string(),
                forest: domain.forest.clone(),
                is_healthy: domain.health.as_ref().is_some_and(|it| it.failure.is_none()),
            })
            .collect(),
    }
}

/// The load of the machine, asked of PID 1 every few seconds. The number of requests is not known
/// here. Ends with the last receiver.
pub(crate) fn follow_load(init: String) -> watch::Receiver<Load> {
    let (sender, receiver) = watch::channel(Load::default());
    tokio::spawn(async move {
        let client = Client::new(init);
        let mut ticks = interval(LOAD_PERIOD);
        let mut before = LoadFacts::default();
        while !sender.is_closed() {
            ticks.tick().await;
            if let Ok(InitResponse::Load(facts)) = client.call(&InitRequest::Load).await {
                sender.send_replace(Load {
                    processor_percent: facts.processor_percent(&before),
                    memory_percent: facts.memory_percent(),
                    requests: 0,
                });
                before = facts;
            }
        }
    });
    receiver
}

/// Whether a load differs so much from what was told that the cloud should know. Shares of processors
/// never stand still, and a message that changes no decision is one too many for each appliance.
pub(crate) fn is_news(told: &Load, present: &Load) -> bool {
    told.requests != present.requests
        || told.processor_percent.abs_diff(present.processor_percent) >= TELLING_PERCENT
        || told.memory_percent.abs_diff(present.memory_percent) >= TELLING_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_hardly_changes_is_no_news() {
        let told = Load { processor_percent: 40, memory_percent: 50, requests: 1 };
        assert!(!is_news(&told, &Load { processor_percent: 44, memory_percent: 46, requests: 1 }));
        assert!(is_news(&told, &Load { processor_percent: 45, ..told }));
        assert!(is_news(&told, &Load { memory_percent: 45, ..told }));
        assert!(is_news(&told, &Load { requests: 0, ..told }));
    }

    #[test]
    fn an_appliance_without_network_has_a_version_at_least() {
        let about = about(None, None);
        assert_eq!(about.version, product::VERSION);
        assert!(about.addresses.is_empty() && about.domains.is_empty());
    }
}
