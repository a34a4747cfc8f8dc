//! Sending clients elsewhere before the port closes.

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use gateway::Gateway;

/// Ends connections of clients with their next answer once the gateway drains. A connection that stays
/// open would be cut while a client sends its next request.
pub(crate) fn router(router: Router, gateway: &Gateway) -> Router {
    let gateway = gateway.clone();
    router.layer(map_response(move |response: Response| {
        let is_draining = gateway.is_draining();
        async move { if is_draining { ended(response) } else { response } }
    }))
}

fn ended(mut response: Response) -> Response {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
