//! VMware's guest RPC, as texts: RPCI from guest to host, TCLO from host to guest.
//!
//! The texts travel through the hypervisor's port ("backdoor"), which is not here. Sources: the toolbox of
//! govmomi (Apache-2.0), and open-vm-tools as reading matter. No recording of a real host was at hand.

use std::net::IpAddr;

use model::secret::Secret;
use thiserror::Error;

/// Longest message that is read, in bytes: an OVF environment has at most as many.
pub const MAX_MESSAGE_BYTES: usize = crate::ovf::MAX_BYTES;
/// Longest command of the host that is looked at, in bytes.
const MAX_COMMAND_BYTES: usize = 4096;
/// Version of the tools that vSphere shows as "guest managed".
const TOOLS_VERSION: u32 = 0x7fff_ffff;
/// How the guest names itself.
const NAME: &str = "toolbox";

/// A message to the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rpci {
    /// Reads a variable of `guestinfo`.
    Get(&'static str),
    /// Tells the address that vSphere shows.
    SetAddress(IpAddr),
    /// Says that tools run, and that the guest manages them.
    ToolsVersion,
    /// Says that the guest can be shut down and restarted.
    StateChanges,
    /// Says how a command to shut down or restart was taken.
    StateChange {
        /// The command.
        power: Power,
        /// Whether it is carried out.
        is_accepted: bool,
    },
}

/// The OVF environment, a variable of `guestinfo`.
pub const OVF_ENVIRONMENT: &str = "ovfEnv";

impl Rpci {
    /// The text.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Get(variable) => format!("info-get guestinfo.{variable}"),
            Self::SetAddress(address) => format!("info-set guestinfo.ip {address}"),
            Self::ToolsVersion => format!("tools.set.version {TOOLS_VERSION}"),
            Self::StateChanges => "tools.capability.statechange".to_owned(),
            Self::StateChange { power, is_accepted } => {
                let (accepted, state) = (u8::from(*is_accepted), power.state());
                format!("tools.os.statechange.status {accepted} {state}")
            }
        }
    }
}

/// What the guest says when the host asks for its capabilities.
pub const CAPABILITIES: [Rpci; 2] = [Rpci::ToolsVersion, Rpci::StateChanges];

/// Why an answer of the host cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RpciError {
    /// The host has refused: most often, there is no such variable.
    #[error("the host refused: {0}")]
    Refused(String),
    /// It begins neither with `1 ` nor with `0 `, is too long, or is no UTF-8.
    #[error("the host answered with what is no answer of RPCI")]
    Unreadable,
}

/// Reads the host's answer to a message of RPCI. A value may hold secrets.
///
/// # Errors
///
/// [`RpciError`].
pub fn answer(bytes: &[u8]) -> Result<Secret, RpciError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(RpciError::Unreadable);
    }
    let text = str::from_utf8(bytes).map_err(|_| RpciError::Unreadable)?.trim_end_matches('\0');
    match text.split_once(' ').unwrap_or((text, "")) {
        ("1", value) => Ok(Secret::new(value.to_owned())),
        ("0", reason) => Err(RpciError::Refused(reason.chars().take(80).collect())),
        _ => Err(RpciError::Unreadable),
    }
}

/// How the machine is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Stop and switch off.
    Halt,
    /// Start again.
    Reboot,
}

impl Power {
    /// Its number in a report.
    const fn state(self) -> u8 {
        match self {
            Self::Halt => 1,
            Self::Reboot => 2,
        }
    }
}

/// What a command of the host leads to, beside the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// [`CAPABILITIES`] are to be sent.
    TellCapabilities,
    /// [`Rpci::SetAddress`] is to be sent, now and whenever the address changes.
    TellAddress,
    /// [`Rpci::StateChange`] is to be sent, then the machine ends.
    End(Power),
}

/// Answers a command of TCLO: the text that is sent back, and what else is to be done.
#[must_use]
pub fn command(bytes: &[u8]) -> (String, Action) {
    let unknown = || ("ERROR Unknown command".to_owned(), Action::None);
    if bytes.len() > MAX_COMMAND_BYTES {
        return unknown();
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\0').trim_end();
    let (name, arguments) = text.split_once(' ').unwrap_or((text, ""));
    let ok = |action| ("OK ".to_owned(), action);
    match (name, arguments) {
        ("ping", _) => ok(Action::None),
        ("reset", _) => (format!("OK ATR {NAME}"), Action::None),
        ("Capabilities_Register", _) => ok(Action::TellCapabilities),
        ("Set_Option", "broadcastIP 1") => ok(Action::TellAddress),
        ("Set_Option", _) => ok(Action::None),
        ("OS_Halt", _) => ok(Action::End(Power::Halt)),
        ("OS_Reboot", _) => ok(Action::End(Power::Reboot)),
        // After these the machine runs on: nothing is to be done, and the host waits for an answer.
        ("OS_PowerOn" | "OS_Resume" | "OS_Suspend", _) => ok(Action::None),
        _ => unknown(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_have_the_texts_of_govmomis_toolbox() {
        for (message, text) in [
            (Rpci::Get(OVF_ENVIRONMENT), "info-get guestinfo.ovfEnv"),
            (Rpci::SetAddress([10, 0, 0, 5].into()), "info-set guestinfo.ip 10.0.0.5"),
            (Rpci::ToolsVersion, "tools.set.version 2147483647"),
            (Rpci::StateChanges, "tools.capability.statechange"),
            (
                Rpci::StateChange { power: Power::Reboot, is_accepted: true },
                "tools.os.statechange.status 1 2",
            ),
        ] {
            assert_eq!(message.encode(), text);
        }
    }

    #[test]
    fn answers_are_values_or_refusals() {
        assert_eq!(answer(b"1 <Environment/>\0").unwrap().expose(), "<Environment/>");
        assert_eq!(answer(b"1").unwrap().expose(), "");
        assert_eq!(
            answer(b"0 No value found").unwrap_err(),
            RpciError::Refused("No value found".to_owned())
        );
        for bytes in [&b""[..], b"2 x", b"10 x", b"1 \xff", &vec![b'1'; MAX_MESSAGE_BYTES + 1]] {
            assert_eq!(answer(bytes).unwrap_err(), RpciError::Unreadable);
        }
        assert!(!format!("{:?}", answer(b"1 hunter2")).contains("hunter2"));
    }

    #[test]
    fn commands_are_answered_as_the_host_expects() {
        for (bytes, text, action) in [
            (&b"reset"[..], "OK ATR toolbox", Action::None),
            (b"ping", "OK ", Action::None),
            (b"Capabilities_Register", "OK ", Action::TellCapabilities),
            (b"Set_Option broadcastIP 1", "OK ", Action::TellAddress),
            (b"Set_Option broadcastIP 0\0", "OK ", Action::None),
            (b"Set_Option", "OK ", Action::None),
            (b"OS_Halt", "OK ", Action::End(Power::Halt)),
            (b"OS_Reboot\0", "OK ", Action::End(Power::Reboot)),
            (b"OS_Suspend", "OK ", Action::None),
            (b"Vix_1_Relayed_Command 0", "ERROR Unknown command", Action::None),
            (b"OS_Haltx", "ERROR Unknown command", Action::None),
            (b"", "ERROR Unknown command", Action::None),
            (&[b' '; 5000], "ERROR Unknown command", Action::None),
        ] {
            assert_eq!(command(bytes), (text.to_owned(), action));
        }
    }

    proptest! {
        #[test]
        fn whatever_the_host_sends_is_answered(bytes: Vec<u8>) {
            let (text, _) = command(&bytes);
            prop_assert!(text.starts_with("OK ") || text.starts_with("ERROR "));
            let _ = answer(&bytes);
        }

        #[test]
        fn only_the_two_commands_end_the_machine(text in "\\PC{0,30}") {
            let is_end = matches!(command(text.as_bytes()).1, Action::End(_));
            let name = text.split_whitespace().next().unwrap_or_default().to_owned();
            prop_assert!(!is_end || name == "OS_Halt" || name == "OS_Reboot");
        }
    }
}
