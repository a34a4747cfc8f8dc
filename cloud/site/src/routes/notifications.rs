//! Notifications.

use axum::http::Method;
use registry::{Content, NewNotification, Notification, Right, Severity};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::object::Object;
use crate::route::{Needs, Route};
use crate::schema::{Schema, closed, full, list, moment as moment_schema, text};

/// Most languages of a notification.
const MAX_CONTENTS: usize = 20;
const NEEDS: Needs = Needs::Right(Right::Notifications);
const NOTIFICATIONS: Schema = Schema {
    name: "Notifications",
    value: || {
        let item = full(&json!({
            "id": text(),
            "createdDate": moment_schema(),
            "component": text(),
            "eventId": text(),
            "severity": severities(),
            "priority": text(),
            "destinationAdmin": text(),
            "content": contents(),
        }));
        full(&json!({"items": list(&item)}))
    },
};
const NEW: Schema = Schema {
    name: "NewNotification",
    value: || {
        let properties = json!({
            "destinationAdmin": {"type": "string", "description": "An administrator's `id`; `*` = all."},
            "component": text(),
            "createdDate": {"description": "Ignored: the service has a clock."},
            "eventId": text(),
            "severity": severities(),
            "priority": text(),
            "content": contents(),
        });
        closed(&["component", "eventId", "severity", "content"], &properties)
    },
};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/notifications",
        older_path: None,
        needs: NEEDS,
        id: "getNotifications",
        summary: "List notifications",
        description: "Those for the administrator who made the client, the newest first, until they \
                      are dismissed.",
        query: &[],
        request: None,
        success: (200, "The notifications.", Some(NOTIFICATIONS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::POST,
        path: "/notifications/items",
        older_path: Some("/{customer}/notifications/items"),
        needs: NEEDS,
        id: "createNotification",
        summary: "Add a notification",
        description: "The same event for the same administrator is shown once until it is dismissed.",
        query: &[],
        request: Some(NEW),
        success: (204, "It is shown.", None),
        errors: &[],
        handler: |call| Box::pin(create(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/notifications/{id}",
        older_path: None,
        needs: NEEDS,
        id: "dismissNotification",
        summary: "Dismiss a notification",
        description: "For everybody whom it is for.",
        query: &[],
        request: None,
        success: (204, "It is dismissed.", None),
        errors: &[],
        handler: |call| Box::pin(dismiss(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let notifications = call.tenant()?.notifications(&call.holder()?.maker).await?;
    let items: Vec<_> = notifications.iter().map(view).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&[
        "destinationAdmin",
        "component",
        "createdDate",
        "eventId",
        "severity",
        "priority",
        "content",
    ])?;
    let severity = object.text("severity")?;
    let severity = Severity::parse(&severity)
        .ok_or_else(|| ApiError::invalid_enum("severity", &["Information", "Warning", "Error"]))?;
    let new = NewNotification {
        component: object.text("component")?,
        event_id: object.text("eventId")?,
        severity,
        priority: object.optional_text("priority")?.unwrap_or_else(|| "Normal".to_owned()),
        destination: object.optional_text("destinationAdmin")?.unwrap_or_else(|| "*".to_owned()),
        content: read_contents(&mut object)?,
    };
    call.tenant()?.notify(&new, &call.change()?).await?;
    Ok(Reply::nothing())
}

async fn dismiss(call: &Call<'_>) -> Result<Reply, ApiError> {
    call.tenant()?.dismiss(call.id(), &call.change()?).await?;
    Ok(Reply::nothing())
}

fn read_contents(object: &mut Object) -> Result<Vec<Content>, ApiError> {
    const NAME: &str = "content";
    let values = object.optional_list(NAME)?.ok_or_else(|| ApiError::missing(NAME))?;
    if values.is_empty() || values.len() > MAX_CONTENTS {
        return Err(ApiError::out_of_range(NAME, "1 to 20 languages"));
    }
    let read = |value| {
        let mut object = Object::of_value(value, NAME)?;
        object.allow(&["languageTag", "title", "description"])?;
        Ok(Content {
            language_tag: object.text("languageTag")?,
            title: object.text("title")?,
            description: object.text("description")?,
        })
    };
    values.into_iter().map(read).collect()
}

fn view(shown: &Notification) -> Value {
    let notification = &shown.notification;
    json!({
        "id": shown.id,
        "createdDate": moment::text(shown.created_at),
        "component": notification.component,
        "eventId": notification.event_id,
        "severity": notification.severity.name(),
        "priority": notification.priority,
        "destinationAdmin": notification.destination,
        "content": notification.content,
    })
}

fn severities() -> Value {
    json!({"enum": ["Information", "Warning", "Error"]})
}

fn contents() -> Value {
    let properties = json!({"languageTag": text(), "title": text(), "description": text()});
    let content = closed(&["languageTag", "title", "description"], &properties);
    json!({"type": "array", "items": content, "minItems": 1, "maxItems": MAX_CONTENTS})
}
