//! Texts of VMware's host: commands and answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::rpci::{answer, command};

fuzz_target!(|bytes: &[u8]| {
    let (text, _) = command(bytes);
    assert!(text.starts_with("OK ") || text.starts_with("ERROR "));
    let _ = answer(bytes);
});
