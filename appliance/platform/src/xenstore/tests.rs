use proptest::prelude::*;

use super::*;

fn answer(kind: Kind, payload: &[u8]) -> Message {
    Message { kind, request: 7, transaction: 0, payload: payload.to_vec() }
}

#[test]
fn a_write_has_the_bytes_of_the_protocol() {
    let message = Message::write("data/updated", "1").unwrap().numbered(7).within(3);
    assert_eq!(message.encode(), b"\x0b\0\0\0\x07\0\0\0\x03\0\0\0\x0e\0\0\0data/updated\x001");
    let end = Message::transaction_end(3, true).encode();
    assert_eq!(end, b"\x07\0\0\0\0\0\0\0\x03\0\0\0\x02\0\0\0T\0");
    assert_eq!(Message::transaction_start().payload, b"\0");
    assert_eq!(Message::watch("control/shutdown", "t").unwrap().payload, b"control/shutdown\0t\0");
}

#[test]
fn answers_are_read_in_pieces_and_one_after_another() {
    let first = answer(Kind::Read, b"1042").encode();
    let second = answer(Kind::Directory, b"0\x001\0").encode();
    let mut buffer = first[..10].to_vec();
    assert_eq!(Message::decode(&mut buffer), Ok(None));
    buffer.extend_from_slice(&first[10..]);
    buffer.extend_from_slice(&second);
    let message = Message::decode(&mut buffer).unwrap().unwrap();
    assert_eq!((message.request, message.texts()), (7, Ok(vec!["1042"])));
    let message = Message::decode(&mut buffer).unwrap().unwrap();
    assert_eq!(message.texts(), Ok(vec!["0", "1"]));
    assert_eq!(Message::decode(&mut buffer), Ok(None));
    assert!(buffer.is_empty());
    assert_eq!(answer(Kind::Directory, b"").texts(), Ok(vec![]));
}

#[test]
fn errors_are_told_apart() {
    for (name, error) in [
        (&b"ENOENT\0"[..], StoreError::NotFound),
        (b"EAGAIN\0", StoreError::Conflict),
        (b"EACCES\0", StoreError::Denied),
        (b"EINVAL\0", StoreError::Other("EINVAL".to_owned())),
    ] {
        assert_eq!(answer(Kind::Error, name).texts(), Err(error));
    }
    let started = answer(Kind::TransactionStart, b"12\0").opened_transaction();
    assert_eq!(started, Ok(12));
    assert!(answer(Kind::TransactionStart, b"x\0").opened_transaction().is_err());
    assert_eq!(answer(Kind::Error, b"ENOENT\0").opened_transaction(), Err(StoreError::NotFound));
}

#[test]
fn a_message_that_is_too_long_or_unknown_ends_the_stream() {
    let mut long = answer(Kind::Read, b"").encode();
    long[12..16].copy_from_slice(&4097_u32.to_le_bytes());
    assert!(matches!(Message::decode(&mut long), Err(StoreError::Unreadable(_))));
    let mut unknown = answer(Kind::Read, b"").encode();
    unknown[0] = 200;
    assert!(matches!(Message::decode(&mut unknown), Err(StoreError::Unreadable(_))));
}

#[test]
fn refuses_paths_and_values_that_cannot_be_sent() {
    for path in ["", "a//b", "a/", "a b", "a\0b", "ü", &"x".repeat(2049)] {
        assert!(Message::read(path).is_err(), "{path}");
        assert!(Message::write(path, "1").is_err(), "{path}");
    }
    assert!(Message::write("a", &"x".repeat(MAX_SENT_BYTES - 2)).is_ok());
    assert!(Message::write("a", &"x".repeat(MAX_SENT_BYTES - 1)).is_err());
}

fn facts() -> StoreFacts {
    StoreFacts {
        system: "Connector Appliance 1.2\n".to_owned(),
        interfaces: vec![VirtualInterface {
            number: 1,
            ipv4: vec![[10, 0, 0, 5].into(); 12],
            ipv6: vec!["fe80::1".parse().unwrap()],
        }],
        ..StoreFacts::default()
    }
}

#[test]
fn a_good_guest_writes_what_xapi_reads_and_wakes_it_last() {
    let steps = steps(&facts());
    assert_eq!(steps.first(), Some(&Step::Remove("attr/vif")));
    assert_eq!(steps.last(), Some(&Step::Write("data/updated".to_owned(), "1".to_owned())));
    let value = |path: &str| {
        steps.iter().find_map(|step| match step {
            Step::Write(written, value) if written == path => Some(value.as_str()),
            _ => None,
        })
    };
    assert!(value("attr/PVAddons/MajorVersion").is_some_and(|version| version != "0"));
    assert_eq!(value("data/os_name"), Some("Connector Appliance 1.2"));
    assert_eq!(value("attr/vif/1/ipv4/9"), Some("10.0.0.5"));
    assert_eq!(value("attr/vif/1/ipv4/10"), None);
    assert_eq!(value("attr/vif/1/ipv6/0"), Some("fe80::1"));
}

proptest! {
    #[test]
    fn every_step_can_be_sent(system in any::<String>(), number: u32) {
        let mut facts = facts();
        facts.system = system;
        facts.interfaces[0].number = number;
        for step in steps(&facts) {
            let message = match step {
                Step::Remove(path) => Message::remove(path),
                Step::Write(path, value) => Message::write(&path, &value),
            };
            prop_assert!(message.is_ok());
        }
    }

    #[test]
    fn messages_survive_the_wire(request: u32, transaction: u32, value in "[ -~]{0,80}") {
        let message = Message::write("a/b", &value).unwrap().numbered(request).within(transaction);
        let mut bytes = message.encode();
        prop_assert_eq!(Message::decode(&mut bytes), Ok(Some(message)));
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes: Vec<u8>, kind in 0..22_u8) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = kind;
        }
        if let Ok(Some(message)) = Message::decode(&mut bytes) {
            let _ = message.texts();
            let _ = message.opened_transaction();
        }
    }
}
