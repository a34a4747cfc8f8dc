//! Requests to web servers inside: a real nginx, a server that counts, and a WebSocket that echoes, in a
//! network with addresses that an appliance may reach.

use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, header};
use hyper_util::rt::TokioIo;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use protocol::control;
use protocol::request::{FailureKind, Operation, Request, Safety};
use protocol::web::{FromAppliance, MAX_RELAYS, WebAnswer, WebRequest};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tunnel::{Piece, Stream, pipe};

use crate::appliance::{Appliance, LIMIT};
use crate::cloud::{Authority, Cloud, Talk};
use crate::registration::registered;

type Control = Talk<control::FromAppliance, control::FromCloud>;

/// The machine inside: nginx on ports 80 and 443, DNS on 53, the server that counts on 8080, the WebSocket on 8081, one that
/// breaks off on 8082, one that never answers on 8083.
const INSIDE: &str = "10.77.0.1";
const OWN: &str = "10.77.0.2";
/// Its name, for which it has a certificate.
const NAME: &str = "wiki.example.com";
/// Names that lead elsewhere.
const RECORDS: [(&str, &str); 4] = [
    ("back.example.com", "127.0.0.1"),
    ("own.example.com", OWN),
    ("both.example.com", INSIDE),
    ("both.example.com", "169.254.169.254"),
];
/// Octets that are more than all buffers on the way together.
const LONG: usize = 64 * 1024 * 1024;

/// Servers in a namespace of their own, until dropped.
struct Inside {
    daemons: [Child; 2],
    _directory: TempDir,
}

impl Drop for Inside {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(done.success(), "ip {arguments}");
}

impl Inside {
    /// Moves this thread into one namespace and starts the servers in another.
    fn build(authority: &Authority) -> Self {
        unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).expect("root");
        let directory = tempfile::tempdir().unwrap();
        ask_for_names(directory.path());
        let (certificate, key) = authority.web_server(NAME);
        fs::write(directory.path().join("certificate.pem"), certificate).unwrap();
        fs::write(directory.path().join("key.pem"), key).unwrap();
        fs::write(directory.path().join("long"), vec![7; LONG]).unwrap();
        let configuration = configuration(directory.path());
        let (ready, place) = mpsc::channel();
        let (go, may) = mpsc::channel();
        let (started, running) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            let task = fs::read_link("/proc/thread-self").unwrap();
            ready.send(format!("/proc/{}/ns/net", task.display())).unwrap();
            may.recv().unwrap();
            ip("link set lo up");
            ip(&format!("address add {INSIDE}/24 dev far0"));
            ip("link set far0 up");
            let nginx = Command::new("/usr/sbin/nginx")
                .args(["-e", "stderr", "-c", &configuration])
                .stdin(Stdio::null())
                .spawn()
                .unwrap();
            let dns = start_dns();
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let at = |port| TcpListener::bind((INSIDE, port));
                let (counting, echoing) = (at(8080).await.unwrap(), at(8081).await.unwrap());
                let (breaking, silent) = (at(8082).await.unwrap(), at(8083).await.unwrap());
                for port in [80, 443, 53] {
                    while TcpStream::connect((INSIDE, port)).await.is_err() {
                        tokio::task::yield_now().await;
                    }
                }
                started.send([nginx, dns]).unwrap();
                tokio::join!(count(counting), echo(echoing), break_off(breaking), ignore(silent));
            });
        });
        let far = place.recv().unwrap();
        ip(&format!("link add eth0 type veth peer name far0 netns {far}"));
        ip("link set lo up");
        ip(&format!("address add {OWN}/24 dev eth0"));
        ip("link set eth0 up");
        go.send(()).unwrap();
        Self { daemons: running.recv().unwrap(), _directory: directory }
    }
}

/// Has this thread, and those that it starts, ask the machine inside for names.
fn ask_for_names(directory: &Path) {
    let file = directory.join("resolv.conf");
    fs::write(&file, format!("nameserver {INSIDE}\n")).unwrap();
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
    let place = fs::canonicalize("/etc/resolv.conf").unwrap();
    mount(Some(&file), &place, none, MsFlags::MS_BIND, none).unwrap();
}

/// Starts a DNS server that knows these names and no others.
fn start_dns() -> Child {
    let name = |name: &str, address: &str| format!("--host-record={name},{address}");
    Command::new("/usr/sbin/dnsmasq")
        .args(["--keep-in-foreground", "--conf-file=/dev/null", "--pid-file", "--user=root"])
        .args(["--no-resolv", "--no-hosts", "--bind-interfaces", "--except-interface=lo"])
        .args([
            format!("--listen-address={INSIDE}"),
            name(NAME, INSIDE),
            "--address=/#/".to_owned(),
        ])
        .args(RECORDS.map(|(of, address)| name(of, address)))
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

fn configuration(directory: &Path) -> String {
    let place = directory.display();
    let text = format!(
        "daemon off;\nmaster_process off;\nuser root;\npid {place}/pid;\nevents {{}}\n\
         http {{\naccess_log off;\nclient_body_temp_path {place};\nproxy_temp_path {place};\n\
         fastcgi_temp_path {place};\nuwsgi_temp_path {place};\nscgi_temp_path {place};\n\
         server {{\nlisten {INSIDE}:80;\nlisten {INSIDE}:443 ssl;\nroot {place};\n\
         ssl_certificate {place}/certificate.pem;\nssl_certificate_key {place}/key.pem;\n\
         location = /told {{ return 200 \"$request_method $request_uri $http_host $http_x_own\"; }}\n\
         }}\n}}\n"
    );
    let file = directory.join("nginx.conf");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// Answers with the number of octets that it got.
async fn count(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = service_fn(async |request: hyper::Request<Incoming>| {
            let (mut body, mut octets) = (request.into_body(), 0);
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { break };
                octets += frame.into_data().map_or(0, |data| data.len());
            }
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(octets.to_string())))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn echo(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() {
                    socket.send(message).await.unwrap();
                }
            }
        });
    }
}

/// Promises more than it sends.
async fn break_off(listener: TcpListener) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut stream, _)) = listener.accept().await {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
    }
}

/// Takes connections and says nothing.
async fn ignore(listener: TcpListener) {
    let mut taken = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        taken.push(stream);
    }
}

/// Runs a test with an appliance on this side of the wire.
fn with_appliance<F: Future<Output = ()>>(test: impl FnOnce(Control) -> F) {
    let outer = Authority::new();
    let inside = Inside::build(&outer);
    // One thread: the others of this process are in another namespace.
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let authority = Authority::new();
        let mut cloud = Cloud::start_with(&authority, outer).await;
        let _appliance: Appliance = registered(&mut cloud, &authority, 2050).await;
        let connection = cloud.welcomed().await;
        test(connection).await;
    });
    drop(inside);
}

fn get(server: &str, path: &str) -> WebRequest {
    WebRequest {
        method: "GET".to_owned(),
        server: server.parse().unwrap(),
        path: path.to_owned(),
        fields: vec![("x-own".to_owned(), "mine".to_owned())],
        upgrade: None,
        has_body: false,
    }
}

async fn send(connection: &Control, request: WebRequest) -> Stream {
    send_within(connection, request, 20_000).await
}

async fn send_within(connection: &Control, web: WebRequest, deadline_millis: u32) -> Stream {
    let mut stream = connection.link.opener.open().await.unwrap();
    let operation = Operation::Web(web);
    let id = "web".to_owned();
    let request = Request { id, deadline_millis, attempt: 0, safety: Safety::Once, operation };
    stream.writer.message(&request).await.unwrap();
    stream
}

async fn said(stream: &mut Stream) -> FromAppliance {
    timeout(LIMIT, stream.reader.message()).await.unwrap().unwrap().unwrap()
}

async fn answered(stream: &mut Stream) -> WebAnswer {
    match said(stream).await {
        FromAppliance::Answered(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn failed(stream: &mut Stream) -> (FailureKind, String) {
    match said(stream).await {
        FromAppliance::Failed(failure) => (failure.kind, failure.detail),
        other => panic!("{other:?}"),
    }
}

async fn body(stream: &mut Stream) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        match timeout(LIMIT, stream.reader.piece()).await.unwrap().unwrap() {
            Some(Piece::Data(piece)) => body.extend(piece),
            Some(Piece::End) => return body,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_server_inside_gets_the_request_and_its_answer_comes_back() {
    with_appliance(async |connection| {
        let mut stream = send(&connection, get("http://10.77.0.1", "/told?a=%20b")).await;
        let answer = answered(&mut stream).await;
        assert_eq!(answer.status, 200);
        assert!(answer.fields.iter().all(|(name, _)| name != header::CONNECTION.as_str()));
        let text = String::from_utf8(body(&mut stream).await).unwrap();
        assert_eq!(text, "GET /told?a=%20b 10.77.0.1 mine");
        let mut missing = send(&connection, get("http://10.77.0.1", "/missing")).await;
        assert_eq!(answered(&mut missing).await.status, 404);
        assert!(!body(&mut missing).await.is_empty());
        let head = WebRequest { method: "HEAD".to_owned(), ..get("http://10.77.0.1", "/long") };
        let mut head = send(&connection, head).await;
        let length = ("content-length".to_owned(), LONG.to_string());
        assert!(answered(&mut head).await.fields.contains(&length));
        assert!(body(&mut head).await.is_empty());
    });
}

#[test]
fn long_bodies_come_whole_in_both_directions() {
    with_appliance(async |connection| {
        let mut stream = send(&connection, get("http://10.77.0.1", "/long")).await;
        assert_eq!(answered(&mut stream).await.status, 200);
        assert_eq!(body(&mut stream).await, vec![7; LONG]);
        let request = WebRequest {
            method: "PUT".to_owned(),
            has_body: true,
            ..get("http://10.77.0.1:8080", "/")
        };
        let mut stream = send(&connection, request).await;
        assert_eq!(said(&mut stream).await, FromAppliance::Ready);
        let piece = vec![7; 1024 * 1024];
        for _ in 0..LONG / piece.len() {
            timeout(LIMIT, stream.writer.data(&piece)).await.unwrap().unwrap();
        }
        stream.writer.end().await.unwrap();
        assert_eq!(answered(&mut stream).await.status, 200);
        assert_eq!(body(&mut stream).await, LONG.to_string().into_bytes());
    });
}

#[test]
fn a_server_gets_nothing_of_a_request_whose_body_has_not_begun() {
    with_appliance(async |connection| {
        // nginx acts on the header of this one and does not wait for its body.
        let post = || WebRequest {
            method: "POST".to_owned(),
            has_body: true,
            ..get("http://10.77.0.1", "/told")
        };
        let mut waiting = send_within(&connection, post(), 300).await;
        assert_eq!(said(&mut waiting).await, FromAppliance::Ready);
        assert_eq!(failed(&mut waiting).await.0, FailureKind::Deadline);
        let mut begun = send(&connection, post()).await;
        assert_eq!(said(&mut begun).await, FromAppliance::Ready);
        begun.writer.data(b"some").await.unwrap();
        assert_eq!(answered(&mut begun).await.status, 200);
        let mut empty = send(&connection, post()).await;
        assert_eq!(said(&mut empty).await, FromAppliance::Ready);
        empty.writer.end().await.unwrap();
        assert_eq!(answered(&mut empty).await.status, 200);
    });
}

#[test]
fn a_websocket_echoes() {
    with_appliance(async |connection| {
        let mut request = get("http://10.77.0.1:8081", "/");
        request.upgrade = Some("websocket".to_owned());
        for (name, value) in
            [("sec-websocket-version", "13"), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")]
        {
            request.fields.push((name.to_owned(), value.to_owned()));
        }
        let mut stream = send(&connection, request).await;
        let answer = answered(&mut stream).await;
        assert_eq!((answer.status, answer.upgrade.as_deref()), (101, Some("websocket")));
        let (near, far) = tokio::io::duplex(1024);
        let joined = tokio::spawn(pipe::join(stream, far, LIMIT));
        let mut socket = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        for text in ["one", &"long ".repeat(100_000)] {
            socket.send(Message::text(text)).await.unwrap();
            let heard = timeout(LIMIT, socket.next()).await.unwrap().unwrap().unwrap();
            assert_eq!(heard, Message::text(text));
        }
        drop(socket);
        timeout(LIMIT, joined).await.unwrap().unwrap().ok();
    });
}

#[test]
fn what_a_server_breaks_off_has_no_end_and_silence_a_deadline() {
    with_appliance(async |connection| {
        let mut stream = send(&connection, get("http://10.77.0.1:8082", "/")).await;
        assert_eq!(answered(&mut stream).await.status, 200);
        let mut got = Vec::new();
        loop {
            match timeout(LIMIT, stream.reader.piece()).await.unwrap() {
                Ok(Some(Piece::Data(piece))) => got.extend(piece),
                Ok(Some(other)) => panic!("{other:?}"),
                Ok(None) | Err(_) => break,
            }
        }
        assert_eq!(got, b"half");
        let silent = get("http://10.77.0.1:8083", "/");
        let mut silent = send_within(&connection, silent, 100).await;
        assert_eq!(failed(&mut silent).await.0, FailureKind::Deadline);
    });
}

#[test]
fn servers_out_of_reach_and_the_appliance_itself_are_refused_with_the_reason() {
    with_appliance(async |connection| {
        let mut closed = send(&connection, get("http://10.77.0.1:9", "/")).await;
        let (kind, detail) = failed(&mut closed).await;
        assert_eq!(kind, FailureKind::Unreachable);
        assert!(detail.contains("http://10.77.0.1:9"), "{detail}");
        let own = TcpListener::bind((OWN, 0)).await.unwrap();
        let address = format!("http://{}", own.local_addr().unwrap());
        let (kind, detail) = failed(&mut send(&connection, get(&address, "/")).await).await;
        assert_eq!(kind, FailureKind::Refused, "{detail}");
        assert!(detail.ends_with("the address is the appliance's own"), "{detail}");
        // The list of the cloud has no such address; a cloud that asks all the same is not obeyed.
        for server in ["http://127.0.0.1:80", "http://169.254.169.254:80", "http://localhost:80"] {
            let mut request = serde_json::to_value(get("http://10.77.0.1", "/")).unwrap();
            request["server"] = server.into();
            let mut stream = connection.link.opener.open().await.unwrap();
            let request = serde_json::json!({
                "id": "web", "deadlineMillis": 1000, "attempt": 0, "safety": "safe",
                "operation": {"web": request},
            });
            stream.writer.message(&request).await.unwrap();
            let (kind, _) = failed(&mut stream).await;
            assert_ne!(kind, FailureKind::Unreachable, "{server}");
        }
        let bad = WebRequest { path: "no path".to_owned(), ..get("http://10.77.0.1", "/") };
        assert_eq!(failed(&mut send(&connection, bad).await).await.0, FailureKind::Invalid);
    });
}

#[test]
fn the_certificate_of_a_server_is_checked() {
    with_appliance(async |connection| {
        let mut stream = send(&connection, get("https://wiki.example.com", "/told")).await;
        assert_eq!(answered(&mut stream).await.status, 200);
        let text = String::from_utf8(body(&mut stream).await).unwrap();
        assert_eq!(text, "GET /told wiki.example.com mine");
        let mut another = send(&connection, get("https://10.77.0.1", "/told")).await;
        let (kind, detail) = failed(&mut another).await;
        assert_eq!(kind, FailureKind::Unreachable);
        assert!(detail.contains("certificate"), "{detail}");
    });
}

#[test]
fn a_name_that_leads_to_a_forbidden_address_is_refused() {
    with_appliance(async |connection| {
        let _own = TcpListener::bind((OWN, 80)).await.unwrap();
        for name in ["back", "own", "both"] {
            let server = format!("http://{name}.example.com");
            let (kind, detail) = failed(&mut send(&connection, get(&server, "/told")).await).await;
            assert_eq!(kind, FailureKind::Refused, "{detail}");
            assert!(detail.contains(&server), "{detail}");
        }
        let mut nobody = send(&connection, get("http://nobody.example.com", "/")).await;
        assert_eq!(failed(&mut nobody).await.0, FailureKind::Unreachable);
    });
}

#[test]
fn who_does_not_read_holds_the_server_up_and_nobody_else() {
    with_appliance(async |connection| {
        let mut kept = Vec::new();
        for _ in 0..MAX_RELAYS {
            let mut stream = send(&connection, get("http://10.77.0.1", "/long")).await;
            assert_eq!(answered(&mut stream).await.status, 200);
            kept.push(stream);
        }
        let mut more = send(&connection, get("http://10.77.0.1", "/told")).await;
        assert_eq!(failed(&mut more).await.0, FailureKind::Busy);
        // 4 GiB wait in nginx; what is here is less than this process may have grown by.
        assert!(resident_mib() < 600, "{} MiB", resident_mib());
        kept.pop();
        loop {
            let mut again = send(&connection, get("http://10.77.0.1", "/told")).await;
            match said(&mut again).await {
                FromAppliance::Answered(_) => break,
                FromAppliance::Failed(failure) => assert_eq!(failure.kind, FailureKind::Busy),
                FromAppliance::Ready => panic!("it has no body"),
            }
        }
    });
}

fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
