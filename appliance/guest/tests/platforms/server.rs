//! A service of a cloud: HTTP on port 80 of one of the real addresses.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) line: String,
    /// Name in lower case, and value.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Status, headers, body.
    Answer(u16, &'static str, Vec<u8>),
    /// What is no HTTP.
    Noise,
    /// The connection ends.
    Cut,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Answer(200, "", body.into())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, "", Vec::new())
    }
}

/// The requests so far.
#[derive(Clone, Default)]
pub(crate) struct Requests(Arc<Mutex<Vec<Asked>>>);

impl Requests {
    pub(crate) fn all(&self) -> Vec<Asked> {
        self.0.lock().expect("not poisoned").clone()
    }
}

/// Serves at an address of this thread's namespace. `answer` gets each request with its number, from 0.
pub(crate) fn serve(
    address: Ipv4Addr,
    answer: impl Fn(&Asked, usize) -> Reply + Send + 'static,
) -> Requests {
    let listener = TcpListener::bind((address, 80)).expect("an address of this namespace");
    let requests = Requests::default();
    let noted = requests.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            let Some(asked) = read(&stream) else { continue };
            let number = {
                let mut all = noted.0.lock().expect("not poisoned");
                all.push(asked.clone());
                all.len() - 1
            };
            reply(&stream, &answer(&asked, number));
        }
    });
    requests
}

/// Serves these replies one after the other, the last for ever.
pub(crate) fn serve_in_order(address: Ipv4Addr, replies: &[Reply]) -> Requests {
    let replies = Mutex::new(VecDeque::from(replies.to_vec()));
    serve(address, move |_, _| {
        let mut replies = replies.lock().expect("not poisoned");
        let next = replies.front().cloned().expect("a reply");
        if replies.len() > 1 {
            replies.pop_front();
        }
        next
    })
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut asked =
        Asked { line: line.replace(" HTTP/1.1", "").trim().to_owned(), ..Asked::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        asked.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = asked.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}

fn reply(mut stream: &TcpStream, reply: &Reply) {
    // Who asked may have gone, which is what some tests want.
    let _ = match reply {
        Reply::Answer(status, headers, body) => {
            let head =
                format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), body].concat())
        }
        Reply::Noise => stream.write_all(b"SSH-2.0-none\r\n\r\n"),
        Reply::Cut => Ok(()),
    };
}
