//! The file with the UUID of the machine that the settings belong to.
//!
//! A copied disk carries password, key and settings of the original. The one thing that differs is
//! what the hypervisor gives each machine, so that is noted at the first start and compared at later
//! ones. Only the operator knows whether another UUID means a copy or a move.

use model::machine::MachineUuid;
use model::settings;
use serde::{Deserialize, Serialize};

use crate::error::{ReadError, WriteError, in_one_line};
use crate::file_system::{FileSystem, replace, set_aside};

const NAME: &str = "identity";
/// Largest file in bytes; a UUID has 36.
const MAX_BYTES: usize = 4096;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    /// The machine that the settings were made on.
    machine: MachineUuid,
}

/// This machine and the one that the settings were made on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    original: Option<MachineUuid>,
    /// `None` when the firmware gives nothing to tell machines apart by.
    present: Option<MachineUuid>,
}

impl Identity {
    /// This machine, with none noted.
    pub(crate) const fn of(present: Option<MachineUuid>) -> Self {
        Self { original: None, present }
    }

    /// Reads the file and compares it with this machine. A damaged one is set aside; the second
    /// value says so.
    pub(crate) fn load(
        files: &dyn FileSystem,
        present: Option<MachineUuid>,
    ) -> (Self, Option<String>) {
        let read = || {
            let bytes = files.read(NAME).map_err(|source| ReadError::Io { file: NAME, source })?;
            bytes.map(|bytes| decode(&bytes)).transpose()
        };
        match read() {
            Ok(stored) => (Self { original: stored.map(|stored| stored.machine), present }, None),
            Err(error) => {
                set_aside(files, NAME);
                let reason = format!("{}; a copy cannot be told", in_one_line(&error));
                (Self::of(present), Some(reason))
            }
        }
    }

    /// Whether no machine is noted yet and this one can be.
    pub(crate) fn is_new(&self) -> bool {
        self.original.is_none() && self.present.is_some()
    }

    /// Notes this machine as the one that the settings belong to.
    pub(crate) fn keep(&mut self, files: &dyn FileSystem) -> Result<(), WriteError> {
        if let Some(machine) = self.present.clone() {
            let stored = Stored { machine };
            let json = serde_json::to_string(&stored).expect("an identity is plain values");
            replace(files, NAME, json.as_bytes())?;
            self.original.clone_from(&self.present);
        }
        Ok(())
    }

    /// What is said of it.
    pub(crate) fn status(&self) -> settings::Identity {
        match (&self.original, &self.present) {
            (Some(original), Some(present)) if !original.is_same_machine(present) => {
                settings::Identity::Copied {
                    original: original.to_string(),
                    present: present.to_string(),
                }
            }
            _ => settings::Identity::Known,
        }
    }
}

fn decode(bytes: &[u8]) -> Result<Stored, ReadError> {
    let content = |source| ReadError::Content { file: NAME, source };
    if bytes.len() > MAX_BYTES {
        return Err(content("it is larger than 4 KiB".into()));
    }
    serde_json::from_slice(bytes).map_err(|error| content(error.into()))
}
