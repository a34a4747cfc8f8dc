//! A JSON document with its members in order, so that repeated ones are seen.

use std::fmt;

use model::secret::Secret;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{FirstSettingsError, MAX_BYTES};

/// Most lists and objects within each other. A document of ours has four.
const MAX_DEPTH: usize = 8;

/// A value. A text is a secret until its member says otherwise.
#[derive(Debug)]
pub(super) enum Tree {
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
    Text(Secret),
    Number,
    Boolean,
    Null,
}

impl Tree {
    /// Reads a document.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FirstSettingsError> {
        if bytes.len() > MAX_BYTES {
            return Err(FirstSettingsError::TooLarge);
        }
        let text = str::from_utf8(bytes)
            .map_err(|error| FirstSettingsError::NotUtf8 { offset: error.valid_up_to() })?;
        let mut json = serde_json::Deserializer::from_str(text);
        // The parser's own message could quote a secret.
        Level(0).deserialize(&mut json).and_then(|tree| json.end().map(|()| tree)).map_err(
            |error| {
                let (line, column) = (error.line(), error.column());
                match error.classify() {
                    serde_json::error::Category::Data => FirstSettingsError::TooDeep { line },
                    serde_json::error::Category::Eof => FirstSettingsError::Truncated { line },
                    _ => FirstSettingsError::Syntax { line, column },
                }
            },
        )
    }

    /// What it is, for a message.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Object(_) => "an object",
            Self::List(_) => "a list",
            Self::Text(_) => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Null => "null",
        }
    }
}

/// How many lists and objects a value stands in.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.0 == MAX_DEPTH { Err(E::custom("too deep")) } else { Ok(Self(self.0 + 1)) }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Tree;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Boolean)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Number)
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(Secret::new(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let (level, mut values) = (self.deeper()?, Vec::new());
        while let Some(value) = list.next_element_seed(level)? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let (level, mut members) = (self.deeper()?, Vec::new());
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(level)?));
        }
        Ok(Tree::Object(members))
    }
}
