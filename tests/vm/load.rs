//! Clients that hold connections without using them.

use std::io::Write;
use std::net::TcpStream;

use harness::qemu::USER_ADDRESS;
use harness::{Machine, Request, limits};

use crate::{answer, must};

/// Idle connections that must not keep anybody else out.
const IDLE_CONNECTIONS: usize = 500;
/// Connections whose client never begins TLS.
const SILENT_CONNECTIONS: usize = 50;

#[test]
fn idle_connections_do_not_keep_others_out() {
    let machine = must(Machine::builder().start());
    answer(&machine, USER_ADDRESS);
    let client = must(machine.https(USER_ADDRESS));
    let silent: Vec<_> = (0..SILENT_CONNECTIONS)
        .map(|_| TcpStream::connect(client.peer).expect("connected"))
        .collect();
    let mut idle = Vec::new();
    for _ in 0..IDLE_CONNECTIONS {
        // A server that sheds the oldest idle connection is fine; one that hangs is not.
        idle.push(must(client.connect(limits::HTTPS)));
    }
    // Some of them send half a request, which must not help them.
    for stream in idle.iter_mut().step_by(10) {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: ");
    }
    for path in ["/", "/credentials", "/openapi.json"] {
        let reply = must(client.send(&Request::new("GET", path)));
        assert!(reply.status < 400, "{path}: {reply:?}");
    }
    drop((silent, idle));
}
