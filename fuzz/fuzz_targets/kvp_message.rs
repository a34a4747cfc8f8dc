//! Messages of Hyper-V's key and value exchange; what is missing of one is zero.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::kvp::{Answer, KvpFacts, MESSAGE_BYTES, answer};

fuzz_target!(|bytes: &[u8]| {
    let mut message = bytes.to_vec();
    message.resize(MESSAGE_BYTES, 0);
    let host_name = String::from_utf8_lossy(bytes).into_owned();
    let facts = KvpFacts { host_name, ..KvpFacts::default() };
    if let Ok(Answer::Message(answer)) = answer(&message, &facts) {
        assert_eq!(answer.len(), MESSAGE_BYTES);
    }
});
