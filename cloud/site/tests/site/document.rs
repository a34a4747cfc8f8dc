//! The OpenAPI document says what the service does.

use std::collections::BTreeSet;

use serde_json::Value;
use site::{Needs, document, routes};

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(target) => {
                        found.insert(target.to_owned());
                    }
                    None => references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn has_every_route_with_its_success_and_errors() {
    let document = document();
    for route in routes() {
        let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["operationId"], route.id);
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key(&route.success_status().to_string()), "{route:?}");
        let needs_token = route.needs != Needs::Nothing;
        for status in ["401", "403"] {
            let is_public_token_call = route.id == "createToken" && status == "401";
            assert_eq!(
                responses.contains_key(status),
                needs_token || is_public_token_call,
                "{route:?} {status}"
            );
        }
        assert_eq!(operation["requestBody"].is_object(), route.takes_body(), "{route:?}");
        assert_eq!(operation["security"].as_array().unwrap().is_empty(), !needs_token);
    }
}

#[test]
fn every_reference_has_a_target() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn routes_that_ask_appliances_list_what_those_may_fail_with() {
    let document = document();
    for (path, method) in [
        ("/resourcelocations/{id}/directory/$lookup", "post"),
        ("/connectors/{id}/health", "get"),
        ("/connectors/{id}/prechecks/$run", "post"),
        ("/connectors/{id}/report", "get"),
    ] {
        let operation = &document["paths"][path][method];
        for status in ["400", "404", "429", "501", "502", "503", "504"] {
            assert!(operation["responses"][status].is_object(), "{path} {status}");
        }
        let unavailable = operation["responses"]["503"]["description"].as_str().unwrap();
        assert!(unavailable.contains("database") && unavailable.contains("noConnector"), "{path}");
        let timeout = operation["parameters"].as_array().unwrap().last().unwrap();
        assert_eq!(timeout["name"], "Timeout");
        assert_eq!(timeout["schema"]["maximum"], 300);
    }
    let report = &document["paths"]["/connectors/{id}/report"]["get"]["responses"]["200"];
    assert!(report["content"]["application/zip"].is_object(), "{report}");
}
