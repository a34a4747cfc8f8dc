//! What the appliance listens on, seen from its own network.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::disk::run;
use harness::namespace::LEASED;
use harness::{Machine, Namespace, limits};

use crate::must;

/// Connections that are attempted at the same time.
const SCANNERS: usize = 64;
/// How long one port gets before it is asked again.
const ANSWER: Duration = Duration::from_secs(5);
/// How often a port is asked that does not answer.
const ATTEMPTS: usize = 3;
/// UDP ports on which a system of this kind might listen.
const UDP_PORTS: [u16; 8] = [53, 67, 69, 123, 161, 443, 514, 5353];
/// The kernel tells of closed UDP ports about once a second.
const UDP_LIMIT: Duration = Duration::from_secs(60);

#[test]
fn only_tcp_443_is_open() {
    let mut namespace = must(Namespace::new());
    must(namespace.start_dhcp_server());
    let mut machine = must(Machine::builder().attachment(namespace.attachment()).start());
    assert_eq!(must(machine.wait_for_landing_page()).address, LEASED);
    let client = must(machine.https(LEASED));
    must(must(namespace.enter(|| client.wait_until_answering(limits::BOOT))));

    assert_eq!(ports_seen_by_nmap(&namespace), ["443/open/tcp"]);
    let scan = must(namespace.enter(|| scan_tcp(LEASED)));
    assert_eq!(scan.open, BTreeSet::from([443]));
    assert_eq!(scan.silent, BTreeSet::new(), "closed ports answer at once");
    let open_udp = must(namespace.enter(|| {
        UDP_PORTS.into_iter().filter(|port| !is_udp_closed(LEASED, *port)).collect::<Vec<_>>()
    }));
    assert_eq!(open_udp, Vec::<u16>::new());
}

/// Open TCP ports as the scanner finds them that attackers use.
fn ports_seen_by_nmap(namespace: &Namespace) -> Vec<String> {
    let report = must(run(Command::new("ip")
        .args(["netns", "exec", namespace.name(), "nmap", "-n", "-Pn", "-sS", "-p-"])
        .args(["--open", "--max-retries", "3", "-oG", "-", &LEASED.to_string()])));
    let report = String::from_utf8_lossy(&report).into_owned();
    let ports = report.lines().find_map(|line| line.split_once("Ports: ")).map(|(_, ports)| ports);
    let ports = ports.unwrap_or_else(|| panic!("{report}")).split('\t').next().unwrap_or_default();
    // Number, state, protocol, owner, service and more.
    let facts = |port: &str| port.trim().split('/').take(3).collect::<Vec<_>>().join("/");
    ports.split(", ").map(facts).collect()
}

#[derive(Debug, Default)]
struct Scan {
    open: BTreeSet<u16>,
    silent: BTreeSet<u16>,
}

/// Tries every TCP port. Threads belong to the namespace of the thread that starts them.
fn scan_tcp(address: Ipv4Addr) -> Scan {
    let next = AtomicU32::new(1);
    let scan = Mutex::new(Scan::default());
    thread::scope(|scope| {
        for _ in 0..SCANNERS {
            scope.spawn(|| {
                while let Ok(port) = u16::try_from(next.fetch_add(1, Ordering::Relaxed)) {
                    let set = |insert: fn(&mut Scan) -> &mut BTreeSet<u16>| {
                        insert(&mut scan.lock().expect("no scanner panics")).insert(port);
                    };
                    match probe_tcp(SocketAddr::from((address, port))) {
                        Some(true) => set(|scan| &mut scan.open),
                        Some(false) => {}
                        None => set(|scan| &mut scan.silent),
                    }
                }
            });
        }
    });
    scan.into_inner().expect("no scanner panics")
}

/// Whether a port is open; `None` when it does not answer.
fn probe_tcp(peer: SocketAddr) -> Option<bool> {
    (0..ATTEMPTS).find_map(|_| match TcpStream::connect_timeout(&peer, ANSWER) {
        Ok(_) => Some(true),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Some(false),
        Err(_) => None,
    })
}

/// Whether the kernel says that nobody listens on a UDP port.
fn is_udp_closed(address: Ipv4Addr, port: u16) -> bool {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a free port");
    socket.connect((address, port)).expect("an address");
    socket.set_read_timeout(Some(Duration::from_secs(1))).expect("a timeout");
    let deadline = Instant::now() + UDP_LIMIT;
    while Instant::now() < deadline {
        let _ = socket.send(b"?");
        match socket.recv(&mut [0; 64]) {
            Ok(_) => return false,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return true,
            Err(_) => {}
        }
    }
    false
}
