//! Connectors, in the documented form and the older one.

use axum::http::Method;
use registry::{Connector, ConnectorFilter, ConnectorKind, Right};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::route::{Needs, Parameter, Route};
use crate::schema::{Schema, boolean, full, list, moment, moment_or_null, text, text_or_null};

/// Longest value of a filter, as documented.
const MAX_FILTER: usize = 256;
const NEEDS: Needs = Needs::Right(Right::ResourceLocations);
const QUERY: &[Parameter] = &[
    ("Location", "string", "Connectors of this resource location."),
    ("ConnectorType", "string", "`Windows`, `Unified` (appliances) or `All`; missing = all."),
    ("ExtendedData", "boolean", "Accepted; the answer is always complete."),
    ("RetrieveExpectedVersion", "boolean", "Accepted; the answer is always complete."),
];
const CONNECTORS: Schema = Schema { name: "Connectors", value: || list(&full(&properties())) };
const REMOVED: Schema = Schema { name: "Removed", value: || json!({"const": true}) };
const EDGE_SERVER: Schema = Schema { name: "EdgeServer", value: || full(&detail_properties()) };

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/connectors",
        older_path: None,
        needs: NEEDS,
        id: "getConnectors",
        summary: "List connectors",
        description: "A bare array, by name; appliances are in it without any filter.",
        query: QUERY,
        request: None,
        success: (200, "The connectors.", Some(CONNECTORS)),
        errors: &[(
            400,
            "A filter is too long, `ConnectorType` is unknown, or a flag is neither `true` nor `false`.",
        )],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/connectors/{id}",
        older_path: None,
        needs: NEEDS,
        id: "deleteConnector",
        summary: "Remove a connector",
        description: "Its certificate is worth nothing from now on. An appliance that is connected \
                      is told; one that is gone for good is removed all the same.",
        query: &[],
        request: None,
        success: (200, "`true`: it is removed.", Some(REMOVED)),
        errors: &[],
        handler: |call| Box::pin(delete(call)),
    },
    Route {
        method: Method::GET,
        path: "/edgeservers",
        older_path: Some("/{customer}/EdgeServers"),
        needs: NEEDS,
        id: "getEdgeServers",
        summary: "List connectors, in the older form",
        description: "The same array as that of `/connectors`.",
        query: QUERY,
        request: None,
        success: (200, "The connectors.", Some(CONNECTORS)),
        errors: &[(
            400,
            "A filter is too long, `connectorType` is unknown, or a flag is neither `true` nor `false`.",
        )],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::GET,
        path: "/edgeservers/{id}",
        older_path: Some("/{customer}/EdgeServers/{id}"),
        needs: NEEDS,
        id: "getEdgeServer",
        summary: "Read a connector",
        description: "With the state of its update.",
        query: &[],
        request: None,
        success: (200, "The connector.", Some(EDGE_SERVER)),
        errors: &[],
        handler: |call| Box::pin(read(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    for name in ["ExtendedData", "RetrieveExpectedVersion"] {
        check_flag(call, name)?;
    }
    let filter = ConnectorFilter { location: filter(call, "Location")?, kind: kind(call)? };
    let connectors = call.tenant()?.connectors(&filter).await?;
    let items: Vec<_> = connectors.iter().map(|connector| view(connector, call.now)).collect();
    Ok(Reply::ok(json!(items)))
}

async fn read(call: &Call<'_>) -> Result<Reply, ApiError> {
    let connector = call.tenant()?.connector(call.id()).await?;
    Ok(Reply::ok(detail(&connector, call.now)))
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let tenant = call.tenant()?;
    let connector = tenant.connector(call.id()).await?;
    tenant.remove_connector(call.id(), &call.change()?).await?;
    call.site.appliances().forget(tenant.id(), &connector.location, &connector.id).await?;
    Ok(Reply::ok(json!(true)))
}

fn filter(call: &Call<'_>, name: &str) -> Result<Option<String>, ApiError> {
    match call.query.get(name) {
        None | Some("") => Ok(None),
        Some(value) if value.chars().count() > MAX_FILTER => {
            Err(ApiError::too_long(name, MAX_FILTER))
        }
        Some(value) if value.contains('\0') => {
            Err(ApiError::invalid_value(name, "a text without the character NUL"))
        }
        Some(value) => Ok(Some(value.to_owned())),
    }
}

/// What changes nothing may still be misspelt.
fn check_flag(call: &Call<'_>, name: &'static str) -> Result<(), ApiError> {
    let is_flag = |text: &str| ["", "true", "false"].contains(&text.to_lowercase().as_str());
    match call.query.get(name) {
        Some(text) if !is_flag(text) => Err(ApiError::no_boolean(name)),
        _ => Ok(()),
    }
}

fn kind(call: &Call<'_>) -> Result<Option<ConnectorKind>, ApiError> {
    const NAME: &str = "ConnectorType";
    let Some(value) = filter(call, NAME)? else { return Ok(None) };
    if value.eq_ignore_ascii_case("All") {
        return Ok(None);
    }
    let known = [ConnectorKind::Windows, ConnectorKind::Unified];
    let found = known.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(&value));
    found.map(Some).ok_or_else(|| ApiError::invalid_enum(NAME, &["Windows", "Unified", "All"]))
}

/// The 16 members of the documented list.
fn view(connector: &Connector, now: i64) -> Value {
    json!({
        "id": connector.id,
        "fqdn": connector.name,
        "role": Value::Null,
        "windowsSid": Value::Null,
        "location": connector.location,
        "currentVersion": connector.current_version,
        "currentBootstrapperVersion": connector.current_version,
        "expectedVersion": connector.expected_version,
        "expectedBootStrapperVersion": connector.expected_version,
        "versionState": connector.version_state.name(),
        "inMaintenance": connector.in_maintenance,
        "leaseEndDateTime": moment::text(connector.certificate.expires_at),
        "upgradeDisabled": connector.upgrade_disabled,
        "connectorType": connector.kind.name(),
        "status": connector.status(now).name(),
        "lastContactDate": connector.last_contact_at.map(moment::text),
    })
}

/// With the five members of an update.
fn detail(connector: &Connector, now: i64) -> Value {
    let mut view = view(connector, now);
    let upgrade = &connector.upgrade;
    view["upgradingVersion"] = json!(upgrade.version);
    view["upgradingStatus"] = json!(upgrade.status);
    view["lastUpgradeDate"] = json!(upgrade.began_at.map(moment::text));
    view["lastUpgradeCompletedDate"] = json!(upgrade.completed_at.map(moment::text));
    view["failedUpgradeReason"] = json!(upgrade.failure);
    view
}

fn properties() -> Value {
    json!({
        "id": text(),
        "fqdn": text(),
        "role": {"type": "null"},
        "windowsSid": {"type": "null"},
        "location": text(),
        "currentVersion": text_or_null(),
        "currentBootstrapperVersion": text_or_null(),
        "expectedVersion": text_or_null(),
        "expectedBootStrapperVersion": text_or_null(),
        "versionState": {"enum": ["Normal", "UpdateAvailable", "Updating", "UpdateFailed"]},
        "inMaintenance": boolean(),
        "leaseEndDateTime": moment(),
        "upgradeDisabled": boolean(),
        "connectorType": {"enum": ["Windows", "Unified"]},
        "status": {"enum": ["Connected", "Disconnected", "Unknown", "Revoked"]},
        "lastContactDate": moment_or_null(),
    })
}

fn detail_properties() -> Value {
    let mut properties = properties();
    properties["upgradingVersion"] = text_or_null();
    properties["upgradingStatus"] = text_or_null();
    properties["lastUpgradeDate"] = moment_or_null();
    properties["lastUpgradeCompletedDate"] = moment_or_null();
    properties["failedUpgradeReason"] = text_or_null();
    properties
}
