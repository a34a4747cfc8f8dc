//! One tenant: the handle that all its queries hang on, and what is known of it as a whole.

use std::fmt;

use serde::Serialize;
use serde_json::json;
use sqlx::AnyPool;
use sqlx::any::AnyRow;

use crate::change::{Change, Writing};
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::Keys;
use crate::log::{Event, Target};
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::registry::Registry;
use crate::session::{MAX_INACTIVITY, MIN_INACTIVITY};

/// Most characters of an identifier that is looked at.
const MAX_ID_CHARACTERS: usize = 64;

/// The identifier of a customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TenantId(String);

impl TenantId {
    /// Reads an identifier; `None` if no tenant can have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_valid =
            !text.is_empty() && text.len() <= MAX_ID_CHARACTERS && text.bytes().all(is_allowed);
        is_valid.then(|| Self(text.to_owned()))
    }

    pub(crate) fn random(length: usize) -> Self {
        Self(random::text_of(b"abcdefghijkmnpqrstuvwxyz23456789", length))
    }

    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is known of a tenant as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TenantRecord {
    /// The customer's identifier.
    pub id: TenantId,
    /// The customer's name.
    pub name: String,
    /// The organisation's number: eight digits.
    pub org_id: String,
    /// Seconds after which an idle console session ends; `None` = only its full length ends it.
    pub inactivity_seconds: Option<i64>,
    /// When it was made.
    pub created_at: i64,
}

impl TenantRecord {
    pub(crate) fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: TenantId::stored(row.text("id")?),
            name: row.text("name")?,
            org_id: row.text("org_id")?,
            inactivity_seconds: row.optional_number("inactivity_seconds")?,
            created_at: row.number("created_at")?,
        })
    }
}

/// Everything of one tenant; made by [`Registry::tenant`].
#[derive(Clone, Debug)]
pub struct Tenant {
    pub(crate) registry: Registry,
    pub(crate) id: TenantId,
}

impl Tenant {
    /// Its identifier.
    #[must_use]
    pub const fn id(&self) -> &TenantId {
        &self.id
    }

    pub(crate) const fn pool(&self) -> &AnyPool {
        &self.registry.pool
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.registry.keys
    }

    pub(crate) fn key(&self) -> &str {
        self.id.as_str()
    }

    /// Begins a change.
    pub(crate) async fn write(&self, change: &Change) -> Result<Writing, RegistryError> {
        Writing::begin(self, change).await
    }

    /// What is known of the tenant as a whole.
    ///
    /// # Errors
    ///
    /// There is no such tenant, or the database does not answer.
    pub async fn record(&self) -> Result<TenantRecord, RegistryError> {
        let row = sqlx::query(
            "SELECT id, name, org_id, inactivity_seconds, created_at FROM tenants WHERE id = $1",
        )
        .bind(self.key())
        .fetch_optional(self.pool())
        .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::Customer, self.key()))?;
        TenantRecord::read(&row)
    }

    /// Sets after how many seconds an idle console session ends: 10 minutes to 12 hours, or never.
    ///
    /// # Errors
    ///
    /// Out of range, or the database does not answer.
    pub async fn set_inactivity(
        &self,
        seconds: Option<i64>,
        change: &Change,
    ) -> Result<(), RegistryError> {
        if seconds.is_some_and(|seconds| !(MIN_INACTIVITY..=MAX_INACTIVITY).contains(&seconds)) {
            return Err(Refusal::Inactivity.into());
        }
        let mut writing = self.write(change).await?;
        let before = self.record().await?;
        sqlx::query("UPDATE tenants SET inactivity_seconds = $2 WHERE id = $1")
            .bind(self.key())
            .bind(seconds)
            .execute(writing.connection())
            .await?;
        let target = Target::new(Kind::Customer, self.key(), &before.name);
        let (before, after) = (json!(before.inactivity_seconds), json!(seconds));
        writing.log(Event::InactivityChanged, target, Some(before), Some(after)).await?;
        writing.commit().await
    }
}
