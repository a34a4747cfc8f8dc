//! Asking appliances: within the customer's limit and in time.

use std::time::Duration;

use protocol::request::{MAX_DEADLINE_MILLIS, Operation};
use registry::RegistryError;
use thiserror::Error;

use crate::call::Call;
use crate::error::ApiError;
use crate::in_flight::Place;
use crate::order::{Answered, Order, Unanswered};
use crate::random;
use crate::route::Parameter;
use crate::site::Site;

/// Most seconds that a client may wait for an answer.
pub(crate) const MAX_SECONDS: u32 = MAX_DEADLINE_MILLIS / 1000;
/// How long a client waits at most, in the query.
pub(crate) const TIMEOUT: Parameter = (
    "Timeout",
    "integer",
    "Seconds until the answer is of no use any more: 1 to 300. A connector that is connected anew \
     meanwhile, or has room again, is waited for.",
);
/// What every request to appliances may be answered with.
pub(crate) const WRONG_TIMEOUT: (u16, &str) =
    (400, "`Timeout` is not 1 to 300 (`common/outOfRange`).");
/// See [`WRONG_TIMEOUT`].
pub(crate) const TOO_MANY: (u16, &str) =
    (429, "256 requests of the customer are on their way to appliances (`reason` is `inFlight`).");
/// See [`WRONG_TIMEOUT`].
pub(crate) const UNSUPPORTED: (u16, &str) =
    (501, "The appliance is too old (`common/notImplemented`).");
/// See [`WRONG_TIMEOUT`].
pub(crate) const FAILED: (u16, &str) = (
    502,
    "A connector answered that it cannot (`cloud/connectorFailed`). `reason` is `unreachable` (what is \
     needed is not within its reach, such as a domain that it has not joined), `refused` (by the \
     directory), `invalid`, `notFound`, `internal`, `unknown`, or `strangeAnswer` (it cannot be \
     understood); `detail` says what the connector said.",
);
/// See [`WRONG_TIMEOUT`].
pub(crate) const NOBODY: (u16, &str) = (
    503,
    "Or no connector is connected (`reason` is `noConnector`), or those that are have too much to do \
     (`busy`); `retryDelay` and `Retry-After` name the seconds to wait.",
);
/// See [`WRONG_TIMEOUT`].
pub(crate) const LATE: (u16, &str) = (504, "No connector answered in time (`cloud/deadline`).");

/// Why an appliance has not done what it was asked.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// Too many requests of the customer are on their way.
    #[error("too many requests of the customer are on their way")]
    TooMany,
    /// No appliance answers.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// What it answers cannot be understood.
    #[error("the answer cannot be understood")]
    Strange,
    /// What it did cannot be noted.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::TooMany => Self::too_many_in_flight(),
            AskError::Unanswered(cause) => cause.into(),
            AskError::Strange => Self::strange_answer(),
            AskError::Registry(error) => error.into(),
        }
    }
}

/// The time that the query gives, or else as many seconds.
pub(crate) fn within(call: &Call<'_>, seconds: u32) -> Result<Duration, ApiError> {
    let given = call.query.get(TIMEOUT.0).filter(|text| !text.is_empty());
    let seconds = match given {
        None => Some(seconds),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        Some(_) => None,
    };
    let seconds = seconds.filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    let range = || ApiError::out_of_range(TIMEOUT.0, "a number of seconds from 1 to 300");
    Ok(Duration::from_secs(seconds.ok_or_else(range)?.into()))
}

/// Has any connector of a resource location do something.
pub(crate) async fn location(
    call: &Call<'_>,
    location: &str,
    operation: Operation,
    within: Duration,
) -> Result<(Answered, Place), ApiError> {
    let tenant = call.tenant()?;
    call.site.places().check(&tenant, location, call.now).await?;
    let order = Order {
        tenant: tenant.id().clone(),
        location: location.to_owned(),
        connector: None,
        id: random::uuid(),
        operation,
        within,
    };
    Ok(send(call.site, order).await?)
}

/// Has one connector do something.
pub(crate) async fn connector(
    site: &Site,
    connector: &registry::Connector,
    operation: Operation,
    within: Duration,
) -> Result<(Answered, Place), AskError> {
    if connector.revoked_at.is_some() {
        return Err(Unanswered::NobodyThere.into());
    }
    let order = Order {
        tenant: connector.tenant.clone(),
        location: connector.location.clone(),
        connector: Some(connector.id.clone()),
        id: random::uuid(),
        operation,
        within,
    };
    send(site, order).await
}

async fn send(site: &Site, order: Order) -> Result<(Answered, Place), AskError> {
    let place = site.in_flight().take(&order.tenant).ok_or(AskError::TooMany)?;
    Ok((site.appliances().ask(order).await?, place))
}
