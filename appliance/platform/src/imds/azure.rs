//! Azure: `/metadata/instance`, one JSON object.
//!
//! `userData` is there since version 2021-01-01; `customData` stands there and is empty on most machines,
//! because everything on the machine may read this service.

use base64ct::{Base64, Encoding as _};
use model::secret::Secret;
use serde::Deserialize;

use super::MetadataError;
use crate::request::{MAX_ANSWER_BYTES, METADATA, Method, Request, RetryRule, UserData};

/// When the request is sent again. 404 and 410 come while a machine is moved.
pub const RETRY: RetryRule = RetryRule {
    longest_pause_ms: 10_000,
    deadline_ms: 5 * 60 * 1_000,
    retried: &[404, 408, 410, 429, 500, 502, 503, 504],
    absent: &[],
    ..super::RETRY
};

/// What is known of the machine.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name in Azure; not every one is a host name.
    pub name: String,
    /// Its UUID, by which a report or first settings are known to be of another machine.
    pub vm_id: String,
    /// User data, if it has any.
    pub user_data: Option<UserData>,
    /// Custom data, if it has any.
    pub custom_data: Option<UserData>,
}

#[derive(Deserialize)]
struct Answer {
    compute: Compute,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Compute {
    name: String,
    vm_id: String,
    user_data: Option<Secret>,
    custom_data: Option<Secret>,
}

/// Asks for everything about the machine. Without the header the service refuses, so that nobody is
/// made to ask by a link.
#[must_use]
pub fn instance_request() -> Request {
    Request::new(Method::Get, METADATA, "/metadata/instance?api-version=2021-02-01&format=json")
        .header("Metadata", "true")
}

/// Reads the answer.
///
/// # Errors
///
/// [`MetadataError`] when it is no description of a machine, or data in it are no base64.
pub fn instance(bytes: &[u8]) -> Result<Instance, MetadataError> {
    if bytes.len() > MAX_ANSWER_BYTES {
        return Err(MetadataError::TooLarge { limit_bytes: MAX_ANSWER_BYTES });
    }
    let Ok(Answer { compute }) = serde_json::from_slice(bytes) else {
        return Err(MetadataError::Unexpected { expected: "description of a machine" });
    };
    Ok(Instance {
        name: compute.name,
        vm_id: compute.vm_id,
        user_data: decode(compute.user_data, "user data in base64")?,
        custom_data: decode(compute.custom_data, "custom data in base64")?,
    })
}

fn decode(text: Option<Secret>, expected: &'static str) -> Result<Option<UserData>, MetadataError> {
    let Some(text) = text.filter(|text| !text.expose().is_empty()) else { return Ok(None) };
    match Base64::decode_vec(text.expose()) {
        Ok(bytes) => Ok(Some(UserData::new(bytes))),
        Err(_) => Err(MetadataError::Unexpected { expected }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::guest::FirstSettings;
    use crate::request::{Attempt, Next};

    /// After the example of Azure's documentation, shortened.
    const ANSWER: &str = include_str!("samples/azure.json");

    #[test]
    fn reads_name_and_user_data() {
        let instance = instance(ANSWER.as_bytes()).unwrap();
        assert_eq!(instance.name, "connector-1");
        assert_eq!(instance.vm_id, "02aab8a4-74ef-476e-8182-f6d2ba4166a6");
        assert!(instance.custom_data.is_none());
        let settings = FirstSettings::from_user_data(instance.user_data.unwrap().expose()).unwrap();
        assert_eq!(settings.name.as_deref(), Some("tokyo-1"));
    }

    #[test]
    fn a_machine_without_data_has_none() {
        let answer = br#"{"compute": {"name": "a", "vmId": "b", "userData": ""}}"#;
        let instance = instance(answer).unwrap();
        assert!(instance.user_data.is_none() && instance.custom_data.is_none());
    }

    #[test]
    fn refuses_other_answers_without_quoting_them() {
        for answer in
            ["hunter2", "{}", r#"{"compute": {"name": "a", "vmId": "b", "userData": "hunter2!"}}"#]
        {
            let error = instance(answer.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        assert!(matches!(instance(&vec![b' '; 300_000]), Err(MetadataError::TooLarge { .. })));
    }

    #[test]
    fn asks_with_the_header_and_again_while_a_machine_is_moved() {
        let request = instance_request();
        assert!(request.path.contains("api-version=2021-02-01"));
        let (name, value) = &request.headers[0];
        assert_eq!((*name, value.expose()), ("Metadata", "true"));
        assert_eq!(RETRY.next(Attempt::Status(410), 0, 0), Next::Wait(500));
        assert_eq!(RETRY.next(Attempt::Status(400), 0, 0), Next::GiveUp);
    }

    proptest! {
        #[test]
        fn a_changed_answer_is_read_or_refused(at in 0..2000_usize, byte: u8) {
            let mut changed = ANSWER.as_bytes().to_vec();
            let at = at % changed.len();
            changed[at] = byte;
            let _ = instance(&changed);
        }
    }
}
