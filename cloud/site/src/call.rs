//! One request, as a handler sees it, and its answer.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use registry::{Change, Tenant, TokenHolder};
use serde::Serialize;
use serde_json::Value;

use crate::download::Download;
use crate::error::ApiError;
use crate::object::Object;
use crate::query::Query;
use crate::relay::Streamed;
use crate::site::Site;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// One request: it has passed every check that its route names.
pub(crate) struct Call<'a> {
    pub(crate) site: &'a Site,
    /// Who asks; `None` on public routes only.
    pub(crate) holder: Option<TokenHolder>,
    /// Values of the parts in braces of the path, in order.
    pub(crate) parameters: Vec<String>,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// The request with a body that is not read yet, of a route that relays; taken once.
    pub(crate) streamed: Mutex<Option<Streamed>>,
    pub(crate) source: IpAddr,
    pub(crate) transaction_id: &'a str,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

impl Call<'_> {
    /// Who asks. A public route that asks this is a mistake of ours.
    pub(crate) fn holder(&self) -> Result<&TokenHolder, ApiError> {
        self.holder.as_ref().ok_or_else(ApiError::internal)
    }

    /// The tenant of who asks; a handler has no other.
    pub(crate) fn tenant(&self) -> Result<Tenant, ApiError> {
        Ok(self.site.registry().tenant(&self.holder()?.tenant))
    }

    /// What a change is logged with.
    pub(crate) fn change(&self) -> Result<Change, ApiError> {
        let mut change = Change::new(self.holder()?.actor(), self.now);
        change.transaction_id = Some(self.transaction_id.to_owned());
        Ok(change)
    }

    /// The last part in braces of the path: the identifier of the thing.
    pub(crate) fn id(&self) -> &str {
        self.parameters.last().map_or("", String::as_str)
    }

    /// The request with its body as it comes. A route that does not relay asks this by mistake.
    pub(crate) fn streamed(&self) -> Result<Streamed, ApiError> {
        let mut streamed = self.streamed.lock().unwrap_or_else(PoisonError::into_inner);
        streamed.take().ok_or_else(ApiError::internal)
    }

    /// The body as an object with no other properties than these.
    pub(crate) fn object(&self, properties: &[&str]) -> Result<Object, ApiError> {
        let object = Object::parse(self.body)?;
        object.allow(properties)?;
        Ok(object)
    }
}

/// A success.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content: Content,
}

/// What stands in a success.
#[derive(Debug)]
enum Content {
    Nothing,
    Json(Value),
    File(Download),
    Relayed(Response),
}

impl Reply {
    /// 200 with a body.
    pub(crate) const fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// A body with any status.
    pub(crate) const fn json(status: StatusCode, body: Value) -> Self {
        Self { status, content: Content::Json(body) }
    }

    /// 200 with a file.
    pub(crate) const fn file(file: Download) -> Self {
        Self { status: StatusCode::OK, content: Content::File(file) }
    }

    /// What a web server answers.
    pub(crate) fn relayed(response: Response) -> Self {
        Self { status: response.status(), content: Content::Relayed(response) }
    }

    /// 204.
    pub(crate) const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, content: Content::Nothing }
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = match self.content {
            Content::Json(body) => return json_response(self.status, &body),
            Content::File(file) => file.into_response(),
            Content::Relayed(response) => response,
            Content::Nothing => Response::new(Body::empty()),
        };
        *response.status_mut() = self.status;
        response
    }
}

/// An answer with a JSON body.
pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_string(body).expect("bodies are plain values with text keys");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
