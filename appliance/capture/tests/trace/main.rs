//! The role against the real kernel and real connections; tshark judges the files. The tests need
//! root and say so when they are skipped.

#[cfg(test)]
mod limits;
#[cfg(test)]
mod names;
#[cfg(test)]
mod privileges;
#[cfg(test)]
mod site;

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use bus::{CaptureRequest, CaptureResponse, StartRefusal};
    use model::capture::TraceOrder;
    use model::capture_status::{EndReason, Handshake, TraceOrigin, TraceState};

    use crate::site::{
        FAR, FarEnd, NEAR, Site, enter_namespace, ip, order, send_datagram, talk, tshark,
    };

    fn now() -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).expect("later").as_secs_f64()
    }

    #[tokio::test]
    async fn records_the_headers_of_what_the_filter_names_and_of_nothing_else() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        far_end.echo(7001);
        far_end.echo(7002);
        let mut site = Site::start().await;
        let begin = now();
        let running = site.begin(order(Some(FAR), Some(7001), false)).await;
        assert_eq!(running.trace.origin, TraceOrigin::Operator);
        assert_eq!(running.trace.addresses, [FAR]);
        talk(7002, 500);
        send_datagram(7001);
        let own = talk(7001, 1000);
        let live = site.packets(8).await;
        assert_eq!((live.counts.lost, live.trace.id.len()), (0, 16));
        let ended = site.stop(&running.trace.id).await;
        let end = now();
        assert_eq!((&ended.end, ended.counts.lost), (&EndReason::Stopped, 0));

        let file = site.download(&running.trace.id).await;
        let fields = ["frame.len", "frame.cap_len", "frame.time_epoch", "ip.len", "tcp.srcport"];
        let packets = tshark(&file, "frame", &fields);
        assert_eq!(u64::try_from(packets.len()).ok(), Some(ended.counts.packets));
        assert_eq!(
            tshark(&file, "tcp.port == 7001 && ip.addr == 10.77.0.1", &[]).len(),
            packets.len()
        );
        let mut bytes = 0;
        let mut has_cut = false;
        for packet in &packets {
            let number = |field: usize| packet[field].parse::<u64>().expect("a number");
            let (length, kept) = (number(0), number(1));
            assert_eq!(length, number(3) + 14, "the true length, of which IP says the same");
            assert_eq!(kept, length.min(94));
            has_cut |= length >= 1000;
            bytes += length;
            let time: f64 = packet[2].parse().expect("a time");
            assert!((begin..=end).contains(&time), "{time} is not within {begin} and {end}");
            assert!([own.port().to_string(), "7001".to_owned()].contains(&packet[4]));
        }
        assert!(has_cut);
        assert_eq!(ended.counts.bytes, bytes);

        let conversation = &ended.summary.largest[0];
        assert_eq!(ended.summary.conversations, 1);
        assert_eq!((conversation.client.address, conversation.server.port), (NEAR.into(), 7001));
        assert_eq!(conversation.handshake, Handshake::Answered);
        assert_eq!((conversation.packets, conversation.bytes), (ended.counts.packets, bytes));
        let points = &ended.summary.points;
        let (received, sent) = points
            .iter()
            .fold((0, 0), |(received, sent), point| (received + point.received, sent + point.sent));
        assert_eq!(received + sent, bytes);
        let outgoing = tshark(&file, "ip.src == 10.77.0.2", &["frame.len"]);
        let outgoing: u64 = outgoing.iter().map(|row| row[0].parse::<u64>().expect("number")).sum();
        assert_eq!(sent, outgoing);
    }

    #[tokio::test]
    async fn packet_tracing_records_whole_packets() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        far_end.echo(7001);
        let mut site = Site::start().await;
        let running = site.begin(order(None, None, true)).await;
        talk(7001, 200_000);
        site.packets(10).await;
        site.stop(&running.trace.id).await;
        let file = site.download(&running.trace.id).await;
        let packets = tshark(&file, "frame", &["frame.len", "frame.cap_len"]);
        assert!(packets.iter().all(|packet| packet[0] == packet[1]));
        let payloads = tshark(&file, "tcp.dstport == 7001", &["tcp.len"]);
        let sent: u64 = payloads.iter().map(|row| row[0].parse::<u64>().expect("number")).sum();
        assert_eq!(sent, 200_000);
    }

    #[tokio::test]
    async fn all_tcp_is_that_of_every_interface_but_loopback() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        far_end.echo(7001);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let mut site = Site::start().await;
        let running = site.begin(TraceOrder::default()).await;
        drop(TcpStream::connect(listener.local_addr().expect("address")).expect("connected"));
        send_datagram(7001);
        talk(7001, 10);
        site.packets(7).await;
        site.stop(&running.trace.id).await;
        let file = site.download(&running.trace.id).await;
        assert!(!tshark(&file, "tcp.port == 7001", &[]).is_empty());
        assert_eq!(tshark(&file, "!(tcp.port == 7001)", &[]), Vec::<Vec<String>>::new());
    }

    #[tokio::test]
    async fn tag_that_the_card_took_off_stands_in_the_file() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        let mut site = Site::start().await;
        let running = site.begin(order(None, Some(7001), false)).await;
        // The kernel takes the tag off before it filters.
        far_end.send_frame(
            "{ eth(da=ff:ff:ff:ff:ff:ff, sa=02:00:00:00:00:02), vlan(id=5), \
             ipv4(sa=10.78.0.1, da=10.78.0.2, prot=6), tcp(sp=50000, dp=7001, syn), fill(7, 60) }",
        );
        site.packets(1).await;
        site.stop(&running.trace.id).await;
        let file = site.download(&running.trace.id).await;
        let packets = tshark(&file, "tcp.dstport == 7001", &["vlan.id", "frame.len", "ip.len"]);
        assert_eq!(packets, [["5", "118", "100"]]);
    }

    #[tokio::test]
    async fn summary_tells_silence_from_refusal() {
        if !enter_namespace() {
            return;
        }
        let _far_end = FarEnd::connect();
        ip("neighbour add 10.77.0.9 lladdr 02:00:00:00:00:09 dev eth0");
        let mut site = Site::start().await;
        let running = site.begin(TraceOrder::default()).await;
        assert!(TcpStream::connect((FAR, 9)).is_err(), "refused");
        let silent = "10.77.0.9:443".parse().expect("address");
        assert!(TcpStream::connect_timeout(&silent, Duration::from_millis(1500)).is_err());
        site.packets(4).await;
        let ended = site.stop(&running.trace.id).await;
        assert_eq!((ended.summary.conversations, ended.summary.unanswered), (2, 1));
        assert_eq!((ended.summary.resets, ended.summary.retransmissions), (1, 1));
        let mut handshakes: Vec<_> = ended
            .summary
            .largest
            .iter()
            .map(|found| (found.server.port, found.handshake))
            .collect();
        handshakes.sort_unstable_by_key(|(port, _)| *port);
        assert_eq!(handshakes, [(9, Handshake::Refused), (443, Handshake::Unanswered)]);
        let file = site.download(&running.trace.id).await;
        let retransmissions = tshark(&file, "tcp.analysis.retransmission", &[]);
        assert_eq!(u64::try_from(retransmissions.len()).ok(), Some(ended.summary.retransmissions));
    }

    #[tokio::test]
    async fn there_is_one_trace_and_each_request_says_what_became_of_it() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        far_end.echo(7001);
        let mut site = Site::start().await;
        let first = site.begin(order(None, None, false)).await;
        let id = first.trace.id.clone();
        let answer = site.ask(CaptureRequest::Start { order: TraceOrder::default() }).await;
        let CaptureResponse::Refused(StartRefusal::Running(running)) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(running.trace, first.trace, "the second browser learns of the first's trace");
        for request in
            [CaptureRequest::Delete { id: id.clone() }, CaptureRequest::File { id: id.clone() }]
        {
            let answer = site.ask(request).await;
            assert!(matches!(answer, CaptureResponse::StillRunning(_)), "{answer:?}");
        }
        let unknown = CaptureRequest::Stop { id: "0000000000000000".to_owned() };
        assert_eq!(site.ask(unknown).await, CaptureResponse::NoSuchTrace);

        let stop = || site.ask(CaptureRequest::Stop { id: id.clone() });
        let (one, other) = tokio::join!(stop(), stop());
        let (CaptureResponse::Stopped(ended), CaptureResponse::AlreadyEnded(same)) = (one, other)
        else {
            panic!("two browsers stop at the same time")
        };
        assert_eq!((&ended, &ended.end), (&same, &EndReason::Stopped));
        assert_eq!(stop().await, CaptureResponse::AlreadyEnded(same));

        let second = site.begin(order(None, None, false)).await;
        let gone = CaptureRequest::File { id: id.clone() };
        assert_eq!(site.ask(gone).await, CaptureResponse::NoSuchTrace);
        talk(7001, 10);
        site.packets(7).await;
        site.stop(&second.trace.id).await;
        let file = site.download(&second.trace.id).await;
        assert!(
            tshark(&file, "tcp", &[]).len() >= 7,
            "the socket serves one trace after the other"
        );
        let delete = || site.ask(CaptureRequest::Delete { id: second.trace.id.clone() });
        assert_eq!(delete().await, CaptureResponse::Deleted);
        assert_eq!(delete().await, CaptureResponse::NoSuchTrace);
        assert_eq!(std::fs::read_dir(site.traces()).expect("directory").count(), 0);
        site.status(|status| status.state == TraceState::Idle).await;
    }
}
