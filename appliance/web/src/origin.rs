//! Refuses requests that another site makes a browser send.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Who sent a request that changes something, as far as its header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// One of our own pages.
    OwnPage,
    /// A page of another site.
    OtherSite,
    /// Neither header is there: a script, or a browser older than 2020.
    Unknown,
}

impl Sender {
    /// Judges by `Sec-Fetch-Site` (W3C Fetch Metadata), which a page cannot forge, else by `Origin`
    /// (RFC 6454, section 7).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if let Some(site) = headers.get(SEC_FETCH_SITE) {
            return match site.as_bytes() {
                b"same-origin" => Self::OwnPage,
                // Typed or opened from outside the browser: no page is behind it.
                b"none" => Self::Unknown,
                _ => Self::OtherSite,
            };
        }
        let Some(origin) = headers.get(ORIGIN) else {
            return Self::Unknown;
        };
        let host = headers.get(HOST).map(|host| host.as_bytes()).unwrap_or_default();
        match origin.as_bytes().strip_prefix(b"https://") {
            Some(origin) if origin.eq_ignore_ascii_case(host) => Self::OwnPage,
            _ => Self::OtherSite,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn sender(fields: &[(&'static str, &'static str)]) -> Sender {
        let headers = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Sender::of(&headers)
    }

    #[test]
    fn fetch_metadata_decides() {
        let origin = ("origin", "https://192.0.2.10");
        let host = ("host", "192.0.2.10");
        for (site, expected) in [
            ("same-origin", Sender::OwnPage),
            ("none", Sender::Unknown),
            ("same-site", Sender::OtherSite),
            ("cross-site", Sender::OtherSite),
            ("nonsense", Sender::OtherSite),
        ] {
            assert_eq!(sender(&[(SEC_FETCH_SITE, site), origin, host]), expected, "{site}");
        }
    }

    #[test]
    fn origin_decides_without_fetch_metadata() {
        for (origin, expected) in [
            ("https://192.0.2.10:8443", Sender::OwnPage),
            ("https://192.0.2.10", Sender::OtherSite),
            ("http://192.0.2.10:8443", Sender::OtherSite),
            ("https://evil.example", Sender::OtherSite),
            ("null", Sender::OtherSite),
            ("", Sender::OtherSite),
        ] {
            let fields = [("origin", origin), ("host", "192.0.2.10:8443")];
            assert_eq!(sender(&fields), expected, "{origin}");
        }
    }

    #[test]
    fn scripts_send_neither() {
        assert_eq!(sender(&[("host", "192.0.2.10")]), Sender::Unknown);
    }
}
