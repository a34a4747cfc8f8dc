//! What connectors did, in parts of five minutes, for the plot of a day.

use std::collections::BTreeMap;

use sqlx::AnyPool;
use sqlx::any::AnyRow;

use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::tenant::Tenant;

/// Length of a part, in seconds.
pub const LOAD_SECONDS: i64 = 300;
/// How long parts are kept, in seconds: a day and an hour.
const KEPT_SECONDS: i64 = 25 * 3600;

/// What a connector did in a part of [`LOAD_SECONDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// When the part begins: a multiple of [`LOAD_SECONDS`].
    pub starts_at: i64,
    /// Requests that were answered, failures included.
    pub requests: i64,
    /// Requests that failed.
    pub failures: i64,
    /// Milliseconds of all of them together.
    pub total_milliseconds: i64,
    /// Milliseconds of the longest.
    pub longest_milliseconds: i64,
}

impl Tenant {
    /// Adds to what a connector did in the part that a time belongs to. Gateways add at the same time.
    ///
    /// # Errors
    ///
    /// There is no such connector, or the database does not answer.
    pub async fn add_load(
        &self,
        connector: &str,
        at: i64,
        load: &Load,
    ) -> Result<(), RegistryError> {
        let added = sqlx::query(
            "INSERT INTO connector_loads (tenant, connector, starts_at, requests, failures, \
             total_milliseconds, longest_milliseconds) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (tenant, connector, starts_at) DO UPDATE SET \
             requests = connector_loads.requests + excluded.requests, \
             failures = connector_loads.failures + excluded.failures, \
             total_milliseconds = connector_loads.total_milliseconds + excluded.total_milliseconds, \
             longest_milliseconds = CASE \
             WHEN connector_loads.longest_milliseconds > excluded.longest_milliseconds \
             THEN connector_loads.longest_milliseconds ELSE excluded.longest_milliseconds END",
        )
        .bind(self.key())
        .bind(connector)
        .bind(at - at.rem_euclid(LOAD_SECONDS))
        .bind(load.requests)
        .bind(load.failures)
        .bind(load.total_milliseconds)
        .bind(load.longest_milliseconds)
        .execute(self.pool())
        .await
        .map_err(RegistryError::from);
        match added {
            Err(error) if error.is_referred_to() => {
                Err(crate::Refusal::no_such(crate::Kind::Connector, connector).into())
            }
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// What a connector did since a time, the oldest part first. Parts without requests are left out.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn loads(&self, connector: &str, since: i64) -> Result<Vec<Load>, RegistryError> {
        let rows = sqlx::query(
            "SELECT starts_at, requests, failures, total_milliseconds, longest_milliseconds \
             FROM connector_loads WHERE tenant = $1 AND connector = $2 AND starts_at >= $3 \
             ORDER BY starts_at",
        )
        .bind(self.key())
        .bind(connector)
        .bind(since)
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(Load::read).collect()
    }

    /// The same of all connectors, by their identifiers.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn all_loads(
        &self,
        since: i64,
    ) -> Result<BTreeMap<String, Vec<Load>>, RegistryError> {
        let rows = sqlx::query(
            "SELECT connector, starts_at, requests, failures, total_milliseconds, \
             longest_milliseconds FROM connector_loads WHERE tenant = $1 AND starts_at >= $2 \
             ORDER BY starts_at",
        )
        .bind(self.key())
        .bind(since)
        .fetch_all(self.pool())
        .await?;
        let mut loads: BTreeMap<String, Vec<Load>> = BTreeMap::new();
        for row in &rows {
            loads.entry(row.text("connector")?).or_default().push(Load::read(row)?);
        }
        Ok(loads)
    }
}

impl Load {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            starts_at: row.number("starts_at")?,
            requests: row.number("requests")?,
            failures: row.number("failures")?,
            total_milliseconds: row.number("total_milliseconds")?,
            longest_milliseconds: row.number("longest_milliseconds")?,
        })
    }
}

/// Removes parts that no plot shows any more.
pub(crate) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM connector_loads WHERE starts_at < $1")
        .bind(now - KEPT_SECONDS)
        .execute(pool)
        .await?;
    Ok(())
}
