//! Files that another role has handed over, as downloads: read in chunks, never as a whole.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::warn;

/// Most bytes of a file that are in memory at a time for one download.
const CHUNK_BYTES: u64 = 64 * 1024;
/// What a name of a file may have beside ASCII letters and digits.
const NAME_SIGNS: &[u8] = b"-._";

/// An answer that the browser stores under this name. It has the length that the file has now; a
/// file that shrinks while it is read breaks the download off.
pub(crate) fn attachment(
    file: OwnedFd,
    media_type: &'static str,
    name: &str,
) -> io::Result<Response> {
    let file = File::from(file);
    let length = file.metadata()?.len();
    let body = FileBody { file: Arc::new(file), length, sent: 0, reading: None };
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let name: String =
        name.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || NAME_SIGNS.contains(&byte) { byte } else { b'-' }
            })
            .map(char::from)
            .collect();
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// The content of a file. Reading says where, so that several downloads may share one descriptor.
#[derive(Debug)]
struct FileBody {
    file: Arc<File>,
    length: u64,
    /// Bytes that have been handed on.
    sent: u64,
    /// The chunk that a thread for blocking work reads.
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

impl FileBody {
    fn read_next(&self) -> JoinHandle<io::Result<Vec<u8>>> {
        let (file, offset) = (Arc::clone(&self.file), self.sent);
        let count = usize::try_from((self.length - self.sent).min(CHUNK_BYTES)).unwrap_or_default();
        spawn_blocking(move || {
            let mut chunk = vec![0; count];
            file.read_exact_at(&mut chunk, offset)?;
            Ok(chunk)
        })
    }
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let mut reading = self.reading.take().unwrap_or_else(|| self.read_next());
        let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
            self.reading = Some(reading);
            return Poll::Pending;
        };
        let chunk = match read.map_err(io::Error::other) {
            Ok(Ok(chunk)) => chunk,
            Ok(Err(error)) | Err(error) => {
                warn!(%error, "A download broke off");
                return Poll::Ready(Some(Err(error)));
            }
        };
        self.sent = self.sent.saturating_add(chunk.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.sent >= self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length.saturating_sub(self.sent))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use http_body_util::BodyExt;

    use super::*;

    fn file(length: usize) -> (File, Vec<u8>) {
        let content: Vec<u8> = (0..length).map(|index| (index % 251).to_le_bytes()[0]).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        (file, content)
    }

    fn respond(file: &File, name: &str) -> Response {
        attachment(file.try_clone().unwrap().into(), "application/zip", name).unwrap()
    }

    #[tokio::test]
    async fn sends_the_whole_file_with_its_length_and_name() {
        for length in [0, 1, 65_536, 65_537, 300_000] {
            let (file, content) = file(length);
            let response = respond(&file, "report-hq.zip");
            assert_eq!(response.body().size_hint().exact(), Some(length as u64));
            assert_eq!(
                response.headers()[CONTENT_DISPOSITION],
                "attachment; filename=\"report-hq.zip\""
            );
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), content);
        }
    }

    #[tokio::test]
    async fn downloads_of_one_descriptor_do_not_disturb_each_other() {
        let (file, content) = file(200_000);
        let (mut first, second) = (respond(&file, "a").into_body(), respond(&file, "a"));
        let begin = first.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(begin, content[..begin.len()]);
        assert_eq!(second.into_body().collect().await.unwrap().to_bytes(), content);
        assert_eq!(first.collect().await.unwrap().to_bytes(), content[begin.len()..]);
    }

    #[tokio::test]
    async fn a_file_that_shrinks_breaks_the_download_off() {
        let (file, _) = file(100_000);
        let response = respond(&file, "a");
        file.set_len(70_000).unwrap();
        assert!(response.into_body().collect().await.is_err());
    }

    #[test]
    fn name_of_a_file_cannot_break_the_header() {
        let (file, _) = file(1);
        let response = respond(&file, "a\"; b\r\n\u{6f22}/..x.pcap");
        let disposition = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(disposition, "attachment; filename=\"a---b------..x.pcap\"");
    }
}
