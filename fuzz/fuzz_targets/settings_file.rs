//! The settings file as it may be after a torn write, and the JSON in it as any release may have
//! written it: what is read survives being written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::settings_file::SettingsFile;
use model::settings_schema;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = SettingsFile::decode(bytes) {
        let read = SettingsFile::decode(&file.encode()).expect("what was written is readable");
        assert_eq!(read, file);
    }
    // A checksum that fits is out of a fuzzer's reach, so what it protects is tried without it.
    let Ok(json) = std::str::from_utf8(bytes) else { return };
    if let Ok(content) = settings_schema::read(json) {
        let written = settings_schema::write(&content);
        let read = settings_schema::read(&written).expect("what was written is readable");
        assert_eq!(read, content);
    }
});
