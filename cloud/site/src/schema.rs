//! Schemas of the bodies (JSON Schema 2020-12, as OpenAPI 3.1 uses it).

use serde_json::{Value, json};

use crate::error::TYPE_PREFIX;

/// A named schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    pub(crate) name: &'static str,
    pub(crate) value: fn() -> Value,
}

/// The error object.
pub(crate) const ERROR: Schema = Schema { name: "Error", value: error };

/// A file; its media type says all.
pub(crate) const FILE: Schema = Schema { name: "File", value: || json!({}) };

/// An object with some properties required.
pub(crate) fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties})
}

/// An object that takes no other properties than these. Where one may be missing, `null` means that
/// it is.
pub(crate) fn closed(required: &[&str], properties: &Value) -> Value {
    let mut schema = object(required, properties);
    schema["additionalProperties"] = json!(false);
    let optional = schema["properties"].as_object_mut().into_iter().flatten();
    for (_, property) in optional.filter(|(name, _)| !required.contains(&name.as_str())) {
        if let Some(kind) = property.get("type").filter(|kind| kind.is_string()).cloned() {
            property["type"] = json!([kind, "null"]);
        }
        if let Some(values) = property.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    schema
}

/// A list of things.
pub(crate) fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item})
}

/// An object whose properties are all there.
pub(crate) fn full(properties: &Value) -> Value {
    let names: Vec<_> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    object(&names, properties)
}

pub(crate) fn text() -> Value {
    json!({"type": "string"})
}

pub(crate) fn text_or_null() -> Value {
    json!({"type": ["string", "null"]})
}

pub(crate) fn boolean() -> Value {
    json!({"type": "boolean"})
}

pub(crate) fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

pub(crate) fn moment_or_null() -> Value {
    json!({"type": ["string", "null"], "format": "date-time"})
}

fn error() -> Value {
    let parameter = full(&json!({"name": text(), "value": text()}));
    object(
        &["type", "detail"],
        &json!({
            "type": {
                "type": "string",
                "description": "What kind of error it is; a URI that need not resolve.",
                "pattern": format!("^{}", TYPE_PREFIX.replace('.', "\\.")),
            },
            "detail": {"type": "string", "description": "A sentence for a person."},
            "parameters": list(&parameter),
        }),
    )
}
