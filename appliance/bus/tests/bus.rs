//! Requests, long polls and broken peers over real sockets.

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
