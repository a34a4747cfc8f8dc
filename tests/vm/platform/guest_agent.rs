//! The host's side of QEMU's guest agent: what `virsh qemu-agent-command` sends.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use harness::limits;
use serde_json::{Value, json};

const SOCKET: &str = "agent";

/// A connection to the agent.
pub(super) struct GuestAgent(BufReader<UnixStream>);

impl GuestAgent {
    /// Arguments of QEMU for a machine with the port of an agent.
    pub(super) fn arguments(directory: &Path) -> Vec<String> {
        let socket = directory.join(SOCKET);
        let socket = format!("socket,id=agent,path={},server=on,wait=off", socket.display());
        ["-chardev", &socket, "-device", "virtio-serial", "-device"]
            .into_iter()
            .chain(["virtserialport,chardev=agent,name=org.qemu.guest_agent.0"])
            .map(str::to_owned)
            .collect()
    }

    /// Connects, and waits until the agent answers as its protocol says.
    pub(super) fn connect(directory: &Path) -> Self {
        const NUMBER: i64 = 4711;
        let stream = UnixStream::connect(directory.join(SOCKET)).expect("a port");
        stream.set_read_timeout(Some(limits::DIAGNOSIS)).expect("a limit");
        let mut agent = Self(BufReader::new(stream));
        let sync = json!({"execute": "guest-sync-delimited", "arguments": {"id": NUMBER}});
        agent.send(&sync);
        let mut noise = Vec::new();
        agent.0.read_until(0xff, &mut noise).expect("the mark");
        assert_eq!(agent.read(), json!({"return": NUMBER}));
        agent
    }

    /// Sends a command.
    pub(super) fn send(&mut self, command: &Value) {
        writeln!(self.0.get_mut(), "{command}").expect("sent");
    }

    /// Sends a command and reads its answer.
    pub(super) fn ask(&mut self, command: &Value) -> Value {
        self.send(command);
        self.read()
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("an answer");
        serde_json::from_str(&line).expect("JSON")
    }
}
