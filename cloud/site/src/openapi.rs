//! The OpenAPI 3.1 document, made from the table of routes.

use std::collections::BTreeMap;

use model::product;
use serde_json::map::Entry;
use serde_json::{Map, Value, json};

use crate::ask::{MAX_SECONDS, TIMEOUT};
use crate::download::ZIP;
use crate::route::{Needs, Route};
use crate::routes::{TOKEN_FORM, routes};
use crate::schema::{ERROR, Schema};

const SCHEME: &str = "token";
const CONVENTIONS: &str = "Get a token with the identifier and the secret of a secure client, and send \
    it as `Authorization: CwsAuth Bearer=<token>`, compared in any case, or `Bearer <token>`. It is \
    valid for an hour; a revoked client, a removed administrator and a changed right count after 30 \
    seconds at most. `Citrix-CustomerId` must be the customer of the token, `root` or missing. \
    `Citrix-TransactionId` is echoed, or made. `Accept` must take `application/json` (406 \
    `common/notAcceptable`); a missing media type of a body is taken for JSON. A slash at the end of a \
    path is accepted. An error is an object with `type`, which programs compare, `detail` for a \
    person, and named `parameters`. On a path that needs a token the token is checked first: before \
    method, media types and body. An unknown path gets 404, a method that a path does not take 405 \
    (`cloud/methodNotAllowed`) with `Allow`.";

/// Errors of every route with a token.
const GUARDED: [(u16, &str); 4] = [
    (401, "There is no token (`reason` is `missing`), or it is wrong or has ended (`invalid`)."),
    (403, "The token is another customer's, or the right is missing (`right` names it)."),
    (429, "Too many requests; `retryDelay` and `Retry-After` name the seconds to wait."),
    (503, "The database does not answer, or its disk is full (`reason` is `diskFull`)."),
];
/// Errors of every route with a body.
const WITH_BODY: [(u16, &str); 4] = [
    (400, "The body is refused: `parameters` names the `property`, or the `reason`."),
    (408, "The body did not arrive in time."),
    (413, "The body is larger than 65536 bytes."),
    (415, "The media type is not `application/json`."),
];
const NOT_ACCEPTABLE: (u16, &str) = (406, "`Accept` does not take `application/json`.");

/// The document that is served at `/openapi.json`.
#[must_use]
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut schemas: BTreeMap<&str, Value> = BTreeMap::new();
    for route in routes() {
        let success = route.success.2.filter(|_| !route.is_file());
        for schema in [Some(ERROR), route.request, success].into_iter().flatten() {
            schemas.insert(schema.name, (schema.value)());
        }
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, describe(route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("{} cloud API", product::NAME),
            "version": product::VERSION,
            "description": CONVENTIONS,
        },
        "servers": [{
            "url": "https://{host}",
            "variables": {"host": {"default": "cloud.example.com"}},
        }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {SCHEME: {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn describe(route: &Route) -> Value {
    let (status, description, schema) = route.success;
    let mut responses = Map::new();
    let success = match route.is_file() {
        true => json!({"description": description, "content": {ZIP: {}}}),
        false => response(description, schema),
    };
    responses.insert(status.to_string(), success);
    let mut errors = Vec::new();
    if !route.is_relay() {
        errors.push(NOT_ACCEPTABLE);
    }
    if route.needs != Needs::Nothing {
        errors.extend(GUARDED);
    }
    if route.takes_body() {
        errors.extend(WITH_BODY);
    }
    if route.path.contains("{id}") || route.path.contains("{name}") {
        errors.push((404, "There is no such thing: `entityType` and `id` say which."));
    }
    errors.extend(route.errors);
    for (status, description) in errors {
        match responses.entry(status.to_string()) {
            Entry::Vacant(entry) => {
                entry.insert(response(description, Some(ERROR)));
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get()["description"].as_str().unwrap_or_default();
                let both = format!("{known} {description}");
                entry.get_mut()["description"] = json!(both);
            }
        }
    }
    let mut value = json!({
        "operationId": route.id,
        "summary": route.summary,
        "description": description_of(route),
        "responses": responses,
        "security": if route.needs == Needs::Nothing { json!([]) } else { json!([{SCHEME: []}]) },
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        value["parameters"] = json!(parameters);
    }
    if let Some(schema) = route.request {
        let mut content = content(schema);
        if route.needs == Needs::Nothing {
            content[TOKEN_FORM] = content["application/json"].clone();
        }
        value["requestBody"] = json!({"required": true, "content": content});
    }
    value
}

fn description_of(route: &Route) -> String {
    let needs = match route.needs {
        Needs::Nothing => return route.description.to_owned(),
        Needs::Right(right) => format!("Needs the right `{}`.", right.name()),
        Needs::FullAccess => "Needs full access.".to_owned(),
    };
    match route.older_path {
        Some(older) => format!("{} {needs} Older clients use `{older}`.", route.description),
        None => format!("{} {needs}", route.description),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
    });
    let in_query = route.query.iter().map(|(name, kind, description)| {
        let mut schema = json!({"type": kind});
        if *name == TIMEOUT.0 {
            schema["minimum"] = json!(1);
            schema["maximum"] = json!(MAX_SECONDS);
        }
        json!({"name": name, "in": "query", "description": description, "schema": schema})
    });
    in_path.chain(in_query).collect()
}

fn response(description: &str, schema: Option<Schema>) -> Value {
    let mut value = json!({"description": description});
    if let Some(schema) = schema {
        value["content"] = content(schema);
    }
    value
}

fn content(schema: Schema) -> Value {
    let reference = format!("#/components/schemas/{}", schema.name);
    json!({"application/json": {"schema": {"$ref": reference}}})
}
