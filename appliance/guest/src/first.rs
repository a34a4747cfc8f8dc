//! First settings: found once, handed to the settings role, and registered by.

use bus::{Client, SettingsRequest, SettingsResponse};
use model::guest::{FirstSource, FirstState};
use model::network::{NetworkState, NetworkStatus};
use model::settings::SettingsStatus;
use platform::detect::Platform;
use platform::smbios::MachineTables;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::board::Board;
use crate::error::Unusable;
use crate::found::Found;
use crate::host::vmware::{self, HostPort};
use crate::metadata::{Cloud, FetchError};
use crate::registration::Registrar;
use crate::{local, task};

/// What is needed to take first settings.
pub(crate) struct First {
    pub(crate) directory: std::path::PathBuf,
    pub(crate) tables: MachineTables,
    pub(crate) platform: Option<Platform>,
    pub(crate) board: Board,
    pub(crate) settings: String,
    pub(crate) network: watch::Receiver<Option<NetworkStatus>>,
    pub(crate) registrar: Registrar,
}

impl First {
    /// Takes what there is to take. Ends when nothing is left to do.
    pub(crate) async fn take(mut self) {
        let status = task::answer(&mut bus::follow::<SettingsRequest>(self.settings.clone())).await;
        let awaits_registration = match &status {
            SettingsStatus { first_taken: Some(taken), .. } if !taken.awaits_registration => {
                return self.board.set_first(FirstState::Taken);
            }
            SettingsStatus { first_taken: Some(_), .. } => true,
            SettingsStatus { has_administrator: true, .. } => {
                return self.board.set_first(FirstState::None);
            }
            SettingsStatus { .. } => false,
        };
        let found = match self.find().await {
            Ok(found) => found,
            Err(state) => return self.board.set_first(state),
        };
        match found {
            Some(found) => self.use_found(found, awaits_registration).await,
            None if awaits_registration => self.registrar.run(None, &self.board).await,
            None => self.board.set_first(FirstState::None),
        }
    }

    /// Looks at the machine, then asks VMware or the cloud.
    async fn find(&mut self) -> Result<Option<Found>, FirstState> {
        match local::first_settings(&self.directory, &self.tables) {
            Ok(None) => {}
            Ok(found) => return Ok(found),
            Err(Unusable { source_kind, error }) => {
                return Err(refused(source_kind, &error.to_string()));
            }
        }
        if self.platform == Some(Platform::Vmware) {
            const SOURCE: FirstSource = FirstSource::OvfEnvironment;
            let settings = vmware::first_settings(&mut HostPort);
            let settings = settings.map_err(|error| refused(SOURCE, &error.to_string()))?;
            return Ok(Found::new(SOURCE, settings));
        }
        let Some(cloud) = self.platform.and_then(Cloud::of) else { return Ok(None) };
        await_network(&mut self.network).await;
        match cloud.first_settings().await {
            Ok(settings) => Ok(Found::new(FirstSource::Metadata, settings)),
            Err(FetchError::Unusable(error)) => {
                Err(refused(FirstSource::Metadata, &error.to_string()))
            }
            Err(FetchError::Service(error)) => {
                warn!(%error, "The cloud gives no first settings");
                Err(FirstState::Unreachable { reason: error.to_string() })
            }
        }
    }

    async fn use_found(self, found: Found, are_taken: bool) {
        let (values, registration) = found.split();
        let source = values.source;
        if !are_taken {
            let client = Client::new(self.settings);
            let request = SettingsRequest::TakeFirst { first: values };
            let trouble = match client.call(&request).await {
                Ok(SettingsResponse::Done) => None,
                Ok(SettingsResponse::Conflict) => {
                    info!("Somebody has set the appliance up; the first settings are not used");
                    return self.board.set_first(FirstState::None);
                }
                Ok(SettingsResponse::Failed { reason }) => Some(reason),
                Ok(_) => Some("the settings service refused them".to_owned()),
                Err(error) => Some(model::error::chain(&error)),
            };
            if let Some(reason) = trouble {
                warn!(reason, "The first settings cannot be stored");
                return self.board.set_first(FirstState::NotStored { source, reason });
            }
        }
        if registration.is_none() && !are_taken {
            return self.board.set_first(FirstState::Taken);
        }
        self.registrar.run(registration, &self.board).await;
    }
}

fn refused(source: FirstSource, reason: &str) -> FirstState {
    warn!(source = source.name(), reason, "The first settings are refused");
    FirstState::Refused { source, reason: reason.to_owned() }
}

/// Waits until the machine has an address.
pub(crate) async fn await_network(network: &mut watch::Receiver<Option<NetworkStatus>>) {
    let is_up = |status: &Option<NetworkStatus>| {
        status.as_ref().is_some_and(|status| status.state == NetworkState::Configured)
    };
    if network.wait_for(is_up).await.is_err() {
        // Following ends only with its receiver.
        std::future::pending::<()>().await;
    }
}
