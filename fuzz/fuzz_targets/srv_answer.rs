//! Answers of name servers that name domain controllers.
#![no_main]

use directory::service_hosts;
use hickory_resolver::proto::op::Message;
use libfuzzer_sys::fuzz_target;
use model::domain::DomainName;

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = Message::from_vec(bytes) else { return };
    let hosts = service_hosts(&message.answers);
    assert!(hosts.len() <= 64);
    assert!(hosts.iter().all(|host| DomainName::parse(host).is_ok()));
});
