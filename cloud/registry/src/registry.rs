//! The registry as a whole: what belongs to no tenant, or finds one.

use std::sync::Arc;

use sqlx::AnyPool;

use crate::breach::BreachList;
use crate::change::Actor;
use crate::columns::Columns as _;
use crate::database;
use crate::error::RegistryError;
use crate::keys::{Keys, MasterKey};
use crate::load;
use crate::log;
use crate::name::Name;
use crate::password_hash::HashCost;
use crate::random;
use crate::registration;
use crate::session;
use crate::sign_in;
use crate::tenant::{Tenant, TenantId, TenantRecord};
use crate::token;

/// Digits of an organisation's number.
const ORG_ID_DIGITS: usize = 8;
/// Characters of a customer's identifier.
const TENANT_ID_CHARACTERS: usize = 12;

/// What the control plane knows. Clones share connections.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) pool: AnyPool,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hash_cost: HashCost,
    pub(crate) breaches: Option<Arc<BreachList>>,
}

impl Registry {
    /// Opens the database at an address: a path or `sqlite:<path>` for a file, which is made if there is
    /// none, or `postgres://<user>@<host>/<name>`; and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// The address is malformed, the database does not answer, or it belongs to another key.
    pub async fn open(address: &str, master: &MasterKey) -> Result<Self, RegistryError> {
        let pool = database::connect(address).await?;
        database::migrate(&pool, address).await?;
        let keys = Keys::new(master);
        prove(&pool, &keys).await?;
        Ok(Self { pool, keys: Arc::new(keys), hash_cost: HashCost::SERVER, breaches: None })
    }

    /// The same with passwords hashed at another cost.
    #[must_use]
    pub const fn with_hash_cost(mut self, cost: HashCost) -> Self {
        self.hash_cost = cost;
        self
    }

    /// The same with new passwords looked up in a list of breached ones.
    #[must_use]
    pub fn with_breach_list(mut self, list: BreachList) -> Self {
        self.breaches = Some(Arc::new(list));
        self
    }

    /// Everything of one tenant. Whether it exists shows in the answers.
    #[must_use]
    pub fn tenant(&self, id: &TenantId) -> Tenant {
        Tenant { registry: self.clone(), id: id.clone() }
    }

    /// Makes a tenant.
    ///
    /// # Errors
    ///
    /// The name breaks a rule, or the database does not answer.
    pub async fn create_tenant(&self, name: &str, now: i64) -> Result<TenantRecord, RegistryError> {
        let name = Name::parse(name).map_err(crate::Refusal::from)?;
        loop {
            let record = TenantRecord {
                id: TenantId::random(TENANT_ID_CHARACTERS),
                name: name.text.clone(),
                org_id: random::text_of(b"123456789", ORG_ID_DIGITS),
                inactivity_seconds: None,
                created_at: now,
            };
            let inserted = sqlx::query(
                "INSERT INTO tenants (id, name, org_id, created_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(record.id.as_str())
            .bind(record.name.as_str())
            .bind(record.org_id.as_str())
            .bind(now)
            .execute(&self.pool)
            .await
            .map_err(RegistryError::from);
            match inserted {
                Err(error) if error.is_duplicate() => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(record),
            }
        }
    }

    /// All tenants, the oldest first.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn tenants(&self) -> Result<Vec<TenantRecord>, RegistryError> {
        let rows = sqlx::query(
            "SELECT id, name, org_id, inactivity_seconds, created_at FROM tenants \
             ORDER BY created_at, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(TenantRecord::read).collect()
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn check(&self) -> Result<(), RegistryError> {
        sqlx::query("SELECT value FROM facts WHERE name = $1")
            .bind("proof")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }

    /// Removes what has ended: records of the log after 90 days, tokens, sessions, codes, loads. Any
    /// node may do it at any time; once an hour is enough, because nothing that has ended is used.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn sweep(&self, now: i64) -> Result<(), RegistryError> {
        log::sweep(&self.pool, now).await?;
        token::sweep(&self.pool, now).await?;
        session::sweep(&self.pool, now).await?;
        sign_in::sweep(&self.pool, now).await?;
        registration::sweep(&self.pool, now).await?;
        load::sweep(&self.pool, now).await
    }

    /// Closes all connections, once they have done what they do.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Who acts where nobody asked.
    #[must_use]
    pub fn system() -> Actor {
        Actor::system()
    }
}

/// Compares the stored proof with the key's; the first to come stores it.
async fn prove(pool: &AnyPool, keys: &Keys) -> Result<(), RegistryError> {
    sqlx::query("INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind("proof")
        .bind(keys.proof())
        .execute(pool)
        .await?;
    let row = sqlx::query("SELECT value FROM facts WHERE name = $1")
        .bind("proof")
        .fetch_one(pool)
        .await?;
    if row.text("value")? == keys.proof() { Ok(()) } else { Err(RegistryError::WrongKey) }
}
