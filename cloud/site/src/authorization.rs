//! The token in the `Authorization` field.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::error::ApiError;

/// Longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 512;

/// The token of a request: `CwsAuth Bearer=<token>` in any case, as clients differ, or `Bearer <token>`.
pub(crate) fn token(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let field = fields.next().ok_or_else(ApiError::missing_authentication)?;
    if fields.next().is_some() {
        return Err(ApiError::invalid_authentication());
    }
    let text = field.to_str().map_err(|_| ApiError::invalid_authentication())?.trim();
    read(text)
        .filter(|token| !token.is_empty() && token.len() <= MAX_TOKEN && !token.contains(' '))
        .ok_or_else(ApiError::invalid_authentication)
}

fn read(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(' ')?;
    let rest = rest.trim_start();
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Some(rest);
    }
    if !scheme.eq_ignore_ascii_case("CwsAuth") {
        return None;
    }
    let (name, token) = rest.split_once('=')?;
    name.trim_end().eq_ignore_ascii_case("Bearer").then_some(token.trim_start())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of(value: &str) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
        token(&headers).map(str::to_owned).map_err(|error| error.kind().to_owned())
    }

    #[test]
    fn reads_every_spelling_of_the_documents_and_scripts() {
        for value in [
            "CwsAuth Bearer=abc",
            "CWSAuth bearer=abc",
            "cwsauth BEARER=abc",
            "CwsAuth Bearer = abc",
            "Bearer abc",
            "bearer  abc",
        ] {
            assert_eq!(of(value).unwrap(), "abc", "{value}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for value in [
            "",
            "abc",
            "Basic abc",
            "CwsAuth abc",
            "CwsAuth Bearer",
            "CwsAuth Bearer=",
            "CwsAuth service=abc",
            "Bearer",
            "Bearer a b",
            &format!("Bearer {}", "x".repeat(513)),
        ] {
            assert_eq!(of(value).unwrap_err(), "common/authentication", "{value}");
        }
        let mut twice = HeaderMap::new();
        for value in ["Bearer a", "Bearer b"] {
            twice.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        assert!(token(&twice).is_err() && token(&HeaderMap::new()).is_err());
    }

    proptest! {
        #[test]
        fn any_field_is_read_or_refused(value in "[ -~]{0,80}") {
            let _ = of(&value);
        }
    }
}
