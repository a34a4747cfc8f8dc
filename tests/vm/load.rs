//! Clients that hold connections, send without end or come in crowds.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use harness::https::TlsStream;
use harness::namespace::LEASED;
use harness::rest::{PASSWORD, json};
use harness::{HttpsClient, Machine, Namespace, Request, RestClient, limits};

use crate::must;

/// Idle connections that must not keep anybody else out, and the addresses that they come from:
/// one address may hold 64.
const IDLE_CONNECTIONS: usize = 1000;
const SOURCES: u8 = 20;
/// Connections whose client never begins TLS, from one address.
const SILENT_CONNECTIONS: usize = 50;
/// Clients that ask at the same time.
const CROWD: usize = 200;
/// Most memory that the web role may have while all of them are there.
const MAX_RESIDENT_KIB: u64 = 96 * 1024;
/// The server is still quick when another client is answered within this.
const QUICK: Duration = Duration::from_secs(1);

fn source(index: usize) -> Ipv4Addr {
    let last = u8::try_from(index % usize::from(SOURCES)).expect("a remainder");
    Ipv4Addr::new(10, 99, 0, 100 + last)
}

#[test]
fn a_thousand_idle_connections_and_endless_headers_keep_nobody_out() {
    let mut namespace = must(Namespace::new());
    must(namespace.add_addresses((0..usize::from(SOURCES)).map(source)));
    must(namespace.start_dhcp_server());
    let machine = must(Machine::builder().attachment(namespace.attachment()).start());
    let client = must(machine.https(LEASED));
    must(namespace.enter(|| hold_and_ask(&client)));
}

fn hold_and_ask(client: &HttpsClient) {
    must(client.wait_until_answering(limits::BOOT));
    let mut rest = RestClient::new(client.clone());
    must(rest.create_password(PASSWORD));
    must(rest.sign_in(PASSWORD));

    let silent: Vec<_> = (0..SILENT_CONNECTIONS)
        .map(|_| TcpStream::connect(client.peer).expect("connected"))
        .collect();
    let mut idle: Vec<TlsStream> = (0..IDLE_CONNECTIONS)
        .map(|index| must(client.connect_from(source(index), limits::HTTPS)))
        .collect();
    // Some of them send half a request, which must not help them.
    for stream in idle.iter_mut().step_by(10) {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: ");
    }
    still_quick(client, "with idle connections");

    let refused: Vec<_> = (0..10).map(|index| endless_header(client, source(index))).collect();
    assert!(refused.iter().all(|status| status.is_none_or(|status| status == 431)), "{refused:?}");
    still_quick(client, "after endless headers");

    let resident = resident_kib(&rest);
    println!("web has {resident} KiB with {IDLE_CONNECTIONS} idle connections");
    assert!(resident <= MAX_RESIDENT_KIB, "{resident} KiB");
    drop((silent, idle));

    crowd(client, &rest);
    let resident = resident_kib(&rest);
    println!("web has {resident} KiB after {CROWD} clients at once");
    assert!(resident <= MAX_RESIDENT_KIB, "{resident} KiB");
}

/// Another client is answered at once, and by the pages as by the REST interface.
fn still_quick(client: &HttpsClient, when: &str) {
    for path in ["/", "/credentials", "/openapi.json"] {
        let start = Instant::now();
        let reply = must(client.send(&Request::new("GET", path)));
        assert!(reply.status < 400, "{path}: {reply:?}");
        println!("{path} {when}: {} ms", start.elapsed().as_millis());
        assert!(start.elapsed() < QUICK, "{path} took {:?} {when}", start.elapsed());
    }
}

/// Sends a header of a megabyte; the status, or nothing when the connection was just closed.
fn endless_header(client: &HttpsClient, source: Ipv4Addr) -> Option<u16> {
    let mut stream = must(client.connect_from(source, limits::HTTPS));
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: 10.99.0.50\r\nX-Long: ");
    let chunk = [b'a'; 16 * 1024];
    for _ in 0..64 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    let text = String::from_utf8_lossy(&reply).into_owned();
    text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok())
}

/// Signed-in clients that ask at the same time are all answered.
fn crowd(client: &HttpsClient, rest: &RestClient) {
    let mut streams: Vec<_> =
        (0..CROWD).map(|index| must(client.connect_from(source(index), limits::HTTPS))).collect();
    let token = rest.token().expect("signed in");
    let request = format!(
        "GET /status HTTP/1.1\r\nHost: 10.99.0.50\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    for stream in &mut streams {
        stream.write_all(request.as_bytes()).expect("sent");
    }
    for stream in &mut streams {
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        assert!(reply.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&reply));
    }
}

/// Memory of the web role.
fn resident_kib(rest: &RestClient) -> u64 {
    let processes = must(json(&must(rest.get("/processes"))));
    let web = processes["processes"]
        .as_array()
        .and_then(|all| all.iter().find(|process| process["name"] == "web"))
        .and_then(|web| web["residentKib"].as_u64());
    web.unwrap_or_else(|| panic!("{processes}"))
}
