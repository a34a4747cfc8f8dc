//! The OpenAPI 3.1 document, made from the table of operations.

use std::collections::BTreeMap;

use model::product;
use serde_json::{Map, Value, json};

use crate::api::operation::{Access, OPERATIONS, Operation};
use crate::api::schema::Schema;

const BEARER: &str = "token";
const CONVENTIONS: &str = "Every answer carries `Citrix-Transactionid`, a UUID for questions to \
    support. An error is an object with `type`, which programs compare, `detail` for a person, and \
    named `parameters`. `HEAD` is answered as `GET` without a body. On a path that needs a token \
    the token is checked first: before method, media type and body. The `Accept` field is not \
    looked at. A request whose `Host` names another machine gets 421 \
    (`connapp/misdirectedRequest`), an unknown path 404 (`common/notFound`), a method that a path \
    does not take 405 (`connapp/methodNotAllowed`) with `Allow`.";

/// The document that is served at `/openapi.json`.
#[must_use]
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in &OPERATIONS {
        let method = operation.method.as_str().to_ascii_lowercase();
        paths.entry(operation.path).or_default().insert(method, describe(operation));
    }
    let schemas: Map<_, _> =
        Schema::ALL.iter().map(|schema| (schema.name().to_owned(), schema.value())).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("{} API", product::NAME),
            "version": product::VERSION,
            "description": CONVENTIONS,
        },
        "servers": [{
            "url": "https://{address}",
            "variables": {"address": {"default": "connector", "description": "As the console shows."}},
        }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {BEARER: {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn describe(operation: &Operation) -> Value {
    let (status, description, schema) = operation.success;
    let mut responses = Map::new();
    responses.insert(status.to_string(), response(description, schema));
    if operation.access == Access::Bearer {
        let description = "There is no token (`reason` is `missing`), or it is wrong or has ended \
                           (`reason` is `invalid`).";
        responses.insert("401".to_owned(), response(description, Some(Schema::Error)));
    }
    for (status, description) in operation.errors {
        responses.insert(status.to_string(), response(description, Some(Schema::Error)));
    }
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "responses": responses,
    });
    if let Some(schema) = operation.request {
        value["requestBody"] = json!({"required": true, "content": content(schema)});
    }
    value["security"] = match operation.access {
        Access::Bearer => json!([{BEARER: []}]),
        Access::Public => json!([]),
    };
    value
}

fn response(description: &str, schema: Option<Schema>) -> Value {
    let mut value = json!({"description": description});
    if let Some(schema) = schema {
        value["content"] = content(schema);
    }
    value
}

fn content(schema: Schema) -> Value {
    let reference = format!("#/components/schemas/{}", schema.name());
    json!({"application/json": {"schema": {"$ref": reference}}})
}
