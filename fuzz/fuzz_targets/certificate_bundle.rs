//! Certificate, key and passphrase as handed in: whatever stands there is refused, or taken and then
//! taken again unchanged. The three are separated by NUL; the same bytes are also read as DER.
#![no_main]

use certificate::{Input, check, describe};
use libfuzzer_sys::fuzz_target;
use model::secret::Secret;

/// 1 December 2026.
const NOW: i64 = 1_796_083_200;

fuzz_target!(|bytes: &[u8]| {
    let _ = describe(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(3, '\0').map(|part| Secret::new(part.to_owned()));
    let mut next = || parts.next().unwrap_or_else(|| Secret::new(String::new()));
    let input = Input { certificate: next(), key: next(), passphrase: next() };
    if let Ok(bundle) = check(&input, NOW) {
        let again = Input {
            certificate: Secret::new(bundle.chain_pem.clone()),
            key: bundle.key_pem.clone(),
            passphrase: Secret::new(String::new()),
        };
        let again = check(&again, NOW).expect("what was taken is taken again");
        assert_eq!(again.chain_pem, bundle.chain_pem);
        assert_eq!(again.key_pem.expose(), bundle.key_pem.expose());
        assert_eq!(again.facts, bundle.facts);
    }
});
