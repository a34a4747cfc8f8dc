//! Places on the machine, in a directory as PID 1 leaves it.

use tempfile::TempDir;

use super::*;

/// By genisoimage, with `user-data` that names the appliance `a`.
const NO_CLOUD: &[u8] = include_bytes!("../../../platform/src/medium/samples/cidata.iso");

fn directory(files: &[(&str, &[u8])]) -> TempDir {
    let directory = tempfile::tempdir().expect("directory");
    for (path, bytes) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
        fs::write(path, bytes).expect("file");
    }
    directory
}

fn find(directory: &TempDir) -> Result<Option<(FirstSource, Option<String>)>, String> {
    let found = first_settings(directory.path(), &tables(directory.path()));
    found
        .map(|found| found.map(|found| (found.source, found.settings.name)))
        .map_err(|error| error.to_string())
}

/// Type 11 with one string.
fn oem(string: &str) -> Vec<u8> {
    [b"\x0b\x05\x00\x0e\x01", string.as_bytes(), b"\0\0"].concat()
}

#[test]
fn the_first_place_that_has_some_counts_alone() {
    let oem = oem("connector.name=b");
    let all: [(&str, &[u8]); 3] =
        [("fw_cfg/name", b"c\n"), ("smbios/11-0", &oem), ("medium", NO_CLOUD)];
    let names = [
        (FirstSource::FwCfg, Some("c".to_owned())),
        (FirstSource::OemStrings, Some("b".to_owned())),
        (FirstSource::Medium, Some("a".to_owned())),
    ];
    for (from, found) in names.into_iter().enumerate() {
        assert_eq!(find(&directory(&all[from..])), Ok(Some(found)));
    }
    assert_eq!(find(&directory(&[])), Ok(None));
}

#[test]
fn a_mistake_in_one_place_is_not_hidden_by_another() {
    let oem = oem("connector.nme=b");
    let files: [(&str, &[u8]); 2] = [("smbios/11-0", &oem), ("medium", NO_CLOUD)];
    let error = find(&directory(&files)).expect_err("a mistake");
    assert!(error.contains("SMBIOS OEM strings") && error.contains("connector.nme"), "{error}");
}

#[test]
fn a_medium_of_ten_megabytes_of_nothing_is_refused_by_name() {
    let error = find(&directory(&[("medium", &[0; 10 << 20])])).expect_err("no medium");
    assert!(error.contains("neither an ISO 9660 nor a FAT file system"), "{error}");
}
