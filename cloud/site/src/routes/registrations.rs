//! Appliances that show a code, and the product registrations that come of them.

use axum::http::Method;
use registry::{Registration, Right};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::limiter::whole_seconds;
use crate::moment;
use crate::route::{Needs, Route};
use crate::schema::{
    Schema, closed, full, list, moment as moment_schema, moment_or_null, text, text_or_null,
};

const NEEDS: Needs = Needs::Right(Right::ResourceLocations);
const REGISTRATION: Schema = Schema { name: "Registration", value: || full(&properties()) };
const REGISTRATIONS: Schema =
    Schema { name: "Registrations", value: || full(&json!({"items": list(&full(&properties()))})) };
const CONFIRMED: Schema = Schema {
    name: "ConfirmedRegistration",
    value: || {
        let mut properties = properties();
        properties["securityNumber"] = json!({
            "type": "string",
            "description": "The appliance's page shows the same, unless somebody listens in between.",
        });
        full(&properties)
    },
};
const CODE: Schema = Schema {
    name: "RegistrationCode",
    value: || {
        let description = "Eight characters, in any case; blanks and hyphens do not matter.";
        closed(&["code"], &json!({"code": {"type": "string", "description": description}}))
    },
};
const DECISION: Schema = Schema {
    name: "RegistrationDecision",
    value: || {
        let description = "Missing = the one that the appliance was told, or the default one.";
        let location = json!({"type": "string", "description": description});
        closed(&[], &json!({"resourceLocationId": location}))
    },
};
const REGISTERED: Schema = Schema {
    name: "RegisteredConnector",
    value: || full(&json!({"id": text(), "fqdn": text(), "location": text()})),
};
const DECIDED: (u16, &str) = (
    409,
    "It cannot be: `reason` is `expiredCode`, `usedCode`, `refusedCode`, `notConfirmed`, \
     `otherLocation`, `keyTaken`, `nameTaken` or `unreachable`.",
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/registrations",
        older_path: None,
        needs: Needs::FullAccess,
        id: "getRegistrations",
        summary: "List product registrations",
        description: "The newest first. Entries stay until they are removed by hand, also after \
                      their connectors.",
        query: &[],
        request: None,
        success: (200, "The registrations.", Some(REGISTRATIONS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::GET,
        path: "/registrations/{id}",
        older_path: None,
        needs: NEEDS,
        id: "getRegistration",
        summary: "Read a registration",
        description: "After it was confirmed, until it is decided and later.",
        query: &[],
        request: None,
        success: (200, "The registration.", Some(REGISTRATION)),
        errors: &[],
        handler: |call| Box::pin(read(call)),
    },
    Route {
        method: Method::POST,
        path: "/registrations/$confirm",
        older_path: None,
        needs: NEEDS,
        id: "confirmRegistration",
        summary: "Look up the appliance that shows a code",
        description: "The appliance is contacted over the connection that it made. It belongs to \
                      this customer from now on. Ten codes at once and two a minute may be tried.",
        query: &[],
        request: Some(CODE),
        success: (200, "The appliance.", Some(CONFIRMED)),
        errors: &[(404, "No appliance shows this code."), DECIDED],
        handler: |call| Box::pin(confirm(call)),
    },
    Route {
        method: Method::POST,
        path: "/registrations/{id}/$register",
        older_path: None,
        needs: NEEDS,
        id: "registerConnector",
        summary: "Register an appliance that was confirmed",
        description: "Without any location a default one is made.",
        query: &[],
        request: Some(DECISION),
        success: (200, "The connector.", Some(REGISTERED)),
        errors: &[DECIDED],
        handler: |call| Box::pin(register(call)),
    },
    Route {
        method: Method::POST,
        path: "/registrations/{id}/$refuse",
        older_path: None,
        needs: NEEDS,
        id: "refuseRegistration",
        summary: "Refuse an appliance that was confirmed",
        description: "It shows that it was refused, and needs a new code.",
        query: &[],
        request: None,
        success: (204, "It is refused.", None),
        errors: &[DECIDED],
        handler: |call| Box::pin(refuse(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/registrations/{id}",
        older_path: None,
        needs: Needs::FullAccess,
        id: "deleteRegistration",
        summary: "Remove an entry of the product registrations",
        description: "The connector, where there is one, stays.",
        query: &[],
        request: None,
        success: (204, "It is removed.", None),
        errors: &[],
        handler: |call| Box::pin(delete(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let registrations = call.tenant()?.registrations().await?;
    let items: Vec<_> = registrations.iter().map(|one| view(one, call.now)).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn read(call: &Call<'_>) -> Result<Reply, ApiError> {
    let registration = call.tenant()?.registration(call.id()).await?;
    Ok(Reply::ok(view(&registration, call.now)))
}

async fn confirm(call: &Call<'_>) -> Result<Reply, ApiError> {
    let code = call.object(&["code"])?.text("code")?;
    let tenant = &call.holder()?.tenant;
    let taken = call.site.codes().take(tenant.clone(), Instant::now());
    taken.map_err(|wait| ApiError::too_many_requests(whole_seconds(wait)))?;
    let confirmed = call.site.appliances().confirm(tenant, &code, &call.change()?).await?;
    let mut body = view(&confirmed.registration, call.now);
    body["securityNumber"] = json!(confirmed.security_number);
    Ok(Reply::ok(body))
}

async fn register(call: &Call<'_>) -> Result<Reply, ApiError> {
    let location = call.object(&["resourceLocationId"])?.optional_text("resourceLocationId")?;
    let (tenant, change) = (&call.holder()?.tenant, call.change()?);
    let (appliances, id) = (call.site.appliances(), registration(call));
    let connector = appliances.register(tenant, id, location.as_deref(), &change).await?;
    Ok(Reply::ok(json!({
        "id": connector.id,
        "fqdn": connector.name,
        "location": connector.location,
    })))
}

async fn refuse(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (tenant, change) = (&call.holder()?.tenant, call.change()?);
    call.site.appliances().refuse(tenant, registration(call), &change).await?;
    Ok(Reply::nothing())
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.tenant()?.remove_registration(call.id(), &call.change()?).await?;
    Ok(Reply::nothing())
}

fn registration<'a>(call: &'a Call<'_>) -> &'a str {
    call.parameters.first().map_or("", String::as_str)
}

fn view(registration: &Registration, now: i64) -> Value {
    json!({
        "id": registration.id,
        "name": registration.appliance_name,
        "state": registration.state(now).name(),
        "version": registration.about.version,
        "hostName": registration.about.host_name,
        "addresses": registration.about.addresses,
        "source": registration.source,
        "keyFingerprint": registration.key_fingerprint,
        "resourceLocationId": registration.wanted_location,
        "connectorId": registration.connector,
        "createdDate": moment::text(registration.created_at),
        "codeEndDate": moment::text(registration.expires_at),
        "decidedDate": registration.decided_at.map(moment::text),
        "decidedBy": registration.decided_by,
    })
}

fn properties() -> Value {
    json!({
        "id": text(),
        "name": text(),
        "state": {"enum": ["Waiting", "Confirmed", "Registered", "Refused", "Expired"]},
        "version": text(),
        "hostName": text(),
        "addresses": list(&text()),
        "source": {"type": "string", "description": "The address that the appliance came from."},
        "keyFingerprint": text(),
        "resourceLocationId": text_or_null(),
        "connectorId": text(),
        "createdDate": moment_schema(),
        "codeEndDate": moment_schema(),
        "decidedDate": moment_or_null(),
        "decidedBy": text_or_null(),
    })
}
