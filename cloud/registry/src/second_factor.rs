//! The second factor: one-time passwords of an authenticator (TOTP, RFC 6238) and backup codes.

use model::secret::Secret;
use protocol::code::ALPHABET;
use sqlx::AnyConnection;
use totp_rs::{Builder, Secret as TotpSecret, Totp};

use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::person::PersonId;
use crate::random;
use crate::refusal::Refusal;
use crate::registry::Registry;

/// How many backup codes a person has.
pub const BACKUP_CODES: usize = 10;
/// Characters of a backup code: 50 bits.
const BACKUP_CHARACTERS: usize = 10;
/// Bytes of the shared secret (RFC 4226, section 4 recommends 160 bits).
const SECRET_BYTES: usize = 20;
/// What the digest of a backup code is for.
const PURPOSE: &str = "backup";

/// What a person enters into the authenticator. It counts once a code of it has been typed.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret in base32, for typing.
    pub secret: Secret,
    /// The `otpauth` URL, for a QR code.
    pub url: Secret,
}

impl Registry {
    /// Makes a secret for a person who has none yet. Nothing is stored: the caller keeps it until
    /// [`Registry::confirm_enrolment`].
    ///
    /// # Errors
    ///
    /// The person has one.
    pub async fn begin_enrolment(
        &self,
        person: &PersonId,
        issuer: &str,
    ) -> Result<Enrolment, RegistryError> {
        let row = sqlx::query("SELECT email, totp FROM people WHERE id = $1")
            .bind(person.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let row = row.ok_or(Refusal::WrongCredentials)?;
        if row.optional_text("totp")?.is_some() {
            return Err(Refusal::EnrolledAlready.into());
        }
        let mut bytes = [0; SECRET_BYTES];
        random::fill(&mut bytes);
        let secret = Secret::new(TotpSecret::from(bytes).to_base32());
        enrolment(&secret, issuer, &row.text("email")?)
    }

    /// Stores a secret once the person has typed a one-time password of it, and gives the backup codes,
    /// which are shown once.
    ///
    /// # Errors
    ///
    /// The code is wrong, or the person has a secret already.
    pub async fn confirm_enrolment(
        &self,
        person: &PersonId,
        secret: &Secret,
        code: &str,
        now: i64,
    ) -> Result<Vec<Secret>, RegistryError> {
        let step = step_of(secret, code, now)?.ok_or(Refusal::WrongCredentials)?;
        let mut transaction = self.pool.begin().await?;
        let stored = sqlx::query(
            "UPDATE people SET totp = $2, totp_step = $3 WHERE id = $1 AND totp IS NULL",
        )
        .bind(person.as_str())
        .bind(self.keys.seal(person.as_str(), secret.expose()))
        .bind(step)
        .execute(&mut *transaction)
        .await?;
        if stored.rows_affected() != 1 {
            return Err(Refusal::EnrolledAlready.into());
        }
        let codes = self.replace_codes(&mut transaction, person).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// Checks a one-time password or a backup code. Each works once.
    ///
    /// # Errors
    ///
    /// It is wrong or was used; or the database does not answer.
    pub async fn check_second_factor(
        &self,
        person: &PersonId,
        code: &str,
        now: i64,
    ) -> Result<(), RegistryError> {
        let code: String = code
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '-')
            .collect();
        let used = match code.len() {
            BACKUP_CHARACTERS => self.use_backup_code(person, &code, now).await?,
            _ => self.use_one_time_password(person, &code, now).await?,
        };
        if used { Ok(()) } else { Err(Refusal::WrongCredentials.into()) }
    }

    /// New backup codes instead of the old ones.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn renew_backup_codes(
        &self,
        person: &PersonId,
    ) -> Result<Vec<Secret>, RegistryError> {
        let mut transaction = self.pool.begin().await?;
        let codes = self.replace_codes(&mut transaction, person).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// How many backup codes of a person have not been used.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn backup_codes_left(&self, person: &PersonId) -> Result<u32, RegistryError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS unused FROM backup_codes WHERE person = $1 AND used_at IS NULL",
        )
        .bind(person.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok(u32::try_from(row.number("unused")?).unwrap_or_default())
    }

    /// Forgets the second factor of a person, who sets up a new one at the next sign-in: another device,
    /// or the operator helps somebody who lost everything.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn reset_second_factor(&self, person: &PersonId) -> Result<(), RegistryError> {
        let mut transaction = self.pool.begin().await?;
        for statement in [
            "UPDATE people SET totp = NULL WHERE id = $1",
            "DELETE FROM backup_codes WHERE person = $1",
        ] {
            sqlx::query(statement).bind(person.as_str()).execute(&mut *transaction).await?;
        }
        transaction.commit().await.map_err(RegistryError::from)
    }

    async fn use_one_time_password(
        &self,
        person: &PersonId,
        code: &str,
        now: i64,
    ) -> Result<bool, RegistryError> {
        let row = sqlx::query("SELECT totp FROM people WHERE id = $1")
            .bind(person.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let Some(sealed) = row.map(|row| row.optional_text("totp")).transpose()?.flatten() else {
            return Ok(false);
        };
        let secret = self.keys.open(person.as_str(), &sealed)?;
        let Some(step) = step_of(&secret, code, now)? else { return Ok(false) };
        let used = sqlx::query("UPDATE people SET totp_step = $2 WHERE id = $1 AND totp_step < $2")
            .bind(person.as_str())
            .bind(step)
            .execute(&self.pool)
            .await?;
        Ok(used.rows_affected() == 1)
    }

    async fn use_backup_code(
        &self,
        person: &PersonId,
        code: &str,
        now: i64,
    ) -> Result<bool, RegistryError> {
        let used = sqlx::query(
            "UPDATE backup_codes SET used_at = $3 \
             WHERE person = $1 AND code_digest = $2 AND used_at IS NULL",
        )
        .bind(person.as_str())
        .bind(self.keys.code_digest(PURPOSE, &code.to_ascii_uppercase()))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(used.rows_affected() == 1)
    }

    async fn replace_codes(
        &self,
        connection: &mut AnyConnection,
        person: &PersonId,
    ) -> Result<Vec<Secret>, RegistryError> {
        sqlx::query("DELETE FROM backup_codes WHERE person = $1")
            .bind(person.as_str())
            .execute(&mut *connection)
            .await?;
        let mut codes = Vec::with_capacity(BACKUP_CODES);
        for _ in 0..BACKUP_CODES {
            let code = Secret::new(random::text_of(ALPHABET, BACKUP_CHARACTERS));
            sqlx::query("INSERT INTO backup_codes (person, code_digest) VALUES ($1, $2)")
                .bind(person.as_str())
                .bind(self.keys.code_digest(PURPOSE, code.expose()))
                .execute(&mut *connection)
                .await?;
            codes.push(code);
        }
        Ok(codes)
    }
}

/// What a person enters into the authenticator for a secret in base32.
pub(crate) fn enrolment(
    secret: &Secret,
    issuer: &str,
    email: &str,
) -> Result<Enrolment, RegistryError> {
    let shared = TotpSecret::try_from_base32(secret.expose())
        .map_err(|_| RegistryError::Damaged("the secret of one-time passwords"))?;
    // A colon separates issuer and account in the URL.
    let plain = |text: &str| text.replace(':', " ");
    let totp = Builder::new()
        .with_secret(shared)
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(email))
        .build()
        .map_err(|error| RegistryError::Hash(error.to_string()))?;
    let url = totp.to_url().map_err(|error| RegistryError::Hash(error.to_string()))?;
    Ok(Enrolment { secret: secret.clone(), url: Secret::new(url) })
}

/// The time step that a one-time password belongs to: this one, or one before or after, because
/// clocks differ.
fn step_of(secret: &Secret, code: &str, now: i64) -> Result<Option<i64>, RegistryError> {
    let secret =
        TotpSecret::try_from_base32(secret.expose()).map_err(|_| Refusal::WrongCredentials)?;
    let totp: Totp = Builder::new()
        .with_secret(secret)
        .build()
        .map_err(|error| RegistryError::Hash(error.to_string()))?;
    let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let now = u64::try_from(now).unwrap_or_default();
    let step = if is_code { totp.check(code, now) } else { None };
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}
