//! Invitations: how somebody becomes an administrator.

use model::secret::Secret;
use serde_json::json;

use crate::access::Access;
use crate::administrator::{self, Administrator, select_administrators};
use crate::change::Change;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::keys::digest;
use crate::log::Event;
use crate::name::{MAX_NAME_CHARACTERS, key};
use crate::person::{Person, PersonId};
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::registry::Registry;
use crate::tenant::{Tenant, TenantId};

/// How long an invitation can be accepted, in seconds: five days.
pub const INVITATION_SECONDS: i64 = 5 * 24 * 3600;
/// Longest e-mail address (RFC 5321, section 4.5.3.1), in characters.
const MAX_EMAIL_CHARACTERS: usize = 254;

/// Somebody to invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAdministrator {
    /// The e-mail address.
    pub email: String,
    /// The name that the console shows.
    pub display_name: String,
    /// What is allowed.
    pub access: Access,
}

/// An invitation. The secret belongs into the link; only a digest of it is stored.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Who is invited.
    pub administrator: Administrator,
    /// The secret of the link.
    pub secret: Secret,
}

impl Tenant {
    /// Invites somebody.
    ///
    /// # Errors
    ///
    /// The address is none or is taken in this tenant, a name is too long, or custom access has no
    /// right.
    pub async fn invite(
        &self,
        new: &NewAdministrator,
        change: &Change,
    ) -> Result<Invitation, RegistryError> {
        let email = checked_email(&new.email)?;
        let display_name = checked_display_name(&new.display_name, &email)?;
        administrator::require_rights(&new.access)?;
        let administrator = Administrator {
            id: random::uuid(),
            email,
            display_name,
            access: new.access.clone(),
            person: None,
            invited_at: change.at,
            invitation_expires_at: change.at + INVITATION_SECONDS,
        };
        let secret = random::url_secret();
        let mut writing = self.write(change).await?;
        let event = match administrator.access {
            Access::Full => Event::FullAdministratorInvited,
            Access::Custom(_) => Event::CustomAdministratorInvited,
        };
        sqlx::query(
            "INSERT INTO administrators (tenant, id, email, email_key, display_name, access, \
             rights, invitation_digest, invited_at, invitation_expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(self.key())
        .bind(administrator.id.as_str())
        .bind(administrator.email.as_str())
        .bind(key(&administrator.email))
        .bind(administrator.display_name.as_str())
        .bind(administrator.access.name())
        .bind(administrator.access.stored_rights())
        .bind(digest(secret.expose()))
        .bind(administrator.invited_at)
        .bind(administrator.invitation_expires_at)
        .execute(writing.connection())
        .await
        .map_err(|error| match RegistryError::from(error) {
            error if error.is_duplicate() => {
                Refusal::NameTaken { kind: Kind::Administrator, name: administrator.email.clone() }
                    .into()
            }
            error => error,
        })?;
        let after = json!({"access": administrator.access});
        writing.log(event, administrator.target(), None, Some(after)).await?;
        writing.commit().await?;
        Ok(Invitation { administrator, secret })
    }

    /// Makes the link of an invitation anew; the old one is worth nothing. As documented, it does not
    /// last longer for that.
    ///
    /// # Errors
    ///
    /// There is no such administrator, the invitation was accepted, or its five days are over.
    pub async fn resend_invitation(
        &self,
        id: &str,
        change: &Change,
    ) -> Result<Invitation, RegistryError> {
        let mut writing = self.write(change).await?;
        let administrator = administrator::find(writing.connection(), self.key(), id).await?;
        if administrator.person.is_some() {
            return Err(Refusal::AcceptedInvitation.into());
        }
        if change.at >= administrator.invitation_expires_at {
            return Err(Refusal::InvalidInvitation.into());
        }
        let secret = random::url_secret();
        sqlx::query(
            "UPDATE administrators SET invitation_digest = $3 WHERE tenant = $1 AND id = $2",
        )
        .bind(self.key())
        .bind(id)
        .bind(digest(secret.expose()))
        .execute(writing.connection())
        .await?;
        writing.commit().await?;
        Ok(Invitation { administrator, secret })
    }
}

impl Registry {
    /// Who is invited by a link, to which tenant, and whether that person has a password already.
    ///
    /// # Errors
    ///
    /// The invitation is not valid, or the database does not answer.
    pub async fn invitation(
        &self,
        secret: &Secret,
        now: i64,
    ) -> Result<(TenantId, Administrator, Option<Person>), RegistryError> {
        let invited = sqlx::query(
            "SELECT tenant, id, email, display_name, access, rights, person, invited_at, \
             invitation_expires_at FROM administrators \
             WHERE invitation_digest = $1 AND person IS NULL AND invitation_expires_at > $2",
        )
        .bind(digest(secret.expose()))
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let row = invited.ok_or(Refusal::InvalidInvitation)?;
        let administrator = Administrator::read(&row)?;
        let person = self.person_by_email(&administrator.email).await?;
        Ok((TenantId::stored(row.text("tenant")?), administrator, person))
    }

    /// Accepts an invitation. Who has no password yet sets one; who has one proves it.
    ///
    /// # Errors
    ///
    /// The invitation is not valid, the new password breaks rules, or the existing one is wrong.
    pub async fn accept_invitation(
        &self,
        secret: &Secret,
        password: &Secret,
        now: i64,
    ) -> Result<(TenantId, Administrator), RegistryError> {
        self.accept_invitation_as(secret, None, password, now).await
    }

    /// The same under another name than the invitation has.
    ///
    /// # Errors
    ///
    /// As [`Registry::accept_invitation`], or the name is too long.
    pub async fn accept_invitation_as(
        &self,
        secret: &Secret,
        display_name: Option<&str>,
        password: &Secret,
        now: i64,
    ) -> Result<(TenantId, Administrator), RegistryError> {
        let (tenant, mut administrator, existing) = self.invitation(secret, now).await?;
        if let Some(name) = display_name {
            administrator.display_name = checked_display_name(name, &administrator.email)?;
        }
        let person = match existing {
            Some(person) => self.check_password(&person.email, password, now).await?.id,
            None => self.create_person(&administrator, password, now).await?,
        };
        let tenant = self.tenant(&tenant);
        let change = Change::new(administrator.actor(), now);
        let administrator = tenant.accept(secret, &administrator, person, &change).await?;
        Ok((tenant.id, administrator))
    }
}

impl Tenant {
    async fn accept(
        &self,
        secret: &Secret,
        administrator: &Administrator,
        person: PersonId,
        change: &Change,
    ) -> Result<Administrator, RegistryError> {
        let mut writing = self.write(change).await?;
        // Between reading and now, somebody may have accepted, removed or renewed the invitation.
        let accepted = sqlx::query(
            "UPDATE administrators SET person = $3, invitation_digest = NULL, display_name = $5 \
             WHERE tenant = $1 AND id = $2 AND person IS NULL AND invitation_digest = $4",
        )
        .bind(self.key())
        .bind(administrator.id.as_str())
        .bind(person.as_str())
        .bind(digest(secret.expose()))
        .bind(administrator.display_name.as_str())
        .execute(writing.connection())
        .await?;
        if accepted.rows_affected() != 1 {
            return Err(Refusal::InvalidInvitation.into());
        }
        let accepted =
            administrator::find(writing.connection(), self.key(), &administrator.id).await?;
        writing.log(Event::AdministratorCreated, accepted.target(), None, None).await?;
        writing.commit().await?;
        Ok(accepted)
    }

    /// The administrator whom a person is here, if any.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn administrator_of(
        &self,
        person: &PersonId,
    ) -> Result<Option<Administrator>, RegistryError> {
        let row = sqlx::query(select_administrators!("WHERE tenant = $1 AND person = $2"))
            .bind(self.key())
            .bind(person.as_str())
            .fetch_optional(self.pool())
            .await?;
        row.as_ref().map(Administrator::read).transpose()
    }
}

/// An e-mail address without the blanks around it. Whether anybody reads it shows when the
/// invitation is accepted.
pub(crate) fn checked_email(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let refusal = || Refusal::Email(text.chars().take(64).collect());
    let (account, host) = text.rsplit_once('@').ok_or_else(refusal)?;
    let is_allowed = |character: char| !character.is_whitespace() && !character.is_control();
    let is_email = !account.is_empty()
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && text.chars().count() <= MAX_EMAIL_CHARACTERS
        && text.chars().all(is_allowed)
        && !text.contains(['<', '>', '"', ',', ';']);
    if is_email { Ok(text.to_owned()) } else { Err(refusal()) }
}

/// The name that the console shows: the e-mail address where none is given.
fn checked_display_name(name: &str, email: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.chars().count() > MAX_NAME_CHARACTERS {
        return Err(Refusal::TooLong { what: "The name", limit: MAX_NAME_CHARACTERS });
    }
    let name: String = name.chars().filter(|character| !character.is_control()).collect();
    Ok(if name.is_empty() { email.to_owned() } else { name })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_addresses_and_refuses_others() {
        for text in ["alice@example.com", " o'brien+x@a.example ", "山田@例え.jp", "a@localhost"]
        {
            assert_eq!(checked_email(text).unwrap(), text.trim());
        }
        for text in ["", "alice", "@example.com", "alice@", "a b@example.com", "a@.x", "<a@b.c>"] {
            assert!(matches!(checked_email(text), Err(Refusal::Email(_))), "{text}");
        }
        assert!(checked_email(&format!("{}@example.com", "a".repeat(300))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_none(text in ".{0,300}") {
            let _ = checked_email(&text);
        }
    }
}
