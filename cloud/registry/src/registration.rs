//! Appliances that show a code, until an administrator decides.
//!
//! A code has 40 bits, lives 15 minutes and works once. Who may try 600 wrong codes in that time while
//! 1,000 appliances wait meets one of them with a probability of one in 1.8 million, and would then
//! see another name than expected.

use std::fmt;

use model::secret::Secret;
use protocol::code::{Code, LIFETIME_SECONDS};
use protocol::control::About;
use protocol::name::Name;
use sqlx::AnyPool;
use sqlx::any::AnyRow;

use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::digest;
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::registry::Registry;
use crate::tenant::TenantId;

/// How long undecided and refused appliances stay after that, in seconds, so that they hear why.
const KEPT_SECONDS: i64 = 24 * 3600;
/// Most characters of a key, a fingerprint and a location.
const MAX_FIELD_CHARACTERS: usize = 4096;
/// What the digest of a code is for.
pub(crate) const PURPOSE: &str = "registration";

/// Reads the columns of a registration.
macro_rules! select_registrations {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, state, appliance_name, public_key, key_fingerprint, about, \
             wanted_location, connector, source, created_at, expires_at, decided_at, decided_by \
             FROM registrations ",
            $rest
        )
    };
}
pub(crate) use select_registrations;

/// An appliance that asks for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRegistration {
    /// The name that it is to have.
    pub name: Name,
    /// Its public key.
    pub public_key: String,
    /// The fingerprint of that key.
    pub key_fingerprint: String,
    /// What it says of itself.
    pub about: About,
    /// The location that it was told, where it was told one.
    pub wanted_location: Option<String>,
    /// The address that the request came from.
    pub source: String,
}

/// What an appliance gets that asks for a code.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The identifier under which it asks again.
    pub id: String,
    /// The code for the administrator. Only a keyed digest of it is stored.
    pub code: Code,
    /// What the appliance takes the registration up again with.
    pub ticket: Secret,
    /// The identifier that the connector will have.
    pub connector: String,
    /// When the code ends, in seconds since 1970.
    pub expires_at: i64,
}

/// How far a registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationState {
    /// The appliance shows the code.
    Waiting,
    /// An administrator has typed the code and sees the details.
    Confirmed,
    /// The connector exists, or has existed.
    Registered,
    /// The administrator does not want it.
    Refused,
    /// Nobody decided in time.
    Expired,
}

impl RegistrationState {
    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Confirmed => "Confirmed",
            Self::Registered => "Registered",
            Self::Refused => "Refused",
            Self::Expired => "Expired",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Confirmed, Self::Registered, Self::Refused, Self::Expired]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

impl fmt::Display for RegistrationState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An appliance that shows, or has shown, a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its identifier: a UUID.
    pub id: String,
    /// The tenant whose administrator has typed the code.
    pub tenant: Option<TenantId>,
    /// How far it is; for one that is not decided, [`Registration::state`] knows the time.
    pub(crate) stored_state: RegistrationState,
    /// The name that the connector is to have.
    pub appliance_name: String,
    /// Its public key.
    pub public_key: String,
    /// The fingerprint of that key.
    pub key_fingerprint: String,
    /// What it says of itself.
    pub about: About,
    /// The location that it was told, where it was told one.
    pub wanted_location: Option<String>,
    /// The identifier that the connector has or will have.
    pub connector: String,
    /// The address that the request came from.
    pub source: String,
    /// When it asked.
    pub created_at: i64,
    /// When the code ends.
    pub expires_at: i64,
    /// When an administrator registered or refused it.
    pub decided_at: Option<i64>,
    /// The name of that administrator.
    pub decided_by: Option<String>,
}

impl Registration {
    /// How far it is.
    #[must_use]
    pub const fn state(&self, now: i64) -> RegistrationState {
        match self.stored_state {
            RegistrationState::Waiting | RegistrationState::Confirmed if now >= self.expires_at => {
                RegistrationState::Expired
            }
            state => state,
        }
    }

    /// Refuses what nobody can decide any more.
    pub(crate) const fn require_open(&self, now: i64) -> Result<(), Refusal> {
        match self.state(now) {
            RegistrationState::Waiting | RegistrationState::Confirmed => Ok(()),
            RegistrationState::Registered => Err(Refusal::UsedCode),
            RegistrationState::Refused => Err(Refusal::RefusedCode),
            RegistrationState::Expired => Err(Refusal::ExpiredCode),
        }
    }

    pub(crate) fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: row.text("id")?,
            tenant: row.optional_text("tenant")?.map(TenantId::stored),
            stored_state: row.named("state", RegistrationState::parse)?,
            appliance_name: row.text("appliance_name")?,
            public_key: row.text("public_key")?,
            key_fingerprint: row.text("key_fingerprint")?,
            about: serde_json::from_str(&row.text("about")?)
                .map_err(|_| RegistryError::Damaged("an appliance's description"))?,
            wanted_location: row.optional_text("wanted_location")?,
            connector: row.text("connector")?,
            source: row.text("source")?,
            created_at: row.number("created_at")?,
            expires_at: row.number("expires_at")?,
            decided_at: row.optional_number("decided_at")?,
            decided_by: row.optional_text("decided_by")?,
        })
    }
}

impl NewRegistration {
    fn check(&self) -> Result<(), Refusal> {
        let location = self.wanted_location.as_deref().unwrap_or_default();
        for (what, text) in [
            ("The public key", self.public_key.as_str()),
            ("The fingerprint", self.key_fingerprint.as_str()),
            ("The resource location", location),
        ] {
            if text.chars().count() > MAX_FIELD_CHARACTERS {
                return Err(Refusal::TooLong { what, limit: MAX_FIELD_CHARACTERS });
            }
        }
        Ok(())
    }
}

impl Registry {
    /// Gives an appliance a code. It belongs to nobody yet.
    ///
    /// # Errors
    ///
    /// A text is too long, a connector has the same key, or the database does not answer.
    pub async fn open_registration(
        &self,
        new: &NewRegistration,
        now: i64,
    ) -> Result<Opened, RegistryError> {
        new.check()?;
        if let Some(connector) = self.connector_by_key(&new.key_fingerprint).await? {
            return Err(match connector.revoked_at {
                Some(_) => Refusal::RevokedConnector.into(),
                None => Refusal::KeyTaken.into(),
            });
        }
        loop {
            let opened = Opened {
                id: random::uuid(),
                code: random_code(),
                ticket: random::url_secret(),
                connector: random::uuid(),
                expires_at: now + LIFETIME_SECONDS,
            };
            match self.insert_registration(new, &opened, now).await {
                // The code is shown somewhere else already.
                Err(error) if error.is_duplicate() => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(opened),
            }
        }
    }

    async fn insert_registration(
        &self,
        new: &NewRegistration,
        opened: &Opened,
        now: i64,
    ) -> Result<(), RegistryError> {
        sqlx::query(
            "INSERT INTO registrations (id, code_digest, state, appliance_name, public_key, \
             key_fingerprint, about, wanted_location, connector, source, created_at, expires_at, \
             ticket_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(opened.id.as_str())
        .bind(self.keys.code_digest(PURPOSE, opened.code.as_str()))
        .bind(RegistrationState::Waiting.name())
        .bind(new.name.as_str())
        .bind(new.public_key.as_str())
        .bind(new.key_fingerprint.as_str())
        .bind(serde_json::json!(new.about).to_string())
        .bind(new.wanted_location.as_deref())
        .bind(opened.connector.as_str())
        .bind(new.source.as_str())
        .bind(now)
        .bind(opened.expires_at)
        .bind(digest(opened.ticket.expose()))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What has become of a registration: the gateway that holds the appliance's connection asks.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn registration(&self, id: &str) -> Result<Option<Registration>, RegistryError> {
        let row = sqlx::query(select_registrations!("WHERE id = $1"))
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Registration::read).transpose()
    }

    /// The registration that an appliance takes up again with its ticket.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn registration_by_ticket(
        &self,
        ticket: &Secret,
    ) -> Result<Option<Registration>, RegistryError> {
        let row = sqlx::query(select_registrations!("WHERE ticket_digest = $1"))
            .bind(digest(ticket.expose()))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Registration::read).transpose()
    }

    /// Another code in place of one that nobody has registered or refused. The registration is nobody's
    /// again, and the old code is unknown.
    ///
    /// # Errors
    ///
    /// There is no such registration, or it is decided.
    pub async fn renew_code(&self, id: &str, now: i64) -> Result<(Code, i64), RegistryError> {
        loop {
            let (code, expires_at) = (random_code(), now + LIFETIME_SECONDS);
            let renewed = sqlx::query(
                "UPDATE registrations SET code_digest = $2, expires_at = $3, tenant = NULL, \
                 state = $4 WHERE id = $1 AND state IN ($4, $5)",
            )
            .bind(id)
            .bind(self.keys.code_digest(PURPOSE, code.as_str()))
            .bind(expires_at)
            .bind(RegistrationState::Waiting.name())
            .bind(RegistrationState::Confirmed.name())
            .execute(&self.pool)
            .await
            .map_err(RegistryError::from);
            match renewed {
                Err(error) if error.is_duplicate() => {}
                Err(error) => return Err(error),
                Ok(renewed) if renewed.rows_affected() == 1 => {
                    return Ok((code, expires_at));
                }
                Ok(_) => return Err(self.why_not_open(id, now).await),
            }
        }
    }

    /// Forgets a registration that nobody has decided: the appliance does not want it any more.
    ///
    /// # Errors
    ///
    /// There is no such registration, or it is decided.
    pub async fn withdraw_registration(&self, id: &str, now: i64) -> Result<(), RegistryError> {
        let removed = sqlx::query("DELETE FROM registrations WHERE id = $1 AND state IN ($2, $3)")
            .bind(id)
            .bind(RegistrationState::Waiting.name())
            .bind(RegistrationState::Confirmed.name())
            .execute(&self.pool)
            .await?;
        match removed.rows_affected() {
            1 => Ok(()),
            _ => Err(self.why_not_open(id, now).await),
        }
    }

    async fn why_not_open(&self, id: &str, now: i64) -> RegistryError {
        match self.registration(id).await {
            Ok(Some(registration)) => match registration.require_open(now) {
                Err(refusal) => refusal.into(),
                // It was changed in between; asking again shows how.
                Ok(()) => Refusal::no_such(Kind::Registration, id).into(),
            },
            Ok(None) => Refusal::no_such(Kind::Registration, id).into(),
            Err(error) => error,
        }
    }
}

fn random_code() -> Code {
    let mut bytes = [0; 5];
    random::fill(&mut bytes);
    Code::new(bytes)
}

/// Removes appliances that nobody decided about, and refused ones.
pub(crate) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM registrations WHERE state <> $1 AND expires_at < $2")
        .bind(RegistrationState::Registered.name())
        .bind(now - KEPT_SECONDS)
        .execute(pool)
        .await?;
    Ok(())
}
