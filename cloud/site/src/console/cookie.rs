//! Cookies of the console. All have the prefix `__Host-`, so that no other host of the domain can set
//! them.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use model::secret::Secret;

/// Longest value that is looked at, in bytes.
const MAX_VALUE: usize = 512;

/// A cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The secret that tokens of forms belong to.
    Form,
    /// A sign-in that is under way.
    SignIn,
    /// A session.
    Session,
    /// Where to go after signing in.
    Next,
    /// The language of the pages.
    Language,
}

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Form => "__Host-cloud-form",
            Self::SignIn => "__Host-cloud-sign-in",
            Self::Session => "__Host-cloud-session",
            Self::Next => "__Host-cloud-next",
            Self::Language => "__Host-cloud-language",
        }
    }

    /// Seconds that the browser keeps it; `None` = until it is closed.
    const fn max_age(self) -> Option<i64> {
        match self {
            Self::Form => None,
            Self::SignIn | Self::Next => Some(registry::SIGN_IN_SECONDS),
            Self::Session => Some(registry::SESSION_SECONDS),
            Self::Language => Some(365 * 24 * 3600),
        }
    }

    /// Its value in a request.
    pub(crate) fn of(self, headers: &HeaderMap) -> Option<Secret> {
        let fields = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.name()).then_some(value)
        });
        let value = pairs.next().filter(|value| !value.is_empty() && value.len() <= MAX_VALUE)?;
        Some(Secret::new(value.to_owned()))
    }

    /// The field that sets it.
    pub(crate) fn set(self, value: &str) -> Option<HeaderValue> {
        let name = self.name();
        let age = self.max_age().map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
        HeaderValue::try_from(text).ok()
    }

    /// The field that removes it.
    pub(crate) fn clear(self) -> Option<HeaderValue> {
        let name = self.name();
        let text = format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
        HeaderValue::try_from(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_found_among_others() {
        let mut headers = HeaderMap::new();
        let sent = "a=b; __Host-cloud-session=secret; __Host-cloud-form=";
        headers.insert(COOKIE, HeaderValue::from_static(sent));
        assert_eq!(Cookie::Session.of(&headers).unwrap().expose(), "secret");
        assert!(Cookie::Form.of(&headers).is_none() && Cookie::SignIn.of(&headers).is_none());
        let set = Cookie::Session.set("x").unwrap();
        assert_eq!(
            set,
            "__Host-cloud-session=x; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=259200"
        );
    }
}
