//! The body of a request, within limits.

use std::time::Duration;

use axum::body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::error::ApiError;

/// Largest body, in bytes.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
const LIMIT: Duration = Duration::from_secs(10);

/// Reads a body. It is wiped when it is dropped: it can have a secret.
pub(crate) async fn read(body: Body) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let read = timeout(LIMIT, Limited::new(body, MAX_BYTES).collect()).await;
    match read.map_err(|_| ApiError::body_too_slow())? {
        Ok(collected) => Ok(Zeroizing::new(collected.to_bytes().to_vec())),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large()),
        Err(_) => Err(ApiError::invalid_json("The body of the request breaks off.")),
    }
}
