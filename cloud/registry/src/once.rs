//! The journal of requests that run once at most.
//!
//! A request is opened, handed to one connector, and finished, in this order, and none of the steps
//! happens twice: each is one statement that finds the row in the state before. A request that was
//! handed over and has no outcome at its deadline is in doubt; it is never handed over again.

use sqlx::any::AnyRow;

use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// Most characters of an identifier and the name of an operation.
const MAX_CHARACTERS: usize = 128;

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceState {
    /// No connector has it.
    Open,
    /// A connector has it, or may have it.
    Sent,
    /// The connector has answered.
    Answered,
    /// It was never handed over, and is not any more.
    Cancelled,
    /// A connector had it and did not answer in time: nobody knows whether it ran.
    InDoubt,
}

impl OnceState {
    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Sent => "Sent",
            Self::Answered => "Answered",
            Self::Cancelled => "Cancelled",
            Self::InDoubt => "InDoubt",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Open, Self::Sent, Self::Answered, Self::Cancelled, Self::InDoubt]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A request that must run once at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOnce {
    /// The identifier that the caller chose.
    pub id: String,
    /// The location whose connectors may run it.
    pub location: String,
    /// What it does.
    pub operation: String,
    /// Until when its outcome counts, in seconds since 1970.
    pub deadline: i64,
}

/// What is known of such a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceRequest {
    /// The request.
    pub request: NewOnce,
    /// How far it is.
    pub state: OnceState,
    /// The connector that it was handed to.
    pub connector: Option<String>,
    /// What the connector answered.
    pub answer: Option<String>,
    /// When it was opened.
    pub created_at: i64,
    /// When its outcome was stored.
    pub finished_at: Option<i64>,
}

impl OnceRequest {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            request: NewOnce {
                id: row.text("id")?,
                location: row.text("location")?,
                operation: row.text("operation")?,
                deadline: row.number("deadline")?,
            },
            state: row.named("state", OnceState::parse)?,
            connector: row.optional_text("connector")?,
            answer: row.optional_text("answer")?,
            created_at: row.number("created_at")?,
            finished_at: row.optional_number("finished_at")?,
        })
    }
}

impl Tenant {
    /// Opens a request.
    ///
    /// # Errors
    ///
    /// One with this identifier exists, or a text is too long.
    pub async fn open_once(&self, new: &NewOnce, now: i64) -> Result<(), RegistryError> {
        if [&new.id, &new.operation].iter().any(|text| text.chars().count() > MAX_CHARACTERS) {
            return Err(Refusal::TooLong { what: "The request", limit: MAX_CHARACTERS }.into());
        }
        sqlx::query(
            "INSERT INTO once_requests (tenant, id, location, operation, state, created_at, \
             deadline) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.key())
        .bind(new.id.as_str())
        .bind(new.location.as_str())
        .bind(new.operation.as_str())
        .bind(OnceState::Open.name())
        .bind(now)
        .bind(new.deadline)
        .execute(self.pool())
        .await
        .map_err(|error| match RegistryError::from(error) {
            error if error.is_duplicate() => Refusal::DuplicateRequest.into(),
            error if error.is_referred_to() => Refusal::no_such(Kind::Customer, self.key()).into(),
            error => error,
        })?;
        Ok(())
    }

    /// Hands a request to a connector, before the first byte is sent. Only one caller succeeds.
    ///
    /// # Errors
    ///
    /// There is none, or it was handed over, cancelled or is too late already.
    pub async fn hand_over_once(
        &self,
        id: &str,
        connector: &str,
        now: i64,
    ) -> Result<(), RegistryError> {
        let handed = sqlx::query(
            "UPDATE once_requests SET state = $4, connector = $3 \
             WHERE tenant = $1 AND id = $2 AND state = $5 AND deadline > $6",
        )
        .bind(self.key())
        .bind(id)
        .bind(connector)
        .bind(OnceState::Sent.name())
        .bind(OnceState::Open.name())
        .bind(now)
        .execute(self.pool())
        .await?;
        self.require_one(handed.rows_affected(), id).await
    }

    /// Stores the answer of the connector that a request was handed to; also after the deadline, because
    /// knowing is better than doubt.
    ///
    /// # Errors
    ///
    /// There is none that was handed over to this connector, or it is answered already.
    pub async fn answer_once(
        &self,
        id: &str,
        connector: &str,
        answer: &str,
        now: i64,
    ) -> Result<(), RegistryError> {
        let answered = sqlx::query(
            "UPDATE once_requests SET state = $4, answer = $5, finished_at = $6 \
             WHERE tenant = $1 AND id = $2 AND connector = $3 AND state IN ($7, $8)",
        )
        .bind(self.key())
        .bind(id)
        .bind(connector)
        .bind(OnceState::Answered.name())
        .bind(answer)
        .bind(now)
        .bind(OnceState::Sent.name())
        .bind(OnceState::InDoubt.name())
        .execute(self.pool())
        .await?;
        self.require_one(answered.rows_affected(), id).await
    }

    /// One request, with what its deadline has made of it.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn once(&self, id: &str, now: i64) -> Result<OnceRequest, RegistryError> {
        for (from, to) in
            [(OnceState::Open, OnceState::Cancelled), (OnceState::Sent, OnceState::InDoubt)]
        {
            sqlx::query(
                "UPDATE once_requests SET state = $4, finished_at = $5 \
                 WHERE tenant = $1 AND id = $2 AND state = $3 AND deadline <= $5",
            )
            .bind(self.key())
            .bind(id)
            .bind(from.name())
            .bind(to.name())
            .bind(now)
            .execute(self.pool())
            .await?;
        }
        let row = sqlx::query(
            "SELECT id, location, operation, connector, state, answer, created_at, deadline, \
             finished_at FROM once_requests WHERE tenant = $1 AND id = $2",
        )
        .bind(self.key())
        .bind(id)
        .fetch_optional(self.pool())
        .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::Request, id))?;
        OnceRequest::read(&row)
    }

    async fn require_one(&self, rows: u64, id: &str) -> Result<(), RegistryError> {
        if rows == 1 {
            return Ok(());
        }
        let row = sqlx::query("SELECT id FROM once_requests WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .fetch_optional(self.pool())
            .await?;
        match row {
            Some(_) => Err(Refusal::FinishedRequest.into()),
            None => Err(Refusal::no_such(Kind::Request, id).into()),
        }
    }
}
