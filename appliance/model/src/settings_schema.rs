//! What releases wrote into the settings file, one frozen schema for each time that it changed.
//!
//! Every release reads all schemas up to its own, step by step, and writes its own. It has to be
//! readable for the releases before as well, because a slot that fails its health check gives way to
//! the previous release, which then finds this file. So a schema only ever adds members; none is
//! removed, renamed or given another meaning, and an old member holds what an old release should do
//! when it does not know the new one: while network settings are on trial, `network` holds the
//! confirmed ones.
//!
//! A schema that a release has written is never edited again; `tests/samples` of the settings role
//! holds files of each. Values in a schema are plain: a change of the product's types must not change
//! what an old file means.

use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::settings::Settings;

pub mod v1;
pub mod v2;

/// The schema that this release writes.
pub const FORMAT: u32 = 2;

/// What a later release wrote into the file and this one does not know. It is kept and written again,
/// so that a release that gives way for an hour loses nothing. Kept are whole members of the
/// outermost object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Later {
    /// The schema of that release; this one's when it is not later.
    format: Option<u32>,
    members: Map<String, Value>,
}

impl Eq for Later {}

/// Reads the JSON of any schema.
///
/// # Errors
///
/// No release wrote this.
pub fn read(json: &str) -> Result<(Settings, Later), serde_json::Error> {
    let format = serde_json::from_str::<Written>(json)?.format;
    let settings = match format {
        0 => return Err(serde_json::Error::custom("format 0 does not exist")),
        1 => v2::Settings::from(serde_json::from_str::<v1::Settings>(json)?),
        // Later schemas only add members.
        _ => serde_json::from_str::<v2::Settings>(json)?,
    };
    let later =
        Later { format: (format > FORMAT).then_some(format), members: settings.later.clone() };
    Ok((settings.try_into()?, later))
}

/// Writes the JSON of [`FORMAT`].
#[must_use]
pub fn write(settings: &Settings, later: &Later) -> String {
    let mut written = v2::Settings::from(settings);
    written.format = later.format.unwrap_or(FORMAT);
    written.later = later.members.clone();
    serde_json::to_string_pretty(&written).expect("settings are plain values")
}

/// The member that tells the schemas apart.
#[derive(serde::Deserialize)]
struct Written {
    /// The first schema had no such member.
    #[serde(default = "first")]
    format: u32,
}

const fn first() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str =
        r#"{"format":2,"network":{"value":{"method":"automatic"},"origin":"default"}}"#;

    #[test]
    fn reads_the_first_schema_which_did_not_name_itself() {
        let json = r#"{"network":{"value":{"method":"automatic"},"origin":"default"}}"#;
        assert_eq!(read(json).expect("readable"), (Settings::default(), Later::default()));
        assert_eq!(read(V2).expect("readable"), (Settings::default(), Later::default()));
    }

    #[test]
    fn what_a_later_release_added_is_written_again() {
        let json = V2.replacen('2', "5", 1).replacen('{', r#"{"proxies":["a",{"b":1}],"#, 1);
        let (settings, later) = read(&json).expect("readable");
        let written = write(&settings, &later);
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(value(&written)["proxies"], value(&json)["proxies"]);
        assert_eq!(value(&written)["format"], 5);
        assert_eq!(read(&written).expect("readable"), (settings, later));
    }

    #[test]
    fn refuses_what_no_release_wrote() {
        for json in ["", "{}", "[]", &V2.replacen('2', "0", 1), &V2.replace("automatic", "magic")] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_origin_of_a_later_release_counts_as_the_operators() {
        let (settings, _) = read(&V2.replace("default", "platform")).expect("readable");
        assert_eq!(settings.network.origin, crate::network::Origin::Operator);
    }
}
