//! What a summary says of connections that are known packet by packet.

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use capture::segment::{ACK, FIN, RST, SYN, Segment};
    use capture::summary::{MAX_FLOWS, Observer};
    use model::capture::MAX_POINTS;
    use model::capture_status::{Endpoint, Handshake, MAX_CONVERSATIONS, TraceSummary};
    use proptest::prelude::*;

    const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
    const CLIENT_PORT: u16 = 50_000;
    const SERVER_PORT: u16 = 443;
    const MS: u64 = 1_000_000;

    fn frame(
        (from, to): ((Ipv4Addr, u16), (Ipv4Addr, u16)),
        flags: u8,
        sequence: u32,
        payload: u16,
    ) -> Vec<u8> {
        let mut bytes = vec![2; 12];
        bytes.extend([8, 0, 0x45, 0]);
        bytes.extend((40 + payload).to_be_bytes());
        bytes.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
        bytes.extend(from.0.octets());
        bytes.extend(to.0.octets());
        bytes.extend(from.1.to_be_bytes());
        bytes.extend(to.1.to_be_bytes());
        bytes.extend(sequence.to_be_bytes());
        bytes.extend([0, 0, 0, 1, 0x50, flags, 1, 0, 0, 0, 0, 0]);
        bytes
    }

    /// A trace in the making.
    struct Tape(Observer);

    impl Tape {
        fn new() -> Self {
            Self(Observer::new(100, 7))
        }

        fn pass(&mut self, at: u64, frame: &[u8], payload: u16) {
            self.0.add(at, 54 + u32::from(payload), false, frame);
        }

        fn client(&mut self, at_ms: u64, flags: u8, sequence: u32, payload: u16) {
            let ends = ((CLIENT, CLIENT_PORT), (SERVER, SERVER_PORT));
            self.pass(at_ms * MS, &frame(ends, flags, sequence, payload), payload);
        }

        fn server(&mut self, at_ms: u64, flags: u8, sequence: u32, payload: u16) {
            let ends = ((SERVER, SERVER_PORT), (CLIENT, CLIENT_PORT));
            self.pass(at_ms * MS, &frame(ends, flags, sequence, payload), payload);
        }

        fn connect(&mut self) {
            self.client(0, SYN, 99, 0);
            self.server(1, SYN | ACK, 499, 0);
            self.client(2, ACK, 100, 0);
        }

        fn finish(self) -> TraceSummary {
            self.0.finish(10_000 * MS)
        }
    }

    #[test]
    fn faultless_connection_has_nothing_to_report() {
        let mut tape = Tape::new();
        tape.connect();
        tape.client(3, ACK, 100, 1000);
        tape.server(4, ACK, 500, 1400);
        tape.server(5, ACK, 1900, 1400);
        tape.client(6, FIN | ACK, 1100, 0);
        tape.server(7, FIN | ACK, 3300, 0);
        tape.client(8, ACK, 1101, 0);
        let summary = tape.finish();
        assert_eq!((summary.conversations, summary.retransmissions), (1, 0));
        assert_eq!((summary.resets, summary.unanswered, summary.unreadable), (0, 0, 0));
        let conversation = &summary.largest[0];
        let client = Endpoint { address: IpAddr::V4(CLIENT), port: CLIENT_PORT };
        let server = Endpoint { address: IpAddr::V4(SERVER), port: SERVER_PORT };
        assert_eq!((conversation.client, conversation.server), (client, server));
        assert_eq!(conversation.handshake, Handshake::Answered);
        assert_eq!((conversation.packets, conversation.bytes), (9, 9 * 54 + 3800));
        assert_eq!((conversation.begin_ms, conversation.length_ms), (0, 8));
    }

    #[test]
    fn content_that_was_sent_before_is_a_retransmission() {
        let mut tape = Tape::new();
        tape.connect();
        tape.client(3, ACK, 100, 1000);
        tape.client(300, ACK, 100, 1000);
        tape.client(900, ACK, 100, 1200);
        tape.client(901, FIN | ACK, 1300, 0);
        tape.client(1500, FIN | ACK, 1300, 0);
        let summary = tape.finish();
        assert_eq!(summary.retransmissions, 3);
        assert_eq!(summary.largest[0].retransmissions, 3);
    }

    #[test]
    fn numbers_wrap_around() {
        let mut tape = Tape::new();
        tape.client(0, ACK, u32::MAX - 499, 1000);
        tape.client(1, ACK, 500, 1000);
        tape.client(400, ACK, u32::MAX - 499, 1000);
        assert_eq!(tape.finish().retransmissions, 1);
    }

    #[test]
    fn packet_that_was_overtaken_is_no_retransmission_unless_it_is_late() {
        let mut tape = Tape::new();
        tape.connect();
        tape.client(3, ACK, 100, 100);
        tape.client(4, ACK, 300, 100);
        tape.client(5, ACK, 200, 100);
        assert_eq!(tape.finish().retransmissions, 0);

        let mut tape = Tape::new();
        tape.connect();
        tape.client(3, ACK, 100, 100);
        tape.client(4, ACK, 300, 100);
        tape.client(204, ACK, 200, 100);
        assert_eq!(tape.finish().retransmissions, 1);
    }

    #[test]
    fn keep_alive_is_no_retransmission() {
        let mut tape = Tape::new();
        tape.connect();
        tape.client(3, ACK, 100, 100);
        tape.client(5000, ACK, 199, 1);
        tape.client(6000, ACK, 199, 0);
        assert_eq!(tape.finish().retransmissions, 0);
    }

    #[test]
    fn request_without_answer_is_told_from_one_that_is_refused() {
        let mut tape = Tape::new();
        tape.client(0, SYN, 99, 0);
        tape.client(1000, SYN, 99, 0);
        tape.client(3000, SYN, 99, 0);
        let summary = tape.finish();
        assert_eq!((summary.unanswered, summary.retransmissions, summary.resets), (1, 2, 0));
        assert_eq!(summary.largest[0].handshake, Handshake::Unanswered);

        let mut tape = Tape::new();
        tape.client(0, SYN, 99, 0);
        tape.server(1, RST | ACK, 0, 0);
        let summary = tape.finish();
        assert_eq!((summary.unanswered, summary.resets), (0, 1));
        assert_eq!(summary.largest[0].handshake, Handshake::Refused);
    }

    #[test]
    fn each_request_of_the_same_ports_that_nobody_answers_counts() {
        let mut tape = Tape::new();
        tape.client(0, SYN, 99, 0);
        tape.client(2000, SYN, 7_000_000, 0);
        tape.client(4000, SYN, 9_000_000, 0);
        tape.server(4001, SYN | ACK, 5, 0);
        let summary = tape.finish();
        assert_eq!((summary.unanswered, summary.retransmissions), (2, 0));
        assert_eq!(summary.largest[0].handshake, Handshake::Answered);
    }

    #[test]
    fn request_at_the_end_of_the_trace_is_not_called_unanswered() {
        let mut tape = Tape::new();
        tape.client(9500, SYN, 99, 0);
        let summary = tape.finish();
        assert_eq!(summary.unanswered, 0);
        assert_eq!(summary.largest[0].handshake, Handshake::NotSeen);
    }

    #[test]
    fn client_of_a_connection_from_before_has_the_higher_port() {
        let mut tape = Tape::new();
        tape.server(0, ACK, 1, 10);
        let conversation = &tape.finish().largest[0];
        assert_eq!(conversation.client.port, CLIENT_PORT);
        assert_eq!(conversation.handshake, Handshake::NotSeen);
    }

    #[test]
    fn plot_has_received_and_sent_bytes_at_their_time() {
        let mut observer = Observer::new(100, 7);
        let bytes = frame(((CLIENT, 1), (SERVER, 2)), ACK, 1, 0);
        observer.add(0, 60, false, &bytes);
        observer.add(99 * MS, 40, false, &bytes);
        observer.add(250 * MS, 70, true, &bytes);
        observer.add(200 * MS, 5, true, &bytes);
        let points = observer.finish(300 * MS).points;
        let pairs: Vec<_> = points.iter().map(|point| (point.received, point.sent)).collect();
        assert_eq!(pairs, [(100, 0), (0, 0), (0, 75)]);
    }

    #[test]
    fn plot_is_bounded_whatever_the_clock_does() {
        let mut observer = Observer::new(100, 7);
        observer.add(u64::MAX, 60, false, &[]);
        observer.add(u64::MAX, 60, false, &[]);
        assert_eq!(observer.finish(0).points.len(), MAX_POINTS);
    }

    #[test]
    fn flood_of_connections_is_counted_and_leaves_the_large_ones() {
        let mut tape = Tape::new();
        tape.connect();
        (0..20).for_each(|number| tape.client(3, ACK, 100 + number * 1400, 1400));
        let strangers: u32 = 3 * u32::try_from(MAX_FLOWS).expect("small");
        for number in 0..strangers {
            let stranger = (Ipv4Addr::from_bits(0x0b00_0000 + number), 1024);
            tape.pass(10 * MS, &frame((stranger, (SERVER, SERVER_PORT)), SYN, number, 0), 0);
        }
        // The last of them are still followed, the others have been forgotten by now.
        let summary = tape.finish();
        assert_eq!(summary.conversations, u64::from(strangers) + 1);
        assert_eq!(summary.largest.len(), MAX_CONVERSATIONS);
        assert_eq!(summary.largest[0].client.address, IpAddr::V4(CLIENT));
        assert_eq!(summary.largest[0].packets, 23);
    }

    #[test]
    fn headers_that_are_cut_off_are_counted_as_unreadable() {
        let bytes = frame(((CLIENT, 1), (SERVER, 2)), ACK, 1, 0);
        for length in 0..54 {
            assert_eq!(Segment::read(&bytes[..length], 54), None, "{length}");
        }
        let mut observer = Observer::new(100, 7);
        observer.add(0, 54, false, &bytes[..53]);
        assert_eq!(observer.finish(0).unreadable, 1);
    }

    #[test]
    fn reads_headers_of_every_length_behind_a_tag_and_of_ipv6() {
        let plain = frame(((CLIENT, 1), (SERVER, 2)), ACK, 5, 10);
        let plain_segment = Segment::read(&plain, 64).expect("readable");
        assert_eq!((plain_segment.sequence, plain_segment.payload), (5, 10));
        let mut tagged = plain.clone();
        tagged.splice(12..12, [0x81, 0, 0, 9]);
        assert_eq!(Segment::read(&tagged, 68), Some(plain_segment));
        let mut with_options = plain.clone();
        with_options[14] = 0x4f;
        with_options.splice(34..34, [1; 40]);
        with_options[17] += 40;
        assert_eq!(with_options.len(), 94);
        assert_eq!(Segment::read(&with_options, 104), Some(plain_segment));
        let mut offloaded = plain.clone();
        offloaded[16..18].copy_from_slice(&[0, 0]);
        assert_eq!(Segment::read(&offloaded, 54 + 70_000).map(|found| found.payload), Some(70_000));
        let mut six = plain[..12].to_vec();
        six.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 30, 6, 64]);
        six.extend([0xfe; 32]);
        six.extend(&plain[34..]);
        assert_eq!(Segment::read(&six, 84).map(|found| found.payload), Some(10));
    }

    proptest! {
        #[test]
        fn any_packets_give_a_bounded_summary(
            packets in prop::collection::vec(
                (any::<u64>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..100)),
                0..50,
            )
        ) {
            let mut observer = Observer::new(500, 1);
            for (at, length, bytes) in &packets {
                observer.add(*at, *length, at % 2 == 0, bytes);
            }
            let summary = observer.finish(0);
            prop_assert!(summary.points.len() <= MAX_POINTS);
            prop_assert!(summary.largest.len() <= MAX_CONVERSATIONS);
        }
    }
}
