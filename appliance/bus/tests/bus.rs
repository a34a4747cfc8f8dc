//! Requests, long polls and broken peers over real sockets.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use bus::{Client, NetworkRequest, NetworkResponse, Peer, Service, bind, follow, serve};
use model::network::NetworkStatus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::watch;

/// A network role whose state a test sets.
struct Network(watch::Receiver<(u64, NetworkStatus)>);

impl Service for Network {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, peer: Peer, request: NetworkRequest) -> NetworkResponse {
        assert!(peer.is_known());
        let NetworkRequest::Status { newer_than } = request else {
            return NetworkResponse::Forbidden;
        };
        let mut state = self.0.clone();
        let current = state
            .wait_for(|(generation, _)| newer_than.is_none_or(|seen| *generation != seen))
            .await
            .expect("the test keeps the sender")
            .clone();
        NetworkResponse::Status { generation: current.0, status: current.1 }
    }
}

fn start(path: &str) -> watch::Sender<(u64, NetworkStatus)> {
    let (sender, receiver) = watch::channel((1, NetworkStatus::starting(10)));
    let listener = bind(path).expect("bind");
    tokio::spawn(serve(listener, Arc::new(Network(receiver))));
    sender
}

#[tokio::test]
async fn follows_every_change_and_notices_a_restart() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("socket").to_str().expect("path").to_owned();
    let mut followed = follow::<NetworkRequest>(path.clone());
    assert!(followed.borrow().is_none());
    let state = start(&path);
    followed
        .wait_for(|status| status.as_ref().is_some_and(|status| status.since == 10))
        .await
        .expect("alive");
    state.send_replace((2, NetworkStatus::starting(20)));
    followed
        .wait_for(|status| status.as_ref().is_some_and(|status| status.since == 20))
        .await
        .expect("alive");
}

#[tokio::test]
async fn drops_a_connection_that_sends_garbage_and_serves_on() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("socket").to_str().expect("path").to_owned();
    let _state = start(&path);
    for garbage in [b"not json\n".to_vec(), vec![b'x'; bus::MAX_FRAME_BYTES + 1]] {
        let mut stream = UnixStream::connect(&path).await.expect("connect");
        // The service may hang up before everything is written.
        let _ = stream.write_all(&garbage).await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
    }
    let answer = Client::new(path).call(&NetworkRequest::Status { newer_than: None }).await;
    assert!(matches!(answer, Ok(NetworkResponse::Status { generation: 1, .. })));
}

#[tokio::test]
async fn frees_the_place_of_a_long_poll_whose_asker_has_gone() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("socket").to_str().expect("path").to_owned();
    let _state = start(&path);
    for _ in 0..200 {
        let mut stream = UnixStream::connect(&path).await.expect("connect");
        stream.write_all(b"{\"request\":\"status\",\"newer_than\":1}\n").await.expect("write");
    }
    let answer = Client::new(path).call(&NetworkRequest::Status { newer_than: None }).await;
    assert!(matches!(answer, Ok(NetworkResponse::Status { .. })), "{answer:?}");
}

/// A role whose answers come with a file.
struct Archive(std::path::PathBuf);

impl Service for Archive {
    type Request = usize;
    type Response = String;

    async fn call(&self, _: Peer, request: usize) -> String {
        "x".repeat(request)
    }

    async fn call_with_file(&self, peer: Peer, request: usize) -> (String, Option<OwnedFd>) {
        let file = (request > 0).then(|| File::open(&self.0).expect("file").into());
        (self.call(peer, request).await, file)
    }
}

#[tokio::test]
async fn hands_out_a_file_that_the_asker_cannot_open_itself() {
    let directory = tempfile::tempdir().expect("directory");
    let content = directory.path().join("content");
    fs::write(&content, "of the file").expect("write");
    let path = directory.path().join("socket").to_str().expect("path").to_owned();
    let listener = bind(&path).expect("bind");
    tokio::spawn(serve(listener, Arc::new(Archive(content.clone()))));
    let client = Client::new(path);
    let (answer, file) = client.call_for_file::<String>(&0).await.expect("answer");
    assert_eq!((answer.as_str(), file.is_none()), ("", true));
    // Longer than the socket's buffer, so that the file comes before the end of the line.
    for length in [1_usize, 250_000] {
        let (answer, file) = client.call_for_file::<String>(&length).await.expect("answer");
        assert_eq!(answer.len(), length);
        let mut text = String::new();
        File::from(file.expect("a file")).read_to_string(&mut text).expect("read");
        assert_eq!(text, "of the file");
    }
    let answer: String = client.call(&3).await.expect("an asker that wants no file");
    assert_eq!(answer, "xxx");
}
