//! First settings that stand on the machine itself: in files that PID 1 has copied.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use model::guest::FirstSource;
use model::guest_files::{FW_CFG, FW_CFG_PREFIX, MEDIUM, SMBIOS};
use platform::guest::{FirstSettings, MAX_BYTES};
use platform::medium::Medium;
use platform::ovf::{self, Environment};
use platform::smbios::MachineTables;
use tracing::warn;

use crate::error::{Unusable, UnusableError};
use crate::found::Found;

/// File of a medium of NoCloud.
const USER_DATA: &str = "user-data";
/// File of a medium with an OVF environment (DSP0243, 9.3).
const OVF_ENVIRONMENT: &str = "ovf-env.xml";

/// The tables of the machine.
pub(crate) fn tables(directory: &Path) -> MachineTables {
    let structures = files(&directory.join(SMBIOS));
    MachineTables::read(structures.iter().map(|(_, bytes)| bytes.as_slice()))
}

/// The first settings that stand on the machine: of the first place that has any.
///
/// # Errors
///
/// [`Unusable`] when that place has some that cannot be used. Others are not looked at then: nobody
/// should have to guess which of two texts is in use.
pub(crate) fn first_settings(
    directory: &Path,
    tables: &MachineTables,
) -> Result<Option<Found>, Unusable> {
    use FirstSource::{FwCfg, Medium, Metadata, OemStrings, OvfEnvironment};
    let medium = fs::read(directory.join(MEDIUM)).unwrap_or_default();
    for source in [FwCfg, OemStrings, OvfEnvironment, Medium] {
        let read = match source {
            FwCfg => of_fw_cfg(&directory.join(FW_CFG)),
            OemStrings => {
                let strings = tables.oem_strings.iter().map(String::as_str);
                FirstSettings::from_oem_strings(strings).map_err(Into::into)
            }
            OvfEnvironment => of_environment(&medium),
            Medium => of_user_data(&medium),
            Metadata => Ok(FirstSettings::default()),
        };
        let settings = read.map_err(|error| Unusable { source_kind: source, error })?;
        if let Some(found) = Found::new(source, settings) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn of_fw_cfg(directory: &Path) -> Result<FirstSettings, UnusableError> {
    let files = files(directory);
    let named: Vec<_> =
        files.iter().map(|(name, bytes)| (format!("{FW_CFG_PREFIX}/{name}"), bytes)).collect();
    let pairs = named.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    Ok(FirstSettings::from_fw_cfg(pairs)?)
}

fn of_environment(medium: &[u8]) -> Result<FirstSettings, UnusableError> {
    match file(medium, OVF_ENVIRONMENT, ovf::MAX_BYTES)? {
        Some(bytes) => Ok(Environment::parse(&bytes)?.first_settings()?),
        None => Ok(FirstSettings::default()),
    }
}

fn of_user_data(medium: &[u8]) -> Result<FirstSettings, UnusableError> {
    match file(medium, USER_DATA, MAX_BYTES)? {
        Some(bytes) => Ok(FirstSettings::from_user_data(&bytes)?),
        None => Ok(FirstSettings::default()),
    }
}

fn file<'a>(
    medium: &'a [u8],
    name: &str,
    limit_bytes: usize,
) -> Result<Option<Cow<'a, [u8]>>, UnusableError> {
    if medium.is_empty() {
        return Ok(None);
    }
    Ok(Medium::open(medium)?.file(name, limit_bytes)?)
}

/// The files of a directory, in the order of their names.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let bytes = fs::read(entry.path())
                .inspect_err(|error| warn!(%error, "Cannot read a file of the platform"));
            Some((entry.file_name().to_string_lossy().into_owned(), bytes.ok()?))
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests;
