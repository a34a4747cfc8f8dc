//! A DHCP message from the network: what the client takes from it survives being written and read
//! again. (Options without content do not survive, and nothing is taken from them.)
#![no_main]

use libfuzzer_sys::fuzz_target;
use network::dhcp::{Lease, Message};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Message::decode(bytes) {
        let encoded = message.encode();
        let read = Message::decode(&encoded).expect("what was written is readable");
        assert_eq!(read.options.message_type(), message.options.message_type());
        assert_eq!(Lease::read(&read), Lease::read(&message));
    }
});
