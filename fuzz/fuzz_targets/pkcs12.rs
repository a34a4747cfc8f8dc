//! A PKCS#12 file: whatever stands there is refused, or gives a bundle that is taken again unchanged.
#![no_main]

use certificate::{Input, check, check_pkcs12};
use libfuzzer_sys::fuzz_target;
use model::secret::Secret;

/// 1 December 2026.
const NOW: i64 = 1_796_083_200;

fuzz_target!(|bytes: &[u8]| {
    let empty = Secret::new(String::new());
    for passphrase in [&empty, &Secret::new("correct-horse".to_owned())] {
        if let Ok(bundle) = check_pkcs12(bytes, passphrase, NOW) {
            let certificate = Secret::new(bundle.chain_pem.clone());
            let input =
                Input { certificate, key: bundle.key_pem.clone(), passphrase: empty.clone() };
            let again = check(&input, NOW).expect("what was taken is taken again");
            assert_eq!(again.facts, bundle.facts);
        }
    }
});
