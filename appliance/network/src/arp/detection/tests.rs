//! The detection among stations that behave well and badly, in made-up time.

use super::*;

const OWN: [u8; 6] = [2, 0, 0, 0, 0, 1];
const OTHER: [u8; 6] = [2, 0, 0, 0, 0, 9];
const EXCUSED: [u8; 6] = [2, 0, 0, 0, 0, 7];
const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
const START: Duration = Duration::from_secs(1000);

struct Bench {
    detection: Detection,
    now: Duration,
}

impl Bench {
    fn new() -> Self {
        let detection = Detection::new(START, ADDRESS, OWN, vec![EXCUSED], IN_USE);
        Self { detection, now: START }
    }

    /// One whose address is in use and announced.
    fn used() -> Self {
        let mut bench = Self::new();
        while bench.detection.deadline().is_some() {
            bench.wait();
        }
        bench.now += Duration::from_secs(3600);
        bench
    }

    fn wait(&mut self) -> Vec<Action> {
        self.now = self.detection.deadline().expect("a deadline");
        self.detection.expire(self.now)
    }

    fn receive(&mut self, packet: ArpPacket) -> Vec<Action> {
        self.detection.receive(self.now, &packet)
    }
}

fn reply(from: [u8; 6]) -> ArpPacket {
    ArpPacket {
        operation: Operation::Reply,
        sender_hardware: from,
        sender: ADDRESS,
        target_hardware: OWN,
        target: Ipv4Addr::UNSPECIFIED,
    }
}

fn request(from: [u8; 6], sender: Ipv4Addr) -> ArpPacket {
    let operation = Operation::Request;
    ArpPacket { operation, sender, target: ADDRESS, target_hardware: [0; 6], ..reply(from) }
}

const TAKEN: Action = Action::Conclude(Verdict::Taken { holder: OTHER });

#[test]
fn asks_twice_and_takes_silence_for_consent() {
    let mut bench = Bench::new();
    let probe = Action::Send(request(OWN, Ipv4Addr::UNSPECIFIED));
    let announcement = Action::Send(request(OWN, ADDRESS));
    assert_eq!(bench.wait(), [probe]);
    assert_eq!(bench.wait(), [probe]);
    assert_eq!(bench.wait(), [Action::Conclude(Verdict::Free), announcement]);
    assert_eq!(bench.now - START, Duration::from_millis(150));
    assert_eq!(bench.wait(), [announcement]);
    assert_eq!(bench.now - START, Duration::from_millis(2150));
    assert_eq!(bench.detection.deadline(), None);
}

#[test]
fn an_answer_or_another_probe_means_taken() {
    for packet in [reply(OTHER), request(OTHER, ADDRESS), request(OTHER, Ipv4Addr::UNSPECIFIED)] {
        let mut bench = Bench::new();
        bench.wait();
        assert_eq!(bench.receive(packet), [TAKEN], "{packet:?}");
        assert_eq!(bench.receive(packet), [], "said once");
    }
}

#[test]
fn own_cards_excused_stations_and_nonsense_mean_nothing() {
    let mut bench = Bench::new();
    bench.wait();
    let other = Ipv4Addr::new(10, 0, 2, 99);
    for packet in [
        reply(OWN),
        reply(EXCUSED),
        reply([0; 6]),
        reply([0xff; 6]),
        request(OTHER, other),
        ArpPacket { sender: other, ..reply(OTHER) },
    ] {
        assert_eq!(bench.receive(packet), [], "{packet:?}");
    }
}

#[test]
fn a_taken_address_is_asked_for_again_and_used_when_free() {
    let mut bench = Bench::new();
    bench.wait();
    bench.receive(reply(OTHER));
    assert_eq!(bench.wait(), [Action::Send(request(OWN, Ipv4Addr::UNSPECIFIED))]);
    assert_eq!(bench.now - START, RETRY_PAUSE + RETRY_STEP);
    assert_eq!(bench.receive(reply(OTHER)), [TAKEN]);
    while bench.wait()[0] != Action::Conclude(Verdict::Free) {
        assert!(bench.now - START < Duration::from_secs(30));
    }
}

#[test]
fn two_machines_that_probe_together_do_not_meet_for_ever() {
    let mut one = Bench::new();
    let mut two = Bench::new();
    two.detection.hardware_address = OTHER;
    for _ in 0..10 {
        one.wait();
        two.wait();
        one.receive(request(OTHER, Ipv4Addr::UNSPECIFIED));
        two.receive(request(OWN, Ipv4Addr::UNSPECIFIED));
    }
    assert!(two.now - one.now > IN_USE.pause * IN_USE.probes);
}

#[test]
fn an_address_in_use_is_defended_once_in_ten_seconds() {
    let mut bench = Bench::used();
    let announcement = Action::Send(request(OWN, ADDRESS));
    assert_eq!(bench.receive(request(OTHER, Ipv4Addr::UNSPECIFIED)), [], "the kernel answers it");
    assert_eq!(bench.receive(reply(OTHER)), [announcement]);
    bench.now += DEFENCE_PAUSE;
    assert_eq!(bench.receive(reply(OTHER)), [announcement]);
    bench.now += DEFENCE_PAUSE - Duration::from_millis(1);
    assert_eq!(bench.receive(reply(OTHER)), [TAKEN]);
}

#[test]
fn a_new_link_is_asked_again() {
    let mut bench = Bench::used();
    bench.detection.ask_again(bench.now);
    assert_eq!(bench.wait(), [Action::Send(request(OWN, Ipv4Addr::UNSPECIFIED))]);
    assert_eq!(bench.receive(reply(OTHER)), [TAKEN], "without a defence");
}
