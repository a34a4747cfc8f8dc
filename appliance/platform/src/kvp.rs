//! Hyper-V's exchange of keys and values, as the kernel's `/dev/vmbus/hv_kvp` hands it to a daemon.
//!
//! Each message is one structure of [`MESSAGE_BYTES`], little-endian and packed (`struct hv_kvp_msg` in
//! `linux/hyperv.h`); the daemon answers each in the same memory. The host speaks UTF-16, the kernel
//! translates: here texts are UTF-8 with a zero at the end, and must have room in UTF-16 afterwards.
//!
//! The host may read what the appliance tells of itself (pool 2). It may not set keys or addresses: those
//! requests fail.

use std::net::IpAddr;

use thiserror::Error;

/// Bytes of every message, to and from the kernel.
pub const MESSAGE_BYTES: usize = HEADER_BYTES + IP_VALUE_BYTES.next_multiple_of(4);
/// Bytes of operation, pool and padding; on the way back, of the error.
const HEADER_BYTES: usize = 4;
/// Bytes of the largest body (`hv_kvp_ipaddr_value`): an adapter, family, DHCP, addresses, masks,
/// gateways, name servers. The union of the bodies is aligned to 4 bytes, although the message is packed.
const IP_VALUE_BYTES: usize = 256 + 2 + 2048 + 2048 + 1024 + 2048;
const KEY_BYTES: usize = 512;
const VALUE_BYTES: usize = 2048;

// Where the fields of an enumeration stand.
const INDEX: usize = HEADER_BYTES;
const VALUE_TYPE: usize = INDEX + 4;
const KEY_SIZE: usize = VALUE_TYPE + 4;
const VALUE_SIZE: usize = KEY_SIZE + 4;
const KEY: usize = VALUE_SIZE + 4;
const VALUE: usize = KEY + KEY_BYTES;

const ENUMERATE: u8 = 3;
/// Registers a daemon whose errors stand in the header.
const REGISTER: u8 = 100;
/// The pool that the guest fills by itself.
const POOL_AUTO: u8 = 2;
/// A text, in the manner of Windows' registry.
const REG_SZ: u32 = 1;
/// There is nothing more to enumerate.
const HV_S_CONT: u32 = 0x8007_0103;
const HV_E_FAIL: u32 = 0x8000_4005;
/// Longest value in units of UTF-16; the kernel keeps two for itself (`VALUE_BYTES / 2 - 2`).
const MAX_VALUE_UNITS: usize = VALUE_BYTES / 2 - 2;

/// What is told, in the order of the indices that the host asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KvpFacts {
    /// Host name with domain.
    pub host_name: String,
    /// Version of the product.
    pub version: String,
    /// Addresses, without loopback.
    pub addresses: Vec<IpAddr>,
    /// Name of the system.
    pub system: String,
    /// `uname -r`.
    pub kernel: String,
}

/// Why a message from the kernel is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the kernel's KVP message has {0} bytes in place of {MESSAGE_BYTES}; open the device again"
)]
pub struct MessageSizeError(pub usize);

/// What is to be sent after a message of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: the kernel has taken the registration, and said its own version.
    Registered,
    /// This message.
    Message(Vec<u8>),
}

/// The first message to the kernel.
#[must_use]
pub fn registration() -> Vec<u8> {
    let mut message = vec![0; MESSAGE_BYTES];
    message[0] = REGISTER;
    message
}

/// Answers a message of the kernel.
///
/// # Errors
///
/// [`MessageSizeError`] when it is not one.
pub fn answer(message: &[u8], facts: &KvpFacts) -> Result<Answer, MessageSizeError> {
    if message.len() != MESSAGE_BYTES {
        return Err(MessageSizeError(message.len()));
    }
    match (message[0], message[1]) {
        (REGISTER, _) => Ok(Answer::Registered),
        (ENUMERATE, POOL_AUTO) => Ok(Answer::Message(enumerate(message, facts))),
        // Other pools are empty: the host has put nothing in, since it may not.
        (ENUMERATE, _) => Ok(Answer::Message(failed(message, HV_S_CONT))),
        _ => Ok(Answer::Message(failed(message, HV_E_FAIL))),
    }
}

fn enumerate(message: &[u8], facts: &KvpFacts) -> Vec<u8> {
    let index = [message[INDEX], message[INDEX + 1], message[INDEX + 2], message[INDEX + 3]];
    let index = usize::try_from(u32::from_le_bytes(index)).unwrap_or(usize::MAX);
    let Some((key, value)) = pairs(facts).into_iter().nth(index) else {
        return failed(message, HV_S_CONT);
    };
    let value = shortened(&value);
    let mut answer = vec![0; MESSAGE_BYTES];
    // Four zeros in place of the header: no error.
    answer[INDEX..VALUE_TYPE].copy_from_slice(&message[INDEX..VALUE_TYPE]);
    answer[VALUE_TYPE..KEY_SIZE].copy_from_slice(&REG_SZ.to_le_bytes());
    answer[KEY_SIZE..VALUE_SIZE].copy_from_slice(&size(key).to_le_bytes());
    answer[VALUE_SIZE..KEY].copy_from_slice(&size(value).to_le_bytes());
    answer[KEY..KEY + key.len()].copy_from_slice(key.as_bytes());
    answer[VALUE..VALUE + value.len()].copy_from_slice(value.as_bytes());
    answer
}

/// Bytes with the zero at the end.
fn size(text: &str) -> u32 {
    u32::try_from(text.len() + 1).unwrap_or(u32::MAX)
}

fn failed(message: &[u8], error: u32) -> Vec<u8> {
    let mut answer = message.to_vec();
    answer[..HEADER_BYTES].copy_from_slice(&error.to_le_bytes());
    answer
}

/// Keys in the order that the host expects (`linux/hyperv.h`), with their values.
fn pairs(facts: &KvpFacts) -> [(&'static str, String); 10] {
    let mut numbers = facts.version.split('.');
    let mut number = || numbers.next().unwrap_or_default().to_owned();
    let (major, minor) = (number(), number());
    let addresses = |is_wanted: fn(&IpAddr) -> bool| {
        let list: Vec<_> =
            facts.addresses.iter().filter(|it| is_wanted(it)).map(IpAddr::to_string).collect();
        list.join(";")
    };
    [
        ("FullyQualifiedDomainName", facts.host_name.clone()),
        ("IntegrationServicesVersion", "3.1".to_owned()),
        ("NetworkAddressIPv4", addresses(IpAddr::is_ipv4)),
        ("NetworkAddressIPv6", addresses(IpAddr::is_ipv6)),
        ("OSBuildNumber", facts.kernel.clone()),
        ("OSName", facts.system.clone()),
        ("OSMajorVersion", major),
        ("OSMinorVersion", minor),
        ("OSVersion", facts.version.clone()),
        ("ProcessorArchitecture", "x86_64".to_owned()),
    ]
}

/// The beginning that has room in UTF-8 with its zero, and in UTF-16.
fn shortened(value: &str) -> &str {
    let mut units = 0;
    let end = value.char_indices().find_map(|(at, character)| {
        units += character.len_utf16();
        let has_room = units <= MAX_VALUE_UNITS && at + character.len_utf8() < VALUE_BYTES;
        (!has_room || character == '\0').then_some(at)
    });
    &value[..end.unwrap_or(value.len())]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts() -> KvpFacts {
        KvpFacts {
            host_name: "tokyo-1.example.com".to_owned(),
            version: "1.2.3.0".to_owned(),
            addresses: vec![
                [10, 0, 2, 15].into(),
                "fe80::1".parse().unwrap(),
                [10, 0, 3, 15].into(),
            ],
            system: "Connector Appliance".to_owned(),
            kernel: "6.12.57".to_owned(),
        }
    }

    fn message(operation: u8, pool: u8, index: u32) -> Vec<u8> {
        let mut message = vec![0; MESSAGE_BYTES];
        message[..2].copy_from_slice(&[operation, pool]);
        message[INDEX..VALUE_TYPE].copy_from_slice(&index.to_le_bytes());
        message
    }

    fn answered(message: &[u8], facts: &KvpFacts) -> Vec<u8> {
        let Answer::Message(answer) = answer(message, facts).unwrap() else { panic!("a message") };
        assert_eq!(answer.len(), MESSAGE_BYTES);
        answer
    }

    fn error(answer: &[u8]) -> u32 {
        u32::from_le_bytes([answer[0], answer[1], answer[2], answer[3]])
    }

    fn text(answer: &[u8], at: usize, size_at: usize) -> String {
        let size = u32::from_le_bytes(*answer[size_at..].first_chunk().unwrap());
        let size = usize::try_from(size).unwrap();
        assert_eq!(answer[at + size - 1], 0);
        String::from_utf8(answer[at..at + size - 1].to_vec()).unwrap()
    }

    #[test]
    fn a_message_is_as_long_as_the_kernels_structure() {
        // `sizeof(struct hv_kvp_msg)` and `offsetof(..., body.kvp_enum_data.data.value)`, by gcc.
        assert_eq!((MESSAGE_BYTES, VALUE), (7432, 532));
    }

    #[test]
    fn registers_with_errors_in_the_header() {
        let registration = registration();
        assert_eq!((registration.len(), registration[0]), (MESSAGE_BYTES, 100));
        assert_eq!(answer(&message(REGISTER, 0, 0), &facts()), Ok(Answer::Registered));
    }

    #[test]
    fn tells_every_key_of_the_automatic_pool_and_then_ends() {
        let expected = [
            ("FullyQualifiedDomainName", "tokyo-1.example.com"),
            ("IntegrationServicesVersion", "3.1"),
            ("NetworkAddressIPv4", "10.0.2.15;10.0.3.15"),
            ("NetworkAddressIPv6", "fe80::1"),
            ("OSBuildNumber", "6.12.57"),
            ("OSName", "Connector Appliance"),
            ("OSMajorVersion", "1"),
            ("OSMinorVersion", "2"),
            ("OSVersion", "1.2.3.0"),
            ("ProcessorArchitecture", "x86_64"),
        ];
        for (index, (key, value)) in (0..).zip(expected) {
            let answer = answered(&message(ENUMERATE, POOL_AUTO, index), &facts());
            assert_eq!(error(&answer), 0);
            assert_eq!(text(&answer, KEY, KEY_SIZE), key);
            assert_eq!(text(&answer, VALUE, VALUE_SIZE), value);
        }
        for index in [10, u32::MAX] {
            let answer = answered(&message(ENUMERATE, POOL_AUTO, index), &facts());
            assert_eq!(error(&answer), HV_S_CONT);
        }
    }

    #[test]
    fn the_host_sets_nothing_and_other_pools_are_empty() {
        for operation in [0, 1, 2, 4, 5, 99, 255] {
            let answer = answered(&message(operation, POOL_AUTO, 0), &facts());
            assert_eq!(error(&answer), HV_E_FAIL, "{operation}");
        }
        assert_eq!(error(&answered(&message(ENUMERATE, 0, 0), &facts())), HV_S_CONT);
    }

    #[test]
    fn a_message_of_another_length_is_not_answered() {
        for length in [0, 1, MESSAGE_BYTES - 1, MESSAGE_BYTES + 1] {
            let error = answer(&vec![ENUMERATE; length], &facts()).unwrap_err();
            assert_eq!(error, MessageSizeError(length));
        }
    }

    proptest! {
        #[test]
        fn every_value_has_room_for_the_kernel(host_name in "\\PC{0,1500}", index in 0..12_u32) {
            let facts = KvpFacts { host_name, ..facts() };
            let answer = answered(&message(ENUMERATE, POOL_AUTO, index), &facts);
            if error(&answer) == 0 {
                let value = text(&answer, VALUE, VALUE_SIZE);
                prop_assert!(value.encode_utf16().count() <= MAX_VALUE_UNITS);
            }
        }

        #[test]
        fn every_message_is_answered(bytes in prop::collection::vec(any::<u8>(), 8)) {
            let mut message = vec![0; MESSAGE_BYTES];
            message[..8].copy_from_slice(&bytes);
            prop_assert!(answer(&message, &facts()).is_ok());
        }
    }
}
