//! Both ends of a tunnel, with everything that can stand between them.
#![cfg(test)]

mod ends;

use ends::{Authority, Failed, link, link_with, registered};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tunnel::identity::Peer;
use tunnel::{Piece, Pin, Trust, TunnelError, websocket};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn messages_and_data_go_both_ways_on_many_streams() {
    let (mut appliance, mut cloud) = link().await;
    let echo = tokio::spawn(async move {
        while let Some(mut stream) = appliance.incoming.accept().await {
            tokio::spawn(async move {
                while let Some(piece) = stream.reader.piece().await.unwrap() {
                    match piece {
                        Piece::Message(json) => {
                            let text: String = serde_json::from_slice(&json).unwrap();
                            stream.writer.message(&text).await.unwrap();
                        }
                        Piece::Data(data) => stream.writer.data(&data).await.unwrap(),
                        Piece::End => stream.writer.end().await.unwrap(),
                    }
                }
                stream.writer.close().await.unwrap();
            });
        }
    });
    let mut streams = Vec::new();
    for number in 0..50 {
        let mut stream = cloud.opener.open().await.unwrap();
        stream.writer.message(&format!("request {number}")).await.unwrap();
        streams.push(stream);
    }
    for (number, stream) in streams.iter_mut().enumerate() {
        let answer: Option<String> = stream.reader.message().await.unwrap();
        assert_eq!(answer, Some(format!("request {number}")));
    }
    let mut stream = streams.swap_remove(7);
    let sent: Vec<u8> = (0..3 * MIB).map(|octet| u8::try_from(octet % 251).unwrap()).collect();
    let (mut writer, copy) = (stream.writer, sent.clone());
    let sending = tokio::spawn(async move {
        writer.data(&copy).await.unwrap();
        writer.end().await.unwrap();
        writer.close().await.unwrap();
    });
    let mut received = Vec::new();
    while let Some(Piece::Data(data)) = stream.reader.piece().await.unwrap() {
        received.extend(data);
    }
    assert!(received == sent, "{} octets of {}", received.len(), sent.len());
    assert_eq!(stream.reader.piece().await.unwrap(), None);
    sending.await.unwrap();
    drop((streams, cloud.opener));
    assert!(cloud.incoming.accept().await.is_none());
    echo.await.unwrap();
}

#[tokio::test]
async fn a_stream_that_nobody_reads_holds_up_no_other() {
    let (mut appliance, cloud) = link().await;
    let mut unread = cloud.opener.open().await.unwrap();
    let flood = tokio::spawn(async move {
        let piece = vec![0; MIB];
        while unread.writer.data(&piece).await.is_ok() {}
    });
    let kept = appliance.incoming.accept().await.unwrap();
    let mut other = cloud.opener.open().await.unwrap();
    other.writer.message(&"through").await.unwrap();
    let mut accepted = appliance.incoming.accept().await.unwrap();
    assert_eq!(accepted.reader.message::<String>().await.unwrap().as_deref(), Some("through"));
    drop(kept);
    flood.await.unwrap();
}

#[tokio::test]
async fn a_stream_that_is_dropped_early_is_no_complete_one() {
    let (mut appliance, cloud) = link().await;
    let mut stream = cloud.opener.open().await.unwrap();
    stream.writer.data(b"half").await.unwrap();
    let mut accepted = appliance.incoming.accept().await.unwrap();
    assert_eq!(accepted.reader.piece().await.unwrap(), Some(Piece::Data(b"half".to_vec())));
    drop(stream);
    // Whether it is an error or the end: the frame that says "all" is missing.
    assert!(!matches!(accepted.reader.piece().await, Ok(Some(Piece::End))));
    assert!(accepted.reader.is_over());
}

#[tokio::test]
async fn a_side_that_has_sent_all_has_not_given_the_stream_up() {
    let (mut appliance, cloud) = link().await;
    let mut stream = cloud.opener.open().await.unwrap();
    stream.writer.message(&"all").await.unwrap();
    stream.writer.close().await.unwrap();
    let mut accepted = appliance.incoming.accept().await.unwrap();
    assert_eq!(accepted.reader.message::<String>().await.unwrap().as_deref(), Some("all"));
    assert_eq!(accepted.reader.piece().await.unwrap(), None);
    assert!(!accepted.reader.is_over());
    accepted.writer.message(&"answer").await.unwrap();
    assert_eq!(stream.reader.message::<String>().await.unwrap().as_deref(), Some("answer"));
}

#[tokio::test]
async fn a_message_that_does_not_fit_is_refused_before_it_is_sent() {
    let (mut appliance, cloud) = link().await;
    let mut stream = cloud.opener.open().await.unwrap();
    let error = stream.writer.message(&"x".repeat(64 * 1024)).await.unwrap_err();
    assert!(matches!(error, TunnelError::Frame(_)), "{error}");
    stream.writer.message(&"next").await.unwrap();
    let mut accepted = appliance.incoming.accept().await.unwrap();
    assert_eq!(accepted.reader.message::<String>().await.unwrap().as_deref(), Some("next"));
    stream.writer.message(&1).await.unwrap();
    assert!(matches!(accepted.reader.message::<String>().await, Err(TunnelError::Message)));
}

#[tokio::test]
async fn the_end_of_one_side_is_told_to_the_other() {
    let (appliance, mut cloud) = link().await;
    drop(appliance);
    cloud.ended.wait_for(Option::is_some).await.unwrap();
    assert!(matches!(cloud.opener.open().await, Err(TunnelError::Ended(_))));
}

#[tokio::test]
async fn appliance_knows_its_cloud_by_the_authority() {
    let authority = Authority::new();
    let other = Authority::new();
    for (pins, is_accepted) in [
        (vec![authority.pin()], true),
        (vec![other.pin(), authority.pin()], true),
        (vec![other.pin()], false),
        (vec![], false),
    ] {
        let outcome = link_with(registered(&authority, Trust::Pinned(pins)), &authority).await;
        match outcome {
            Ok((.., pin, _)) => assert!(is_accepted && pin == authority.pin()),
            Err(Failed::Appliance(TunnelError::Identity(_))) => assert!(!is_accepted),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_no_appliance() {
    let (authority, other) = (Authority::new(), Authority::new());
    let trust = Trust::Pinned(vec![authority.pin()]);
    let error = link_with(registered(&other, trust), &authority).await.unwrap_err();
    assert!(matches!(error, Failed::Cloud(TunnelError::Identity(_))), "{error:?}");
}

#[tokio::test]
async fn an_appliance_that_was_off_for_long_is_recognised() {
    let authority = Authority::new();
    let trust = Trust::Pinned(vec![authority.pin()]);
    let config = tunnel::identity::appliance(trust, authority.expired_appliance()).unwrap();
    let (.., peer) = link_with(config, &authority).await.unwrap();
    assert!(matches!(peer, Peer::Appliance(_)), "{peer:?}");
}

#[tokio::test]
async fn an_applicant_needs_no_certificate_and_learns_the_authority() {
    let authority = Authority::new();
    let config = tunnel::identity::applicant(Trust::FirstUse).unwrap();
    let (.., pin, peer) = link_with(config, &authority).await.unwrap();
    assert_eq!((pin, peer), (authority.pin(), Peer::Applicant));
    assert_eq!(Pin::from_base64(&pin.to_base64()), Some(pin));
}

#[tokio::test]
async fn a_server_that_opens_no_web_socket_is_told_apart() {
    for (answer, status, wait) in [
        ("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 503, Some(7)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, None),
        ("HTTP/1.1 407 Proxy\r\nContent-Length: 0\r\n\r\n", 407, None),
    ] {
        match answered_with(answer.as_bytes()).await {
            TunnelError::NoWebSocket { status: found, retry_after } => {
                assert_eq!((found, retry_after), (status, wait));
            }
            other => panic!("{other}"),
        }
    }
    let wrong_key = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Accept: AAAA\r\n\r\n";
    for answer in [wrong_key.as_bytes(), b"SSH-2.0-x\r\n\r\n"] {
        let error = answered_with(answer).await;
        assert!(matches!(error, TunnelError::NotOurs(_)), "{error}");
    }
    assert!(matches!(
        answered_with(b"").await,
        TunnelError::NotOurs(_) | TunnelError::WebSocket(_)
    ));
}

/// What an appliance makes of a server that answers so.
async fn answered_with(answer: &[u8]) -> TunnelError {
    let (near, mut far) = tokio::io::duplex(64 * 1024);
    let serve = async move {
        let mut request = vec![0; 4096];
        let length = far.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /connector/v1 HTTP/1.1\r\n"));
        far.write_all(answer).await.unwrap();
    };
    let (outcome, ()) = tokio::join!(websocket::connect(near, "cloud.example.com", "test"), serve);
    outcome.expect_err("no web socket")
}
