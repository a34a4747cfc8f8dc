//! Bytes of a request body to a typed request. Pure.
//!
//! Strict on purpose: an unknown or repeated property is refused, because a script that misspells a
//! name should hear so.

use std::fmt;

use model::network_form::{Method, NetworkForm};
use model::password;
use model::secret::Secret;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::api::error::ApiError;

/// Longest user name that is looked at, in bytes.
const MAX_USER_NAME_BYTES: usize = 256;
/// Most entries of a list that are looked at; far fewer are kept.
const MAX_LIST_ENTRIES: usize = 64;
/// Most bytes of a property's name that an error repeats.
const MAX_NAME_BYTES: usize = 64;

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

/// A JSON object of strings; other values are remembered as such.
struct Object(Vec<(String, Value)>);

enum Value {
    Text(Secret),
    Texts(Vec<Secret>),
    Boolean(bool),
    Other,
}

impl Object {
    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let text = str::from_utf8(body).map_err(|error| not_utf8(body, error.valid_up_to()))?;
        if text.trim_ascii().is_empty() {
            return Err(ApiError::invalid_json("The body of the request is empty."));
        }
        let value: TopLevel = serde_json::from_str(text).map_err(|error| {
            // The parser's own message could quote a password.
            let detail = if error.is_eof() {
                "The JSON of the request breaks off."
            } else {
                "The body of the request is not well-formed JSON."
            };
            ApiError::invalid_json_at(detail, error.line(), error.column())
        })?;
        match value {
            TopLevel::Object(properties) => Ok(Self(properties)),
            TopLevel::Other => {
                Err(ApiError::invalid_json("The body of the request must be a JSON object."))
            }
        }
    }

    /// Refuses properties that are not in the list, and repeated ones.
    fn allow(&self, names: &[&str]) -> Result<(), ApiError> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if !names.contains(&name.as_str()) {
                return Err(ApiError::unknown_property(beginning(name)));
            }
            if self.0.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(ApiError::duplicate_property(name));
            }
        }
        Ok(())
    }

    fn has(&self, property: &str) -> bool {
        self.0.iter().any(|(name, _)| name == property)
    }

    /// A text that may be missing, then empty. An address or a name.
    fn optional_text(&mut self, property: &'static str) -> Result<String, ApiError> {
        if !self.has(property) {
            return Ok(String::new());
        }
        Ok(self.text(property, MAX_USER_NAME_BYTES)?.expose().to_owned())
    }

    /// A list of texts that may be missing, then empty.
    fn optional_texts(&mut self, property: &'static str) -> Result<Vec<String>, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let Some(index) = index else { return Ok(Vec::new()) };
        let Value::Texts(texts) = self.0.swap_remove(index).1 else {
            return Err(ApiError::no_list(property));
        };
        if texts.iter().any(|text| text.expose().len() > MAX_USER_NAME_BYTES) {
            return Err(ApiError::too_long(property, MAX_USER_NAME_BYTES));
        }
        if texts.len() > MAX_LIST_ENTRIES {
            return Err(ApiError::too_many(property, MAX_LIST_ENTRIES));
        }
        Ok(texts.iter().map(|text| text.expose().to_owned()).collect())
    }

    fn user_name(&mut self) -> Result<String, ApiError> {
        let name = self.text("username", MAX_USER_NAME_BYTES)?;
        Ok(name.expose().to_owned())
    }

    fn password(&mut self, property: &'static str) -> Result<Secret, ApiError> {
        self.text(property, password::MAX_BYTES)
    }

    fn text(&mut self, property: &'static str, limit: usize) -> Result<Secret, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let index = index.ok_or_else(|| ApiError::missing(property))?;
        match self.0.swap_remove(index).1 {
            Value::Text(text) if text.expose().len() > limit => {
                Err(ApiError::too_long(property, limit))
            }
            Value::Text(text) => Ok(text),
            Value::Texts(_) | Value::Boolean(_) | Value::Other => {
                Err(ApiError::no_string(property))
            }
        }
    }

    fn boolean(&mut self, property: &'static str) -> Result<bool, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let index = index.ok_or_else(|| ApiError::missing(property))?;
        match self.0.swap_remove(index).1 {
            Value::Boolean(value) => Ok(value),
            Value::Text(_) | Value::Texts(_) | Value::Other => Err(ApiError::no_boolean(property)),
        }
    }
}

enum TopLevel {
    Object(Vec<(String, Value)>),
    Other,
}

impl<'de> Deserialize<'de> for TopLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(|node| match node {
            Node::Object(properties) => Self::Object(properties),
            Node::Text(_) | Node::Texts(_) | Node::Boolean(_) | Node::Other => Self::Other,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(|node| match node {
            Node::Text(text) => Self::Text(text),
            Node::Texts(texts) => Self::Texts(texts),
            Node::Boolean(value) => Self::Boolean(value),
            Node::Object(_) | Node::Other => Self::Other,
        })
    }
}

enum Node {
    Object(Vec<(String, Value)>),
    Text(Secret),
    Texts(Vec<Secret>),
    Boolean(bool),
    Other,
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut properties = Vec::new();
        while let Some(property) = map.next_entry()? {
            properties.push(property);
        }
        Ok(Node::Object(properties))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(value) = sequence.next_element::<Value>()? {
            match (value, &mut texts) {
                (Value::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Node::Other, Node::Texts))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(Secret::new(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(Secret::new(text)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }
}

fn not_utf8(body: &[u8], valid: usize) -> ApiError {
    let before = body.get(..valid).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    ApiError::invalid_json_at("The body of the request is not UTF-8.", line, column)
}

fn beginning(name: &str) -> &str {
    let mut end = name.len().min(MAX_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default()
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
