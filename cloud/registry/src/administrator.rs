//! Administrators: who may do what in a tenant.

use serde_json::json;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::access::Access;
use crate::change::{Actor, ActorKind, Change, Writing};
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::log::{Event, Target};
use crate::person::PersonId;
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// Reads the columns of an administrator.
macro_rules! select_administrators {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, display_name, access, rights, person, invited_at, \
             invitation_expires_at FROM administrators ",
            $rest
        )
    };
}
pub(crate) use select_administrators;

/// Whether an administrator can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdministratorStatus {
    /// The invitation was accepted.
    Active,
    /// The invitation can be accepted.
    InviteSent,
    /// The invitation was not accepted in time.
    Expired,
}

impl AdministratorStatus {
    /// The documented words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::InviteSent => "Invite Sent",
            Self::Expired => "Expired",
        }
    }
}

/// Somebody who may do something in a tenant, or is invited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrator {
    /// The identifier in this tenant: a UUID.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The name that the console shows.
    pub display_name: String,
    /// What is allowed.
    pub access: Access,
    /// Who signs in, once the invitation is accepted.
    pub person: Option<PersonId>,
    /// When the invitation was made.
    pub invited_at: i64,
    /// When the invitation ends.
    pub invitation_expires_at: i64,
}

impl Administrator {
    /// Whether the administrator can sign in.
    #[must_use]
    pub const fn status(&self, now: i64) -> AdministratorStatus {
        match &self.person {
            Some(_) => AdministratorStatus::Active,
            None if now < self.invitation_expires_at => AdministratorStatus::InviteSent,
            None => AdministratorStatus::Expired,
        }
    }

    /// The administrator as the log names one.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::new(ActorKind::Administrator, &self.id, &self.display_name)
    }

    pub(crate) fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: row.text("id")?,
            email: row.text("email")?,
            display_name: row.text("display_name")?,
            access: Access::read(&row.text("access")?, &row.text("rights")?)
                .ok_or(RegistryError::Damaged("access"))?,
            person: row.optional_text("person")?.map(PersonId::stored),
            invited_at: row.number("invited_at")?,
            invitation_expires_at: row.number("invitation_expires_at")?,
        })
    }

    pub(crate) fn target(&self) -> Target {
        Target::new(Kind::Administrator, &self.id, &self.display_name).with_email(&self.email)
    }
}

impl Tenant {
    /// All administrators, by e-mail address.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn administrators(&self) -> Result<Vec<Administrator>, RegistryError> {
        let rows = sqlx::query(select_administrators!("WHERE tenant = $1 ORDER BY email_key"))
            .bind(self.key())
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(Administrator::read).collect()
    }

    /// One administrator.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn administrator(&self, id: &str) -> Result<Administrator, RegistryError> {
        let mut connection = self.pool().acquire().await?;
        find(&mut connection, self.key(), id).await
    }

    /// Changes what an administrator may do. It holds from the next request on, for clients that the
    /// administrator made as well.
    ///
    /// # Errors
    ///
    /// There is none, custom access has no right, or nobody with full access would be left.
    pub async fn set_access(
        &self,
        id: &str,
        access: &Access,
        change: &Change,
    ) -> Result<Administrator, RegistryError> {
        require_rights(access)?;
        let mut writing = self.write(change).await?;
        let before = find(writing.connection(), self.key(), id).await?;
        if !access.is_full() {
            self.require_another_full(&mut writing, &before).await?;
        }
        sqlx::query(
            "UPDATE administrators SET access = $3, rights = $4 WHERE tenant = $1 AND id = $2",
        )
        .bind(self.key())
        .bind(id)
        .bind(access.name())
        .bind(access.stored_rights())
        .execute(writing.connection())
        .await?;
        let event = match before.access.is_full() == access.is_full() {
            true => Event::RightsChanged,
            false => Event::AccessTypeChanged,
        };
        let values = (Some(json!(before.access)), Some(json!(access)));
        writing.log(event, before.target(), values.0, values.1).await?;
        writing.commit().await?;
        Ok(Administrator { access: access.clone(), ..before })
    }

    /// Removes an administrator: sessions end at once, clients that the administrator made are revoked.
    /// Connectors that the administrator registered stay.
    ///
    /// # Errors
    ///
    /// There is none, or nobody with full access would be left.
    pub async fn remove_administrator(
        &self,
        id: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let administrator = find(writing.connection(), self.key(), id).await?;
        self.require_another_full(&mut writing, &administrator).await?;
        sqlx::query(
            "UPDATE clients SET revoked_at = $3 \
             WHERE tenant = $1 AND maker = $2 AND revoked_at IS NULL",
        )
        .bind(self.key())
        .bind(id)
        .bind(change.at)
        .execute(writing.connection())
        .await?;
        sqlx::query("DELETE FROM administrators WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .execute(writing.connection())
            .await?;
        let before = json!({"access": administrator.access});
        let target = administrator.target();
        writing.log(Event::AdministratorRemoved, target, Some(before), None).await?;
        writing.commit().await
    }

    /// Somebody who can sign in must be left with full access.
    async fn require_another_full(
        &self,
        writing: &mut Writing,
        administrator: &Administrator,
    ) -> Result<(), RegistryError> {
        if !administrator.access.is_full() || administrator.person.is_none() {
            return Ok(());
        }
        let row = sqlx::query(
            "SELECT COUNT(*) AS others FROM administrators \
             WHERE tenant = $1 AND id <> $2 AND access = 'Full' AND person IS NOT NULL",
        )
        .bind(self.key())
        .bind(administrator.id.as_str())
        .fetch_one(writing.connection())
        .await?;
        match row.number("others")? {
            0 => Err(Refusal::LastFullAdministrator.into()),
            _ => Ok(()),
        }
    }
}

/// Custom access needs a right.
pub(crate) fn require_rights(access: &Access) -> Result<(), Refusal> {
    match access {
        Access::Custom(rights) if rights.is_empty() => Err(Refusal::NoRights),
        _ => Ok(()),
    }
}

/// One administrator of a tenant.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    tenant: &str,
    id: &str,
) -> Result<Administrator, RegistryError> {
    let row = sqlx::query(select_administrators!("WHERE tenant = $1 AND id = $2"))
        .bind(tenant)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    let row = row.ok_or_else(|| Refusal::no_such(Kind::Administrator, id))?;
    Administrator::read(&row)
}
