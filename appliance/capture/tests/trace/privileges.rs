//! Whoever has the socket needs nothing else: a process without privileges records with it, twice.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use capture::filter::{Selection, compile};
use sys::packet_ring::PacketRing;
use sys::poll::{self, Interest};

use crate::site::{FarEnd, enter_namespace, talk};

const CHILD: &str = "CAPTURE_TEST_IS_WITHOUT_PRIVILEGES";

#[test]
fn process_without_privileges_records_one_trace_after_the_other() {
    if std::env::var_os(CHILD).is_some() {
        return record_twice();
    }
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.echo(7001);
    let socket = sys::packet_ring::open_unbound().expect("root");
    let test = "privileges::process_without_privileges_records_one_trace_after_the_other";
    let mut child = Command::new("setpriv")
        .args(["--reuid=106", "--regid=106", "--clear-groups", "--no-new-privs"])
        .args(["--bounding-set=-all", "--inh-caps=-all"])
        .arg(std::env::current_exe().expect("path"))
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "yes")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::piped())
        .spawn()
        .expect("setpriv");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    for line in lines.map_while(Result::ok) {
        if line.ends_with("ready") {
            talk(7001, 10);
        }
    }
    assert!(child.wait().expect("ended").success());
}

/// What the child does: its standard input is the socket.
fn record_twice() {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    assert!(status.contains("CapEff:\t0000000000000000"), "{status}");
    assert!(sys::packet_ring::open_unbound().is_err());
    assert!(UdpSocket::bind("127.0.0.1:80").is_err());
    let input = std::io::stdin();
    let filter = compile(&Selection { addresses: Vec::new(), port: Some(7001) }, 94);
    for _ in 0..2 {
        let mut ring = PacketRing::start(input.as_fd(), &filter, 4, 20).expect("a ring");
        println!("\nready");
        let limit = Instant::now() + Duration::from_secs(30);
        let mut count = 0;
        while count < 7 {
            assert!(Instant::now() < limit, "{count} packets");
            let wait = Some(Duration::from_millis(100));
            poll::wait(&[(ring.as_fd(), Interest::Read)], wait).expect("poll");
            while let Some(block) = ring.next_block() {
                count += block.packets().count();
            }
        }
        let counts = ring.counts().expect("counts");
        assert!(counts.delivered >= 7 && counts.dropped == 0, "{counts:?}");
    }
}
