//! The service itself: its document and whether it works.

use axum::http::Method;
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::openapi;
use crate::route::{Needs, Route};
use crate::schema::{Schema, full};

const DOCUMENT: Schema = Schema { name: "Document", value: || json!({"type": "object"}) };
const HEALTH: Schema =
    Schema { name: "Health", value: || full(&json!({"status": {"const": "Healthy"}})) };

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/openapi.json",
        older_path: None,
        needs: Needs::Nothing,
        id: "getDocument",
        summary: "This document",
        description: "It is made from the table that the service itself works with.",
        query: &[],
        request: None,
        success: (200, "The document.", Some(DOCUMENT)),
        errors: &[],
        handler: |call| Box::pin(async { document(call) }),
    },
    Route {
        method: Method::GET,
        path: "/health",
        older_path: None,
        needs: Needs::Nothing,
        id: "getHealth",
        summary: "Tell whether this node can work",
        description: "For load balancers: the database is asked.",
        query: &[],
        request: None,
        success: (200, "It can.", Some(HEALTH)),
        errors: &[(503, "The database does not answer.")],
        handler: |call| Box::pin(health(call)),
    },
    Route {
        method: Method::GET,
        path: "/live",
        older_path: None,
        needs: Needs::Nothing,
        id: "getLive",
        summary: "Tell whether to send requests to this node",
        description: "For load balancers before several nodes. Nothing is asked: while the database is \
                      away every node goes on with what does not need it.",
        query: &[],
        request: None,
        success: (200, "It takes requests.", Some(HEALTH)),
        errors: &[(503, "It stops soon.")],
        handler: |call| Box::pin(async { live(call) }),
    },
];

fn document(_: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(openapi::document()))
}

async fn health(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.site.registry().check().await?;
    Ok(Reply::ok(health_value()))
}

fn live(call: &Call<'_>) -> Result<Reply, ApiError> {
    if call.site.appliances().is_leaving() {
        return Err(ApiError::stopping());
    }
    Ok(Reply::ok(health_value()))
}

fn health_value() -> Value {
    json!({"status": "Healthy"})
}
