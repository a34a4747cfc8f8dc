//! Packets that anybody may send while a capture runs: whatever is in them, the summary is bounded and
//! its counts fit each other.
#![no_main]

use capture::summary::Observer;
use libfuzzer_sys::fuzz_target;
use model::capture::MAX_POINTS;
use model::capture_status::MAX_CONVERSATIONS;

fuzz_target!(|bytes: &[u8]| {
    let mut observer = Observer::new(100, 1);
    let (mut rest, mut now, mut packets) = (bytes, 0, 0);
    // Each packet behind its length, how many milliseconds pass before it, and its direction.
    while let [length, pause, tail @ ..] = rest {
        let (frame, behind) = tail.split_at(usize::from(*length).min(tail.len()));
        now += u64::from(*pause) * 1_000_000;
        observer.add(now, u32::from(*length) * 7, pause % 2 == 0, frame);
        packets += 1;
        rest = behind;
    }
    let summary = observer.finish(now);
    assert!(summary.points.len() <= MAX_POINTS && summary.largest.len() <= MAX_CONVERSATIONS);
    let readable = packets - summary.unreadable;
    assert!(summary.conversations <= readable);
    assert!(summary.retransmissions + summary.resets + summary.unanswered <= readable);
    let named: u64 = summary.largest.iter().map(|conversation| conversation.packets).sum();
    assert!(named <= readable);
});
