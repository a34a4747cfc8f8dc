//! The registration that first settings ask for, tried until it is done.

use std::time::Duration;

use bus::{
    Application, ChannelRequest, ChannelResponse, Client, SettingsRequest, UNATTENDED_SECONDS,
    follow,
};
use model::channel::ChannelStatus;
use model::guest::FirstState;
use model::network::NetworkStatus;
use platform::guest::FirstRegistration;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::board::Board;
use crate::first::await_network;

/// Pause after the first failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Longest pause: a secret that was wrong may be made right in the cloud.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Longest time of one attempt.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(UNATTENDED_SECONDS + 5);

/// Whom to ask.
pub(crate) struct Registrar {
    pub(crate) channel: String,
    pub(crate) settings: String,
    pub(crate) network: watch::Receiver<Option<NetworkStatus>>,
}

impl Registrar {
    /// Registers until the appliance is registered, by this or by a person. `None` = the platform does not
    /// say how any more, so only a person can.
    pub(crate) async fn run(mut self, registration: Option<FirstRegistration>, board: &Board) {
        let mut status = follow::<ChannelRequest>(self.channel.clone());
        let trouble = registration.is_none().then(|| {
            "the platform does not hand over the registration any more; register on the page"
                .to_owned()
        });
        board.set_first(FirstState::Registering { trouble });
        tokio::select! {
            () = registered(&mut status) => {}
            () = self.attempt(registration, board) => {}
        }
        board.set_first(FirstState::Taken);
        let client = Client::new(&*self.settings);
        let request = SettingsRequest::EndFirstRegistration;
        if let Err(error) = client.call::<bus::SettingsResponse>(&request).await {
            // The next start finds the appliance registered and says it again.
            warn!(%error, "Cannot note that the registration is done");
        }
    }

    async fn attempt(&mut self, registration: Option<FirstRegistration>, board: &Board) {
        let Some(registration) = registration else { return std::future::pending().await };
        let FirstRegistration { name, cloud, client, secret, location } = registration;
        let application = Application { name: name.to_string(), cloud, deployment: None, location };
        let channel = Client::new(&*self.channel);
        let mut pause = FIRST_PAUSE;
        loop {
            await_network(&mut self.network).await;
            let request = ChannelRequest::Unattended {
                application: application.clone(),
                client: client.clone(),
                secret: secret.clone(),
            };
            let trouble = match channel.call_within(ATTEMPT_LIMIT, &request).await {
                Ok(ChannelResponse::Done) => {
                    info!("The appliance is registered, as the platform asked for");
                    return;
                }
                Ok(ChannelResponse::Refused { reason }) => reason.to_string(),
                Ok(ChannelResponse::Failed { reason }) => reason,
                Ok(ChannelResponse::Conflict) => {
                    "a registration is under way on the page".to_owned()
                }
                Ok(ChannelResponse::Invalid { .. }) => {
                    "its name or one of its identifiers cannot be used".to_owned()
                }
                Ok(_) => "the channel service refused it".to_owned(),
                Err(error) => model::error::chain(&error),
            };
            warn!(trouble, "The registration that the platform asked for has failed");
            board.set_first(FirstState::Registering { trouble: Some(trouble) });
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Waits until the appliance is registered.
async fn registered(status: &mut watch::Receiver<Option<ChannelStatus>>) {
    let is_registered = |status: &Option<ChannelStatus>| {
        status.as_ref().is_some_and(|status| status.registered().is_some())
    };
    if status.wait_for(is_registered).await.is_err() {
        // Following ends only with its receiver.
        std::future::pending::<()>().await;
    }
}
