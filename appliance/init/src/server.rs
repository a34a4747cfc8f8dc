//! The socket on which roles talk to PID 1: lines of JSON, never waiting for a peer.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use model::lines::{Lines, Next};
use model::role::Role;
use model::supervision::{InitRequest, InitResponse, InitStatus, SOCKET};
use sys::poll::{Interest, Ready};
use sys::unix_socket::{self, Peer};

/// Longest request in bytes.
const MAX_REQUEST_BYTES: usize = 64 * 1024;
/// Most connections of one user; further ones are closed at once.
const MAX_CONNECTIONS_PER_USER: usize = 8;
/// Accepted before everything else gets its turn.
const MAX_ACCEPTS: usize = 16;
/// Every role may connect; what it may ask depends on its user.
const MODE: u32 = 0o666;

/// The answer to a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// This.
    Now(InitResponse),
    /// The status, as soon as there is one newer than this generation.
    StatusAfter(u64),
}

/// The listening socket.
#[derive(Debug)]
pub(crate) struct Server {
    listener: UnixListener,
    connections: Vec<Connection>,
}

impl Server {
    /// Listens.
    pub(crate) fn listen() -> Result<Self, sys::SysError> {
        let listener = unix_socket::listen(Path::new(SOCKET), MODE)?;
        Ok(Self { listener, connections: Vec::new() })
    }

    /// What to wait for; [`Server::handle`] takes the answers in the same order.
    pub(crate) fn interests(&self) -> impl Iterator<Item = (BorrowedFd<'_>, Interest)> {
        let connections = self.connections.iter();
        std::iter::once((self.listener.as_fd(), Interest::Read))
            .chain(connections.map(|connection| (connection.stream.as_fd(), connection.interest())))
    }

    /// Reads, answers and writes whatever is possible without waiting.
    pub(crate) fn handle(
        &mut self,
        ready: &mut impl Iterator<Item = Ready>,
        answer: &mut impl FnMut(Peer, InitRequest) -> Answer,
    ) {
        let can_accept = ready.next().is_some_and(|ready| ready.readable);
        self.connections.retain_mut(|connection| {
            let ready = ready.next().unwrap_or_default();
            connection.handle(ready, answer).is_ok()
        });
        if can_accept {
            self.accept();
        }
    }

    /// Answers those who wait for this status, and says whether there were any.
    pub(crate) fn publish(&mut self, status: &InitStatus) -> bool {
        let mut has_answered = false;
        self.connections.retain_mut(|connection| {
            has_answered |= connection.status_after.is_some_and(|seen| status.generation > seen);
            connection.publish(status).is_ok()
        });
        has_answered
    }

    fn accept(&mut self) {
        for _ in 0..MAX_ACCEPTS {
            let Ok((stream, _)) = self.listener.accept() else { return };
            let Ok(peer) = unix_socket::peer(&stream) else { continue };
            let own = self.connections.iter().filter(|other| other.peer.uid == peer.uid).count();
            let is_known = peer.uid == 0 || Role::from_uid(peer.uid).is_some();
            let is_welcome = is_known && own < MAX_CONNECTIONS_PER_USER;
            if is_welcome && stream.set_nonblocking(true).is_ok() {
                self.connections.push(Connection::new(stream, peer));
            }
        }
    }
}

/// A peer. At most one answer waits to be written, and nothing is read meanwhile, so that a peer that
/// does not read cannot make this process keep much.
#[derive(Debug)]
struct Connection {
    stream: UnixStream,
    peer: Peer,
    lines: Lines,
    output: Vec<u8>,
    status_after: Option<u64>,
}

impl Connection {
    const fn new(stream: UnixStream, peer: Peer) -> Self {
        Self {
            stream,
            peer,
            lines: Lines::new(MAX_REQUEST_BYTES),
            output: Vec::new(),
            status_after: None,
        }
    }

    const fn interest(&self) -> Interest {
        if !self.output.is_empty() {
            Interest::Write
        } else if self.status_after.is_some() {
            Interest::End
        } else {
            Interest::Read
        }
    }

    fn handle(
        &mut self,
        ready: Ready,
        answer: &mut impl FnMut(Peer, InitRequest) -> Answer,
    ) -> io::Result<()> {
        let is_reading = self.interest() == Interest::Read;
        if is_reading && ready.readable {
            self.read()?;
        } else if ready.ended {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if ready.writable {
            self.flush()?;
        }
        while self.interest() == Interest::Read {
            match self.lines.take_next() {
                Next::Line(line) => self.answer(&line, answer)?,
                Next::TooLong(_) => return Err(io::ErrorKind::ConnectionAborted.into()),
                Next::Incomplete => break,
            }
        }
        Ok(())
    }

    fn answer(
        &mut self,
        line: &[u8],
        answer: &mut impl FnMut(Peer, InitRequest) -> Answer,
    ) -> io::Result<()> {
        let response = match serde_json::from_slice::<InitRequest>(line) {
            Err(_) => refused("the request cannot be read"),
            Ok(request) if !request.is_permitted(self.peer.uid) => {
                refused("this role may not ask that")
            }
            Ok(request) => match answer(self.peer, request) {
                Answer::Now(response) => response,
                Answer::StatusAfter(generation) => {
                    self.status_after = Some(generation);
                    return Ok(());
                }
            },
        };
        self.respond(&response)
    }

    fn publish(&mut self, status: &InitStatus) -> io::Result<()> {
        if self.status_after.is_some_and(|seen| status.generation > seen) {
            self.status_after = None;
            self.respond(&InitResponse::Status(status.clone()))?;
        }
        Ok(())
    }

    fn respond(&mut self, response: &InitResponse) -> io::Result<()> {
        self.output = serde_json::to_vec(response)?;
        self.output.push(b'\n');
        self.flush()
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(io::ErrorKind::ConnectionAborted.into()),
            Ok(length) => {
                self.lines.add(buffer.get(..length).unwrap_or_default());
                Ok(())
            }
            Err(error) => try_again(error),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.stream.write(&self.output) {
            Ok(length) => drop(self.output.drain(..length.min(self.output.len()))),
            Err(error) => try_again(error)?,
        }
        Ok(())
    }
}

fn try_again(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(()),
        _ => Err(error),
    }
}

/// A refusal with its reason.
pub(crate) fn refused(reason: impl Into<String>) -> InitResponse {
    InitResponse::Refused { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use model::slot_report::SlotReport;
    use model::supervision::DataState;

    use super::*;

    const READABLE: Ready = Ready { readable: true, writable: false, ended: false };
    const WRITABLE: Ready = Ready { readable: false, writable: true, ended: false };

    fn pair(role: Role) -> (Connection, UnixStream) {
        let (near, far) = UnixStream::pair().expect("pair");
        near.set_nonblocking(true).expect("nonblocking");
        (Connection::new(near, Peer { uid: role.uid(), pid: 9 }), far)
    }

    fn status(generation: u64) -> InitStatus {
        let data = DataState::Mounted;
        let slots = SlotReport::default();
        InitStatus { generation, slot: None, marked_good: false, slots, data, roles: Vec::new() }
    }

    /// Accepts everything and lets those wait who have seen something.
    fn accept(_: Peer, request: InitRequest) -> Answer {
        match request {
            InitRequest::Status { newer_than: Some(seen) } => Answer::StatusAfter(seen),
            InitRequest::Status { newer_than: None } => {
                Answer::Now(InitResponse::Status(status(1)))
            }
            _ => Answer::Now(InitResponse::Accepted),
        }
    }

    fn line(far: &UnixStream) -> InitResponse {
        let mut line = String::new();
        BufReader::new(far).read_line(&mut line).expect("answer");
        serde_json::from_str(&line).expect("response")
    }

    #[test]
    fn answers_requests_in_order_even_when_they_arrive_in_pieces() {
        let (mut connection, mut far) = pair(Role::Web);
        far.write_all(b"{\"request\":\"re").expect("first piece");
        connection.handle(READABLE, &mut accept).expect("open");
        far.write_all(b"ady\"}\n{\"request\":\"nonsense\"}\n").expect("second piece");
        connection.handle(READABLE, &mut accept).expect("open");
        let mut answers = BufReader::new(far).lines();
        let mut next = || answers.next().expect("answer").expect("text");
        assert_eq!(next(), r#"{"response":"accepted"}"#);
        assert!(next().contains("cannot be read"));
    }

    #[test]
    fn refuses_what_the_role_may_not_ask() {
        let (mut connection, mut far) = pair(Role::Console);
        far.write_all(b"{\"request\":\"restart\"}\n").expect("request");
        let mut asked = |_, _| -> Answer { panic!("the request must not get this far") };
        connection.handle(READABLE, &mut asked).expect("open");
        assert_eq!(line(&far), refused("this role may not ask that"));
    }

    #[test]
    fn status_waits_for_a_newer_generation() {
        let (mut connection, mut far) = pair(Role::Web);
        far.write_all(b"{\"request\":\"status\",\"newer_than\":4}\n").expect("request");
        connection.handle(READABLE, &mut accept).expect("open");
        assert_eq!(connection.interest(), Interest::End);
        connection.publish(&status(4)).expect("open");
        assert_eq!(connection.interest(), Interest::End);
        connection.publish(&status(5)).expect("open");
        assert_eq!(line(&far), InitResponse::Status(status(5)));
        assert_eq!(connection.interest(), Interest::Read);

        far.write_all(b"{\"request\":\"status\",\"newer_than\":5}\n").expect("request");
        connection.handle(READABLE, &mut accept).expect("open");
        let ended = Ready { readable: true, writable: false, ended: true };
        assert!(connection.handle(ended, &mut accept).is_err(), "one that goes is forgotten");
    }

    #[test]
    fn a_request_without_end_ends_the_connection() {
        let (mut connection, mut far) = pair(Role::Web);
        for _ in 0..MAX_REQUEST_BYTES / 4096 {
            far.write_all(&[b'x'; 4096]).expect("room");
            connection.handle(READABLE, &mut accept).expect("open");
        }
        far.write_all(b"x").expect("room");
        assert!(connection.handle(READABLE, &mut accept).is_err());
    }

    #[test]
    fn a_peer_that_does_not_read_is_not_read_from() {
        let (mut connection, mut far) = pair(Role::Web);
        far.set_nonblocking(true).expect("nonblocking");
        let mut sent = 0;
        while connection.interest() == Interest::Read {
            sent += far.write(b"{\"request\":\"status\",\"newer_than\":null}\n").expect("room");
            connection.handle(READABLE, &mut accept).expect("open");
        }
        assert!(sent > 0 && connection.output.len() < 1024);
        far.set_nonblocking(false).expect("blocking");
        let mut reader = BufReader::new(far);
        while connection.interest() == Interest::Write {
            reader.read_line(&mut String::new()).expect("answer");
            connection.handle(WRITABLE, &mut accept).expect("open");
        }
    }
}
