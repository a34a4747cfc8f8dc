//! Lines of JSON with an upper limit.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Longest request or answer in bytes, with its line feed.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// Reads one line without its line feed; `None` at the end of the stream.
pub(crate) async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let limit = u64::try_from(MAX_FRAME_BYTES).unwrap_or(u64::MAX);
    if stream.take(limit).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is cut off or too long"));
    }
    Ok(Some(line))
}
