//! Maintenance windows: when connectors of a location may be updated. A location without one is
//! updated as soon as there is something new.

use serde::Serialize;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::change::Change;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::location;
use crate::log::{Event, Target};
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// Seconds of a day.
const DAY_SECONDS: i64 = 24 * 3600;

/// The day of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Day {
    /// Every day.
    Everyday,
    /// Every Monday; and so on.
    Monday,
    /// Every Tuesday.
    Tuesday,
    /// Every Wednesday.
    Wednesday,
    /// Every Thursday.
    Thursday,
    /// Every Friday.
    Friday,
    /// Every Saturday.
    Saturday,
    /// Every Sunday.
    Sunday,
}

impl Day {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Everyday,
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The documented name; `Everyday` is ours.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everyday => "Everyday",
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    /// The day with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.name() == name)
    }
}

/// When in a rollout the location is updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum UpdateOrder {
    /// Among the first.
    Early,
    /// With most others.
    Normal,
    /// Among the last.
    Late,
}

impl UpdateOrder {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Early, Self::Normal, Self::Late];

    /// The name; `Early` is documented, the others are ours.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Early => "Early",
            Self::Normal => "Normal",
            Self::Late => "Late",
        }
    }

    /// The order with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// When connectors of a location may be updated, in the location's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MaintenanceWindow {
    /// The location.
    pub location: String,
    /// The day.
    pub day: Day,
    /// Seconds from midnight: 0 to 86,399.
    pub start_second: i64,
    /// When in a rollout.
    pub order: UpdateOrder,
}

impl MaintenanceWindow {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            location: row.text("location")?,
            day: row.named("day_of_week", Day::parse)?,
            start_second: row.number("start_second")?,
            order: row.named("update_order", UpdateOrder::parse)?,
        })
    }
}

impl Tenant {
    /// All windows; a location without one is updated at once.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn maintenance_windows(&self) -> Result<Vec<MaintenanceWindow>, RegistryError> {
        let rows = sqlx::query(
            "SELECT location, day_of_week, start_second, update_order FROM maintenance_windows \
             WHERE tenant = $1 ORDER BY location",
        )
        .bind(self.key())
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(MaintenanceWindow::read).collect()
    }

    /// Sets the window of a location.
    ///
    /// # Errors
    ///
    /// There is no such location, or the beginning is no time of day.
    pub async fn set_maintenance_window(
        &self,
        window: &MaintenanceWindow,
        change: &Change,
    ) -> Result<(), RegistryError> {
        if !(0..DAY_SECONDS).contains(&window.start_second) {
            return Err(Refusal::Start.into());
        }
        let mut writing = self.write(change).await?;
        let location = location::find(writing.connection(), self.key(), &window.location).await?;
        sqlx::query(
            "INSERT INTO maintenance_windows (tenant, location, day_of_week, start_second, \
             update_order) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, location) \
             DO UPDATE SET day_of_week = excluded.day_of_week, \
             start_second = excluded.start_second, update_order = excluded.update_order",
        )
        .bind(self.key())
        .bind(location.id.as_str())
        .bind(window.day.name())
        .bind(window.start_second)
        .bind(window.order.name())
        .execute(writing.connection())
        .await?;
        let target = Target::new(Kind::MaintenanceWindow, &location.id, &location.name);
        writing.log(Event::MaintenanceSet, target, None, Some(json!(window))).await?;
        writing.commit().await
    }

    /// Removes the window of a location: it is updated at once from now on.
    ///
    /// # Errors
    ///
    /// The location has none, or the database does not answer.
    pub async fn remove_maintenance_window(
        &self,
        location: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let row = sqlx::query(
            "DELETE FROM maintenance_windows WHERE tenant = $1 AND location = $2 \
             RETURNING location, day_of_week, start_second, update_order",
        )
        .bind(self.key())
        .bind(location)
        .fetch_optional(writing.connection())
        .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::MaintenanceWindow, location))?;
        let window = MaintenanceWindow::read(&row)?;
        let location = location::find(writing.connection(), self.key(), location).await?;
        let target = Target::new(Kind::MaintenanceWindow, &location.id, &location.name);
        writing.log(Event::MaintenanceRemoved, target, Some(json!(window)), None).await?;
        writing.commit().await
    }
}
