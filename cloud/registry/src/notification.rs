//! Notifications: what administrators should know without asking.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use crate::change::Change;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::log::{Event, Target};
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// Most notifications that are listed.
const MAX_LISTED: i64 = 500;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Severity {
    /// Good to know.
    Information,
    /// Something needs attention.
    Warning,
    /// Something does not work.
    Error,
}

impl Severity {
    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Information => "Information",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }

    /// The severity with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Information, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

/// The text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The language, such as `en-US`.
    pub language_tag: String,
    /// One line.
    pub title: String,
    /// What it means and what to do.
    pub description: String,
}

/// A new notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotification {
    /// The part of the platform that it is about.
    pub component: String,
    /// What has happened, for programs: the same event is shown once until it is dismissed.
    pub event_id: String,
    /// How serious it is.
    pub severity: Severity,
    /// How urgent it is, such as `Normal`.
    pub priority: String,
    /// The administrator whom it is for; `*` = all.
    pub destination: String,
    /// The text in some languages.
    pub content: Vec<Content>,
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its identifier: a UUID.
    pub id: String,
    /// When it was made.
    pub created_at: i64,
    /// What it says.
    pub notification: NewNotification,
    /// When it was dismissed.
    pub dismissed_at: Option<i64>,
}

impl Notification {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        let content = serde_json::from_str(&row.text("content")?)
            .map_err(|_| RegistryError::Damaged("a notification"))?;
        Ok(Self {
            id: row.text("id")?,
            created_at: row.number("created_at")?,
            notification: NewNotification {
                component: row.text("component")?,
                event_id: row.text("event_id")?,
                severity: row.named("severity", Severity::parse)?,
                priority: row.text("priority")?,
                destination: row.text("destination")?,
                content,
            },
            dismissed_at: row.optional_number("dismissed_at")?,
        })
    }
}

impl Tenant {
    /// Notifications for an administrator that are not dismissed, the newest first.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn notifications(
        &self,
        administrator: &str,
    ) -> Result<Vec<Notification>, RegistryError> {
        let rows = sqlx::query(
            "SELECT id, created_at, component, event_id, severity, priority, destination, content, \
             dismissed_at FROM notifications WHERE tenant = $1 AND dismissed_at IS NULL \
             AND (destination = '*' OR destination = $2) ORDER BY number DESC LIMIT $3",
        )
        .bind(self.key())
        .bind(administrator)
        .bind(MAX_LISTED)
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(Notification::read).collect()
    }

    /// Adds a notification, unless one of the same event and destination is shown already.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn notify(
        &self,
        new: &NewNotification,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let number = writing.number().await?;
        sqlx::query(
            "INSERT INTO notifications (tenant, id, number, created_at, component, event_id, \
             severity, priority, destination, content) \
             SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM tenants WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM notifications WHERE tenant = $1 AND event_id = $6 \
             AND destination = $9 AND dismissed_at IS NULL)",
        )
        .bind(self.key())
        .bind(random::uuid())
        .bind(number)
        .bind(change.at)
        .bind(new.component.as_str())
        .bind(new.event_id.as_str())
        .bind(new.severity.name())
        .bind(new.priority.as_str())
        .bind(new.destination.as_str())
        .bind(serde_json::json!(new.content).to_string())
        .execute(writing.connection())
        .await?;
        writing.commit().await
    }

    /// Dismisses a notification for everybody whom it is for.
    ///
    /// # Errors
    ///
    /// There is none that is shown, or the database does not answer.
    pub async fn dismiss(&self, id: &str, change: &Change) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let row = sqlx::query(
            "UPDATE notifications SET dismissed_at = $3, dismissed_by = $4 \
             WHERE tenant = $1 AND id = $2 AND dismissed_at IS NULL RETURNING event_id",
        )
        .bind(self.key())
        .bind(id)
        .bind(change.at)
        .bind(change.by.name.as_str())
        .fetch_optional(writing.connection())
        .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::Notification, id))?;
        let target = Target::new(Kind::Notification, id, &row.text("event_id")?);
        writing.log(Event::NotificationDismissed, target, None, None).await?;
        writing.commit().await
    }
}
