//! The channels, with a pair of sockets in place of the device.

use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::Mutex;

use bus::{Peer, Service, bind, serve};
use model::ipv4::{HostNet, PrefixLength};
use model::network::{NetworkState, Origin, Sourced};
use platform::xenstore::{Kind, Message};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use super::*;

/// PID 1, which notes what it is asked for.
struct Init(Mutex<mpsc::UnboundedSender<InitRequest>>);

impl Service for Init {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        if let InitRequest::Load = request {
            return InitResponse::Load(LoadFacts { memory_kib: 4096, ..LoadFacts::default() });
        }
        let sender = self.0.lock().expect("not poisoned").clone();
        sender.send(request).expect("a test that waits");
        InitResponse::Accepted
    }
}

struct Site {
    _directory: tempfile::TempDir,
    network: watch::Sender<Option<NetworkStatus>>,
    asked: mpsc::UnboundedReceiver<InitRequest>,
}

fn network(address: [u8; 4]) -> NetworkStatus {
    let prefix = PrefixLength::new(24).expect("valid");
    let address = HostNet { address: address.into(), prefix };
    NetworkStatus {
        state: NetworkState::Configured,
        interface: Some("eth0".to_owned()),
        address: Some(Sourced::new(address, Origin::Dhcp)),
        host_name: Sourced::new("tokyo-1".to_owned(), Origin::Operator),
        ..NetworkStatus::starting(0)
    }
}

/// What is around a conversation, and those who hold it.
pub(super) struct Around {
    pub(super) surroundings: Surroundings,
    pub(super) asked: mpsc::UnboundedReceiver<InitRequest>,
    network: watch::Sender<Option<NetworkStatus>>,
    directory: tempfile::TempDir,
}

/// A network and PID 1.
pub(super) fn surroundings() -> Around {
    let directory = tempfile::tempdir().expect("directory");
    let socket = directory.path().join("init").display().to_string();
    let listener = bind(&socket).expect("a socket");
    let (sender, asked) = mpsc::unbounded_channel();
    tokio::spawn(serve(listener, std::sync::Arc::new(Init(Mutex::new(sender)))));
    let (network, followed) = watch::channel(Some(network([10, 0, 2, 15])));
    let surroundings = Surroundings { network: followed, init: Client::new(socket) };
    Around { surroundings, asked, network, directory }
}

/// Speaks over a device with what is around the role.
fn start(channel: HostChannel, device: OwnedFd) -> Site {
    let Around { surroundings, asked, network, directory } = surroundings();
    tokio::spawn(speak(channel, device, surroundings));
    Site { _directory: directory, network, asked }
}

fn stream_pair() -> (OwnedFd, tokio::net::UnixStream) {
    let (device, host) = UnixStream::pair().expect("a pair");
    for end in [&device, &host] {
        end.set_nonblocking(true).expect("a flag");
    }
    (device.into(), tokio::net::UnixStream::from_std(host).expect("a stream"))
}

#[tokio::test]
async fn the_agent_answers_with_what_is_known_now() {
    let (device, host) = stream_pair();
    let site = start(HostChannel::Agent, device);
    let mut host = BufReader::new(host);
    for address in ["10.0.2.15", "10.0.2.99"] {
        host.write_all(b"{\"execute\":\"guest-network-get-interfaces\"}\n").await.expect("sent");
        let mut line = String::new();
        host.read_line(&mut line).await.expect("an answer");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["return"][0]["ip-addresses"][0]["ip-address"], json!(address));
        site.network.send_replace(Some(network([10, 0, 2, 99])));
    }
}

#[tokio::test]
async fn the_agent_passes_an_order_to_stop_on_to_pid_1() {
    for (mode, request) in [
        ("powerdown", InitRequest::PowerOff),
        ("halt", InitRequest::PowerOff),
        ("reboot", InitRequest::Restart),
    ] {
        let (device, mut host) = stream_pair();
        let mut site = start(HostChannel::Agent, device);
        let order = json!({"execute": "guest-shutdown", "arguments": {"mode": mode}});
        host.write_all(format!("{order}\n").as_bytes()).await.expect("sent");
        assert_eq!(site.asked.recv().await, Some(request));
    }
}

#[tokio::test]
async fn hyper_v_is_told_the_address() {
    // A message is one read and one write, as with the kernel's device.
    let (device, host) = UnixDatagram::pair().expect("a pair");
    for end in [&device, &host] {
        end.set_nonblocking(true).expect("a flag");
    }
    let host = tokio::net::UnixDatagram::from_std(host).expect("a socket");
    let _site = start(HostChannel::Kvp, device.into());
    let mut message = vec![0; platform::kvp::MESSAGE_BYTES];
    let length = host.recv(&mut message).await.expect("a registration");
    assert_eq!((length, message[0]), (platform::kvp::MESSAGE_BYTES, 100));
    host.send(&message).await.expect("sent");
    message.fill(0);
    // Enumerate, the pool of the guest, the third key.
    message[..5].copy_from_slice(&[3, 2, 0, 0, 2]);
    host.send(&message).await.expect("sent");
    host.recv(&mut message).await.expect("an answer");
    let text = String::from_utf8_lossy(&message);
    assert!(text.contains("NetworkAddressIPv4") && text.contains("10.0.2.15"));
}

/// A store that takes everything but one node, and notes what is written.
async fn store(host: &mut tokio::net::UnixStream, until: &str) -> Vec<(String, String)> {
    let mut received = Vec::new();
    let mut written = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        while let Some(message) = Message::decode(&mut received).expect("a message") {
            let texts: Vec<String> =
                message.texts().expect("texts").into_iter().map(str::to_owned).collect();
            let path = texts[0].clone();
            let is_refused = message.kind == Kind::Remove || path.contains("os_uname");
            let (kind, payload) = match (is_refused, message.kind) {
                (true, Kind::Remove) => (Kind::Error, &b"ENOENT\0"[..]),
                (true, _) => (Kind::Error, &b"EACCES\0"[..]),
                (false, kind) => (kind, &b"OK\0"[..]),
            };
            let answer = Message { kind, payload: payload.to_vec(), ..message };
            // An event in between belongs to nobody.
            let event = Message { kind: Kind::WatchEvent, request: 0, ..answer.clone() };
            host.write_all(&event.encode()).await.expect("sent");
            host.write_all(&answer.encode()).await.expect("sent");
            let is_last = path == until;
            written.push((path, texts.get(1).cloned().unwrap_or_default()));
            if is_last {
                return written;
            }
        }
        let read = host.read(&mut buffer).await.expect("a request");
        received.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn xen_is_told_the_address_and_each_new_one() {
    let (device, mut host) = stream_pair();
    let site = start(HostChannel::Store, device);
    for address in ["10.0.2.15", "10.0.2.99"] {
        let written = store(&mut host, "data/updated").await;
        let value = |path: &str| {
            written.iter().find(|(known, _)| known == path).map(|(_, value)| value.as_str())
        };
        assert_eq!(value("attr/vif/0/ipv4/0"), Some(address), "{written:?}");
        assert_eq!(value("data/meminfo_total"), Some("4096"));
        site.network.send_replace(Some(network([10, 0, 2, 99])));
    }
}
