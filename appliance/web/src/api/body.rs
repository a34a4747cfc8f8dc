//! Bytes of a request body to a typed request. Pure.
//!
//! Strict on purpose: an unknown or repeated property is refused, because a script that misspells a
//! name should hear so.

pub(crate) mod connections;
pub(crate) mod diagnostics;
pub(crate) mod directory;
pub(crate) mod object;
pub(crate) mod registration;
pub mod syslog;

use model::network_form::{Method, NetworkForm};
use model::secret::Secret;

use self::object::{MAX_NAME_BYTES, Object};
use crate::api::error::ApiError;

/// Body of `POST /credentials` and `POST /$login`.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name, not yet compared.
    pub username: String,
    /// The password, at most [`password::MAX_BYTES`] long.
    pub password: Secret,
}

/// Body of `POST /$changePassword`.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The user name, not yet compared.
    pub username: String,
    /// The password in use, at most [`password::MAX_BYTES`] long.
    pub current: Secret,
    /// The new password, at most [`password::MAX_BYTES`] long; the rules are not yet checked.
    pub new: Secret,
}

/// Body of `POST /$replaceSslCert`.
#[derive(Clone, Debug)]
pub struct CertificateReplacement(pub certificate::Input);

impl CertificateReplacement {
    /// Reads a body. Lengths are the business of the check that follows.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["certBytes", "key", "passphrase"])?;
        Ok(Self(certificate::Input {
            certificate: object.text("certBytes", usize::MAX)?,
            key: object.text("key", usize::MAX)?,
            passphrase: match object.has("passphrase") {
                true => object.text("passphrase", usize::MAX)?,
                false => Secret::new(String::new()),
            },
        }))
    }
}

impl Credentials {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["username", "password"])?;
        Ok(Self { username: object.user_name()?, password: object.password("password")? })
    }
}

impl PasswordChange {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["username", "currentPassword", "newPassword"])?;
        Ok(Self {
            username: object.user_name()?,
            current: object.password("currentPassword")?,
            new: object.password("newPassword")?,
        })
    }
}

/// Body of `POST /$reset`.
#[derive(Clone, Debug)]
pub struct ResetRequest {
    /// What was given as confirmation, not yet compared.
    pub confirm: String,
    /// Whether the network settings stay.
    pub keep_network: bool,
}

impl ResetRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["confirm", "keepNetwork"])?;
        let confirm = object.text("confirm", MAX_NAME_BYTES)?.expose().to_owned();
        Ok(Self { confirm, keep_network: object.boolean("keepNetwork")? })
    }
}

/// Body of `PUT /network`.
#[derive(Clone, Debug)]
pub struct NetworkChange {
    /// The settings as given, not yet checked.
    pub form: NetworkForm,
    /// Whether time servers that do not answer are stored all the same.
    pub ignores_silent_servers: bool,
}

impl NetworkChange {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        const OF_STATIC: [&str; 6] =
            ["address", "netmask", "gateway", "dns", "ntp", "ignoreSilentServers"];
        let mut object = Object::parse(body)?;
        object.allow(&[&["method", "hostName"], &OF_STATIC[..]].concat())?;
        let method = match object.text("method", MAX_NAME_BYTES)?.expose() {
            "automatic" => Method::Automatic,
            "static" => Method::Static,
            _ => return Err(ApiError::unknown_method()),
        };
        if method == Method::Automatic
            && let Some(property) = OF_STATIC.into_iter().find(|name| object.has(name))
        {
            return Err(ApiError::only_for_static(property));
        }
        let form = NetworkForm {
            method,
            address: object.optional_text("address")?,
            mask: object.optional_text("netmask")?,
            gateway: object.optional_text("gateway")?,
            dns: object.optional_texts("dns")?,
            ntp: object.optional_texts("ntp")?,
            host_name: object.optional_text("hostName")?,
        };
        let ignores_silent_servers =
            object.has("ignoreSilentServers") && object.boolean("ignoreSilentServers")?;
        Ok(Self { form, ignores_silent_servers })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn kind(body: &[u8]) -> &'static str {
        Credentials::parse(body).map_or_else(|error| error.kind(), |_| "accepted")
    }

    #[test]
    fn reads_the_documented_bodies() {
        let login =
            Credentials::parse(br#"{"username":"admin","password":"Abc\u0064efg1"}"#).unwrap();
        assert_eq!(login.username, "admin");
        assert_eq!(login.password.expose(), "Abcdefg1");
        let change = PasswordChange::parse(
            br#"{ "newPassword": "b", "username": "admin", "currentPassword": "" }"#,
        )
        .unwrap();
        assert_eq!((change.current.expose(), change.new.expose()), ("", "b"));
    }

    #[test]
    fn passphrase_of_a_certificate_is_optional() {
        for (body, expected) in [
            (&br#"{"certBytes":"c\r\n","key":"k","passphrase":"p"}"#[..], "p"),
            (br#"{"certBytes":"c\r\n","key":"k","passphrase":""}"#, ""),
            (br#"{"certBytes":"c\r\n","key":"k"}"#, ""),
        ] {
            let CertificateReplacement(input) = CertificateReplacement::parse(body).unwrap();
            assert_eq!((input.certificate.expose(), input.key.expose()), ("c\r\n", "k"));
            assert_eq!(input.passphrase.expose(), expected);
        }
        for (body, expected) in [
            (&br#"{"key":"k"}"#[..], "common/missing"),
            (br#"{"certBytes":"c"}"#, "common/missing"),
            (br#"{"certBytes":"c","key":"k","passphrase":null}"#, "common/invalidString"),
            (br#"{"certBytes":["c"],"key":"k"}"#, "common/invalidString"),
            (br#"{"certBytes":"c","key":"k","chain":"x"}"#, "connapp/unknownProperty"),
        ] {
            assert_eq!(CertificateReplacement::parse(body).unwrap_err().kind(), expected);
        }
    }

    #[test]
    fn names_what_is_wrong() {
        for (body, expected) in [
            (&b""[..], "common/invalidJson"),
            (b"  \n", "common/invalidJson"),
            (b"{", "common/invalidJson"),
            (b"{\"username\":\"admin\",}", "common/invalidJson"),
            (b"{\"username\":\"\xff\"}", "common/invalidJson"),
            (b"{} {}", "common/invalidJson"),
            (b"[]", "common/invalidJson"),
            (b"\"admin\"", "common/invalidJson"),
            (b"null", "common/invalidJson"),
            (b"{}", "common/missing"),
            (b"{\"username\":\"admin\"}", "common/missing"),
            (b"{\"username\":1,\"password\":\"x\"}", "common/invalidString"),
            (b"{\"username\":\"admin\",\"password\":null}", "common/invalidString"),
            (b"{\"username\":\"admin\",\"password\":[\"x\"]}", "common/invalidString"),
            (b"{\"username\":\"admin\",\"password\":{}}", "common/invalidString"),
            (b"{\"username\":\"admin\",\"password\":\"x\",\"role\":1}", "connapp/unknownProperty"),
            (b"{\"Username\":\"admin\",\"password\":\"x\"}", "connapp/unknownProperty"),
            (
                b"{\"username\":\"a\",\"username\":\"b\",\"password\":\"x\"}",
                "connapp/duplicateProperty",
            ),
        ] {
            assert_eq!(kind(body), expected, "{}", String::from_utf8_lossy(body));
        }
        let long = json!({"username": "admin", "password": "x".repeat(1025)});
        assert_eq!(kind(long.to_string().as_bytes()), "common/tooLong");
        let long = json!({"username": "x".repeat(257), "password": "x"});
        assert_eq!(kind(long.to_string().as_bytes()), "common/tooLong");
    }

    #[test]
    fn error_does_not_quote_the_body() {
        let error = Credentials::parse(b"{\"password\": \"Hunter2!\" Hunter2!}").unwrap_err();
        assert!(!format!("{error:?}").contains("Hunter2"), "{error:?}");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let body = format!("{{\"username\":{}", "[".repeat(60_000));
        assert_eq!(kind(body.as_bytes()), "common/invalidJson");
        let body = format!("{{\"username\":{}", "{\"a\":".repeat(10_000));
        assert_eq!(kind(body.as_bytes()), "common/invalidJson");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = Credentials::parse(&body);
            let _ = PasswordChange::parse(&body);
            let _ = CertificateReplacement::parse(&body);
        }

        #[test]
        fn any_texts_survive(username in ".{0,40}", password in ".{0,200}") {
            let body = json!({"password": password, "username": username}).to_string();
            let parsed = Credentials::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(parsed.username, username);
            prop_assert_eq!(parsed.password.expose(), password);
        }

        #[test]
        fn anything_cut_off_is_refused(cut in 0_usize..44) {
            let body = br#"{"username":"admin","password":"Abcdefgh1!"}"#;
            prop_assert!(Credentials::parse(body.get(..cut).unwrap()).is_err());
        }
    }
}
