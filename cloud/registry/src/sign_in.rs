//! Signing in to the console, step by step: password, second factor, a new password where one is due,
//! and the tenant.
//!
//! What has been proven stands in the database, so that each step may come to another node. A sign-in
//! ends after ten minutes and after five wrong codes.

use model::secret::Secret;
use sqlx::AnyPool;
use sqlx::any::AnyRow;

use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::digest;
use crate::person::{Person, PersonId};
use crate::random;
use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::second_factor::{self, Enrolment};
use crate::session::NewSession;
use crate::tenant::{TenantId, TenantRecord};

/// How long a sign-in may take, in seconds: ten minutes.
pub const SIGN_IN_SECONDS: i64 = 600;
/// Wrong codes that end a sign-in.
pub const SIGN_IN_FAILURES: i64 = 5;

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInStep {
    /// Type a one-time password or a backup code.
    SecondFactor,
    /// Set up one-time passwords: nobody is without.
    Enrol,
    /// Change the password: it was not used for long, or has become known.
    ChangePassword,
    /// Choose one of these tenants, by name. None = the person is nobody's administrator.
    ChooseTenant(Vec<TenantRecord>),
}

/// A sign-in that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Who signs in.
    pub person: Person,
    /// What is to be done next.
    pub step: SignInStep,
}

/// What is stored of a sign-in.
struct Stored {
    person: PersonId,
    has_second_factor: bool,
    must_change_password: bool,
    /// The secret of one-time passwords that is being set up, sealed.
    enrolment: Option<String>,
}

impl Stored {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            person: PersonId::stored(row.text("person")?),
            has_second_factor: row.flag("has_second_factor")?,
            must_change_password: row.flag("must_change_password")?,
            enrolment: row.optional_text("enrolment")?,
        })
    }
}

impl Registry {
    /// Begins with e-mail address and password, and gives the secret for the further steps.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongCredentials`], whatever is wrong; or the database does not answer.
    pub async fn begin_sign_in(
        &self,
        email: &str,
        password: &Secret,
        now: i64,
    ) -> Result<(Secret, SignIn), RegistryError> {
        let person = self.check_password(email, password, now).await?;
        let secret = random::url_secret();
        sqlx::query(
            "INSERT INTO sign_ins (digest, person, started_at, has_second_factor, \
             must_change_password, failures) VALUES ($1, $2, $3, 0, $4, 0)",
        )
        .bind(digest(secret.expose()))
        .bind(person.id.as_str())
        .bind(now)
        .bind(i64::from(person.must_change_password))
        .execute(&self.pool)
        .await?;
        let state = self.sign_in(&secret, now).await?;
        Ok((secret, state))
    }

    /// How far a sign-in is.
    ///
    /// # Errors
    ///
    /// It has ended ([`Refusal::SignInEnded`]), or the database does not answer.
    pub async fn sign_in(&self, secret: &Secret, now: i64) -> Result<SignIn, RegistryError> {
        let stored = self.stored_sign_in(secret, now).await?;
        let mut person = self.person_by_id(&stored.person).await?.ok_or(Refusal::SignInEnded)?;
        person.must_change_password = stored.must_change_password;
        let step = if !stored.has_second_factor {
            match person.has_second_factor {
                true => SignInStep::SecondFactor,
                false => SignInStep::Enrol,
            }
        } else if stored.must_change_password {
            SignInStep::ChangePassword
        } else {
            SignInStep::ChooseTenant(self.tenants_of(&person.id).await?)
        };
        Ok(SignIn { person, step })
    }

    /// Checks a one-time password or a backup code.
    ///
    /// # Errors
    ///
    /// The code is wrong or was used, or the sign-in has ended.
    pub async fn sign_in_with_code(
        &self,
        secret: &Secret,
        code: &str,
        now: i64,
    ) -> Result<SignIn, RegistryError> {
        let stored = self.stored_sign_in(secret, now).await?;
        let checked = self.check_second_factor(&stored.person, code, now).await;
        self.count_failure(secret, &checked).await?;
        checked?;
        self.note_second_factor(secret).await?;
        self.sign_in(secret, now).await
    }

    /// What a person without one-time passwords enters into the authenticator; the same until it is
    /// confirmed, also when the page is loaded again.
    ///
    /// # Errors
    ///
    /// The person has them, or the sign-in has ended.
    pub async fn sign_in_enrolment(
        &self,
        secret: &Secret,
        issuer: &str,
        now: i64,
    ) -> Result<Enrolment, RegistryError> {
        let stored = self.stored_sign_in(secret, now).await?;
        if let Some(sealed) = &stored.enrolment {
            let email = self.person_by_id(&stored.person).await?.ok_or(Refusal::SignInEnded)?.email;
            let shared = self.keys.open(stored.person.as_str(), sealed)?;
            return second_factor::enrolment(&shared, issuer, &email);
        }
        let enrolment = self.begin_enrolment(&stored.person, issuer).await?;
        let sealed = self.keys.seal(stored.person.as_str(), enrolment.secret.expose());
        sqlx::query("UPDATE sign_ins SET enrolment = $2 WHERE digest = $1")
            .bind(digest(secret.expose()))
            .bind(sealed)
            .execute(&self.pool)
            .await?;
        Ok(enrolment)
    }

    /// Sets one-time passwords up with the first of them, and gives the backup codes, which are shown
    /// once.
    ///
    /// # Errors
    ///
    /// The code is wrong, the person has one-time passwords, or the sign-in has ended.
    pub async fn confirm_sign_in_enrolment(
        &self,
        secret: &Secret,
        code: &str,
        now: i64,
    ) -> Result<Vec<Secret>, RegistryError> {
        let stored = self.stored_sign_in(secret, now).await?;
        let sealed = stored.enrolment.ok_or(Refusal::SignInEnded)?;
        let shared = self.keys.open(stored.person.as_str(), &sealed)?;
        let codes = self.confirm_enrolment(&stored.person, &shared, code, now).await;
        self.count_failure(secret, &codes).await?;
        let codes = codes?;
        self.note_second_factor(secret).await?;
        Ok(codes)
    }

    /// Changes the password where that is due.
    ///
    /// # Errors
    ///
    /// The current password is wrong, the new one breaks rules, the second factor was not checked, or
    /// the sign-in has ended.
    pub async fn change_password_at_sign_in(
        &self,
        secret: &Secret,
        current: &Secret,
        new: &Secret,
        now: i64,
    ) -> Result<SignIn, RegistryError> {
        let stored = self.stored_sign_in(secret, now).await?;
        if !stored.has_second_factor {
            return Err(Refusal::SignInEnded.into());
        }
        let changed = self.change_password(&stored.person, current, new, now).await;
        self.count_failure(secret, &changed).await?;
        changed?;
        sqlx::query("UPDATE sign_ins SET must_change_password = 0 WHERE digest = $1")
            .bind(digest(secret.expose()))
            .execute(&self.pool)
            .await?;
        self.sign_in(secret, now).await
    }

    /// Begins the session, and gives the secret of its cookie. The sign-in ends.
    ///
    /// # Errors
    ///
    /// A step is missing, the person is no administrator of the tenant, or the sign-in has ended.
    pub async fn finish_sign_in(
        &self,
        secret: &Secret,
        tenant: &TenantId,
        source: &str,
        agent: &str,
        now: i64,
    ) -> Result<Secret, RegistryError> {
        let sign_in = self.sign_in(secret, now).await?;
        if !matches!(sign_in.step, SignInStep::ChooseTenant(_)) {
            return Err(Refusal::SignInEnded.into());
        }
        let (source, agent) = (source.to_owned(), agent.to_owned());
        let new = NewSession { person: sign_in.person.id, source, agent };
        let cookie = self.tenant(tenant).start_session(&new, now).await?;
        self.cancel_sign_in(secret).await?;
        Ok(cookie)
    }

    /// Ends a sign-in without a session.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn cancel_sign_in(&self, secret: &Secret) -> Result<(), RegistryError> {
        sqlx::query("DELETE FROM sign_ins WHERE digest = $1")
            .bind(digest(secret.expose()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn stored_sign_in(&self, secret: &Secret, now: i64) -> Result<Stored, RegistryError> {
        let row = sqlx::query(
            "SELECT person, has_second_factor, must_change_password, enrolment FROM sign_ins \
             WHERE digest = $1 AND started_at > $2 AND failures < $3",
        )
        .bind(digest(secret.expose()))
        .bind(now - SIGN_IN_SECONDS)
        .bind(SIGN_IN_FAILURES)
        .fetch_optional(&self.pool)
        .await?;
        Stored::read(&row.ok_or(Refusal::SignInEnded)?)
    }

    async fn note_second_factor(&self, secret: &Secret) -> Result<(), RegistryError> {
        sqlx::query("UPDATE sign_ins SET has_second_factor = 1 WHERE digest = $1")
            .bind(digest(secret.expose()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Counts what was wrong; other failures are not the person's.
    async fn count_failure<T>(
        &self,
        secret: &Secret,
        result: &Result<T, RegistryError>,
    ) -> Result<(), RegistryError> {
        let Err(RegistryError::Refused(Refusal::WrongCredentials)) = result else { return Ok(()) };
        sqlx::query("UPDATE sign_ins SET failures = failures + 1 WHERE digest = $1")
            .bind(digest(secret.expose()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Removes sign-ins that have ended.
pub(crate) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM sign_ins WHERE started_at <= $1")
        .bind(now - SIGN_IN_SECONDS)
        .execute(pool)
        .await?;
    Ok(())
}
