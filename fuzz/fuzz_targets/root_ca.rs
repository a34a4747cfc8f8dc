//! A text or file handed in as an authority: whatever stands there is refused, or taken and then taken
//! again unchanged.
#![no_main]

use certificate::check_root;
use libfuzzer_sys::fuzz_target;
use model::root_ca::MAX_SHOWN_NAME_BYTES;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(root) = check_root(bytes) {
        assert!(root.facts.subject.len() <= MAX_SHOWN_NAME_BYTES);
        let again = check_root(root.pem.as_bytes()).expect("what was taken is taken again");
        assert_eq!(again, root);
    }
});
