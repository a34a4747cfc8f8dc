//! Replies of a Key Distribution Center to the first and to the second request of a sign-in.
#![no_main]

use kerberos::{AsExchange, AsStep, Moment, Principal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let client = Principal::account("ada", "CORP.EXAMPLE.COM");
    let mut exchange = AsExchange::new(client, "password").expect("random numbers");
    let now = Moment(1_795_299_000_000_000);
    if let Ok(AsStep::Send(_)) = exchange.step(bytes, now) {
        // The same again is no answer to the proof.
        assert!(exchange.step(bytes, now).is_err());
    }
});
