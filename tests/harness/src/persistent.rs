//! An HTTPS client whose connection stays open from one request to the next, as that of a program that
//! asks all the time does.

use std::io::{Read, Write};
use std::time::Duration;

use crate::error::HarnessError;
use crate::https::{HttpsClient, Reply, Request, TlsStream, parse};

/// Largest piece that is read at once, in octets.
const PIECE: usize = 16 * 1024;
/// Most fields of an answer.
const MAX_HEADERS: usize = 64;

/// Speaks HTTPS over one connection, and over a new one after that has failed.
#[derive(Debug)]
pub struct PersistentClient {
    https: HttpsClient,
    stream: Option<TlsStream>,
}

impl PersistentClient {
    /// A client that has not connected yet.
    #[must_use]
    pub const fn new(https: HttpsClient) -> Self {
        Self { https, stream: None }
    }

    /// Sends a request and reads its answer, with a limit for each step.
    ///
    /// # Errors
    ///
    /// When the exchange fails; nobody knows then whether the request was carried out.
    pub fn send(&mut self, request: &Request, limit: Duration) -> Result<Reply, HarnessError> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.https.connect(limit)?,
        };
        let action = || HarnessError::io(format!("ask {} for {}", self.https.peer, request.path));
        let mut message = self.https.head(request, "keep-alive").into_bytes();
        message.extend(request.body.iter().flatten());
        stream.write_all(&message).and_then(|()| stream.flush()).map_err(action())?;
        let mut answer = Vec::new();
        let mut piece = [0; PIECE];
        while !is_whole(&answer)? {
            let length = stream.read(&mut piece).map_err(action())?;
            if length == 0 {
                return Err(action()(std::io::ErrorKind::UnexpectedEof.into()));
            }
            answer.extend(piece.iter().take(length));
        }
        let reply = parse(&answer, Vec::new())?;
        if reply.field("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(reply)
    }
}

/// Whether this is a whole answer with the length that it announces.
fn is_whole(answer: &[u8]) -> Result<bool, HarnessError> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut fields);
    let status = head.parse(answer).map_err(|error| HarnessError::Http(error.to_string()))?;
    let httparse::Status::Complete(start) = status else { return Ok(false) };
    let length = head.headers.iter().find(|it| it.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|it| std::str::from_utf8(it.value).ok()?.parse::<usize>().ok());
    let length = length.ok_or_else(|| HarnessError::Http("an answer without length".to_owned()))?;
    Ok(answer.len() >= start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        for (index, _) in answer.iter().enumerate().skip(20) {
            assert!(!is_whole(&answer[..index]).expect("an answer"), "{index}");
        }
        assert!(is_whole(answer).expect("an answer"));
        assert!(is_whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
