//! Structures of SMBIOS (DMTF DSP0134), as in `/sys/firmware/dmi/entries/<type>-<instance>/raw`.
//!
//! A structure is a formatted area, whose length its second byte gives, and behind it texts that end
//! with a zero each; the formatted area refers to them by numbers from 1. An empty text ends the set.

use model::machine::MachineUuid;
use thiserror::Error;

/// Longest structure that is looked at, in bytes: all tables of version 2 together are no longer.
pub const MAX_STRUCTURE_BYTES: usize = 64 * 1024;
/// Most bytes of OEM strings that are kept.
const MAX_OEM_BYTES: usize = 128 * 1024;
/// Type, length and handle.
const HEADER_BYTES: usize = 4;

// Types (DSP0134, 6.1.2) and where fields stand in them (7.1, 7.2, 7.4).
const BIOS: u8 = 0;
const SYSTEM: u8 = 1;
const CHASSIS: u8 = 3;
const OEM_STRINGS: u8 = 11;
const FIRST_TEXT: usize = 4;
const SECOND_TEXT: usize = 5;
const SERIAL_NUMBER: usize = 7;
const UUID: usize = 8;
const UUID_BYTES: usize = 16;
const ASSET_TAG: usize = 8;

/// Why a structure cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StructureError {
    /// Longer than [`MAX_STRUCTURE_BYTES`].
    #[error("the SMBIOS structure is longer than {MAX_STRUCTURE_BYTES} bytes")]
    TooLarge,
    /// Shorter than it says, or than every structure is.
    #[error("the SMBIOS structure breaks off in its formatted area")]
    Truncated,
}

/// One structure.
#[derive(Clone, Copy, Debug)]
pub struct Structure<'a> {
    formatted: &'a [u8],
    texts: &'a [u8],
}

impl<'a> Structure<'a> {
    /// Reads a structure with its texts.
    ///
    /// # Errors
    ///
    /// [`StructureError`] when the formatted area is not whole. Texts may break off: the kernel hands
    /// out what the firmware has.
    pub fn read(raw: &'a [u8]) -> Result<Self, StructureError> {
        if raw.len() > MAX_STRUCTURE_BYTES {
            return Err(StructureError::TooLarge);
        }
        let length = usize::from(*raw.get(1).ok_or(StructureError::Truncated)?);
        if length < HEADER_BYTES {
            return Err(StructureError::Truncated);
        }
        let (formatted, texts) = raw.split_at_checked(length).ok_or(StructureError::Truncated)?;
        Ok(Self { formatted, texts })
    }

    fn kind(&self) -> u8 {
        self.formatted.first().copied().unwrap_or_default()
    }

    /// All texts in order.
    pub fn texts(&self) -> impl Iterator<Item = String> + use<'a> {
        let texts = self.texts.split(|byte| *byte == 0).take_while(|text| !text.is_empty());
        texts.map(|text| String::from_utf8_lossy(text).trim().to_owned())
    }

    /// The text that a field refers to; `None` when there is none.
    fn text(&self, field: usize) -> Option<String> {
        let number = usize::from(*self.formatted.get(field)?);
        self.texts().nth(number.checked_sub(1)?).filter(|text| !text.is_empty())
    }

    /// The UUID of a system, its first three groups in little-endian order as since version 2.6.
    fn uuid(&self) -> Option<MachineUuid> {
        let bytes: [u8; UUID_BYTES] = self.formatted.get(UUID..)?.first_chunk().copied()?;
        let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        let mut text = String::new();
        for (position, index) in order.into_iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text += &format!("{:02x}", bytes[index]);
        }
        MachineUuid::parse(&text).ok()
    }
}

/// What the tables say about the machine. Texts are as the firmware gives them, without spaces at their
/// ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineTables {
    /// Who made the firmware.
    pub bios_vendor: Option<String>,
    /// Version of the firmware.
    pub bios_version: Option<String>,
    /// Who made the machine.
    pub manufacturer: Option<String>,
    /// What it is.
    pub product: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Its UUID. Where firmware older than SMBIOS 2.6 gives another byte order,
    /// [`MachineUuid::is_same_machine`] tells.
    pub uuid: Option<MachineUuid>,
    /// Asset tag of its chassis.
    pub asset_tag: Option<String>,
    /// Strings that the machine's owner or hypervisor has put in.
    pub oem_strings: Vec<String>,
}

impl MachineTables {
    /// Reads the structures of a machine; of a type that stands there more than once, the first counts,
    /// except for OEM strings. A structure that is damaged is left out: firmware is what it is.
    pub fn read<'a, I: IntoIterator<Item = &'a [u8]>>(structures: I) -> Self {
        let mut tables = Self::default();
        let mut seen = [false; 4];
        for structure in structures.into_iter().filter_map(|raw| Structure::read(raw).ok()) {
            let kind = structure.kind();
            if kind == OEM_STRINGS {
                tables.add_oem_strings(structure);
            } else if let Some(seen) = seen.get_mut(usize::from(kind)).filter(|seen| !**seen) {
                *seen = true;
                tables.add(structure);
            }
        }
        tables
    }

    fn add(&mut self, structure: Structure<'_>) {
        match structure.kind() {
            BIOS => {
                self.bios_vendor = structure.text(FIRST_TEXT);
                self.bios_version = structure.text(SECOND_TEXT);
            }
            SYSTEM => {
                self.manufacturer = structure.text(FIRST_TEXT);
                self.product = structure.text(SECOND_TEXT);
                self.serial_number = structure.text(SERIAL_NUMBER);
                self.uuid = structure.uuid();
            }
            CHASSIS => self.asset_tag = structure.text(ASSET_TAG),
            _ => {}
        }
    }

    fn add_oem_strings(&mut self, structure: Structure<'_>) {
        let mut bytes: usize = self.oem_strings.iter().map(String::len).sum();
        for text in structure.texts() {
            bytes += text.len();
            if bytes > MAX_OEM_BYTES {
                return;
            }
            self.oem_strings.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Type 1 as QEMU 7.2 makes it with `-uuid 2f3d5a84-9f2b-4c11-8a10-5d5e6f708192`.
    const QEMU: &[u8] = b"\x01\x1b\x00\x01\x01\x02\x03\x00\
        \x84\x5a\x3d\x2f\x2b\x9f\x11\x4c\x8a\x10\x5d\x5e\x6f\x70\x81\x92\x06\x00\x00\
        QEMU\0Standard PC (i440FX + PIIX, 1996)\0pc-i440fx-7.2\0\0";
    /// Type 11 of `-smbios type=11,value=connector.name=tokyo-1,value=other`.
    const OEM: &[u8] = b"\x0b\x05\x00\x0e\x02connector.name=tokyo-1\0other\0\0";

    #[test]
    fn reads_system_and_oem_strings_of_qemu() {
        let tables = MachineTables::read([QEMU, OEM]);
        assert_eq!(tables.manufacturer.as_deref(), Some("QEMU"));
        assert_eq!(tables.product.as_deref(), Some("Standard PC (i440FX + PIIX, 1996)"));
        assert_eq!(tables.serial_number, None);
        let uuid = tables.uuid.unwrap().to_string();
        assert_eq!(uuid, "2f3d5a84-9f2b-4c11-8a10-5d5e6f708192");
        assert_eq!(tables.oem_strings, ["connector.name=tokyo-1", "other"]);
    }

    #[test]
    fn the_first_structure_of_a_type_counts_and_oem_strings_add_up() {
        let other = b"\x01\x08\x00\x01\x01\x00\x00\x00Other\0\0";
        let tables = MachineTables::read([QEMU, other, OEM, OEM]);
        assert_eq!(tables.manufacturer.as_deref(), Some("QEMU"));
        assert_eq!(tables.oem_strings.len(), 4);
    }

    #[test]
    fn leaves_out_what_is_damaged() {
        for raw in [&b""[..], b"\x01", b"\x01\x03\0\0", b"\x01\x1b\0\x01\x01", &[1; 70_000]] {
            assert_eq!(MachineTables::read([raw]), MachineTables::default(), "{}", raw.len());
        }
        // A number without text, and texts without end.
        let tables = MachineTables::read([&b"\x01\x08\0\0\x05\x01\0\0QEMU"[..]]);
        assert_eq!((tables.manufacturer, tables.product.as_deref()), (None, Some("QEMU")));
    }

    #[test]
    fn a_uuid_that_tells_nothing_is_none() {
        let mut raw = QEMU.to_vec();
        raw[UUID..UUID + UUID_BYTES].fill(0);
        assert_eq!(MachineTables::read([raw.as_slice()]).uuid, None);
    }

    proptest! {
        #[test]
        fn structures_of_any_kind_are_read_or_left_out(
            structures in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..4),
            cut in 0..100_usize,
        ) {
            let _ = MachineTables::read(structures.iter().map(Vec::as_slice));
            let _ = MachineTables::read([&QEMU[..cut.min(QEMU.len())]]);
        }
    }
}
