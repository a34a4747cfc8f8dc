//! Somebody who has signed in: a browser that looks at the page, or a script that asks for the status.

use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::time::Instant;

use harness::https::TlsStream;
use harness::rest::PASSWORD;
use harness::{HarnessError, HttpsClient, Reply, Request, RestClient, limits};

/// Largest head of an answer in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// The administration page, on a connection that is there.
    Page,
    /// The same on a new connection, TLS handshake included.
    PageAnew,
    /// `GET /status` on a connection that is there.
    Status,
}

/// A session and how it shows itself.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) question: Question,
    path: &'static str,
    field: (&'static str, String),
}

impl Session {
    /// Signs in as a browser does, with the form.
    pub(crate) fn browser(https: &HttpsClient) -> Result<Self, HarnessError> {
        let front = https.send(&Request::new("GET", "/"))?;
        let token = cookie(&front, "__Host-csrf")?;
        let body = format!("username=admin&password={PASSWORD}&csrf={token}");
        let form = Request::new("POST", "/sign-in")
            .field("Cookie", &format!("__Host-csrf={token}"))
            .body("application/x-www-form-urlencoded", body);
        let session = cookie(&https.send(&form)?, "__Host-session")?;
        let field = ("Cookie", format!("__Host-session={session}"));
        let page = https.send(&Request::new("GET", "/").field(field.0, &field.1))?;
        if !page.text().contains("/sign-out") {
            return Err(HarnessError::Http("this is not the page of a session".to_owned()));
        }
        Ok(Self { question: Question::Page, path: "/", field })
    }

    /// Signs in as a script does.
    pub(crate) fn script(https: &HttpsClient) -> Result<Self, HarnessError> {
        let mut rest = RestClient::new(https.clone());
        rest.sign_in(PASSWORD)?;
        let token = rest.token().unwrap_or_default();
        let field = ("Authorization", format!("Bearer {token}"));
        Ok(Self { question: Question::Status, path: "/status", field })
    }

    /// Asks on a connection of its own, and gives the milliseconds with its handshake.
    pub(crate) fn ask_anew(&self, https: &HttpsClient) -> Result<f64, HarnessError> {
        let begin = Instant::now();
        let reply =
            https.send(&Request::new("GET", self.path).field(self.field.0, &self.field.1))?;
        let milliseconds = milliseconds_since(begin);
        if reply.status == 200 { Ok(milliseconds) } else { Err(unexpected(reply.status)) }
    }
}

/// A session on a connection that stays.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) question: Question,
    stream: TlsStream,
    request: String,
}

impl Visitor {
    /// Connects from this address of the machine.
    pub(crate) fn connect(
        session: &Session,
        https: &HttpsClient,
        source: Ipv4Addr,
    ) -> Result<Self, HarnessError> {
        let (name, value) = &session.field;
        let (path, host) = (session.path, &https.host);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{name}: {value}\r\n\r\n");
        let stream = https.connect_from(source, limits::HTTPS)?;
        Ok(Self { question: session.question, stream, request })
    }

    /// Asks once: the milliseconds from the first byte of the question to the last of the answer.
    pub(crate) fn ask(&mut self) -> Result<f64, HarnessError> {
        let begin = Instant::now();
        let failed = || HarnessError::io("ask on a connection that stays");
        self.stream.write_all(self.request.as_bytes()).map_err(failed())?;
        let mut answer = Vec::new();
        let mut piece = [0; 16 * 1024];
        let mut end = None;
        while end.is_none_or(|end| answer.len() < end) {
            let read = self.stream.read(&mut piece).map_err(failed())?;
            if read == 0 || (end.is_none() && answer.len() > MAX_HEAD_BYTES) {
                return Err(HarnessError::Http("an answer that does not end".to_owned()));
            }
            answer.extend_from_slice(&piece[..read]);
            if end.is_none() {
                end = answer_bytes(&answer)?;
            }
        }
        Ok(milliseconds_since(begin))
    }
}

/// Length of a whole answer of status 200, once its head is there.
fn answer_bytes(answer: &[u8]) -> Result<Option<usize>, HarnessError> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut fields);
    let unreadable = |error: httparse::Error| HarnessError::Http(error.to_string());
    let httparse::Status::Complete(head_bytes) = head.parse(answer).map_err(unreadable)? else {
        return Ok(None);
    };
    if head.code != Some(200) {
        return Err(unexpected(head.code.unwrap_or_default()));
    }
    let length = head
        .headers
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("content-length"))
        .and_then(|field| std::str::from_utf8(field.value).ok()?.parse::<usize>().ok());
    length
        .map(|length| Some(head_bytes + length))
        .ok_or_else(|| HarnessError::Http("an answer without length".to_owned()))
}

/// The value of a cookie that an answer sets.
fn cookie(reply: &Reply, name: &str) -> Result<String, HarnessError> {
    reply
        .fields
        .iter()
        .filter(|(field, _)| field == "set-cookie")
        .find_map(|(_, value)| value.strip_prefix(name)?.strip_prefix('=')?.split(';').next())
        .map(str::to_owned)
        .ok_or_else(|| HarnessError::Http(format!("status {} without {name}", reply.status)))
}

fn unexpected(status: u16) -> HarnessError {
    HarnessError::Http(format!("status {status}"))
}

fn milliseconds_since(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1000.0
}
