//! The answer of a proxy to CONNECT: wherever the network cuts it, the same is read, nothing behind
//! its head is taken, and what is kept for people is short. The first byte says where it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outbound::challenge::schemes;
use outbound::reply::{MAX_REPLY_BYTES, ReplyReader};

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let whole = ReplyReader::default().push(bytes);
    let (first, second) = bytes.split_at(usize::from(*cut).min(bytes.len()));
    let mut reader = ReplyReader::default();
    let pieces = match reader.push(first) {
        Ok((length, None)) => {
            assert_eq!(length, first.len());
            reader.push(second).map(|(more, head)| (length + more, head))
        }
        other => other,
    };
    assert_eq!(pieces, whole);
    let Ok((length, head)) = whole else { return };
    assert!(length <= bytes.len() && length <= MAX_REPLY_BYTES);
    let Some(head) = head else { return };
    assert!(bytes[..length].ends_with(b"\n") && head.status >= 200);
    assert!(head.detail().is_none_or(|detail| detail.chars().count() <= 160));
    let offered = schemes(&head.values("proxy-authenticate").collect::<Vec<_>>());
    assert!(offered.iter().all(|scheme| scheme.len() <= 32));
    let _ = head.body_before_next();
});
