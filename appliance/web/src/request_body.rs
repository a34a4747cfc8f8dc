//! Reads the body of a request, up to a limit.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Largest body of a form or of JSON, in bytes.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
const LIMIT: Duration = Duration::from_secs(15);
/// Most bytes of a body that is too large that are read and thrown away, so that the client gets to
/// see the answer instead of a broken connection: enough for somebody who chooses the wrong file.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// A body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFailure {
    /// It is larger than [`MAX_BYTES`].
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// It breaks off or its framing is malformed.
    Broken,
}

/// The whole body. It holds passwords and is wiped after use.
pub(crate) async fn read(body: Body) -> Result<Zeroizing<Vec<u8>>, BodyFailure> {
    timeout(LIMIT, read_without_limit(body)).await.unwrap_or(Err(BodyFailure::TooSlow))
}

async fn read_without_limit(mut body: Body) -> Result<Zeroizing<Vec<u8>>, BodyFailure> {
    // Of full size from the start: a vector that grows leaves copies of passwords behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    let mut count = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFailure::Broken)?;
        let Some(data) = frame.data_ref() else { continue };
        count = count.saturating_add(data.len());
        if count <= MAX_BYTES {
            bytes.extend_from_slice(data);
        } else if count > MAX_DISCARDED_BYTES {
            break;
        }
    }
    if count > MAX_BYTES { Err(BodyFailure::TooLarge) } else { Ok(bytes) }
}
