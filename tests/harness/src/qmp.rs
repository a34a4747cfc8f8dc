//! The QEMU machine protocol: commands and events as one JSON object a line.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::HarnessError;
use crate::limits;

/// A connection to QEMU's control socket.
#[derive(Debug)]
pub struct Qmp {
    stream: UnixStream,
    replies: Receiver<Value>,
    events: Receiver<Event>,
}

/// Something that QEMU reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Name, such as `RESET` or `SHUTDOWN`.
    pub name: String,
    /// Whether the guest caused it; `false` where it does not apply.
    pub by_guest: bool,
}

impl Qmp {
    /// Takes a connected socket and leaves the negotiation mode.
    ///
    /// # Errors
    ///
    /// When QEMU does not answer.
    pub fn new(stream: UnixStream) -> Result<Self, HarnessError> {
        let reader = stream.try_clone().map_err(HarnessError::io("duplicate qemu's socket"))?;
        let (reply_sender, replies) = mpsc::channel();
        let (event_sender, events) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
                if let Some(name) = message["event"].as_str() {
                    let by_guest = message["data"]["guest"].as_bool().unwrap_or(false);
                    let _ = event_sender.send(Event { name: name.to_owned(), by_guest });
                } else if message.get("QMP").is_none() {
                    let _ = reply_sender.send(message);
                }
            }
        });
        let mut qmp = Self { stream, replies, events };
        qmp.execute("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    /// Runs a command and returns what it answers.
    ///
    /// # Errors
    ///
    /// When QEMU refuses the command or does not answer.
    pub fn execute(&mut self, command: &str, arguments: Value) -> Result<Value, HarnessError> {
        let request = json!({ "execute": command, "arguments": arguments });
        writeln!(self.stream, "{request}").map_err(HarnessError::io(format!("send {command}")))?;
        let mut reply = self
            .replies
            .recv_timeout(limits::QEMU_START)
            .map_err(|_| HarnessError::QemuEnded(format!("no answer to {command}")))?;
        if let Some(error) = reply.get("error") {
            let reason = error["desc"].as_str().unwrap_or_default().to_owned();
            return Err(HarnessError::Qmp { command: command.to_owned(), reason });
        }
        Ok(reply["return"].take())
    }

    /// Waits for one of the named events, passing over others.
    ///
    /// # Errors
    ///
    /// When none comes in time.
    pub fn wait_for_event(&self, names: &[&str], limit: Duration) -> Result<Event, HarnessError> {
        let deadline = std::time::Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            match self.events.recv_timeout(left) {
                Ok(event) if names.contains(&event.name.as_str()) => return Ok(event),
                Ok(_) => {}
                Err(_) => {
                    let what = format!("the event {}", names.join(" or "));
                    return Err(HarnessError::Timeout { what, limit, console: String::new() });
                }
            }
        }
    }

    /// Drops events that have come so far, so that the next wait sees only later ones.
    pub fn forget_events(&self) {
        while self.events.try_recv().is_ok() {}
    }
}
