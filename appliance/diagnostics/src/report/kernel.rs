//! Tables of `/proc/net` in a form that people read: the kernel writes addresses as hexadecimal numbers
//! in the byte order of the machine (`proc(5)`).

use std::net::Ipv4Addr;

use serde_json::{Value, json};

/// States of TCP sockets (`include/net/tcp_states.h`), from 1 on.
const STATES: [&str; 12] = [
    "established",
    "syn_sent",
    "syn_received",
    "fin_wait_1",
    "fin_wait_2",
    "time_wait",
    "closed",
    "close_wait",
    "last_ack",
    "listening",
    "closing",
    "new_syn_received",
];

/// The rows of a file, when it is one of those; lines that cannot be read are left out.
pub(crate) fn readable(name: &str, text: &str) -> Option<Vec<Value>> {
    let row = match name {
        "/proc/net/route" => route,
        "/proc/net/tcp" | "/proc/net/udp" => socket,
        _ => return None,
    };
    let fields =
        |line: &str| -> Option<Value> { row(&line.split_whitespace().collect::<Vec<_>>()) };
    // The first line holds the names of the columns.
    Some(text.lines().skip(1).filter_map(fields).collect())
}

/// `eth0 0002000A 00000000 0001 0 0 0 00FFFFFF 0 0 0`
fn route(fields: &[&str]) -> Option<Value> {
    let &[interface, destination, gateway, flags, _, _, metric, mask, ..] = fields else {
        return None;
    };
    Some(json!({
        "interface": interface,
        "destination": address(destination)?,
        "mask": address(mask)?,
        "gateway": address(gateway)?,
        "metric": metric.parse::<u32>().ok()?,
        "flags": flags,
    }))
}

/// `0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1234 ...`
fn socket(fields: &[&str]) -> Option<Value> {
    let &[_, local, remote, state, queues, _, _, uid, ..] = fields else { return None };
    let end = |text: &str| {
        let (host, port) = text.split_once(':')?;
        Some(format!("{}:{}", address(host)?, u16::from_str_radix(port, 16).ok()?))
    };
    let (sending, receiving) = queues.split_once(':')?;
    let number = usize::from_str_radix(state, 16).ok()?;
    Some(json!({
        "local": end(local)?,
        "remote": end(remote)?,
        "state": STATES.get(number.checked_sub(1)?),
        "sending_bytes": u32::from_str_radix(sending, 16).ok()?,
        "receiving_bytes": u32::from_str_radix(receiving, 16).ok()?,
        "user": uid.parse::<u32>().ok()?,
    }))
}

fn address(hexadecimal: &str) -> Option<Ipv4Addr> {
    let number = u32::from_str_radix(hexadecimal, 16).ok()?;
    Some(Ipv4Addr::from(number.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_tables_of_this_machine() {
        for name in ["/proc/net/route", "/proc/net/tcp", "/proc/net/udp"] {
            let text = std::fs::read_to_string(name).expect("Linux has it");
            let rows = readable(name, &text).expect("a table");
            assert_eq!(rows.len(), text.lines().count() - 1, "{name}: {text}");
        }
        assert_eq!(readable("/proc/meminfo", "x"), None);
    }

    #[test]
    fn writes_addresses_as_people_do() {
        let text = "h\n 0: 0500000A:01BB 0202000A:C350 01 00000002:00000003 00:00000000 00000000   104 0 1\nbroken\n";
        let rows = readable("/proc/net/tcp", text).expect("a table");
        let expected = json!({
            "local": "10.0.0.5:443", "remote": "10.0.2.2:50000", "state": "established",
            "sending_bytes": 2, "receiving_bytes": 3, "user": 104,
        });
        assert_eq!(rows, [expected]);
        let text = "h\neth0 00000000 0102000A 0003 0 0 100 00000000 0 0 0\n";
        let rows = readable("/proc/net/route", text).expect("a table");
        assert_eq!(
            (&rows[0]["gateway"], &rows[0]["destination"]),
            (&json!("10.0.2.1"), &json!("0.0.0.0"))
        );
    }
}
