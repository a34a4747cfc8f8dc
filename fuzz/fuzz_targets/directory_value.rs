//! Values of objects: identifiers as bytes and as text, and the names of parts of long lists.
#![no_main]

use directory::{guid_bytes, guid_text, range, sid_bytes, sid_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(text) = guid_text(bytes) {
        assert_eq!(guid_bytes(&text).as_ref().map(<[u8; 16]>::as_slice), Some(bytes));
    }
    if let Some(read) = sid_text(bytes).as_deref().and_then(sid_bytes) {
        assert_eq!(read, bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(bytes) = sid_bytes(text) {
        assert!(sid_text(&bytes).is_some());
    }
    let _ = guid_bytes(text);
    if let Some(range) = range(text, "member") {
        assert!(range.last.is_none_or(|last| last >= range.first));
    }
});
