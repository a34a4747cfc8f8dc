//! The token of a request.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tokio::time::Instant;

use crate::api::error::ApiError;
use crate::monitoring::MetricsTokenCheck;
use crate::state::Shared;

/// Checks the token of `Authorization: Bearer <token>` (RFC 6750, section 2.1).
pub(crate) fn check(headers: &HeaderMap, state: &Shared) -> Result<(), ApiError> {
    id(headers, state).map(drop)
}

/// The identifier, in the list of sessions, of the token that a request bears.
pub(crate) fn id(headers: &HeaderMap, state: &Shared) -> Result<String, ApiError> {
    let token = sent(headers)?;
    let mut sessions = state.administrator.sessions();
    let id = sessions.use_token(token, Instant::now()).map(str::to_owned);
    id.ok_or_else(ApiError::invalid_authentication)
}

/// Checks the token for metrics, which is sent in the same way and is another one.
pub(crate) async fn check_metrics(headers: &HeaderMap, state: &Shared) -> Result<(), ApiError> {
    match state.check_metrics_token(sent(headers)?).await {
        MetricsTokenCheck::Right => Ok(()),
        MetricsTokenCheck::Wrong => Err(ApiError::invalid_authentication()),
        MetricsTokenCheck::Unknown => Err(ApiError::unavailable()),
    }
}

/// The token of a request, not yet looked up.
fn sent(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or_else(ApiError::missing_authentication)?;
    if values.next().is_some() {
        return Err(ApiError::invalid_authentication());
    }
    value.to_str().ok().and_then(token).ok_or_else(ApiError::invalid_authentication)
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
