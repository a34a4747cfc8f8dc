//! A file that an appliance sends, handed on as it comes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use hyper::body::{Frame, SizeHint};

use crate::in_flight::Place;
use crate::order::Data;

/// The media type of a report.
pub(crate) const ZIP: &str = "application/zip";

/// A file on its way. What is cut off on the way to here is cut off on the way from here as well, so
/// that nobody takes it for complete.
#[derive(Debug)]
pub(crate) struct Download {
    /// The name under which browsers store it.
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// The octets of a file.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) data: Data,
    /// Octets that are still to come.
    pub(crate) left: u64,
    /// Held until all are there.
    pub(crate) _place: Place,
}

/// The body of a web server's answer; what was cut off ends with an error.
#[derive(Debug)]
pub(crate) struct Streaming {
    pub(crate) data: Data,
    /// Held until all is there.
    pub(crate) _place: Arc<Place>,
}

impl HttpBody for Streaming {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.data.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

impl Download {
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::new(self.content));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(ZIP));
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        if let Ok(value) = HeaderValue::try_from(disposition) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
        response
    }
}

/// A name that every file system takes: `report-ca-1-20261115T000000Z.zip`.
pub(crate) fn report_name(connector: &str, now: i64) -> String {
    let plain = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' => letter,
        _ => '-',
    };
    let connector: String = connector.chars().map(plain).collect();
    let moment = crate::moment::text(now);
    let digits = moment.split('.').next().unwrap_or_default().replace(['-', ':'], "");
    format!("report-{connector}-{digits}Z.zip")
}

impl HttpBody for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match self.data.poll_recv(context) {
            Poll::Ready(piece) => piece,
            Poll::Pending => return Poll::Pending,
        };
        let lost = |what: &'static str| Poll::Ready(Some(Err(io::Error::other(what))));
        let bytes = match piece {
            Some(Ok(bytes)) => bytes,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None if self.left == 0 => return Poll::Ready(None),
            None => return lost("the appliance sent less than it said"),
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            None => lost("the appliance sent more than it said"),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain() {
        assert_eq!(report_name("ca-1", 1_794_700_800), "report-ca-1-20261115T000000Z.zip");
        assert_eq!(report_name("a\"/..\\東", 0), "report-a--..---19700101T000000Z.zip");
    }
}
