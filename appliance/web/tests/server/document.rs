//! The OpenAPI document, the file that is checked in, and the running server.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::appliance::Appliance;
use crate::client::Request;

/// Set to anything, it makes the test write the file anew.
const UPDATE: &str = "UPDATE_OPENAPI";

#[test]
fn file_that_is_checked_in_is_the_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let document = serde_json::to_string_pretty(&web::api::document()).unwrap() + "\n";
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, &document).unwrap();
    }
    let file = fs::read_to_string(&path).unwrap_or_default();
    assert!(file == document, "run `{UPDATE}=1 cargo nextest run -p web` and review openapi.json");
}

#[test]
fn references_lead_to_schemas() {
    let document = web::api::document();
    let text = document.to_string();
    let references: Vec<_> = text.split("\"$ref\":\"#").skip(1).collect();
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn server_serves_the_document() {
    let appliance = Appliance::start().await;
    let answer = appliance.send(&Request::get("/openapi.json")).await;
    assert_eq!((answer.status, answer.json()), (200, web::api::document()));
}

#[tokio::test]
async fn every_operation_answers_as_described() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let document = web::api::document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let described = |status: u16| !operation["responses"][status.to_string()].is_null();
            let name = operation["operationId"].as_str().unwrap();
            let request = Request::new(&method.to_uppercase(), path);

            let answer = appliance.send(&request).await;
            assert!(described(answer.status), "{name} without anything: {}", answer.status);
            let is_protected = operation["security"][0].is_object();
            assert_eq!(is_protected, operation["responses"]["401"].is_object() && name != "logIn");
            if is_protected {
                assert_eq!(
                    (answer.status, answer.parameter("reason")),
                    (401, vec!["missing".into()])
                );
            }

            let has_body = operation["requestBody"].is_object();
            for (request, status) in [
                (request.clone().json("7"), 400),
                (request.clone().body("{}").field("Content-Type", "text/plain"), 415),
                (request.clone().json(&" ".repeat(70_000)), 413),
            ] {
                // What is not read may cut the connection before the answer is.
                if status == 413 && !has_body {
                    continue;
                }
                let answer = appliance.send(&request.token(&token)).await;
                assert!(described(answer.status), "{name}: {}", answer.status);
                // What the path names does not exist, which may be found first.
                if answer.status != 404 {
                    assert_eq!(answer.status == status, has_body, "{name}: {}", answer.status);
                }
                check_schema(&document, operation, answer.status, &answer.body);
            }
        }
    }
}

/// Checks the required properties of an answer.
fn check_schema(document: &Value, operation: &Value, status: u16, body: &str) {
    let content = &operation["responses"][status.to_string()]["content"]["application/json"];
    let Some(reference) = content["schema"]["$ref"].as_str() else {
        assert_eq!(body, "");
        return;
    };
    let schema = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        let value = body.get(name).unwrap_or_else(|| panic!("{name} in {body}"));
        let kind = &schema["properties"][name]["type"];
        let may_be_null = kind.as_array().is_some_and(|kinds| kinds.contains(&"null".into()));
        assert!(may_be_null || !value.is_null(), "{name} in {body}");
    }
}
