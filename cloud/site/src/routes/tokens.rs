//! Tokens for secure clients: the documented call, and the two older ones.

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use model::secret::Secret;
use registry::{Refusal, RegistryError, TOKEN_SECONDS, TenantId, TokenHolder};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::limiter::whole_seconds;
use crate::object::Object;
use crate::query::Query;
use crate::route::{Needs, Route};
use crate::routes::TOKEN_FORM;
use crate::schema::{Schema, text};

/// What stands for the customer in the path when the client does not know it.
const ROOT: &str = "root";

const REQUEST: Schema = Schema {
    name: "TokenRequest",
    value: || {
        json!({"oneOf": [
            {
                "type": "object",
                "required": ["grant_type", "client_id", "client_secret"],
                "properties": {
                    "grant_type": {"const": "client_credentials"},
                    "client_id": text(),
                    "client_secret": {"type": "string", "format": "password"},
                },
            },
            {
                "type": "object",
                "required": ["clientId", "clientSecret"],
                "properties": {
                    "clientId": text(),
                    "clientSecret": {"type": "string", "format": "password"},
                },
            },
        ]})
    },
};
const ANSWER: Schema = Schema {
    name: "Token",
    value: || {
        json!({
            "type": "object",
            "description": "To a form `token_type`, `access_token` and `expires_in`, a text; to \
                            `clientId` in JSON `token`, `principal`, `subject`, `openIdToken` and \
                            `expiresIn`, a number; to `ClientId` `Token`, `Principal`, `UserId`, \
                            `CustomerId` and `ExpiresAt`.",
        })
    },
};
const ERRORS: &[(u16, &str)] = &[
    (
        401,
        "Client or secret is wrong, or the client is revoked or of another customer. To a form the \
         body has `error` (`invalid_client`) and `error_description` as well.",
    ),
    (429, "Too many calls or wrong secrets from this source; `retryDelay` names the seconds."),
    (503, "The database does not answer."),
];

pub(super) static ROUTES: &[Route] = &[Route {
    method: Method::POST,
    path: "/cctrustoauth2/{customer}/tokens/clients",
    older_path: Some("/{customer}/tokens/clients"),
    needs: Needs::Nothing,
    id: "createToken",
    summary: "Get a token",
    description: "`customer` is the customer's identifier or `root`. The answer's shape follows the \
                  request's.",
    query: &[],
    request: Some(REQUEST),
    success: (200, "The token, valid for an hour.", Some(ANSWER)),
    errors: ERRORS,
    handler: |call| Box::pin(create(call)),
}];

/// The shape of a request, which the answer follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// OAuth 2.0 (RFC 6749, section 4.4).
    Form,
    /// `clientId` and `clientSecret` in JSON.
    Json,
    /// `ClientId` and `ClientSecret` in JSON.
    Capitals,
}

struct Credentials {
    shape: Shape,
    client: String,
    secret: Secret,
}

async fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let now = Instant::now();
    let taken = call.site.token_calls().take(call.source, now);
    taken.map_err(|wait| ApiError::too_many_requests(whole_seconds(wait)))?;
    let credentials = read(call)?;
    let paused = call.site.throttle().pause(call.source, now);
    if let Some(wait) = paused {
        return Err(ApiError::too_many_requests(whole_seconds(wait)));
    }
    let customer = call.parameters.first().map_or(ROOT, String::as_str);
    let issued = issue(call, &credentials, customer).await;
    match issued {
        Ok((token, holder)) => {
            call.site.throttle().succeeded(call.source);
            Ok(Reply::ok(answer(credentials.shape, &token, &holder)))
        }
        Err(RegistryError::Refused(_)) => {
            call.site.throttle().failed(call.source, now);
            refuse(credentials.shape)
        }
        Err(error) => Err(error.into()),
    }
}

async fn issue(
    call: &Call<'_>,
    credentials: &Credentials,
    customer: &str,
) -> Result<(Secret, TokenHolder), RegistryError> {
    let tenant = match customer {
        ROOT => None,
        other => Some(TenantId::parse(other).ok_or(Refusal::WrongClient)?),
    };
    let registry = call.site.registry();
    registry.issue_token(&credentials.client, &credentials.secret, tenant.as_ref(), call.now).await
}

fn read(call: &Call<'_>) -> Result<Credentials, ApiError> {
    let media_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form =
        media_type.is_some_and(|value| value.to_ascii_lowercase().starts_with(TOKEN_FORM));
    if is_form { read_form(call.body) } else { read_json(call.body) }
}

fn read_form(body: &[u8]) -> Result<Credentials, ApiError> {
    let form = str::from_utf8(body).map_err(|_| ApiError::invalid_value("body", "in UTF-8"))?;
    let form = Query::parse(form);
    let field = |name: &str| {
        let value = form.get(name).filter(|value| !value.is_empty());
        value.map(str::to_owned).ok_or_else(|| ApiError::missing(name))
    };
    if field("grant_type")? != "client_credentials" {
        return Err(ApiError::invalid_enum("grant_type", &["client_credentials"]));
    }
    Ok(Credentials {
        shape: Shape::Form,
        client: field("client_id")?,
        secret: Secret::new(field("client_secret")?),
    })
}

fn read_json(body: &[u8]) -> Result<Credentials, ApiError> {
    let mut object = Object::parse(body)?;
    let (shape, client, secret) = match object.has("ClientId") {
        true => (Shape::Capitals, "ClientId", "ClientSecret"),
        false => (Shape::Json, "clientId", "clientSecret"),
    };
    object.allow(&[client, secret])?;
    Ok(Credentials {
        shape,
        client: object.text(client)?,
        secret: Secret::new(object.text(secret)?),
    })
}

fn answer(shape: Shape, token: &Secret, holder: &TokenHolder) -> Value {
    let token = token.expose();
    match shape {
        Shape::Form => json!({
            "token_type": "bearer",
            "access_token": token,
            // A text, as documented: known clients read nothing else.
            "expires_in": TOKEN_SECONDS.to_string(),
        }),
        Shape::Json => json!({
            "principal": holder.client,
            "subject": holder.client,
            "token": token,
            "openIdToken": Value::Null,
            "expiresIn": TOKEN_SECONDS,
        }),
        Shape::Capitals => json!({
            "Token": token,
            "Principal": holder.client,
            "UserId": holder.maker,
            "CustomerId": holder.tenant,
            "ExpiresAt": holder.expires_at,
        }),
    }
}

/// A form is answered as OAuth wants it, with the members of our own error object beside.
fn refuse(shape: Shape) -> Result<Reply, ApiError> {
    let error = ApiError::wrong_client();
    if shape != Shape::Form {
        return Err(error);
    }
    let body = json!({
        "error": "invalid_client",
        "error_description": error.detail(),
        "type": format!("{}{}", crate::error::TYPE_PREFIX, error.kind()),
        "detail": error.detail(),
    });
    Ok(Reply::json(StatusCode::UNAUTHORIZED, body))
}
