//! An answer of a time server: whatever it says, no time before the release comes out.
#![no_main]

use clock::packet;
use libfuzzer_sys::fuzz_target;
use model::product::RELEASED;

fuzz_target!(|bytes: &[u8]| {
    // The fuzzer cannot guess the number of the request, so it is taken from where it stands.
    let number = bytes.get(24..32).and_then(|number| number.try_into().ok());
    let number = number.map_or(0, u64::from_be_bytes);
    if let Ok(time) = packet::read(bytes, number) {
        assert!(time.sent >= i128::from(RELEASED) * 1_000_000_000 && time.sent >= time.received);
    }
});
