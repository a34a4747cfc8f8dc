//! A JSON object whose properties are taken out one by one. Pure.
//!
//! Strict on purpose: an unknown or repeated property is refused, because a script that misspells a
//! name should hear so.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use crate::error::ApiError;

/// Most characters of a text that is looked at.
pub(crate) const MAX_TEXT: usize = 4096;

/// A JSON object.
pub(crate) struct Object(Vec<(String, Value)>);

impl Object {
    /// Reads a body. The error names a position and quotes nothing: a body can have a secret.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.trim_ascii().is_empty() {
            return Err(ApiError::invalid_json("The body of the request is empty."));
        }
        let mut reader = serde_json::Deserializer::from_slice(body);
        let properties = reader.deserialize_any(Properties).and_then(|read| {
            reader.end()?;
            Ok(read)
        });
        properties.map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = match error.classify() {
                serde_json::error::Category::Eof => "breaks off",
                serde_json::error::Category::Data => "is no JSON object",
                _ => "is not well-formed JSON",
            };
            let detail = format!("The body of the request {what} (line {line}, column {column}).");
            ApiError::invalid_json(&detail)
        })
    }

    /// Refuses properties that are not in the list, and repeated ones.
    pub(crate) fn allow(&self, names: &[&str]) -> Result<(), ApiError> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if !names.contains(&name.as_str()) {
                return Err(ApiError::unknown_property(name));
            }
            if self.0.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(ApiError::duplicate_property(name));
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// A value; `null` counts as missing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.swap_remove(index).1).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, ApiError> {
        self.optional_text(name)?.ok_or_else(|| ApiError::missing(name))
    }

    pub(crate) fn optional_text(&mut self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() > MAX_TEXT => {
                Err(ApiError::too_long(name, MAX_TEXT))
            }
            // PostgreSQL keeps no such character in a text.
            Some(Value::String(text)) if text.contains('\0') => {
                Err(ApiError::invalid_value(name, "a text without the character NUL"))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::no_string(name)),
        }
    }

    pub(crate) fn optional_boolean(
        &mut self,
        name: &'static str,
    ) -> Result<Option<bool>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(ApiError::no_boolean(name)),
        }
    }

    /// A list; missing = `None`.
    pub(crate) fn optional_list(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Vec<Value>>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(ApiError::no_list(name)),
        }
    }

    /// The object of a value in a list.
    pub(crate) fn of_value(value: Value, name: &'static str) -> Result<Self, ApiError> {
        match value {
            Value::Object(properties) => Ok(Self(properties.into_iter().collect())),
            _ => Err(ApiError::no_list(name)),
        }
    }
}

struct Properties;

impl<'de> Visitor<'de> for Properties {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut properties = Vec::new();
        while let Some(property) = map.next_entry()? {
            properties.push(property);
        }
        Ok(properties)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_what_is_wrong() {
        for (body, kind) in [
            (&b""[..], "common/invalidJson"),
            (b"{", "common/invalidJson"),
            (b"[]", "common/invalidJson"),
            (b"null", "common/invalidJson"),
            (b"{} {}", "common/invalidJson"),
            (b"{\"name\":\"\xff\"}", "common/invalidJson"),
            (b"{\"Name\":\"x\"}", "cloud/unknownProperty"),
            (b"{\"name\":\"x\",\"name\":\"y\"}", "cloud/duplicateProperty"),
            (b"{}", "common/missing"),
            (b"{\"name\":null}", "common/missing"),
            (b"{\"name\":1}", "common/invalidString"),
            (b"{\"name\":\"a\\u0000\"}", "common/invalidString"),
        ] {
            let read = Object::parse(body).and_then(|mut object| {
                object.allow(&["name"])?;
                object.text("name")
            });
            assert_eq!(read.unwrap_err().kind(), kind, "{}", String::from_utf8_lossy(body));
        }
        let long = format!("{{\"name\":\"{}\"}}", "x".repeat(MAX_TEXT + 1));
        let mut object = Object::parse(long.as_bytes()).unwrap();
        assert_eq!(object.text("name").unwrap_err().kind(), "common/tooLong");
        let nested = format!("{{\"name\":{}", "[".repeat(60_000));
        assert!(Object::parse(nested.as_bytes()).is_err());
    }

    #[test]
    fn error_does_not_quote_the_body() {
        let error = Object::parse(b"{\"clientSecret\": \"Hunter2\" Hunter2}").err().unwrap();
        assert!(!format!("{error:?}").contains("Hunter2"), "{error:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = Object::parse(&body);
        }
    }
}
