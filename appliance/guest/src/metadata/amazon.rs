//! Amazon EC2: user data, always with a token (IMDSv2).

use platform::guest::FirstSettings;
use platform::imds::{RETRY, amazon};
use tracing::info;

use super::{FetchError, http};
use crate::error::{ServiceError, UnusableError};

/// The service is switched off for this machine.
const SWITCHED_OFF: u16 = 403;

/// User data.
pub(super) async fn first_settings() -> Result<FirstSettings, FetchError> {
    let answer = match http::send(&amazon::token_request(), RETRY).await {
        Err(ServiceError::Status { status: SWITCHED_OFF, .. }) => {
            info!("The metadata service is switched off");
            return Ok(FirstSettings::default());
        }
        answer => answer?,
    };
    let Some(answer) = answer else { return Ok(FirstSettings::default()) };
    let token = amazon::token(&answer.body).map_err(UnusableError::from)?;
    let Some(answer) = http::send(&amazon::user_data_request(&token), RETRY).await? else {
        return Ok(FirstSettings::default());
    };
    let data = amazon::user_data(answer.body).map_err(UnusableError::from)?;
    Ok(FirstSettings::from_user_data(data.expose()).map_err(UnusableError::from)?)
}
