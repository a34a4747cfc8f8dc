//! A change: who makes it, when, and the transaction that it is made in.

use serde::Serialize;
use serde_json::Value;
use sqlx::AnyConnection;
use sqlx::{Any, Transaction};

use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::log::{self, Event, Target};
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// What kind of actor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ActorKind {
    /// The control plane itself.
    System,
    /// A person in the console.
    Administrator,
    /// A program with a secure client.
    Client,
    /// A connector.
    Connector,
}

impl ActorKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Administrator => "Administrator",
            Self::Client => "Client",
            Self::Connector => "Connector",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::System, Self::Administrator, Self::Client, Self::Connector]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// What kind of actor it is.
    pub kind: ActorKind,
    /// The identifier; empty for the control plane.
    pub id: String,
    /// The name, as the log shows it.
    pub name: String,
}

impl Actor {
    /// The control plane itself, under the name that the log is documented to show.
    #[must_use]
    pub fn system() -> Self {
        Self { kind: ActorKind::System, id: String::new(), name: "CwcSystem".to_owned() }
    }

    /// An administrator, a client or a connector.
    #[must_use]
    pub fn new(kind: ActorKind, id: &str, name: &str) -> Self {
        Self { kind, id: id.to_owned(), name: name.to_owned() }
    }
}

/// Who changes something, when, and for which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Who.
    pub by: Actor,
    /// When, in seconds since 1970.
    pub at: i64,
    /// The identifier of the request, where there is one.
    pub transaction_id: Option<String>,
}

impl Change {
    /// A change without a request.
    #[must_use]
    pub const fn new(by: Actor, at: i64) -> Self {
        Self { by, at, transaction_id: None }
    }

    /// A change of the control plane itself.
    #[must_use]
    pub fn by_system(at: i64) -> Self {
        Self::new(Actor::system(), at)
    }
}

/// A transaction that holds the lock of its tenant. Dropped without [`Writing::commit`], it has
/// changed nothing.
#[derive(Debug)]
pub(crate) struct Writing {
    transaction: Transaction<'static, Any>,
    tenant: String,
    change: Change,
    /// The number of the next record of the log; `None` once it is used.
    number: Option<i64>,
}

impl Writing {
    /// Begins with the lock: the first statement writes, so that neither database has to turn a
    /// reader into a writer later, which could fail.
    pub(crate) async fn begin(tenant: &Tenant, change: &Change) -> Result<Self, RegistryError> {
        let transaction = tenant.pool().begin().await?;
        let tenant = tenant.key().to_owned();
        let mut writing = Self { transaction, tenant, change: change.clone(), number: None };
        writing.number = Some(writing.raise().await?);
        Ok(writing)
    }

    /// The connection for the statements of the change.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// A number that no other change of the tenant has; later ones are larger.
    pub(crate) async fn number(&mut self) -> Result<i64, RegistryError> {
        match self.number.take() {
            Some(number) => Ok(number),
            None => self.raise().await,
        }
    }

    async fn raise(&mut self) -> Result<i64, RegistryError> {
        let row = sqlx::query(
            "UPDATE tenants SET revision = revision + 1 WHERE id = $1 RETURNING revision",
        )
        .bind(self.tenant.as_str())
        .fetch_optional(&mut *self.transaction)
        .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::Customer, &self.tenant))?;
        row.number("revision")
    }

    /// Writes a record of the log.
    pub(crate) async fn log(
        &mut self,
        event: Event,
        target: Target,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), RegistryError> {
        let number = self.number().await?;
        let entry = log::Entry {
            tenant: &self.tenant,
            number,
            change: &self.change,
            event,
            target: &target,
            before: before.as_ref(),
            after: after.as_ref(),
        };
        entry.insert(&mut self.transaction).await
    }

    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<(), RegistryError> {
        self.transaction.commit().await.map_err(RegistryError::from)
    }
}
