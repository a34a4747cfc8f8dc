//! Records of `/dev/kmsg` (the kernel's `Documentation/ABI/testing/dev-kmsg`):
//! `priority,sequence,microseconds,flags[,...];message`, then lines ` KEY=value`. Bytes that are not
//! printable, and the backslash, come as `\x5c`.

use super::{Severity, Source, fields};
use crate::role::Role;

/// Longest record that the kernel gives out, in bytes (`CONSOLE_EXT_LOG_MAX` of `kernel/printk`).
pub const MAX_RECORD_BYTES: usize = 8192;
/// What PID 1 writes before the name of a role. What a process writes has another facility than the
/// kernel, so that no role can speak for the kernel; and only PID 1 writes there.
pub const PREFIX: &str = "connector ";
/// Facility of what processes write to `/dev/kmsg` (`LOG_USER`).
const FACILITY_USER: u32 = 1;

/// One record of the kernel's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelRecord {
    /// Its number since the start of the machine.
    pub sequence: u64,
    /// Microseconds since the start of the machine.
    pub uptime_us: u64,
    /// How bad it is.
    pub severity: Severity,
    /// Who said it.
    pub source: Source,
    /// What was said.
    pub message: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

/// Reads one record, as one `read(2)` gives it. `None` when it is no record.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<KernelRecord> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once(';')?;
    // Further members may follow in later kernels, such as `caller=T1`.
    let mut head = head.split(',');
    let priority: u32 = head.next()?.parse().ok()?;
    let sequence = head.next()?.parse().ok()?;
    let uptime_us = head.next()?.parse().ok()?;
    let mut lines = body.split('\n');
    let said = unescape(lines.next().unwrap_or_default());
    let severity = Severity::from_number(u8::try_from(priority % 8).unwrap_or(u8::MAX));
    let record = |source, message, fields| {
        Some(KernelRecord { sequence, uptime_us, severity, source, message, fields })
    };
    if priority / 8 == FACILITY_USER
        && let Some((source, line)) = source_and_line(&said)
    {
        let (message, fields) = fields::split(line);
        return record(source, message, fields);
    }
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix(' ')?.split_once('=')?;
        Some((unescape(name), unescape(value)))
    };
    record(Source::Kernel, said, lines.filter_map(pair).collect())
}

/// Who said a line that PID 1 wrote, and the line: `connector web: Ready`.
fn source_and_line(said: &str) -> Option<(Source, &str)> {
    let (name, line) = said.strip_prefix(PREFIX)?.split_once(": ")?;
    let source = if name == Source::Init.name() {
        Source::Init
    } else {
        Source::Role(Role::from_name(name)?)
    };
    Some((source, line))
}

/// The severity at the start of a line of a role, as `tracing_subscriber` writes it (` WARN Cannot
/// answer`), and the rest. PID 1 gives it to the kernel as the priority of the line. A line without,
/// such as the message of a panic, is an error.
#[must_use]
pub fn severity_and_rest(line: &str) -> (Severity, &str) {
    let trimmed = line.trim_start();
    for (word, severity) in [
        ("ERROR ", Severity::Error),
        ("WARN ", Severity::Warning),
        ("INFO ", Severity::Informational),
        ("DEBUG ", Severity::Debug),
        ("TRACE ", Severity::Debug),
    ] {
        if let Some(rest) = trimmed.strip_prefix(word) {
            return (severity, rest);
        }
    }
    (Severity::Error, line)
}

/// What to write to `/dev/kmsg` for a line: `<12>connector web: Cannot answer`. Control characters become
/// spaces, so that a line stays one line.
#[must_use]
pub fn encode(source: Source, severity: Severity, line: &str) -> String {
    let priority = FACILITY_USER * 8 + u32::from(severity.number());
    let clean: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("<{priority}>{PREFIX}{}: {clean}", source.name())
}

/// Takes the kernel's escapes away: `\x` and two digits for a byte. Colour codes and other control
/// characters become spaces.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'\\')
            .then(|| after.strip_prefix(b"x")?.split_at_checked(2))
            .flatten()
            .and_then(|(digits, after)| {
                let digits = std::str::from_utf8(digits).ok()?;
                let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                is_hexadecimal.then_some((u8::from_str_radix(digits, 16).ok()?, after))
            });
        let (byte, after) = escaped.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    let text = String::from_utf8_lossy(&bytes);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn reads_a_record_of_the_kernel_with_its_dictionary() {
        let bytes = b"6,339,5140900,-,caller=T1;NET: Registered \\x5cfamily\\x0a\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n";
        let expected = KernelRecord {
            sequence: 339,
            uptime_us: 5_140_900,
            severity: Severity::Informational,
            source: Source::Kernel,
            message: "NET: Registered \\family ".to_owned(),
            fields: vec![pair("SUBSYSTEM", "acpi"), pair("DEVICE", "+acpi:PNP0A03:00")],
        };
        assert_eq!(parse(bytes), Some(expected));
    }

    #[test]
    fn reads_the_line_of_a_role_that_pid_1_wrote() {
        let line = b"12,400,7,-;connector web: Cannot answer error=\"timed out\"\n";
        let record = parse(line).expect("a record");
        assert_eq!((record.severity, record.source), (Severity::Warning, Source::Role(Role::Web)));
        assert_eq!(record.message, "Cannot answer");
        assert_eq!(record.fields, [pair("error", "timed out")]);
        let init = parse(b"14,1,2,-;connector init: Root A works").expect("a record");
        assert_eq!((init.source, &*init.message), (Source::Init, "Root A works"));
    }

    #[test]
    fn only_a_process_speaks_for_a_role_and_only_the_kernel_for_itself() {
        let kernel = parse(b"4,1,2,-;connector web: not really").expect("a record");
        assert_eq!(
            (kernel.source, &*kernel.message),
            (Source::Kernel, "connector web: not really")
        );
        let unknown = parse(b"12,1,2,c;connector nobody: hello").expect("a record");
        assert_eq!(unknown.source, Source::Kernel);
    }

    #[test]
    fn refuses_what_is_no_record() {
        for bytes in [&b""[..], b"no semicolon", b";x", b"1,2;x", b"a,1,2,-;x", b"1,-1,2,-;x"] {
            assert_eq!(parse(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn takes_the_severity_from_the_line_of_a_role() {
        for (line, severity, rest) in [
            (
                " INFO The clock is set server=\"x\"",
                Severity::Informational,
                "The clock is set server=\"x\"",
            ),
            ("ERROR A role ends", Severity::Error, "A role ends"),
            (" WARN Cannot set", Severity::Warning, "Cannot set"),
            (
                "thread 'main' panicked at x.rs:1:2:",
                Severity::Error,
                "thread 'main' panicked at x.rs:1:2:",
            ),
            ("INFORMATION", Severity::Error, "INFORMATION"),
        ] {
            assert_eq!(severity_and_rest(line), (severity, rest));
        }
    }

    #[test]
    fn a_backslash_that_begins_no_escape_stays() {
        assert_eq!(
            unescape("a\\b \\x \\x4 \\xzz \\x+1 \\xe3\\x81\\x82"),
            "a\\b \\x \\x4 \\xzz \\x+1 \u{3042}"
        );
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn reads_any_message_that_the_kernel_escaped(message in "[^\\p{Cc}\u{fffd}]{0,60}", sequence: u64, priority in 0_u32..8) {
            // As `append_char` does: printable ASCII but the backslash stays.
            let escaped: String = message.bytes().map(|byte| match byte {
                b' '..=b'~' if byte != b'\\' => char::from(byte).to_string(),
                _ => format!("\\x{byte:02x}"),
            }).collect();
            let record = parse(format!("{priority},{sequence},1,-;{escaped}\n").as_bytes()).expect("a record");
            prop_assert_eq!((record.sequence, record.message), (sequence, message));
        }

        #[test]
        fn reads_what_pid_1_writes(line in "[A-Z][a-z ]{0,40}[a-z]", number in 0_u8..8) {
            let severity = Severity::from_number(number);
            let written = encode(Source::Role(Role::Time), severity, &line);
            // The kernel moves the priority into the head.
            let (priority, message) = written.strip_prefix('<').and_then(|rest| rest.split_once('>')).expect("priority");
            let record = parse(format!("{priority},1,2,-;{message}").as_bytes()).expect("a record");
            prop_assert_eq!((record.source, record.severity, record.message), (Source::Role(Role::Time), severity, line));
        }
    }
}
