//! The role draws on a terminal when the roles behind it change. A pipe stands in for the terminal.

use std::io::Read;
use std::sync::Arc;

use bus::{NetworkRequest, NetworkResponse, Peer, Service, bind, serve};
use console::{ConsoleConfig, run};
use model::network::{NetworkState, NetworkStatus};
use model::supervision::{InitRequest, InitResponse};
use tokio::sync::watch;

struct Network(watch::Receiver<(u64, NetworkStatus)>);

impl Service for Network {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, _: Peer, request: NetworkRequest) -> NetworkResponse {
        let NetworkRequest::Status { newer_than } = request else {
            return NetworkResponse::Forbidden;
        };
        let mut state = self.0.clone();
        let is_news =
            |current: &(u64, NetworkStatus)| newer_than.is_none_or(|seen| current.0 != seen);
        let (generation, status) = state.wait_for(is_news).await.expect("the test sends").clone();
        NetworkResponse::Status { generation, status }
    }
}

struct Init(watch::Sender<bool>);

impl Service for Init {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        if request == InitRequest::Ready {
            self.0.send_replace(true);
            return InitResponse::Accepted;
        }
        std::future::pending().await
    }
}

/// Reads until the text has come by.
fn read_until(terminal: &mut impl Read, text: &str) {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains(text) {
        assert_eq!(
            terminal.read(&mut byte).expect("read"),
            1,
            "the terminal ended before {text:?}"
        );
        seen.push(byte[0]);
    }
}

#[tokio::test]
async fn draws_anew_when_the_network_changes() {
    let directory = tempfile::tempdir().expect("directory");
    let path = |name: &str| directory.path().join(name).to_str().expect("path").to_owned();
    let (state, receiver) = watch::channel((1, NetworkStatus::starting(0)));
    tokio::spawn(serve(bind(path("network")).expect("bind"), Arc::new(Network(receiver))));
    let (ready, mut is_ready) = watch::channel(false);
    tokio::spawn(serve(bind(path("init")).expect("bind"), Arc::new(Init(ready))));

    let (mut terminal, screen) = std::io::pipe().expect("pipe");
    use std::os::fd::AsRawFd;
    let config = ConsoleConfig {
        terminals: vec![format!("/proc/self/fd/{}", screen.as_raw_fd()), path("no-such-terminal")],
        network: path("network"),
        settings: path("settings"),
        time: path("time"),
        diagnostics: path("diagnostics"),
        directory: path("directory"),
        channel: path("channel"),
        guest: path("guest"),
        init: path("init"),
    };
    tokio::spawn(run(config));
    is_ready.wait_for(|ready| *ready).await.expect("init lives");

    let mut status = NetworkStatus::starting(0);
    status.state = NetworkState::NoLink;
    state.send_replace((2, status));
    tokio::task::spawn_blocking(move || read_until(&mut terminal, "network.no-link"))
        .await
        .expect("drawn");
    drop(screen);
}
