//! Proxies that answer in strange ways.

use std::thread;
use std::time::Duration;

use model::outbound::{FailureCause, ProxyTrouble, Refusal, Route};
use outbound::{Dialer, Limits, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::rogue::{Rogue, Visitor};
use crate::routes::https;
use crate::site::{Plan, Site};

const PROXY: &str = "10.77.0.1:3128";
const PAIR: (&str, &str) = ("svc", "hunter2");
/// `svc:hunter2` in base64.
const AUTHORIZATION: &str = "Proxy-Authorization: Basic c3ZjOmh1bnRlcjI=\r\n";

/// A server that only the proxy knows; it has no name, so that nothing is looked up.
fn target() -> Target {
    Target { host: "203.0.113.10".into(), port: 443, tls: None }
}

async fn cause(dialer: &Dialer) -> FailureCause {
    let error = dialer.dial(&target(), &Route::Automatic).await.expect_err("no tunnel");
    assert!(!format!("{error:?} {dialer:?}").contains(PAIR.1), "the password shows");
    error.cause
}

fn trouble(cause: &FailureCause) -> ProxyTrouble {
    let FailureCause::ProxyUnreachable { reason, .. } = cause else { panic!("{cause:?}") };
    *reason
}

#[tokio::test]
async fn what_follows_the_answer_belongs_to_the_server() {
    let Some(site) = Site::build() else { return };
    // In one packet, in single bytes, and with a length that means nothing here.
    const GREETING: &str = "SSH-2.0-server\r\n\r\n";
    let together = |mut visitor: Visitor| {
        visitor.request();
        visitor.say(&format!("HTTP/1.1 200 Connection established\r\n\r\n{GREETING}"));
        visitor.listen();
    };
    let in_bytes = |mut visitor: Visitor| {
        visitor.request();
        for byte in format!("HTTP/1.0 299\r\nContent-Length: 9\r\n\r\n{GREETING}").chars() {
            visitor.say(&byte.to_string());
        }
        visitor.listen();
    };
    let after_interim = |mut visitor: Visitor| {
        visitor.request();
        visitor
            .say(&format!("HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 \nA: b\n\n{GREETING}"));
        visitor.listen();
    };
    Rogue::start(&site, "10.77.0.1:1001", together);
    Rogue::start(&site, "10.77.0.1:1002", in_bytes);
    Rogue::start(&site, "10.77.0.1:1003", after_interim);
    for proxy in ["10.77.0.1:1001", "10.77.0.1:1002", "10.77.0.1:1003"] {
        let dialer = Plan::default().proxy(proxy).dialer();
        let mut connection = dialer.dial(&target(), &Route::Automatic).await.expect("a tunnel");
        let mut bytes = vec![0; GREETING.len()];
        connection.stream.read_exact(&mut bytes).await.expect("a greeting");
        assert_eq!(bytes, GREETING.as_bytes(), "{proxy}");
        connection.stream.shutdown().await.expect("closed");
        assert_eq!(connection.stream.read_to_end(&mut bytes).await.expect("the end"), 0);
    }
}

#[tokio::test]
async fn asks_once_more_with_the_same_credentials_and_not_again() {
    let Some(site) = Site::build() else { return };
    let required = "HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic realm=\"a, b\"\r\n";
    // It forgets the first; keeps the connection, body and all; closes; says that it keeps, and closes.
    let kept = move |mut visitor: Visitor| {
        visitor.request();
        visitor.say(&format!("{required}Content-Length: 6\r\n\r\n<html>"));
        visitor.request();
        visitor.say("HTTP/1.1 200 OK\r\n\r\n");
        visitor.listen();
    };
    let second_time = move |fields: &'static str| {
        move |mut visitor: Visitor| {
            visitor.request();
            if visitor.number == 0 {
                visitor.say(&format!("{required}{fields}\r\n"));
            } else {
                visitor.say("HTTP/1.1 200 OK\r\n\r\n");
                visitor.listen();
            }
        }
    };
    let rogues = [
        ("10.77.0.1:1001", Rogue::start(&site, "10.77.0.1:1001", kept)),
        (
            "10.77.0.1:1002",
            Rogue::start(&site, "10.77.0.1:1002", second_time("Connection: close\r\n")),
        ),
        (
            "10.77.0.1:1003",
            Rogue::start(&site, "10.77.0.1:1003", second_time("Content-Length: 0\r\n")),
        ),
    ];
    for (proxy, rogue) in rogues {
        let dialer = Plan::default().access(proxy, Some(PAIR)).dialer();
        dialer.dial(&target(), &Route::Automatic).await.expect("a tunnel");
        let requests = rogue.requests();
        assert_eq!(requests.len(), 2, "{proxy}");
        for request in requests {
            assert!(
                request
                    .starts_with("CONNECT 203.0.113.10:443 HTTP/1.1\r\nHost: 203.0.113.10:443\r\n")
            );
            assert!(request.contains(AUTHORIZATION), "{proxy}: sent at once, and again");
        }
    }

    let loops = Rogue::saying(&site, PROXY, &format!("{required}Content-Length: 0\r\n\r\n"));
    let refused = cause(&Plan::default().access(PROXY, Some(PAIR)).dialer()).await;
    assert_eq!(refused.id(), "outbound.proxy-authentication");
    assert_eq!(loops.requests().len(), 2, "it does not loop");
    let refused = cause(&Plan::default().proxy(PROXY).dialer()).await;
    assert_eq!(refused.id(), "outbound.proxy-authentication");
    assert_eq!(loops.requests().len(), 3, "without credentials there is nothing to send again");
}

#[tokio::test]
async fn names_the_schemes_that_are_not_supported() {
    let Some(site) = Site::build() else { return };
    let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
                  Proxy-Authenticate: NTLM, Digest realm=\"x, Basic y\", nonce=\"1\"\r\n\
                  Content-Length: 6\r\n\r\n<html>";
    let rogue = Rogue::saying(&site, PROXY, answer);
    let refused = cause(&Plan::default().access(PROXY, Some(PAIR)).dialer()).await;
    let FailureCause::ProxyAuthenticationRequired { schemes, credentials_sent: true, .. } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(schemes, ["Negotiate", "NTLM", "Digest"]);
    assert_eq!(rogue.requests().len(), 1, "Basic is not tried again");
}

#[tokio::test]
async fn gives_up_on_what_does_not_end_or_is_no_answer() {
    let Some(site) = Site::build() else { return };
    let limits = Limits {
        proxy: Duration::from_millis(400),
        tls: Duration::from_millis(400),
        ..Limits::default()
    };
    let dialer =
        |proxy: &str| Plan::default().access(proxy, Some(PAIR)).dialer().with_limits(limits);
    let drip = |mut visitor: Visitor| {
        visitor.request();
        visitor.say("HTTP/1.1 200 OK\r\nX: ");
        while visitor.say("a") {
            thread::sleep(Duration::from_millis(20));
        }
    };
    let flood = |mut visitor: Visitor| {
        visitor.request();
        visitor.say("HTTP/1.1 200 OK\r\n");
        while visitor.say("X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n") {}
    };
    let cut = |mut visitor: Visitor| {
        visitor.request();
        visitor.say("HTTP/1.1 200 O");
    };
    let silent = |mut visitor: Visitor| visitor.listen();
    Rogue::start(&site, "10.77.0.1:1001", drip);
    Rogue::start(&site, "10.77.0.1:1002", silent);
    Rogue::start(&site, "10.77.0.1:1003", flood);
    Rogue::start(&site, "10.77.0.1:1004", cut);
    Rogue::start(&site, "10.77.0.1:1005", Visitor::reset);
    Rogue::saying(&site, "10.77.0.1:1006", "<html>Welcome</html>");
    Rogue::start(&site, "10.77.0.1:1007", |mut visitor| {
        visitor.say("SSH-2.0-OpenSSH\r\n");
        visitor.listen();
    });
    for (port, expected) in [
        (1001, ProxyTrouble::Slow),
        (1002, ProxyTrouble::Slow),
        (1003, ProxyTrouble::TooLong),
        (1004, ProxyTrouble::Closed),
        (1005, ProxyTrouble::Closed),
        (1006, ProxyTrouble::NotHttp),
        (1007, ProxyTrouble::NotHttp),
    ] {
        let cause = cause(&dialer(&format!("10.77.0.1:{port}"))).await;
        assert_eq!(trouble(&cause), expected, "{port}");
    }

    // A page in place of a tunnel, with a status that says so and with one that lies.
    let page = "Content-Type: text/html\r\n\r\n<html>Sign in</html>";
    Rogue::saying(&site, "10.77.0.1:1008", &format!("HTTP/1.1 302 Found\r\n{page}"));
    Rogue::saying(&site, "10.77.0.1:1009", &format!("HTTP/1.1 200 OK\r\n{page}"));
    let refused = cause(&dialer("10.77.0.1:1008")).await;
    assert!(matches!(refused, FailureCause::ProxyRefused { status: 302, .. }), "{refused:?}");
    let target = https("203.0.113.10");
    let error =
        dialer("10.77.0.1:1009").dial(&target, &Route::Automatic).await.expect_err("no TLS");
    assert_eq!(error.cause, FailureCause::ServerRefused { reason: Refusal::NotTls });
}
