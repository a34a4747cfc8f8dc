//! Answers to the CLDAP ping, which come from anybody.
#![no_main]

use directory::parse_netlogon;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(netlogon) = parse_netlogon(bytes) {
        assert!(netlogon.host.len() <= 4 * 255);
    }
});
