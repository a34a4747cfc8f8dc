//! Proxies and servers that do as a test wants, on the far side.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::site::Site;

/// A listener whose visitors are treated as a test wants.
pub(crate) struct Rogue {
    requests: Arc<Mutex<Vec<String>>>,
}

/// One connection to it.
pub(crate) struct Visitor {
    stream: TcpStream,
    requests: Arc<Mutex<Vec<String>>>,
    /// Number of the connection, from 0.
    pub(crate) number: usize,
}

impl Rogue {
    pub(crate) fn start(
        site: &Site,
        at: &str,
        treat: impl Fn(Visitor) + Send + Sync + 'static,
    ) -> Self {
        let at = at.to_owned();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let shared = Arc::clone(&requests);
        site.run(move || {
            let listener = TcpListener::bind(at).expect("bound");
            let treat = Arc::new(treat);
            thread::spawn(move || {
                for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                    let visitor = Visitor { stream, requests: Arc::clone(&shared), number };
                    let treat = Arc::clone(&treat);
                    thread::spawn(move || treat(visitor));
                }
            });
        });
        Self { requests }
    }

    /// Answers each request with the same bytes, and keeps the connection open after it.
    pub(crate) fn saying(site: &Site, at: &str, answer: &str) -> Self {
        let answer = answer.to_owned();
        Self::start(site, at, move |mut visitor| {
            while visitor.request().is_some() {
                visitor.say(&answer);
            }
        })
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

impl Visitor {
    /// Reads a request to its empty line; `None` = the visitor left.
    pub(crate) fn request(&mut self) -> Option<String> {
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).ok()?;
            text.push(byte[0]);
        }
        let text = String::from_utf8(text).expect("text");
        self.requests.lock().expect("no panic").push(text.clone());
        Some(text)
    }

    /// Sends; whether it could.
    pub(crate) fn say(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    /// Reads whatever comes until the visitor leaves.
    pub(crate) fn listen(&mut self) {
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
    }

    /// Breaks the connection off: what came and is not read makes the kernel send a reset.
    pub(crate) fn reset(self) {
        let mut byte = [0];
        let _ = self.stream.peek(&mut byte);
    }
}
