//! The UUID that firmware gives a virtual machine, by which a copy is told from the original.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Length of the text in bytes: 32 digits and four hyphens.
const TEXT_BYTES: usize = 36;
/// Where the hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// UUIDs that firmware gives to every machine: what stands on boards whose maker set none.
const SHARED: [&str; 2] =
    ["03000200-0400-0500-0006-000700080009", "12345678-1234-5678-90ab-cddeefaabbcc"];

/// UUID of a machine from its SMBIOS table (DSP0134, 7.2.1), one that tells machines apart.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MachineUuid(String);

/// The text is no UUID, or one that many machines have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MachineUuidError {
    /// Not 32 hexadecimal digits in five groups.
    #[error("the UUID of the machine is malformed")]
    Malformed,
    /// Firmware gives it to every machine.
    #[error("the UUID of the machine tells nothing: firmware gives it to many")]
    Shared,
}

impl MachineUuid {
    /// Reads the text that the kernel gives in `/sys/class/dmi/id/product_uuid`.
    ///
    /// # Errors
    ///
    /// [`MachineUuidError`]; there is then nothing to tell machines apart by.
    pub fn parse(text: &str) -> Result<Self, MachineUuidError> {
        let text = text.trim_end_matches(['\n', '\r', ' ', '\0']).to_ascii_lowercase();
        let is_well_formed = text.len() == TEXT_BYTES
            && text.bytes().enumerate().all(|(position, byte)| {
                if HYPHENS.contains(&position) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            });
        if !is_well_formed {
            return Err(MachineUuidError::Malformed);
        }
        let uuid = Self(text);
        let digits = || uuid.0.bytes().filter(|byte| *byte != b'-');
        let first = digits().next();
        // All zero means "not present", all ones "not set"; other repetitions are as telling.
        let is_one_digit = digits().all(|digit| Some(digit) == first);
        let is_shared = SHARED.iter().any(|shared| uuid.0 == *shared || uuid.swapped() == *shared);
        if is_one_digit || is_shared { Err(MachineUuidError::Shared) } else { Ok(uuid) }
    }

    /// Whether both are of one machine. The first three groups may stand in either byte order:
    /// SMBIOS changed it with version 2.6, and hypervisors change the version with an upgrade of
    /// the virtual hardware.
    #[must_use]
    pub fn is_same_machine(&self, other: &Self) -> bool {
        self == other || self.swapped() == other.0
    }

    /// The UUID with the bytes of its first three groups turned around.
    fn swapped(&self) -> String {
        let mut groups: Vec<String> = self.0.split('-').map(str::to_owned).collect();
        for group in groups.iter_mut().take(3) {
            let bytes: Vec<&str> =
                (0..group.len()).step_by(2).map(|start| &group[start..start + 2]).collect();
            *group = bytes.into_iter().rev().collect();
        }
        groups.join("-")
    }
}

impl fmt::Display for MachineUuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for MachineUuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl TryFrom<String> for MachineUuid {
    type Error = MachineUuidError;

    fn try_from(text: String) -> Result<Self, MachineUuidError> {
        Self::parse(&text)
    }
}

impl From<MachineUuid> for String {
    fn from(uuid: MachineUuid) -> Self {
        uuid.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "4c4c4544-0051-3010-8052-b4c04f4e3132";

    #[test]
    fn reads_what_the_kernel_writes() {
        let uuid = MachineUuid::parse(&format!("{}\n", ONE.to_uppercase())).expect("valid");
        assert_eq!(uuid.to_string(), ONE);
    }

    #[test]
    fn refuses_what_every_machine_has() {
        for text in [
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "03000200-0400-0500-0006-000700080009",
            "00020003-0004-0005-0006-000700080009",
        ] {
            assert_eq!(MachineUuid::parse(text), Err(MachineUuidError::Shared), "{text}");
        }
        for text in ["", "Not Settable", "4c4c454400513010-8052-b4c04f4e3132", &ONE[1..]] {
            assert_eq!(MachineUuid::parse(text), Err(MachineUuidError::Malformed), "{text}");
        }
    }

    #[test]
    fn another_byte_order_is_the_same_machine_and_another_uuid_is_not() {
        let uuid = |text: &str| MachineUuid::parse(text).expect("valid");
        let swapped = uuid("44454c4c-5100-1030-8052-b4c04f4e3132");
        assert!(uuid(ONE).is_same_machine(&swapped) && swapped.is_same_machine(&uuid(ONE)));
        assert!(!uuid(ONE).is_same_machine(&uuid("4c4c4544-0051-3010-8052-b4c04f4e3133")));
        assert!(!uuid(ONE).is_same_machine(&uuid("44454c4c-0051-3010-8052-b4c04f4e3132")));
    }

    proptest! {
        #[test]
        fn never_panics_and_keeps_what_it_takes(text in ".{0,40}") {
            if let Ok(uuid) = MachineUuid::parse(&text) {
                prop_assert_eq!(MachineUuid::parse(&uuid.to_string()), Ok(uuid));
            }
        }

        #[test]
        fn every_order_of_bytes_is_recognised(bytes in any::<[u8; 16]>()) {
            let text = |bytes: &[u8; 16]| {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16],
                    &digits[16..20], &digits[20..])
            };
            let mut other = bytes;
            other[..4].reverse();
            other[4..6].reverse();
            other[6..8].reverse();
            if let (Ok(one), Ok(other)) =
                (MachineUuid::parse(&text(&bytes)), MachineUuid::parse(&text(&other)))
            {
                prop_assert!(one.is_same_machine(&other));
            }
        }
    }
}
