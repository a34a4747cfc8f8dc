//! Azure: user data from the metadata service, health to the wire server.

use platform::goal_state::{self, GoalState, Health};
use platform::guest::FirstSettings;
use platform::imds::azure;
use platform::request::RetryRule;
use tracing::info;

use super::{FetchError, http};
use crate::error::{ServiceError, UnusableError};

/// Status with which a wire server says that it does not know the newer report.
const OLD_SERVER: [u16; 3] = [400, 404, 405];

/// User data, or custom data where there are none.
pub(super) async fn first_settings() -> Result<FirstSettings, FetchError> {
    let Some(answer) = http::send(&azure::instance_request(), azure::RETRY).await? else {
        return Ok(FirstSettings::default());
    };
    let instance = azure::instance(&answer.body).map_err(UnusableError::from)?;
    let data = instance.user_data.or(instance.custom_data);
    let settings = data.map(|data| FirstSettings::from_user_data(data.expose())).transpose();
    Ok(settings.map_err(UnusableError::from)?.unwrap_or_default())
}

/// Reports the newer way, and the older one to a server that does not know it.
pub(super) async fn report(health: &Health) -> Result<(), ServiceError> {
    // Neither status is a machine that is being moved here: an old server answers so at once.
    let once = RetryRule { retried: &[408, 429, 500, 502, 503, 504], ..goal_state::RETRY };
    match http::send(&goal_state::provisioning_request(health), once).await {
        Err(ServiceError::Status { status, .. }) if OLD_SERVER.contains(&status) => {}
        other => return other.map(drop),
    }
    info!("The wire server does not know the newer report; the older one follows");
    let answer = http::send(&goal_state::goal_state_request(), goal_state::RETRY).await?;
    let body = answer.map(|answer| answer.body).unwrap_or_default();
    let goal = GoalState::parse(&body).map_err(ServiceError::GoalState)?;
    http::send(&goal_state::health_request(&goal, health), goal_state::RETRY).await.map(drop)
}
