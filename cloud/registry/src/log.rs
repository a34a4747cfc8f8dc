//! The system log: who changed what, kept for 90 days.

use serde::Serialize;
use serde_json::Value;
use sqlx::AnyConnection;
use sqlx::AnyPool;
use sqlx::any::AnyRow;

use crate::change::{Actor, ActorKind, Change};
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::refusal::Kind;
use crate::tenant::Tenant;

/// How long a record is kept, in seconds: 90 days.
pub const LOG_SECONDS: i64 = 90 * 24 * 3600;
/// Most records of a page.
pub const MAX_LOG_LIMIT: i64 = 1000;

/// Names of the events, where known as the documents give them.
macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $id:literal, $text:literal;)*) => {
        /// What has happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event { $($(#[$doc])* $event,)* }

        impl Event {
            /// The name that programs compare.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$event => $id,)* }
            }

            /// The sentence that the log shows in English.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$event => $text,)* }
            }

            /// All events.
            pub const ALL: &'static [Self] = &[$(Self::$event,)*];
        }
    };
}

events! {
    /// A location was made.
    LocationCreated = "resourcelocation/create", "Resource location created";
    /// A location was changed.
    LocationUpdated = "resourcelocation/update", "Resource location updated";
    /// A location was deleted.
    LocationDeleted = "resourcelocation/delete", "Resource location deleted";
    /// An administrator looked at an appliance that shows a code.
    RegistrationConfirmed = "registration/confirm", "Connector details confirmed";
    /// An administrator refused an appliance.
    RegistrationRefused = "registration/refuse", "Connector registration refused";
    /// An entry of the product registrations was removed.
    RegistrationRemoved = "registration/delete", "Product registration removed";
    /// A connector was registered.
    ConnectorRegistered = "connector/create", "Connector registered";
    /// A connector was removed, from either side.
    ConnectorRemoved = "connector/delete", "Connector removed";
    /// A connector's certificate was revoked.
    ConnectorRevoked = "connector/revoke", "Connector revoked";
    /// A connector has another version.
    ConnectorUpdated = "connector/update", "Connector updated";
    /// An update of a connector failed.
    ConnectorUpdateFailed = "connector/updatefailed", "Connector update failed";
    /// The diagnostic report of a connector was taken.
    ReportDownloaded = "connector/report", "Connector diagnostic report downloaded";
    /// The prechecks of a connector were run.
    PrechecksRun = "connector/prechecks", "Connector prechecks run";
    /// A secure client was made.
    ClientCreated = "secureclient/create", "Secure client created";
    /// A secure client was revoked.
    ClientRevoked = "secureclient/delete", "Secure client deleted";
    /// An administrator with full access was invited.
    FullAdministratorInvited = "administrator/invitefull", "'Full' Administrator invitation sent";
    /// An administrator with custom access was invited.
    CustomAdministratorInvited =
        "administrator/invitecustom", "'Custom' Administrator invitation sent";
    /// An administrator accepted the invitation.
    AdministratorCreated = "administrator/create", "Administrator created";
    /// Full access became custom, or the other way round.
    AccessTypeChanged = "administrator/accesstype", "Administrator access type updated";
    /// Rights of custom access were changed.
    RightsChanged = "administrator/rights", "Administrator roles or permissions updated";
    /// An administrator was removed.
    AdministratorRemoved = "administrator/delete", "Administrator deleted";
    /// A domain is served by another kind of connector, or enabled or disabled.
    DomainUpdated = "domain/update", "Domain updated";
    /// A maintenance window was set.
    MaintenanceSet = "maintenance/update", "Maintenance window updated";
    /// A maintenance window was removed.
    MaintenanceRemoved = "maintenance/delete", "Maintenance window removed";
    /// A notification was dismissed.
    NotificationDismissed = "notification/dismiss", "Notification dismissed";
    /// A web server was listed, so that requests are relayed to it.
    WebServerAdded = "webserver/create", "Web server added";
    /// A web server was removed from the list.
    WebServerRemoved = "webserver/delete", "Web server removed";
    /// The inactivity time-out of the console was changed.
    InactivityChanged = "session/inactivity", "Inactivity timeout updated";
}

impl Event {
    fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.id() == id)
    }
}

/// What a change was made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What kind of thing ([`Kind::name`]).
    pub kind: String,
    /// Its identifier.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// Its e-mail address, of an administrator.
    pub email: Option<String>,
}

impl Target {
    pub(crate) fn new(kind: Kind, id: &str, name: &str) -> Self {
        Self { kind: kind.name().to_owned(), id: id.to_owned(), name: name.to_owned(), email: None }
    }

    pub(crate) fn with_email(mut self, email: &str) -> Self {
        self.email = Some(email.to_owned());
        self
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// Its number: later records have larger ones.
    pub number: i64,
    /// Its identifier.
    pub id: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// What has happened.
    pub event: Event,
    /// Who did it.
    pub actor: Actor,
    /// What it was done to.
    pub target: Target,
    /// What was before, as an object of the REST interface.
    pub before: Option<Value>,
    /// What was after.
    pub after: Option<Value>,
    /// The request that it belongs to.
    pub transaction_id: Option<String>,
}

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// At this second or later.
    pub from: Option<i64>,
    /// Before this second.
    pub to: Option<i64>,
    /// Event, actor or target contains this, in any case, or the target has this identifier.
    pub containing: Option<String>,
    /// Go on behind this record.
    pub after: Option<LogPosition>,
    /// Most records: 1 to [`MAX_LOG_LIMIT`].
    pub limit: i64,
}

/// Where a page ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LogPosition(pub i64);

/// Records, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct LogPage {
    /// The records.
    pub records: Vec<LogRecord>,
    /// Where the next page begins; `None` = there is none.
    pub next: Option<LogPosition>,
}

/// A record to be written.
pub(crate) struct Entry<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) number: i64,
    pub(crate) change: &'a Change,
    pub(crate) event: Event,
    pub(crate) target: &'a Target,
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: Option<&'a Value>,
}

impl Entry<'_> {
    pub(crate) async fn insert(&self, connection: &mut AnyConnection) -> Result<(), RegistryError> {
        sqlx::query(
            "INSERT INTO log_records (tenant, number, id, recorded_at, event, actor_kind, actor_id, \
             actor_name, target_kind, target_id, target_name, target_email, before_change, \
             after_change, transaction_id, words) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind(self.tenant)
        .bind(self.number)
        .bind(crate::random::uuid())
        .bind(self.change.at)
        .bind(self.event.id())
        .bind(self.change.by.kind.name())
        .bind(self.change.by.id.as_str())
        .bind(self.change.by.name.as_str())
        .bind(self.target.kind.as_str())
        .bind(self.target.id.as_str())
        .bind(self.target.name.as_str())
        .bind(self.target.email.as_deref())
        .bind(self.before.map(ToString::to_string))
        .bind(self.after.map(ToString::to_string))
        .bind(self.change.transaction_id.as_deref())
        .bind(self.words())
        .execute(connection)
        .await?;
        Ok(())
    }

    /// What a search looks at, in lower case: SQLite's own function knows ASCII only.
    fn words(&self) -> String {
        let email = self.target.email.as_deref().unwrap_or_default();
        let (actor, target) = (&self.change.by.name, &self.target.name);
        let (id, text) = (self.event.id(), self.event.text());
        format!("{actor}\n{target}\n{email}\n{id}\n{text}").to_lowercase()
    }
}

impl LogRecord {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        let value = |text: Option<String>| {
            text.map(|text| serde_json::from_str(&text))
                .transpose()
                .map_err(|_| RegistryError::Damaged("a value of the log"))
        };
        Ok(Self {
            number: row.number("number")?,
            id: row.text("id")?,
            at: row.number("recorded_at")?,
            event: row.named("event", Event::parse)?,
            actor: Actor {
                kind: row.named("actor_kind", ActorKind::parse)?,
                id: row.text("actor_id")?,
                name: row.text("actor_name")?,
            },
            target: Target {
                kind: row.text("target_kind")?,
                id: row.text("target_id")?,
                name: row.text("target_name")?,
                email: row.optional_text("target_email")?,
            },
            before: value(row.optional_text("before_change")?)?,
            after: value(row.optional_text("after_change")?)?,
            transaction_id: row.optional_text("transaction_id")?,
        })
    }
}

impl Tenant {
    /// Records of the last 90 days, the newest first.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn log(&self, query: &LogQuery, now: i64) -> Result<LogPage, RegistryError> {
        let limit = query.limit.clamp(1, MAX_LOG_LIMIT);
        let from = query.from.unwrap_or(i64::MIN).max(now.saturating_sub(LOG_SECONDS));
        let pattern = query.containing.as_deref().map(pattern);
        let rows = sqlx::query(
            "SELECT number, id, recorded_at, event, actor_kind, actor_id, actor_name, target_kind, \
             target_id, target_name, target_email, before_change, after_change, transaction_id \
             FROM log_records \
             WHERE tenant = $1 AND recorded_at >= $2 AND recorded_at < $3 AND number < $4 \
             AND (words LIKE $5 ESCAPE '!' OR target_id = $7) \
             ORDER BY number DESC LIMIT $6",
        )
        .bind(self.key())
        .bind(from)
        .bind(query.to.unwrap_or(i64::MAX))
        .bind(query.after.map_or(i64::MAX, |position| position.0))
        .bind(pattern.unwrap_or_else(|| "%".to_owned()))
        .bind(limit + 1)
        .bind(query.containing.as_deref().unwrap_or_default())
        .fetch_all(self.pool())
        .await?;
        let mut records =
            rows.iter().map(LogRecord::read).collect::<Result<Vec<_>, RegistryError>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().filter(|_| has_more).map(|record| LogPosition(record.number));
        Ok(LogPage { records, next })
    }
}

impl Tenant {
    /// How many records a query finds on all its pages.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn log_count(&self, query: &LogQuery, now: i64) -> Result<u64, RegistryError> {
        let from = query.from.unwrap_or(i64::MIN).max(now.saturating_sub(LOG_SECONDS));
        let pattern = query.containing.as_deref().map(pattern);
        let row = sqlx::query(
            "SELECT COUNT(*) AS found FROM log_records \
             WHERE tenant = $1 AND recorded_at >= $2 AND recorded_at < $3 \
             AND (words LIKE $4 ESCAPE '!' OR target_id = $5)",
        )
        .bind(self.key())
        .bind(from)
        .bind(query.to.unwrap_or(i64::MAX))
        .bind(pattern.unwrap_or_else(|| "%".to_owned()))
        .bind(query.containing.as_deref().unwrap_or_default())
        .fetch_one(self.pool())
        .await?;
        Ok(u64::try_from(row.number("found")?).unwrap_or_default())
    }
}

/// Removes records that are too old.
pub(crate) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM log_records WHERE recorded_at < $1")
        .bind(now.saturating_sub(LOG_SECONDS))
        .execute(pool)
        .await?;
    Ok(())
}

/// A pattern for `LIKE ... ESCAPE '!'` that finds a text anywhere.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
