//! Sessions of the console.

use model::secret::Secret;
use sqlx::AnyPool;

use crate::administrator::{self, Administrator};
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::digest;
use crate::person::PersonId;
use crate::random;
use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::tenant::{Tenant, TenantId, TenantRecord};

/// How long a session lasts at most, in seconds: 72 hours, whatever happens in it.
pub const SESSION_SECONDS: i64 = 72 * 3600;
/// Shortest time-out for inactivity, in seconds.
pub const MIN_INACTIVITY: i64 = 600;
/// Longest time-out for inactivity, in seconds.
pub const MAX_INACTIVITY: i64 = 12 * 3600;
/// How exactly the last use is stored, in seconds: not every request writes.
const SEEN_SECONDS: i64 = 60;
/// Most characters that are kept of a browser's name.
const MAX_AGENT: usize = 200;

/// A session to begin: both factors have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Who signs in.
    pub person: PersonId,
    /// The address of the browser.
    pub source: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// A session that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The tenant that it is for.
    pub tenant: TenantRecord,
    /// What the person is in it, with the access that counts now.
    pub administrator: Administrator,
    /// Who has signed in.
    pub person: PersonId,
    /// When it began.
    pub started_at: i64,
    /// When it was last used, to the minute.
    pub last_seen_at: i64,
    /// The address of the browser.
    pub source: String,
    /// What the browser calls itself.
    pub agent: String,
}

impl Tenant {
    /// Begins a session of a person who is an administrator here, and gives the secret of its cookie.
    ///
    /// # Errors
    ///
    /// The person is no administrator of this tenant, or the database does not answer.
    pub async fn start_session(&self, new: &NewSession, now: i64) -> Result<Secret, RegistryError> {
        let administrator =
            self.administrator_of(&new.person).await?.ok_or(Refusal::WrongCredentials)?;
        let secret = random::url_secret();
        let agent: String = new.agent.chars().take(MAX_AGENT).collect();
        sqlx::query(
            "INSERT INTO sessions (digest, tenant, administrator, person, started_at, \
             last_seen_at, source, agent) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
        )
        .bind(digest(secret.expose()))
        .bind(self.key())
        .bind(administrator.id)
        .bind(new.person.as_str())
        .bind(now)
        .bind(new.source.as_str())
        .bind(agent)
        .execute(self.pool())
        .await?;
        sqlx::query("UPDATE people SET last_sign_in_at = $2 WHERE id = $1")
            .bind(new.person.as_str())
            .bind(now)
            .execute(self.pool())
            .await?;
        Ok(secret)
    }
}

impl Registry {
    /// The session of a cookie, and notes that it was used; `None` when it has ended.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn session(&self, secret: &str, now: i64) -> Result<Option<Session>, RegistryError> {
        self.find_session(secret, now, true).await
    }

    /// The same for a request that nobody has made: a page that brings itself up to date does not keep
    /// a session open that its owner has left.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn session_in_background(
        &self,
        secret: &str,
        now: i64,
    ) -> Result<Option<Session>, RegistryError> {
        self.find_session(secret, now, false).await
    }

    async fn find_session(
        &self,
        secret: &str,
        now: i64,
        is_used: bool,
    ) -> Result<Option<Session>, RegistryError> {
        let digest = digest(secret);
        let row = sqlx::query(
            "SELECT tenant, administrator, person, started_at, last_seen_at, source, agent \
             FROM sessions WHERE digest = $1 AND started_at > $2",
        )
        .bind(digest.as_str())
        .bind(now - SESSION_SECONDS)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let tenant = self.tenant(&TenantId::stored(row.text("tenant")?));
        let record = tenant.record().await?;
        let last_seen_at = row.number("last_seen_at")?;
        if record.inactivity_seconds.is_some_and(|limit| now - last_seen_at >= limit) {
            self.end_session(secret).await?;
            return Ok(None);
        }
        let mut connection = self.pool.acquire().await?;
        let id = row.text("administrator")?;
        let administrator = match administrator::find(&mut connection, tenant.key(), &id).await {
            Err(RegistryError::Refused(_)) => return Ok(None),
            found => found?,
        };
        if is_used && now - last_seen_at >= SEEN_SECONDS {
            sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE digest = $1")
                .bind(digest)
                .bind(now)
                .execute(&mut *connection)
                .await?;
        }
        Ok(Some(Session {
            tenant: record,
            administrator,
            person: PersonId::stored(row.text("person")?),
            started_at: row.number("started_at")?,
            last_seen_at,
            source: row.text("source")?,
            agent: row.text("agent")?,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn end_session(&self, secret: &str) -> Result<(), RegistryError> {
        sqlx::query("DELETE FROM sessions WHERE digest = $1")
            .bind(digest(secret))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends every session of a person, in every tenant.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn end_sessions_of(&self, person: &PersonId) -> Result<(), RegistryError> {
        sqlx::query("DELETE FROM sessions WHERE person = $1")
            .bind(person.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Removes sessions that have ended.
pub(crate) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM sessions WHERE started_at <= $1")
        .bind(now - SESSION_SECONDS)
        .execute(pool)
        .await?;
    Ok(())
}
