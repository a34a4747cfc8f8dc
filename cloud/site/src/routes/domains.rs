//! Domains of Active Directory.

use axum::http::Method;
use registry::{ConnectorKind, Domain, Right};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::route::{Needs, Route};
use crate::schema::{Schema, boolean, closed, full, list, moment as moment_schema, text};

const NEEDS: Needs = Needs::Right(Right::Domains);
const DOMAIN: Schema = Schema { name: "Domain", value: schema };
const DOMAINS: Schema =
    Schema { name: "Domains", value: || full(&json!({"items": list(&schema())})) };
const UPDATE: Schema = Schema {
    name: "DomainUpdate",
    value: || closed(&[], &json!({"servedBy": kinds(), "enabled": boolean()})),
};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/domains",
        older_path: None,
        needs: NEEDS,
        id: "getDomains",
        summary: "List domains",
        description: "By name, with the connectors that are joined to each.",
        query: &[],
        request: None,
        success: (200, "The domains.", Some(DOMAINS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::GET,
        path: "/domains/{name}",
        older_path: None,
        needs: NEEDS,
        id: "getDomain",
        summary: "Read a domain",
        description: "",
        query: &[],
        request: None,
        success: (200, "The domain.", Some(DOMAIN)),
        errors: &[],
        handler: |call| Box::pin(read(call)),
    },
    Route {
        method: Method::PUT,
        path: "/domains/{name}",
        older_path: None,
        needs: NEEDS,
        id: "updateDomain",
        summary: "Choose who serves a domain, and whether new identities may be used",
        description: "Properties that are left out stay. Identities that are allocated work in any \
                      case.",
        query: &[],
        request: Some(UPDATE),
        success: (200, "The domain.", Some(DOMAIN)),
        errors: &[],
        handler: |call| Box::pin(update(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let domains = call.tenant()?.domains().await?;
    let items: Vec<_> = domains.iter().map(view).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn read(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(view(&call.tenant()?.domain(call.id()).await?)))
}

async fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&["servedBy", "enabled"])?;
    let served_by = match object.optional_text("servedBy")? {
        None => None,
        Some(name) => Some(
            ConnectorKind::parse(&name)
                .ok_or_else(|| ApiError::invalid_enum("servedBy", &["Windows", "Unified"]))?,
        ),
    };
    let is_enabled = object.optional_boolean("enabled")?;
    let tenant = call.tenant()?;
    tenant.update_domain(call.id(), served_by, is_enabled, &call.change()?).await?;
    Ok(Reply::ok(view(&tenant.domain(call.id()).await?)))
}

fn view(domain: &Domain) -> Value {
    let reports: Vec<_> = domain
        .reports
        .iter()
        .map(|report| {
            json!({
                "id": report.connector,
                "location": report.location,
                "healthy": report.is_healthy,
                "reportedDate": moment::text(report.reported_at),
            })
        })
        .collect();
    json!({
        "name": domain.name,
        "forest": domain.forest,
        "enabled": domain.is_enabled,
        "servedBy": domain.served_by.name(),
        "connectors": reports,
    })
}

fn kinds() -> Value {
    json!({"enum": ["Windows", "Unified"]})
}

fn schema() -> Value {
    let report = full(&json!({
        "id": text(),
        "location": text(),
        "healthy": boolean(),
        "reportedDate": moment_schema(),
    }));
    full(&json!({
        "name": text(),
        "forest": text(),
        "enabled": boolean(),
        "servedBy": kinds(),
        "connectors": list(&report),
    }))
}
