//! The token of a request.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tokio::time::Instant;

use crate::api::error::ApiError;
use crate::state::Shared;

/// Checks the token of `Authorization: Bearer <token>` (RFC 6750, section 2.1).
pub(crate) fn check(headers: &HeaderMap, state: &Shared) -> Result<(), ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or_else(ApiError::missing_authentication)?;
    let token = value.to_str().ok().and_then(token).ok_or_else(ApiError::invalid_authentication)?;
    let is_valid =
        values.next().is_none() && state.administrator.sessions().has_token(token, Instant::now());
    if is_valid { Ok(()) } else { Err(ApiError::invalid_authentication()) }
}

fn token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_token_of_the_bearer_scheme_only() {
        assert_eq!(token("Bearer abc"), Some("abc"));
        assert_eq!(token("bearer  abc "), Some("abc"));
        assert_eq!(token("CwsAuth Bearer=abc"), None);
        assert_eq!(token("Bearer"), None);
        assert_eq!(token("Basic YWRtaW46"), None);
    }
}
