//! Tokens of a sealed LDAP connection behind their lengths, and the LDAP messages in them.
#![no_main]

use directory::{Answers, Requests, read_token};
use libfuzzer_sys::fuzz_target;

/// A search with the number 1 and a change with the number 2, as far as they are looked at.
const ASKED: [&[u8]; 2] = [&[0x30, 5, 2, 1, 1, 0x63, 0], &[0x30, 5, 2, 1, 2, 0x66, 0]];

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (mut requests, mut answers) = (Requests::default(), Answers::default());
    for request in ASKED {
        requests.note(request);
    }
    let mut stream = bytes;
    let (mut total, mut data, mut passed) = (0, 0, 0);
    while let Ok(token) = runtime.block_on(read_token(&mut stream)) {
        total += 4 + token.len();
        data += token.len();
        let Ok(messages) = answers.take(&token, &mut requests) else { break };
        passed += messages.len();
        // Only whole messages are handed on.
        assert!(messages.first().is_none_or(|first| *first == 0x30));
        assert!(passed <= data);
    }
    assert!(total <= bytes.len());
});
