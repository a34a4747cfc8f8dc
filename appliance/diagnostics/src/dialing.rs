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

/// How long the settings may take when somebody waits for what is done with them.
const CURRENT_LIMIT: Duration = Duration::from_secs(2);

/// The settings as the role follows them.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `None` = not known yet.
    pub(crate) followed: watch::Receiver<Option<Arc<Dialing>>>,
    client: Client,
    cloud: Vec<(String, u16)>,
}

impl Settings {
    /// The settings of this moment. A change that somebody was told of counts, though the news of it may
    /// still be on its way here. Without the settings role, those that are known.
    pub(crate) async fn current(&self) -> Option<Arc<Dialing>> {
        let asked = timeout(CURRENT_LIMIT, outbound_settings(&self.client)).await;
        match asked.ok().flatten() {
            Some(settings) => Some(Arc::new(Dialing::new(settings, self.cloud.clone()))),
            None => self.followed.borrow().clone(),
        }
    }

    /// Settings that nobody tells.
    #[cfg(test)]
    pub(crate) fn unknown() -> Self {
        let client = Client::new("/none");
        Self { followed: watch::channel(None).1, client, cloud: Vec::new() }
    }
}

/// A dialer, and what it was made from; by default it dials directly and tells nothing else.
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
        let dialer = Dialer::with_readable_roots(settings.clone());
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
        let dialer = Dialer::with_readable_roots(settings).with_limits(QUICK);
        let check = dialer.check_proxy(&proxy.id, self.first_cloud());
        timeout(QUICK_LIMIT, check).await.unwrap_or_else(|_| slow(proxy))
    }

    fn first_cloud(&self) -> Option<(&str, u16)> {
        self.cloud.first().map(|(host, port)| (host.as_str(), *port))
    }
}

impl Default for Dialing {
    fn default() -> Self {
        Self::new(OutboundSettings::default(), Vec::new())
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

/// Follows the settings role and gives a new dialer with each change that could matter. Ends with the
/// last receiver.
pub(crate) fn follow_settings(socket: String, cloud: Vec<(String, u16)>) -> Settings {
    let (sender, followed) = watch::channel(None);
    let client = Client::new(socket.clone());
    let settings = Settings { followed, client: client.clone(), cloud: cloud.clone() };
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
    settings
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
