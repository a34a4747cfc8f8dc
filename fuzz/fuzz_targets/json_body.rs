//! Bodies of REST requests: whatever is sent is read or refused with status 400.
#![no_main]

use libfuzzer_sys::fuzz_target;
use web::api::body::{CertificateReplacement, Credentials, PasswordChange};

fuzz_target!(|body: &[u8]| {
    let _ = Credentials::parse(body);
    let _ = PasswordChange::parse(body);
    let _ = CertificateReplacement::parse(body);
});
