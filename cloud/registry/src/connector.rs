//! Connectors: registered appliances.

use serde::Serialize;
use serde_json::json;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::change::Change;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::log::{Event, Target};
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::registry::Registry;
use crate::tenant::{Tenant, TenantId};

/// A connector that was not heard of for longer than this, in seconds, is disconnected.
pub const CONTACT_LIMIT_SECONDS: i64 = 90;

/// Reads the columns of a connector; `$1` is always the tenant.
macro_rules! select_connectors {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, id, location, name, kind, public_key, key_fingerprint, certificate, \
             certificate_serial, certificate_expires_at, registered_at, revoked_at, \
             last_contact_at, current_version, expected_version, version_state, in_maintenance, \
             upgrade_disabled, upgrading_version, upgrading_status, last_upgrade_at, \
             last_upgrade_completed_at, failed_upgrade_reason FROM connectors ",
            $rest
        )
    };
}

/// Which product a connector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ConnectorKind {
    /// The connector for Windows.
    Windows,
    /// The appliance.
    Unified,
}

impl ConnectorKind {
    /// The documented name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Unified => "Unified",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Windows, Self::Unified].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether a connector has the version that it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum VersionState {
    /// It has.
    Normal,
    /// A newer one waits for its window.
    UpdateAvailable,
    /// It is being updated.
    Updating,
    /// The last update failed.
    UpdateFailed,
}

impl VersionState {
    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::UpdateAvailable => "UpdateAvailable",
            Self::Updating => "Updating",
            Self::UpdateFailed => "UpdateFailed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Normal, Self::UpdateAvailable, Self::Updating, Self::UpdateFailed]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Whether a connector is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ConnectorStatus {
    /// It was heard of lately.
    Connected,
    /// It was not.
    Disconnected,
    /// It was never heard of.
    Unknown,
    /// Its certificate is revoked.
    Revoked,
}

impl ConnectorStatus {
    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connected => "Connected",
            Self::Disconnected => "Disconnected",
            Self::Unknown => "Unknown",
            Self::Revoked => "Revoked",
        }
    }
}

/// The certificate that a connector shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate and those of its issuers, in PEM.
    pub pem: String,
    /// Its serial number in hexadecimal digits.
    pub serial: String,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
}

/// The key that a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorKey {
    /// The public key.
    pub public_key: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// What an update does to a connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upgrade {
    /// The version that is being installed.
    pub version: Option<String>,
    /// How far it is.
    pub status: Option<String>,
    /// When the last one began.
    pub began_at: Option<i64>,
    /// When the last one ended well.
    pub completed_at: Option<i64>,
    /// Why the last one failed.
    pub failure: Option<String>,
}

/// A registered appliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its identifier: a UUID.
    pub id: String,
    /// The location that it stands in.
    pub location: String,
    /// Its name, unique in its location and never changed.
    pub name: String,
    /// Which product it is.
    pub kind: ConnectorKind,
    /// Its public key, as it was given at the registration.
    pub public_key: String,
    /// The fingerprint of that key, unique among all tenants.
    pub key_fingerprint: String,
    /// The certificate that it has now.
    pub certificate: Certificate,
    /// When it was registered.
    pub registered_at: i64,
    /// Since when its certificate is revoked.
    pub revoked_at: Option<i64>,
    /// When it was last heard of.
    pub last_contact_at: Option<i64>,
    /// The version that it says it has.
    pub current_version: Option<String>,
    /// The version that it should have.
    pub expected_version: Option<String>,
    /// How the two compare.
    pub version_state: VersionState,
    /// Whether it takes no requests for now.
    pub in_maintenance: bool,
    /// Whether it is left out of updates.
    pub upgrade_disabled: bool,
    /// The update under way, or the last one.
    pub upgrade: Upgrade,
}

/// Which connectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectorFilter {
    /// Of this location.
    pub location: Option<String>,
    /// Of this kind.
    pub kind: Option<ConnectorKind>,
}

impl Connector {
    /// Whether it is there.
    #[must_use]
    pub const fn status(&self, now: i64) -> ConnectorStatus {
        if self.revoked_at.is_some() {
            return ConnectorStatus::Revoked;
        }
        match self.last_contact_at {
            None => ConnectorStatus::Unknown,
            Some(at) if now.saturating_sub(at) <= CONTACT_LIMIT_SECONDS => {
                ConnectorStatus::Connected
            }
            Some(_) => ConnectorStatus::Disconnected,
        }
    }

    pub(crate) fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            tenant: TenantId::stored(row.text("tenant")?),
            id: row.text("id")?,
            location: row.text("location")?,
            name: row.text("name")?,
            kind: row.named("kind", ConnectorKind::parse)?,
            public_key: row.text("public_key")?,
            key_fingerprint: row.text("key_fingerprint")?,
            certificate: Certificate {
                pem: row.text("certificate")?,
                serial: row.text("certificate_serial")?,
                expires_at: row.number("certificate_expires_at")?,
            },
            registered_at: row.number("registered_at")?,
            revoked_at: row.optional_number("revoked_at")?,
            last_contact_at: row.optional_number("last_contact_at")?,
            current_version: row.optional_text("current_version")?,
            expected_version: row.optional_text("expected_version")?,
            version_state: row.named("version_state", VersionState::parse)?,
            in_maintenance: row.flag("in_maintenance")?,
            upgrade_disabled: row.flag("upgrade_disabled")?,
            upgrade: Upgrade {
                version: row.optional_text("upgrading_version")?,
                status: row.optional_text("upgrading_status")?,
                began_at: row.optional_number("last_upgrade_at")?,
                completed_at: row.optional_number("last_upgrade_completed_at")?,
                failure: row.optional_text("failed_upgrade_reason")?,
            },
        })
    }

    pub(crate) fn target(&self) -> Target {
        Target::new(Kind::Connector, &self.id, &self.name)
    }

    pub(crate) fn value(&self) -> serde_json::Value {
        json!({"fqdn": self.name, "location": self.location, "currentVersion": self.current_version})
    }
}

impl Registry {
    /// An identifier for a connector that is about to be registered: its certificate names it.
    #[must_use]
    pub fn new_connector_id() -> String {
        random::uuid()
    }

    /// The connector, of whichever tenant, with this key: a gateway asks when an appliance dials in.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn connector_by_key(
        &self,
        fingerprint: &str,
    ) -> Result<Option<Connector>, RegistryError> {
        let row = sqlx::query(select_connectors!("WHERE key_fingerprint = $1"))
            .bind(fingerprint)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Connector::read).transpose()
    }
}

impl Tenant {
    /// Connectors, by name.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn connectors(
        &self,
        filter: &ConnectorFilter,
    ) -> Result<Vec<Connector>, RegistryError> {
        let rows = sqlx::query(select_connectors!(
            "WHERE tenant = $1 AND ($2 = '' OR location = $2) AND ($3 = '' OR kind = $3) \
             ORDER BY name_key, id"
        ))
        .bind(self.key())
        .bind(filter.location.as_deref().unwrap_or_default())
        .bind(filter.kind.map_or("", ConnectorKind::name))
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(Connector::read).collect()
    }

    /// One connector.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn connector(&self, id: &str) -> Result<Connector, RegistryError> {
        let mut connection = self.pool().acquire().await?;
        find(&mut connection, self.key(), id).await
    }

    /// Removes a connector: unregistered by either side, or an orphan. Its certificate is worth
    /// nothing from now on, and its key may be registered again.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn remove_connector(&self, id: &str, change: &Change) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let connector = find(writing.connection(), self.key(), id).await?;
        sqlx::query("DELETE FROM connectors WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .execute(writing.connection())
            .await?;
        let (target, value) = (connector.target(), connector.value());
        writing.log(Event::ConnectorRemoved, target, Some(value), None).await?;
        writing.commit().await
    }

    /// Revokes a connector: it stays listed, its certificate is worth nothing, and its key cannot be
    /// registered again.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn revoke_connector(&self, id: &str, change: &Change) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let connector = find(writing.connection(), self.key(), id).await?;
        if connector.revoked_at.is_some() {
            return Ok(());
        }
        sqlx::query("UPDATE connectors SET revoked_at = $3 WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .bind(change.at)
            .execute(writing.connection())
            .await?;
        writing.log(Event::ConnectorRevoked, connector.target(), None, None).await?;
        writing.commit().await
    }

    /// Stores a renewed certificate, and the key that it is for.
    ///
    /// # Errors
    ///
    /// The connector was removed or revoked, another one has the key, or the database does not answer.
    pub async fn renew_certificate(
        &self,
        id: &str,
        certificate: &Certificate,
        key: &ConnectorKey,
    ) -> Result<(), RegistryError> {
        let renewed = sqlx::query(
            "UPDATE connectors SET certificate = $3, certificate_serial = $4, \
             certificate_expires_at = $5, public_key = $6, key_fingerprint = $7 \
             WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(self.key())
        .bind(id)
        .bind(certificate.pem.as_str())
        .bind(certificate.serial.as_str())
        .bind(certificate.expires_at)
        .bind(key.public_key.as_str())
        .bind(key.fingerprint.as_str())
        .execute(self.pool())
        .await
        .map_err(|error| match RegistryError::from(error) {
            error if error.is_duplicate() => Refusal::KeyTaken.into(),
            error => error,
        })?;
        if renewed.rows_affected() == 1 {
            return Ok(());
        }
        self.connector(id).await?;
        Err(Refusal::RevokedConnector.into())
    }

    /// Stores what an update does to a connector, and how its versions compare.
    ///
    /// # Errors
    ///
    /// There is no such connector, or the database does not answer.
    pub async fn note_upgrade(
        &self,
        id: &str,
        expected_version: Option<&str>,
        state: VersionState,
        upgrade: &Upgrade,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let before = find(writing.connection(), self.key(), id).await?;
        sqlx::query(
            "UPDATE connectors SET expected_version = $3, version_state = $4, \
             upgrading_version = $5, upgrading_status = $6, last_upgrade_at = $7, \
             last_upgrade_completed_at = $8, failed_upgrade_reason = $9 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.key())
        .bind(id)
        .bind(expected_version)
        .bind(state.name())
        .bind(upgrade.version.as_deref())
        .bind(upgrade.status.as_deref())
        .bind(upgrade.began_at)
        .bind(upgrade.completed_at)
        .bind(upgrade.failure.as_deref())
        .execute(writing.connection())
        .await?;
        let event = match state {
            VersionState::Normal => Some(Event::ConnectorUpdated),
            VersionState::UpdateFailed => Some(Event::ConnectorUpdateFailed),
            VersionState::UpdateAvailable | VersionState::Updating => None,
        };
        if let Some(event) = event.filter(|_| before.version_state != state) {
            let after = json!({"expectedVersion": expected_version, "reason": upgrade.failure});
            writing.log(event, before.target(), Some(before.value()), Some(after)).await?;
        }
        writing.commit().await
    }
}

/// One connector of a tenant.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    tenant: &str,
    id: &str,
) -> Result<Connector, RegistryError> {
    let row = sqlx::query(select_connectors!("WHERE tenant = $1 AND id = $2"))
        .bind(tenant)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    let row = row.ok_or_else(|| Refusal::no_such(Kind::Connector, id))?;
    Connector::read(&row)
}
