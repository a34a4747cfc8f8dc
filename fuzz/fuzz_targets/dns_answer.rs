//! Answers of DNS servers.
#![no_main]

use diagnostics::dns_message::{question, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let asked = question("cloud.example.com", 0x1234).expect("a name");
    if let Some(Ok(addresses)) = read(bytes, &asked) {
        assert!(addresses.len() <= 8);
    }
});
