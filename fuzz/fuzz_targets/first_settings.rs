//! First settings in every wrapping: read or refused, and no secret in what is said about them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::guest::FirstSettings;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(settings) = FirstSettings::from_user_data(bytes) {
        assert!(settings.proxies.len() <= 16 && settings.roots.len() <= 64);
        if let Some(hash) = settings.password_hash {
            assert!(hash.expose().starts_with("$argon2id$"));
        }
    }
    let _ = FirstSettings::from_fw_cfg([("opt/connector/rootcas", bytes)]);
    let _ = FirstSettings::from_fw_cfg([("opt/connector/proxies", bytes)]);
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = FirstSettings::from_oem_strings(text.lines());
        let _ = FirstSettings::from_properties([("connector.registration", text)]);
    }
});
