//! An ARP packet from the network: what is read is what it says, and whatever arrives in whatever
//! order, an address is given up only for another machine.
#![no_main]

use std::net::Ipv4Addr;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use network::arp::{Action, ArpPacket, Detection, IN_USE, Verdict};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
const OWN: [u8; 6] = [2, 0, 0, 0, 0, 1];
const EXCUSED: [u8; 6] = [2, 0, 0, 0, 0, 7];

fuzz_target!(|bytes: &[u8]| {
    let mut now = Duration::ZERO;
    let mut detection = Detection::new(now, ADDRESS, OWN, vec![EXCUSED], IN_USE);
    // Each packet with a byte before it: how many twentieths of a second pass.
    for chunk in bytes.chunks(29) {
        let Some((pause, packet)) = chunk.split_first() else { continue };
        now += Duration::from_millis(50) * u32::from(*pause);
        let mut actions = detection.expire(now);
        if let Some(packet) = ArpPacket::decode(packet) {
            assert_eq!(ArpPacket::decode(&packet.encode()), Some(packet));
            actions.extend(detection.receive(now, &packet));
        }
        for action in actions {
            match action {
                Action::Send(packet) => assert_eq!(packet.sender_hardware, OWN),
                Action::Conclude(Verdict::Taken { holder }) => {
                    assert!(holder != OWN && holder != EXCUSED);
                }
                Action::Conclude(Verdict::Free) => {}
            }
        }
    }
});
