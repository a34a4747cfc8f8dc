use proptest::prelude::*;

use super::*;

fn facts() -> GuestFacts {
    GuestFacts {
        version: "1.2.3.0".to_owned(),
        host_name: "tokyo-1".to_owned(),
        time_ns: 1_795_219_200_000_000_001,
        interfaces: vec![
            Interface {
                name: "lo".to_owned(),
                hardware_address: None,
                addresses: vec![([127, 0, 0, 1].into(), 8)],
            },
            Interface {
                name: "eth0".to_owned(),
                hardware_address: Some("52:54:00:12:34:56".to_owned()),
                addresses: vec![([10, 0, 2, 15].into(), 24), ("fe80::1".parse().unwrap(), 64)],
            },
        ],
        system: SystemFacts {
            kernel_release: "6.12.57".to_owned(),
            machine: "x86_64".to_owned(),
            pretty_name: "Connector Appliance 1.2.3.0".to_owned(),
            ..SystemFacts::default()
        },
    }
}

fn ask(line: &str) -> Outcome {
    answer(&Line::Whole(line.as_bytes().to_vec()), &facts())
}

fn reply_to(line: &str) -> Value {
    let reply = ask(line).reply.unwrap();
    assert_eq!(reply.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert_eq!(reply.last(), Some(&b'\n'));
    serde_json::from_slice(&reply).unwrap()
}

#[test]
fn synchronises_as_libvirt_and_proxmox_do() {
    assert_eq!(
        reply_to(r#"{"execute":"guest-sync","arguments":{"id":1234567890123}}"#),
        json!({"return": 1_234_567_890_123_i64})
    );
    let delimited = ask(r#"{"execute":"guest-sync-delimited", "arguments":{"id":7}}"#).reply;
    assert_eq!(delimited.unwrap(), b"\xff{\"return\":7}\n");
    for (arguments, desc) in [
        ("{}", "Parameter 'id' is missing"),
        (r#"{"id":"7"}"#, "Invalid parameter type for 'id', expected: integer"),
        (r#"{"id":1,"x":2}"#, "Parameter 'x' is unexpected"),
    ] {
        let reply = reply_to(&format!(r#"{{"execute":"guest-sync","arguments":{arguments}}}"#));
        assert_eq!(reply, json!({"error": {"class": "GenericError", "desc": desc}}));
    }
}

#[test]
fn answers_ping_time_and_names() {
    assert_eq!(reply_to(r#"{"execute":"guest-ping"}"#), json!({"return": {}}));
    assert_eq!(
        reply_to(r#"{"execute":"guest-get-time"}"#),
        json!({"return": 1_795_219_200_000_000_001_i64})
    );
    assert_eq!(
        reply_to(r#"{"execute":"guest-get-host-name"}"#),
        json!({"return": {"host-name": "tokyo-1"}})
    );
    let system = reply_to(r#"{"execute":"guest-get-osinfo"}"#);
    assert_eq!(system["return"]["kernel-release"], "6.12.57");
    assert_eq!(system["return"]["pretty-name"], "Connector Appliance 1.2.3.0");
    assert_eq!(reply_to(r#"{"execute":"guest-ping","id":[1]}"#), json!({"return": {}, "id": [1]}));
}

#[test]
fn lists_interfaces_as_the_schema_has_them() {
    let interfaces = json!([
        {"name": "lo", "ip-addresses": [
            {"ip-address": "127.0.0.1", "ip-address-type": "ipv4", "prefix": 8}]},
        {"name": "eth0", "hardware-address": "52:54:00:12:34:56", "ip-addresses": [
            {"ip-address": "10.0.2.15", "ip-address-type": "ipv4", "prefix": 24},
            {"ip-address": "fe80::1", "ip-address-type": "ipv6", "prefix": 64}]},
    ]);
    let reply = reply_to(r#"{"execute":"guest-network-get-interfaces"}"#);
    assert_eq!(reply, json!({"return": interfaces}));
}

#[test]
fn lists_its_commands_and_has_no_others() {
    let info = reply_to(r#"{"execute":"guest-info"}"#);
    let commands = info["return"]["supported_commands"].as_array().unwrap();
    assert_eq!(commands.len(), COMMANDS.len());
    for command in commands {
        let name = command["name"].as_str().unwrap();
        assert_eq!(command["success-response"], name != "guest-shutdown");
        let outcome = ask(&format!(r#"{{"execute":"{name}","arguments":{{"id":1}}}}"#));
        let reply = String::from_utf8_lossy(&outcome.reply.unwrap_or_default()).into_owned();
        assert!(!reply.contains("CommandNotFound"), "{name}: {reply}");
    }
    for name in
        ["guest-exec", "guest-file-open", "guest-set-user-password", "guest-fsfreeze-freeze", "x"]
    {
        let reply = reply_to(&format!(r#"{{"execute":"{name}","id":"a"}}"#));
        let desc = format!("The command {name} has not been found");
        assert_eq!(reply, json!({"error": {"class": "CommandNotFound", "desc": desc}, "id": "a"}));
    }
}

#[test]
fn a_shutdown_is_answered_by_itself() {
    for (arguments, mode) in [
        ("{}", ShutdownMode::PowerDown),
        (r#"{"mode":"powerdown"}"#, ShutdownMode::PowerDown),
        (r#"{"mode":"halt"}"#, ShutdownMode::Halt),
        (r#"{"mode":"reboot"}"#, ShutdownMode::Reboot),
    ] {
        let outcome = ask(&format!(r#"{{"execute":"guest-shutdown","arguments":{arguments}}}"#));
        assert_eq!(outcome, Outcome { reply: None, shutdown: Some(mode) });
    }
    for arguments in [r#"{"mode":"sleep"}"#, r#"{"mode":1}"#, r#"{"mode":"halt","x":1}"#] {
        let outcome = ask(&format!(r#"{{"execute":"guest-shutdown","arguments":{arguments}}}"#));
        assert!(outcome.shutdown.is_none() && outcome.reply.is_some(), "{arguments}");
    }
}

#[test]
fn what_is_no_request_is_an_error_and_an_empty_line_is_nothing() {
    for line in [
        "x",
        "[]",
        "{}",
        r#"{"execute":1}"#,
        r#"{"execute":"guest-ping","arguments":1}"#,
        r#"{"execute":"guest-ping","x":1}"#,
    ] {
        assert_eq!(reply_to(line)["error"]["class"], "GenericError", "{line}");
    }
    assert_eq!(ask(" \r"), Outcome::default());
}

#[test]
fn lines_come_in_pieces_and_the_sentinel_drops_what_was_left() {
    let mut framer = Framer::default();
    assert!(framer.push(b"{\"exec").is_empty());
    assert_eq!(framer.push(b"\xffab"), []);
    assert_eq!(framer.push(b"c\n\ndef"), [Line::Whole(b"abc".to_vec()), Line::Whole(Vec::new())]);
    assert_eq!(framer.push(b"\n"), [Line::Whole(b"def".to_vec())]);
}

#[test]
fn a_line_without_end_takes_bounded_memory() {
    let mut framer = Framer::default();
    for _ in 0..100 {
        assert!(framer.push(&[b'x'; 4096]).is_empty());
    }
    assert!(framer.pending.len() <= MAX_LINE_BYTES);
    assert_eq!(framer.push(b"\nok\n"), [Line::TooLong, Line::Whole(b"ok".to_vec())]);
    let reply = answer(&Line::TooLong, &facts()).reply.unwrap();
    assert!(String::from_utf8(reply).unwrap().contains("longer than 16384 bytes"));
}

proptest! {
    #[test]
    fn every_line_is_answered_by_at_most_one(bytes: Vec<u8>, name in "[a-z-]{0,30}") {
        let mut framer = Framer::default();
        for line in framer.push(&bytes) {
            let _ = answer(&line, &facts());
        }
        let outcome = ask(&json!({"execute": name}).to_string());
        prop_assert!(outcome.reply.is_some() != outcome.shutdown.is_some());
    }

    #[test]
    fn pieces_make_the_same_lines_as_the_whole(bytes: Vec<u8>, cut: prop::sample::Index) {
        let cut = cut.index(bytes.len() + 1);
        let (mut whole, mut pieces) = (Framer::default(), Framer::default());
        let mut lines = pieces.push(&bytes[..cut]);
        lines.extend(pieces.push(&bytes[cut..]));
        prop_assert_eq!(whole.push(&bytes), lines);
    }
}
