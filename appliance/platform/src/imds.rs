//! Metadata services of Azure, Amazon and Google: requests, and what their answers hold.

pub mod amazon;
pub mod azure;
pub mod google;

use thiserror::Error;

use crate::request::RetryRule;

/// When a request to the service of Amazon or Google is sent again. The service is beside the machine: after a minute
/// it is not there, and the start goes on without it.
pub const RETRY: RetryRule = RetryRule {
    attempt_ms: 5_000,
    first_pause_ms: 500,
    longest_pause_ms: 5_000,
    deadline_ms: 60_000,
    retried: &[408, 429, 500, 502, 503, 504],
    absent: &[404],
};

/// Why an answer of a metadata service is not used. Quotes nothing of it, since it may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MetadataError {
    /// Longer than [`crate::request::MAX_ANSWER_BYTES`].
    #[error("the answer of the metadata service is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Not what such a service answers.
    #[error("the metadata service answered with what is no {expected}")]
    Unexpected {
        /// What was to come.
        expected: &'static str,
    },
    /// A name that the service does not take.
    #[error(
        "`{name}` cannot be a namespace or key of a guest attribute; letters, digits, - and _ can"
    )]
    Name {
        /// The name.
        name: String,
    },
}

/// A short text on one line: a token, a name, an identifier.
fn word(bytes: &[u8], limit_bytes: usize, expected: &'static str) -> Result<String, MetadataError> {
    let text = str::from_utf8(bytes).unwrap_or_default().trim_end_matches(['\r', '\n']);
    let is_word =
        (1..=limit_bytes).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word { Ok(text.to_owned()) } else { Err(MetadataError::Unexpected { expected }) }
}
