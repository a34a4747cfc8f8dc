//! Domains of Active Directory, as connectors report them.

use std::collections::BTreeMap;

use serde_json::json;

use crate::change::Change;
use crate::columns::Columns as _;
use crate::connector::ConnectorKind;
use crate::error::RegistryError;
use crate::log::{Event, Target};
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// Longest name of a domain, in characters.
const MAX_DOMAIN: usize = 255;

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its name in lower case.
    pub name: String,
    /// The forest that it belongs to.
    pub forest: String,
    /// Whether new identities of it may be used. Allocated ones work in any case.
    pub is_enabled: bool,
    /// Which kind of connector serves it.
    pub served_by: ConnectorKind,
    /// When it was first reported.
    pub first_seen_at: i64,
    /// The connectors that are joined to it.
    pub reports: Vec<DomainReport>,
}

/// What a connector says of a domain that it is joined to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainReport {
    /// The connector.
    pub connector: String,
    /// The location of the connector.
    pub location: String,
    /// Whether it can serve the domain.
    pub is_healthy: bool,
    /// When it said so.
    pub reported_at: i64,
}

impl Tenant {
    /// All domains, by name.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn domains(&self) -> Result<Vec<Domain>, RegistryError> {
        let rows = sqlx::query(
            "SELECT domain_reports.domain AS domain, domain_reports.connector AS connector, \
             connectors.location AS location, domain_reports.is_healthy AS is_healthy, \
             domain_reports.reported_at AS reported_at \
             FROM domain_reports JOIN connectors ON connectors.tenant = domain_reports.tenant \
             AND connectors.id = domain_reports.connector \
             WHERE domain_reports.tenant = $1 ORDER BY connectors.name_key",
        )
        .bind(self.key())
        .fetch_all(self.pool())
        .await?;
        let mut reports: BTreeMap<String, Vec<DomainReport>> = BTreeMap::new();
        for row in &rows {
            reports.entry(row.text("domain")?).or_default().push(DomainReport {
                connector: row.text("connector")?,
                location: row.text("location")?,
                is_healthy: row.flag("is_healthy")?,
                reported_at: row.number("reported_at")?,
            });
        }
        let rows = sqlx::query(
            "SELECT name, forest, is_enabled, served_by, first_seen_at FROM domains \
             WHERE tenant = $1 ORDER BY name",
        )
        .bind(self.key())
        .fetch_all(self.pool())
        .await?;
        let read = |row: &sqlx::any::AnyRow| {
            let name = row.text("name")?;
            Ok(Domain {
                reports: reports.remove(&name).unwrap_or_default(),
                name,
                forest: row.text("forest")?,
                is_enabled: row.flag("is_enabled")?,
                served_by: row.named("served_by", ConnectorKind::parse)?,
                first_seen_at: row.number("first_seen_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// One domain.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn domain(&self, name: &str) -> Result<Domain, RegistryError> {
        let wanted = name.to_lowercase();
        let found = self.domains().await?.into_iter().find(|domain| domain.name == wanted);
        found.ok_or_else(|| Refusal::no_such(Kind::Domain, name).into())
    }

    /// Stores which domains a connector is joined to, each with its forest and whether it can serve it.
    /// Domains that it no longer names lose its report, and stay.
    ///
    /// # Errors
    ///
    /// There is no such connector, or the database does not answer.
    pub async fn report_domains(
        &self,
        connector: &str,
        domains: &[(String, String, bool)],
        now: i64,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(&Change::by_system(now)).await?;
        crate::connector::find(writing.connection(), self.key(), connector).await?;
        sqlx::query("DELETE FROM domain_reports WHERE tenant = $1 AND connector = $2")
            .bind(self.key())
            .bind(connector)
            .execute(writing.connection())
            .await?;
        for (name, forest, is_healthy) in domains {
            if name.chars().count() > MAX_DOMAIN || forest.chars().count() > MAX_DOMAIN {
                return Err(Refusal::TooLong { what: "The domain", limit: MAX_DOMAIN }.into());
            }
            sqlx::query(
                "INSERT INTO domains (tenant, name, forest, is_enabled, served_by, first_seen_at) \
                 VALUES ($1, $2, $3, 1, $4, $5) \
                 ON CONFLICT (tenant, name) DO UPDATE SET forest = excluded.forest",
            )
            .bind(self.key())
            .bind(name.to_lowercase())
            .bind(forest.to_lowercase())
            .bind(ConnectorKind::Unified.name())
            .bind(now)
            .execute(writing.connection())
            .await?;
            sqlx::query(
                "INSERT INTO domain_reports (tenant, domain, connector, is_healthy, reported_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, domain, connector) \
                 DO UPDATE SET is_healthy = excluded.is_healthy",
            )
            .bind(self.key())
            .bind(name.to_lowercase())
            .bind(connector)
            .bind(i64::from(*is_healthy))
            .bind(now)
            .execute(writing.connection())
            .await?;
        }
        writing.commit().await
    }

    /// Chooses which kind of connector serves a domain, and whether new identities may be used.
    ///
    /// # Errors
    ///
    /// There is no such domain, or the database does not answer.
    pub async fn update_domain(
        &self,
        name: &str,
        served_by: Option<ConnectorKind>,
        is_enabled: Option<bool>,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let before = self.domain(name).await?;
        let (served, enabled) =
            (served_by.unwrap_or(before.served_by), is_enabled.unwrap_or(before.is_enabled));
        let mut writing = self.write(change).await?;
        let updated = sqlx::query(
            "UPDATE domains SET served_by = $3, is_enabled = $4 WHERE tenant = $1 AND name = $2",
        )
        .bind(self.key())
        .bind(before.name.as_str())
        .bind(served.name())
        .bind(i64::from(enabled))
        .execute(writing.connection())
        .await?;
        if updated.rows_affected() != 1 {
            return Err(Refusal::no_such(Kind::Domain, name).into());
        }
        let target = Target::new(Kind::Domain, &before.name, &before.name);
        let values = (
            json!({"servedBy": before.served_by, "enabled": before.is_enabled}),
            json!({"servedBy": served, "enabled": enabled}),
        );
        writing.log(Event::DomainUpdated, target, Some(values.0), Some(values.1)).await?;
        writing.commit().await
    }
}
