//! What an administrator decides about an appliance that shows a code, and what comes of it.

use protocol::code::Code;
use protocol::name::Name;

use crate::change::{Change, Writing};
use crate::connector::{self, Certificate, Connector, ConnectorKind, VersionState};
use crate::error::RegistryError;
use crate::location::{self, Location};
use crate::log::{Event, Target};
use crate::refusal::{Kind, Refusal};
use crate::registration::{PURPOSE, Registration, RegistrationState, select_registrations};
use crate::tenant::Tenant;

/// A connector that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConnector {
    /// The identifier that it will have; its certificate names it.
    pub id: String,
    /// Its name.
    pub name: Name,
    /// Its public key.
    pub public_key: String,
    /// The fingerprint of that key.
    pub key_fingerprint: String,
    /// The version that it runs.
    pub version: String,
    /// Its location; the default one if none is named.
    pub location: Option<String>,
    /// Its first certificate.
    pub certificate: Certificate,
}

impl Tenant {
    /// Finds the appliance that shows a code, and binds it to this tenant: from now on no other tenant
    /// sees it. Typing the code again shows the same.
    ///
    /// # Errors
    ///
    /// The text is no code, no appliance shows it, it was used or has expired, or the appliance asks for a location
    /// that this tenant does not have.
    pub async fn confirm_registration(
        &self,
        code: &str,
        change: &Change,
    ) -> Result<Registration, RegistryError> {
        let code = Code::parse(code).map_err(Refusal::NoCode)?;
        let digest = self.keys().code_digest(PURPOSE, code.as_str());
        let mut writing = self.write(change).await?;
        let row = sqlx::query(select_registrations!(
            "WHERE code_digest = $2 AND (tenant IS NULL OR tenant = $1)"
        ))
        .bind(self.key())
        .bind(digest)
        .fetch_optional(writing.connection())
        .await?;
        let registration = Registration::read(&row.ok_or(Refusal::UnknownCode)?)?;
        registration.require_open(change.at)?;
        self.wanted_location(&mut writing, &registration).await?;
        if registration.stored_state == RegistrationState::Confirmed {
            return Ok(registration);
        }
        // Another tenant may have been faster since the row was read.
        let bound = sqlx::query(
            "UPDATE registrations SET tenant = $1, state = $3 \
             WHERE id = $2 AND (tenant IS NULL OR tenant = $1)",
        )
        .bind(self.key())
        .bind(registration.id.as_str())
        .bind(RegistrationState::Confirmed.name())
        .execute(writing.connection())
        .await?;
        if bound.rows_affected() != 1 {
            return Err(Refusal::UnknownCode.into());
        }
        writing.log(Event::RegistrationConfirmed, target(&registration), None, None).await?;
        writing.commit().await?;
        Ok(Registration {
            tenant: Some(self.id.clone()),
            stored_state: RegistrationState::Confirmed,
            ..registration
        })
    }

    /// Registers an appliance whose details were confirmed. The location is the given one, or the one
    /// that the appliance was told, or the default one, which is made if there is none.
    ///
    /// # Errors
    ///
    /// It was not confirmed here, it is too late, its name is taken in the location, its key is known,
    /// or there is no such location.
    pub async fn register(
        &self,
        registration: &str,
        location: Option<&str>,
        certificate: &Certificate,
        change: &Change,
    ) -> Result<Connector, RegistryError> {
        let mut writing = self.write(change).await?;
        let registration = self.find_registration(&mut writing, registration).await?;
        registration.require_open(change.at)?;
        if registration.stored_state != RegistrationState::Confirmed {
            return Err(Refusal::NotConfirmed.into());
        }
        let connector = self
            .insert_connector(
                &mut writing,
                NewConnector {
                    id: registration.connector.clone(),
                    name: Name::parse(&registration.appliance_name)
                        .map_err(|_| RegistryError::Damaged("the name of an appliance"))?,
                    public_key: registration.public_key.clone(),
                    key_fingerprint: registration.key_fingerprint.clone(),
                    version: registration.about.version.clone(),
                    location: location
                        .map(str::to_owned)
                        .or_else(|| registration.wanted_location.clone()),
                    certificate: certificate.clone(),
                },
                change.at,
            )
            .await?;
        self.decide(&mut writing, &registration, RegistrationState::Registered, change).await?;
        writing.commit().await?;
        Ok(connector)
    }

    /// Registers an appliance without a code: its request was authenticated by a secure client.
    ///
    /// # Errors
    ///
    /// Its name is taken in the location, its key is known, or there is no such
    /// location.
    pub async fn register_unattended(
        &self,
        new: NewConnector,
        change: &Change,
    ) -> Result<Connector, RegistryError> {
        let mut writing = self.write(change).await?;
        let connector = self.insert_connector(&mut writing, new, change.at).await?;
        writing.commit().await?;
        Ok(connector)
    }

    /// Refuses an appliance whose details were confirmed.
    ///
    /// # Errors
    ///
    /// There is none, it is decided already, or it is too late.
    pub async fn refuse_registration(
        &self,
        id: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let registration = self.find_registration(&mut writing, id).await?;
        registration.require_open(change.at)?;
        self.decide(&mut writing, &registration, RegistrationState::Refused, change).await?;
        writing.log(Event::RegistrationRefused, target(&registration), None, None).await?;
        writing.commit().await
    }

    /// The product registrations: appliances that were confirmed here, the newest first, whether or not
    /// their connectors still exist.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn registrations(&self) -> Result<Vec<Registration>, RegistryError> {
        let rows =
            sqlx::query(select_registrations!("WHERE tenant = $1 ORDER BY created_at DESC, id"))
                .bind(self.key())
                .fetch_all(self.pool())
                .await?;
        rows.iter().map(Registration::read).collect()
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn registration(&self, id: &str) -> Result<Registration, RegistryError> {
        let row = sqlx::query(select_registrations!("WHERE tenant = $1 AND id = $2"))
            .bind(self.key())
            .bind(id)
            .fetch_optional(self.pool())
            .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::Registration, id))?;
        Registration::read(&row)
    }

    /// Removes an entry of the product registrations. Its connector, where there is one, stays.
    ///
    /// # Errors
    ///
    /// There is none, or the database does not answer.
    pub async fn remove_registration(
        &self,
        id: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let registration = self.find_registration(&mut writing, id).await?;
        sqlx::query("DELETE FROM registrations WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .execute(writing.connection())
            .await?;
        writing.log(Event::RegistrationRemoved, target(&registration), None, None).await?;
        writing.commit().await
    }

    async fn find_registration(
        &self,
        writing: &mut Writing,
        id: &str,
    ) -> Result<Registration, RegistryError> {
        let row = sqlx::query(select_registrations!("WHERE tenant = $1 AND id = $2"))
            .bind(self.key())
            .bind(id)
            .fetch_optional(writing.connection())
            .await?;
        let row = row.ok_or_else(|| Refusal::no_such(Kind::Registration, id))?;
        Registration::read(&row)
    }

    /// The location that the appliance was told, if this tenant has it.
    async fn wanted_location(
        &self,
        writing: &mut Writing,
        registration: &Registration,
    ) -> Result<Option<Location>, RegistryError> {
        let Some(id) = &registration.wanted_location else { return Ok(None) };
        match location::find(writing.connection(), self.key(), id).await {
            Ok(location) => Ok(Some(location)),
            Err(RegistryError::Refused(_)) => Err(Refusal::OtherLocation.into()),
            Err(error) => Err(error),
        }
    }

    async fn decide(
        &self,
        writing: &mut Writing,
        registration: &Registration,
        state: RegistrationState,
        change: &Change,
    ) -> Result<(), RegistryError> {
        sqlx::query(
            "UPDATE registrations SET state = $3, decided_at = $4, decided_by = $5 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.key())
        .bind(registration.id.as_str())
        .bind(state.name())
        .bind(change.at)
        .bind(change.by.name.as_str())
        .execute(writing.connection())
        .await?;
        Ok(())
    }

    async fn insert_connector(
        &self,
        writing: &mut Writing,
        new: NewConnector,
        now: i64,
    ) -> Result<Connector, RegistryError> {
        let name = &new.name;
        let location = match &new.location {
            Some(id) => location::find(writing.connection(), self.key(), id).await?,
            None => self.default_location(writing, now).await?,
        };
        self.require_free_connector_name(writing, &location.id, name).await?;
        sqlx::query(
            "INSERT INTO connectors (tenant, id, location, name, name_key, kind, public_key, \
             key_fingerprint, certificate, certificate_serial, certificate_expires_at, \
             registered_at, current_version, version_state, in_maintenance, upgrade_disabled) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0)",
        )
        .bind(self.key())
        .bind(new.id.as_str())
        .bind(location.id.as_str())
        .bind(name.as_str())
        .bind(name.key())
        .bind(ConnectorKind::Unified.name())
        .bind(new.public_key)
        .bind(new.key_fingerprint)
        .bind(new.certificate.pem)
        .bind(new.certificate.serial)
        .bind(new.certificate.expires_at)
        .bind(now)
        .bind(new.version)
        .bind(VersionState::Normal.name())
        .execute(writing.connection())
        .await
        .map_err(|error| match RegistryError::from(error) {
            // Names are checked above; what is left is the key, unique among all tenants.
            error if error.is_duplicate() => Refusal::KeyTaken.into(),
            error => error,
        })?;
        let connector = connector::find(writing.connection(), self.key(), &new.id).await?;
        let value = connector.value();
        writing.log(Event::ConnectorRegistered, connector.target(), None, Some(value)).await?;
        Ok(connector)
    }

    async fn require_free_connector_name(
        &self,
        writing: &mut Writing,
        location: &str,
        name: &Name,
    ) -> Result<(), RegistryError> {
        let other = sqlx::query(
            "SELECT id FROM connectors WHERE tenant = $1 AND location = $2 AND name_key = $3",
        )
        .bind(self.key())
        .bind(location)
        .bind(name.key())
        .fetch_optional(writing.connection())
        .await?;
        match other {
            None => Ok(()),
            Some(_) => {
                Err(Refusal::NameTaken { kind: Kind::Connector, name: name.to_string() }.into())
            }
        }
    }
}

fn target(registration: &Registration) -> Target {
    Target::new(Kind::Registration, &registration.id, &registration.appliance_name)
}
