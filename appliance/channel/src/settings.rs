//! The dialer with the settings of the moment.

use std::time::Duration;

use bus::{Client, SettingsRequest, SettingsResponse, follow};
use outbound::Dialer;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::warn;

/// How long the settings may take to be known.
const KNOWN_LIMIT: Duration = Duration::from_secs(10);
/// How long the settings may take when they were known before.
const CURRENT_LIMIT: Duration = Duration::from_secs(2);
/// Pause before the settings are asked for again after a failure.
const PAUSE: Duration = Duration::from_secs(2);

/// The settings of outgoing connections as the role follows them.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `None` = not known yet.
    followed: watch::Receiver<Option<Dialer>>,
    client: Client,
}

impl Settings {
    /// Follows the settings role and makes a new dialer with each change. Ends with the last clone.
    pub(crate) fn follow(socket: String) -> Self {
        let (sender, followed) = watch::channel(None);
        let client = Client::new(socket.clone());
        let settings = Self { followed, client: client.clone() };
        tokio::spawn(async move {
            let mut status = follow::<SettingsRequest>(socket);
            let keep = async {
                loop {
                    // The secrets are asked for only while the role is there.
                    if status.borrow_and_update().is_some() {
                        if let Some(dialer) = ask(&client).await {
                            sender.send_replace(Some(dialer));
                        } else {
                            sleep(PAUSE).await;
                            status.mark_changed();
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

    /// Settings that nobody tells.
    #[cfg(test)]
    pub(crate) fn unknown() -> Self {
        Self { followed: watch::channel(None).1, client: Client::new("/none") }
    }

    /// The dialer of this moment. A change that somebody was told of counts, though the news of it may
    /// still be on its way here. Without the settings role, what was known last.
    pub(crate) async fn current(&self) -> Option<Dialer> {
        match timeout(CURRENT_LIMIT, ask(&self.client)).await {
            Ok(Some(dialer)) => Some(dialer),
            _ => self.known().await,
        }
    }

    /// The dialer as it was told last. Right after a start the settings are on their way; `None` = they
    /// did not come.
    pub(crate) async fn known(&self) -> Option<Dialer> {
        let mut followed = self.followed.clone();
        let known = timeout(KNOWN_LIMIT, followed.wait_for(Option::is_some)).await;
        known.ok().and_then(|known| known.ok()?.clone())
    }

    /// Counts what was told so far as seen.
    pub(crate) fn mark_unchanged(&mut self) {
        self.followed.mark_unchanged();
    }

    /// Waits for settings that were not seen.
    pub(crate) async fn changed(&mut self) -> Result<(), watch::error::RecvError> {
        self.followed.changed().await
    }
}

async fn ask(client: &Client) -> Option<Dialer> {
    match client.call(&SettingsRequest::Outbound).await {
        Ok(SettingsResponse::Outbound(settings)) => Some(Dialer::with_readable_roots(settings)),
        answer => {
            let error = answer.err().map(|error| error.to_string());
            warn!(error, "The settings role does not tell the proxies");
            None
        }
    }
}
