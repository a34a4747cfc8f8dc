//! Cookies: all with the prefix `__Host-`, which binds them to this host, TLS and `/`.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The session of the pages.
pub(crate) const SESSION: &str = "__Host-session";
/// The token of forms before there is a session.
pub(crate) const CSRF: &str = "__Host-csrf";
/// The language that was chosen.
pub(crate) const LANGUAGE: &str = "__Host-language";
/// What has just succeeded, for the next page.
pub(crate) const NOTICE: &str = "__Host-notice";

/// How long the language is remembered: a year.
pub(crate) const LANGUAGE_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long a notice waits for its page.
pub(crate) const NOTICE_AGE: Duration = Duration::from_secs(30);

/// The value of a cookie that the browser sent. If it is there twice, as an attacker on a parent
/// domain might arrange, the first counts.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A `Set-Cookie` value; without an age the cookie ends with the browser's session.
pub(crate) fn set(name: &str, value: &str, age: Option<Duration>) -> String {
    let age = age.map_or_else(String::new, |age| format!("; Max-Age={}", age.as_secs()));
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{age}")
}

/// A `Set-Cookie` value that removes a cookie.
pub(crate) fn remove(name: &str) -> String {
    set(name, "", Some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn reads_one_cookie_of_many() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-session=x=y ;b"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-csrf=2"));
        assert_eq!(read(&headers, SESSION), Some("x=y"));
        assert_eq!(read(&headers, CSRF), Some("2"));
        assert_eq!(read(&headers, LANGUAGE), None);
    }

    #[test]
    fn cookie_is_bound_to_host_and_tls() {
        let cookie = set(SESSION, "x", None);
        assert_eq!(cookie, "__Host-session=x; Path=/; Secure; HttpOnly; SameSite=Strict");
        assert!(remove(SESSION).ends_with("; Max-Age=0"));
    }
}
