//! A wire that can be cut, and a script's connection that stays open.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::client::TlsStream;

use crate::running::{Cloud, HOST};

/// What becomes of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Whole,
    /// Both ends are told at once.
    Cut,
    /// Nothing comes through any more, and nobody is told.
    Dead,
}

/// A wire to the program.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    fate: watch::Sender<Fate>,
}

impl Wire {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (fate, mut told) = watch::channel(Fate::Whole);
        tokio::spawn(async move {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = TcpStream::connect(target).await.unwrap();
            near.set_nodelay(true).unwrap();
            far.set_nodelay(true).unwrap();
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = told.wait_for(|fate| *fate != Fate::Whole) => {}
            }
            // Held open until the test ends.
            let is_dead = *told.borrow() == Fate::Dead;
            if is_dead {
                let _ = told.wait_for(|fate| *fate == Fate::Cut).await;
            }
        });
        Self { address, fate }
    }

    pub(crate) fn meets(&self, fate: Fate) {
        self.fate.send_replace(fate);
    }
}

/// A connection of a script.
pub(crate) struct Script {
    stream: BufReader<TlsStream<TcpStream>>,
    token: String,
}

/// What a script hears.
pub(crate) struct Heard {
    pub(crate) status: u16,
    /// What `Content-Length` says.
    pub(crate) length: usize,
    /// What came.
    pub(crate) body: Vec<u8>,
}

impl Script {
    pub(crate) async fn connect(cloud: &Cloud, token: &str) -> Self {
        Self { stream: BufReader::new(cloud.dial().await), token: token.to_owned() }
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &str) -> Heard {
        let (length, token) = (body.len(), &self.token);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let status = self.line().await.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = 0;
        loop {
            let line = self.line().await.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
        }
        let mut body = Vec::new();
        let limit = u64::try_from(length).unwrap();
        let _ = (&mut self.stream).take(limit).read_to_end(&mut body).await;
        Heard { status, length, body }
    }

    /// Whether nothing more was said than was asked for.
    pub(crate) fn has_heard_all(&self) -> bool {
        self.stream.buffer().is_empty()
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }
}
