//! A registry with a tenant and its first administrator.

use database::Database;
use model::secret::Secret;
use protocol::control::About;
use protocol::name::Name;
use registry::{
    Access, Administrator, Certificate, Change, Connector, ConnectorKey, HashCost, LocationForm,
    MasterKey, NewAdministrator, NewRegistration, Refusal, Registry, RegistryError, Tenant,
};

/// When tests happen: 15 November 2026.
pub(crate) const NOW: i64 = 1_794_700_800;
pub(crate) const PASSWORD: &str = "Correct-horse-7";

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

pub(crate) fn change(at: i64) -> Change {
    Change::by_system(at)
}

pub(crate) async fn open(database: &Database) -> Registry {
    let key = MasterKey::from_base64("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").unwrap();
    let registry = Registry::open(&database.address(), &key).await.unwrap();
    registry.with_hash_cost(HashCost::CHEAPEST)
}

/// A tenant with nothing in it.
pub(crate) async fn tenant(registry: &Registry) -> Tenant {
    let record = registry.create_tenant("Example", NOW).await.unwrap();
    registry.tenant(&record.id)
}

/// An administrator who has accepted the invitation.
pub(crate) async fn administrator(
    tenant: &Tenant,
    registry: &Registry,
    email: &str,
    access: Access,
) -> Administrator {
    let new = NewAdministrator {
        email: email.to_owned(),
        display_name: email.split('@').next().unwrap().to_owned(),
        access,
    };
    let invitation = tenant.invite(&new, &change(NOW)).await.unwrap();
    let accepted = registry.accept_invitation(&invitation.secret, &secret(PASSWORD), NOW).await;
    accepted.unwrap().1
}

pub(crate) fn named(name: &str) -> LocationForm {
    LocationForm { name: Some(name.to_owned()), ..LocationForm::default() }
}

pub(crate) fn appliance(name: &str) -> NewRegistration {
    NewRegistration {
        name: Name::parse(name).unwrap(),
        public_key: format!("key of {name}"),
        key_fingerprint: format!("fingerprint of {name}"),
        about: About { version: "1.2.3".to_owned(), ..About::default() },
        wanted_location: None,
        source: "192.0.2.1".to_owned(),
    }
}

/// The key of an appliance.
pub(crate) fn key(name: &str) -> ConnectorKey {
    ConnectorKey {
        public_key: format!("key of {name}"),
        fingerprint: format!("fingerprint of {name}"),
    }
}

pub(crate) fn certificate() -> Certificate {
    let pem = "-----BEGIN CERTIFICATE-----".to_owned();
    Certificate { pem, serial: "0a".to_owned(), expires_at: NOW + 30 * 86_400 }
}

/// A connector, registered by code.
pub(crate) async fn connector(
    registry: &Registry,
    tenant: &Tenant,
    name: &str,
    location: Option<&str>,
) -> Connector {
    let opened = registry.open_registration(&appliance(name), NOW).await.unwrap();
    let confirmed = tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await.unwrap();
    tenant.register(&confirmed.id, location, &certificate(), &change(NOW)).await.unwrap()
}

/// The refusal of what must not succeed.
pub(crate) fn refusal<T>(result: Result<T, RegistryError>) -> Refusal {
    match result {
        Ok(_) => panic!("this must be refused"),
        Err(RegistryError::Refused(refusal)) => refusal,
        Err(error) => panic!("{error:?} is no refusal"),
    }
}
