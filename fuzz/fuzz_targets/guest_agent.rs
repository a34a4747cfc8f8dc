//! Bytes of the port of the QEMU guest agent: every line has at most one answer, on one line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::agent::{Framer, GuestFacts, answer};

fuzz_target!(|bytes: &[u8]| {
    for line in Framer::default().push(bytes) {
        let outcome = answer(&line, &GuestFacts::default());
        assert!(outcome.reply.is_none() || outcome.shutdown.is_none());
        if let Some(reply) = outcome.reply {
            assert_eq!(reply.iter().filter(|byte| **byte == b'\n').count(), 1);
        }
    }
});
