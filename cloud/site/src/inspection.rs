//! What one connector finds out about itself: its prechecks and its diagnostic report. REST and console
//! ask alike, and tell a failure each in its own way.

use std::time::Duration;

use model::precheck::PrecheckRun;
use protocol::request::Operation;
use registry::{Change, Connector, Tenant};
use serde::Deserialize;
use serde_json::Value;

use crate::ask::{self, AskError};
use crate::download::{Content, Download, report_name};
use crate::in_flight::Place;
use crate::order::Answered;
use crate::site::Site;

/// Seconds that each may take when nobody says otherwise: the prechecks take 60 at most, a report 30, after
/// another one that is being made already.
pub(crate) const PRECHECKS_SECONDS: u32 = 90;
/// See [`PRECHECKS_SECONDS`].
pub(crate) const REPORT_SECONDS: u32 = 90;

/// Has a connector run its prechecks, and notes it.
pub(crate) async fn prechecks(
    site: &Site,
    tenant: &Tenant,
    connector: &Connector,
    within: Duration,
    change: &Change,
) -> Result<PrecheckRun, AskError> {
    let (answered, _place) = ask::connector(site, connector, Operation::Prechecks, within).await?;
    let run = read(answered.body)?;
    tenant.note_prechecks(&connector.id, change).await?;
    Ok(run)
}

/// Has a connector make its diagnostic report, and notes it: nobody takes a report that is not noted.
pub(crate) async fn report(
    site: &Site,
    tenant: &Tenant,
    connector: &Connector,
    within: Duration,
    change: &Change,
) -> Result<Download, AskError> {
    let (answered, place) = ask::connector(site, connector, Operation::Report, within).await?;
    let content = content(answered, place)?;
    tenant.note_report(&connector.id, change).await?;
    Ok(Download { name: report_name(&connector.name, change.at), content })
}

fn content(answered: Answered, place: Place) -> Result<Content, AskError> {
    let left = answered.body.get("bytes").and_then(Value::as_u64);
    match (answered.data, left) {
        (Some(data), Some(left)) => Ok(Content { data, left, _place: place }),
        _ => Err(AskError::Strange),
    }
}

/// The body of an answer.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(body: Value) -> Result<T, AskError> {
    serde_json::from_value(body).map_err(|_| AskError::Strange)
}
