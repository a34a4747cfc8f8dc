//! A stream of a tunnel as the other side may send it: frames of any kind, and messages of each state.
//! The first byte says which messages are expected.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{control, registration, request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tunnel::frame::{HEADER_BYTES, Header, Kind, MAX_PAYLOAD_BYTES, decode_end};

fuzz_target!(|bytes: &[u8]| {
    let Some((which, mut rest)) = bytes.split_first() else { return };
    let mut received = 0;
    while let Some((header, payload)) = rest.split_first_chunk::<HEADER_BYTES>() {
        let Ok(header) = Header::decode(*header) else { return };
        assert!(header.length <= MAX_PAYLOAD_BYTES);
        let Some((payload, next)) = payload.split_at_checked(header.length) else { return };
        match header.kind {
            Kind::Message => message(*which, payload),
            Kind::Data => received += payload.len(),
            Kind::End => {
                assert!(decode_end(payload).is_ok());
                received = 0;
            }
        }
        rest = next;
    }
    assert!(received <= bytes.len());
});

fn message(which: u8, json: &[u8]) {
    match which % 6 {
        0 => again::<registration::FromAppliance>(json),
        1 => again::<registration::FromCloud>(json),
        2 => again::<control::FromAppliance>(json),
        3 => again::<control::FromCloud>(json),
        4 => again::<request::Request>(json),
        _ => again::<request::Answer>(json),
    }
}

/// What is understood is understood the same way once it is written again.
fn again<M: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(json: &[u8]) {
    let Ok(message) = serde_json::from_slice::<M>(json) else { return };
    let written = serde_json::to_vec(&message).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<M>(&written).expect("what was written can be read"), message);
}
