//! A subset of the QEMU guest agent: JSON on a virtio-serial port, one object a line.
//!
//! Source of every message: QEMU's `qga/qapi-schema.json` and `docs/interop/qemu-ga.rst`. Proxmox, oVirt
//! and libvirt show addresses and host name by it and ask it for an ordered shutdown. What could read or
//! change the guest (files, programs, passwords, keys, time) is not there: it is answered as a command
//! that no agent has.

mod framer;

use std::net::IpAddr;

pub use framer::{Framer, Line, MAX_LINE_BYTES};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// In front of the answer to `guest-sync-delimited`: no JSON text has this byte.
pub const SENTINEL: u8 = 0xff;

/// Commands, with whether success is answered.
const COMMANDS: [(&str, bool); 9] = [
    ("guest-sync-delimited", true),
    ("guest-sync", true),
    ("guest-ping", true),
    ("guest-info", true),
    ("guest-get-time", true),
    ("guest-get-host-name", true),
    ("guest-get-osinfo", true),
    ("guest-network-get-interfaces", true),
    ("guest-shutdown", false),
];

/// What the agent tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuestFacts {
    /// Version of the product.
    pub version: String,
    /// Host name.
    pub host_name: String,
    /// Time in nanoseconds since 1970.
    pub time_ns: i64,
    /// Interfaces of the network.
    pub interfaces: Vec<Interface>,
    /// The operating system.
    pub system: SystemFacts,
}

/// An interface of the network (`GuestNetworkInterface`, without its counters).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// Hardware address with colons; `None` for loopback.
    pub hardware_address: Option<String>,
    /// Addresses with the lengths of their prefixes in bits.
    pub addresses: Vec<(IpAddr, u8)>,
}

/// The operating system (`GuestOSInfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SystemFacts {
    /// `uname -r`.
    pub kernel_release: String,
    /// `uname -v`.
    pub kernel_version: String,
    /// `uname -m`.
    pub machine: String,
    /// Identifier of the system.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Name with version.
    pub pretty_name: String,
    /// Version for people.
    pub version: String,
    /// Version for programs.
    pub version_id: String,
}

/// How the machine is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownMode {
    /// Stop and switch off.
    PowerDown,
    /// Stop without switching off.
    Halt,
    /// Start again.
    Reboot,
}

/// What a request leads to. Both are absent for an empty line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What is sent back, with its line feed.
    pub reply: Option<Vec<u8>>,
    /// The machine is to end; it is the answer itself.
    pub shutdown: Option<ShutdownMode>,
}

/// Class of an error, as QMP names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum ErrorClass {
    CommandNotFound,
    GenericError,
}

/// What is answered in place of a result.
#[derive(Debug, Serialize)]
struct Refusal {
    class: ErrorClass,
    desc: String,
}

impl Refusal {
    fn generic(desc: impl Into<String>) -> Self {
        Self { class: ErrorClass::GenericError, desc: desc.into() }
    }
}

/// What a command has come to.
enum Success {
    Value(Value),
    Delimited(Value),
    Shutdown(ShutdownMode),
}

/// Answers one line.
#[must_use]
pub fn answer(line: &Line, facts: &GuestFacts) -> Outcome {
    let line = match line {
        Line::Whole(line) => line.trim_ascii(),
        Line::TooLong => {
            let desc = format!("the request is longer than {MAX_LINE_BYTES} bytes");
            return Outcome { reply: Some(error(Refusal::generic(desc), None)), shutdown: None };
        }
    };
    if line.is_empty() {
        return Outcome::default();
    }
    let Ok(Value::Object(mut request)) = serde_json::from_slice(line) else {
        let refusal = Refusal::generic("QMP input must be a JSON object");
        return Outcome { reply: Some(error(refusal, None)), shutdown: None };
    };
    let id = request.remove("id");
    match execute(request, facts) {
        Ok(Success::Value(value)) => Outcome { reply: Some(reply(value, id)), shutdown: None },
        Ok(Success::Delimited(value)) => {
            let mut bytes = vec![SENTINEL];
            bytes.extend(reply(value, id));
            Outcome { reply: Some(bytes), shutdown: None }
        }
        Ok(Success::Shutdown(mode)) => Outcome { reply: None, shutdown: Some(mode) },
        Err(refusal) => Outcome { reply: Some(error(refusal, id)), shutdown: None },
    }
}

fn execute(mut request: Map<String, Value>, facts: &GuestFacts) -> Result<Success, Refusal> {
    let Some(Value::String(command)) = request.remove("execute") else {
        return Err(Refusal::generic("QMP input lacks member 'execute'"));
    };
    let mut arguments = match request.remove("arguments") {
        None => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Refusal::generic("QMP input member 'arguments' must be an object")),
    };
    if let Some(name) = request.keys().next() {
        return Err(Refusal::generic(format!("QMP input member '{name}' is unexpected")));
    }
    if !COMMANDS.iter().any(|(known, _)| *known == command) {
        let desc = format!("The command {command} has not been found");
        return Err(Refusal { class: ErrorClass::CommandNotFound, desc });
    }
    let success = run(&command, &mut arguments, facts)?;
    match arguments.keys().next() {
        Some(name) => Err(Refusal::generic(format!("Parameter '{name}' is unexpected"))),
        None => Ok(success),
    }
}

/// Carries out a known command; the arguments that it has are taken out.
fn run(
    command: &str,
    arguments: &mut Map<String, Value>,
    facts: &GuestFacts,
) -> Result<Success, Refusal> {
    let value = match command {
        "guest-sync-delimited" => return Ok(Success::Delimited(sync_id(arguments)?)),
        "guest-sync" => sync_id(arguments)?,
        "guest-info" => info(&facts.version),
        "guest-get-time" => facts.time_ns.into(),
        "guest-get-host-name" => json!({"host-name": facts.host_name}),
        "guest-get-osinfo" => serde_json::to_value(&facts.system).unwrap_or_default(),
        "guest-network-get-interfaces" => facts.interfaces.iter().map(interface).collect(),
        "guest-shutdown" => return Ok(Success::Shutdown(shutdown_mode(arguments)?)),
        _ => json!({}),
    };
    Ok(Success::Value(value))
}

/// The number that synchronises both ends.
fn sync_id(arguments: &mut Map<String, Value>) -> Result<Value, Refusal> {
    match arguments.remove("id") {
        Some(id) if id.is_i64() => Ok(id),
        Some(_) => Err(Refusal::generic("Invalid parameter type for 'id', expected: integer")),
        None => Err(Refusal::generic("Parameter 'id' is missing")),
    }
}

fn shutdown_mode(arguments: &mut Map<String, Value>) -> Result<ShutdownMode, Refusal> {
    match arguments.remove("mode") {
        None => Ok(ShutdownMode::PowerDown),
        Some(Value::String(mode)) => match mode.as_str() {
            "powerdown" => Ok(ShutdownMode::PowerDown),
            "halt" => Ok(ShutdownMode::Halt),
            "reboot" => Ok(ShutdownMode::Reboot),
            _ => Err(Refusal::generic("Parameter 'mode' expects powerdown, halt or reboot")),
        },
        Some(_) => Err(Refusal::generic("Invalid parameter type for 'mode', expected: string")),
    }
}

fn info(version: &str) -> Value {
    let commands: Vec<_> = COMMANDS
        .iter()
        .map(|(name, answers)| json!({"name": name, "enabled": true, "success-response": answers}))
        .collect();
    json!({"version": version, "supported_commands": commands})
}

fn interface(interface: &Interface) -> Value {
    let addresses: Vec<_> = interface
        .addresses
        .iter()
        .map(|(address, prefix)| {
            let kind = if address.is_ipv4() { "ipv4" } else { "ipv6" };
            json!({"ip-address": address.to_string(), "ip-address-type": kind, "prefix": prefix})
        })
        .collect();
    let mut object = json!({"name": interface.name, "ip-addresses": addresses});
    if let Some(hardware_address) = &interface.hardware_address {
        object["hardware-address"] = hardware_address.as_str().into();
    }
    object
}

fn reply(value: Value, id: Option<Value>) -> Vec<u8> {
    line(json!({"return": value}), id)
}

fn error(refusal: Refusal, id: Option<Value>) -> Vec<u8> {
    line(json!({"error": refusal}), id)
}

/// A whole answer: with the request's `id`, if it had one, and a line feed.
fn line(mut object: Value, id: Option<Value>) -> Vec<u8> {
    if let Some(id) = id {
        object["id"] = id;
    }
    let mut bytes = object.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests;
