//! Secure clients.

use axum::http::Method;
use registry::{Client, Right};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::route::{Needs, Route};
use crate::schema::{Schema, closed, full, list, moment as moment_schema, moment_or_null, text};

const NEEDS: Needs = Needs::Right(Right::SecureClients);
const CLIENT: Schema = Schema {
    name: "NewSecureClientSecret",
    value: || {
        let mut properties = properties();
        properties["secret"] =
            json!({"type": "string", "description": "Shown once; only a digest is stored."});
        full(&properties)
    },
};
const CLIENTS: Schema =
    Schema { name: "SecureClients", value: || full(&json!({"items": list(&full(&properties()))})) };
const NEW: Schema =
    Schema { name: "NewSecureClient", value: || closed(&["name"], &json!({"name": text()})) };

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/secureclients",
        older_path: None,
        needs: NEEDS,
        id: "getSecureClients",
        summary: "List secure clients",
        description: "The newest first. Who has no full access sees those of the own administrator.",
        query: &[],
        request: None,
        success: (200, "The clients.", Some(CLIENTS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::POST,
        path: "/secureclients",
        older_path: None,
        needs: NEEDS,
        id: "createSecureClient",
        summary: "Make a secure client",
        description: "It has the permissions of the administrator who made the calling client, now \
                      and after every change of them.",
        query: &[],
        request: Some(NEW),
        success: (200, "The client and its secret.", Some(CLIENT)),
        errors: &[],
        handler: |call| Box::pin(create(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/secureclients/{id}",
        older_path: None,
        needs: NEEDS,
        id: "deleteSecureClient",
        summary: "Revoke a secure client",
        description: "Its secret is worth nothing at once, its tokens after 30 seconds at most.",
        query: &[],
        request: None,
        success: (204, "It is revoked.", None),
        errors: &[],
        handler: |call| Box::pin(delete(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let clients = call.tenant()?.clients(own_only(call)?).await?;
    let items: Vec<_> = clients.iter().map(view).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let name = call.object(&["name"])?.text("name")?;
    let maker = &call.holder()?.maker;
    let new = call.tenant()?.create_client(&name, maker, &call.change()?).await?;
    let mut body = view(&new.client);
    body["secret"] = json!(new.secret);
    Ok(Reply::ok(body))
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let tenant = call.tenant()?;
    tenant.revoke_client(call.id(), own_only(call)?, &call.change()?).await?;
    call.site.tokens().forget(tenant.id());
    Ok(Reply::nothing())
}

/// Who has no full access works with the own clients.
fn own_only<'a>(call: &'a Call<'_>) -> Result<Option<&'a str>, ApiError> {
    let holder = call.holder()?;
    Ok((!holder.access.is_full()).then_some(holder.maker.as_str()))
}

fn view(client: &Client) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "createdBy": client.maker_name,
        "createdDate": moment::text(client.created_at),
        "lastUsedDate": client.last_used_at.map(moment::text),
    })
}

fn properties() -> Value {
    json!({
        "id": text(),
        "name": text(),
        "createdBy": text(),
        "createdDate": moment_schema(),
        "lastUsedDate": moment_or_null(),
    })
}
