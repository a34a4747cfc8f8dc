//! Limits on connections.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::appliance::{Appliance, Clock};
use crate::client::{Connection, Request};

#[tokio::test]
async fn five_hundred_idle_connections_keep_nobody_out() {
    let appliance = Appliance::start().await;
    let _clock = Clock::stop();
    let mut other = appliance.connect_from("127.0.0.3").await.unwrap();
    assert_eq!(other.send(&Request::get("/credentials")).await.status, 200);
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(appliance.connect_from("127.0.0.2").await.unwrap());
    }
    assert_eq!(other.send(&Request::get("/credentials")).await.status, 200, "open before");
    let answer = appliance.send_from("127.0.0.4", &Request::get("/credentials")).await;
    assert_eq!(answer.status, 200, "a new client");
    let answer = appliance.send_from("127.0.0.2", &Request::get("/credentials")).await;
    assert_eq!(answer.status, 200, "a new connection of the same client");
    // All but 64 have been closed, the oldest first; the last one of them made room just now.
    for connection in idle.iter_mut().take(437) {
        assert!(connection.try_send(&Request::get("/credentials")).await.is_err());
    }
    for connection in idle.iter_mut().skip(437) {
        assert_eq!(connection.send(&Request::get("/credentials")).await.status, 200);
    }
}

#[tokio::test]
async fn connection_that_says_nothing_is_closed() {
    let appliance = Appliance::start().await;
    let clock = Clock::stop();
    let mut silent = TcpStream::connect(appliance.address).await.unwrap();
    let mut shaken = appliance.connect().await;
    let mut used = appliance.connect().await;
    used.send(&Request::get("/credentials")).await;
    clock.advance(Duration::from_secs(11)).await;
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0, "10 s for the handshake");
    clock.advance(Duration::from_secs(5)).await;
    shaken.closed().await;
    assert_eq!(used.send(&Request::get("/credentials")).await.status, 200, "60 s between requests");
    clock.advance(Duration::from_secs(61)).await;
    used.closed().await;
}

#[tokio::test]
async fn body_that_does_not_arrive_is_given_up() {
    let appliance = Appliance::start().await;
    let clock = Clock::stop();
    let mut slow = appliance.connect().await;
    let head = b"POST /$login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{";
    slow.write(head).await.unwrap();
    // The answer to another request shows that the server has come to read this one.
    appliance.send(&Request::get("/credentials")).await;
    clock.advance(Duration::from_secs(16)).await;
    let answer = slow.read().await.unwrap();
    assert_eq!((answer.status, answer.error().as_str()), (408, "connapp/requestTimeout"));
}

#[tokio::test]
async fn plain_http_is_told_to_use_https() {
    let appliance = Appliance::start().await;
    let mut stream = TcpStream::connect(appliance.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(body.contains("https://"), "{body}");
    assert!(head.contains(&format!("Content-Length: {}", body.len())), "{answer}");
}

#[tokio::test]
async fn large_header_is_refused() {
    let appliance = Appliance::start().await;
    let large = Request::get("/credentials").field("X-Large", &"x".repeat(20_000));
    assert_eq!(status(&mut appliance.connect().await, &large).await, 431);
    let many = (0..100).fold(Request::get("/credentials"), |request, number| {
        request.field(&format!("X-{number}"), "1")
    });
    assert_eq!(status(&mut appliance.connect().await, &many).await, 431);
}

#[tokio::test]
async fn nonsense_in_tls_is_answered_or_closed() {
    let appliance = Appliance::start().await;
    for nonsense in [&b"\x00\x01\x02\r\n\r\n"[..], b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n"] {
        let mut connection = appliance.connect().await;
        connection.write(nonsense).await.unwrap();
        connection.closed().await;
    }
    assert_eq!(appliance.send(&Request::get("/credentials")).await.status, 200);
}

async fn status(connection: &mut Connection, request: &Request) -> u16 {
    connection.send(request).await.status
}

#[tokio::test]
async fn header_without_end_is_cut_off_long_before_a_megabyte() {
    let appliance = Appliance::start().await;
    let mut connection = appliance.connect().await;
    connection.write(b"GET /credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ").await.unwrap();
    let chunk = [b'a'; 8 * 1024];
    let mut sent = 0;
    while sent < 1024 * 1024 && connection.write(&chunk).await.is_ok() {
        sent += chunk.len();
    }
    // What the sockets of the loopback interface hold is all that can have been sent.
    if let Ok(head) = connection.read_head().await {
        assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
    }
    connection.closed().await;
    assert_eq!(appliance.send(&Request::get("/credentials")).await.status, 200);
}

#[tokio::test]
async fn header_that_drips_is_given_up_after_a_minute() {
    let appliance = Appliance::start().await;
    let mut slow = appliance.connect().await;
    // The first request has been answered, so only the limit for a header holds.
    slow.send(&Request::get("/credentials")).await;
    let clock = Clock::stop();
    slow.write(b"GET /credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n").await.unwrap();
    let mut has_ended = false;
    for _ in 0..14 {
        appliance.send_from("127.0.0.3", &Request::get("/credentials")).await;
        clock.advance(Duration::from_secs(5)).await;
        has_ended |= slow.write(b"X: y\r\n").await.is_err();
    }
    // Dripping does not prolong the minute.
    slow.closed().await;
    assert!(has_ended || slow.write(b"\r\n").await.is_err() || slow.read().await.is_err());
}

#[tokio::test]
async fn requests_sent_without_waiting_are_answered_in_order_and_hold_nobody_up() {
    const REQUESTS: usize = 200;
    let appliance = Appliance::start().await;
    let mut hasty = appliance.connect().await;
    let bytes = Request::get("/credentials").bytes().repeat(REQUESTS);
    hasty.write(&bytes).await.unwrap();
    let answer = appliance.send_from("127.0.0.3", &Request::get("/credentials")).await;
    assert_eq!(answer.status, 200, "another client");
    for _ in 0..REQUESTS {
        assert_eq!(hasty.read().await.unwrap().status, 200);
    }
}
