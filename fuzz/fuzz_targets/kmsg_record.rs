//! A record of the kernel's log, which holds what devices and roles said: whatever it is, what the journal and a
//! syslog server get of it is one line of limited length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::journal::kernel_log::{encode, parse, severity_and_rest};
use model::journal::{BootId, Record, Severity, Source};
use model::redaction::secrets;
use model::syslog::{MAX_DATAGRAM_BYTES, Sender, message};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (severity, rest) = severity_and_rest(&text);
    let line = encode(Source::Init, severity, rest);
    assert!(!line.contains(char::is_control));
    let _ = secrets::remove(&text);
    let Some(record) = parse(bytes) else { return };
    assert!(record.severity <= Severity::Debug && !record.message.contains('\n'));
    let record = Record {
        id: 1,
        time_ms: 0,
        boot: BootId::from_random([1; 8]),
        sequence: record.sequence,
        uptime_us: record.uptime_us,
        severity: record.severity,
        source: record.source,
        message: record.message,
        fields: record.fields,
    };
    let json = serde_json::to_string(&record).expect("plain values");
    assert!(!json.contains('\n'));
    assert_eq!(serde_json::from_str::<Record>(&json).expect("readable"), record);
    let sent = message(&record, &Sender::default(), MAX_DATAGRAM_BYTES);
    assert!(sent.len() <= MAX_DATAGRAM_BYTES && sent.starts_with('<'));
});
