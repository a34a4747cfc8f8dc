//! Header fields on their way to a web server and back. Pure.
//!
//! Two things must not mix: what a client says to the cloud and what it says to the server; and what
//! different servers say, which for a client is all one host.

use std::net::IpAddr;

use axum::http::header::{
    AUTHORIZATION, CONTENT_LOCATION, COOKIE, HOST, LOCATION, SET_COOKIE, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use protocol::web::{Field, WebAddress, end_to_end, octets_of, text_of};

/// The field with what the server gets as `Authorization`, which is the cloud's own.
const RELAY_AUTHORIZATION: &str = "relay-authorization";
/// The field that tells an answer of the server from one of the cloud: the connector that relayed.
pub(crate) const RELAY_CONNECTOR: HeaderName = HeaderName::from_static("relay-connector");
/// The name of this relay in `Via` (RFC 9110, 7.6.3).
const VIA: &str = "1.1 connector-cloud";
/// Beginning of the names of cookies that are for this host alone (RFC 6265bis, 4.1.3.2); the console
/// uses no others.
const HOST_COOKIE: &str = "__Host-";
/// What the cloud does not pass on: fields that are meant for it, and what a client could make up.
const FOR_THE_CLOUD: [&str; 11] = [
    "authorization",
    "citrix-customerid",
    "citrix-transactionid",
    "expect",
    "forwarded",
    "host",
    RELAY_AUTHORIZATION,
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-prefix",
    "x-forwarded-proto",
];
/// What a server must not say for the host of the cloud.
const FOR_THE_HOST: [&str; 9] = [
    "alt-svc",
    "citrix-transactionid",
    "clear-site-data",
    "public-key-pins",
    "relay-connector",
    "service-worker-allowed",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
];

/// The way to a web server: the path before its own paths, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Way<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) server: &'a WebAddress,
}

/// The fields that a server gets.
pub(crate) fn to_server(headers: &HeaderMap, way: &Way<'_>, source: IpAddr) -> Vec<Field> {
    let host = headers.get(HOST).map(|value| text_of(value.as_bytes()));
    let authorization = headers.get(RELAY_AUTHORIZATION).map(|value| text_of(value.as_bytes()));
    let mut fields = end_to_end(texts(headers));
    fields.retain(|(name, _)| !FOR_THE_CLOUD.contains(&name.as_str()));
    for (name, value) in &mut fields {
        if name == COOKIE.as_str() {
            *value = cookies_for_server(value);
        }
    }
    fields.retain(|(name, value)| name != COOKIE.as_str() || !value.is_empty());
    let mut add = |name: &str, value: String| fields.push((name.to_owned(), value));
    authorization.into_iter().for_each(|value| add(AUTHORIZATION.as_str(), value));
    host.into_iter().for_each(|value| add("x-forwarded-host", value));
    add("x-forwarded-for", source.to_string());
    add("x-forwarded-proto", "https".to_owned());
    add("x-forwarded-prefix", way.prefix.to_owned());
    add("via", VIA.to_owned());
    fields
}

/// The fields that a client gets. What cannot stand in a header is left out.
pub(crate) fn to_client(fields: Vec<Field>, way: &Way<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in end_to_end(fields) {
        let name = name.to_ascii_lowercase();
        let value = match name.as_str() {
            other if FOR_THE_HOST.contains(&other) => continue,
            name if name == SET_COOKIE.as_str() => match cookie_for_client(&value, way) {
                Some(cookie) => cookie,
                None => continue,
            },
            name if name == LOCATION.as_str() || name == CONTENT_LOCATION.as_str() => {
                link(&value, way)
            }
            _ => value,
        };
        let name = name.parse::<HeaderName>().ok();
        let value = octets_of(&value).and_then(|octets| HeaderValue::from_bytes(&octets).ok());
        if let Some((name, value)) = name.zip(value) {
            headers.append(name, value);
        }
    }
    headers
}

/// Whether a client wants to go on with a WebSocket (RFC 6455, 4.2.1). Other protocols are not relayed.
pub(crate) fn wants_websocket(headers: &HeaderMap) -> bool {
    let has = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|it| it.trim().eq_ignore_ascii_case(word))
    };
    has(UPGRADE, "websocket") && has(axum::http::header::CONNECTION, "upgrade")
}

fn texts(headers: &HeaderMap) -> Vec<Field> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), text_of(value.as_bytes()))
    };
    headers.iter().map(text).collect()
}

/// Cookies without those of the console, which are nobody else's.
fn cookies_for_server(value: &str) -> String {
    let others = value.split(';').map(str::trim).filter(|pair| !pair.starts_with(HOST_COOKIE));
    others.collect::<Vec<_>>().join("; ")
}

/// A cookie of a server that stays below its path. One that is for the whole host is not passed on:
/// this host is the cloud's.
fn cookie_for_client(value: &str, way: &Way<'_>) -> Option<String> {
    let mut parts = value.split(';').map(str::trim);
    let pair = parts.next().filter(|pair| !pair.starts_with(HOST_COOKIE))?;
    let (mut path, mut kept) = ("/", Vec::new());
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "path" if value.trim().starts_with('/') => path = value.trim(),
            "path" | "domain" => {}
            _ => kept.push(part),
        }
    }
    let rest: String = kept.iter().map(|part| format!("; {part}")).collect();
    Some(format!("{pair}; Path={}{path}{rest}", way.prefix))
}

/// A link to the server itself, as one that leads through this relay.
fn link(value: &str, way: &Way<'_>) -> String {
    let path = match value {
        path if path.starts_with('/') && !path.starts_with("//") => path,
        url => match way.server.path_of(url) {
            Some(path) => path,
            None => return value.to_owned(),
        },
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{}{slash}{path}", way.prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "/resourcelocations/l/web/s";

    fn server() -> WebAddress {
        "https://wiki.example.com".parse().unwrap()
    }

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let fields = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn token_and_session_of_the_cloud_stay_in_the_cloud() {
        let headers = headers(&[
            ("authorization", "CwsAuth Bearer=secret"),
            ("citrix-customerid", "acme"),
            ("cookie", "__Host-cloud-session=secret; wiki=1"),
            ("cookie", "__Host-cloud-form=secret"),
            ("relay-authorization", "Basic d2lraTp3aWtp"),
            ("x-forwarded-for", "10.0.0.1"),
            ("host", "cloud.example.com"),
            ("accept", "text/html"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
        ]);
        let way = Way { prefix: PREFIX, server: &server() };
        let fields = to_server(&headers, &way, "192.0.2.1".parse().unwrap());
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            fields,
            [
                ("cookie", "wiki=1"),
                ("accept", "text/html"),
                ("authorization", "Basic d2lraTp3aWtp"),
                ("x-forwarded-host", "cloud.example.com"),
                ("x-forwarded-for", "192.0.2.1"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-prefix", PREFIX),
                ("via", VIA),
            ]
        );
    }

    #[test]
    fn links_and_cookies_of_a_server_stay_below_its_path() {
        let way = Way { prefix: PREFIX, server: &server() };
        let told = |name: &str, value: &str| {
            let headers = to_client(vec![(name.to_owned(), value.to_owned())], &way);
            headers.get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        for (value, expected) in [
            ("/login?next=%2F", "/resourcelocations/l/web/s/login?next=%2F"),
            ("https://wiki.example.com/a", "/resourcelocations/l/web/s/a"),
            ("https://wiki.example.com", "/resourcelocations/l/web/s/"),
            ("next", "next"),
            ("//other.example/x", "//other.example/x"),
            ("https://other.example/x", "https://other.example/x"),
        ] {
            assert_eq!(told("Location", value).as_deref(), Some(expected), "{value}");
        }
        for (value, expected) in [
            ("a=1", Some("a=1; Path=/resourcelocations/l/web/s/")),
            (
                "a=1; Domain=example.com; path=/x; Secure; HttpOnly",
                Some("a=1; Path=/resourcelocations/l/web/s/x; Secure; HttpOnly"),
            ),
            ("__Host-cloud-session=1; Path=/; Secure", None),
        ] {
            assert_eq!(told("Set-Cookie", value).as_deref(), expected, "{value}");
        }
        for name in ["Clear-Site-Data", "Strict-Transport-Security", "Relay-Connector"] {
            assert_eq!(told(name, "x"), None, "{name}");
        }
    }

    #[test]
    fn only_a_websocket_is_an_upgrade() {
        let upgrade = |protocol, connection| {
            wants_websocket(&headers(&[("upgrade", protocol), ("connection", connection)]))
        };
        assert!(upgrade("WebSocket", "keep-alive, Upgrade"));
        assert!(!upgrade("h2c", "Upgrade") && !upgrade("websocket", "close"));
    }
}
