//! People who sign in, and their passwords. A person can be an administrator of several tenants.

use std::sync::Arc;

use model::secret::Secret;
use serde::Serialize;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use tokio::task;

use crate::administrator::Administrator;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::name::key;
use crate::password_hash;
use crate::password_policy::{self, HISTORY, MAX_CHARACTERS, PolicyError, UNUSED_SECONDS};
use crate::random;
use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::tenant::TenantRecord;

/// The identifier of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PersonId(String);

impl PersonId {
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The identifier.
    pub id: PersonId,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub display_name: String,
    /// Whether one-time passwords are set up.
    pub has_second_factor: bool,
    /// When the password was set.
    pub password_changed_at: i64,
    /// When the last session began.
    pub last_sign_in_at: Option<i64>,
    /// Whether the password must be changed before anything else: it was not used for 60 days, or it
    /// has become known in a breach. Known only while the person signs in.
    pub must_change_password: bool,
}

impl Person {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: PersonId(row.text("id")?),
            email: row.text("email")?,
            display_name: row.text("display_name")?,
            has_second_factor: row.optional_text("totp")?.is_some(),
            password_changed_at: row.number("password_changed_at")?,
            last_sign_in_at: row.optional_number("last_sign_in_at")?,
            must_change_password: false,
        })
    }
}

impl Registry {
    /// Checks an e-mail address and a password. It takes as long when nobody has the address. The
    /// second factor is another step.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongCredentials`], whatever is wrong; or the database does not answer.
    pub async fn check_password(
        &self,
        email: &str,
        password: &Secret,
        now: i64,
    ) -> Result<Person, RegistryError> {
        // Nobody's password is longer, and hashing megabytes would be work for nothing.
        if password.expose().chars().count() > MAX_CHARACTERS {
            return Err(Refusal::WrongCredentials.into());
        }
        let row = sqlx::query(
            "SELECT id, email, display_name, totp, password_changed_at, last_sign_in_at, \
             password_hash FROM people WHERE email_key = $1",
        )
        .bind(key(email.trim()))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            password_hash::pretend(password.clone(), self.hash_cost).await?;
            return Err(Refusal::WrongCredentials.into());
        };
        let hashes = vec![row.text("password_hash")?];
        if password_hash::find(password.clone(), hashes).await?.is_none() {
            return Err(Refusal::WrongCredentials.into());
        }
        let mut person = Person::read(&row)?;
        let last_used = person.last_sign_in_at.unwrap_or(0).max(person.password_changed_at);
        person.must_change_password =
            now - last_used > UNUSED_SECONDS || self.is_breached(password).await?;
        Ok(person)
    }

    /// Changes a password. Other sessions of the person are the caller's to end.
    ///
    /// # Errors
    ///
    /// The current password is wrong, or the new one breaks rules.
    pub async fn change_password(
        &self,
        person: &PersonId,
        current: &Secret,
        new: &Secret,
        now: i64,
    ) -> Result<(), RegistryError> {
        let row =
            sqlx::query("SELECT email, display_name, password_hash FROM people WHERE id = $1")
                .bind(person.as_str())
                .fetch_optional(&self.pool)
                .await?;
        let row = row.ok_or(Refusal::WrongCredentials)?;
        let current_hash = row.text("password_hash")?;
        let is_current =
            password_hash::find(current.clone(), vec![current_hash.clone()]).await?.is_some();
        if !is_current {
            return Err(Refusal::WrongCredentials.into());
        }
        self.check_new_password(new, &row.text("email")?, &row.text("display_name")?).await?;
        if new.expose() == current.expose() {
            return Err(Refusal::Password(vec![PolicyError::Current]).into());
        }
        if password_hash::find(new.clone(), self.former(person).await?).await?.is_some() {
            return Err(Refusal::Password(vec![PolicyError::Previous]).into());
        }
        let hash = password_hash::hash(new.clone(), self.hash_cost).await?;
        let mut transaction = self.pool.begin().await?;
        let changed = sqlx::query(
            "UPDATE people SET password_hash = $3, password_changed_at = $4 \
             WHERE id = $1 AND password_hash = $2",
        )
        .bind(person.as_str())
        .bind(current_hash.as_str())
        .bind(hash)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        // Somebody else has just changed it: then the current one is wrong.
        if changed.rows_affected() != 1 {
            return Err(Refusal::WrongCredentials.into());
        }
        remember(&mut transaction, person, &current_hash, now).await?;
        transaction.commit().await.map_err(RegistryError::from)
    }

    /// The tenants that a person is an administrator of, by name.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn tenants_of(&self, person: &PersonId) -> Result<Vec<TenantRecord>, RegistryError> {
        let rows = sqlx::query(
            "SELECT tenants.id AS id, tenants.name AS name, tenants.org_id AS org_id, \
             tenants.inactivity_seconds AS inactivity_seconds, tenants.created_at AS created_at \
             FROM administrators JOIN tenants ON tenants.id = administrators.tenant \
             WHERE administrators.person = $1 ORDER BY tenants.name, tenants.id",
        )
        .bind(person.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(TenantRecord::read).collect()
    }

    /// A person.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn person_by_id(&self, id: &PersonId) -> Result<Option<Person>, RegistryError> {
        let row = sqlx::query(
            "SELECT id, email, display_name, totp, password_changed_at, last_sign_in_at \
             FROM people WHERE id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(Person::read).transpose()
    }

    pub(crate) async fn person_by_email(
        &self,
        email: &str,
    ) -> Result<Option<Person>, RegistryError> {
        let row = sqlx::query(
            "SELECT id, email, display_name, totp, password_changed_at, last_sign_in_at \
             FROM people WHERE email_key = $1",
        )
        .bind(key(email))
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(Person::read).transpose()
    }

    /// Makes the person of an invitation.
    pub(crate) async fn create_person(
        &self,
        invited: &Administrator,
        password: &Secret,
        now: i64,
    ) -> Result<PersonId, RegistryError> {
        self.check_new_password(password, &invited.email, &invited.display_name).await?;
        let hash = password_hash::hash(password.clone(), self.hash_cost).await?;
        let id = PersonId(random::uuid());
        let inserted = sqlx::query(
            "INSERT INTO people (id, email, email_key, display_name, password_hash, \
             password_changed_at, totp_step, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $6)",
        )
        .bind(id.as_str())
        .bind(invited.email.as_str())
        .bind(key(&invited.email))
        .bind(invited.display_name.as_str())
        .bind(hash)
        .bind(now)
        .execute(&self.pool)
        .await
        .map_err(RegistryError::from);
        match inserted {
            // The same person has accepted another invitation at this moment.
            Err(error) if error.is_duplicate() => {
                Ok(self.check_password(&invited.email, password, now).await?.id)
            }
            Err(error) => Err(error),
            Ok(_) => Ok(id),
        }
    }

    async fn check_new_password(
        &self,
        password: &Secret,
        email: &str,
        display_name: &str,
    ) -> Result<(), RegistryError> {
        let checked = password_policy::check(password.expose(), email, display_name);
        let mut broken = checked.err().unwrap_or_default();
        if broken.is_empty() && self.is_breached(password).await? {
            broken.push(PolicyError::Breached);
        }
        if broken.is_empty() { Ok(()) } else { Err(Refusal::Password(broken).into()) }
    }

    async fn is_breached(&self, password: &Secret) -> Result<bool, RegistryError> {
        let Some(list) = self.breaches.as_ref().map(Arc::clone) else { return Ok(false) };
        let password = password.clone();
        task::spawn_blocking(move || list.contains(password.expose()))
            .await
            .map_err(|error| RegistryError::BreachList(std::io::Error::other(error)))?
            .map_err(RegistryError::BreachList)
    }

    async fn former(&self, person: &PersonId) -> Result<Vec<String>, RegistryError> {
        let rows = sqlx::query(
            "SELECT password_hash FROM former_passwords WHERE person = $1 ORDER BY position DESC",
        )
        .bind(person.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| row.text("password_hash")).collect()
    }
}

/// Keeps the last passwords of a person, so that they do not come back.
async fn remember(
    connection: &mut AnyConnection,
    person: &PersonId,
    hash: &str,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO former_passwords (person, replaced_at, position, password_hash) \
         VALUES ($1, $2, (SELECT COALESCE(MAX(position), 0) + 1 FROM former_passwords \
         WHERE person = $1), $3)",
    )
    .bind(person.as_str())
    .bind(now)
    .bind(hash)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM former_passwords WHERE person = $1 AND position <= (SELECT MAX(position) \
         FROM former_passwords WHERE person = $1) - $2",
    )
    .bind(person.as_str())
    .bind(i64::try_from(HISTORY).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}
