//! A JSON object whose properties are taken out one by one.

use std::fmt;

use model::password;
use model::secret::Secret;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::api::error::ApiError;

/// Longest user name that is looked at, in bytes.
const MAX_USER_NAME_BYTES: usize = 256;
/// Most entries of a list that are looked at; far fewer are kept.
const MAX_LIST_ENTRIES: usize = 64;
/// Most bytes of a property's name that an error repeats.
pub(crate) const MAX_NAME_BYTES: usize = 64;

/// A JSON object; values that no request has are remembered as such.
pub(crate) struct Object(Vec<(String, Value)>);

/// A value of it.
pub(crate) enum Value {
    Text(Secret),
    Texts(Vec<Secret>),
    Boolean(bool),
    Number(u64),
    Other,
}

impl Object {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
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
    pub(crate) fn allow(&self, names: &[&str]) -> Result<(), ApiError> {
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

    pub(crate) fn has(&self, property: &str) -> bool {
        self.0.iter().any(|(name, _)| name == property)
    }

    /// A text that may be missing, then empty. An address or a name.
    pub(crate) fn optional_text(&mut self, property: &'static str) -> Result<String, ApiError> {
        if !self.has(property) {
            return Ok(String::new());
        }
        Ok(self.text(property, MAX_USER_NAME_BYTES)?.expose().to_owned())
    }

    /// A list of texts that may be missing, then empty.
    pub(crate) fn optional_texts(
        &mut self,
        property: &'static str,
    ) -> Result<Vec<String>, ApiError> {
        self.texts_up_to(property, MAX_LIST_ENTRIES)
    }

    /// The same with another limit on the number of texts.
    pub(crate) fn texts_up_to(
        &mut self,
        property: &'static str,
        max_entries: usize,
    ) -> Result<Vec<String>, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let Some(index) = index else { return Ok(Vec::new()) };
        let Value::Texts(texts) = self.0.swap_remove(index).1 else {
            return Err(ApiError::no_list(property));
        };
        if texts.iter().any(|text| text.expose().len() > MAX_USER_NAME_BYTES) {
            return Err(ApiError::too_long(property, MAX_USER_NAME_BYTES));
        }
        if texts.len() > max_entries {
            return Err(ApiError::too_many(property, max_entries));
        }
        Ok(texts.iter().map(|text| text.expose().to_owned()).collect())
    }

    pub(crate) fn user_name(&mut self) -> Result<String, ApiError> {
        let name = self.text("username", MAX_USER_NAME_BYTES)?;
        Ok(name.expose().to_owned())
    }

    pub(crate) fn password(&mut self, property: &'static str) -> Result<Secret, ApiError> {
        self.text(property, password::MAX_BYTES)
    }

    pub(crate) fn text(
        &mut self,
        property: &'static str,
        limit: usize,
    ) -> Result<Secret, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let index = index.ok_or_else(|| ApiError::missing(property))?;
        match self.0.swap_remove(index).1 {
            Value::Text(text) if text.expose().len() > limit => {
                Err(ApiError::too_long(property, limit))
            }
            Value::Text(text) => Ok(text),
            Value::Texts(_) | Value::Boolean(_) | Value::Number(_) | Value::Other => {
                Err(ApiError::no_string(property))
            }
        }
    }

    pub(crate) fn boolean(&mut self, property: &'static str) -> Result<bool, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let index = index.ok_or_else(|| ApiError::missing(property))?;
        match self.0.swap_remove(index).1 {
            Value::Boolean(value) => Ok(value),
            Value::Text(_) | Value::Texts(_) | Value::Number(_) | Value::Other => {
                Err(ApiError::no_boolean(property))
            }
        }
    }

    /// A whole number that is not negative and may be missing.
    pub(crate) fn optional_number(
        &mut self,
        property: &'static str,
    ) -> Result<Option<u64>, ApiError> {
        let index = self.0.iter().position(|(name, _)| name == property);
        let Some(index) = index else { return Ok(None) };
        match self.0.swap_remove(index).1 {
            Value::Number(number) => Ok(Some(number)),
            _ => Err(ApiError::no_number(property)),
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
            Node::Text(_) | Node::Texts(_) | Node::Boolean(_) | Node::Number(_) | Node::Other => {
                Self::Other
            }
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(|node| match node {
            Node::Text(text) => Self::Text(text),
            Node::Texts(texts) => Self::Texts(texts),
            Node::Boolean(value) => Self::Boolean(value),
            Node::Number(number) => Self::Number(number),
            Node::Object(_) | Node::Other => Self::Other,
        })
    }
}

enum Node {
    Object(Vec<(String, Value)>),
    Text(Secret),
    Texts(Vec<Secret>),
    Boolean(bool),
    Number(u64),
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

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number))
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
