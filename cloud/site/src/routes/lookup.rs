//! Objects of directories, looked up through the connectors of a resource location.

use axum::http::Method;
use model::domain::DomainName;
use model::domain::lookup::{
    DirectoryObject, Lookup, LookupError, LookupKey, LookupPage, MAX_PAGE, MAX_TEXT, ObjectKind,
};
use protocol::request::Operation;
use registry::Right;
use serde_json::{Value, json};

use crate::ask::{self, FAILED, LATE, NOBODY, TIMEOUT, TOO_MANY, UNSUPPORTED, WRONG_TIMEOUT};
use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::object::Object;
use crate::route::{Needs, Route};
use crate::schema::{Schema, boolean, closed, full, text, text_or_null};

/// Seconds that a lookup may take when the client names none.
const SECONDS: u32 = 30;
/// Longest cursor, in bytes: what an appliance takes.
const MAX_CURSOR: usize = 16_384;
const KINDS: [(&str, ObjectKind); 3] =
    [("user", ObjectKind::User), ("group", ObjectKind::Group), ("computer", ObjectKind::Computer)];
const KEYS: [(&str, LookupKey); 6] = [
    ("accountName", LookupKey::AccountName),
    ("userPrincipalName", LookupKey::UserPrincipalName),
    ("mail", LookupKey::Mail),
    ("displayName", LookupKey::DisplayName),
    ("sid", LookupKey::Sid),
    ("guid", LookupKey::Guid),
];
const REQUEST: Schema = Schema { name: "DirectoryLookup", value: request_schema };
const PAGE: Schema = Schema { name: "DirectoryPage", value: page_schema };

pub(super) static ROUTES: &[Route] = &[Route {
    method: Method::POST,
    path: "/resourcelocations/{id}/directory/$lookup",
    older_path: None,
    needs: Needs::Right(Right::Requests),
    id: "lookUpInDirectory",
    summary: "Find users, groups or computers of a domain",
    description: "Any connector of the location that has joined the domain answers; when it is lost \
                  before that, another one is asked, for a lookup changes nothing. Body and answer are \
                  those of the appliance's own `POST /domains/{name}/$lookup`, with `domain_name` and \
                  the `connector` that answered beside. `displayName` finds its beginning. With \
                  `groups` the security identifiers of all groups of users and computers are read, \
                  nested and universal ones included, and the members of groups. `cursor` of an answer \
                  asks for the next page; it is `null` on the last. 30 seconds if `Timeout` is missing.",
    query: &[TIMEOUT],
    request: Some(REQUEST),
    success: (200, "What was found; nothing is an empty list.", Some(PAGE)),
    errors: &[WRONG_TIMEOUT, TOO_MANY, UNSUPPORTED, FAILED, NOBODY, LATE],
    handler: |call| Box::pin(look_up(call)),
}];

async fn look_up(call: &Call<'_>) -> Result<Reply, ApiError> {
    let lookup = lookup(call)?;
    let within = ask::within(call, SECONDS)?;
    let operation = Operation::Lookup(lookup);
    let (answered, _place) = ask::location(call, call.id(), operation, within).await?;
    let page = serde_json::from_value::<LookupPage>(answered.body);
    let page = page.map_err(|_| ApiError::strange_answer())?;
    Ok(Reply::ok(view(&page, &answered.connector)))
}

fn lookup(call: &Call<'_>) -> Result<Lookup, ApiError> {
    let mut object = call.object(&["domain_name", "kind", "key", "value", "groups", "cursor"])?;
    let domain = DomainName::parse(&object.text("domain_name")?).map_err(|_| {
        ApiError::invalid_value("domain_name", "the DNS name of a domain, such as corp.example.com")
    })?;
    let kind = named("kind", &object.text("kind")?, &KINDS)?;
    let key = named("key", &object.text("key")?, &KEYS)?;
    let value = object.text("value")?;
    let with_groups = object.optional_boolean("groups")?.unwrap_or(false);
    let cursor = cursor(&mut object)?;
    let lookup = Lookup { domain, kind, key, value, with_groups, cursor };
    lookup.check().map_err(|error| match error {
        LookupError::Empty => ApiError::missing("value"),
        LookupError::TooLong => ApiError::too_long("value", MAX_TEXT),
        LookupError::PrefixTooShort => ApiError::invalid_value("value", "two characters at least"),
        LookupError::NotSid { .. } => {
            ApiError::invalid_value("value", "a security identifier such as S-1-5-21-1-2-3-500")
        }
        LookupError::NotGuid { .. } => ApiError::invalid_value("value", "a GUID"),
    })?;
    Ok(lookup)
}

fn named<T: Copy, const N: usize>(
    property: &str,
    text: &str,
    all: &[(&str, T); N],
) -> Result<T, ApiError> {
    let found = all.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| ApiError::invalid_enum(property, &all.each_ref().map(|(name, _)| *name)))
}

/// Longer than other texts may be, because the directory makes it.
fn cursor(object: &mut Object) -> Result<Option<String>, ApiError> {
    match object.take("cursor") {
        None => Ok(None),
        Some(Value::String(text)) if text.len() > MAX_CURSOR => {
            Err(ApiError::too_long("cursor", MAX_CURSOR))
        }
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::no_string("cursor")),
    }
}

fn view(page: &LookupPage, connector: &str) -> Value {
    json!({
        "objects": page.objects.iter().map(object_view).collect::<Vec<_>>(),
        "cursor": page.cursor,
        "host": page.host,
        "milliseconds": page.milliseconds,
        "connector": connector,
    })
}

fn object_view(object: &DirectoryObject) -> Value {
    json!({
        "sid": object.sid,
        "guid": object.guid,
        "distinguished_name": object.distinguished_name,
        "account_name": object.account_name,
        "user_principal_name": object.user_principal_name,
        "display_name": object.display_name,
        "mail": object.mail,
        "is_enabled": object.is_enabled,
        "groups": object.groups,
        "members": object.members,
    })
}

fn request_schema() -> Value {
    closed(
        &["domain_name", "kind", "key", "value"],
        &json!({
            "domain_name": {
                "type": "string",
                "pattern": r"^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})+\.?$",
            },
            "kind": {"enum": KINDS.map(|(name, _)| name)},
            "key": {"enum": KEYS.map(|(name, _)| name)},
            "value": {
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_TEXT,
                "description": "At most 256 bytes in UTF-8.",
            },
            "groups": boolean(),
            "cursor": {"type": ["string", "null"], "maxLength": MAX_CURSOR},
        }),
    )
}

fn page_schema() -> Value {
    let texts = |of: &str| json!({"type": ["array", "null"], "items": text(), "description": of});
    let object = full(&json!({
        "sid": text(),
        "guid": text(),
        "distinguished_name": text(),
        "account_name": text(),
        "user_principal_name": text_or_null(),
        "display_name": text_or_null(),
        "mail": text_or_null(),
        "is_enabled": boolean(),
        "groups": texts("Security identifiers."),
        "members": texts("Distinguished names."),
    }));
    full(&json!({
        "objects": {"type": "array", "items": object, "maxItems": MAX_PAGE},
        "cursor": text_or_null(),
        "host": {"type": "string", "description": "The domain controller that answered."},
        "milliseconds": {"type": "integer", "minimum": 0},
        "connector": {"type": "string", "description": "The connector that answered."},
    }))
}
