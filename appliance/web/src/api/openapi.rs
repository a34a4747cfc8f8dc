//! The OpenAPI 3.1 document, made from the table of operations.

use std::collections::BTreeMap;

use model::product;
use serde_json::{Map, Value, json};

use crate::api::operation::{Access, Operation, operations, query_of};
use crate::api::schema::Schema;

const BEARER: &str = "token";
const METRICS: &str = "metricsToken";
const CONVENTIONS: &str = "Every answer carries `Citrix-Transactionid`, a UUID for questions to \
    support. An error is an object with `type`, which programs compare, `detail` for a person, and \
    named `parameters`. `HEAD` is answered as `GET` without a body. On a path that needs a token \
    the token is checked first: before method, media type and body. The `Accept` field is not \
    looked at, but at paths where a page stands as well: there a request that accepts `text/html` or \
    sends a form gets the page. A request whose `Host` names another machine gets 421 \
    (`connapp/misdirectedRequest`), an unknown path 404 (`common/notFound`), a method that a path \
    does not take 405 (`connapp/methodNotAllowed`) with `Allow`.";

/// The document that is served at `/openapi.json`.
#[must_use]
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations() {
        let method = operation.method.as_str().to_ascii_lowercase();
        paths.entry(operation.path).or_default().insert(method, describe(operation));
    }
    let schemas: Map<_, _> =
        Schema::all().map(|schema| (schema.name().to_owned(), schema.value())).collect();
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
            "securitySchemes": {
                BEARER: {"type": "http", "scheme": "bearer"},
                METRICS: {"type": "http", "scheme": "bearer"},
            },
        },
    })
}

fn describe(operation: &Operation) -> Value {
    let (status, description, schema) = operation.success;
    let mut responses = Map::new();
    responses.insert(status.to_string(), response(description, schema));
    if operation.access != Access::Public {
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
    let of_path = path_parameters(operation.path).map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
    );
    let of_query = query_of(operation.action).iter().map(|(name, kind, description)| {
        let schema = json!({"type": kind});
        json!({"name": name, "in": "query", "description": description, "schema": schema})
    });
    let parameters: Vec<_> = of_path.chain(of_query).collect();
    if !parameters.is_empty() {
        value["parameters"] = json!(parameters);
    }
    if let Some(schema) = operation.request {
        value["requestBody"] =
            json!({"required": !schema.is_optional(), "content": content(schema)});
    }
    value["security"] = match operation.access {
        Access::Bearer => json!([{BEARER: []}]),
        Access::Metrics => json!([{METRICS: []}]),
        Access::Public => json!([]),
    };
    value
}

/// The names in braces of a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
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
    json!({schema.media_type(): {"schema": {"$ref": reference}}})
}
