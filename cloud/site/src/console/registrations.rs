//! *API access*, tab *Product registrations*: connectors that were registered, also former ones.

use std::collections::BTreeMap;

use pages::{
    ProductRegistration, ProductRegistrations, RemoveRegistration, product_registrations,
    remove_registration,
};
use registry::{ConnectorFilter, Registration, RegistrationState, RegistryError};

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/api-access/product-registrations";
/// What every registered product is.
const PRODUCT: &str = "Connector Appliance";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, None).await?))
}

pub(super) async fn show_remove(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    let found = administration.tenant.registration(id).await?;
    let places = places(administration).await?;
    let path = format!("{PATH}/remove?id={}", found.id);
    Ok(Reply::page(remove_registration(&RemoveRegistration {
        frame: administration.frame(visit, path).await?,
        is_in_use: places.contains_key(&found.connector),
        id: found.id,
        name: found.appliance_name,
        is_refused: false,
    })))
}

pub(super) async fn remove(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    let found = tenant.registration(&form.text("id")).await?;
    tenant.remove_registration(&found.id, &change).await?;
    Ok(Reply::page(list(visit, administration, Some(found.appliance_name)).await?))
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    removed: Option<String>,
) -> Result<String, RegistryError> {
    let places = places(administration).await?;
    let view = |one: Registration| ProductRegistration {
        is_in_use: places.contains_key(&one.connector),
        location: places.get(&one.connector).cloned().unwrap_or_default(),
        product: PRODUCT.to_owned(),
        registered_by: one.decided_by.unwrap_or_default(),
        registered: one.decided_at.unwrap_or(one.created_at),
        id: one.id,
        name: one.appliance_name,
    };
    let is_registered = |one: &Registration| one.state(visit.now) == RegistrationState::Registered;
    let all = administration.tenant.registrations().await?;
    Ok(product_registrations(&ProductRegistrations {
        frame: administration.frame(visit, PATH).await?,
        customer_id: administration.tenant.id().as_str().to_owned(),
        registrations: all.into_iter().filter(is_registered).map(view).collect(),
        removed,
        now: visit.now,
    }))
}

/// The name of the location of each connector that exists.
async fn places(
    administration: &Administration,
) -> Result<BTreeMap<String, String>, RegistryError> {
    let tenant = &administration.tenant;
    let locations: BTreeMap<_, _> =
        tenant.locations().await?.into_iter().map(|one| (one.id, one.name)).collect();
    let connectors = tenant.connectors(&ConnectorFilter::default()).await?;
    let place = |id: &str| locations.get(id).cloned().unwrap_or_default();
    Ok(connectors.into_iter().map(|one| (one.id, place(&one.location))).collect())
}
