//! Setting up, serving, stopping.

use std::os::unix::net::UnixDatagram;

use nix::sys::signal::Signal;

use crate::appliance::Appliance;
use crate::running::{Cloud, Server, program, set_up};

#[tokio::test]
async fn an_appliance_is_registered_by_a_script_and_connects() {
    let cloud = Cloud::start();
    let appliance = Appliance::register(&cloud).await;
    assert!(appliance.connect(&cloud).await.is_alive().await);
}

#[tokio::test]
async fn a_restart_keeps_keys_and_customers() {
    let mut cloud = Cloud::start();
    let data = cloud.data();
    let keys = || {
        let read = |name| std::fs::read(data.join(name)).unwrap();
        ["master.key", "authority.pem", "authority.key", "root-ca.pem", "https.pem", "https.key"]
            .map(read)
    };
    let before = keys();
    cloud.server.signal(Signal::SIGKILL);
    cloud.server = Server::start(&data, &[]);
    cloud.token().await;
    assert!(before == keys(), "a key has changed");
}

#[tokio::test]
async fn the_path_of_appliances_tells_a_browser_what_it_is() {
    let cloud = Cloud::start();
    let (status, body) = cloud.ask("GET", "/connector/v1", "", "").await;
    assert_eq!(status, 426);
    assert!(body.contains("WebSocket"), "{body}");
}

#[tokio::test]
async fn a_load_balancer_sees_without_a_token_whether_it_works() {
    let cloud = Cloud::start();
    let (status, body) = cloud.ask("GET", "/health", "", "").await;
    assert_eq!((status, body.as_str()), (200, r#"{"status":"Healthy"}"#));
}

#[test]
fn systemd_is_told_when_the_port_answers_and_when_it_stops() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let told = || {
        let mut text = [0; 64];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let data = directory.path().join("data");
    let server =
        Server::run(program().args(["serve", "--data"]).arg(&data).env("NOTIFY_SOCKET", &path));
    assert_eq!(told(), "READY=1");
    server.signal(Signal::SIGTERM);
    assert_eq!(told(), "STOPPING=1");
    assert!(server.end());
}

#[test]
fn a_second_set_up_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    assert!(set_up(directory.path(), &[]).status.success());
    let second = set_up(directory.path(), &[]);
    assert!(!second.status.success() && second.stdout.is_empty());
    assert!(String::from_utf8_lossy(&second.stderr).contains("customer already"));
}

#[test]
fn a_key_that_is_no_key_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("master.key"), "lost").unwrap();
    let output = program().args(["serve", "--data"]).arg(directory.path()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("master.key") && error.contains("restore it from a backup"), "{error}");
    assert_eq!(std::fs::read(directory.path().join("master.key")).unwrap(), b"lost");
}
