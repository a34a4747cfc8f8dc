//! Maintenance windows.

use axum::http::Method;
use registry::{Day, MaintenanceWindow, Refusal, Right, UpdateOrder};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::object::Object;
use crate::route::{Needs, Route};
use crate::schema::{Schema, closed, full, list, text};

const NEEDS: Needs = Needs::Right(Right::ResourceLocations);
/// What stands for no window.
const UNDEFINED: &str = "Undefined";
const WINDOW: Schema = Schema { name: "MaintenanceWindow", value: || full(&properties()) };
const WINDOWS: Schema = Schema { name: "MaintenanceWindows", value: || list(&full(&properties())) };
const NEW: Schema = Schema {
    name: "NewMaintenanceWindow",
    value: || closed(&["location", "dayOfWeek", "start"], &properties()),
};
const UPDATE: Schema = Schema {
    name: "MaintenanceWindowUpdate",
    value: || closed(&["dayOfWeek", "start"], &properties()),
};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/maintenance",
        older_path: Some("/{customer}/maintenance"),
        needs: NEEDS,
        id: "getMaintenanceWindows",
        summary: "List maintenance windows",
        description: "A bare array with every resource location; `Undefined` = updates come at once. \
                      Times are in the time zone of the location.",
        query: &[],
        request: None,
        success: (200, "The windows.", Some(WINDOWS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::POST,
        path: "/maintenance",
        older_path: Some("/{customer}/maintenance"),
        needs: NEEDS,
        id: "createMaintenanceWindow",
        summary: "Set the window of a location",
        description: "Takes the place of the one that there was.",
        query: &[],
        request: Some(NEW),
        success: (200, "The window.", Some(WINDOW)),
        errors: &[(404, "There is no such location.")],
        handler: |call| Box::pin(create(call)),
    },
    Route {
        method: Method::PUT,
        path: "/maintenance/{id}",
        older_path: Some("/{customer}/maintenance/{id}"),
        needs: NEEDS,
        id: "updateMaintenanceWindow",
        summary: "Set the window of a location",
        description: "`id` is the location's.",
        query: &[],
        request: Some(UPDATE),
        success: (200, "The window.", Some(WINDOW)),
        errors: &[],
        handler: |call| Box::pin(update(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/maintenance/{id}",
        older_path: Some("/{customer}/maintenance/{id}"),
        needs: NEEDS,
        id: "deleteMaintenanceWindow",
        summary: "Remove the window of a location",
        description: "`id` is the location's. Updates come at once from now on.",
        query: &[],
        request: None,
        success: (204, "It is removed.", None),
        errors: &[],
        handler: |call| Box::pin(delete(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let tenant = call.tenant()?;
    let windows = tenant.maintenance_windows().await?;
    let items: Vec<_> = tenant
        .locations()
        .await?
        .iter()
        .map(|location| match windows.iter().find(|window| window.location == location.id) {
            Some(window) => view(window),
            None => undefined(&location.id),
        })
        .collect();
    Ok(Reply::ok(json!(items)))
}

async fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&["location", "dayOfWeek", "start", "order"])?;
    let location = object.text("location")?;
    set(call, object, location).await
}

async fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&["location", "dayOfWeek", "start", "order"])?;
    let location = object.optional_text("location")?;
    if location.is_some_and(|location| location != call.id()) {
        return Err(ApiError::invalid_value("location", "that of the path"));
    }
    set(call, object, call.id().to_owned()).await
}

async fn set(call: &Call<'_>, mut object: Object, location: String) -> Result<Reply, ApiError> {
    let days = [&Day::ALL.map(Day::name)[..], &[UNDEFINED]].concat();
    let day = object.text("dayOfWeek")?;
    if day == UNDEFINED {
        return remove(call, &location).await;
    }
    let day = Day::parse(&day).ok_or_else(|| ApiError::invalid_enum("dayOfWeek", &days))?;
    let start = moment::time_of_day(&object.text("start")?)
        .ok_or_else(|| ApiError::out_of_range("start", "a time of day, such as 03:30:00"))?;
    let order = match object.optional_text("order")? {
        None => UpdateOrder::Normal,
        Some(order) => UpdateOrder::parse(&order).ok_or_else(|| {
            ApiError::invalid_enum("order", &UpdateOrder::ALL.map(UpdateOrder::name))
        })?,
    };
    let window = MaintenanceWindow { location, day, start_second: start, order };
    call.tenant()?.set_maintenance_window(&window, &call.change()?).await?;
    Ok(Reply::ok(view(&window)))
}

/// Setting `Undefined` removes the window, if there is one.
async fn remove(call: &Call<'_>, location: &str) -> Result<Reply, ApiError> {
    let tenant = call.tenant()?;
    tenant.location(location).await?;
    match tenant.remove_maintenance_window(location, &call.change()?).await {
        Err(error) if !matches!(error.refusal(), Some(Refusal::NoSuch { .. })) => Err(error.into()),
        _ => Ok(Reply::ok(undefined(location))),
    }
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.tenant()?.remove_maintenance_window(call.id(), &call.change()?).await?;
    Ok(Reply::nothing())
}

fn view(window: &MaintenanceWindow) -> Value {
    json!({
        "location": window.location,
        "dayOfWeek": window.day.name(),
        "start": moment::of_day(window.start_second),
        "order": window.order.name(),
    })
}

fn undefined(location: &str) -> Value {
    let order = UpdateOrder::Normal.name();
    json!({"location": location, "dayOfWeek": UNDEFINED, "start": "00:00:00", "order": order})
}

fn properties() -> Value {
    let days = [&Day::ALL.map(Day::name)[..], &[UNDEFINED]].concat();
    json!({
        "location": text(),
        "dayOfWeek": {"enum": days},
        "start": {"type": "string", "description": "Such as `12:00:00`."},
        "order": {"enum": UpdateOrder::ALL.map(UpdateOrder::name)},
    })
}
