//! Answers of the metadata services of Azure, Amazon and Google.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::imds::{amazon, azure, google};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(token) = amazon::token(bytes) {
        let request = amazon::user_data_request(&token);
        let is_line = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(request.headers.iter().all(|(_, value)| is_line(value.expose())));
    }
    let _ = azure::instance(bytes);
    let _ = google::instance_id(bytes);
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(request) = google::guest_attribute_request(text, text, text)
    {
        assert!(!request.path.contains("..") && !request.path.contains(' '));
    }
});
