//! The settings file as it may be after a torn write: what is read survives being written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::settings_file::SettingsFile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = SettingsFile::decode(bytes) {
        let read = SettingsFile::decode(&file.encode()).expect("what was written is readable");
        assert_eq!(read, file);
    }
});
