//! Tokens of the REST interface: opaque, valid for an hour, stored as digests.
//!
//! A token is worth nothing from the moment that its client is revoked or its maker removed, because
//! every use asks the database for both.

use std::fmt;

use model::secret::Secret;
use sqlx::AnyPool;
use sqlx::any::AnyRow;
use subtle::ConstantTimeEq as _;

use crate::access::Access;
use crate::change::{Actor, ActorKind};
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::{digest, read_digest};
use crate::random;
use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::tenant::TenantId;

/// How long a token is valid, in seconds: an hour, as documented.
pub const TOKEN_SECONDS: i64 = 3600;

/// Who has a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    /// The tenant that it is for, and no other.
    pub tenant: TenantId,
    /// The client that it was given to.
    pub client: String,
    /// The name of the client.
    pub client_name: String,
    /// The administrator who made the client.
    pub maker: String,
    /// What that administrator may do now.
    pub access: Access,
    /// When the token ends.
    pub expires_at: i64,
}

impl TokenHolder {
    /// The client as the log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::new(ActorKind::Client, &self.client, &self.client_name)
    }

    fn read(row: &AnyRow, expires_at: i64) -> Result<Self, RegistryError> {
        Ok(Self {
            tenant: TenantId::stored(row.text("tenant")?),
            client: row.text("client")?,
            client_name: row.text("name")?,
            maker: row.text("maker")?,
            access: Access::read(&row.text("access")?, &row.text("rights")?)
                .ok_or(RegistryError::Damaged("access"))?,
            expires_at,
        })
    }
}

/// What proves that somebody knows the secret of a client without saying it.
#[derive(Clone)]
pub struct ClientVerifier {
    /// SHA-256 of the secret as it was shown, in hexadecimal digits. Whoever knows it can prove the
    /// same, so it is as secret.
    digest: String,
    /// Whose it is, as if a token were given now.
    pub holder: TokenHolder,
}

impl ClientVerifier {
    /// SHA-256 of the secret as it was shown.
    ///
    /// # Errors
    ///
    /// The stored digest is damaged.
    pub fn secret_hash(&self) -> Result<[u8; 32], RegistryError> {
        read_digest(&self.digest).ok_or(RegistryError::Damaged("the digest of a secret"))
    }
}

impl fmt::Debug for ClientVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientVerifier")
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// What a secure client of whichever tenant proves its secret with; `None` when there is none, or
    /// it is revoked.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn client_verifier(
        &self,
        client: &str,
        now: i64,
    ) -> Result<Option<ClientVerifier>, RegistryError> {
        let row = sqlx::query(
            "SELECT clients.tenant AS tenant, clients.id AS client, clients.name AS name, \
             clients.maker AS maker, clients.secret_digest AS secret_digest, \
             administrators.access AS access, administrators.rights AS rights \
             FROM clients JOIN administrators ON administrators.tenant = clients.tenant \
             AND administrators.id = clients.maker \
             WHERE clients.id = $1 AND clients.revoked_at IS NULL \
             AND administrators.person IS NOT NULL",
        )
        .bind(client)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let holder = TokenHolder::read(&row, now + TOKEN_SECONDS)?;
        Ok(Some(ClientVerifier { digest: row.text("secret_digest")?, holder }))
    }

    /// Gives a secure client a token. `tenant` is the customer that the caller names, where it names one.
    ///
    /// # Errors
    ///
    /// Client or secret is wrong, the client is revoked or of another customer
    /// ([`Refusal::WrongClient`] for each), or the database does not answer.
    pub async fn issue_token(
        &self,
        client: &str,
        secret: &Secret,
        tenant: Option<&TenantId>,
        now: i64,
    ) -> Result<(Secret, TokenHolder), RegistryError> {
        let verifier = self.client_verifier(client, now).await?.ok_or(Refusal::WrongClient)?;
        let is_secret = verifier.digest.as_bytes().ct_eq(digest(secret.expose()).as_bytes());
        let holder = verifier.holder;
        if !bool::from(is_secret) || tenant.is_some_and(|tenant| *tenant != holder.tenant) {
            return Err(Refusal::WrongClient.into());
        }
        let token = random::url_secret();
        self.insert_token(&token, &holder, now).await?;
        Ok((token, holder))
    }

    async fn insert_token(
        &self,
        token: &Secret,
        holder: &TokenHolder,
        now: i64,
    ) -> Result<(), RegistryError> {
        sqlx::query(
            "INSERT INTO tokens (digest, tenant, client, issued_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(digest(token.expose()))
        .bind(holder.tenant.as_str())
        .bind(holder.client.as_str())
        .bind(now)
        .bind(holder.expires_at)
        .execute(&self.pool)
        .await?;
        sqlx::query("UPDATE clients SET last_used_at = $3 WHERE tenant = $1 AND id = $2")
            .bind(holder.tenant.as_str())
            .bind(holder.client.as_str())
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Who has a token; `None` when it is unknown or has ended, or its client is revoked.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn token_holder(
        &self,
        token: &str,
        now: i64,
    ) -> Result<Option<TokenHolder>, RegistryError> {
        let row = sqlx::query(
            "SELECT tokens.tenant AS tenant, tokens.client AS client, \
             tokens.expires_at AS expires_at, clients.name AS name, clients.maker AS maker, \
             administrators.access AS access, administrators.rights AS rights \
             FROM tokens JOIN clients ON clients.tenant = tokens.tenant \
             AND clients.id = tokens.client \
             JOIN administrators ON administrators.tenant = clients.tenant \
             AND administrators.id = clients.maker \
             WHERE tokens.digest = $1 AND tokens.expires_at > $2 AND clients.revoked_at IS NULL \
             AND administrators.person IS NOT NULL",
        )
        .bind(digest(token))
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let expires_at = row.number("expires_at")?;
        Ok(Some(TokenHolder::read(&row, expires_at)?))
    }
}

/// Removes tokens that have ended.
pub(crate) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM tokens WHERE expires_at <= $1").bind(now).execute(pool).await?;
    Ok(())
}
