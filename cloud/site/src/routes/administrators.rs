//! Administrators and their invitations.

use axum::http::Method;
use registry::{Access, Administrator, Invitation, NewAdministrator, Right, Rights};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::object::Object;
use crate::route::{Needs, Route};
use crate::schema::{Schema, closed, full, list, moment as moment_schema, text};

const NEEDS: Needs = Needs::FullAccess;
const ADMINISTRATOR: Schema = Schema { name: "Administrator", value: || full(&properties()) };
const ADMINISTRATORS: Schema = Schema {
    name: "Administrators",
    value: || full(&json!({"items": list(&full(&properties()))})),
};
const INVITATION: Schema = Schema {
    name: "Invitation",
    value: || {
        let mut properties = properties();
        properties["invitation"] = json!({
            "type": "string",
            "description": "The secret of the link, shown once: this service sends no mail.",
        });
        full(&properties)
    },
};
const NEW: Schema = Schema {
    name: "NewAdministrator",
    value: || {
        let properties = json!({
            "email": text(),
            "displayName": text(),
            "access": access_schema(),
            "rights": rights_schema(),
        });
        closed(&["email"], &properties)
    },
};
const ACCESS: Schema = Schema {
    name: "AdministratorAccess",
    value: || closed(&["access"], &json!({"access": access_schema(), "rights": rights_schema()})),
};
const LAST: (u16, &str) =
    (409, "Nobody with full access would be left (`reason` is `lastFullAdministrator`).");

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/administrators",
        older_path: None,
        needs: NEEDS,
        id: "getAdministrators",
        summary: "List administrators",
        description: "By e-mail address, with those who are invited.",
        query: &[],
        request: None,
        success: (200, "The administrators.", Some(ADMINISTRATORS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::POST,
        path: "/administrators",
        older_path: None,
        needs: NEEDS,
        id: "inviteAdministrator",
        summary: "Invite an administrator",
        description: "The invitation is valid for five days. Access is `Full` if nothing is said.",
        query: &[],
        request: Some(NEW),
        success: (200, "The invitation.", Some(INVITATION)),
        errors: &[(409, "Somebody with this address is there (`reason` is `nameTaken`).")],
        handler: |call| Box::pin(invite(call)),
    },
    Route {
        method: Method::GET,
        path: "/administrators/{id}",
        older_path: None,
        needs: NEEDS,
        id: "getAdministrator",
        summary: "Read an administrator",
        description: "",
        query: &[],
        request: None,
        success: (200, "The administrator.", Some(ADMINISTRATOR)),
        errors: &[],
        handler: |call| Box::pin(read(call)),
    },
    Route {
        method: Method::PUT,
        path: "/administrators/{id}",
        older_path: None,
        needs: NEEDS,
        id: "updateAdministrator",
        summary: "Change what an administrator may do",
        description: "It counts for the secure clients of the administrator as well.",
        query: &[],
        request: Some(ACCESS),
        success: (200, "The administrator.", Some(ADMINISTRATOR)),
        errors: &[LAST],
        handler: |call| Box::pin(update(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/administrators/{id}",
        older_path: None,
        needs: NEEDS,
        id: "deleteAdministrator",
        summary: "Remove an administrator",
        description: "Sessions end at once and the administrator's secure clients are revoked. \
                      Connectors stay.",
        query: &[],
        request: None,
        success: (204, "The administrator is removed.", None),
        errors: &[LAST],
        handler: |call| Box::pin(delete(call)),
    },
    Route {
        method: Method::POST,
        path: "/administrators/{id}/$resendInvitation",
        older_path: None,
        needs: NEEDS,
        id: "resendInvitation",
        summary: "Make the link of an invitation anew",
        description: "The old link is worth nothing; the new one does not last longer.",
        query: &[],
        request: None,
        success: (200, "The invitation.", Some(INVITATION)),
        errors: &[(
            409,
            "It was accepted (`acceptedInvitation`) or is over (`invalidInvitation`).",
        )],
        handler: |call| Box::pin(resend(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let administrators = call.tenant()?.administrators().await?;
    let items: Vec<_> = administrators.iter().map(|one| view(one, call.now)).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn invite(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&["email", "displayName", "access", "rights"])?;
    let new = NewAdministrator {
        email: object.text("email")?,
        display_name: object.optional_text("displayName")?.unwrap_or_default(),
        access: access(&mut object)?.unwrap_or(Access::Full),
    };
    let invitation = call.tenant()?.invite(&new, &call.change()?).await?;
    Ok(Reply::ok(invited(&invitation, call.now)))
}

async fn read(call: &Call<'_>) -> Result<Reply, ApiError> {
    let administrator = call.tenant()?.administrator(call.id()).await?;
    Ok(Reply::ok(view(&administrator, call.now)))
}

async fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&["access", "rights"])?;
    let access = access(&mut object)?.ok_or_else(|| ApiError::missing("access"))?;
    let tenant = call.tenant()?;
    let administrator = tenant.set_access(call.id(), &access, &call.change()?).await?;
    call.site.tokens().forget(tenant.id());
    Ok(Reply::ok(view(&administrator, call.now)))
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let tenant = call.tenant()?;
    tenant.remove_administrator(call.id(), &call.change()?).await?;
    call.site.tokens().forget(tenant.id());
    Ok(Reply::nothing())
}

async fn resend(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.parameters.first().map_or("", String::as_str);
    let invitation = call.tenant()?.resend_invitation(id, &call.change()?).await?;
    Ok(Reply::ok(invited(&invitation, call.now)))
}

fn access(object: &mut Object) -> Result<Option<Access>, ApiError> {
    let rights = object.optional_list("rights")?;
    match object.optional_text("access")?.as_deref() {
        None if rights.is_none() => Ok(None),
        Some("Full") if rights.is_none() => Ok(Some(Access::Full)),
        Some("Full") => Err(ApiError::invalid_value("rights", "left out with full access")),
        None | Some("Custom") => {
            let rights = rights.unwrap_or_default();
            let read = |value: &Value| value.as_str().and_then(Right::parse);
            let rights: Option<Rights> = rights.iter().map(read).collect();
            let names = Right::ALL.map(Right::name);
            rights
                .map(|rights| Some(Access::Custom(rights)))
                .ok_or_else(|| ApiError::invalid_enum("rights", &names))
        }
        Some(_) => Err(ApiError::invalid_enum("access", &["Full", "Custom"])),
    }
}

fn invited(invitation: &Invitation, now: i64) -> Value {
    let mut body = view(&invitation.administrator, now);
    body["invitation"] = json!(invitation.secret);
    body
}

fn view(administrator: &Administrator, now: i64) -> Value {
    let rights: Vec<_> = match &administrator.access {
        Access::Full => Right::ALL.map(Right::name).to_vec(),
        Access::Custom(rights) => rights.iter().map(|right| right.name()).collect(),
    };
    json!({
        "id": administrator.id,
        "type": "User",
        "displayName": administrator.display_name,
        "email": administrator.email,
        "status": administrator.status(now).name(),
        "access": administrator.access.name(),
        "rights": rights,
        "identityProvider": "Local",
        "invitedDate": moment::text(administrator.invited_at),
        "invitationEndDate": moment::text(administrator.invitation_expires_at),
    })
}

fn access_schema() -> Value {
    json!({"enum": ["Full", "Custom"]})
}

fn rights_schema() -> Value {
    list(&json!({"enum": Right::ALL.map(Right::name)}))
}

fn properties() -> Value {
    json!({
        "id": text(),
        "type": {"const": "User"},
        "displayName": text(),
        "email": text(),
        "status": {"enum": ["Active", "Expired", "Invite Sent"]},
        "access": access_schema(),
        "rights": rights_schema(),
        "identityProvider": {"const": "Local"},
        "invitedDate": moment_schema(),
        "invitationEndDate": moment_schema(),
    })
}
