//! Resource locations.

use axum::http::Method;
use registry::{Location, LocationForm, Right};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::object::Object;
use crate::route::{Needs, Route};
use crate::schema::{Schema, boolean, closed, full, list, text};

const LOCATION: Schema = Schema { name: "ResourceLocation", value: location_schema };
const LOCATIONS: Schema = Schema {
    name: "ResourceLocations",
    value: || full(&json!({"items": list(&location_schema())})),
};
const NEW: Schema = Schema { name: "NewResourceLocation", value: || form_schema(&["name"]) };
const UPDATE: Schema = Schema { name: "ResourceLocationUpdate", value: || form_schema(&[]) };
const NAME_TAKEN: (u16, &str) = (409, "Another location has the name (`reason` is `nameTaken`).");
const NEEDS: Needs = Needs::Right(Right::ResourceLocations);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/resourcelocations",
        older_path: Some("/{customer}/resourcelocations"),
        needs: NEEDS,
        id: "getResourceLocations",
        summary: "List resource locations",
        description: "By name.",
        query: &[],
        request: None,
        success: (200, "The locations.", Some(LOCATIONS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::POST,
        path: "/resourcelocations",
        older_path: Some("/{customer}/resourcelocations"),
        needs: NEEDS,
        id: "createResourceLocation",
        summary: "Make a resource location",
        description: "The first one of a customer is the default one: appliances that name no \
                      location belong there.",
        query: &[],
        request: Some(NEW),
        success: (200, "The location.", Some(LOCATION)),
        errors: &[NAME_TAKEN],
        handler: |call| Box::pin(create(call)),
    },
    Route {
        method: Method::GET,
        path: "/resourcelocations/{id}",
        older_path: Some("/{customer}/resourcelocations/{id}"),
        needs: NEEDS,
        id: "getResourceLocation",
        summary: "Read a resource location",
        description: "",
        query: &[],
        request: None,
        success: (200, "The location.", Some(LOCATION)),
        errors: &[],
        handler: |call| Box::pin(read(call)),
    },
    Route {
        method: Method::PUT,
        path: "/resourcelocations/{id}",
        older_path: Some("/{customer}/resourcelocations/{id}"),
        needs: NEEDS,
        id: "updateResourceLocation",
        summary: "Change a resource location",
        description: "Properties that are left out stay. One that is `readOnly` takes \
                      `readOnly: false` only.",
        query: &[],
        request: Some(UPDATE),
        success: (200, "The location.", Some(LOCATION)),
        errors: &[NAME_TAKEN],
        handler: |call| Box::pin(update(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/resourcelocations/{id}",
        older_path: Some("/{customer}/resourcelocations/{id}"),
        needs: NEEDS,
        id: "deleteResourceLocation",
        summary: "Delete a resource location without connectors",
        description: "Its maintenance window goes with it.",
        query: &[],
        request: None,
        success: (204, "It is deleted.", None),
        errors: &[(409, "Connectors are left in it (`reason` is `hasConnectors`).")],
        handler: |call| Box::pin(delete(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let locations = call.tenant()?.locations().await?;
    let items: Vec<_> = locations.iter().map(view).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let form = form(call)?;
    if form.name.is_none() {
        return Err(ApiError::missing("name"));
    }
    let location = call.tenant()?.create_location(&form, &call.change()?).await?;
    Ok(Reply::ok(view(&location)))
}

async fn read(call: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::ok(view(&call.tenant()?.location(call.id()).await?)))
}

async fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let form = form(call)?;
    let location = call.tenant()?.update_location(call.id(), &form, &call.change()?).await?;
    Ok(Reply::ok(view(&location)))
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.tenant()?.delete_location(call.id(), &call.change()?).await?;
    Ok(Reply::nothing())
}

fn form(call: &Call<'_>) -> Result<LocationForm, ApiError> {
    // A location that was read may be sent back whole.
    let mut object: Object =
        call.object(&["id", "name", "internalOnly", "timeZone", "readOnly", "isDefault"])?;
    Ok(LocationForm {
        name: object.optional_text("name")?,
        internal_only: object.optional_boolean("internalOnly")?,
        time_zone: object.optional_text("timeZone")?,
        read_only: object.optional_boolean("readOnly")?,
    })
}

fn view(location: &Location) -> Value {
    json!(location)
}

fn location_schema() -> Value {
    full(&json!({
        "id": text(),
        "name": text(),
        "internalOnly": boolean(),
        "timeZone": {"type": "string", "description": "Windows' name, such as `Tokyo Standard Time`."},
        "readOnly": {"type": "boolean", "description": "Whether the platform manages it."},
        "isDefault": boolean(),
    }))
}

fn form_schema(required: &[&str]) -> Value {
    closed(
        required,
        &json!({
            "id": {"description": "Ignored."},
            "name": {
                "type": "string",
                "pattern": "[^\\/\\\\#?%|\\[\\]{}<>$^&+]+",
                "description": "64 characters at most.",
            },
            "internalOnly": boolean(),
            "timeZone": text(),
            "readOnly": boolean(),
            "isDefault": {"description": "Ignored."},
        }),
    )
}
