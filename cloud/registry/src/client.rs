//! Secure clients: identifier and secret for programs, with the permissions of who made them.

use model::secret::Secret;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::change::Change;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::digest;
use crate::log::{Event, Target};
use crate::name::Name;
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// A secure client, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its identifier: a UUID.
    pub id: String,
    /// Its name; several may have the same.
    pub name: String,
    /// The administrator whose permissions it has.
    pub maker: String,
    /// The name of that administrator when it was made.
    pub maker_name: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last got a token.
    pub last_used_at: Option<i64>,
    /// Since when it is revoked.
    pub revoked_at: Option<i64>,
}

/// A new client. The secret is shown once: only a digest of it is stored.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The client.
    pub client: Client,
    /// Its secret in base64.
    pub secret: Secret,
}

impl Client {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            maker: row.text("maker")?,
            maker_name: row.text("maker_name")?,
            created_at: row.number("created_at")?,
            last_used_at: row.optional_number("last_used_at")?,
            revoked_at: row.optional_number("revoked_at")?,
        })
    }

    fn target(&self) -> Target {
        Target::new(Kind::SecureClient, &self.id, &self.name)
    }
}

impl Tenant {
    /// Secure clients that are not revoked, the newest first; of one administrator, where named.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn clients(&self, maker: Option<&str>) -> Result<Vec<Client>, RegistryError> {
        let rows = sqlx::query(
            "SELECT id, name, maker, maker_name, created_at, last_used_at, revoked_at FROM clients \
             WHERE tenant = $1 AND revoked_at IS NULL AND ($2 = '' OR maker = $2) \
             ORDER BY created_at DESC, id",
        )
        .bind(self.key())
        .bind(maker.unwrap_or_default())
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(Client::read).collect()
    }

    /// Makes a client with the permissions of an administrator.
    ///
    /// # Errors
    ///
    /// The name breaks a rule, or there is no such administrator.
    pub async fn create_client(
        &self,
        name: &str,
        maker: &str,
        change: &Change,
    ) -> Result<NewClient, RegistryError> {
        let name = Name::parse(name).map_err(Refusal::from)?;
        let mut writing = self.write(change).await?;
        let administrator =
            crate::administrator::find(writing.connection(), self.key(), maker).await?;
        let client = Client {
            id: random::uuid(),
            name: name.text,
            maker: administrator.id,
            maker_name: administrator.display_name,
            created_at: change.at,
            last_used_at: None,
            revoked_at: None,
        };
        let secret = random::base64_secret();
        sqlx::query(
            "INSERT INTO clients (tenant, id, name, secret_digest, maker, maker_name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.key())
        .bind(client.id.as_str())
        .bind(client.name.as_str())
        .bind(digest(secret.expose()))
        .bind(client.maker.as_str())
        .bind(client.maker_name.as_str())
        .bind(client.created_at)
        .execute(writing.connection())
        .await?;
        let after = json!({"name": client.name, "maker": client.maker_name});
        writing.log(Event::ClientCreated, client.target(), None, Some(after)).await?;
        writing.commit().await?;
        Ok(NewClient { client, secret })
    }

    /// Revokes a client: its secret and its tokens are worth nothing from now on. `maker` limits it to
    /// the clients of one administrator.
    ///
    /// # Errors
    ///
    /// There is none, it is revoked already, or it is somebody else's.
    pub async fn revoke_client(
        &self,
        id: &str,
        maker: Option<&str>,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let row = sqlx::query(
            "UPDATE clients SET revoked_at = $4 WHERE tenant = $1 AND id = $2 \
             AND revoked_at IS NULL AND ($3 = '' OR maker = $3) \
             RETURNING id, name, maker, maker_name, created_at, last_used_at, revoked_at",
        )
        .bind(self.key())
        .bind(id)
        .bind(maker.unwrap_or_default())
        .bind(change.at)
        .fetch_optional(writing.connection())
        .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::SecureClient, id))?;
        let client = Client::read(&row)?;
        sqlx::query("DELETE FROM tokens WHERE tenant = $1 AND client = $2")
            .bind(self.key())
            .bind(id)
            .execute(writing.connection())
            .await?;
        let before = json!({"name": client.name, "maker": client.maker_name});
        writing.log(Event::ClientRevoked, client.target(), Some(before), None).await?;
        writing.commit().await
    }
}
