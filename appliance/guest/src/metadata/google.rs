//! Google Compute Engine: an attribute of the instance, health as a guest attribute.

use platform::goal_state::Health;
use platform::guest::FirstSettings;
use platform::imds::{RETRY, google};
use tracing::info;

use super::{FetchError, http};
use crate::error::{ServiceError, UnusableError};

/// Namespace and key of the guest attribute.
const NAMESPACE: &str = "connector";
const KEY: &str = "state";
/// Guest attributes are switched off.
const SWITCHED_OFF: [u16; 2] = [403, 404];

/// The attribute `connector`.
pub(super) async fn first_settings() -> Result<FirstSettings, FetchError> {
    let Some(answer) = http::send(&google::settings_request(), RETRY).await? else {
        return Ok(FirstSettings::default());
    };
    // Whoever else answers at this address is not the service.
    if answer.flavor.as_deref() != Some(google::FLAVOR.1) {
        let server = platform::request::METADATA.to_string();
        return Err(ServiceError::Malformed { server }.into());
    }
    let data = google::settings(answer.body).map_err(UnusableError::from)?;
    Ok(FirstSettings::from_user_data(data.expose()).map_err(UnusableError::from)?)
}

/// Writes the guest attribute `connector/state`.
pub(super) async fn report(health: &Health) -> Result<(), ServiceError> {
    let value = match health {
        Health::Ready => "ready".to_owned(),
        Health::Starting { description } => format!("starting: {description}"),
        Health::Failed { description } => format!("failed: {description}"),
    };
    let Ok(request) = google::guest_attribute_request(NAMESPACE, KEY, &value) else {
        return Ok(());
    };
    match http::send(&request, RETRY).await {
        Err(ServiceError::Status { status, .. }) if SWITCHED_OFF.contains(&status) => {
            info!("Guest attributes are switched off");
            Ok(())
        }
        other => other.map(drop),
    }
}
