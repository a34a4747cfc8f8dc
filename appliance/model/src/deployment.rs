//! The cloud deployment that the link `https://<address>/?deployment=<name>` picks.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest name of a deployment, in bytes.
pub const MAX_BYTES: usize = 32;

/// Name of a deployment: lower-case letters, digits and hyphens, such as `productionjp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Deployment(String);

/// The text is no name of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a deployment is named with 1 to 32 lower-case letters, digits or hyphens")]
pub struct DeploymentError;

impl TryFrom<String> for Deployment {
    type Error = DeploymentError;

    fn try_from(name: String) -> Result<Self, DeploymentError> {
        let is_allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > MAX_BYTES || !name.bytes().all(is_allowed) {
            return Err(DeploymentError);
        }
        Ok(Self(name))
    }
}

impl From<Deployment> for String {
    fn from(deployment: Deployment) -> Self {
        deployment.0
    }
}

impl fmt::Display for Deployment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_name() {
        for name in ["", "Production", "a/b", "a b", &"x".repeat(33), "<script>"] {
            assert_eq!(Deployment::try_from(name.to_owned()), Err(DeploymentError), "{name}");
        }
        assert!(Deployment::try_from("productionjp".to_owned()).is_ok());
    }
}
