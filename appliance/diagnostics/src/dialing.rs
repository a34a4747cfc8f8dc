//! The dialer with the settings of the moment.

use std::sync::Arc;
use std::time::Duration;

use bus::{Client, SettingsRequest, SettingsResponse, follow};
use model::outbound::{FailureCause, OutboundSettings, ProxyAccess, ProxyState, ProxyTrouble};
use outbound::{Dialer, Limits};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::warn;

use crate::proxies::Proxies;

/// Pause before the settings are asked for again after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// Limits of a check that somebody waits for.
const QUICK: Limits = Limits {
    resolve: Duration::from_secs(3),
    route_lookup: Duration::from_millis(1500),
    connect: Duration::from_secs(4),
    proxy: Duration::from_secs(5),
    tls: Duration::from_secs(5),
};
/// How long such a check may take in all.
const QUICK_LIMIT: Duration = Duration::from_secs(12);

/// The settings as everybody in the role follows them; `None` = not known yet.
pub(crate) type Settings = watch::Receiver<Option<Arc<Dialing>>>;

/// A dialer, and what it was made from.
#[derive(Debug)]
pub(crate) struct Dialing {
    /// Makes the connections.
    pub(crate) dialer: Dialer,
    /// The proxies in their order.
    pub(crate) proxies: Vec<ProxyAccess>,
    /// What the appliance must reach: host and port.
    pub(crate) cloud: Vec<(String, u16)>,
    settings: OutboundSettings,
}

impl Dialing {
    pub(crate) fn new(settings: OutboundSettings, cloud: Vec<(String, u16)>) -> Self {
        let dialer = dialer(&settings);
        Self { dialer, proxies: settings.proxies.clone(), cloud, settings }
    }

    /// The proxy with this id.
    pub(crate) fn proxy(&self, id: &str) -> Option<&ProxyAccess> {
        self.proxies.iter().find(|proxy| proxy.id == id)
    }

    /// Checks a proxy for somebody who waits, whether it is stored or not.
    pub(crate) async fn check_quickly(&self, proxy: &ProxyAccess) -> ProxyState {
        let settings = OutboundSettings {
            proxies: vec![proxy.clone()],
            bypass: Vec::new(),
            roots: self.settings.roots.clone(),
        };
        let dialer = dialer(&settings).with_limits(QUICK);
        let check = dialer.check_proxy(&proxy.id, self.first_cloud());
        timeout(QUICK_LIMIT, check).await.unwrap_or_else(|_| slow(proxy))
    }

    fn first_cloud(&self) -> Option<(&str, u16)> {
        self.cloud.first().map(|(host, port)| (host.as_str(), *port))
    }
}

impl Proxies for Dialing {
    fn list(&self) -> &[ProxyAccess] {
        &self.proxies
    }

    async fn check(&self, id: &str) -> ProxyState {
        self.dialer.check_proxy(id, self.first_cloud()).await
    }
}

fn slow(proxy: &ProxyAccess) -> ProxyState {
    let reason = ProxyTrouble::Slow;
    let cause = FailureCause::ProxyUnreachable { proxy: proxy.location.clone(), reason };
    ProxyState::Unreachable { cause }
}

/// A root that cannot be read must not take proxies and probes away: it is left out.
fn dialer(settings: &OutboundSettings) -> Dialer {
    let readable = |root: &&String| {
        let alone =
            OutboundSettings { roots: vec![(*root).clone()], ..OutboundSettings::default() };
        Dialer::new(alone).is_ok()
    };
    Dialer::new(settings.clone()).unwrap_or_else(|error| {
        warn!(%error, "An added authority is left out");
        let roots = settings.roots.iter().filter(readable).cloned().collect();
        Dialer::new(OutboundSettings { roots, ..settings.clone() })
            .expect("each root that is left can be read")
    })
}

/// Follows the settings role and gives a new dialer with each change that could matter. Ends with the
/// last receiver.
pub(crate) fn follow_settings(socket: String, cloud: Vec<(String, u16)>) -> Settings {
    let (sender, receiver) = watch::channel(None);
    let client = Client::new(socket.clone());
    tokio::spawn(async move {
        let mut status = follow::<SettingsRequest>(socket);
        let keep = async {
            loop {
                // The secrets are asked for only while the role is there.
                if status.borrow_and_update().is_some() {
                    match outbound_settings(&client).await {
                        Some(settings) => {
                            sender.send_replace(Some(Arc::new(Dialing::new(
                                settings,
                                cloud.clone(),
                            ))));
                        }
                        None => {
                            sleep(PAUSE).await;
                            status.mark_changed();
                        }
                    }
                }
                if status.changed().await.is_err() {
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

async fn outbound_settings(client: &Client) -> Option<OutboundSettings> {
    match client.call(&SettingsRequest::Outbound).await {
        Ok(SettingsResponse::Outbound(settings)) => Some(settings),
        Ok(_) => {
            warn!("The settings role does not tell the proxies");
            None
        }
        Err(error) => {
            warn!(%error, "Cannot ask for the proxies");
            None
        }
    }
}
