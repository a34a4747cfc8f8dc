//! Requests for a certificate (PKCS#10): what an administrator asks for, what is kept of it, and why
//! one is refused.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest text of one part of the subject, in bytes (RFC 5280, appendix A.1: `ub-common-name` and
/// its like are 64 characters).
pub const MAX_SUBJECT_PART_BYTES: usize = 64;
/// Most names and addresses that a request may name.
pub const MAX_REQUEST_NAMES: usize = 32;
/// Longest DNS name, in bytes (RFC 1035, section 2.3.4).
pub const MAX_DNS_NAME_BYTES: usize = 253;

/// The kind of key that is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKey {
    /// EC on the curve P-256: every browser and authority knows it.
    #[default]
    P256,
    /// EC on the curve P-384: what some rules of organisations ask for.
    P384,
}

impl RequestKey {
    /// Each kind.
    pub const ALL: [Self; 2] = [Self::P256, Self::P384];

    /// Its name in forms and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// What an administrator asks for, as typed. Empty = not named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SigningRequestInput {
    /// Common name; without one the first of `names` is taken.
    pub common_name: String,
    /// Organisation.
    pub organization: String,
    /// Organisational unit.
    pub organizational_unit: String,
    /// City.
    pub locality: String,
    /// State or province.
    pub state: String,
    /// Country, two letters (ISO 3166).
    pub country: String,
    /// Names and addresses that browsers compare with the address bar.
    pub names: Vec<String>,
    /// Kind of key.
    pub key: RequestKey,
}

/// What is shown of a request that waits for its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningRequestFacts {
    /// Whom the certificate is for (RFC 4514).
    pub subject: String,
    /// Names and addresses.
    pub names: Vec<String>,
    /// Kind of key.
    pub key: RequestKey,
    /// When it was made, in seconds since 1970.
    pub created: i64,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestField {
    /// Common name.
    CommonName,
    /// Organisation.
    Organization,
    /// Organisational unit.
    OrganizationalUnit,
    /// City.
    Locality,
    /// State or province.
    State,
    /// Country.
    Country,
    /// Names and addresses.
    Names,
}

/// Why a request is not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SigningRequestRefusal {
    /// No name and no address: browsers ignore the common name (RFC 9525, section 2).
    #[error("no name and no address")]
    NoNames,
    /// More than [`MAX_REQUEST_NAMES`].
    #[error("more than {limit} names")]
    TooManyNames {
        /// The limit.
        limit: usize,
    },
    /// Neither a DNS name nor an address.
    #[error("`{name}` is neither a name nor an address")]
    NotAName {
        /// As given.
        name: String,
    },
    /// A part of the subject is too long.
    #[error("longer than {limit_bytes} bytes")]
    TooLong {
        /// Which.
        field: RequestField,
        /// The limit.
        limit_bytes: usize,
    },
    /// A part of the subject has a control character.
    #[error("a control character")]
    ControlCharacter {
        /// Which.
        field: RequestField,
    },
    /// The country is not two letters.
    #[error("`{country}` is no country of two letters")]
    Country {
        /// As given.
        country: String,
    },
    /// The key or the request cannot be made.
    #[error("the request cannot be made: {reason}")]
    Failed {
        /// Why, in technical words.
        reason: String,
    },
}

impl SigningRequestRefusal {
    /// A name without language for programs and support.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::NoNames => "noNames",
            Self::TooManyNames { .. } => "tooManyNames",
            Self::NotAName { .. } => "notAName",
            Self::TooLong { .. } => "tooLong",
            Self::ControlCharacter { .. } => "controlCharacter",
            Self::Country { .. } => "country",
            Self::Failed { .. } => "failed",
        }
    }

    /// The field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(&self) -> Option<RequestField> {
        match self {
            Self::NoNames | Self::TooManyNames { .. } | Self::NotAName { .. } => {
                Some(RequestField::Names)
            }
            Self::TooLong { field, .. } | Self::ControlCharacter { field } => Some(*field),
            Self::Country { .. } => Some(RequestField::Country),
            Self::Failed { .. } => None,
        }
    }
}
