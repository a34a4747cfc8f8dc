//! A DHCP message from the network: what is read survives being sent again, and a lease is only
//! taken from what can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use network::dhcp::Message;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Message::decode(bytes) {
        let encoded = message.encode();
        assert_eq!(Message::decode(&encoded), Ok(message));
    }
});
