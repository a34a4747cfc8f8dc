//! Bytes of `/dev/xen/xenbus`: a message that is read is written as it came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::xenstore::Message;

fuzz_target!(|bytes: &[u8]| {
    let mut buffer = bytes.to_vec();
    while let Ok(Some(message)) = Message::decode(&mut buffer) {
        let _ = message.texts();
        let _ = message.opened_transaction();
        let mut again = message.encode();
        assert_eq!(Message::decode(&mut again), Ok(Some(message)));
    }
});
