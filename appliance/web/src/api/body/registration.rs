//! Bodies of the operations on the registration with the cloud.

use bus::Application;
use model::channel::CloudAddress;
use model::deployment::Deployment;
use model::secret::Secret;

use super::object::{MAX_NAME_BYTES, Object};
use crate::api::error::ApiError;

/// Longest text that is looked at, in bytes: longer than any that is right.
const MAX_TEXT_BYTES: usize = 2048;

/// Reads the body of `POST /registration`.
///
/// # Errors
///
/// An [`ApiError`] with status 400 that names the position or the property.
pub(crate) fn by_code(body: &[u8]) -> Result<Application, ApiError> {
    let mut object = Object::parse(body)?;
    object.allow(&["name", "deployment", "resource_location_id", "cloud"])?;
    application(&mut object, "name", "resource_location_id")
}

/// Body of `POST /unattendedRegistration`.
#[derive(Debug)]
pub(crate) struct Unattended {
    pub(crate) application: Application,
    pub(crate) client: String,
    pub(crate) secret: Secret,
}

impl Unattended {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&[
            "applianceName",
            "clientId",
            "clientSecret",
            "deployment",
            "resourceLocationId",
            "cloud",
        ])?;
        Ok(Self {
            application: application(&mut object, "applianceName", "resourceLocationId")?,
            client: text(&mut object, "clientId")?,
            secret: object.text("clientSecret", MAX_TEXT_BYTES)?,
        })
    }
}

fn application(
    object: &mut Object,
    name: &'static str,
    location: &'static str,
) -> Result<Application, ApiError> {
    let name = text(object, name)?;
    let location = optional(object, location)?;
    let deployment = match object.has("deployment") {
        true => {
            let text = object.text("deployment", MAX_NAME_BYTES)?.expose().to_owned();
            Some(Deployment::try_from(text).map_err(|_| ApiError::unknown_deployment())?)
        }
        false => None,
    };
    let cloud = optional(object, "cloud")?
        .map(|text| CloudAddress::parse(&text))
        .transpose()
        .map_err(|error| ApiError::refused_property("cloud", error.to_string()))?;
    Ok(Application { name, cloud, deployment, location })
}

fn text(object: &mut Object, property: &'static str) -> Result<String, ApiError> {
    object.text(property, MAX_TEXT_BYTES).map(|text| text.expose().to_owned())
}

fn optional(object: &mut Object, property: &'static str) -> Result<Option<String>, ApiError> {
    object.has(property).then(|| text(object, property)).transpose()
}
