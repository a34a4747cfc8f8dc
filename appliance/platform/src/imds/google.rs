//! Google Compute Engine: one path for each value, and guest attributes that the machine may write.

use super::{MetadataError, word};
use crate::request::{MAX_ANSWER_BYTES, METADATA, Method, Request, UserData};

/// Header that a request and a true answer have.
pub const FLAVOR: (&str, &str) = ("Metadata-Flavor", "Google");
/// Attribute of the instance with the first settings.
const ATTRIBUTE: &str = "connector";
/// Longest identifier of an instance, in bytes: a number of 64 bits.
const MAX_IDENTIFIER_BYTES: usize = 20;
/// Longest name of a namespace or key of a guest attribute, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Asks for the attribute `connector` of the instance. Status 404 says that there is none.
#[must_use]
pub fn settings_request() -> Request {
    get(&format!("attributes/{ATTRIBUTE}"))
}

/// Asks for the identifier of the instance.
#[must_use]
pub fn instance_id_request() -> Request {
    get("id")
}

/// Reads the identifier.
///
/// # Errors
///
/// [`MetadataError::Unexpected`].
pub fn instance_id(bytes: &[u8]) -> Result<String, MetadataError> {
    const EXPECTED: &str = "identifier of an instance";
    let id = word(bytes, MAX_IDENTIFIER_BYTES, EXPECTED)?;
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(id) } else { Err(MetadataError::Unexpected { expected: EXPECTED }) }
}

/// Reads the attribute.
///
/// # Errors
///
/// [`MetadataError::TooLarge`].
pub fn settings(bytes: Vec<u8>) -> Result<UserData, MetadataError> {
    if bytes.len() > MAX_ANSWER_BYTES {
        return Err(MetadataError::TooLarge { limit_bytes: MAX_ANSWER_BYTES });
    }
    Ok(UserData::new(bytes))
}

/// Writes a guest attribute, for whoever runs `gcloud compute instances get-guest-attributes`. Status 403
/// says that guest attributes are switched off: nothing is lost.
///
/// # Errors
///
/// [`MetadataError::Name`] when namespace or key could not stand in a path.
pub fn guest_attribute_request(
    namespace: &str,
    key: &str,
    value: &str,
) -> Result<Request, MetadataError> {
    for name in [namespace, key] {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=MAX_NAME_BYTES).contains(&name.len()) || !name.bytes().all(is_allowed) {
            let name = name.chars().take(MAX_NAME_BYTES).collect();
            return Err(MetadataError::Name { name });
        }
    }
    let path = format!("/computeMetadata/v1/instance/guest-attributes/{namespace}/{key}");
    let request = Request::new(Method::Put, METADATA, path).header(FLAVOR.0, FLAVOR.1);
    Ok(request.body(value.to_owned()))
}

fn get(path: &str) -> Request {
    Request::new(Method::Get, METADATA, format!("/computeMetadata/v1/instance/{path}"))
        .header(FLAVOR.0, FLAVOR.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_the_flavor() {
        let attribute = guest_attribute_request("connector", "state", "ready").unwrap();
        assert_eq!(attribute.body, b"ready");
        assert_eq!(attribute.path, "/computeMetadata/v1/instance/guest-attributes/connector/state");
        for request in [settings_request(), instance_id_request(), attribute] {
            let (name, value) = &request.headers[0];
            assert_eq!((*name, value.expose()), FLAVOR);
            assert!(request.path.starts_with("/computeMetadata/v1/instance/"));
        }
    }

    #[test]
    fn refuses_names_that_would_leave_their_path() {
        for name in ["", "..", "a/b", "a b", "a\r\n", &"x".repeat(129)] {
            assert!(guest_attribute_request(name, "k", "v").is_err(), "{name}");
            assert!(guest_attribute_request("n", name, "v").is_err(), "{name}");
        }
    }

    #[test]
    fn an_instance_is_a_number() {
        assert_eq!(instance_id(b"5160410462345678901").unwrap(), "5160410462345678901");
        assert!(instance_id(b"<html>").is_err());
        assert_eq!(settings(b"x".to_vec()).unwrap().expose(), b"x");
    }
}
