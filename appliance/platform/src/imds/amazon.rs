//! Amazon EC2: IMDSv2, which wants a token from its own request before it answers anything.
//!
//! Requests without a token are never sent, even where version 1 is allowed.

use model::secret::Secret;

use super::{MetadataError, word};
use crate::request::{MAX_ANSWER_BYTES, METADATA, Method, Request, UserData};

/// How long a token is good, in seconds; of 1 to 21600. It is used at once.
pub const TOKEN_SECONDS: u32 = 300;
/// Longest token, in bytes; they have 56.
const MAX_TOKEN_BYTES: usize = 1024;
/// Longest identifier of an instance, in bytes.
const MAX_IDENTIFIER_BYTES: usize = 64;

/// A token. It opens everything that the service has, credentials of roles as well.
#[derive(Clone, Debug)]
pub struct Token(Secret);

/// Asks for a token. Status 403 says that the service is switched off.
#[must_use]
pub fn token_request() -> Request {
    Request::new(Method::Put, METADATA, "/latest/api/token")
        .header("X-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS.to_string())
}

/// Reads a token.
///
/// # Errors
///
/// [`MetadataError::Unexpected`] when it could not stand in a header.
pub fn token(bytes: &[u8]) -> Result<Token, MetadataError> {
    word(bytes, MAX_TOKEN_BYTES, "token").map(|token| Token(Secret::new(token)))
}

/// Asks for the user data. Status 404 says that there are none, 401 that the token is too old.
#[must_use]
pub fn user_data_request(token: &Token) -> Request {
    with_token("/latest/user-data", token)
}

/// Reads the user data, which the service has decoded from base64.
///
/// # Errors
///
/// [`MetadataError::TooLarge`].
pub fn user_data(bytes: Vec<u8>) -> Result<UserData, MetadataError> {
    if bytes.len() > MAX_ANSWER_BYTES {
        return Err(MetadataError::TooLarge { limit_bytes: MAX_ANSWER_BYTES });
    }
    Ok(UserData::new(bytes))
}

/// Asks for the identifier of the instance.
#[must_use]
pub fn instance_id_request(token: &Token) -> Request {
    with_token("/latest/meta-data/instance-id", token)
}

/// Reads the identifier, such as `i-0123456789abcdef0`.
///
/// # Errors
///
/// [`MetadataError::Unexpected`].
pub fn instance_id(bytes: &[u8]) -> Result<String, MetadataError> {
    word(bytes, MAX_IDENTIFIER_BYTES, "identifier of an instance")
}

fn with_token(path: &str, token: &Token) -> Request {
    Request::new(Method::Get, METADATA, path).header("X-aws-ec2-metadata-token", token.0.expose())
}

#[cfg(test)]
mod tests {
    use super::super::RETRY;
    use super::*;
    use crate::request::{Attempt, Next};

    const TOKEN: &[u8] = b"AQAEALH-k7i18JMkK-ORLZQfAa7nkNjQbKwpQPExNHqzk1oL_7eh-A==";

    #[test]
    fn asks_for_a_token_first_and_sends_it_with_everything() {
        let request = token_request();
        assert_eq!((request.method, request.path.as_str()), (Method::Put, "/latest/api/token"));
        let (name, value) = &request.headers[0];
        assert_eq!((*name, value.expose()), ("X-aws-ec2-metadata-token-ttl-seconds", "300"));
        let token = token(TOKEN).unwrap();
        for request in [user_data_request(&token), instance_id_request(&token)] {
            let (name, value) = &request.headers[0];
            assert_eq!(*name, "X-aws-ec2-metadata-token");
            assert_eq!(value.expose().as_bytes(), TOKEN);
            assert!(!format!("{token:?} {request:?}").contains("AQAEA"));
        }
    }

    #[test]
    fn refuses_tokens_that_could_add_a_header() {
        for bytes in [&b""[..], b"a\r\nX: y", b"a b", &[b'a'; 2000], b"\xff"] {
            assert!(token(bytes).is_err(), "{bytes:?}");
        }
        assert_eq!(instance_id(b"i-0123456789abcdef0\n").unwrap(), "i-0123456789abcdef0");
    }

    #[test]
    fn no_user_data_is_no_failure_and_a_refusal_is_not_repeated() {
        assert_eq!(RETRY.next(Attempt::Status(404), 0, 0), Next::Absent);
        assert_eq!(RETRY.next(Attempt::Status(403), 0, 0), Next::GiveUp);
        assert_eq!(RETRY.next(Attempt::NoAnswer, 20, 59_000), Next::GiveUp);
        assert!(user_data(vec![0; MAX_ANSWER_BYTES + 1]).is_err());
        assert_eq!(user_data(b"\x1f\x8b".to_vec()).unwrap().expose(), b"\x1f\x8b");
    }
}
