//! Resource locations: where connectors stand.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::change::{Change, Writing};
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::log::{Event, Target};
use crate::name::{Name, key};
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;
use crate::time_zone::is_time_zone;

/// The name of the location that is made when a connector comes and there is none.
const DEFAULT_NAME: &str = "My Resource Location";
/// The time zone of a location that names none.
const DEFAULT_TIME_ZONE: &str = "GMT Standard Time";

/// A resource location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Its identifier: a UUID.
    pub id: String,
    /// Its name, unique in the tenant without regard to case.
    pub name: String,
    /// Whether it is to be reached from inside only.
    pub internal_only: bool,
    /// Windows' name of its time zone.
    pub time_zone: String,
    /// Whether the platform manages it.
    pub read_only: bool,
    /// Whether a connector that names no location belongs here; one of each tenant.
    pub is_default: bool,
    /// When it was made.
    #[serde(skip)]
    pub created_at: i64,
}

/// What can be set of a location; `None` leaves it, or takes the default for a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocationForm {
    /// The name; needed for a new one.
    pub name: Option<String>,
    /// Whether it is to be reached from inside only.
    pub internal_only: Option<bool>,
    /// Windows' name of its time zone.
    pub time_zone: Option<String>,
    /// Whether the platform manages it.
    pub read_only: Option<bool>,
}

impl Location {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            internal_only: row.flag("internal_only")?,
            time_zone: row.text("time_zone")?,
            read_only: row.flag("read_only")?,
            is_default: row.flag("is_default")?,
            created_at: row.number("created_at")?,
        })
    }

    fn target(&self) -> Target {
        Target::new(Kind::ResourceLocation, &self.id, &self.name)
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

impl Tenant {
    /// All locations, by name.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn locations(&self) -> Result<Vec<Location>, RegistryError> {
        let rows = sqlx::query(
            "SELECT id, name, time_zone, internal_only, read_only, is_default, created_at \
             FROM locations WHERE tenant = $1 ORDER BY name_key",
        )
        .bind(self.key())
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(Location::read).collect()
    }

    /// One location.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn location(&self, id: &str) -> Result<Location, RegistryError> {
        let mut connection = self.pool().acquire().await?;
        find(&mut connection, self.key(), id).await
    }

    /// Makes a location. The first of a tenant becomes its default.
    ///
    /// # Errors
    ///
    /// A name or a time zone breaks a rule, or the name is taken.
    pub async fn create_location(
        &self,
        form: &LocationForm,
        change: &Change,
    ) -> Result<Location, RegistryError> {
        let name = Name::parse(form.name.as_deref().unwrap_or_default()).map_err(Refusal::from)?;
        let time_zone = checked_time_zone(form)?.unwrap_or_else(|| DEFAULT_TIME_ZONE.to_owned());
        let mut writing = self.write(change).await?;
        let is_default = find_default(writing.connection(), self.key()).await?.is_none();
        let location = Location {
            id: random::uuid(),
            name: name.text,
            internal_only: form.internal_only.unwrap_or(false),
            time_zone,
            read_only: form.read_only.unwrap_or(false),
            is_default,
            created_at: change.at,
        };
        self.insert_location(&mut writing, &location).await?;
        writing.commit().await?;
        Ok(location)
    }

    /// Changes what the form names.
    ///
    /// # Errors
    ///
    /// There is no such location, the platform manages it and goes on to, or a value breaks a rule.
    pub async fn update_location(
        &self,
        id: &str,
        form: &LocationForm,
        change: &Change,
    ) -> Result<Location, RegistryError> {
        let name = form.name.as_deref().map(Name::parse).transpose().map_err(Refusal::from)?;
        let time_zone = checked_time_zone(form)?;
        let mut writing = self.write(change).await?;
        let before = find(writing.connection(), self.key(), id).await?;
        if before.read_only && form.read_only != Some(false) {
            return Err(Refusal::ReadOnlyLocation.into());
        }
        let mut after = before.clone();
        if let Some(name) = name {
            self.require_free_name(&mut writing, &name, Some(id)).await?;
            after.name = name.text;
        }
        after.internal_only = form.internal_only.unwrap_or(before.internal_only);
        after.time_zone = time_zone.unwrap_or_else(|| before.time_zone.clone());
        after.read_only = form.read_only.unwrap_or(before.read_only);
        sqlx::query(
            "UPDATE locations SET name = $3, name_key = $4, time_zone = $5, internal_only = $6, \
             read_only = $7 WHERE tenant = $1 AND id = $2",
        )
        .bind(self.key())
        .bind(id)
        .bind(after.name.as_str())
        .bind(key(&after.name))
        .bind(after.time_zone.as_str())
        .bind(i64::from(after.internal_only))
        .bind(i64::from(after.read_only))
        .execute(writing.connection())
        .await?;
        let values = (Some(before.value()), Some(after.value()));
        writing.log(Event::LocationUpdated, after.target(), values.0, values.1).await?;
        writing.commit().await?;
        Ok(after)
    }

    /// Deletes a location without connectors. Another one becomes the default: the oldest.
    ///
    /// # Errors
    ///
    /// There is no such location, the platform manages it, or connectors are left.
    pub async fn delete_location(&self, id: &str, change: &Change) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let location = find(writing.connection(), self.key(), id).await?;
        if location.read_only {
            return Err(Refusal::ReadOnlyLocation.into());
        }
        let row = sqlx::query(
            "SELECT COUNT(*) AS connectors FROM connectors WHERE tenant = $1 AND location = $2",
        )
        .bind(self.key())
        .bind(id)
        .fetch_one(writing.connection())
        .await?;
        let connectors = row.number("connectors")?;
        if connectors > 0 {
            return Err(Refusal::LocationHasConnectors(connectors).into());
        }
        sqlx::query("DELETE FROM locations WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .execute(writing.connection())
            .await?;
        sqlx::query(
            "UPDATE locations SET is_default = 1 WHERE tenant = $1 AND id = (SELECT id \
             FROM locations WHERE tenant = $1 ORDER BY created_at, id LIMIT 1) \
             AND NOT EXISTS (SELECT 1 FROM locations WHERE tenant = $1 AND is_default = 1)",
        )
        .bind(self.key())
        .execute(writing.connection())
        .await?;
        let (target, value) = (location.target(), location.value());
        writing.log(Event::LocationDeleted, target, Some(value), None).await?;
        writing.commit().await
    }

    /// Makes a location the default one.
    ///
    /// # Errors
    ///
    /// There is no such location, or the database does not answer.
    pub async fn make_default(&self, id: &str, change: &Change) -> Result<Location, RegistryError> {
        let mut writing = self.write(change).await?;
        let before = find(writing.connection(), self.key(), id).await?;
        // The old one first: at no moment are there two.
        for (statement, id) in [
            ("UPDATE locations SET is_default = 0 WHERE tenant = $1 AND id <> $2", id),
            ("UPDATE locations SET is_default = 1 WHERE tenant = $1 AND id = $2", id),
        ] {
            let query = sqlx::query(statement).bind(self.key()).bind(id);
            query.execute(writing.connection()).await?;
        }
        let after = Location { is_default: true, ..before.clone() };
        let values = (Some(before.value()), Some(after.value()));
        writing.log(Event::LocationUpdated, after.target(), values.0, values.1).await?;
        writing.commit().await?;
        Ok(after)
    }

    /// The default location, which is made if there is none.
    pub(crate) async fn default_location(
        &self,
        writing: &mut Writing,
        now: i64,
    ) -> Result<Location, RegistryError> {
        if let Some(location) = find_default(writing.connection(), self.key()).await? {
            return Ok(location);
        }
        let location = Location {
            id: random::uuid(),
            name: DEFAULT_NAME.to_owned(),
            internal_only: false,
            time_zone: DEFAULT_TIME_ZONE.to_owned(),
            read_only: false,
            is_default: true,
            created_at: now,
        };
        self.insert_location(writing, &location).await?;
        Ok(location)
    }

    async fn insert_location(
        &self,
        writing: &mut Writing,
        location: &Location,
    ) -> Result<(), RegistryError> {
        let name = Name { text: location.name.clone(), key: key(&location.name) };
        self.require_free_name(writing, &name, None).await?;
        sqlx::query(
            "INSERT INTO locations (tenant, id, name, name_key, time_zone, internal_only, \
             read_only, is_default, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.key())
        .bind(location.id.as_str())
        .bind(location.name.as_str())
        .bind(name.key)
        .bind(location.time_zone.as_str())
        .bind(i64::from(location.internal_only))
        .bind(i64::from(location.read_only))
        .bind(i64::from(location.is_default))
        .bind(location.created_at)
        .execute(writing.connection())
        .await?;
        let (target, value) = (location.target(), location.value());
        writing.log(Event::LocationCreated, target, None, Some(value)).await
    }

    async fn require_free_name(
        &self,
        writing: &mut Writing,
        name: &Name,
        except: Option<&str>,
    ) -> Result<(), RegistryError> {
        let other = sqlx::query(
            "SELECT id FROM locations WHERE tenant = $1 AND name_key = $2 AND id <> $3",
        )
        .bind(self.key())
        .bind(name.key.as_str())
        .bind(except.unwrap_or_default())
        .fetch_optional(writing.connection())
        .await?;
        match other {
            None => Ok(()),
            Some(_) => {
                let (kind, name) = (Kind::ResourceLocation, name.text.clone());
                Err(Refusal::NameTaken { kind, name }.into())
            }
        }
    }
}

/// One location of a tenant.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    tenant: &str,
    id: &str,
) -> Result<Location, RegistryError> {
    let row = sqlx::query(
        "SELECT id, name, time_zone, internal_only, read_only, is_default, created_at \
         FROM locations WHERE tenant = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(id)
    .fetch_optional(connection)
    .await?;
    let row = row.ok_or_else(|| Refusal::no_such(Kind::ResourceLocation, id))?;
    Location::read(&row)
}

async fn find_default(
    connection: &mut AnyConnection,
    tenant: &str,
) -> Result<Option<Location>, RegistryError> {
    let row = sqlx::query(
        "SELECT id, name, time_zone, internal_only, read_only, is_default, created_at \
         FROM locations WHERE tenant = $1 AND is_default = 1",
    )
    .bind(tenant)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(Location::read).transpose()
}

fn checked_time_zone(form: &LocationForm) -> Result<Option<String>, Refusal> {
    match &form.time_zone {
        Some(zone) if !is_time_zone(zone) => {
            Err(Refusal::TimeZone(zone.chars().take(64).collect()))
        }
        zone => Ok(zone.clone()),
    }
}
